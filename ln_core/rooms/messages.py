"""What a teacher's page says is on its screen, read like a link: page, settings, view, no more."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ln_core.experiments import PAGES
from ln_core.paths import stops_at
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.runs.config import ConfigError, to_query
from ln_core.runs.experiment import FilmConfig
from ln_core.runs.pin import read_pin
from ln_core.runs.preset import seeable
from ln_core.runs.schema import read

LONGEST = 20_000  # characters of a message
SPEEDS = ("0.25", "0.5", "1", "2", "4", "8")  # of assets/player/playback.js
SMOOTHINGS = ("off", "strong")  # beside the usual one, which is not said
STOP = re.compile(r"[a-z0-9_]{1,40}(\.[a-z0-9_]{1,40})?")  # a question's id
OPTIONS = 4  # that a question may have

Checks = dict[str, Callable[[str], bool]]  # of each field of a view, what it may be
Shown = dict[str, Any]  # as JSON: `run` (its page, recording and query) and `view`


def read_shown(words: object) -> Shown:
    """Read what is on a screen: `page`, `recording`, `query` and `view`.

    `recording` names a recorded film of the page, which has no query; "": the run of its query,
    which comes back in full.

    Raises: ValueError if that is no page of the app, no run of the page or no view of the run.
    """
    page, recording, query, view = fields(words, "page", "recording", "query", "view")
    if not isinstance(page, str) or page not in PAGES:
        raise ValueError(f"page must be one of {', '.join(PAGES)}, got {str(page)[:40]!r}")
    query, view = _texts(query), _texts(view)
    if recording != "":
        _check_recording(page, recording, query, view)
    elif (experiment := PAGES[page].experiment) is None:
        if query or view:
            raise ValueError(f"{page} has neither settings nor a view")
    else:
        config = read(experiment.config, query)
        _check_view(view, page, experiment.draw(config), config)
        query = to_query(config)
    return {"run": {"page": page, "recording": recording, "query": query}, "view": view}


def read_stop(stop: object) -> str:
    """Read the id of a question.

    Raises: ValueError if it is none.
    """
    if not isinstance(stop, str) or not STOP.fullmatch(stop):
        raise ValueError(f"a question's id must match {STOP.pattern}, got {str(stop)[:40]!r}")
    return stop


def read_option(option: object) -> int:
    """Read which answer was chosen.

    Raises: ValueError if it is none.
    """
    if type(option) is not int or not 0 <= option < OPTIONS:
        raise ValueError(f"option must be a whole number below {OPTIONS}, got {str(option)[:40]}")
    return option


def fields(words: object, *names: str) -> tuple[Any, ...]:
    """Take an object apart that has these fields and no others.

    Raises: ValueError if it has not.
    """
    if not isinstance(words, dict) or words.keys() != set(names):
        raise ValueError(f"an object must have the fields {', '.join(names)}")
    return tuple(words[name] for name in names)


def _check_recording(
    page: str, name: object, query: Mapping[str, str], view: Mapping[str, str]
) -> None:
    if name not in PAGES[page].recordings:
        raise ValueError(f"recording must be one of {page}'s, got {str(name)[:40]!r}")
    if query:
        raise ValueError("a recording has no settings")
    recording = RECORDINGS[str(name)]
    _check_view(view, page, recording.figure, recording.config)


def _texts(fields: object) -> dict[str, str]:
    if not isinstance(fields, dict) or not all(isinstance(text, str) for text in fields.values()):
        raise ValueError("query and view must be objects of texts")
    return fields


def _check_view(
    view: Mapping[str, str], page: str, figure: Mapping[str, Any], config: FilmConfig
) -> None:
    stops = [stop["id"] for stop in stops_at(page)]
    checks: Checks = {**_checks(figure, config), "stop": lambda text: text in stops}
    for name, text in view.items():
        if name not in checks or not checks[name](text):
            raise ValueError(f"{name[:20]} of this run's view cannot be {text[:40]!r}")


def _checks(figure: Mapping[str, Any], config: FilmConfig) -> Checks:
    """Say for each field of a view what it may be, as `assets/player/view.js` reads it.

    Whether someone presents is their own affair, and so is what a link's fingerprint says.
    """
    named = seeable(figure)
    return {
        "at": lambda text: bool(re.fullmatch("[0-9]{1,9}", text)) and int(text) <= config.steps,
        "play": lambda text: text == "1",
        "speed": lambda text: text in SPEEDS,
        "shown": lambda text: _are_some(text, named["shown"]),
        "choose": lambda text: _are_some(text, named["choose"]),
        "chart": lambda text: text in named["chart"],
        "smooth": lambda text: text in SMOOTHINGS,
        "pin": lambda text: _is_run(read_pin(text, to_query(config)), config),
    }


def _is_run(query: Mapping[str, str], other: FilmConfig) -> bool:
    try:
        read(type(other), query)
    except ConfigError:
        return False
    return True


def _are_some(text: str, known: Collection[str]) -> bool:
    """Whether a text names some of what is known, each once."""
    names = text.split(",")
    return len(names) == len(set(names)) and set(names) <= set(known)
