"""What is recorded, by name. Free of torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ln_core.figures.parts import Spec, arrays_of
from ln_core.paper.convnet import config as convnet
from ln_core.paper.convnet.config import ConvConfig
from ln_core.paper.convnet.text import convnet_results
from ln_core.paper.mnist.config import MNIST, SWEEP, MnistConfig, SweepConfig
from ln_core.paper.mnist.text import mnist_results, rates_results, sweep_results
from ln_core.paper.skip_thoughts import config as skip_thoughts
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.skip_thoughts.text import skip_results
from ln_core.paper.transformer import config as transformer
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.paper.transformer.text import transformer_results, warmup_results
from ln_core.race import sizes
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import Frame
from ln_core.sweep import config as sweep
from ln_core.sweep.presets import RECORDED
from ln_core.sweep.text import sweep_results as found_by_sweep

# From the frames of a recording to the texts that fill its lesson's slots.
Results = Callable[[Sequence[Frame], Any], dict[str, str]]


def no_results(frames: Sequence[Frame], config: FilmConfig) -> dict[str, str]:
    """Say nothing: the figure is all."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is recorded under a name: a run, and what is said of it."""

    title: str = "Recorded run"  # among the recordings of its page
    experiment: Experiment
    config: FilmConfig
    results: Results = no_results
    # "module:function", from config and final states to the weights that are kept beside the film.
    weights: str | None = None
    # What single shards' runs have otherwise: {("none",): {"learning_rate": 3e-4}}, say.
    own: Mapping[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)

    def config_of(self, shard: tuple[str, ...]) -> FilmConfig:
        """Give the config that a shard is trained with."""
        config: Any = self.config  # a dataclass, which its type does not tell
        changed: FilmConfig = replace(config, **self.own.get(shard, {}))
        return changed

    def write(self, origin: str) -> str:
        """Write the script that trains it, each variant at its own rate if there are such."""
        rates = {v: one["learning_rate"] for shard, one in self.own.items() for v in shard}
        return self.experiment.write(self.config, origin, **({"rates": rates} if rates else {}))

    @property
    def figure(self) -> Spec:
        """The figure that draws it."""
        return self.experiment.draw(self.config)

    @property
    def kept(self) -> set[str]:
        """The arrays that are recorded: those that the figure draws."""
        return arrays_of(self.figure)


# The paper's sizes; of the rates of "mnist_rates", the one with the lowest mean error.
_mnist = MnistConfig(width=1000, cases=55_000, seeds=3, learning_rate=1e-3)
_mnist_128 = replace(_mnist, batch_size=128, epochs=60, per_epoch=2)
_mnist_4 = replace(_mnist, batch_size=4, epochs=8, per_epoch=4, seeds=1, bn_unbiased=True)
_rates = SweepConfig(over="learning_rate", examples=165_000, width=1000, variants=_mnist.variants)
# Each variant at its own rate: as many steps as at batch size 128, so on fewer images.
_own_4 = replace(_mnist_4, cases=12_900, per_epoch=1, seeds=3)
_rates_4 = SweepConfig(
    over="low_rate",
    batch_size=4,
    examples=_own_4.cases,
    width=1000,
    bn_unbiased=True,
    variants=_mnist.variants,
)
_sizes = SweepConfig(examples=6_000, width=1000, seeds=2, learning_rate=1e-3)
# At this rate the warm-up decides; the live runs are the beginning of these.
_transformer = TransformerConfig(depth=6, learning_rate=3e-3, steps=400, seeds=3)
_warmup = replace(_transformer, warmup=200, steps=300, variants=("post", "pre"))
_transformer_rates = replace(_warmup, steps=400, seeds=2)
_recall = TransformerConfig(task="recall", depth=2, steps=400, seeds=3)
_skip = SkipConfig(width=128, embedding=64, words=2000, cases=1000, steps=3000, freezes=12, seeds=3)
_conv = ConvConfig(seeds=3, test_cases=2000, variants=tuple(convnet.VARIANTS))
_conv_unequal = replace(_conv, spread=3.0)

RECORDINGS: dict[str, Recording] = {
    "home": Recording(
        experiment=sizes.EXPERIMENT,
        config=sizes.SizesConfig(),
    ),
    "sweep": Recording(
        title="Learning rate by batch size",
        experiment=sweep.EXPERIMENT,
        config=RECORDED,
        results=found_by_sweep,
    ),
    "mnist_128": Recording(
        title="Batch size 128",
        experiment=MNIST,
        config=_mnist_128,
        results=mnist_results,
    ),
    "mnist_4": Recording(
        title="Batch size 4",
        experiment=MNIST,
        config=_mnist_4,
        results=mnist_results,
    ),
    "mnist_rates": Recording(
        title="Choice of the learning rate",
        experiment=SWEEP,
        config=_rates,
        results=sweep_results,
    ),
    "mnist_rates_4": Recording(
        title="Choice at batch size 4",
        experiment=SWEEP,
        config=_rates_4,
        results=partial(rates_results, common=_mnist_4.learning_rate),
    ),
    "mnist_4_own": Recording(
        title="Batch size 4, own rates",
        experiment=MNIST,
        config=_own_4,
        results=partial(mnist_results, part="own"),
        # Of those of "mnist_rates_4", each variant's with the lowest held-out loss.
        own={
            ("none",): {"learning_rate": 1e-4},
            ("batch",): {"learning_rate": 1e-3},
            ("layer",): {"learning_rate": 1e-4},
        },
    ),
    "mnist_sizes": Recording(
        title="Ten batch sizes",
        experiment=SWEEP,
        config=_sizes,
        results=sweep_results,
    ),
    "transformer": Recording(
        title="Without warm-up",
        experiment=transformer.EXPERIMENT,
        config=_transformer,
        results=transformer_results,
    ),
    "transformer_warmup": Recording(
        title="With warm-up",
        experiment=transformer.EXPERIMENT,
        config=_warmup,
        results=transformer_results,
    ),
    "transformer_rates": Recording(
        title="Which rates need it",
        experiment=transformer.SWEEP,
        config=_transformer_rates,
        results=warmup_results,
    ),
    "transformer_recall": Recording(
        title="With a memory",
        experiment=transformer.EXPERIMENT,
        config=_recall,
        results=transformer_results,
    ),
    "skip_thoughts": Recording(
        title="Tasks while it learns",
        experiment=skip_thoughts.EXPERIMENT,
        config=_skip,
        results=skip_results,
        weights="ln_core.paper.skip_thoughts.trainer:encoders_of",
    ),
    "convnet": Recording(
        title="Ordinary filters",
        experiment=convnet.EXPERIMENT,
        config=_conv,
        results=convnet_results,
    ),
    "convnet_unequal": Recording(
        title="Filters of unequal scale",
        experiment=convnet.EXPERIMENT,
        config=_conv_unequal,
        results=convnet_results,
    ),
}
