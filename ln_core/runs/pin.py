"""The text by which an address pins a run beside the one on screen: "batch_size:2;optimizer:sgd".

It names the settings in which the pinned run differs, as `assets/player/pin-text.js` does.
"""

from collections.abc import Mapping

from ln_core.runs.config import Config, to_query


def write_pin(pinned: Config, shown: Config) -> str:
    """Write in what a run differs from the one on screen."""
    query, other = to_query(shown), to_query(pinned)
    names = [name for name in {**query, **other} if query.get(name, "") != other.get(name, "")]
    return ";".join(f"{name}:{_escaped(other.get(name, ''))}" for name in names)


def read_pin(text: str, shown: Mapping[str, str]) -> dict[str, str]:
    """Read the query of a pinned run; `shown` is that of the one on screen."""
    parts = (part.partition(":") for part in text.split(";") if part)
    own = {name: value.replace("%3B", ";").replace("%25", "%") for name, _, value in parts}
    return {**shown, **own}


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace(";", "%3B")
