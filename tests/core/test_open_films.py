"""Open films: what is put aside goes on to the same bits, and memory is bounded."""

import itertools
import pickle
from dataclasses import replace

import pytest

from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.race.config import MlpConfig
from ln_core.recurrent.config import RnnConfig
from ln_core.runs import open_films as module
from ln_core.runs import worker
from ln_core.runs.frame import pack
from ln_core.runs.open_films import OpenFilm, OpenFilms
from ln_core.runs.states import States
from ln_core.runs.worker import Slice, hand_over, run_slice
from tests.core.fake_film import COUNT, CountConfig, film, frames_of
from tests.core.test_memory import experiment_of

SMALL = {
    "race": MlpConfig(width=8, batch_size=100, cases=512, steps=20, weight_gain=0.01),
    "rows": RnnConfig(width=8, batch_size=100, cases=512, steps=20, cell="lstm"),
    "text": RnnConfig(width=8, task="text", length=6, steps=20, cases=512),
    "transformer": TransformerConfig(depth=2, width=16, steps=10, seeds=2),
    "skip-thoughts": SkipConfig(
        width=8, embedding=8, words=200, cases=100, steps=10, freezes=3, batch_size=4
    ),
}


def begun(calls, config=None):
    """An open film that notes from which frame its maker began, each time."""
    config = config or CountConfig(length=30)

    def begin(*, first, checkpoint=None):
        kept = checkpoint.data != b""
        calls.append((first, kept))
        return film(config, ("part0",), first=first, checkpoint=checkpoint)

    return OpenFilm(begin, 0, 1000)


def expected(config):
    return [pack(frame) for frame in frames_of(config)[0]]


@pytest.mark.slow
@pytest.mark.parametrize("config", SMALL.values(), ids=SMALL)
def test_a_film_that_is_put_aside_after_every_turn_holds_the_same_bits(config, monkeypatch):
    shard = config.shards[-1]
    experiment = experiment_of(config)
    whole = [pack(f) for f in experiment.begin(config, shard, first=0) if f is not None]
    monkeypatch.setattr(worker, "_films", OpenFilms())
    got: list[bytes] = []
    for turn in itertools.count():
        if len(got) == len(whole):
            break
        got += run_slice(
            Slice(experiment=experiment, config=config, shard=shard, first=len(got), seconds=0)
        )
        for one in worker._films._films.values():
            one.put_aside()
            assert not one.is_open
            assert one.memory < worker.memory_of(config, shard) / 2
        assert turn < 1000
    assert got == whole


@pytest.mark.slow
@pytest.mark.parametrize("config", SMALL.values(), ids=SMALL)
def test_a_film_goes_on_in_another_worker_with_the_same_bits(config, monkeypatch):
    shard, got = config.shards[-1], list[bytes]()
    experiment = experiment_of(config)
    whole = [pack(f) for f in experiment.begin(config, shard, first=0) if f is not None]
    moved = None
    while len(got) < len(whole):
        monkeypatch.setattr(worker, "_films", OpenFilms())  # as in a process of its own
        monkeypatch.setattr(worker, "_states", States())
        order = Slice(
            experiment=experiment,
            config=config,
            shard=shard,
            first=len(got),
            seconds=0,
            moved=moved,
        )
        got += run_slice(order)
        moved = pickle.loads(pickle.dumps(hand_over(replace(order, first=len(got)))))
        assert moved.aside.frames >= len(got) or len(got) == len(whole)
    assert got == whole


def test_a_film_goes_on_from_where_it_was_put_aside_and_not_from_the_beginning():
    calls: list[tuple[int, bool]] = []
    one = begun(calls)
    got = one.run(0)
    one.put_aside()
    got += one.run(10)
    assert calls[0] == (0, False)
    assert calls[1][1]
    assert got == expected(CountConfig(length=30))


def test_a_film_that_fails_while_it_is_put_aside_fails_in_its_own_turn():
    config = CountConfig(length=30, fails=True)
    one = begun([], config)
    while one.next_frame < 5:
        one.run(0)
    one.put_aside()
    with pytest.raises(ArithmeticError, match="five is too many"):
        one.run(1)


def test_the_least_recently_used_is_put_aside_and_what_is_aside_is_given_up_in_the_end():
    films = OpenFilms(most_bytes=3000)
    made = [begun([]) for _ in range(30)]
    for at, one in enumerate(made):
        one.run(0)
        films.put(at, one)
    assert [one.is_open for one in made[-4:]] == [False, True, True, True]
    assert films.take(29, made[29].next_frame) is made[29]
    assert films.take(0, made[0].next_frame) is None  # 750 bytes for all that is aside
    assert films.take(28, 17) is None  # another moment than the one it is at


def test_what_has_no_turn_for_long_is_put_aside(monkeypatch):
    films = OpenFilms()
    old, new = begun([]), begun([])
    for one in (old, new):
        one.run(0)
        films.put(id(one), one)
    assert old.is_open
    monkeypatch.setattr(module, "IDLE_SECONDS", -1e-9)
    films.put(id(new), films.take(id(new), new.next_frame))
    assert not old.is_open
    assert new.is_open


def test_a_worker_goes_on_with_a_film_between_turns():
    config = CountConfig(length=40, seed=3)
    got: list[bytes] = []
    while len(got) < 40:
        order = Slice(experiment=COUNT, config=config, shard=("part0",), first=len(got), seconds=0)
        got += run_slice(order)
    assert got == expected(config)
