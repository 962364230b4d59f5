"""Folds are told everything once, in order, whether somebody asks or a batch is full."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.follower import Follower
from kinesis_sim.events import Event, EventLog


@given(moves=st.lists(st.sampled_from(["event", "ask"]), max_size=30), batch=st.integers(1, 5))
def test_every_event_is_told_once_and_in_order(moves: list[str], batch: int) -> None:
    log, told = EventLog(keep=2), list[int]()
    follower = Follower(log, batch)
    follower.feed(lambda events: told.extend(event.at for event in events))
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
    log, first, second = EventLog(), list[int](), list[int]()
    follower = Follower(log)
    follower.feed(lambda events: first.extend(event.at for event in events))
    log.append(Event(at=1))
    follower.feed(lambda events: second.extend(event.at for event in events))
    log.append(Event(at=2))
    follower.catch_up()
    assert (first, second) == ([1, 2], [2])
