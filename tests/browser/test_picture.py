"""Numbers put into a plot by the player, against the plot that Plotly draws from nothing."""

import pytest

TALL = {"width": 1280, "height": 3000}  # every chart is in view, and drawn
# As what it shows: the order of attributes does not, nor that of ticks and grid lines.
REDRAWN = """
async () => {
  const written = (node) => {
    if (!node.tagName) return node.textContent;
    const attributes = [...node.attributes].map(({ name, value }) => `${name}="${value}"`);
    const children = [...node.childNodes].map(written);
    if (node.querySelector(":scope > .crisp, :scope > .xtick, :scope > .ytick")) children.sort();
    return `<${node.tagName} ${attributes.sort().join(" ")}>${children.join("")}`;
  };
  const drawn = (plot) => [...plot.querySelectorAll(".main-svg")].map(written);
  const others = [];
  for (const plot of document.querySelectorAll(".js-plotly-plot")) {
    const before = drawn(plot);
    await Plotly.redraw(plot);
    const same = JSON.stringify(before) === JSON.stringify(drawn(plot));
    if (!same) others.push(plot.closest("[data-chart]").dataset.chart);
  }
  return others;
}
"""
COUNT_REACTS = """
() => {
  window.__reacts = 0;
  const react = (window.__react ??= Plotly.react); // another test may have counted before
  Plotly.react = (...given) => {
    window.__reacts++;
    return react(...given);
  };
}
"""
GESTURES = {
    "shared_statistics": lambda tab: press(tab, "Channels C"),
    "matrix": lambda tab: press(tab, "Gain g"),
    "matrix, a cell": lambda tab: tab.page.get_by_label("case 2, unit 3", exact=True).focus(),
    "matrix, numbers": lambda tab: tab.page.get_by_role("button", name="New numbers").click(),
    "matrix, another case": lambda tab: press(tab, "Cases N"),
    "matrix, another unit": lambda tab: press(tab, "Units H"),
    "batch_mates": lambda tab: tab.page.get_by_role("button", name="New seed").click(),
    "geometry": lambda tab: press(tab, "Learning rate"),
    "invariance": lambda tab: tab.page.get_by_role("radio", name="Convolution").click(),
    "replicas": lambda tab: tab.page.get_by_role("button", name="New seed").click(),
}


def press(tab, slider):
    tab.page.get_by_role("slider", name=slider).press("ArrowRight")


def refilled(tab):
    """Count plots that were given new numbers without being drawn anew since the count began."""
    return tab.page.evaluate("window.__player.draws - window.__drawn - window.__reacts")


def begin_count(tab):
    tab.page.evaluate(COUNT_REACTS)
    tab.page.evaluate("window.__drawn = window.__player.draws")


@pytest.mark.parametrize("gesture", GESTURES)
def test_a_plot_given_new_numbers_is_the_plot_that_plotly_draws(tab, gesture):
    tab.page.set_viewport_size(TALL)
    tab.open(f"/{gesture.partition(',')[0]}", wait=False)
    tab.wait("p.state === 'done' && p.settled && p.draws > 0")
    begin_count(tab)
    for closed in tab.page.locator("details:not([open]) > summary").all():
        closed.click()
    GESTURES[gesture](tab)
    tab.wait("p.draws > window.__drawn && p.state === 'done' && p.settled")
    assert refilled(tab) > 0
    assert tab.page.evaluate(REDRAWN) == []


@pytest.mark.parametrize("name", ["mlp", "rnn"])
def test_curves_that_grow_are_those_that_plotly_draws(tab, name):
    tab.page.set_viewport_size(TALL)
    tab.open(f"/{name}")
    begin_count(tab)
    tab.wait("p.draws - window.__drawn - window.__reacts > 20")
    tab.page.keyboard.press("Space")
    tab.wait("!p.playing && p.settled")
    assert tab.page.evaluate(REDRAWN) == []
