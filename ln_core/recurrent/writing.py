"""A net that has learned from a text writes letters of its own, one by one."""

import torch
from torch import Generator

from ln_core.data.text import Text
from ln_core.recurrent.network import Network
from ln_core.training.products import linear

LETTERS = 160
TEMPERATURE = 0.7  # below 1: likely letters become more likely than they are
SEED = 0


class Writer:
    """A network that begins after a line break and reads each letter that it has written.

    Chance is drawn once: what changes from one sample to the next is the network.
    """

    def __init__(self, network: Network, novel: Text) -> None:
        self.novel, self.value = novel, network.parameters.value
        self.cell = network.cell(1, training=False, T=LETTERS)
        self.chance = torch.rand(LETTERS, 1, generator=Generator().manual_seed(SEED))
        self.start = novel.alphabet.index("\n")

    def write(self) -> str:
        """Write a sample; it ends early where the network has diverged."""
        codes = torch.full((LETTERS + 1, 1), self.start)
        for t in range(LETTERS):
            # The input's part is computed for all letters at each, which takes 20 us of 40.
            self.cell.begin(codes[:LETTERS])
            self.cell.step(t)
            y = linear(self.cell.h[t + 1], self.value["W_y"], self.value["b_y"])[0]
            if not bool(y.isfinite().all()):
                return self.novel.decode(codes[1 : t + 1, 0].tolist())
            odds = (y / TEMPERATURE).softmax(0).cumsum(0)
            codes[t + 1] = torch.searchsorted(odds, self.chance[t]).clamp_max_(len(odds) - 1)
        return self.novel.decode(codes[1:, 0].tolist())
