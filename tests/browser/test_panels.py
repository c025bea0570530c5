"""What the player draws on its canvas, against the same traces as Plotly draws them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ln_core.race.config import MlpConfig
from ln_core.runs.config import to_query
from tests.browser.test_rnn_lab import QUICK

TALL = {"width": 1280, "height": 3000}  # every chart is in view, and drawn
PLAYER = Path(__file__).parents[2] / "assets" / "player"
# How much of the ink of each plot is elsewhere, or has another colour. Both are coarse and blurred,
# for dashes may begin elsewhere; grid lines are too faint to count.
COMPARE = """
async () => {
  const [COARSE, FAINT] = [4, 6];
  const coarsely = (image, shown, { left, top, width, height }) => {
    const canvas = new OffscreenCanvas(Math.floor(width / COARSE), Math.floor(height / COARSE));
    const ink = canvas.getContext("2d");
    ink.fillStyle = "white";
    ink.fillRect(0, 0, canvas.width, canvas.height);
    ink.imageSmoothingQuality = "high";
    ink.filter = "blur(1px)";
    const scale = image.width / shown;
    const part = [left, top, width, height].map((pixels) => pixels * scale);
    ink.drawImage(image, ...part, 0, 0, canvas.width, canvas.height);
    return ink.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const found = {};
  const seen = window.__player.pictures.filter(({ layout, traces }) => layout && traces.length);
  for (const { chart, traces, shapes, layout, names, box } of seen) {
    const { width, height, margin } = layout;
    const area = { left: margin.l, top: margin.t, width: width - margin.l - margin.r,
      height: height - margin.t - margin.b };
    const [xaxis, yaxis] = [layout.xaxis, layout.yaxis]
      .map((axis) => ({ ...axis, visible: false }));
    const unnamed = shapes.map(({ label, ...shape }) => shape); // it stands in `names`
    const data = traces.map((trace) => ({ ...trace, showscale: false }));
    const annotations = names.map(({ name: text, color, left, y }) => ({ text, showarrow: false,
      xref: "paper", yref: "paper", xanchor: "left", borderpad: 0, font: { color },
      x: (left - 1 - area.left) / area.width, y: 1 - (y - area.top) / area.height }));
    const drawn = { ...layout, shapes: unnamed, annotations, xaxis, yaxis };
    const figure = structuredClone({ data, layout: drawn });
    const image = new Image();
    image.src = await Plotly.toImage(figure, { format: "png", width, height });
    await image.decode();
    const expected = coarsely(image, width, area);
    const blank = coarsely(new OffscreenCanvas(width, height), width, area);
    const ours = coarsely(box.querySelector("canvas"), width, area);
    let [ink, elsewhere] = [0, 0];
    for (let at = 0; at < ours.length; at++) {
      const far = Math.abs(expected[at] - ours[at]);
      ink += Math.abs(expected[at] - blank[at]);
      if (far > FAINT) elsewhere += far;
    }
    found[chart] = Math.max(found[chart] ?? 0, elsewhere / (ink + 1000));
  }
  return found;
}
"""
MOST = 0.65  # a plot that is not drawn has 0.8 and more; other phases of dashes have up to 0.56
# Where the third point of a curve is, from the corner of its box.
POINT = """
() => {
  const { traces, layout } = window.__player.pictures.find(({ chart }) => chart === "cosine");
  const { margin, width, height, xaxis, yaxis } = layout;
  const share = (value, [low, high]) => (value - low) / (high - low);
  return [
    margin.l + share(traces[0].x[2], xaxis.range) * (width - margin.l - margin.r),
    height - margin.b - share(traces[0].y[2], yaxis.range) * (height - margin.t - margin.b),
  ];
}
"""
PAGES = ["batch_mates", "replicas", "geometry", "nearest", "time"]


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_is_drawn_as_plotly_draws_it(tab, name):
    tab.page.set_viewport_size(TALL)
    tab.open(f"/{name}", wait=False)
    tab.wait("p.state === 'done' && p.settled && p.draws > 0")
    check_ink(tab)


@pytest.mark.parametrize(
    ("name", "config"), [("mlp", MlpConfig(steps=500)), ("rnn", QUICK)], ids=["mlp", "rnn"]
)
def test_curves_that_grow_are_drawn_as_plotly_draws_them(tab, name, config):
    tab.page.set_viewport_size(TALL)
    tab.open(f"/{name}", **to_query(config))
    tab.wait("p.draws > 100")
    tab.page.keyboard.press("Space")
    # Frames that come in may widen an axis, and a chart would be drawn anew meanwhile.
    tab.wait("!p.playing && p.settled && p.state === 'done'", 120)
    check_ink(tab)


def check_ink(tab):
    found = tab.page.evaluate(COMPARE)
    assert found
    assert {chart: share for chart, share in found.items() if share > MOST} == {}


def test_ink_that_is_not_plotlys_would_be_found(tab):
    tab.page.set_viewport_size(TALL)
    tab.open("/replicas", wait=False)
    tab.wait("p.state === 'done' && p.settled && p.draws > 0")
    tab.page.evaluate(
        "document.querySelectorAll('.lnl-box canvas').forEach((one) => (one.width = one.width))"
    )
    assert min(tab.page.evaluate(COMPARE).values()) > 0.7


def test_values_are_read_under_the_pointer_and_ranges_zoomed_into(tab):
    tab.open("/replicas", wait=False)
    tab.wait("p.state === 'done' && p.settled && p.draws > 0")
    box = tab.page.locator("[data-chart=cosine] .lnl-box").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    ticks = tab.page.locator("[data-chart=cosine] .ytick")
    before = ticks.all_text_contents()
    draws = tab.get("draws")
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 80, y + 30, steps=4)
    tab.page.mouse.up()
    tab.wait(f"p.draws > {draws} && p.settled")
    assert ticks.all_text_contents() != before
    check_ink(tab)
    # Plotly counts the time between handling two clicks, which a busy machine may stretch.
    for _ in range(10):
        tab.page.mouse.dblclick(x, y)
        tab.page.wait_for_timeout(500)
        if ticks.all_text_contents() == before:
            break
    assert ticks.all_text_contents() == before
    dx, dy = tab.page.evaluate(POINT)
    tab.page.mouse.move(box["x"] + dx - 9, box["y"] + dy)
    tab.page.wait_for_timeout(100)  # Plotly looks no more than every 50 ms
    tab.page.mouse.move(box["x"] + dx, box["y"] + dy, steps=3)
    tab.page.locator("[data-chart=cosine] .hovertext").first.wait_for()


def test_what_is_read_in_one_chart_is_read_at_the_same_step_in_its_neighbours(tab):
    tab.open("/mlp", steps=400)
    tab.wait("p.state === 'done' && !p.playing && p.settled")
    box = tab.page.locator("[data-chart=loss] .lnl-box").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    read = tab.page.locator(".hoverlayer .legendtitletext")
    tab.page.mouse.move(x - 9, y)
    tab.page.wait_for_timeout(100)  # Plotly looks no more than every 50 ms
    tab.page.mouse.move(x, y, steps=3)
    expect(read).to_have_count(2)
    first, second = (int(text.split()[1]) for text in read.all_text_contents())
    assert abs(first - second) <= 20  # test errors are known of some steps
    assert tab.page.locator("[data-chart=test_error] .hoverlayer .legendtitletext").count() == 1
    tab.page.mouse.move(5, 5)
    expect(read).to_have_count(0)


def test_what_plotly_draws_of_the_points_is_never_seen(tab):
    tab.open("/mlp", steps=100, width=16, variants="batch,layer")
    tab.wait("p.state === 'done' && !p.playing && p.settled")
    drawn = tab.page.locator(".lnl-plot :is(.scatterlayer path, .heatmaplayer image)")
    for chart in ("loss", "spread"):
        tab.page.locator(f"[data-chart={chart}] .lnl-box").first.hover()
        tab.page.locator(f"[data-chart={chart}] .lnl-plot").first.locator(
            ":is(.scatterlayer path, .heatmaplayer image)"
        ).first.wait_for(state="attached")
    assert drawn.count() > 2
    assert set(drawn.evaluate_all("(all) => all.map((o) => getComputedStyle(o).visibility)")) == {
        "hidden"
    }


def test_a_pointer_that_is_not_there_costs_no_drawing_by_plotly(tab):
    tab.open("/replicas", wait=False)
    tab.wait("p.state === 'done' && p.settled && p.draws > 0")
    tab.page.evaluate(
        """() => {
          window.__reacts = 0;
          const react = Plotly.react;
          Plotly.react = (...given) => (window.__reacts++, react(...given));
        }"""
    )
    draws = tab.get("draws")
    tab.page.get_by_role("button", name="New seed").click()
    tab.wait(f"p.draws > {draws} && p.state === 'done' && p.settled")
    assert tab.page.evaluate("window.__reacts") == 0
    tab.page.reload()


def test_nothing_private_of_plotly_is_touched():
    private = r"\._(full|input|context|module|plots?|offset|length|own|rehover|calc)|calcdata"
    for path in PLAYER.rglob("*.js"):
        assert not re.search(private, path.read_text(encoding="utf-8")), path.name
