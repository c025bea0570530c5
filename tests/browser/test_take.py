"""What people take along of a run on screen: its code, its numbers, its pictures."""

import contextlib
import io
import json
import runpy
import struct
import sys
from csv import reader

import nbformat
import numpy as np

from ln_core.race.presets import PRESETS
from tests.browser.conftest import PHONE

MEASURED = "as measured"  # beside the smoothed curve
LOSSES = "p.film.frames.map(({ arrays }) => [...arrays.get('loss').values])"


def losses_on_screen(tab):
    """Give the losses of the film, one row a step, of each network."""
    tab.wait("p.state === 'done'")
    frames = tab.page.evaluate(f"(() => {{ const p = window.__player; return {LOSSES}; }})()")
    return np.concatenate([np.reshape(frame, (2, -1)).T for frame in frames])


def saved(tab, name, path, role="link"):
    with tab.page.expect_download() as download:
        tab.page.get_by_role(role, name=name).click()
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


def test_a_chart_is_taken_along_as_numbers_and_as_pictures(open_tab, server, tmp_path):
    tab = open_tab(server, accept_downloads=True)
    tab.open("/mlp", steps=60, width=16, variants="none,layer", at=60)
    losses = losses_on_screen(tab)
    tab.wait("p.settled && !p.playing")
    tab.page.locator("[data-chart=loss]").hover()
    tab.page.keyboard.press("e")
    csv = tmp_path / "loss.csv"
    assert saved(tab, "Numbers (CSV)", csv, "button") == "mlp_loss_step-60.csv"
    with csv.open(newline="") as file:
        header, *rows = reader(file)
    assert header == ["variant", "curve", "step", "loss, log scale"]
    for at, variant in enumerate(("No norm", "Layer Norm")):
        own = [(int(x), float(y)) for of, kind, x, y in rows if (of, kind) == (variant, MEASURED)]
        assert [x for x, _ in own] == [*range(1, 61)]
        np.testing.assert_allclose([y for _, y in own], losses[:, at], rtol=1e-6)
    svg = tmp_path / "loss.svg"
    assert saved(tab, "Picture (SVG)", svg, "button") == "mlp_loss_step-60.svg"
    drawn = svg.read_text()
    for word in ("Training loss", "No norm", "Layer Norm", server.url):
        assert word in drawn
    box = tab.page.locator("[data-chart=loss] .lnl-panels").bounding_box()
    png = tmp_path / "loss.png"
    assert saved(tab, "Picture (PNG)", png, "button") == "mlp_loss_step-60.png"
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    assert abs(width - 2 * box["width"]) <= 2
    assert height > 2 * box["height"]
    numbers = tmp_path / "run.npz"
    saved(tab, "All numbers of the run", numbers)
    with np.load(numbers) as opened:
        about = json.loads(opened["about.json"])
        np.testing.assert_array_equal(opened["loss"][:, 0].T, losses.astype(np.float32))
    assert about["frames"]["here"] == about["frames"]["of"]
    assert about["from"].startswith(f"The run of {server.url}/mlp?")


def test_a_map_and_a_grid_are_taken_along(open_tab, server, tmp_path):
    tab = open_tab(server, accept_downloads=True).open("/matrix")
    tab.wait("p.settled")
    chart = tab.page.locator("[data-chart=outputs]")
    chart.hover()
    chart.get_by_role("button", name="Take along").click()
    path = tmp_path / "outputs.csv"
    assert saved(tab, "Numbers (CSV)", path, "button") == "matrix_outputs.csv"
    with path.open(newline="") as file:
        header, *rows = reader(file)
    assert header == ["variant", "curve", "unit", "example", "value"]
    shown = tab.page.evaluate(
        "window.__player.film.frames[0].arrays.get('h').values.subarray().reduce("
        "(all, one) => [...all, one], [])"
    )
    assert [float(row[-1]) for row in rows] == shown
    svg = tmp_path / "outputs.svg"
    saved(tab, "Picture (SVG)", svg, "button")
    assert "RMSNorm" in svg.read_text()
