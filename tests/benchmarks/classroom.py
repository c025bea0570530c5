"""Measure a class: `python tests/benchmarks/classroom.py MODE SESSIONS`; a server, no browser.

Each session is what a browser is to the server: Streamlit's socket, over which it asks for a page,
and the player's, over which it is sent frames and says of each message, 30 ms later, that it is
drawn. Every 15 to 25 seconds it goes on to another run, on a page that is asked for again.
MODE: `same`, all watch one run; `own`, each one of its own; `mixed`, half of each, and some in the
RNN lab. Server and load share the machine. The full figures:

    python tests/benchmarks/classroom.py same 100 --minutes 2
    python tests/benchmarks/classroom.py same 100 --minutes 2 --together
    python tests/benchmarks/classroom.py own 100 --minutes 3
    python tests/benchmarks/classroom.py own 30 --minutes 3
    python tests/benchmarks/classroom.py mixed 60 --minutes 30 --kill-worker --kill-server

`--together`: all ask for their pages in the same moment. `--kill-worker`: half-way, a worker is
killed; `--kill-server`: at three quarters the server is, and started again. Each session then
connects again and asks for the frames that it does not have. `--smoke`: a moment, all of it.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[2]))

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.browser.conftest import Server

DRAWING = 0.03  # seconds that a browser takes to draw a message
STAY = (15.0, 25.0)  # seconds on one run
ARRIVE = 5.0  # seconds within which all come in, if not together
REPORT = 15.0  # seconds from one line of memory to the next
RETRY, RETRIES = 0.5, 60  # seconds between two tries to connect, and how many there are
LOST = (OSError, WebSocketException, TimeoutError)  # a connection


@dataclass
class Figures:
    """What all sessions together have seen, in seconds."""

    answers: list[float] = field(default_factory=list)  # of pages
    firsts: list[float] = field(default_factory=list)  # from asking for a run to its first frame
    gaps: list[float] = field(default_factory=list)  # between two updates of a run in training
    frames: Counter[int] = field(default_factory=Counter)  # by session
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)


def quantile(values: list[float], share: float) -> float:
    """Give the value below which a share of them lies; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def run_of(
    mode: str, index: int, turn: int, chance: random.Random
) -> tuple[str, dict[str, object]]:
    """Give the page and the settings of a session's next run."""
    if mode == "same" or (mode == "mixed" and index % 2 == 0):
        return "mlp", {"seed": turn // 2}  # long enough for all to watch the same one
    seed = chance.randrange(10**6)
    if mode == "mixed" and index % 10 == 1:
        return "rnn", {"seed": seed, "task": "adding"}
    return "mlp", {"seed": seed, "batch_size": chance.choice([1, 2, 8, 32]), "steps": 5000}


class Session:
    """One browser's share of the traffic."""

    def __init__(self, index: int, server: Server, figures: Figures, mode: str) -> None:
        self.index, self.figures, self.mode = index, figures, mode
        self.host, self.chance = f"localhost:{server.port}", random.Random(index)
        self.key, self.held = "", 0  # the run that is shown, and how many of its frames are here

    async def attend(self, until: float, together: asyncio.Barrier | None) -> None:
        """Go from run to run until it is over."""
        await asyncio.sleep(0 if together else self.chance.uniform(0, ARRIVE))
        for turn in itertools.count():
            if time.perf_counter() >= until:
                if together:
                    await together.abort()
                return
            page, settings = run_of(self.mode, self.index, turn, self.chance)
            stay = min(until, time.perf_counter() + self.chance.uniform(*STAY))
            if together:
                stay = min(until, time.perf_counter() + sum(STAY) / 2)
                with contextlib.suppress(asyncio.BrokenBarrierError):  # some are done
                    await together.wait()
            for _ in range(RETRIES):
                try:
                    await self.visit(page, urlencode(settings), settings, stay)
                    break
                except LOST:
                    await asyncio.sleep(RETRY)
            else:
                self.figures.errors["no connection"] += 1

    async def visit(self, page: str, query: str, settings: dict[str, object], until: float) -> None:
        """Ask for a page, then watch its run."""
        if self.key != f"{page}?{query}":
            self.key, self.held = f"{page}?{query}", 0
        streamlit = f"ws://{self.host}/_stcore/stream"
        origin = f"http://{self.host}"
        async with connect(
            streamlit, origin=origin, subprotocols=[Subprotocol("streamlit")], max_size=None
        ) as socket:
            await self.ask_for_page(socket, page, query)
            async with connect(
                f"ws://{self.host}/runs/{page}", origin=origin, max_size=None
            ) as player:
                texts = {name: str(value) for name, value in settings.items()}
                asked = {"show": texts, "from": self.held, "id": 1}
                await player.send(json.dumps(asked))
                await self.watch(player, until)
            # A run that has been seen to its end stays on screen.
            await asyncio.sleep(max(0.0, until - time.perf_counter()))

    async def ask_for_page(self, socket: ClientConnection, page: str, query: str) -> None:
        """Have a page's script run, and hear it out."""
        begun, has_player = time.perf_counter(), False
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        await socket.send(asked.SerializeToString())
        while True:
            async with asyncio.timeout(60):
                heard = ForwardMsg.FromString(await socket.recv())
            kind = heard.WhichOneof("type")
            if kind == "delta":
                has_player |= heard.delta.new_element.WhichOneof("type") == "bidi_component"
            elif kind == "script_finished":
                break
        self.figures.answers.append(time.perf_counter() - begun)
        if not has_player:
            self.figures.errors[f"{page}: no player"] += 1

    async def watch(self, player: ClientConnection, until: float) -> None:
        """Take a run's frames in, until its end or until it is time to go on."""
        begun = last = time.perf_counter()
        while (left := until - time.perf_counter()) > 0:
            try:
                async with asyncio.timeout(left):
                    message = await player.recv()
            except TimeoutError:
                return
            size = int.from_bytes(message[:4], "little")
            status, count = json.loads(message[4 : 4 + size]), frames_in(message[4 + size :])
            if status["state"] == "failed":
                self.fail(status["error"])
                return
            now = time.perf_counter()
            if count:
                if status["from"] != self.held:
                    self.fail(f"frame {status['from']} came after frame {self.held - 1}")
                (self.figures.gaps if self.held else self.figures.firsts).append(
                    now - (last if self.held else begun)
                )
                self.held, last = status["from"] + count, now
                self.figures.frames[self.index] += count
            if status["state"] == "done":
                return
            await asyncio.sleep(DRAWING)
            await player.send('{"drawn": true}')

    def fail(self, error: str) -> None:
        """Note what went wrong."""
        if "lab is full" in error:
            self.figures.refused += 1
        else:
            self.figures.errors[error] += 1


def frames_in(packed: bytes) -> int:
    """Count the frames that stand one after the other."""
    count = at = 0
    while at < len(packed):
        at += 4 + int.from_bytes(packed[at : at + 4], "little")
        count += 1
    return count


def megabytes(process: int, kind: str) -> float:
    """Give a process' memory, Rss or Pss: what is shared divided by the sharers; 0 of none."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024


def cpu_seconds(process: int) -> float:
    """Give the processor time that a process has taken; NaN once it is gone."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


async def report(server: Server, begun: float, every: float) -> None:
    """Print the memory now and then."""
    while True:
        own, *workers = processes = [server.process.pid, *sorted(server.workers())]
        told = ", ".join(f"{megabytes(one, 'Rss'):.0f}" for one in workers)
        print(
            f"  at {time.perf_counter() - begun:5.0f} s: server {megabytes(own, 'Rss'):.0f} MB, "
            f"workers {told} MB, together {sum(megabytes(one, 'Pss') for one in processes):.0f} MB",
            flush=True,
        )
        await asyncio.sleep(every)


async def disturb(server: Server, order: argparse.Namespace, seconds: float) -> None:
    """Kill a worker half-way, and the server at three quarters, as ordered."""
    await asyncio.sleep(seconds / 2)
    if order.kill_worker:
        print("  a worker is killed", flush=True)
        os.kill(server.workers()[0], signal.SIGKILL)
    await asyncio.sleep(seconds / 4)
    if order.kill_server:
        print("  the server is killed, and started again", flush=True)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)


async def measure(server: Server, order: argparse.Namespace) -> Figures:
    """Let a class attend."""
    figures, begun = Figures(), time.perf_counter()
    seconds = 60 * order.minutes
    together = asyncio.Barrier(order.sessions) if order.together else None
    sessions = [Session(at, server, figures, order.mode) for at in range(order.sessions)]
    others = [
        asyncio.create_task(report(server, begun, min(REPORT, seconds / 3))),
        asyncio.create_task(disturb(server, order, seconds)),
    ]
    cpu = cpu_seconds(server.process.pid)
    await asyncio.gather(*(one.attend(begun + seconds, together) for one in sessions))
    for other in others:
        other.cancel()
    took = time.perf_counter() - begun
    served = [figures.frames[at] for at in range(order.sessions)]
    print(f"  frames a second {sum(served) / took:.0f}; least served {min(served) / took:.1f}")
    for name, values, unit in (
        ("page answers, ms", figures.answers, 1000),
        ("first frames, s", figures.firsts, 1),
        ("gaps between updates, s", figures.gaps, 1),
    ):
        shares = (f"{unit * quantile(values, share):.2f}" for share in (0.5, 0.95, 1.0))
        print(f"  {name}: median, p95, max: {', '.join(shares)} of {len(values)}")
    if not order.kill_server:
        share = (cpu_seconds(server.process.pid) - cpu) / took
        print(f"  server: {100 * share:.0f} % of a core")
    print(f"  refused {figures.refused}, errors {figures.errors.total()}")
    for error, count in figures.errors.most_common(5):
        print(f"    {count} times: {error}")
    return figures


def main() -> None:
    as_is = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_is)
    parser.add_argument("mode", nargs="?", choices=["same", "own", "mixed"], default="mixed")
    parser.add_argument("sessions", nargs="?", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--kill-worker", action="store_true")
    parser.add_argument("--kill-server", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    order = parser.parse_args()
    if order.smoke:
        order.sessions, order.minutes, order.kill_worker = 6, 0.3, True
    with Server() as server:
        print(f"{order.sessions} sessions, {order.mode}, {order.minutes:g} minutes")
        figures = asyncio.run(measure(server, order))
    if figures.errors or not figures.gaps:
        raise SystemExit("something went wrong")


if __name__ == "__main__":
    main()
