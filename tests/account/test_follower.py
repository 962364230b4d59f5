"""Folds are told everything once, in order, whether somebody asks or a batch is full."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.follower import Follower
from kinesis_sim.events import Event, EventLog


class Heard:
    """A fold that remembers instants."""

    kinds = (Event,)

    def __init__(self) -> None:
        self.whole_from = -1
        self.told: list[int] = []

    def start(self, now: int) -> None:
        self.whole_from, self.told = now, []

    def take(self, events: Iterable[Event]) -> None:
        self.told.extend(event.at for event in events)


@given(moves=st.lists(st.sampled_from(["event", "ask"]), max_size=30), batch=st.integers(1, 5))
def test_every_event_is_told_once_and_in_order(moves: list[str], batch: int) -> None:
    log, fold = EventLog(keep=2), Heard()
    follower = Follower(log, batch)
    follower.feed(fold, 0)
    told = fold.told
    happened = 0
    for move in moves:
        if move == "event":
            log.append(Event(at=happened))
            happened += 1
        else:
            follower.catch_up()
            assert told == list(range(happened))
        assert happened - len(told) < batch
    follower.catch_up()
    assert told == list(range(happened))


def test_a_fold_that_comes_later_hears_what_comes_later() -> None:
    log, first, second = EventLog(), Heard(), Heard()
    follower = Follower(log)
    follower.feed(first, 0)
    log.append(Event(at=1))
    follower.feed(second, 1)
    log.append(Event(at=2))
    follower.catch_up()
    assert (first.told, second.told) == ([1, 2], [2])
    assert (first.whole_from, second.whole_from) == (0, 1)


def test_those_who_sleep_are_asked_before_folds_answer() -> None:
    log, fold = EventLog(), Heard()
    follower = Follower(log)
    follower.feed(fold, 0)
    follower.before_reading(lambda: log.append(Event(at=9)))
    follower.catch_up()
    assert fold.told == [9]
