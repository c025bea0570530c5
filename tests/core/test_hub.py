"""The hub: fairness, leases, memory, and what happens when things die."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from ln_core.runs import crew as crew_module
from ln_core.runs import hub as hub_module
from ln_core.runs import worker as worker_module
from ln_core.runs.crew import Processes
from ln_core.runs.frame import join, pack
from ln_core.runs.hub import Hub, HubFullError
from ln_core.runs.machine import LARGEST
from ln_core.runs.open_films import OpenFilms
from ln_core.runs.worker import Slice, run_slice, spawn_executor
from tests.core.fake_film import COUNT, CountConfig, frames_of


def in_thread():
    return ThreadPoolExecutor(max_workers=1)


def with_hub(scenario, *, workers=1, make_executor=in_thread, film_bytes=LARGEST[1], **options):
    async def main():
        hub = Hub({"count": COUNT}, Processes(make_executor, workers, film_bytes), **options)
        async with asyncio.timeout(30), hub.running():
            return await scenario(hub)

    return asyncio.run(main())


async def finish(hub, config):
    """Watch a run until it is done or failed."""
    while True:
        run = await hub.watch(COUNT, config)
        changed = run.log.changed
        if run.state in ("done", "failed"):
            return run
        await asyncio.wait({asyncio.create_task(changed.wait())}, timeout=1)


async def begun(hub, configs):
    """Watch runs until each has a frame."""
    runs = [await hub.watch(COUNT, config) for config in configs]
    while not all(run.log.frames for run in runs):
        await asyncio.sleep(0.01)
    return runs


def expected(config):
    return [pack(join(shards)) for shards in zip(*frames_of(config), strict=True)]


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_run_is_filmed_to_its_last_frame(shards):
    config = CountConfig(parts=shards, seed=2)

    async def scenario(hub):
        return (await finish(hub, config)).log.frames

    assert with_hub(scenario) == expected(config)


def test_one_run_serves_all_who_watch_the_same_config():
    async def scenario(hub):
        runs = [await hub.watch(COUNT, CountConfig(seed=4)) for _ in range(30)]
        other = await hub.watch(COUNT, CountConfig(seed=5))
        return runs, other

    runs, other = with_hub(scenario)
    assert all(run is runs[0] for run in runs)
    assert other is not runs[0]


def test_a_still_goes_first():
    """It takes no longer than a slice of the films that wait for their turn."""
    films = [CountConfig(length=400, pause_ms=2, seed=seed) for seed in range(5)]

    async def scenario(hub):
        runs = await begun(hub, films)
        held = [len(run.log.frames) for run in runs]
        await finish(hub, CountConfig(length=1))
        return sum(len(run.log.frames) > before for run, before in zip(runs, held, strict=True))

    assert with_hub(scenario) <= 1  # the one whose slice it waited for


def test_runs_take_turns():
    configs = [CountConfig(length=400, pause_ms=2, seed=seed) for seed in range(3)]

    async def scenario(hub):
        runs = [await hub.watch(COUNT, config) for config in configs]
        while max(len(run.log.frames) for run in runs) < 150:
            await asyncio.sleep(0.02)
        return [len(run.log.frames) for run in runs]

    counts = with_hub(scenario)
    assert min(counts) > 60, counts  # none waits for another to end


def test_a_run_that_nobody_watches_pauses_and_goes_on_when_it_is_watched_again(monkeypatch):
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", 0.2)
    config = CountConfig(length=200, pause_ms=5)

    async def scenario(hub):
        run = await hub.watch(COUNT, config)
        await asyncio.sleep(0.6)  # the lease runs out meanwhile
        paused = len(run.log.frames)
        await asyncio.sleep(0.4)
        still = len(run.log.frames)
        monkeypatch.setattr(hub_module, "LEASE_SECONDS", 10.0)
        return paused, still, (await finish(hub, config)).log.frames

    paused, still, frames = with_hub(scenario)
    assert 0 < paused == still < 200
    assert frames == expected(config)


def test_logs_are_bounded_and_the_least_recently_watched_goes_first(monkeypatch):
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", 0.05)
    frame = len(expected(CountConfig())[0])

    async def scenario(hub):
        runs = []
        for seed in range(4):  # with 20 frames each; there is room for 50
            runs.append(await finish(hub, CountConfig(seed=seed)))
            await asyncio.sleep(0.1)
        again = [await hub.watch(COUNT, CountConfig(seed=seed)) for seed in (3, 2)]
        return runs, again, await finish(hub, CountConfig(seed=0))

    runs, again, remade = with_hub(scenario, log_bytes=50 * frame)
    assert again == [runs[3], runs[2]]
    assert remade is not runs[0]
    assert remade.log.frames == runs[0].log.frames


def test_a_full_lab_says_so_and_takes_nothing_from_those_who_watch(monkeypatch):
    monkeypatch.setattr(hub_module, "WATCHED_RUNS", 2)

    async def scenario(hub):
        runs = [await hub.watch(COUNT, CountConfig(seed=seed)) for seed in range(2)]
        with pytest.raises(HubFullError, match="2 runs are being watched"):
            await hub.watch(COUNT, CountConfig(seed=2))
        assert [await hub.watch(COUNT, CountConfig(seed=seed)) for seed in range(2)] == runs

    with_hub(scenario)


def test_a_run_that_is_too_large_for_the_machine_is_refused_with_what_helps():
    async def scenario(hub):
        with pytest.raises(HubFullError, match="takes 1 MB of memory, and the lab has 0 MB"):
            await hub.watch(COUNT, CountConfig())

    with_hub(scenario, film_bytes=500_000)


def test_a_hundred_runs_are_taken_on_and_the_last_has_its_first_frame_before_the_first_ends():
    configs = [CountConfig(length=200, pause_ms=1, seed=seed) for seed in range(100)]

    async def scenario(hub):
        return [len(run.log.frames) for run in await begun(hub, configs)]

    assert max(with_hub(scenario, workers=2)) < 100


def test_a_worker_without_work_helps_one_that_has_too_much(monkeypatch):
    moved: list[int] = []

    def noted(order):
        moved.extend([order.moved.aside.frames] if order.moved else [])
        return worker_module.run_slice(order)

    monkeypatch.setattr(crew_module, "run_slice", noted)
    configs = [CountConfig(length=60, pause_ms=20, seed=seed) for seed in range(4)]

    async def scenario(hub):
        runs = [await hub.watch(COUNT, config) for config in configs]
        while not all(len(run.log.frames) >= 3 for run in runs):
            await asyncio.sleep(0.01)
        for run in runs:
            run.shards[0].owner = 0  # as if the other worker came later
        done = await asyncio.gather(*(finish(hub, config) for config in configs))
        return {run.shards[0].owner for run in done}, [run.log.frames for run in done]

    owners, frames = with_hub(scenario, workers=2)
    assert owners == {0, 1}
    assert moved
    assert min(moved) >= 3, "what was begun is not begun anew"
    assert frames == [expected(config) for config in configs]


def test_runs_that_nobody_watches_and_that_hold_nothing_are_forgotten(monkeypatch):
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", -1.0)

    async def scenario(hub):
        for seed in range(100):
            await hub.watch(COUNT, CountConfig(seed=seed))
        return len(hub._runs), len(hub._shards)

    assert with_hub(scenario, workers=0) == (1, 1)


def test_more_runs_than_a_worker_can_hold_open_are_all_filmed(monkeypatch):
    size = worker_module.memory_of(CountConfig(), ("part0",))
    monkeypatch.setattr(worker_module, "_films", OpenFilms(most_bytes=2 * size))
    configs = [CountConfig(length=60, pause_ms=3, seed=seed) for seed in range(5)]

    async def scenario(hub):
        runs = await asyncio.gather(*(finish(hub, config) for config in configs))
        return [run.log.frames for run in runs]

    assert with_hub(scenario) == [expected(config) for config in configs]


def test_two_workers_take_turns_over_all_runs():
    configs = [CountConfig(length=2000, pause_ms=2, seed=seed) for seed in range(4)]

    async def scenario(hub):
        runs = [await hub.watch(COUNT, config) for config in configs]
        while max(len(run.log.frames) for run in runs) < 150:
            await asyncio.sleep(0.02)
        return [len(run.log.frames) for run in runs]

    # A film that moves to the other worker needs torch, which all that train have imported.
    counts = with_hub(scenario, workers=2, make_executor=lambda: spawn_executor(("torch",)))
    assert min(counts) > 50, counts


def test_a_picture_is_made_by_the_worker_that_made_the_last_one_like_it():
    async def scenario(hub):
        runs = [await finish(hub, CountConfig(length=1, seed=seed)) for seed in range(8)]
        return {run.shards[0].owner for run in runs}

    assert len(with_hub(scenario, workers=4)) == 1


def test_what_one_worker_would_do_best_is_shared_where_there_is_more_of_it():
    async def scenario(hub):
        await finish(hub, CountConfig(length=1))
        run = await finish(hub, CountConfig(length=1, pause_ms=200, parts=3))
        return {shard.owner for shard in run.shards}

    assert with_hub(scenario, workers=3) == {0, 1, 2}


def test_a_frame_that_cannot_be_appended_ends_its_run_and_no_other(monkeypatch):
    append = hub_module.Run.append

    def refuse(run, shard, frames, now):
        if run.config.seed == 1:
            raise ValueError("shards of a frame must share a step")
        append(run, shard, frames, now)

    monkeypatch.setattr(hub_module.Run, "append", refuse)

    async def scenario(hub):
        return await finish(hub, CountConfig(seed=1)), await finish(hub, CountConfig(seed=2))

    failed, other = with_hub(scenario)
    assert "must share a step" in failed.error
    assert other.state == "done"


def test_a_failed_run_is_tried_again_when_it_is_asked_for_later(monkeypatch):
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", 0.1)

    async def scenario(hub):
        failed = await finish(hub, CountConfig(fails=True))
        await asyncio.sleep(0.3)
        return failed, await hub.watch(COUNT, CountConfig(fails=True))

    failed, again = with_hub(scenario)
    assert failed.state == "failed"
    assert again is not failed


def test_an_error_while_training_ends_that_run_and_no_other():
    async def scenario(hub):
        failed = await finish(hub, CountConfig(fails=True))
        return failed, await finish(hub, CountConfig())

    failed, other = with_hub(scenario)
    assert failed.state == "failed"
    assert "five is too many" in failed.error
    assert other.state == "done"


def test_a_worker_that_dies_is_replaced_and_its_runs_go_on_with_identical_frames(
    tmp_path, monkeypatch
):
    deaths = tmp_path / "deaths"
    deaths.touch()
    monkeypatch.setenv("FAKE_FILM_DEATHS", str(deaths))
    config = CountConfig(dies=1, seed=3, pause_ms=20)  # frames before the death are in the log
    bystander = CountConfig(seed=9, length=300, pause_ms=2)

    async def scenario(hub):
        both = await asyncio.gather(finish(hub, config), finish(hub, bystander))
        return [run.log.frames for run in both]

    frames, others = with_hub(scenario, make_executor=spawn_executor)
    assert deaths.read_text() == "x"
    assert frames == expected(CountConfig(seed=3))
    assert others == expected(bystander)


def test_workers_that_were_killed_while_idle_are_replaced_and_no_run_is_blamed():
    executors = []

    def make():
        executors.append(spawn_executor())
        return executors[-1]

    async def scenario(hub):
        await finish(hub, CountConfig(seed=1))
        for executor in executors[:4]:
            for process in list(executor._processes.values()):
                process.kill()
                process.join()
        return await finish(hub, CountConfig(seed=2))

    run = with_hub(scenario, make_executor=make, workers=4)
    assert run.state == "done"
    assert run.log.frames == expected(CountConfig(seed=2))


def test_a_run_whose_process_dies_again_and_again_is_given_up(tmp_path, monkeypatch):
    deaths = tmp_path / "deaths"
    deaths.touch()
    monkeypatch.setenv("FAKE_FILM_DEATHS", str(deaths))

    async def scenario(hub):
        failed = await finish(hub, CountConfig(dies=9))
        return failed, await finish(hub, CountConfig())

    failed, other = with_hub(scenario, make_executor=spawn_executor)
    assert failed.state == "failed"
    assert "died 3 times" in failed.error
    assert other.state == "done"


def test_a_slice_is_bounded_in_time_and_the_next_goes_on_where_it_ended():
    config = CountConfig(length=30, pause_ms=10, seed=8)
    got: list[bytes] = []
    slices = 0
    while len(got) < 30:
        order = Slice(
            experiment=COUNT, config=config, shard=("part0",), first=len(got), seconds=0.05
        )
        got += run_slice(order)
        slices += 1
    assert slices >= 5
    assert got == expected(config)


def test_a_film_that_was_closed_is_made_again_up_to_where_it_was():
    config = CountConfig(seed=6)
    order = Slice(experiment=COUNT, config=config, shard=("part0",), first=12)
    assert run_slice(order) == expected(config)[12:]
