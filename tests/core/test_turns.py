"""Turns, with a clock of their own: who goes first, and that nobody waits for long."""

from dataclasses import dataclass

import pytest

from ln_core.runs import turns

SHORT_OF_NOTHING = 1.0  # seconds from one update to the next of any film


@dataclass(eq=False)
class Film:
    since: float = 0.0
    frames: int = 0
    owner: int | None = None
    busy: bool = False
    total: int = 1000

    @property
    def begun(self):
        return self.frames > 0

    @property
    def share(self):
        return self.frames / self.total

    @property
    def movable(self):
        return self.total == 1000


def test_a_film_without_frames_goes_before_those_with_some():
    old, new = Film(since=9.6, frames=5), Film(since=9.9)
    assert turns.choose([old, new], now=10.0) is new


def test_who_has_waited_long_gives_way_to_nobody():
    old, new = Film(since=9.1, frames=5), Film(since=9.9)
    assert turns.choose([new, old], now=10.0) is old


def test_among_equals_it_is_who_has_waited_longest():
    films = [Film(since=since, frames=1) for since in (9.8, 9.7, 9.9)]
    assert turns.choose(films, now=10.0) is films[1]
    assert turns.choose([], now=10.0) is None


def simulate(films, seconds, *, workers=2, cost=0.004, arrivals=()):
    """Let workers take turns over films; give the longest wait and each one's first frame."""
    now, longest, first = [0.0] * workers, 0.0, {}
    films, arrivals = list(films), sorted(arrivals, key=lambda film: film.since)
    while min(now) < seconds:
        worker = now.index(min(now))
        while arrivals and arrivals[0].since <= now[worker]:
            films.append(arrivals.pop(0))
        film = turns.choose([one for one in films if not one.busy], now[worker])
        took = turns.length(len(films), workers) + cost
        longest = max(longest, now[worker] + took - film.since) if film.begun else longest
        first.setdefault(id(film), now[worker] + took - film.since)
        now[worker] += took
        film.since, film.frames = now[worker], film.frames + 1
    return longest, list(first.values())


@pytest.mark.parametrize("count", [1, 5, 30, 60])
def test_none_of_many_films_waits_for_long(count):
    longest, _ = simulate([Film() for _ in range(count)], seconds=20)
    assert longest < SHORT_OF_NOTHING


def test_few_films_have_long_turns_and_many_have_short_ones():
    assert turns.length(1, 2) == turns.length(4, 2) == turns.LONGEST
    assert turns.length(30, 2) == pytest.approx(0.04)
    assert turns.length(10_000, 2) == turns.SHORTEST


def test_what_is_opened_among_many_is_seen_at_once_and_stops_nobody():
    old = [Film(frames=9) for _ in range(30)]
    longest, first = simulate(old, seconds=12, arrivals=[Film(since=s) for s in range(2, 10)])
    assert max(first[30:]) < 0.12  # a turn of whoever is at work, and its own
    assert longest < SHORT_OF_NOTHING


def test_a_crowd_that_comes_at_once_is_served_within_seconds():
    longest, first = simulate(
        [Film(frames=9) for _ in range(10)],
        seconds=20,
        cost=0.04,  # opening takes longer than a turn
        arrivals=[Film(since=5.0) for _ in range(100)],
    )
    assert max(first) < 4
    assert longest < 5


def test_a_worker_takes_the_youngest_film_of_another_that_has_two_more():
    films = [Film(owner=0, frames=frames) for frames in (400, 20, 300)]
    assert turns.to_take_over(films, worker=1) is films[1]
    films[1].busy = True
    assert turns.to_take_over(films, worker=1) is films[2]
    assert turns.to_take_over([*films, Film(owner=1)], worker=1) is films[2]
    assert turns.to_take_over([*films, Film(owner=1), Film(owner=1)], worker=1) is None
    assert turns.to_take_over([*films, Film()], worker=1) is None  # it takes that one


def test_a_worker_is_left_its_only_film_and_those_that_cannot_be_moved():
    assert turns.to_take_over([Film(owner=0)], worker=1) is None
    assert turns.to_take_over([Film(owner=0, total=2000) for _ in range(3)], worker=1) is None
    assert turns.to_take_over([Film(owner=1) for _ in range(3)], worker=1) is None
