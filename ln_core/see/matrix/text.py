"""What is said of a matrix: sentences, measured values and formulas. Free of torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import count, latex, number, percent
from ln_core.runs.snapshot import card
from ln_core.see.matrix.config import MatrixConfig

Numbers = NDArray[np.float64]
Arrays = Mapping[str, Numbers]

MOVED = {
    "cell": "the framed cell",
    "column": "all of the framed cell's column",
    "row": "all of the framed cell's row",
}


def describe(
    config: MatrixConfig, variants: tuple[str, ...], arrays: Arrays
) -> list[dict[str, str]]:
    """Say of each variant what its output shows, most remarkable first."""
    cards = []
    for at, variant in enumerate(variants):
        own = {name: array[at] for name, array in arrays.items()}
        cards += [
            *_few_numbers(config, variant, own),
            *_half(config, variant, own),
            *_running(config, variant, own),
            *_far_ahead(config, variant, own["exact"]),
        ]
    return cards


def _few_numbers(config: MatrixConfig, variant: str, own: Arrays) -> list[dict[str, str]]:
    """Say what one or two numbers that share a mean leave of their size."""
    N, H = config.shape
    if variant == "batch" and config.mode == "evaluation":
        return []
    if config.affine_on == "undo" or config.gain == 0 or config.activation == "after":
        return []  # what is left of the size is not what is put out
    size, word = (N, "example") if variant == "batch" else (H, "unit")
    if variant == "rms":
        text = "One unit divided by its own size."
        signs = size == 1 and _only_signs(config, np.abs(own["inner"]))
        return [card(variant, "Only a sign is left", text)] if signs else []
    output = "0 / 0, which is not a number" if config.epsilon == 0 else "the bias"
    if size == 1:
        text = f"With one {word} every number is its own mean: the output is {output}."
        return [card(variant, "Nothing is left", text)]
    if size != 2:
        return []
    spread = np.ptp(own["inner"], axis=0 if variant == "batch" else 1)
    if not spread.any():
        text = f"The two {word}s are equal: there is no spread, and the output is {output}."
        return [card(variant, "Nothing is left", text)]
    if not _only_signs(config, spread / 2):
        return []
    text = f"Of two {word}s that differ one lies above their mean and one below, equally far."
    return [card(variant, "Only a sign is left", text)]


def _only_signs(config: MatrixConfig, sizes: Numbers) -> bool:
    """Whether epsilon is too small to be seen beside the squares of all sizes but those of 0."""
    squares = sizes[sizes > 0] ** 2
    return bool(squares.size) and squares.min() > 100 * config.epsilon


def _half(config: MatrixConfig, variant: str, own: Arrays) -> list[dict[str, str]]:
    if not config.half:
        return []
    naive, careful = (_count_wrong(own[name], own["exact"]) for name in ("naive", "h"))
    if naive == 0:
        return []
    text = (
        f"Computed in float16, {naive} of {count(own['h'].size, 'output')} "
        f"{'is' if naive == 1 else 'are'} wrong; computed in "
        f"float32 and then rounded, {careful}."
    )
    return [card(variant, "The float16 trap", text)]


def _count_wrong(found: Numbers, exact: Numbers) -> int:
    """Count outputs that are off by more than rounding to float16 explains."""
    return int((~np.isclose(found, exact, rtol=0.05, atol=0.05, equal_nan=True)).sum())


def _running(config: MatrixConfig, variant: str, own: Arrays) -> list[dict[str, str]]:
    if variant != "batch" or config.mode != "evaluation":
        return []
    return [card(variant, "Running averages", f"After {_running_state(config, own)}.")]


def _running_state(config: MatrixConfig, own: Arrays) -> str:
    """Say how far the running mean is after how many updates."""
    if config.running_steps == 0:
        return "0 updates the running mean is still 0"
    updates = count(config.running_steps, "update")
    come = percent(1 - _miss(own))
    return f"{updates} the running mean has come {come} of the way to this batch's mean"


def _miss(own: Arrays) -> float:
    """How much of the way from 0 to the batch's mean the running mean has still to go."""
    mean = own["column_stats"][0]
    missing, way = (float(np.linalg.norm(gap)) for gap in (mean - own["column_stats"][2], mean))
    return missing / way if way > 0 else 0.0


def _far_ahead(config: MatrixConfig, variant: str, h: Numbers) -> list[dict[str, str]]:
    """One unit as far ahead as Layer Norm lets it be: say what that is worth as logits."""
    H = config.shape[1]
    moved = config.affine_on == "undo" or (config.gain, config.bias) != (1, 0)
    if variant != "layer" or H < 3 or moved or not np.isfinite(h).all():
        return []
    if h.max() <= 0.99 * np.sqrt(H - 1):
        return []
    text = (
        f"One of {H} units lies far above the others, compared with how far they lie apart, yet "
        f"its output is only {number(float(h.max()))}. As logits, these outputs give it a "
        f"probability of {percent(_confidence(h))}."
    )
    return [card(variant, "Near the largest possible output", text)]


def _confidence(h: Numbers) -> float:
    """The largest probability that a softmax makes of any row."""
    powers = np.exp(h - h.max(axis=1, keepdims=True))
    return float((powers / powers.sum(axis=1, keepdims=True)).max())


def measure_values(
    config: MatrixConfig, variants: tuple[str, ...], arrays: Arrays
) -> dict[str, str]:
    """Measure what the lesson's slots name."""
    N, H = config.shape
    values = {"cases": str(N), "units": str(H), "move": number(config.move)}
    values |= {"all_cases": count(N, "example"), "all_units": count(H, "unit")}
    values["moved_part"] = MOVED[config.moving]
    for at, variant in enumerate(variants):
        moved = arrays["moved"][at]
        values[f"{variant}_changed"] = count(int((moved != 0).sum()), "output")
        values[f"{variant}_largest"] = number(float(np.abs(moved).max()))
        values |= _measure_outputs(config, variant, {name: of[at] for name, of in arrays.items()})
        values[f"{variant}_steepest"] = number(
            float(np.abs(arrays["jacobian"][at][config.cell]).max())
        )
    layer = variants.index("layer")
    with np.errstate(invalid="ignore"):  # infinite minus infinite: not a number, and said so
        difference = np.abs(arrays["twin"][layer] - arrays["exact"][layer]).max()
    values["twin_difference"] = number(float(difference), 1)
    batch = {name: array[variants.index("batch")] for name, array in arrays.items()}
    values["running_state"] = f"after {_running_state(config, batch)}"
    return values


def _measure_outputs(config: MatrixConfig, variant: str, own: Arrays) -> dict[str, str]:
    """Measure the largest output, how many are 0, what float16 spoils, what padding moves."""
    real = own["h"][list(config.real)] if config.is_padded else own["h"]
    with np.errstate(invalid="ignore"):
        padding = np.abs(real - own["without"]).max()
    return {
        f"{variant}_output": number(float(np.abs(own["h"]).max())),
        f"{variant}_zeros": count(int((own["h"] == 0).sum()), "output"),
        f"{variant}_wrong": count(_count_wrong(own["naive"], own["exact"]), "output"),
        f"{variant}_padding": number(float(padding)),
    }


def formulas(
    config: MatrixConfig,
    used: Mapping[str, tuple[float, float]],
    affine: tuple[float, float],
    arrays: Arrays,
    variants: tuple[str, ...],
) -> list[Any]:
    """Write the chosen cell's output with the current numbers in it, as LaTeX."""
    n, k = config.cell
    written = []
    for at, variant in enumerate(variants):
        mu, square = used[variant]
        g, b = affine[0], 0.0 if variant == "rms" else affine[1]
        a, h = (float(arrays[name][at, n, k]) for name in ("inner", "exact"))
        eps = "" if config.epsilon == 0 else f" + {latex(config.epsilon)}"
        above = latex(a) if variant == "rms" else f"{latex(a)} - {_in_brackets(mu)}"
        shift = "" if variant == "rms" else f" + {_in_brackets(b)}"
        body = rf"{latex(g)} \cdot \frac{{{above}}}{{\sqrt{{{latex(square)}{eps}}}}}{shift}"
        if config.activation == "after":
            body = rf"\max\left(0, {body}\right)"
        formula = rf"h_{{{n},{k}}} = {body} = {latex(h)}"
        written.append({"variant": variant, "latex": formula})
    return written


def _in_brackets(value: float) -> str:
    return f"({latex(value)})" if value < 0 else latex(value)
