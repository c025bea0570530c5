"""The film of the home page: race after race, each with smaller mini-batches. Free of torch.

All begin from the same weights and take equally many steps.
"""

from dataclasses import dataclass
from typing import ClassVar

from ln_core.figures.parts import Spec, section, upright, variant_specs
from ln_core.race.config import SURVEY_EVERY, MlpConfig
from ln_core.race.figure import boundary, test_error
from ln_core.runs import fields
from ln_core.runs.experiment import Experiment, TrainingConfig
from ln_core.variants import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class SizesConfig(TrainingConfig):
    """Races at the sizes of SIZES, one after the other."""

    SIZES: ClassVar[tuple[int, ...]] = (32, 8, 2, 1)
    survey_every: ClassVar[int] = 1

    seed: int = fields.seed("Decides weights, data and batch order.")
    variants: tuple[str, ...] = fields.variants(labels("batch", "layer"))

    def race(self, place: int) -> MlpConfig:
        """Give one of the races."""
        size = self.SIZES[place]
        return MlpConfig(batch_size=size, seed=self.seed, variants=self.variants)

    @property
    def each(self) -> int:
        """Training steps of one race."""
        return self.race(0).steps

    @property
    def steps(self) -> int:
        """Training steps of all races."""
        return len(self.SIZES) * self.each

    @property
    def frame_every(self) -> int:
        """Steps from one survey of a race to the next: these are the frames."""
        return SURVEY_EVERY * self.race(0).frame_every

    @property
    def steps_per_epoch(self) -> int:
        """No epochs are counted: one race follows the other."""
        return 0

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """All variants together."""
        return (self.variants,)

    @property
    def memory(self) -> int:
        """Bytes of one race: there is never another one beside it."""
        return self.race(0).memory


def figure(config: SizesConfig) -> Spec:
    """Describe what both networks answer, and their errors, race after race."""
    race = config.race(0)
    ends = [config.each * place for place in range(len(config.SIZES) + 1)]
    errors = test_error(race)
    for curve in errors["traces"]:  # the next race does not go on from where one ended
        for axis in ("x", "y"):
            curve[axis] = {**curve[axis], "breaks": ends[1:-1]}
    errors |= {
        "takeaway": "Wrong answers, by batch size. At each line both start again.",
        "span": 5,
        "x": {
            "title": "batch size",
            "range": [0, config.steps],
            "ticks": [
                [(begin + end) / 2, str(size)]
                for begin, end, size in zip(ends, ends[1:], config.SIZES, strict=False)
            ],
        },
        "shapes": [upright(step) for step in ends[1:-1]],
    }
    return {
        "variants": variant_specs(config.variants),
        "choices": [],
        "chapters": [
            {"label": f"Batch size {size}", "step": step}
            for size, step in zip(config.SIZES, ends, strict=False)
        ],
        "sections": [section(None, [boundary(), errors])],
    }


EXPERIMENT = Experiment(
    name="sizes",
    config=SizesConfig,
    film="ln_core.race.sizes_trainer:film",
    figure="ln_core.race.sizes:figure",
    arrays="ln_core.race.arrays:SIZES_ARRAYS",
    code="ln_core.race.sizes_code:code",
)
