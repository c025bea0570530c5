"""What workers keep of runs, so that a fork goes on from there, and what it inherits in the hub."""

import asyncio
import itertools
import math
import pickle
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from ln_core.race import trainer as race_trainer
from ln_core.race.config import EXPERIMENT, MlpConfig
from ln_core.recurrent.config import RNN, RnnConfig
from ln_core.runs import states as states_module
from ln_core.runs import worker as worker_module
from ln_core.runs.changes import Change
from ln_core.runs.crew import Processes
from ln_core.runs.frame import pack
from ln_core.runs.hub import Hub
from ln_core.runs.open_films import OpenFilms
from ln_core.runs.states import States, TemporaryFile, pack_state
from ln_core.runs.store import Store
from ln_core.runs.worker import Slice, hand_over, run_slice, spawn_executor

PARENT = MlpConfig(depth=1, width=8, cases=512, steps=40, variants=("none", "batch"))
FORK = replace(PARENT, changes=(Change(21, "learning_rate", 0.1),))
KEY = (EXPERIMENT, PARENT, PARENT.variants)


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """Begin with no states and no open films; keep a state after every frame."""
    monkeypatch.setattr(states_module, "APART", 0.0)
    monkeypatch.setattr(states_module, "SHARE", math.inf)
    monkeypatch.setattr(worker_module, "_states", States())
    monkeypatch.setattr(worker_module, "_films", OpenFilms())
    return worker_module._states


def frames(experiment, config, first=0):
    """Have a worker make a run of one shard; give its packed frames."""
    made = []
    while first + len(made) < config.frames:
        (shard,) = config.shards
        at = first + len(made)
        made += run_slice(Slice(experiment=experiment, config=config, shard=shard, first=at))
    return made


def test_a_fork_is_not_trained_again_up_to_where_it_begins(monkeypatch):
    parent = frames(EXPERIMENT, PARENT)
    steps, train = [], race_trainer.MlpTrainer.train

    def counted(self):
        steps.append(self.step)
        train(self)

    monkeypatch.setattr(race_trainer.MlpTrainer, "train", counted)
    made = frames(EXPERIMENT, FORK, first=22)
    assert steps == list(range(21, 40))
    whole = [pack(frame) for frame in EXPERIMENT.frames(FORK)]
    assert made == whole[22:]
    assert parent[:22] == whole[:22]


def test_a_fork_that_another_worker_takes_over_goes_on_from_its_parents_state(monkeypatch):
    frames(EXPERIMENT, PARENT)
    order = Slice(experiment=EXPERIMENT, config=FORK, shard=FORK.variants, first=22)
    moved = hand_over(order)
    monkeypatch.setattr(worker_module, "_states", States())  # as in the other process
    steps, train = [], race_trainer.MlpTrainer.train
    monkeypatch.setattr(
        race_trainer.MlpTrainer, "train", lambda self: (steps.append(self.step), train(self))
    )
    made = run_slice(replace(order, moved=moved, seconds=100))
    assert steps == list(range(21, 40))
    assert made == [pack(frame) for frame in EXPERIMENT.frames(FORK)][22:]


def test_a_fork_goes_on_from_before_its_parent_went_to_another_worker(monkeypatch):
    order = Slice(experiment=EXPERIMENT, config=PARENT, shard=PARENT.variants, first=0, seconds=0)
    while order.first < 30:
        order = replace(order, first=order.first + len(run_slice(order)))
    moved = pickle.loads(pickle.dumps(hand_over(order)))
    there = States()  # as in the other process
    monkeypatch.setattr(worker_module, "_states", there)
    monkeypatch.setattr(worker_module, "_films", OpenFilms())
    run_slice(replace(order, moved=moved))
    assert there.find((EXPERIMENT, FORK, PARENT.variants), 22)[0] == 22
    monkeypatch.setattr(states_module, "GIVEN", 1)
    assert set(there.give(KEY, 30)) == {1, 30}  # of too many few, and where it goes on


def test_recurrent_runs_go_on_from_a_state_as_well():
    parent = RnnConfig(width=8, cases=512, steps=20, seeds=1, variants=("layer",))
    fork = replace(parent, changes=(Change(9, "normalization", "out"),))
    frames(RNN, parent)
    assert frames(RNN, fork, first=10) == [pack(frame) for frame in RNN.frames(fork)][10:]


def test_the_latest_state_that_is_shared_is_taken(kept):
    frames(EXPERIMENT, PARENT)
    assert kept.find((EXPERIMENT, FORK, PARENT.variants), 41)[0] == 22
    assert kept.find((EXPERIMENT, FORK, PARENT.variants), 15)[0] == 15
    assert kept.find(KEY, 40)[0] == 40
    other = replace(FORK, seed=1)
    assert kept.find((EXPERIMENT, other, PARENT.variants), 41) is None
    assert kept.find((EXPERIMENT, FORK, ("none",)), 41) is None


def test_a_state_is_a_copy(kept):
    state = {"theta": torch.zeros(3), "more": [{"m": torch.zeros(2)}], "step": 4}
    kept.keep(KEY, 5, state)
    state["theta"].fill_(1)
    state["more"][0]["m"].fill_(1)
    frames_made, found = kept.find(KEY, 9)
    assert (frames_made, found["step"]) == (5, 4)
    assert not found["theta"].any()
    assert not found["more"][0]["m"].any()


def test_states_stay_within_their_bytes_and_thin_out_evenly(monkeypatch):
    monkeypatch.setattr(states_module, "APART", 1.0)
    state = {"theta": torch.zeros(100)}
    states, last = States(most_bytes=10 * len(pack_state(state))), 0
    for count in range(1, 41):  # a frame a second
        if count - last >= states.apart(KEY):
            states.keep(KEY, count, state)
            last = count
    held = [n for n in range(1, 41) if (found := states.find(KEY, n)) and found[0] == n]
    gaps = [after - before for before, after in itertools.pairwise(held)]
    assert 5 <= len(held) <= 10
    assert held[0] <= max(gaps) <= 2 * min(gaps)
    assert states.apart((EXPERIMENT, FORK, PARENT.variants)) == 1.0
    big = States(most_bytes=10)
    big.keep(KEY, 1, state)
    assert big.find(KEY, 1) is None  # one that does not fit at all is not kept


@pytest.mark.parametrize("failing", ["read", "write", "delete"])
def test_a_run_goes_on_where_the_disk_is_full_or_fails(kept, monkeypatch, failing):
    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    kept.most_bytes = 20_000  # so that some are deleted
    with monkeypatch.context() as broken:
        broken.setattr(TemporaryFile, failing, fail)
        assert frames(EXPERIMENT, PARENT) == [pack(frame) for frame in EXPERIMENT.frames(PARENT)]
        whole = [pack(frame) for frame in EXPERIMENT.frames(FORK)]
        assert frames(EXPERIMENT, FORK, first=22) == whole[22:]
    frames(EXPERIMENT, PARENT)
    assert kept.find(KEY, 40)  # once it works again, states are kept again


def test_only_runs_that_can_be_forked_leave_states(kept, monkeypatch):
    monkeypatch.setattr(MlpConfig, "can_fork", False)
    frames(EXPERIMENT, PARENT)
    assert kept.find(KEY, 41) is None


async def watched(hub, experiment, config, count):
    """Watch a run until it has so many frames."""
    while True:
        run = await hub.watch(experiment, config)
        if len(run.log.frames) >= count:
            return run
        await asyncio.wait({asyncio.create_task(run.log.changed.wait())}, timeout=1)


def in_hub(scenario, make_executor=lambda: ThreadPoolExecutor(1), *, workers=1, **options):
    async def main():
        crew = Processes(make_executor, workers)
        hub = Hub({"mlp": EXPERIMENT, "rnn": RNN}, crew, **options)
        async with asyncio.timeout(60), hub.running():
            return await scenario(hub)

    return asyncio.run(main())


def test_a_fork_begins_with_the_frames_of_its_parent():
    async def scenario(hub):
        parent = await watched(hub, EXPERIMENT, PARENT, PARENT.frames)
        fork = await hub.watch(EXPERIMENT, FORK)
        inherited = list(fork.log.frames)
        done = await watched(hub, EXPERIMENT, FORK, FORK.frames)
        return parent.log.frames, inherited, done.log.frames

    parent, inherited, made = in_hub(scenario)
    assert inherited == parent[:22]
    assert all(one is other for one, other in zip(inherited, parent, strict=False))
    assert made == [pack(frame) for frame in EXPERIMENT.frames(FORK)]


def test_a_fork_of_a_fork_begins_with_the_nearest_run_that_is_there():
    second = replace(FORK, changes=(*FORK.changes, Change(30, "batch_size", 4)))

    async def scenario(hub):
        await watched(hub, EXPERIMENT, PARENT, PARENT.frames)
        run = await hub.watch(EXPERIMENT, second)
        from_parent = len(run.log.frames)
        await watched(hub, EXPERIMENT, FORK, FORK.frames)
        third = replace(FORK, changes=(*FORK.changes, Change(30, "batch_size", 5)))
        return from_parent, len((await hub.watch(EXPERIMENT, third)).log.frames)

    assert in_hub(scenario) == (22, 31)


def test_a_fork_takes_what_its_parent_has_so_far():
    slow = replace(PARENT, steps=20_000)
    fork = replace(slow, changes=(Change(19_000, "batch_size", 4),))

    async def scenario(hub):
        parent = await watched(hub, EXPERIMENT, slow, 3)
        held = len(parent.log.frames)
        return held, len((await hub.watch(EXPERIMENT, fork)).log.frames)

    held, inherited = in_hub(scenario)
    assert 3 <= held <= inherited < 191


def test_a_fork_begins_with_frames_that_the_store_has(tmp_path):
    async def train(hub):
        await watched(hub, EXPERIMENT, PARENT, PARENT.frames)

    async def fork(hub):
        held = len((await watched(hub, EXPERIMENT, FORK, 1)).log.frames)
        return held, (await watched(hub, EXPERIMENT, FORK, FORK.frames)).log.frames

    in_hub(train, store=Store(tmp_path))
    held, made = in_hub(fork, store=Store(tmp_path))
    assert held == 22  # at once
    assert made == [pack(frame) for frame in EXPERIMENT.frames(FORK)]


@pytest.mark.slow
def test_a_fork_is_made_by_the_worker_that_knows_its_parent():
    config = replace(PARENT, data="mnist", width=1000, depth=2, steps=10, batch_size=4)
    config = replace(config, variants=("none", "layer"))
    fork = replace(config, changes=(Change(8, "learning_rate", 0.1),))
    assert len(config.shards) == 2

    async def scenario(hub):
        parent = await watched(hub, EXPERIMENT, config, config.frames)
        child = await watched(hub, EXPERIMENT, fork, fork.frames)
        return [shard.owner for shard in parent.shards], [shard.owner for shard in child.shards]

    homes, others = in_hub(scenario, spawn_executor, workers=2)
    assert homes == others
    assert None not in homes
