"""How a variant looks, everywhere: colour (Okabe and Ito's palette), dash and marker."""

from ln_core.figures.parts import Spec
from ln_core.race.config import VARIANTS

# On a dark page the two blues and the green are lightened, so that lines keep a contrast of 3:1.
_LOOKS = {
    "none": ("#767676", "#a8a8a8", "dot", "x"),
    "batch": ("#d55e00", "#f07f2a", "dash", "square"),
    "layer": ("#0072b2", "#3d9fe0", "solid", "circle"),
    "rms": ("#56b4e9", "#a5dbff", "dashdot", "triangle-up"),
    "group": ("#009e73", "#1fc79a", "longdash", "diamond"),
}
SHOWN_FIRST = ("none", "batch", "layer")


def tracks(variants: tuple[str, ...]) -> list[Spec]:
    """Describe the variants of a race as the player's tracks."""
    shown = [variant for variant in variants if variant in SHOWN_FIRST] or list(variants)
    return [_track(variant, shown=variant in shown) for variant in variants]


def _track(variant: str, *, shown: bool) -> Spec:
    light, dark, dash, symbol = _LOOKS[variant]
    return {
        "id": variant,
        "label": VARIANTS[variant],
        "color": {"light": light, "dark": dark},
        "dash": dash,
        "symbol": symbol,
        "shown": shown,
    }
