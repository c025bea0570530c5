"""What people take along of a run on screen: its code, its numbers, its pictures."""

import contextlib
import io
import json
import re
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


def saved(place, name, path, role="link"):
    """Save a file by a link or button of a tab, or of one of several players on it."""
    page = place.page
    with page.expect_download() as download:
        (place if hasattr(place, "get_by_role") else page).get_by_role(role, name=name).click()
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
    tab.wait("p.settled && p.buffered > 0")
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
    assert header == ["variant", "curve", "step", "loss, nats"]
    for at, variant in enumerate(("No norm", "Layer Norm")):
        own = [(int(x), float(y)) for of, kind, x, y in rows if (of, kind) == (variant, MEASURED)]
        assert [x for x, _ in own] == [*range(1, 61)]
        np.testing.assert_allclose([y for _, y in own], losses[:, at], rtol=1e-6)
    svg = tmp_path / "loss.svg"
    assert saved(tab, "Picture (SVG)", svg, "button") == "mlp_loss_step-60.svg"
    drawn = svg.read_text()
    for word in ("Training loss", "No norm", "Layer Norm", server.url):
        assert word in drawn
    assert ">60</text>" in drawn, "the last tick, which has the axis's title on screen"
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
    chart.get_by_role("button", name="Download").click()
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


def test_a_recording_is_taken_along(open_tab, server, tmp_path):
    tab = open_tab(server, accept_downloads=True).open("/sizes")
    recorded = tab.page.locator(".lnl-player").first
    recorded.locator("[data-chart=test_error] canvas").first.wait_for()
    recorded.get_by_role("button", name="The code of this run").click()
    recorded.locator(".lnl-code .lnl-keyword").first.wait_for()
    code = tmp_path / "run.py"
    assert saved(recorded, "Download script", code) == "recorded_mnist_sizes.py"
    assert "for size in (512, 256" in code.read_text()
    recorded.locator(".lnl-code").get_by_role("button", name="Close").click()
    recorded.locator("[data-chart=test_error]").hover()
    recorded.get_by_role("button", name="Download").first.click()
    csv = tmp_path / "error.csv"
    name = saved(recorded, "Numbers (CSV)", csv, "button")
    assert name == "recorded-mnist_sizes_test_error_step-11990.csv"
    with csv.open(newline="") as file:
        header, *rows = reader(file)
    assert header[2] == "batch size"
    assert {row[2] for row in rows} == {str(2**power) for power in range(10)}
    # Of each seed nothing is recorded.
    assert header[3:] == ["error, %, mean of 2 seeds", "lowest of 2 seeds", "highest of 2 seeds"]
    low, mean, high = np.array([[row[-2], row[3], row[-1]] for row in rows], float).T
    assert len(rows) == 50
    assert ((low <= mean) & (mean <= high)).all()
    numbers = tmp_path / "run.npz"
    saved(recorded, "All numbers of the run", numbers)
    with np.load(numbers) as opened:
        assert json.loads(opened["about.json"])["recorded"]
    tab.page.keyboard.press("Escape")
    recorded.get_by_role("button", name="Share this view").click()
    # No address names a recorded run: the link opens its page, whatever is trained below it.
    link = recorded.get_by_label("Link to this page").input_value()
    assert link == tab.page.url.partition("?")[0]
    page = tmp_path / "film.html"
    assert saved(recorded, "Save as a page", page, "button") == "layer-norm-lab-mnist_sizes.html"
    assert "recorded in full" in page.read_text()


def test_a_chart_of_several_seeds_gives_each_of_them_a_column(open_tab, server, tmp_path):
    tab = open_tab(server, accept_downloads=True)
    tab.open("/mlp", steps=60, width=16, variants="none,layer", seed=4, seeds=3, at=60)
    tab.wait("p.state === 'done' && p.settled && !p.playing")
    losses = tab.page.evaluate(f"(() => {{ const p = window.__player; return {LOSSES}; }})()")
    each = np.concatenate([np.reshape(frame, (2, 3, -1)) for frame in losses], axis=2)
    tab.page.locator("[data-chart=loss]").hover()
    tab.page.keyboard.press("e")
    csv = tmp_path / "loss.csv"
    saved(tab, "Numbers (CSV)", csv, "button")
    with csv.open(newline="") as file:
        header, *rows = reader(file)
    assert header[3:] == [
        "loss, nats, mean of 3 seeds",
        "lowest of 3 seeds",
        "highest of 3 seeds",
        "seed 4",
        "seed 5",
        "seed 6",
    ]
    measured = [row for row in rows if row[:2] == ["Layer Norm", MEASURED]]
    own = np.array([row[6:] for row in measured], float)
    np.testing.assert_allclose(own, each[1].T, rtol=1e-6)
    shown = np.array([row[3:] for row in rows if row[:2] == ["Layer Norm", "shown"]], float)
    assert (shown[:, 1] <= shown[:, 0]).all()
    assert (shown[:, 0] <= shown[:, 2]).all()


def test_a_chart_is_taken_along_by_keyboard_alone(open_tab, server):
    tab = open_tab(server, accept_downloads=True).open("/matrix")
    tab.wait("p.settled")
    keyboard = tab.page.keyboard
    tab.page.locator("[data-chart=outputs] .lnl-take").focus()
    keyboard.press("Enter")
    with tab.page.expect_download() as download:
        keyboard.press("Enter")  # the first of the dialog's buttons has the focus
    assert download.value.suggested_filename == "matrix_outputs.csv"
    keyboard.press("Escape")
    assert tab.page.locator("dialog[open]").count() == 0
    assert "lnl-take" in tab.page.evaluate("document.activeElement.className")


def test_a_block_of_cubes_is_taken_along(open_tab, server, tmp_path):
    tab = open_tab(server, accept_downloads=True).open("/shared_statistics")
    tab.wait("p.settled")
    tab.page.keyboard.press("e")
    path = tmp_path / "block.csv"
    assert saved(tab, "Numbers (CSV)", path, "button") == "shared_statistics_block.csv"
    with path.open(newline="") as file:
        header, *rows = reader(file)
    assert header[:5] == ["variant", "example", "channel", "row", "column"]
    entry = [*map(int, re.findall(r"\d+", header[5]))]
    shared = {
        name: {tuple(map(int, row[1:5])) for row in rows if row[0] == name and row[5] == "1"}
        for name in ("Batch Norm", "Layer Norm")
    }
    assert {channel for _, channel, *_ in shared["Batch Norm"]} == {entry[1]}
    assert {example for example, *_ in shared["Layer Norm"]} == {entry[0]}
    assert all(tuple(entry) in own for own in shared.values())
    svg = tmp_path / "block.svg"
    saved(tab, "Picture (SVG)", svg, "button")
    drawn = svg.read_text()
    for word in ("Who shares a mean", "Layer Norm", "channel", "position", server.url):
        assert word in drawn
    png = tmp_path / "block.png"
    saved(tab, "Picture (PNG)", png, "button")
    box = tab.page.locator("[data-chart=block] .lnl-panels").bounding_box()
    width, _ = struct.unpack(">II", png.read_bytes()[16:24])
    assert abs(width - 2 * box["width"]) <= 2


def test_a_pinned_run_has_a_column_of_its_own(open_tab, server, tmp_path):
    tab = open_tab(server, accept_downloads=True)
    settings = {"steps": 60, "width": 16, "variants": "none,layer", "at": 60}
    tab.open("/mlp", **settings, pin="learning_rate:0.01")
    tab.wait("p.state === 'done' && p.pinned?.film.length >= p.pinned?.total.frames && p.settled")
    tab.page.locator("[data-chart=loss]").hover()
    tab.page.keyboard.press("e")
    path = tmp_path / "loss.csv"
    saved(tab, "Numbers (CSV)", path, "button")
    with path.open(newline="") as file:
        header, *rows = reader(file)
    assert header[2:] == ["step", "loss, nats", "loss, nats, pinned"]
    assert {row[0] for row in rows} == {"No norm", "Layer Norm"}
    shown = [[float(number) for number in row[3:]] for row in rows if row[1] == "shown"]
    assert len(shown) == 2 * 60
    assert any(own != pinned for own, pinned in shown)
