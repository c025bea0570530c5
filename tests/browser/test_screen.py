"""What the eye meets first: charts that fill the window, in type that can be read."""

import re
from base64 import b64encode

import pytest
from playwright.sync_api import expect

from ln_core.race.presets import PRESETS
from ln_core.recurrent.presets import RNN_PRESETS
from tests.browser.conftest import DESK, PHONE

# Of each plot in the first section: the height of its area, and the size of its type.
PLOTS = """() => {
  const first = document.querySelector(".lnl-section");
  return window.__player.pictures
    .filter(({ layout, box }) => layout && first.contains(box))
    .map(({ chart, layout: { height, margin, font } }) =>
      [chart, height - margin.t - margin.b, font.size]);
}"""
# The colours of a picture at a quarter and at three quarters of its width.
COLOURS = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const { width, height } = image;
  const ink = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  ink.drawImage(image, 0, 0);
  return [width / 4, (3 * width) / 4].map((x) => ink.getImageData(x, height / 2, 1, 1).data.join());
}"""
FILMS = ("mlp", "rnn", "time", "geometry", "replicas")
# What moves without a gesture. Streamlit makes its column wide while nothing stands in it: nobody
# sees that, and it is left out.
SHIFTS = """new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    const seen = sources.map(({ node }) => node).filter((node) => node?.parentElement
      && node.dataset?.testid !== "stMainBlockContainer");
    const names = seen.map((node) => node.className || node.nodeName);
    if (seen.length) (window.shifts ??= []).push([value, names]);
  }
}).observe({ type: "layout-shift", buffered: true })"""


@pytest.mark.parametrize("path", FILMS)
@pytest.mark.parametrize(
    ("size", "least", "type_"), [((1280, 720), 170, 12), ((1920, 1080), 280, 16)]
)
def test_the_first_charts_fill_the_window_in_legible_type(tab, path, size, least, type_):
    tab.page.set_viewport_size({"width": size[0], "height": size[1]})
    tab.open(f"/{path}")
    tab.wait("p.buffered > 0 && p.pictures.some(({ layout }) => layout)")
    plots = tab.page.evaluate(PLOTS)
    assert plots
    assert [name for name, height, _ in plots if height < least] == []
    assert [name for name, _, font in plots if font < type_] == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/", "/mlp", "/rnn", "/matrix", "/mnist"])
def test_boxes_keep_their_places_while_a_page_loads(open_tab, server, path, size):
    tab = open_tab(server, viewport=size)
    tab.page.add_init_script(SHIFTS)
    tab.open(path)
    tab.wait("p.settled")
    tab.page.wait_for_timeout(500)
    shifts = tab.page.evaluate("window.shifts ?? []")
    assert sum(value for value, _ in shifts) < 0.05, shifts


@pytest.mark.parametrize("path", ["/geometry", "/nearest"])
def test_words_above_a_picture_move_no_charts_on_a_slow_machine(open_tab, server, path):
    tab = open_tab(server)
    devtools = tab.page.context.new_cdp_session(tab.page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    tab.page.add_init_script(SHIFTS)
    tab.open(path)
    tab.wait("p.settled", seconds=60)
    tab.page.wait_for_timeout(500)
    shifts = tab.page.evaluate("window.shifts ?? []")
    assert sum(value for value, _ in shifts) < 0.05, shifts
    assert tab.page.locator(".lnl-sections").is_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/", "/sizes"])
def test_the_title_of_a_recorded_page_begins_where_its_charts_do(open_tab, server, path, size):
    tab = open_tab(server, viewport=size).open(path)
    first = tab.page.locator(".lnl-player").first
    first.wait_for()  # a page of two is open as soon as either of them is
    title = tab.page.get_by_role("heading", level=1 if path == "/" else 2).first.bounding_box()
    player = first.bounding_box()
    assert title["x"] == pytest.approx(player["x"], abs=1)
    assert player["x"] + player["width"] == pytest.approx(size["width"] - player["x"], abs=1)


def test_on_paper_all_charts_are_drawn_within_the_page_with_the_link_and_no_controls(tab):
    tab.open("/mlp", steps=200, width=16)
    tab.wait("p.state === 'done' && p.settled")
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    pictures = "window.__player.pictures.filter(({ layout }) => layout)"
    widths = tab.page.evaluate(f"{pictures}.map(({{ box }}) => box.getBoundingClientRect().right)")
    assert len(widths) == tab.page.evaluate(
        "document.querySelectorAll('.lnl-box:not([hidden] *)').length"
    )
    left = tab.page.evaluate("document.querySelector('.lnl-player').getBoundingClientRect().left")
    assert max(widths) <= left + 660
    assert "batch_size=32" in tab.page.locator(".lnl-link").inner_text()
    assert not tab.page.get_by_role("slider", name="Batch size").is_visible()
    assert not tab.page.locator(".lnl-matrix-links").is_visible()
    tab.page.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.wait("p.settled")
    assert tab.page.get_by_role("slider", name="Batch size").is_visible()


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_home_is_three_sheets_of_paper(tab, size):
    tab.open("/")
    tab.wait("p.frame > 3")
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
    sheets = re.findall(rb"/Type\s*/Page[^s]", tab.page.pdf(format=size, margin=margin))
    assert len(sheets) == 3  # its film, its paths, all pages


@pytest.mark.parametrize("path", ["/", "/mlp", "/rnn", "/matrix"])
def test_the_narrowest_phone_shows_heads_and_transport_whole(open_tab, server, path):
    tab = open_tab(server, viewport={"width": 320, "height": 640}).open(path)
    parts = tab.page.locator(".lnl-head > *, .lnl-transport > *").filter(visible=True).all()
    boxes = [box for box in (part.bounding_box() for part in parts) if box]
    assert boxes
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)


def test_with_reduced_motion_a_film_shows_its_end(open_tab, server):
    tab = open_tab(server, reduced_motion="reduce").open("/mlp", steps=200, width=16)
    tab.wait("!p.playing && p.step === 200")


def test_forced_colours_leave_what_is_lit_and_how_far_the_film_is_to_be_seen(open_tab, server):
    tab = open_tab(server, forced_colors="active").open("/mlp", steps=200, width=16, at=100)
    tab.wait("p.settled && p.step === 100")
    borders = "(nodes) => nodes.map((node) => getComputedStyle(node).border)"
    for chosen in (".lnl-preset", ".lnl-chip"):
        lit, other = (
            set(tab.page.locator(f'{chosen}[aria-pressed="{on}"]').evaluate_all(borders))
            for on in ("true", "false")
        )
        assert lit.isdisjoint(other)
    track = b64encode(tab.page.locator(".lnl-scrubber").screenshot()).decode()
    played, left = tab.page.evaluate(COLOURS, track)
    assert played != left


def test_home_plays_what_smaller_batches_do_and_one_control_chooses_them(tab):
    tab.open("/")
    tab.wait("p.playing && p.frame > 5")
    tab.page.get_by_role("button", name="Batch size 1", exact=True).click()
    tab.wait("p.step > 6000 && p.playing")
    tab.page.keyboard.press("End")
    tab.wait("p.settled && p.step === 8000")
    errors = tab.page.evaluate(
        "window.__player.pictures.find(({ chart }) => chart === 'test_error')"
        ".traces.map(({ name, y }) => [name, y.at(-1)])"
    )
    errors = dict(errors)
    assert errors["Batch Norm"] > 4 * errors["Layer Norm"]
    assert tab.page.get_by_role("heading", name="A first path").count() == 1


# The charts that the sentence of a preset speaks of.
SPOKEN_OF = {
    "mlp": {
        "spirals": ("test_error", "boundary"),
        "directions": ("test_error", "boundary"),
        "online": ("test_error", "spread"),
        "pairs": ("test_error",),
        "small_weights": ("loss", "gradient_norm"),
        "deep_relu": ("gradient_norm",),
        "shallow": ("test_error",),
        "to_pairs": ("loss", "test_error"),
        "tenfold": ("loss", "test_error"),
        "freeze": ("test_error",),
    },
    "rnn": {
        "exploding": ("profile_hidden_norm", "loss"),
        "large": ("test_error",),
        "plain": ("test_error",),
        "gain": ("profile_gradient_hidden_norm",),
        "rate": ("test_error",),
        "longer": ("longer",),
        "copy": ("loss",),
        "text": ("loss",),
        "taken_out": ("test_error", "loss"),
    },
}
PRESETS_OF = {"mlp": PRESETS, "rnn": RNN_PRESETS}


@pytest.mark.parametrize("path", SPOKEN_OF)
def test_what_a_preset_speaks_of_stands_in_the_first_window(tab, path):
    assert SPOKEN_OF[path].keys() == PRESETS_OF[path].keys()
    tab.open(f"/{path}")
    tab.wait("p.buffered > 0")
    for name, charts in SPOKEN_OF[path].items():
        preset = PRESETS_OF[path][name]
        tab.choose(preset)
        tab.page.get_by_text(preset.notice).wait_for()
        tab.page.locator(f"[data-chart={charts[0]}]").wait_for()
        for chart in charts:  # laid out again once captions have their heights
            tab.page.wait_for_function(
                "(id) => document.querySelector(`[data-chart=${id}]`)"
                ".getBoundingClientRect().bottom <= innerHeight",
                arg=chart,
                timeout=5000,
            )


def test_a_new_diagnosis_names_its_step_and_goes_with_its_run(tab):
    tab.open("/mlp", wait=False, batch_size=1, steps=300, width=16, at=300)
    news = tab.page.locator(".lnl-news")
    expect(news).to_contain_text("Nothing left to normalize at step", timeout=30_000)
    batch = tab.page.locator("[data-knob=batch_size] input")
    batch.evaluate("n => { n.value = n.max; n.dispatchEvent(new Event('change')); }")
    tab.wait("p.query.batch_size !== '1' && p.buffered > 0 && p.settled")
    expect(news).not_to_contain_text("Nothing left", timeout=1000)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_new_diagnosis_covers_nothing_that_can_be_pressed(tab, size):
    tab.page.set_viewport_size(size)
    tab.open("/mlp", batch_size=1, steps=300, width=16, pin="width:8", at=300)
    tab.page.locator(".lnl-news .lnl-card").wait_for()
    covered = tab.page.evaluate(
        """() => {
          const news = document.querySelector(".lnl-news").getBoundingClientRect();
          const pressed = ".lnl-pin button, .lnl-chip, .lnl-choice, .lnl-more";
          const all = document.querySelectorAll(pressed);
          return [...all].filter((one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect();
            const wide = left < news.right && news.left < right;
            return wide && top < news.bottom && news.top < bottom;
          }).map((one) => one.innerText);
        }"""
    )
    assert covered == []
    tab.page.set_viewport_size(DESK)
