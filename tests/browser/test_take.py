"""What people take along of a run on screen: its code."""

import contextlib
import io
import runpy
import sys

import nbformat
import numpy as np

from ln_core.race.presets import PRESETS
from tests.browser.conftest import PHONE

LOSSES = "p.film.frames.map(({ arrays }) => [...arrays.get('loss').values])"


def losses_on_screen(tab):
    """Give the losses of the film, one row a step, of each network."""
    tab.wait("p.state === 'done'")
    frames = tab.page.evaluate(f"(() => {{ const p = window.__player; return {LOSSES}; }})()")
    return np.concatenate([np.reshape(frame, (2, -1)).T for frame in frames])


def saved(tab, name, path):
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name=name).click()
    download.value.save_as(path)
    return download.value.suggested_filename


def test_the_code_of_a_run_prints_its_losses(open_tab, server, tmp_path, monkeypatch):
    tab = open_tab(server, accept_downloads=True)
    tab.open("/mlp", steps=60, width=16, variants="none,layer")
    losses = losses_on_screen(tab)
    tab.page.get_by_role("button", name="The code of this run").click()
    code = tab.page.locator(".lnl-code code")
    code.locator(".lnl-keyword").first.wait_for()
    path = tmp_path / "run.py"
    name = saved(tab, "Download script", path)
    assert name == "mlp_width-16_steps-60_variants-none-layer.py"
    assert code.text_content() == path.read_text()
    notebook = tmp_path / "run.ipynb"
    assert saved(tab, "Download notebook", notebook) == name.replace(".py", ".ipynb")
    nbformat.validate(nbformat.read(notebook, as_version=4))
    said = io.StringIO()
    monkeypatch.setattr(sys, "argv", [str(path)])
    with contextlib.redirect_stdout(said):
        runpy.run_path(str(path), run_name="__main__")
    rows = [line.split() for line in said.getvalue().splitlines()[1:]]
    steps = [int(row[0]) for row in rows]
    assert steps == [*range(1, 51)]
    printed = np.array([row[1:] for row in rows], float)
    np.testing.assert_allclose(printed, losses[:50], rtol=0, atol=1e-4)


def test_the_code_is_of_the_run_that_is_seen_and_opens_by_key(open_tab, server):
    tab = open_tab(server, viewport=PHONE).open("/mlp", **PRESETS["online"].query)
    tab.page.keyboard.press("k")
    code = tab.page.locator(".lnl-code code")
    code.locator(".lnl-keyword").first.wait_for()
    assert "BATCH_SIZE, LEARNING_RATE = 6000, 1, 0.001" in code.text_content()
    assert tab.fits()
    tab.page.get_by_role("button", name="Close").click()
    assert not tab.page.locator(".lnl-code").is_visible()
