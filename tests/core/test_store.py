"""The store: films outlive the server, and nothing but the very film is ever taken for it."""

import asyncio
import errno
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.runs import fingerprint as fingerprint_module
from ln_core.runs import hub as hub_module
from ln_core.runs import store as store_module
from ln_core.runs.crew import Processes
from ln_core.runs.film_file import read_facts, read_film, write_facts, write_film, write_whole
from ln_core.runs.fingerprint import code_of, differences, fingerprint
from ln_core.runs.frame import join, pack
from ln_core.runs.hub import Hub
from ln_core.runs.store import Store, store_of_environment
from tests.core.fake_film import COUNT, CountConfig, frames_of

ORIGIN = {"code": "1", "torch": "2"}
FILM = [pack(join(shards)) for shards in zip(*frames_of(CountConfig()), strict=True)]
LIGHT = "import sys; import app; print([n for n in ('torch', 'distributed') if n in sys.modules])"


def expected(config):
    return [pack(join(shards)) for shards in zip(*frames_of(config), strict=True)]


class Servers:
    """Servers, one after the other, that count what they train."""

    def __init__(self, folder):
        self.folder, self.trained = folder, 0

    def watch(self, *configs, lease=60.0):
        """Watch runs, one after the other, on a new server; give their frames."""

        async def main():
            hub = Hub({"count": COUNT}, Processes(self._executor, 1), store=Store(self.folder))
            async with asyncio.timeout(30), hub.running():
                return [(await self._finish(hub, config)).log.frames for config in configs]

        return asyncio.run(main())

    def _executor(self):
        servers = self

        class Counting(ThreadPoolExecutor):
            def submit(self, *args, **more):
                servers.trained += 1
                return super().submit(*args, **more)

        return Counting(max_workers=1)

    async def _finish(self, hub, config):
        while True:
            run = await hub.watch(COUNT, config)
            changed = run.log.changed
            if run.state == "done":
                return run
            await asyncio.wait({asyncio.create_task(changed.wait())}, timeout=1)


@pytest.fixture
def servers(tmp_path):
    return Servers(tmp_path / "films")


@pytest.mark.parametrize("parts", [1, 3])
def test_a_run_is_trained_once_for_all_servers_that_share_a_folder(servers, parts):
    config = CountConfig(parts=parts, seed=7)
    assert servers.watch(config) == [expected(config)]
    trained = servers.trained
    assert trained >= parts
    assert servers.watch(config) == [expected(config)]
    assert servers.trained == trained


def test_another_run_is_trained(servers):
    servers.watch(CountConfig(seed=1))
    trained = servers.trained
    assert servers.watch(CountConfig(seed=2)) == [expected(CountConfig(seed=2))]
    assert servers.trained > trained


def test_what_is_computed_at_once_is_not_kept(servers):
    servers.watch(CountConfig(length=1))
    assert not servers.folder.exists()


def damage_frames(film):
    data = bytearray(film.with_suffix(".film").read_bytes())
    data[len(data) // 2] ^= 1
    film.with_suffix(".film").write_bytes(data)


def cut_frames(film):
    os.truncate(film.with_suffix(".film"), 100)


def lose_frames(film):
    film.with_suffix(".film").unlink()


def lose_facts(film):
    film.with_suffix(".json").unlink()


def empty_facts(film):
    film.with_suffix(".json").write_text("")


def strange_facts(film):
    film.with_suffix(".json").write_text("[1, 2]")


def bare_facts(film):
    film.with_suffix(".json").write_text("{}")


def binary_facts(film):
    film.with_suffix(".json").write_bytes(b"\xff\xfe")


def swap_frames(film):
    """Put another run's whole film into the place of this one."""
    other = Store(film.parent)
    other.write("other", ORIGIN, FILM)
    (foreign,) = (path for path in film.parent.glob("*.json") if path.stem != film.name)
    for suffix in (".film", ".json"):
        foreign.with_suffix(suffix).replace(film.with_suffix(suffix))


def folder_for_facts(film):
    film.with_suffix(".json").unlink()
    film.with_suffix(".json").mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        damage_frames,
        cut_frames,
        lose_frames,
        lose_facts,
        empty_facts,
        strange_facts,
        bare_facts,
        binary_facts,
        swap_frames,
        folder_for_facts,
    ],
)
def test_a_damaged_or_foreign_file_is_ignored_and_the_run_trained_again(servers, spoil):
    config = CountConfig(seed=3)
    servers.watch(config)
    (facts,) = servers.folder.glob("*.json")
    spoil(facts.with_suffix(""))
    trained = servers.trained
    assert servers.watch(config) == [expected(config)]
    assert servers.trained > trained
    if spoil is not folder_for_facts:  # in whose place nothing can be kept
        trained = servers.trained
        assert servers.watch(config) == [expected(config)]
        assert servers.trained == trained


@pytest.mark.parametrize("name", ["code", "data", "python", "torch", "numpy", "processor"])
def test_a_film_that_something_else_made_is_not_taken(servers, monkeypatch, name):
    config = CountConfig(seed=4)
    servers.watch(config)
    made = fingerprint(COUNT.module)
    assert name in made
    monkeypatch.setattr("ln_core.runs.archive.fingerprint", lambda module: {**made, name: "other"})
    if name == "processor":
        monkeypatch.setattr("ln_core.runs.crew.processor", lambda: "other")
    trained = servers.trained
    servers.watch(config)
    assert servers.trained > trained


@pytest.mark.parametrize("folder", ["file/films", "full"])
def test_a_folder_that_cannot_be_written_stops_no_run(tmp_path, monkeypatch, caplog, folder):
    (tmp_path / "file").touch()

    def refuse(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    if folder == "full":
        monkeypatch.setattr("ln_core.runs.film_file.write_whole", refuse)
    servers = Servers(tmp_path / folder)
    assert servers.watch(CountConfig(seed=5)) == [expected(CountConfig(seed=5))]
    assert "is not kept" in caplog.text


def test_the_least_recently_watched_films_make_room(tmp_path):
    store = Store(tmp_path)
    store.write("size", ORIGIN, FILM)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    store = Store(tmp_path / "films", most_bytes=3 * size + size // 2)
    now = time.time()
    for age, key in enumerate(["k0", "k1", "k2"]):
        store.write(key, ORIGIN, FILM)
        for path in (tmp_path / "films").iterdir():
            if read_facts(path)["key"] == key:
                os.utime(path, (now - 300 + age, now - 300 + age))
    assert store.read("k0", ORIGIN) == FILM  # watched again: now the latest
    store.write("k3", ORIGIN, FILM)
    kept = [key for key in ("k0", "k1", "k2", "k3") if store.read(key, ORIGIN)]
    assert kept == ["k0", "k2", "k3"]
    assert sum(path.stat().st_size for path in (tmp_path / "films").iterdir()) <= 3.5 * size


def test_a_film_that_is_watched_from_memory_is_watched_in_the_store_too(servers, monkeypatch):
    config = CountConfig(seed=6)
    servers.watch(config)
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", -1.0)  # nobody watches any more
    (facts,) = servers.folder.glob("*.json")

    async def main():
        hub = Hub({"count": COUNT}, Processes(servers._executor, 1), store=Store(servers.folder))
        async with hub.running():
            await servers._finish(hub, config)
            os.utime(facts, (1, 1))
            await hub.watch(COUNT, config)

    asyncio.run(main())
    assert facts.stat().st_mtime > 1


def test_what_else_lies_in_the_folder_stays_and_what_was_never_finished_goes(tmp_path):
    others = [tmp_path / name for name in ("thesis.film", "photo.json", f"{'z' * 32}.film")]
    name = "0" * 32
    left = tmp_path / f".{name}.film.{name}.new"
    for path in (*others, left):
        path.write_bytes(bytes(1000))
        os.utime(path, (1, 1))
    Store(tmp_path, most_bytes=0).write("key", ORIGIN, FILM)
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_a_film_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "one.film"
    write_whole(path, b"one")

    def refuse(aside, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert [*tmp_path.iterdir()] == [path]


def test_frames_come_back_as_they_were_and_a_checksum_tells(tmp_path):
    write_film(tmp_path / "film", FILM, {"about": "counting"})
    assert read_film(tmp_path / "film") == FILM
    facts = read_facts(tmp_path / "film")
    assert facts["about"] == "counting"
    write_facts(tmp_path / "film", {**facts, "sha256": "0"})
    with pytest.raises(ValueError, match="film must have the SHA-256 0, got "):
        read_film(tmp_path / "film")


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """The project's sources, copied: to be changed."""
    shutil.copytree(fingerprint_module.ROOT / "ln_core", tmp_path / "ln_core")
    monkeypatch.setattr(fingerprint_module, "ROOT", tmp_path)
    fingerprint_module._source.cache_clear()
    yield tmp_path / "ln_core"
    fingerprint_module._source.cache_clear()


@pytest.mark.parametrize(
    ("experiment", "file", "matters"),
    [
        ("mlp", "race/trainer.py", True),
        ("mlp", "training/optimizers.py", True),
        ("mlp", "race/config.py", True),  # its defaults, which a key leaves out
        ("mlp", "runs/frame.py", True),
        ("mlp", "norms.py", False),
        ("mlp", "race/figure.py", False),
        ("mlp", "recurrent/trainer.py", False),
        ("mlp", "runs/hub.py", False),
        ("rnn", "recurrent/cells.py", True),
        ("rnn", "race/trainer.py", False),
        ("paper-convnet", "paper/convnet/network.py", True),
    ],
)
def test_the_code_of_a_run_is_what_its_trainer_imports_and_no_other(
    sources, experiment, file, matters
):
    module = EXPERIMENTS[experiment].module
    before = code_of([module])
    with (sources / file).open("a") as source:
        source.write("\n# changed\n")
    assert code_of([module]) == before  # what runs is what stood there before
    fingerprint_module._source.cache_clear()
    assert (code_of([module]) != before) is matters


def test_every_module_that_an_import_loads_is_in_the_code_of_a_run():
    """Against Python itself, for the whole list of experiments."""
    modules = [one.module for one in EXPERIMENTS.values()]
    script = (
        "import importlib, sys; from ln_core.runs import fingerprint as f\n"
        "[importlib.import_module(name) for name in sys.argv[1:]]\n"
        "own = {n for n in sys.modules if n.startswith('ln_core.') and f._source(n)}\n"
        "seen = []; find = f._source\n"
        "f._source = lambda name: (seen.append(name), find(name))[1]\n"
        "f.code_of(sys.argv[1:])\n"
        "packages = {n for n in own if hasattr(sys.modules[n], '__path__')}\n"
        "print(sorted(own - set(seen) - packages - {'ln_core.runs.fingerprint'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *modules], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_difference_is_said_in_words():
    own = {"code": "1", "torch": "2.13.0"}
    assert differences(own, own) == ""
    assert differences(own, {"code": "1", "torch": "2.12.0"}) == "torch is 2.12.0, here 2.13.0"
    assert differences(own, {"torch": "2.13.0"}) == "code is unknown, here 1"


def test_the_server_begins_without_torch():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("variables", "platform", "folder"),
    [
        ({}, "linux", "/home/ada/.cache/layer-norm-lab"),
        ({"XDG_CACHE_HOME": "/fast"}, "linux", "/fast/layer-norm-lab"),
        ({}, "darwin", "/home/ada/Library/Caches/layer-norm-lab"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/layer-norm-lab"),
        ({"LN_LAB_STORE": "/films"}, "linux", "/films"),
        ({"LN_LAB_STORE": "~/films"}, "linux", "/home/ada/films"),
        ({"LN_LAB_STORE": "off"}, "linux", None),
    ],
)
def test_the_environment_says_where_films_are_kept(monkeypatch, variables, platform, folder):
    for name in ("LN_LAB_STORE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ada", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(store_module.sys, "platform", platform)
    store = store_of_environment()
    assert (store and store.folder) == (folder and Path(folder))


def test_tests_leave_the_users_films_alone():
    assert store_of_environment() is None
