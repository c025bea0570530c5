"""What the Sweep page says of its recorded sweep, and its preset."""

from dataclasses import replace
from functools import lru_cache, partial

from ln_core.sweep.config import EXPERIMENT, SweepConfig
from ln_core.sweep.presets import PRESETS, RECORDED
from ln_core.sweep.text import WORKS, errors_of
from tests.claims.table import Found, claim

claim = partial(claim, "grid")


@lru_cache(maxsize=4)
def working(config: SweepConfig, seed: int) -> dict[str, dict[str, int]]:
    """Count the values across at which each variant works, by the value down."""
    frames = [*EXPERIMENT.frames(replace(config, seed=seed))]
    works = (errors_of(frames) < WORKS).sum(2)
    return {
        variant: dict(zip(config.rows.values, of.tolist(), strict=True))
        for variant, of in zip(config.compared, works, strict=True)
    }


@claim()
def batch_norm_works_at_most_rates_with_large_batches_and_at_none_with_small_ones(seed) -> Found:
    works = working(RECORDED, seed)
    large = all(
        works["batch"][size] > max(works["none"][size], works["layer"][size])
        for size in ("32", "64", "128")
    )
    small = all(works["batch"][size] == 0 for size in ("2", "4", "8"))
    return large and small and works["layer"]["8"] > 0, works


@claim("rates")
def more_rates_work_as_the_mini_batches_grow(seed) -> Found:
    works = working(PRESETS["rates"].config, seed)
    few_to_many = {v: (of["2"] + of["4"], of["32"] + of["64"]) for v, of in works.items()}
    holds = all(few < many for few, many in few_to_many.values())
    return holds, works
