"""The crew of a Dask cluster: a real scheduler and real workers, which are killed in mid-run."""

import asyncio
import importlib.util
import signal
import socket

import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.race.config import MlpConfig
from ln_core.runs import cluster as cluster_module
from ln_core.runs.cluster import Cluster, crew_of_environment
from ln_core.runs.crew import DisconnectedError, Processes
from ln_core.runs.frame import join, pack
from ln_core.runs.hub import Hub
from tests.core.dask_processes import DaskProcesses
from tests.core.fake_film import COUNT, CountConfig, frames_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("distributed") is None, reason="needs requirements-cluster.txt"
    ),
]
LONG = CountConfig(length=100, pause_ms=30, parts=2, seed=3)
LONGEST = 60  # seconds that anything here may take on a busy machine


def expected(config):
    return [pack(join(shards)) for shards in zip(*frames_of(config), strict=True)]


@pytest.fixture
def dask():
    processes = DaskProcesses()
    yield processes
    processes.end()


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def with_cluster(dask, scenario, experiment=COUNT):
    async def main():
        crew = Cluster(dask.address, (experiment.module,))
        hub = Hub({experiment.name: experiment}, crew)
        async with asyncio.timeout(LONGEST), hub.running():
            return await scenario(hub)

    return asyncio.run(main())


async def until(hub, config, reached, experiment=COUNT):
    """Watch a run until something holds of it."""
    while not reached(run := await hub.watch(experiment, config)):
        await asyncio.sleep(0.05)
    return run


def is_over(run):
    return run.state in ("done", "failed")


def is_waiting(run):
    return run.state == "waiting"


def has_frames(count):
    return lambda run: len(run.log.frames) >= count


def test_a_worker_that_is_killed_is_left_and_its_runs_go_on_elsewhere(dask):
    dask.scheduler()
    workers = [dask.worker(), dask.worker()]

    async def scenario(hub):
        while hub._staff.count < 2:
            await asyncio.sleep(0.05)
        await until(hub, LONG, lambda run: {shard.owner for shard in run.shards} == {0, 1})
        await until(hub, LONG, has_frames(10))
        kill(workers[0])
        run = await until(hub, LONG, is_over)
        owners = {shard.owner for shard in run.shards}
        return run.log.frames, owners

    frames, owners = with_cluster(dask, scenario)
    assert frames == expected(LONG)
    assert len(owners) == 1


def test_a_worker_that_comes_later_takes_over_what_was_begun(dask):
    dask.scheduler()
    dask.worker()
    config = CountConfig(length=200, pause_ms=30, parts=2)

    async def scenario(hub):
        await until(hub, config, has_frames(5))
        dask.worker()
        await until(hub, config, lambda run: {shard.owner for shard in run.shards} == {0, 1})
        return (await until(hub, config, is_over)).log.frames

    assert with_cluster(dask, scenario) == expected(config)


def test_no_worker_left_is_said_and_the_run_goes_on_when_one_comes(dask):
    dask.scheduler()
    worker = dask.worker()

    async def scenario(hub):
        await until(hub, LONG, has_frames(5))
        kill(worker)
        told = (await until(hub, LONG, is_waiting)).trouble
        dask.worker()
        return told, (await until(hub, LONG, is_over)).log.frames

    told, frames = with_cluster(dask, scenario)
    assert told == f"The cluster at {dask.address} has no worker that is ready."
    assert frames == expected(LONG)


def test_a_scheduler_that_was_killed_is_found_again(dask):
    scheduler = dask.scheduler()
    dask.worker()

    async def scenario(hub):
        await until(hub, LONG, has_frames(5))
        kill(scheduler)
        told = (await until(hub, LONG, lambda run: "answer" in (run.trouble or ""))).trouble
        dask.scheduler()
        dask.worker()
        return told, await until(hub, LONG, is_over)

    told, run = with_cluster(dask, scenario)
    assert told == f"The scheduler {dask.address} does not answer."
    assert run.log.frames == expected(LONG)
    assert all(shard.crashes == 0 for shard in run.shards)


def test_a_scheduler_that_is_not_there_yet_is_waited_for(dask):
    async def scenario(hub):
        told = (await until(hub, LONG, is_waiting)).trouble
        dask.scheduler()
        dask.worker()
        return told, (await until(hub, CountConfig(), is_over)).log.frames

    told, frames = with_cluster(dask, scenario)
    assert dask.address in told
    assert frames == expected(CountConfig())


def test_what_listens_and_says_nothing_is_no_scheduler_that_answers(monkeypatch):
    monkeypatch.setattr(cluster_module, "ANSWER_SECONDS", 1.0)

    async def scenario(address):
        crew = Cluster(address, ())
        crew.open()
        async with asyncio.timeout(LONGEST):
            while "does not answer" not in crew.problem:
                await asyncio.sleep(0.1)
        await crew.close()

    with socket.create_server(("127.0.0.1", 0)) as mute:
        asyncio.run(scenario(f"tcp://127.0.0.1:{mute.getsockname()[1]}"))


def test_an_error_while_training_ends_that_run_alone_and_says_what_it_says_here(dask):
    dask.scheduler()
    dask.worker()

    async def scenario(hub):
        failed = await until(hub, CountConfig(fails=True), is_over)
        return failed.error, (await until(hub, CountConfig(), is_over)).state

    told, other = with_cluster(dask, scenario)
    assert told == "The run failed: ArithmeticError: five is too many"
    assert other == "done"


def test_a_run_that_kills_one_worker_after_the_other_is_given_up(dask, tmp_path):
    deaths = tmp_path / "deaths"
    deaths.touch()
    dask.scheduler()
    for _ in range(4):
        dask.worker(FAKE_FILM_DEATHS=str(deaths))

    async def scenario(hub):
        failed = await until(hub, CountConfig(dies=9), is_over)
        return failed.error, (await until(hub, CountConfig(), is_over)).state

    told, other = with_cluster(dask, scenario)
    assert "died 3 times" in told
    assert other == "done"


@pytest.mark.parametrize(
    ("name", "other"), [("torch", "2.0.0"), ("code", "abc"), ("processor", "x86_64 slow")]
)
def test_workers_that_would_make_other_frames_are_refused_in_words(
    dask, monkeypatch, caplog, name, other
):
    """A worker is greeted as one of an older release, or another machine, would answer."""
    greeted = cluster_module.ClusterWorker.greet
    met = []

    async def greet(worker, modules):
        told = await greeted(worker, modules)
        met.append(worker)
        return {**told, name: other} if len(met) > (name == "processor") else told

    monkeypatch.setattr(cluster_module.ClusterWorker, "greet", greet)
    dask.scheduler()
    dask.worker()

    async def scenario(hub):
        if name == "processor":  # the first one's is taken
            await until(hub, CountConfig(), is_over)
            kill(dask.all[-1])
            dask.worker()
        run = await until(hub, LONG, lambda run: is_waiting(run) and "cannot" in run.trouble)
        return run.trouble

    told = with_cluster(dask, scenario)
    assert f" cannot be used: {name} is {other}, here " in told
    assert told in caplog.text


def test_a_worker_without_our_code_is_refused_in_words(dask, tmp_path, monkeypatch):
    dask.scheduler()
    monkeypatch.setattr("tests.core.dask_processes.ROOT", tmp_path)
    dask.worker()

    async def scenario(hub):
        run = await until(hub, LONG, lambda run: is_waiting(run) and "cannot" in run.trouble)
        return run.trouble

    assert "No module named 'ln_core'" in with_cluster(dask, scenario)


def test_a_real_race_has_the_frames_of_local_processes(dask):
    dask.scheduler()
    dask.worker()
    mlp, config = EXPERIMENTS["mlp"], MlpConfig(steps=100)
    there = with_cluster(
        dask, lambda hub: until(hub, config, is_over, mlp), experiment=mlp
    ).log.frames
    here = [pack(frame) for frame in mlp.frames(config)]
    assert there == here


def test_the_environment_names_the_crew(monkeypatch):
    monkeypatch.delenv("LN_LAB_SCHEDULER", raising=False)
    assert isinstance(crew_of_environment(()), Processes)
    monkeypatch.setenv("LN_LAB_SCHEDULER", "tcp://127.0.0.1:8786")
    assert isinstance(crew_of_environment(()), Cluster)
    monkeypatch.setenv("LN_LAB_SCHEDULER", "somewhere")
    with pytest.raises(ValueError, match="must be like tcp://HOST:8786, got 'somewhere'"):
        crew_of_environment(())
    monkeypatch.setenv("LN_LAB_SCHEDULER", "tls://10.0.0.1:8786")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"requirements-cluster\.txt"):
        crew_of_environment(())


def test_a_round_trip_that_costs_much_makes_slices_longer(dask, monkeypatch):
    dask.scheduler()
    dask.worker()
    ordered = []
    send = cluster_module.ClusterWorker._result

    async def slow(worker, function, argument):
        result = await send(worker, function, argument)
        if function is cluster_module.train:
            ordered.append(argument.seconds)
            await asyncio.sleep(0.05)
        return result

    monkeypatch.setattr(cluster_module.ClusterWorker, "_result", slow)
    with_cluster(dask, lambda hub: until(hub, LONG, has_frames(60)))
    assert ordered[0] < 0.1
    assert ordered[-1] > 0.2


def test_a_worker_that_could_not_be_reached_for_a_moment_is_used_again(dask, monkeypatch):
    dask.scheduler()
    dask.worker()
    send = cluster_module.ClusterWorker._result
    orders = []

    async def fail_once(worker, function, argument):
        orders.append(function)
        if orders.count(cluster_module.train) == 2 and function is cluster_module.train:
            orders.append(function)
            raise DisconnectedError("a cable was pulled")
        return await send(worker, function, argument)

    monkeypatch.setattr(cluster_module.ClusterWorker, "_result", fail_once)
    run = with_cluster(dask, lambda hub: until(hub, LONG, is_over))
    assert run.log.frames == expected(LONG)
    assert orders.count(cluster_module.greet) == 2
