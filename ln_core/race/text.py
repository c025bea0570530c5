"""What a race has measured, as texts for slots. Free of torch."""

from collections.abc import Mapping, Sequence

from ln_core.formatting import number, percent
from ln_core.runs.frame import Array


def measure_values(variants: Sequence[str], survey: Mapping[str, Array]) -> dict[str, str]:
    """Write each variant's test error, the seeds' mean, and its loss in both modes.

    Shapes: test_error (V, S), mode_loss (V, 2).
    """
    values: dict[str, str] = {}
    for at, variant in enumerate(variants):
        in_training, in_evaluation = survey["mode_loss"][at]
        values |= {
            f"{variant}_error": percent(float(survey["test_error"][at].mean())),
            f"{variant}_loss_training": number(float(in_training), 2),
            f"{variant}_loss_evaluation": number(float(in_evaluation), 2),
        }
    return values
