"""Runs in a notebook, or in plain Python: `from ln_core import run, show`."""

import contextlib
import html
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ln_core.experiments import EXPERIMENTS, PAGES, Page
from ln_core.lessons import sections
from ln_core.runs.config import knobs, to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.film_file import write_whole
from ln_core.runs.frame import Frame
from ln_core.runs.numbers import together
from ln_core.runs.schema import read
from ln_core.saved.document import Film, write_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run: its config, its frames, and their arrays by name.

    `frames[i].step` is a frame's training step, `frames[i].arrays[name]` a NumPy array whose first
    axis is the variant, in the order of `variants` (of a sweep: the row, before the variant); not
    every frame has every array.

    Units: of "mlp" and "rnn", `loss` and `test_loss` are in nats an example (of the adding problem:
    squared error), `test_error` is a share from 0 to 1, `gradient_norm` and `weight_norm` are
    Frobenius norms, and `summed` and `normed` are percentiles (5, 25, 50, 75, 95) of each hidden
    layer's values before and after normalization.
    """

    page: Page
    experiment: Experiment
    config: FilmConfig
    frames: list[Frame]

    @property
    def variants(self) -> tuple[str, ...]:
        """The entries of every array's axis of variants."""
        return self.config.compared

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all arrays."""
        return tuple(dict.fromkeys(name for frame in self.frames for name in frame.arrays))

    def steps(self, name: str) -> NDArray[np.int64]:
        """Give the steps of the frames that hold an array, (F,)."""
        return np.array([frame.step for frame in self._holding(name)])

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Put an array of all frames together.

        Shapes: (F, V, ...) for F frames that hold it and V variants. What every training step
        measured, such as `loss`, is joined along the steps instead: (V, S, steps) for S seeds.
        """
        return together([frame.arrays[name] for frame in self._holding(name)])

    def save(self, path: str | Path, **view: str) -> None:
        """Write the run as a page in one file, seen as `view` says."""
        write_whole(Path(path), write_page(film_of(self, view)).encode())

    def _holding(self, name: str) -> list[Frame]:
        found = [frame for frame in self.frames if name in frame.arrays]
        if not found:
            raise KeyError(f"no array {name!r}; there are {', '.join(self.names)}")
        return found


def run(name: str, *, quiet: bool = False, **settings: object) -> Run:
    """Train, or compute, a run here and now: `run("mlp", batch_size=1)`.

    `name` is an experiment's (`ln_core.experiments.EXPERIMENTS`), `settings` are those of its page
    by their names in the address; what is not named has its default. They give the same frames as
    on the page. How far it is stands on stderr, unless `quiet`.

    Raises: ConfigError, in the page's words, for settings that cannot be; KeyError for a name that
    is none.
    """
    if name not in EXPERIMENTS:
        raise KeyError(f"no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    experiment = EXPERIMENTS[name]
    (page,) = (page for page in PAGES.values() if page.experiment is experiment)
    config = _config(experiment.config, settings)
    with _own_threads():
        made = experiment.frames(config)
        frames = list(made if quiet else _told(made, name, config.frames))
    return Run(page=page, experiment=experiment, config=config, frames=frames)


def show(shown: Run, *, height: int = 720, **view: str) -> None:
    """Show a run in the player: within a notebook's output, else as a page in the browser.

    `view` is what the address says of it (`at="300"`, `shown="none,layer"`, `chart="loss"`);
    `height` is in pixels, of the notebook's output.
    """
    page = write_page(film_of(shown, view))
    display = _notebooks_display()
    if display is not None:
        style = f"width: 100%; height: {height}px; border: 0"
        frame = f'<iframe srcdoc="{html.escape(page)}" style="{style}"></iframe>'
        display({"text/html": frame, "text/plain": shown.page.title}, raw=True)
        return
    path = Path(tempfile.mkdtemp(prefix="layer-norm-lab-")) / f"{shown.page.slug}.html"
    write_whole(path, page.encode())
    webbrowser.open(path.as_uri())
    print(f"The player is in {path}")


def film_of(shown: Run, view: Mapping[str, str]) -> Film:
    """Say of a run what its page does: its question, and what there is to notice in it."""
    page, query, lesson = shown.page, to_query(shown.config), sections(shown.page.lesson)
    notices = (one.notice for one in page.presets.values() if to_query(one.config) == query)
    return Film(
        experiment=shown.experiment,
        config=shown.config,
        frames=shown.frames,
        title=lesson["Question"],
        line=next(notices, lesson["Line"]),
        view=view,
        plays=len(shown.frames) > 1,
    )


def _config(kind: type[FilmConfig], settings: Mapping[str, object]) -> FilmConfig:
    """Read settings as the page reads its address: as texts."""
    return read(kind, {name: _text(kind, name, settings[name]) for name in settings})


def _text(kind: type[FilmConfig], name: str, value: object) -> str:
    """Write a value as in the address; one of another type than its setting's is refused there."""
    declared = knobs(kind).get(name)
    if declared is None or isinstance(value, str):
        return str(value)
    try:
        return declared.kind.format(value)
    except (TypeError, ValueError):
        return str(value)


def _told(frames: Iterable[Frame], name: str, total: int) -> Iterator[Frame]:
    """Tell on one line how many frames there are."""
    for count, frame in enumerate(frames, 1):
        print(f"\r{name}: {count} of {total} frames ", end="", file=sys.stderr, flush=True)
        yield frame
    print(file=sys.stderr)


@contextlib.contextmanager
def _own_threads() -> Iterator[None]:
    """Give back the threads that a run takes from torch: it trains with one, to the same bits."""
    import torch  # only where something is computed: the name of this module is the app's too

    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _notebooks_display() -> Callable[..., Any] | None:
    """Find what shows HTML below a notebook's cell; None outside of one."""
    ipython = sys.modules.get("IPython")
    if ipython is None or not hasattr(ipython.get_ipython(), "kernel"):
        return None
    display: Callable[..., Any] = ipython.display.display
    return display
