"""The MLP lab as people use it: the real server, the real browser, real training."""

import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from ln_core.race.config import MlpConfig
from ln_core.race.presets import PRESETS
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.runs.config import to_query, to_text
from ln_core.serve import PLOTLY_PATH
from tests.browser.conftest import DESK, GO, PHONE, Server
from tests.browser.held import HeldAnswers

LONG = to_query(MlpConfig(steps=20_000, depth=6))  # trains for longer than a test looks
PAGES = ("/", "/mlp")

# Every number that the player holds of a run, as one text.
NUMBERS = """() => window.__player.film.frames.map((frame) =>
  [frame.step, ...frame.arrays.values()].map((array) =>
    array.values ? `${array.shape}:${[...array.values]}` : array).join()).join('|')"""


def press(tab, name):
    tab.page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_by_deep_link_on_a_fresh_server(fresh_server, open_tab, path):
    tab = open_tab(fresh_server).open(path)
    tab.wait("p.buffered > 3")
    assert tab.page.get_by_role("heading").first.is_visible()


def test_home_plays_a_film_that_says_it_is_recorded(tab):
    tab.open("/")
    tab.wait("p.playing && p.step > 0")
    assert "Recorded on" in tab.page.locator(".lnl-player").inner_text()
    tab.page.get_by_role("link", name="Train such networks yourself").click()
    tab.page.wait_for_url("**/mlp?**at=400**")
    tab.wait("p.state === 'training' || p.state === 'done'")


def test_curves_grow_pause_stops_them_and_play_goes_on(tab):
    tab.open("/mlp", **to_query(MlpConfig()))
    tab.wait("p.playing && p.frame > 5")
    press(tab, "Pause")
    tab.wait("!p.playing && p.settled")
    frame = tab.get("frame")
    tab.wait("p.state === 'done' && p.settled", 120)  # frames that come in may widen an axis
    draws = tab.get("draws")
    time.sleep(1)
    assert tab.get("frame") == frame
    assert tab.get("draws") == draws
    press(tab, "Play")
    tab.wait(f"p.frame > {frame + 5}")


def test_the_scrubber_moves_every_chart_to_the_same_moment(tab):
    tab.open("/mlp", **to_query(MlpConfig()))
    tab.wait("p.state === 'done'")
    press(tab, "Pause")
    scrubber = tab.page.get_by_role("slider", name="Moment of training")
    for frame in (40, 120, 3):
        scrubber.fill(str(frame))
        tab.wait(f"p.frame === {frame} && p.settled")
        last = tab.page.evaluate(
            """() => window.__player.pictures
              .flatMap(({ traces }) => traces)
              .filter((trace) => trace.mode === 'lines' && trace.x?.length)
              .map((trace) => Math.max(...trace.x))"""
        )
        # Curves over steps end at this moment, those over surveys at the survey before it.
        assert last
        assert all(10 * (frame - 4) < x <= 10 * frame for x in last if x), last


def test_a_variant_is_switched_off_and_on_without_restarting(tab):
    tab.open("/mlp", **to_query(MlpConfig(steps=20_000, depth=6)))
    tab.wait("p.frame > 10")
    frame, panels = tab.get("frame"), tab.page.locator("[data-chart=boundary] .lnl-panel:visible")
    assert panels.count() == 3
    chip = tab.page.get_by_role("button", name="RMSNorm")
    assert chip.get_attribute("aria-pressed") == "false"
    chip.click()
    assert chip.get_attribute("aria-pressed") == "true"
    assert panels.count() == 4
    assert tab.get("frame") >= frame  # a run begun anew would be back at its start
    chip.click()
    assert panels.count() == 3
    created = tab.get("created")
    chip.click()
    tab.wait(f"p.frame > {frame} && p.created === {created}")  # kept, not made again


def test_the_url_reproduces_the_run_in_a_second_browser_with_equal_numbers(open_tab, server):
    config = MlpConfig(data="xor", batch_size=7, seeds=2, steps=200, seed=123)
    texts = []
    for _ in range(2):
        tab = open_tab(server).open("/mlp", **to_query(config))
        tab.wait("p.state === 'done'")
        texts.append(tab.page.evaluate(NUMBERS))
    assert len(texts[0]) > 10_000
    assert texts[0] == texts[1]


def test_a_restarted_server_gives_the_same_run_and_the_page_recovers_by_itself(
    fresh_server, open_tab
):
    config = MlpConfig(steps=3000, depth=5)
    tab = open_tab(fresh_server, check_errors=False).open("/mlp", **to_query(config))
    tab.wait("p.buffered > 10")
    fresh_server.kill()
    held = tab.get("buffered")
    time.sleep(1.5)
    assert tab.page.locator(".js-plotly-plot").first.is_visible()
    fresh_server.start()
    tab.wait(f"p.buffered > {held + 10}", seconds=60)
    tab.wait("p.state === 'done'", seconds=240)
    again = open_tab(fresh_server).open("/mlp", **to_query(config))
    again.wait("p.state === 'done'", seconds=60)
    assert tab.page.evaluate(NUMBERS) == again.page.evaluate(NUMBERS)


def test_a_killed_worker_is_replaced_and_the_final_frames_are_those_of_an_undisturbed_run(
    fresh_server, server, open_tab
):
    config = MlpConfig(steps=2000, depth=5)
    tab = open_tab(fresh_server).open("/mlp", **to_query(config))
    tab.wait("p.buffered > 10")
    killed = fresh_server.workers()
    assert killed
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    tab.wait("p.state === 'done'", seconds=240)
    assert not set(killed) & set(fresh_server.workers())
    undisturbed = open_tab(server).open("/mlp", **to_query(config))
    undisturbed.wait("p.state === 'done'", seconds=60)
    assert tab.page.evaluate(NUMBERS) == undisturbed.page.evaluate(NUMBERS)


def test_batch_size_one_shows_the_diagnosis_beside_charts_that_stay_up(tab):
    tab.open("/mlp", batch_size=1, steps=500)
    tab.wait("p.buffered > 20 && p.frame > 20")
    tab.page.get_by_role("button", name="Details", exact=True).click()
    card = tab.page.locator(".lnl-diagnoses .lnl-all").inner_text()
    assert "Batch Norm" in card
    assert "bias" in card
    assert tab.page.locator(".js-plotly-plot").first.is_visible()


def test_a_diverged_run_shows_a_diagnosis_and_the_others_go_on(tab):
    tab.open("/mlp", optimizer="sgd", learning_rate=10, weight_gain=3, steps=300)
    tab.wait("p.state === 'done'")
    tab.page.keyboard.press("End")
    tab.wait("p.settled && p.step === 300")
    tab.page.get_by_role("button", name="Details", exact=True).click()
    assert "No norm" in tab.page.locator(".lnl-diagnoses .lnl-all").inner_text()


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_opens_and_trains(tab, name):
    tab.open("/mlp")
    tab.choose(PRESETS[name])
    tab.page.get_by_text(PRESETS[name].notice).wait_for()
    tab.wait("p.buffered > 3 && p.draws > 5")
    address = f"?{to_text(PRESETS[name].config)}"
    tab.page.wait_for_function("(address) => location.search.startsWith(address)", arg=address)


def test_nonsense_in_the_url_is_named_and_the_rest_runs(tab):
    tab.open("/mlp", batch_size="nan", seed=5)
    message = tab.page.locator(".lnl-problems").inner_text()
    assert "batch_size" in message
    assert "'nan'" in message
    assert "from 1 to 512" in message
    tab.wait("p.buffered > 3")
    assert "batch_size=32" in tab.page.url
    assert "seed=5" in tab.page.url


def test_a_script_that_did_not_load_at_first_is_asked_for_again(open_tab, server):
    tab = open_tab(server, check_errors=False)
    asked: list[str] = []

    def fail_once(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    tab.page.route("**/plotly-*.js", fail_once)
    tab.open("/mlp", wait=False)
    told = tab.page.get_by_text("The charts could not be loaded. Trying again.")
    told.wait_for()
    tab.wait("p.draws > 3")
    assert told.is_hidden()
    assert len(asked) == 2


def test_where_websockets_are_blocked_the_same_frames_are_polled(open_tab, server):
    config = MlpConfig(steps=300)
    tab = open_tab(server, check_errors=False)
    tab.page.route_web_socket("**/runs/**", lambda socket: socket.close(code=1011))
    tab.open("/mlp", **to_query(config))
    tab.wait("p.state === 'done'", seconds=60)
    other = open_tab(server).open("/mlp", **to_query(config))
    other.wait("p.state === 'done'")
    assert tab.page.evaluate(NUMBERS) == other.page.evaluate(NUMBERS)


def test_space_plays_and_pauses_and_arrows_step(tab):
    tab.open("/mlp", **to_query(MlpConfig()))
    tab.wait("p.frame > 10")
    tab.page.keyboard.press("Space")
    tab.wait("!p.playing && p.settled")
    frame = tab.get("frame")
    tab.page.keyboard.press("ArrowRight")
    tab.wait(f"p.frame === {frame + 1}")
    tab.page.keyboard.press("ArrowLeft")
    tab.wait(f"p.frame === {frame}")
    tab.page.keyboard.press("Space")
    tab.wait("p.playing")


def test_no_chart_is_ever_created_a_second_time(tab):
    tab.open("/mlp", **to_query(MlpConfig()))
    tab.wait("p.frame > 20")
    created = tab.get("created")
    assert created <= tab.page.locator(".js-plotly-plot").count()
    tab.page.get_by_role("slider", name="Batch size").press("ArrowLeft")
    tab.page.wait_for_url("**batch_size=16**")
    tab.wait("p.frame > 20")
    assert tab.get("created") == created


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_sticks_out_sideways_and_the_transport_bar_is_in_reach(tab, path, size):
    tab.page.set_viewport_size(size)
    tab.open(path)
    assert tab.fits()
    bar = tab.page.locator(".lnl-transport")
    if path == "/mlp":
        bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert 0 <= box["x"]
    assert box["x"] + box["width"] <= size["width"]


def test_who_goes_on_before_a_page_has_come_does_not_lose_the_app(open_tab, server):
    tab = open_tab(server)
    answers = HeldAnswers(tab.page, "**/_stcore/stream")
    tab.open("/mlp")
    tab.leave()
    tab.page.wait_for_timeout(500)
    answers.hold()
    for path in ("/rnn", "/mlp"):
        tab.page.evaluate(GO, server.url + path)
        tab.page.wait_for_timeout(1000)  # the answer is on its way
    answers.let_go()
    tab.page.locator(".lnl-player .js-plotly-plot").first.wait_for()


def test_the_server_does_not_import_torch(fresh_server, open_tab):
    open_tab(fresh_server).open("/mlp")
    assert "libtorch" not in libraries(fresh_server.process.pid)
    workers = fresh_server.workers()
    assert workers
    assert all("libtorch" in libraries(worker) for worker in workers)


def libraries(process):
    return Path(f"/proc/{process}/maps").read_text()


def test_workers_end_with_a_server_that_is_killed():
    server = Server()
    deadline = time.monotonic() + 20
    while not (workers := server.workers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert workers
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    while any(alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(worker) for worker in workers)


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_app_works_below_a_base_path(open_tab):
    server = Server(base="/lab")
    try:
        tab = open_tab(server).open("/mlp", steps=100)
        tab.wait("p.state === 'done'")
        tab.page.close()  # it would miss its server
    finally:
        server.stop()


def test_a_player_whose_element_comes_late_into_its_page_is_shown(tab):
    tab.open("/")
    home = RECORDINGS["home"]
    data = {
        "style": "/assets/player/0/player.css",
        "plotly": PLOTLY_PATH,
        "katex": "none",
        "film": "/assets/recorded/home.film",
        "total": {
            "frames": home.config.frames,
            "steps": home.config.steps,
            "moments": home.config.total["moments"],
            "steps_per_epoch": home.config.steps_per_epoch,
        },
        "figure": home.figure,
        "label": "late",
        "themes": {"light": {}, "dark": {}},
    }
    tab.page.evaluate(
        """async (data) => {
          const { mount } = await import("/assets/player/0/player.js");
          const parent = document.createElement("div");
          parent.className = "late";
          mount(parent, data);
          await new Promise((later) => setTimeout(later, 300));
          document.querySelector(".lnl-player").before(parent);
        }""",
        data,
    )
    tab.page.locator(".late .js-plotly-plot").first.wait_for()


def test_plotly_comes_from_the_installed_package_and_nothing_from_elsewhere(open_tab, server):
    tab = open_tab(server)
    addresses: list[str] = []
    tab.page.on("request", lambda request: addresses.append(request.url))
    tab.open("/mlp")
    tab.wait("p.buffered > 3 && window.Plotly")
    assert any("plotly" in address for address in addresses)
    hosts = {address.split("/")[2] for address in addresses if "//" in address}
    assert hosts == {f"localhost:{tab.server.port}"}
    with urllib.request.urlopen(next(a for a in addresses if "plotly" in a)) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_socket_that_hangs_is_waited_for_once_and_then_polled_round(open_tab, server):
    tab = open_tab(server)
    tab.page.add_init_script(
        """{
          const Real = WebSocket;
          window.opened = 0;
          window.WebSocket = class extends EventTarget {
            static OPEN = 1;
            constructor(url, ...rest) {
              super();
              if (!String(url).includes("/runs/")) return new Real(url, ...rest);
              window.opened++;
              this.readyState = 0;
            }
            close() {}
            send() {}
          };
        }"""
    )
    tab.open("/mlp", wait=False, steps=100, width=16)
    tab.wait("p.state === 'done'")
    tried = tab.page.evaluate("window.opened")
    assert tried == 2
    tab.page.get_by_role("button", name="New seed").click()
    tab.wait("p.query.seed !== '0' && p.state === 'done'")
    assert tab.page.evaluate("window.opened") == tried
