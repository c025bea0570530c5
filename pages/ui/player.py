"""The player's Python side: it tells the component in the page what to show."""

import streamlit as st

from ln_core.experiments import Page
from ln_core.paths import stops_at
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about
from ln_core.runs.config import to_query
from ln_core.runs.schema import settings
from ln_core.serve import KATEX, PLOTLY_PATH, colours

# Sent again at every rerun, so it only fetches the player proper, which the browser keeps. A module
# that failed to load fails for good, and with it all that import it: each attempt has addresses of
# its own. All addresses are relative to the page's, so that a prefix before them does not matter.
_BOOT = """
export default ({ parentElement, data }) => {
  const tried = (window.lnlTried ??= { times: 0 });
  const show = async () => {
    const told = parentElement.querySelector(":scope > .lnl-missing");
    try {
      const folder = `assets/player/${tried.times}`;
      const load = (file) => import(new URL(`${folder}/${file}`, document.baseURI).href);
      const [player, room] = await Promise.all([load("player.js"), load("room.js")]);
      told?.remove();
      const all = { ...data, style: `${folder}/player.css` };
      if (data.run || data.film) room.attend(player.mount(parentElement, all));
      else room.mount(parentElement, all);
    } catch (error) {
      console.warn("the player did not load:", error);
      if (!told) {
        const text = "This part of the page could not be loaded. Trying again.";
        const said = Object.assign(document.createElement("p"), { className: "lnl-missing" });
        said.textContent = text;
        parentElement.append(said);
      }
      tried.times++;
      setTimeout(() => parentElement.isConnected && show(), Math.min(5000, 250 * 2 ** tried.times));
    }
  };
  show();
};
"""
_component = st.components.v2.component("layer_norm_lab_player", js=_BOOT, isolate_styles=False)
# Pixels, more than a window's: what stands below a player does not jump when it comes. The player's
# style takes them away.
_ROOM = 2000


def play(page: Page, **words: str) -> None:
    """Show controls and the run that they name: the same for all who ask for the same.

    The address of the page names the run. Of `words`, `title` stands above it all, `line` where no
    preset is pressed, `note` below the controls; `called` is the title of a page that it is saved
    as, if that is another one.

    Raises: ValueError if the page runs nothing.
    """
    if page.experiment is None:
        raise ValueError(f"a page must have an experiment to be played, got {page.slug}")
    run = settings(page.experiment, page.default, page.presets)
    _mount(page.experiment.name, path=page.slug, run=run, stops=stops_at(page.slug), **words)


def replay(name: str, *, path: str = "", plays: bool = False) -> None:
    """Show a recorded film, from its end unless it plays; a class follows it on a page's path."""
    recording = RECORDINGS[name]
    _mount(
        f"{name}.film",
        path=path,
        film=f"assets/recorded/{name}.film",
        recording={
            "name": name,
            "title": recording.title,
            "seed": to_query(recording.config).get("seed"),
        },
        label=f"Recorded on {about(name)['date']}",
        figure=recording.figure,
        plays=plays,
        total=recording.config.total,
    )


def classroom(path: str = "") -> None:
    """On a page without a run: have a class led to it by its path, or show how to start one."""
    _component(key=f"class.{path}", data={"path": path}, height="content")


def _mount(key: str, **data: object) -> None:
    with st.container(height=_ROOM, border=False, key=f"player.room.{key}"):
        _component(
            key=f"player.{key}",
            data={
                "plotly": PLOTLY_PATH.lstrip("/"),
                "katex": f"static/js/{KATEX.name}",
                "themes": {theme: colours(theme) for theme in ("light", "dark")},
                **data,
            },
            height="content",
        )
