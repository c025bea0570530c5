"""The trainer of one variant's Transformers, and its film."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from ln_core.paper.transformer.config import TransformerConfig
from ln_core.paper.transformer.network import Passed, Transformer, initialize, split
from ln_core.race.parameters import DATA_SEED, LAYER_SEEDS, ORDER_SEED
from ln_core.race.probes import Floats, as_floats
from ln_core.runs.frame import Array, Frame
from ln_core.training.trainer import Checkpoint, State, Trainer, film_of

BETAS = (0.9, 0.98)  # Adam's, as Vaswani et al. 2017, sec. 5.3


def film(
    config: TransformerConfig,
    variants: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train one variant."""
    return film_of(TransformerTrainer, config, variants, first=first, checkpoint=checkpoint)


class Learner:
    """One network in training: parameters, their gradient, and Adam's memory."""

    def __init__(self, config: TransformerConfig, network: Transformer, seed: int) -> None:
        self.config, self.network = config, network
        self.theta = initialize(config, seed, network.future.dtype).requires_grad_()
        self.adam = torch.optim.Adam([self.theta], config.learning_rate, BETAS)
        self.gradient = torch.zeros_like(self.theta)

    def look(self, tokens: Tensor) -> Tensor:
        """Go forward and backward without learning; give the loss."""
        weights = split(self.config, self.theta)
        loss = self.network.loss(self.network.read(weights, tokens), tokens)
        (self.gradient,) = torch.autograd.grad(loss, [self.theta])
        return loss.detach()

    def train(self, tokens: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Take one step; give the loss and the gradient's norm."""
        loss = self.look(tokens)
        self.theta.grad = self.gradient
        self.adam.param_groups[0]["lr"] = rate
        self.adam.step()
        return loss, torch.linalg.vector_norm(self.gradient)

    @property
    def gradient_by_layer(self) -> Tensor:
        """Norm of dL/dW of each layer's second feed-forward matrix: (L,).

        Source: Xiong et al. 2020, sec. 3.3 and fig. 3.
        """
        matrices = split(self.config, self.gradient)["narrow_W"]
        norms: Tensor = torch.linalg.vector_norm(matrices, dim=(1, 2))
        return norms


class TransformerTrainer(Trainer):
    """The networks of one variant, one for each seed, on the same sequences."""

    def __init__(self, config: TransformerConfig, variants: tuple[str, ...]) -> None:
        (variant,) = variants
        self.config, self.variant = config, variant
        self.network = Transformer(config, variant, torch.float32)
        seeds = range(config.seed, config.seed + config.seeds)
        self.learners = [Learner(config, self.network, seed) for seed in seeds]
        self.source = Generator().manual_seed(LAYER_SEEDS * config.seed + ORDER_SEED)
        held_out = Generator().manual_seed(LAYER_SEEDS * config.seed + DATA_SEED)
        shape = (config.exam_cases, config.exam_segments * config.length)
        self.exam = torch.randint(config.vocabulary, shape, generator=held_out)
        for learner in self.learners:
            learner.look(self.exam[: config.batch_size, : config.T])
        self.start = self._gradient_by_layer()
        self.kept: list[list[tuple[Tensor, Tensor]]] = []  # of each step since the last frame
        self.diverged: int | None = None  # since which step

    def train(self) -> None:
        """Let every network take one step on the same new sequences."""
        config = self.config
        if self.step % config.frame_every == 0:
            self.kept = []
        shape = (config.batch_size, config.T)
        tokens = torch.randint(config.vocabulary, shape, generator=self.source)
        rate = config.rate_at(self.step + 1)
        self.kept.append([learner.train(tokens, rate) for learner in self.learners])
        self.step += 1
        if self.diverged is None and not all(loss.isfinite() for loss, _ in self.kept[-1]):
            self.diverged = self.step

    @torch.no_grad()
    def take(self, index: int) -> Frame:
        """Make the frame of this moment; every array has the variant first."""
        steps = torch.tensor(self.kept, dtype=torch.float32).view(-1, self.config.seeds, 2)
        loss, norm = as_floats(steps.permute(2, 1, 0))  # (S, K)
        arrays: dict[str, Array] = {
            "loss": loss,
            "gradient_norm": norm,
            "gradient_start": self.start,
            "gradient_by_layer": self._gradient_by_layer(),
        }
        if self.config.is_survey(index):
            arrays |= self._examine()
        return Frame(
            step=self.step,
            arrays={name: array[None] for name, array in arrays.items()},
            notes={"cards": self._cards()},
        )

    def _gradient_by_layer(self) -> Floats:
        """Average over the seeds: (L,)."""
        return as_floats(torch.stack([one.gradient_by_layer for one in self.learners]).mean(0))

    def _examine(self) -> dict[str, Array]:
        """Put the networks to the test on held-out sequences, and look at their streams."""
        marks, sizes = [], []
        for learner in self.learners:
            passed = self.network.read(split(self.config, learner.theta), self.exam)
            said, right = self.network.answers(passed, self.exam)
            marks.append((said.argmax(-1) != right).double().mean())
            sizes.append(magnitudes(passed))
        size = torch.stack(sizes).mean(0)  # (segments, L + 1)
        found: dict[str, Array] = {
            "test_error": as_floats(torch.stack(marks)),
            "stream_size": as_floats(size.mean(0)),
        }
        if self.config.task == "recall":
            found["memory_size"] = as_floats(size[:, :-1].mean(1))
        return found

    def _cards(self) -> list[dict[str, str]]:
        """Say so if a loss is no number any more."""
        if self.diverged is None:
            return []
        text = f"The loss is not a finite number since step {self.diverged}."
        return [{"track": self.variant, "title": "Diverged", "text": text}]

    def state(self) -> State:
        """Give parameters, Adam's memory, the source of sequences and the last gradients."""
        return {
            "step": self.step,
            "diverged": self.diverged,
            "source": self.source.get_state(),
            "theta": [learner.theta.detach() for learner in self.learners],
            "adam": [learner.adam.state_dict() for learner in self.learners],
        }

    def restore(self, state: State) -> None:
        """Take up a state."""
        self.step, self.diverged = state["step"], state["diverged"]
        self.source.set_state(state["source"])
        for learner, theta, adam in zip(self.learners, state["theta"], state["adam"], strict=True):
            learner.theta.detach().copy_(theta)
            learner.adam.load_state_dict(adam)


def magnitudes(passed: list[Passed]) -> Tensor:
    """Give the root mean square of the stream at each segment and layer: (segments, L + 1)."""
    return torch.stack(
        [torch.stack([state.square().mean().sqrt() for state in one.stream]) for one in passed]
    )
