"""The event log: order, subscribers, and the bound beyond which events fold into minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass

import pytest

from kinesis_sim.events import Event, EventLog, Labels, MinuteRow, Number
from kinesis_sim.streams.events import RecordsPut, RecordsRead, ShardShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    """A bell rang so many times at a place."""

    place: str
    times: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        yield (("place", self.place),), {"times": self.times}


def rings(keep: int = 100) -> EventLog:
    log = EventLog(keep=keep)
    for second in range(0, 180, 30):
        log.append(Rang(at=second * 1_000, place="north" if second % 60 else "south", times=2))
    return log


def test_events_keep_their_order_and_never_change() -> None:
    log = rings()
    assert [event.at for event in log] == [0, 30_000, 60_000, 90_000, 120_000, 150_000]
    assert len(log) == 6
    with pytest.raises(FrozenInstanceError):
        next(iter(log)).at = 1  # type: ignore[misc]


def test_of_picks_classes() -> None:
    log = rings()
    log.append(RecordsRead(at=7, stream="s", shard=0, records=1, bytes=1, behind=0, age=0))
    assert len(log.of(Rang)) == 6
    assert [event.stream for event in log.of(RecordsRead)] == ["s"]
    assert len(log.of(Event)) == 7


def test_subscribers_hear_everything_until_they_leave() -> None:
    log = EventLog()
    first: list[Event] = []
    second: list[Event] = []
    leave = log.subscribe(first.append)
    log.subscribe(second.append)
    log.append(Event(at=1))
    leave()
    leave()
    log.append(Event(at=2))
    assert [event.at for event in first] == [1]
    assert [event.at for event in second] == [1, 2]


def test_the_same_subscriber_twice_leaves_once_at_a_time() -> None:
    log = EventLog()
    heard: list[Event] = []
    tell = heard.append
    leave = log.subscribe(tell)
    log.subscribe(tell)
    leave()
    log.append(Event(at=1))
    assert len(heard) == 1


def test_a_subscriber_may_leave_while_it_is_told() -> None:
    log = EventLog()
    heard: list[int] = []

    def once(event: Event) -> None:
        heard.append(event.at)
        leave()

    leave = log.subscribe(once)
    log.append(Event(at=1))
    log.append(Event(at=2))
    assert heard == [1]


@pytest.mark.parametrize("keep", [0, 1, 3, 100])
def test_minutes_are_the_same_however_much_is_folded(keep: int) -> None:
    log = rings(keep)
    assert len(log) == min(keep, 6)
    assert log.minutes() == [
        MinuteRow(minute, "Rang", (("place", place),), {"times": 2})
        for minute in (0, 60_000, 120_000)
        for place in ("north", "south")
    ]


def test_a_put_folds_into_a_row_per_shard_and_one_per_call() -> None:
    log = EventLog(keep=0)
    for at in (0, 59_999):
        shares = (ShardShare(0, 3, 30), ShardShare(1, 1, 10, throttled=2, throttled_bytes=20))
        log.append(RecordsPut(at=at, stream="s", api="PutRecords", shares=shares))
    measures = {row.labels[1:]: row.measures for row in log.minutes()}
    assert measures[(("shard", "0"),)]["records"] == 6
    assert measures[(("shard", "1"),)]["throttled"] == 4
    assert measures[(("api", "PutRecords"),)] == {"calls": 2}
