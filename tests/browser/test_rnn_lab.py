"""The RNN lab and the time microscope in the real browser."""

import pytest

from ln_core.recurrent.config import RnnConfig
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.runs.config import to_query, to_text
from tests.browser.conftest import PHONE
from tests.browser.test_lab import NUMBERS

QUICK = RnnConfig(steps=100, variants=("none", "layer"), cases=1000)


@pytest.mark.parametrize("path", ["/rnn", "/time"])
def test_the_page_opens_by_deep_link_on_a_fresh_server(fresh_server, open_tab, path):
    tab = open_tab(fresh_server).open(path)
    tab.wait("p.buffered > 0 && p.draws > 5")
    assert tab.page.get_by_role("heading").first.is_visible()


def test_a_training_run_streams_and_the_scrubber_moves_pictures_and_curves_together(tab):
    tab.open("/rnn", **to_query(QUICK))
    tab.wait("p.state === 'done'", seconds=60)
    tab.page.keyboard.press("Space")
    scrubber = tab.page.get_by_role("slider", name="Moment of training")
    for frame in (80, 40):
        scrubber.fill(str(frame))
        tab.wait(f"p.frame === {frame} && p.settled && !p.playing")
        pictures, curves = tab.page.evaluate(
            """() => {
              const traces = window.__player.pictures.flatMap(({ traces }) => traces)
                .filter(({ x }) => x?.length);
              const last = (kind) => traces.filter(kind).map(({ x }) => Math.max(...x));
              return [
                last(({ type, z }) => type === 'heatmap' && z.length),
                last(({ line, mode }) => mode === 'lines' && line?.width === 1),
              ];
            }"""
        )
        assert pictures
        assert set(pictures) == {frame}
        assert curves
        assert set(curves) == {frame}


def test_a_deep_link_reproduces_the_run(open_tab, server):
    texts = []
    for _ in range(2):
        tab = open_tab(server).open("/rnn", **to_query(QUICK))
        tab.wait("p.state === 'done'", seconds=60)
        texts.append(tab.page.evaluate(NUMBERS))
    assert len(texts[0]) > 10_000
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("path", "preset"),
    [
        *(("/rnn", preset) for preset in RNN_PRESETS.values()),
        *(("/time", preset) for preset in MICROSCOPE_PRESETS.values()),
    ],
    ids=[*RNN_PRESETS, *MICROSCOPE_PRESETS],
)
def test_every_preset_opens(tab, path, preset):
    tab.open(path)
    tab.choose(preset)
    tab.page.get_by_text(preset.notice).wait_for()
    tab.wait("p.buffered > 0 && p.draws > 5")
    address = f"?{to_text(preset.config)}"
    tab.page.wait_for_function("(address) => location.search.startsWith(address)", arg=address)


def test_the_microscopes_curves_follow_the_slider(tab):
    tab.open("/time")
    tab.wait("p.state === 'done' && p.settled")
    curve = """() => window.__player.pictures
      .find(({ chart }) => chart === 'hidden_norm_log10').traces[0].y.at(-1)"""
    before = tab.page.evaluate(curve)
    tab.page.get_by_role("slider", name="Spectral radius").press("ArrowRight")
    tab.page.wait_for_function(f"({curve})() > {before + 5}")


def test_the_text_that_the_net_writes_is_shown(tab):
    config = RnnConfig(task="text", cell="gru", steps=20, width=16, variants=("none", "layer"))
    tab.open("/rnn", **to_query(config))
    tab.wait("p.state === 'done'", seconds=60)
    tab.page.keyboard.press("End")
    written = tab.page.locator(".lnl-text blockquote")
    written.first.wait_for()
    assert written.count() == 2


def test_what_concerns_norms_is_hidden_where_the_only_norm_takes_no_part(tab):
    # Batch Norm is trained in the plain cell alone; chosen beside a GRU it does nothing.
    config = RnnConfig(cell="gru", steps=20, width=16, variants=("none", "batch"))
    tab.open("/rnn", **to_query(config), at=10)
    tab.wait("p.state === 'done' && p.settled && !p.playing", seconds=60)
    assert tab.page.locator("[data-knob=gain]").is_hidden()
    assert tab.page.locator("[data-knob=epsilon]").is_hidden()
    tab.page.get_by_role("button", name="Change from here").click()
    tab.page.locator("[data-change=learning_rate]").wait_for()
    assert tab.page.locator("[data-change=normalization]").is_hidden()


@pytest.mark.parametrize("path", ["/rnn", "/time"])
def test_nothing_sticks_out_sideways_on_a_phone(tab, path):
    tab.page.set_viewport_size(PHONE)
    tab.open(path)
    assert tab.fits()
