"""Skip-thoughts in training, frozen every so many steps for tests on the downstream tasks."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ln_core.data.sentences import Codes, triplets
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.skip_thoughts.network import Network, encode_all, make_network
from ln_core.paper.skip_thoughts.tasks import CHOICE_SEED, load_tasks, score
from ln_core.runs.experiment import State
from ln_core.runs.frame import Array, Frame
from ln_core.training.seeds import ORDER_SEED, make_generator
from ln_core.training.step_values import StepValues, diverged_notes
from ln_core.training.trainer import Trainer, copy_into, film_of

UNSEEN = 200  # triplets of the test part, on which the loss is also measured


class SkipTrainer(Trainer):
    """The networks of one shard, one for each variant and seed."""

    def __init__(self, config: SkipConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants = config, variants
        self.triplets = torch.from_numpy(triplets(config.words))
        self.unseen = torch.from_numpy(unseen_triplets(config.words))
        self.tasks = load_tasks(config.words, config.cases)
        seeds = range(config.seed, config.seed + config.seeds)
        self.networks = [
            make_network(config, variant, seed) for variant in variants for seed in seeds
        ]
        self.optimizers = [
            torch.optim.Adam(network.named().values(), lr=config.learning_rate)
            for network in self.networks
        ]
        self.values = StepValues(config, variants, config.seeds)
        self.order = (-1, torch.empty(0))  # of which epoch, and the order of its sentences

    def train(self) -> None:
        """Take one step with each network."""
        chosen = self.triplets[self._batch()]
        pairs = zip(self.networks, self.optimizers, strict=True)
        losses = [self._learn(*pair, chosen) for pair in pairs]
        self.step += 1
        self.values.append(self.step, torch.stack(losses))

    def _learn(self, network: Network, optimizer: torch.optim.Adam, chosen: Tensor) -> Tensor:
        loss = network.loss(chosen)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.named().values(), self.config.clip)
        optimizer.step()
        return loss.detach()

    def _batch(self) -> Tensor:
        """Draw the step's sentences: each once an epoch, in an order of the seed's and epoch's."""
        size = self.config.batch_size
        epoch, place = divmod(self.step, len(self.triplets) // size)
        if self.order[0] != epoch:
            generator = make_generator(self.config.seed + 1000 * epoch, ORDER_SEED)
            self.order = epoch, torch.randperm(len(self.triplets), generator=generator)
        return self.order[1][place * size : (place + 1) * size]

    @torch.inference_mode()
    def make_frame(self, index: int) -> Frame:
        """Freeze the encoders and test them: scores (V, S), losses since then (V, S, K)."""
        V, S = len(self.variants), self.config.seeds
        encoders = [partial(encode_all, network.encode) for network in self.networks]
        arrays: dict[str, Array] = {
            f"score_{name}": np.array(
                [score(name, task, encode) for encode in encoders], np.float32
            ).reshape(V, S)
            for name, task in self.tasks.items()
        }
        arrays["loss"] = self.values.read()[0]
        unseen = [float(network.loss(self.unseen)) for network in self.networks]
        arrays["unseen_loss"] = np.array(unseen, np.float32).reshape(V, S)
        notes = diverged_notes(self.variants, arrays["unseen_loss"])
        return Frame(step=self.step, arrays=arrays, notes=notes)

    def state(self) -> State:
        """Give weights and moments; the order of sentences follows from the step."""
        return {
            "step": self.step,
            "weights": [
                {name: value.detach() for name, value in network.named().items()}
                for network in self.networks
            ],
            "moments": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    @torch.no_grad()
    def restore(self, state: State) -> None:
        """Take up weights and moments."""
        self.step = state["step"]
        for network, weights in zip(self.networks, state["weights"], strict=True):
            copy_into(network.named(), weights)
        for optimizer, moments in zip(self.optimizers, state["moments"], strict=True):
            optimizer.load_state_dict(moments)


def encoders_of(config: SkipConfig, states: Sequence[State]) -> dict[str, NDArray[np.float16]]:
    """Collect the first seed's encoder of each variant, from the state of each shard."""
    return {
        f"{variant}.{name}": value.half().numpy()
        for variant, state in zip(config.variants, states, strict=True)
        for name, value in state["weights"][0].items()
        if name == "words" or name.startswith("encoder.")
    }


def unseen_triplets(words: int) -> Codes:
    """Draw triplets from the test part, which nothing was trained on: (UNSEEN, 3, T)."""
    rows = triplets(words, "test")
    return rows[np.random.default_rng(CHOICE_SEED).permutation(len(rows))[:UNSEEN]]


film = partial(film_of, SkipTrainer)
