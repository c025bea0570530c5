"""One variant's Transformers in training, and the frames of their film."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ln_core.formatting import percent
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.paper.transformer.network import Passed, Transformer, initialize, split
from ln_core.runs.experiment import State
from ln_core.runs.frame import Array, Floats, Frame
from ln_core.runs.snapshot import card, told
from ln_core.training.arrays import as_floats, span_over_seeds
from ln_core.training.seeds import DATA_SEED, ORDER_SEED, make_generator
from ln_core.training.step_values import StepValues
from ln_core.training.trainer import Trainer, film_of

BETAS = (0.9, 0.98)  # Adam's, as Vaswani et al. 2017, sec. 5.3


class Learner:
    """One network in training: its parameters, their gradient, and Adam with its moments."""

    def __init__(self, config: TransformerConfig, network: Transformer, seed: int) -> None:
        self.config, self.network = config, network
        self.theta = initialize(config, seed, network.future.dtype).requires_grad_()
        self.adam = torch.optim.Adam([self.theta], config.learning_rate, BETAS)
        self.gradient = torch.zeros_like(self.theta)

    def forward_backward(self, tokens: Tensor) -> Tensor:
        """Compute the gradient without learning from it; give the loss."""
        weights = split(self.config, self.theta)
        loss = self.network.loss(self.network.read(weights, tokens), tokens)
        (self.gradient,) = torch.autograd.grad(loss, [self.theta])
        return loss.detach()

    def train(self, tokens: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Take one step; give the loss and the gradient's norm."""
        loss = self.forward_backward(tokens)
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
        self.source = make_generator(config.seed, ORDER_SEED)
        shape = (config.test_cases, config.test_segments * config.length)
        generator = make_generator(config.seed, DATA_SEED)
        self.held_out = torch.randint(config.vocabulary, shape, generator=generator)
        for learner in self.learners:
            learner.forward_backward(self.held_out[: config.batch_size, : config.T])
        self.start = self._gradient_by_layer()
        # Of every step: loss and norm of the gradient.
        self.values = StepValues(config, variants, config.seeds, kinds=2)

    def train(self) -> None:
        """Let every network take one step on the same new sequences."""
        config = self.config
        shape = (config.batch_size, config.T)
        tokens = torch.randint(config.vocabulary, shape, generator=self.source)
        rate = config.rate_at(self.step + 1)
        trained = (learner.train(tokens, rate) for learner in self.learners)
        losses, norms = zip(*trained, strict=True)
        self.step += 1
        self.values.append(self.step, torch.stack(losses), torch.stack(norms))

    @torch.no_grad()
    def make_frame(self, index: int) -> Frame:
        """Make the frame of this moment; every array has the variant first."""
        loss, norm = self.values.read()[:, 0]  # (S, K)
        arrays: dict[str, Array] = {
            "loss": loss,
            "gradient_norm": norm,
            "gradient_start": self.start,
            "gradient_by_layer": self._gradient_by_layer(),
        }
        notes: dict[str, list[Any]] = {"cards": self._cards()}
        if self.config.is_survey(index):
            arrays |= self.test()
            error = percent(float(arrays["test_error"].mean()))
            notes |= told({f"{self.variant}_error": error})
        return Frame(
            step=self.step,
            arrays={name: array[None] for name, array in arrays.items()},
            notes=notes,
        )

    def _gradient_by_layer(self) -> Floats:
        """Average over the seeds: (L,)."""
        return as_floats(torch.stack([one.gradient_by_layer for one in self.learners]).mean(0))

    @torch.no_grad()
    def test(self) -> dict[str, Array]:
        """Test the networks on held-out sequences, and measure their streams."""
        errors, sizes = [], []
        for learner in self.learners:
            passed = self.network.read(split(self.config, learner.theta), self.held_out)
            logits, tokens = self.network.answers(passed, self.held_out)
            errors.append((logits.argmax(-1) != tokens).double().mean())
            sizes.append(magnitudes(passed))
        size = torch.stack(sizes).mean(0)  # (segments, L + 1)
        found: dict[str, Array] = {
            "test_error": as_floats(torch.stack(errors)),
            "stream_size": as_floats(size.mean(0)),
        }
        if self.config.task == "recall":
            found["memory_size"] = as_floats(size[:, :-1].mean(1))
        return found

    def _cards(self) -> list[dict[str, str]]:
        """Say so if the loss is not a finite number any more."""
        if self.variant not in self.values.diverged:
            return []
        step = self.values.diverged[self.variant]
        text = f"In step {step} the loss of at least one network was not a finite number."
        return [card(self.variant, "Diverged", text)]

    def state(self) -> State:
        """Give parameters, Adam's moments, and where the source of sequences stands."""
        return {
            "step": self.step,
            "diverged": self.values.diverged,
            "source": self.source.get_state(),
            "theta": [learner.theta.detach() for learner in self.learners],
            "adam": [learner.adam.state_dict() for learner in self.learners],
        }

    def restore(self, state: State) -> None:
        """Take up a state."""
        self.step, self.values.diverged = state["step"], state["diverged"]
        self.source.set_state(state["source"])
        for learner, theta, adam in zip(self.learners, state["theta"], state["adam"], strict=True):
            learner.theta.detach().copy_(theta)
            learner.adam.load_state_dict(adam)


class SweepTrainer(Trainer):
    """One variant at every rate of a sweep, without and with warm-up, all in step."""

    def __init__(self, config: TransformerConfig, variants: tuple[str, ...]) -> None:
        self.config = config
        self.rows = [[TransformerTrainer(race, variants) for race in row] for row in config.swept]
        self.trainers = [trainer for row in self.rows for trainer in row]

    def train(self) -> None:
        """Let every network take one step."""
        for trainer in self.trainers:
            trainer.train()
        self.step += 1

    def make_frame(self, index: int) -> Frame:
        """Give the test error of the networks, lowest, mean and highest: (V, 2, 3, K)."""
        if not self.config.is_survey(index):
            return Frame(step=self.step, arrays={})
        errors = [[trainer.test()["test_error"] for trainer in row] for row in self.rows]
        spans = span_over_seeds(np.array(errors, np.float32).swapaxes(1, 2))
        return Frame(step=self.step, arrays={"swept_error": spans[None]})

    def state(self) -> State:
        """Give the states of all races."""
        return {"step": self.step, "races": [trainer.state() for trainer in self.trainers]}

    def restore(self, state: State) -> None:
        """Take up a state."""
        self.step = state["step"]
        for trainer, kept in zip(self.trainers, state["races"], strict=True):
            trainer.restore(kept)


def magnitudes(passed: list[Passed]) -> Tensor:
    """Give the root mean square of the stream at each segment and layer: (segments, L + 1)."""
    return torch.stack(
        [torch.stack([state.square().mean().sqrt() for state in one.stream]) for one in passed]
    )


film = partial(film_of, TransformerTrainer)
sweep = partial(film_of, SweepTrainer)
