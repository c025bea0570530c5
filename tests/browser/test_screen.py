"""What the eye meets first: charts that fill the window, in type that can be read."""

import pytest

# Of each plot in the first section: the height of its area, and the size of its type.
PLOTS = """() => {
  const first = document.querySelector(".lnl-section");
  return window.__player.pictures
    .filter(({ layout, box }) => layout && first.contains(box))
    .map(({ chart, layout: { height, margin, font } }) =>
      [chart, height - margin.t - margin.b, font.size]);
}"""
FILMS = ("mlp", "rnn", "time", "geometry", "replicas")


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
    tab.page.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.wait("p.settled")
    assert tab.page.get_by_role("slider", name="Batch size").is_visible()


def test_with_reduced_motion_a_film_shows_its_end(open_tab, server):
    tab = open_tab(server, reduced_motion="reduce").open("/mlp", steps=200, width=16)
    tab.wait("!p.playing && p.step === 200")


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
    assert tab.page.get_by_role("heading", name="A path in seven stops").count() == 1
