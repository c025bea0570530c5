"""A Transformer as a pure function of its parameters, which are one flat tensor.

The symbols of the axes: N sequences, T tokens of a segment, S tokens that can be attended to (T, or
2T with a memory), H units of the stream, L layers, V tokens of the vocabulary.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ln_core.paper.transformer.config import WIDENING, TransformerConfig
from ln_core.training.seeds import make_generator

Weights = dict[str, Tensor]
# Per layer: the first gives the part's queries, keys and values in one.
MATRICES = ("in_W", "out_W", "wide_W", "narrow_W", "distance_W")


def shapes(config: TransformerConfig) -> dict[str, tuple[int, ...]]:
    """List all parameters; those of the layers have the layer first.

    All variants have the same ones. What a variant does not read has a zero gradient and stays.
    """
    L, H, V = config.depth, config.width, config.vocabulary
    wide = WIDENING * H
    found: dict[str, tuple[int, ...]] = {
        "token": (V, H),
        "in_W": (L, 3 * H, H),
        "out_W": (L, H, H),
        "wide_W": (L, wide, H),
        "narrow_W": (L, H, wide),
        "in_b": (L, 3 * H),
        "out_b": (L, H),
        "wide_b": (L, wide),
        "narrow_b": (L, H),
        "readout": (V, H),
        # Norms: two a layer, and the one before the readout.
        "g": (2 * L + 1, H),
        "b": (2 * L + 1, H),
        "alpha": (2 * L + 1, 1),
    }
    if config.task == "recall":
        bias = (L, config.heads, H // config.heads)
        return {**found, "distance_W": (L, H, H), "content_u": bias, "distance_v": bias}
    return {**found, "position": (config.length, H)}


def split(config: TransformerConfig, theta: Tensor) -> Weights:
    """View the parts of the flat tensor, or of its gradient, by name."""
    named = shapes(config)
    parts = torch.split(theta, [math.prod(shape) for shape in named.values()])
    return {
        name: part.view(shape) for (name, shape), part in zip(named.items(), parts, strict=True)
    }


def initialize(config: TransformerConfig, seed: int, dtype: torch.dtype) -> Tensor:
    """Draw the parameters, the same for every variant.

    Matrices are Xavier-uniform, queries, keys and values each on their own; embeddings and
    positions are normal; biases are 0, gains 1.

    Source: Xiong et al. 2020, sec. 3.2 (Xavier).
    """
    count = sum(map(math.prod, shapes(config).values()))
    theta = torch.zeros(count)  # drawn in float32 whatever the type: the same weights
    weights = split(config, theta)
    generator = make_generator(seed, 0)
    weights["token"].normal_(generator=generator)
    for name in MATRICES:
        if name in weights:
            parts = 3 if name == "in_W" else 1
            for matrix in weights[name].view(config.depth * parts, -1, weights[name].shape[-1]):
                bound = math.sqrt(6 / sum(matrix.shape))
                matrix.uniform_(-bound, bound, generator=generator)
    weights["readout"].normal_(0, config.width**-0.5, generator=generator)
    if "position" in weights:
        weights["position"].normal_(generator=generator)
    weights["g"].fill_(1)
    weights["alpha"].fill_(config.alpha)
    return theta.to(dtype)


def dyt(x: Tensor, alpha: Tensor, g: Tensor, b: Tensor) -> Tensor:
    """Squash each unit on its own, in a norm's place: dynamic tanh, without any statistics.

    h = g * tanh(alpha * x) + b

    Shapes: x (..., H), alpha (1,), g (H,), b (H,) -> (..., H).
    Source: Zhu, Chen, He, LeCun, Liu 2025, sec. 4, eq. (1).
    """
    return g * torch.tanh(alpha * x) + b


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a pass through the network leaves: logits (N, T, V) and the states of the stream.

    `stream` holds the embedding and the stream after each layer, each (N, T, H); the states that
    enter the layers, all but the last, are what the next segment remembers.
    """

    logits: Tensor
    stream: list[Tensor]


class Transformer:
    """The network of one variant: how parameters and tokens become logits."""

    def __init__(self, config: TransformerConfig, variant: str, dtype: torch.dtype) -> None:
        self.config, self.variant = config, variant
        T, S = config.length, 2 * config.length
        # Of a query at T + i and a key at j: how far the key lies back; negative is the future.
        back = torch.arange(T, S)[:, None] - torch.arange(S)
        self.back = back.clamp_min(0)
        self.future = torch.zeros(T, S, dtype=dtype).masked_fill(back < 0, -math.inf)
        self.sinusoid = sinusoid(S, config.width, dtype)

    def norm(self, weights: Weights, place: int, x: Tensor) -> Tensor:
        """Normalize by the norm at one of the places, or do nothing."""
        g, b, shape = weights["g"][place], weights["b"][place], x.shape[-1:]
        match self.variant:
            case "post" | "pre":
                return functional.layer_norm(x, shape, g, b, self.config.epsilon)
            case "rms":
                return functional.rms_norm(x, shape, g, self.config.epsilon)
            case "dyt":
                return dyt(x, weights["alpha"][place], g, b)
        return x

    def segment(self, weights: Weights, tokens: Tensor, memory: list[Tensor] | None) -> Passed:
        """Read one segment, (N, T) -> Passed; `memory` holds the states that entered each layer.

        Post: x = norm(x + part(x)). All others: x = x + part(norm(x)), and a norm at the end.

        Source: Vaswani et al. 2017, sec. 3.1 (post); Xiong et al. 2020, sec. 3.1 (pre).
        """
        x = weights["token"][tokens]
        if "position" in weights:
            x = (x + weights["position"]) / math.sqrt(2)
        stream = [x]
        for layer in range(self.config.depth):
            past = memory[layer] if memory is not None else None
            if self.variant == "post":
                x = self.norm(weights, 2 * layer, x + self.attention(weights, layer, x, past))
                x = self.norm(weights, 2 * layer + 1, x + self.forward(weights, layer, x))
            else:
                here = self.norm(weights, 2 * layer, x)
                before = self.norm(weights, 2 * layer, past) if past is not None else None
                x = x + self.attention(weights, layer, here, before)
                x = x + self.forward(weights, layer, self.norm(weights, 2 * layer + 1, x))
            stream.append(x)
        last = x if self.variant == "post" else self.norm(weights, 2 * self.config.depth, x)
        return Passed(logits=functional.linear(last, weights["readout"]), stream=stream)

    def forward(self, weights: Weights, layer: int, x: Tensor) -> Tensor:
        """Go through the feed-forward part, unit by unit of each token: (N, T, H) -> (N, T, H)."""
        wide = functional.linear(x, weights["wide_W"][layer], weights["wide_b"][layer])
        return functional.linear(
            functional.relu(wide), weights["narrow_W"][layer], weights["narrow_b"][layer]
        )

    def attention(self, weights: Weights, layer: int, x: Tensor, past: Tensor | None) -> Tensor:
        """Let every token read from others: (N, T, H), past (N, T, H) -> (N, T, H).

        a = softmax(q k / sqrt(H / heads)) v; the recall task adds what depends on distances, and
        hides the future.

        Source: Vaswani et al. 2017, sec. 3.2.
        """
        W, b, H = weights["in_W"][layer], weights["in_b"][layer], self.config.width
        read = x if past is None else torch.cat([past, x], 1)
        if past is None:
            q, k, v = map(self.by_head, functional.linear(x, W, b).chunk(3, -1))
        else:
            q = self.by_head(functional.linear(x, W[:H], b[:H]))
            k, v = map(self.by_head, functional.linear(read, W[H:], b[H:]).chunk(2, -1))
        if self.config.task == "recall":
            scores = self.relative_scores(weights, layer, q, k)
        else:
            scores = q @ k.transpose(-1, -2)
        mixed = torch.softmax(scores / math.sqrt(q.shape[-1]), -1) @ v
        joined = mixed.transpose(1, 2).flatten(2)
        return functional.linear(joined, weights["out_W"][layer], weights["out_b"][layer])

    def relative_scores(self, weights: Weights, layer: int, q: Tensor, k: Tensor) -> Tensor:
        """Score keys by content and by distance, (N, heads, T, S) from q and k by head.

        (q_i + u) k_j + (q_i + v) W_r R_(i-j), with R a sinusoid; minus infinity for the future.

        Source: Dai et al. 2019 (Transformer-XL), sec. 3.3.
        """
        T, S = q.shape[2], k.shape[2]
        u, v = weights["content_u"][layer][:, None], weights["distance_v"][layer][:, None]
        far = functional.linear(self.sinusoid, weights["distance_W"][layer])  # (2T, H)
        far = self.by_head(far[None])[0]  # (heads, 2T, H / heads)
        by_distance = (q + v) @ far.transpose(-1, -2)  # (N, heads, T, 2T)
        back = self.back[:, -S:].expand(*q.shape[:2], T, S)
        scores = (q + u) @ k.transpose(-1, -2) + by_distance.gather(-1, back)
        return scores + self.future[:, -S:]

    def by_head(self, x: Tensor) -> Tensor:
        """Part the units among the heads: (N, T, H) -> (N, heads, T, H / heads)."""
        return x.view(*x.shape[:-1], self.config.heads, -1).transpose(1, 2)

    def read(self, weights: Weights, tokens: Tensor) -> list[Passed]:
        """Read sequences segment by segment, (N, segments * T).

        Each segment remembers the states of the one before, through which no gradient flows.

        Source: Dai et al. 2019 (Transformer-XL), sec. 3.2.
        """
        found: list[Passed] = []
        memory: list[Tensor] | None = None
        for segment in torch.split(tokens, self.config.length, 1):
            found.append(self.segment(weights, segment, memory))
            if self.config.recurrence:
                memory = [state.detach() for state in found[-1].stream[:-1]]
        return found

    def loss(self, passed: list[Passed], tokens: Tensor) -> Tensor:
        """Take the mean cross-entropy of all answers."""
        logits, answers = self.answers(passed, tokens)
        return functional.cross_entropy(logits, answers)

    def answers(self, passed: list[Passed], tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Put the logits of all answers beside the right tokens, flat: (n, V) and (n,).

        In the recall task the first segment has no answer.
        """
        if self.config.task == "recall":
            logits = torch.cat([one.logits for one in passed[1:]], 1)
            return logits.flatten(0, 1), tokens[:, : -self.config.length].flatten()
        return passed[0].logits.flatten(0, 1), tokens.flip(1).flatten()


def sinusoid(count: int, width: int, dtype: torch.dtype) -> Tensor:
    """Give waves of many lengths as the code of each distance: (count, width).

    Source: Vaswani et al. 2017, sec. 3.5.
    """
    rates = 10_000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.arange(count, dtype=torch.float64)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)[:, :width].to(dtype)
