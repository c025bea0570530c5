"""Servers with a cluster: they wait for workers; one of two behind the README's proxy is killed."""

import re
import signal
import time
from types import SimpleNamespace

import pytest

from tests.browser.conftest import ROOT, Server
from tests.browser.proxies import find_haproxy, proxied
from tests.browser.test_lab import NUMBERS
from tests.core.dask_processes import DaskProcesses

pytestmark = pytest.mark.slow
RNN_QUESTION = "The same cell, step after step: what does normalization do to memory?"
RUN = {"data": "mnist", "width": 64, "steps": 400, "variants": "none,batch,layer"}


def configuration(servers):
    """Give the configuration in the README, for these servers."""
    (text,) = re.findall(r"```haproxy\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    for host, server in zip(("HOST1", "HOST2"), servers, strict=True):
        assert text.count(f"{host}:8501") == 2
        text = text.replace(f"{host}:8501", f"127.0.0.1:{server.port}")
    return text


@pytest.fixture
def dask():
    """A cluster without a worker."""
    pytest.importorskip("distributed", reason="needs requirements-cluster.txt")
    processes = DaskProcesses()
    processes.scheduler()
    yield processes
    processes.end()


@pytest.fixture
def farm(dask, tmp_path):
    """A proxy, two servers and a cluster of one worker."""
    find_haproxy()
    worker = dask.worker()
    shared = {"LN_LAB_STORE": str(tmp_path / "store"), "LN_LAB_SCHEDULER": dask.address}
    with (
        Server(**shared) as one,
        Server(**shared) as two,
        proxied(configuration([one, two]), tmp_path) as proxy,
    ):
        yield SimpleNamespace(servers={"one": one, "two": two}, worker=worker, proxy=proxy)
    worker.send_signal(signal.SIGCONT)


def test_a_page_says_that_it_waits_for_workers_until_one_comes(dask, open_tab):
    with Server(LN_LAB_SCHEDULER=dask.address) as server:
        tab = open_tab(server).open("/mlp", wait=False, steps=50)
        said = tab.page.locator(".lnl-news")
        said.get_by_text(f"The cluster at {dask.address} has no worker that is ready.").wait_for()
        time.sleep(7)  # longer than what passes by is shown
        assert "Waiting to train" in said.inner_text()
        dask.all[0].kill()
        said.get_by_text(f"The scheduler {dask.address} does not answer.").wait_for()
        dask.scheduler()
        dask.worker()
        tab.wait("p.state === 'done'", 120)
        assert "Waiting" not in said.inner_text()


def server_of(tab):
    """The name of the server that a tab is sent to."""
    (cookie,) = (one for one in tab.page.context.cookies() if one["name"] == "lab")
    return cookie["value"]


def test_two_servers_show_one_training_and_the_pages_of_a_lost_one_go_on_with_the_other(
    farm, open_tab
):
    first = open_tab(farm.proxy, check_errors=False).open("/mlp", **RUN)
    first.wait("p.state === 'done' && p.settled", 120)
    others = open_tab(farm.proxy).open("/mlp", wait=False, steps=10)  # the worker is known to both
    others.wait("p.state === 'done'", 60)
    assert server_of(others) != server_of(first)

    farm.worker.send_signal(signal.SIGSTOP)  # now nobody trains
    others.open("/mlp", **RUN)
    others.wait("p.state === 'done' && p.settled")
    assert others.page.evaluate(NUMBERS) == first.page.evaluate(NUMBERS)
    farm.worker.send_signal(signal.SIGCONT)

    first.open("/mlp", **{**RUN, "steps": 2000}, at=200)
    first.wait("!p.playing && p.settled && p.step === 200", 60)
    address = first.page.url
    farm.servers[server_of(first)].kill()
    first.wait("p.state === 'done'", 60)
    assert first.get("step") == 200
    assert first.page.url == address
    # Streamlit's own session is a new one, and it answers.
    first.open("/rnn", steps=20, seeds=1)
    first.page.get_by_role("heading", name=RNN_QUESTION).wait_for()
    assert server_of(first) == server_of(others)
