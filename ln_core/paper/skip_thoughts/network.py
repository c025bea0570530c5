"""A skip-thoughts network: from a sentence's thought vector two decoders tell its neighbours.

The cell of encoder and decoders is the GRU of the paper's equations 26 to 28, with LN or without:

(z, r) = LN(W_h h) + LN(W_x x)
ĥ = tanh(LN(W x) + σ(r) ⊙ LN(U h))
h' = (1 - σ(z)) ⊙ h + σ(z) ⊙ ĥ

Without LN, each sum has one bias. Cells that run side by side are stacked along a first axis K.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from ln_core.data.sentences import END, NOTHING
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.training.seeds import make_generator

EPSILON = 1e-5  # as in the authors' code
AT_ONCE = 500  # sentences in a batch that is only encoded

Encode = Callable[[Tensor], Tensor]  # (N, T) -> (N, H)


@dataclass(slots=True, kw_only=True)
class Cells:
    """K GRU cells: weights (K, D, 3H) and (K, H, 3H), gates z and r first, then the candidate.

    Four norms: of the input's and of the state's part, each of the gates' sums and of the
    candidate's; gains and biases (K, 1, 3H). Without LN there is one bias and no gain.
    """

    x_weights: Tensor
    h_weights: Tensor
    x_bias: Tensor
    h_bias: Tensor | None = None
    x_gain: Tensor | None = None
    h_gain: Tensor | None = None

    def run(self, x: Tensor, h: Tensor) -> Tensor:
        """Read a sequence; give the states.

        Shapes: x (K, T, N, D), h (K, N, H) -> (K, T, N, H).
        """
        K, T, N, D = x.shape
        H = h.shape[-1]
        parts = torch.bmm(x.reshape(K, T * N, D), self.x_weights)
        a_x = self._normalise(parts, self.x_gain, self.x_bias).view(K, T, N, 3 * H)
        states = []
        for step in a_x.unbind(1):
            a_h = self._normalise(torch.bmm(h, self.h_weights), self.h_gain, self.h_bias)
            z, r = torch.sigmoid(step[..., : 2 * H] + a_h[..., : 2 * H]).chunk(2, -1)
            candidate = torch.tanh(step[..., 2 * H :] + r * a_h[..., 2 * H :])
            h = torch.lerp(h, candidate, z)
            states.append(h)
        return torch.stack(states, 1)

    @staticmethod
    def _normalise(a: Tensor, gain: Tensor | None, bias: Tensor | None) -> Tensor:
        """Normalize the gates' sums and the candidate's apart; or only add the bias."""
        if gain is not None and bias is not None:
            gates = 2 * a.shape[-1] // 3
            apart = [
                functional.layer_norm(part, part.shape[-1:], eps=EPSILON)
                for part in (a[..., :gates], a[..., gates:])
            ]
            return torch.addcmul(bias, torch.cat(apart, -1), gain)
        return a if bias is None else a + bias


@dataclass(slots=True, kw_only=True)
class Network:
    """Word vectors (V, D), the encoder's cell, the two decoders' cells, and the words' scores."""

    words: Tensor
    encoder: Cells
    decoders: Cells
    readout: Tensor  # (H, V), shared by the decoders as in the original
    readout_bias: Tensor

    def encode(self, sentences: Tensor) -> Tensor:
        """Give each sentence's thought vector: (N, T) -> (N, H)."""
        return encode(self.words, self.encoder, sentences)

    def loss(self, triplets: Tensor) -> Tensor:
        """Mean cross-entropy of the neighbours' words, each told by the words before it, in nats.

        Shapes: triplets (N, 3, T): previous, sentence, next -> ().
        """
        thought = self.encode(triplets[:, 1])
        neighbours = triplets[:, ::2].permute(1, 2, 0)  # (2, T, N)
        told = functional.pad(neighbours[:, :-1], (0, 0, 1, 0), value=NOTHING)  # one word behind
        states = self.decoders.run(self.words[told], thought.expand(2, -1, -1))
        asked = with_ends(neighbours)
        is_asked = asked != NOTHING
        scores = torch.addmm(self.readout_bias, states[is_asked], self.readout)
        return functional.cross_entropy(scores, asked[is_asked])

    def named(self) -> dict[str, Tensor]:
        """List all parameters by name."""
        own = {"words": self.words, "readout": self.readout, "readout_bias": self.readout_bias}
        for part, cells in (("encoder", self.encoder), ("decoders", self.decoders)):
            for field in fields(Cells):
                if (value := getattr(cells, field.name)) is not None:
                    own[f"{part}.{field.name}"] = value
        return own


def encode(words: Tensor, encoder: Cells, sentences: Tensor) -> Tensor:
    """Give each sentence's thought vector: the encoder's state after the last word.

    Shapes: words (V, D), encoder of K = 1, sentences (N, T), each with a word at least -> (N, H).
    """
    N, H = len(sentences), encoder.h_weights.shape[1]
    x = words[sentences.T][None]
    states = encoder.run(x, x.new_zeros(1, N, H))[0]
    last = (sentences != NOTHING).sum(1) - 1
    return states[last, torch.arange(N)]


def encode_all(encode: Encode, sentences: Tensor) -> Tensor:
    """Encode many sentences, a batch at a time: (N, T) -> (N, H)."""
    return torch.cat([encode(batch) for batch in torch.split(sentences, AT_ONCE)])


def with_ends(neighbours: Tensor) -> Tensor:
    """Put the end after the last word of sentences that have room for it.

    Shapes: neighbours (2, T, N) -> (2, T, N).
    """
    before = functional.pad(neighbours[:, :-1], (0, 0, 1, 0), value=END)  # no sentence is empty
    is_end = (neighbours == NOTHING) & (before != NOTHING)
    return torch.where(is_end, END, neighbours)


def make_network(config: SkipConfig, variant: str, seed: int) -> Network:
    """Draw a network's first weights: the same for every variant of a seed.

    Recurrent weights are orthogonal, one matrix for each gate, as in the original.
    """
    generator = make_generator(seed, 0)
    V, D, H = config.words, config.embedding, config.width

    def normal(*shape: int, scale: float) -> Tensor:
        return (scale * torch.randn(*shape, generator=generator)).requires_grad_()

    def cells(K: int) -> Cells:
        square = torch.randn(K, 3, H, H, generator=generator)
        turns = torch.linalg.qr(square)[0].permute(0, 2, 1, 3).reshape(K, H, 3 * H)
        x_weights = normal(K, D, 3 * H, scale=1 / math.sqrt(D))
        bias = torch.zeros(K, 1, 3 * H).requires_grad_()
        h_weights = turns.contiguous().requires_grad_()
        if variant == "none":
            return Cells(x_weights=x_weights, h_weights=h_weights, x_bias=bias)
        return Cells(
            x_weights=x_weights,
            h_weights=h_weights,
            x_bias=bias,
            h_bias=torch.zeros_like(bias).requires_grad_(),
            x_gain=torch.ones_like(bias).requires_grad_(),
            h_gain=torch.ones_like(bias).requires_grad_(),
        )

    return Network(
        words=normal(V, D, scale=1.0),
        encoder=cells(1),
        decoders=cells(2),
        readout=normal(H, V, scale=0.1),
        readout_bias=torch.zeros(V).requires_grad_(),
    )
