"""Runs in a notebook and in plain Python."""

import html
import re
import subprocess
import sys
import webbrowser
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

import ln_core
from ln_core import run, show
from ln_core.race.config import MlpConfig
from ln_core.runs.config import ConfigError, from_query
from ln_core.runs.schema import problem

ROOT = Path(__file__).parents[2]
SHORT = {"steps": 20, "width": 8, "variants": ("batch", "layer"), "quiet": True}


@pytest.fixture(scope="module")
def short():
    return run("mlp", batch_size=1, **SHORT)


def test_a_run_has_arrays_by_name(short):
    assert short.variants == ("batch", "layer")
    assert short.config.batch_size == 1
    assert {"loss", "test_error", "weight_norm"} <= set(short.names)
    assert short["loss"].shape == (2, short.config.seeds, 20)
    errors, steps = short["test_error"], short.steps("test_error")
    assert errors.shape == (len(steps), 2, short.config.seeds)
    assert steps[0] == 0
    assert steps[-1] == 20
    assert ((errors >= 0) & (errors <= 1)).all()
    np.testing.assert_array_equal(errors[-1], short.frames[-1].arrays["test_error"])


def test_the_same_settings_give_the_same_numbers_in_any_form(short):
    texts = {"batch_size": "1", "steps": "20", "width": "8", "variants": "batch,layer"}
    assert run("mlp", quiet=True, **texts).config == short.config
    np.testing.assert_array_equal(run("mlp", quiet=True, **texts)["loss"], short["loss"])


def test_a_run_leaves_torch_its_threads(short):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    run("matrix", quiet=True)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    "settings",
    [{"batch_size": 0}, {"batch_size": "many"}, {"variants": 3}, {"learning_rate": float("nan")}],
)
def test_what_cannot_be_is_refused_as_on_the_page(settings):
    texts = {name: str(value) for name, value in settings.items()}
    _, (error,) = from_query(MlpConfig, texts)
    with pytest.raises(ConfigError) as refused:
        run("mlp", **settings)
    assert str(refused.value) == problem(MlpConfig, error)["said"]
    assert "is not possible. Allowed: " in str(refused.value)


def test_names_that_are_none_are_refused(short):
    with pytest.raises(ConfigError, match="batchsize: no such field; one of data, batch_size"):
        run("mlp", batchsize=1)
    with pytest.raises(KeyError, match=r"there are .*mlp, rnn"):
        run("nlp")
    with pytest.raises(KeyError, match="there are loss"):
        short["losses"]


def test_in_plain_python_the_player_opens_in_the_browser(short, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    show(short, at="10")
    (address,) = opened
    path = Path(capsys.readouterr().out.split(" is in ")[1].strip())
    assert path.as_uri() == address
    assert "lnl-film" in path.read_text(encoding="utf-8")


def test_a_run_is_saved_with_what_its_page_says_of_it(short, tmp_path):
    short.save(tmp_path / "film.html", shown="layer")
    page = (tmp_path / "film.html").read_text(encoding="utf-8")
    assert "what does the normalization change?" in page
    assert '"view": {"shown": "layer"}' in page


def test_how_far_a_run_is_is_told(capsys):
    run("matrix")
    assert "matrix: 1 of 1 frames" in capsys.readouterr().err


def test_the_core_imports_nothing_for_its_notation():
    code = "import sys, ln_core; sys.exit('ln_core.notebook' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert ln_core.__all__ == ["NOTATION", "run", "show"]
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        _ = ln_core.walk


@pytest.mark.filterwarnings("ignore")  # of the libraries that run a notebook
def test_a_notebook_shows_the_player():
    cells = [
        "from ln_core import run, show",
        'film = run("mlp", batch_size=1, steps=20, width=8, quiet=True)\nfilm["loss"].shape',
        'show(film, at="10", height=500)',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": ROOT}}).execute()
    (shape,) = notebook.cells[1].outputs
    assert shape["data"]["text/plain"] == "(5, 1, 20)"
    (output,) = notebook.cells[2].outputs
    frame = output["data"]["text/html"]
    assert "height: 500px" in frame
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert page.startswith("<!doctype html>")
    assert '"at": "10"' in page
