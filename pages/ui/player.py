"""The player's Python side: it tells the component in the page what to show."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ln_core.runs.config import to_text
from ln_core.runs.experiment import Experiment, FilmConfig, SnapshotConfig
from ln_core.runs.hub import expect
from ln_core.runs.pictures_first import VIEWER
from ln_core.serve import PLOTLY_PATH, base_path
from pages.ui.controls import Leads

# Sent again at every rerun, so it only fetches the player proper, which the browser keeps.
_BOOT = """
export default (page) => {
  const { parentElement, data } = page;
  import(new URL(data.module, document.baseURI).href).then(
    (player) => player.mount(parentElement, data, page),
    () => { parentElement.textContent = "The player did not load. Please reload the page."; },
  );
};
"""
# Streamlit carries KaTeX, and serves it.
_KATEX = next(
    (path.name for path in Path(st.__file__).parent.rglob("static/js/katex.*.js")), "none"
)
Source = dict[str, str | int]
_component = st.components.v2.component("layer_norm_lab_player", js=_BOOT, isolate_styles=False)


def ask(experiment: Experiment, config: FilmConfig) -> Source:
    """Let a run begin while the page is still being drawn; give where its player finds it.

    The player of a picture need not wait for the page either: the server tells it of the picture
    that is asked for now.
    """
    name = experiment.name
    if not isinstance(config, SnapshotConfig):
        run = experiment.key(config)
        expect(experiment, config)
        return {"live": f"{_base()}/live/{run}", "poll": f"{_base()}/frames/{run}"}
    viewer = st.context.headers.get(VIEWER, "")
    turn, asked = st.session_state.get("player.asked", (0, None))
    if asked != experiment.key(config):
        turn += 1
        st.session_state["player.asked"] = (turn, experiment.key(config))
    expect(experiment, config, viewer, turn)
    return {
        "still": f"{_base()}/still/{name}",
        "poll": f"{_base()}/frames/{name}",
        "query": to_text(config),
        "viewer": viewer,
        "turn": turn,
    }


def play(
    experiment: Experiment,
    config: FilmConfig,
    source: Source,
    gestures: Mapping[str, Callable[[Any], None]] | None = None,
    leads: Leads | None = None,
) -> None:
    """Show a live run: trained as long as somebody watches, the same for all who watch.

    `gestures` are called with what was chosen or typed in a chart. The next picture, as far as the
    page's widgets say where they lead, does not wait for the page.
    """
    options: dict[str, object] = {"autoplay": True}
    figure = None
    if isinstance(config, SnapshotConfig):  # it brings its figure along
        options["widgets"] = {"prefix": experiment.name, "leads": leads or {}}
    else:
        figure = experiment.draw(config)
    key = f"player.{experiment.name}"
    callbacks: dict[str, Callable[[], None]] = {}
    for name, take in (gestures or {}).items():
        callbacks[f"on_{name}_change"] = lambda name=name, take=take: take(
            st.session_state[key][name]
        )
    _mount(experiment.name, source, config, figure, callbacks, **options)


def replay(recording: str, label: str, config: FilmConfig, figure: dict[str, Any]) -> None:
    """Show a recorded film, from its end."""
    source = {"film": f"{_base()}/assets/recorded/{recording}"}
    _mount(recording, source, config, figure, finished=True, label=label)


def _base() -> str:
    return base_path(st.get_option("server.baseUrlPath"))


def _mount(
    key: str,
    source: Source,
    config: FilmConfig,
    figure: dict[str, Any] | None,
    callbacks: Mapping[str, Callable[[], None]] | None = None,
    **options: object,
) -> None:
    _component(
        key=f"player.{key}",
        data={
            "module": f"{_base()}/assets/player/player.js",
            "style": f"{_base()}/assets/player/player.css",
            "plotly": _base() + PLOTLY_PATH,
            "katex": f"{_base()}/static/js/{_KATEX}",
            "source": source,
            "total": {
                "frames": config.frames,
                "steps": config.steps,
                "frame_every": config.frame_every,
                "steps_per_epoch": config.steps_per_epoch,
            },
            "figure": figure,
            **options,
        },
        height="content",
        **(callbacks or {}),
    )
