"""The Transformer page in the real browser: its recordings and its live runs, by deep link."""

from ln_core.paper.transformer.config import TransformerConfig
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.runs.config import to_query
from tests.browser.conftest import PHONE

RECORDS = ("transformer", "transformer_warmup", "transformer_rates", "transformer_recall")
QUICK = TransformerConfig(depth=2, width=16, steps=20, variants=("post", "pre"))
RECALL = TransformerConfig(
    task="recall", depth=1, width=16, segments=2, steps=10, variants=("pre",)
)


def test_the_live_run_of_a_deep_link_comes_to_its_end(open_tab, server):
    tab = open_tab(server).open("/transformer", wait=False, **to_query(QUICK))
    tab.page.get_by_text("step 20 / 20").wait_for(timeout=60_000)
    tab.page.get_by_text("Size of the stream, now").last.wait_for()


def test_the_memory_is_drawn_where_there_is_one(tab):
    tab.open("/transformer", wait=False, **to_query(RECALL))
    tab.page.get_by_text("step 10 / 10").wait_for(timeout=60_000)
    assert tab.page.get_by_text("Size of the memory, now").last.is_visible()


def test_every_recording_plays_and_says_what_it_is(tab):
    tab.open("/transformer", wait=False, **to_query(QUICK))
    for name in RECORDS:
        recording = RECORDINGS[name]
        tab.page.get_by_role("tab", name=recording.title, exact=True).click()
        panel = tab.page.get_by_role("tabpanel").filter(visible=True)
        steps = recording.config.steps
        panel.get_by_text(f"step {steps} / {steps}").wait_for(timeout=60_000)
        panel.get_by_text(f"ln_core.recorded {name} ").wait_for()


def test_nothing_sticks_out_sideways_on_a_phone(tab):
    tab.page.set_viewport_size(PHONE)
    tab.open("/transformer", wait=False, **to_query(QUICK))
    tab.page.get_by_text("step 20 / 20").wait_for(timeout=60_000)
    assert tab.fits()
