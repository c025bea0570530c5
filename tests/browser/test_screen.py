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
