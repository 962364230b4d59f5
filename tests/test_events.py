"""The event log: order, subscribers, and the bound beyond which events fold into minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import FrozenInstanceError, dataclass, fields
from importlib import import_module
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.events import Event, EventLog, Labels, MinuteRow
from kinesis_sim.folded import KEPT, Number, Rows, Sums
from kinesis_sim.instants import DAY, HOUR, MINUTE
from kinesis_sim.streams.events import RecordsPut, RecordsRead, ShardShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    """A bell rang so many times in a tower."""

    chatter: ClassVar[bool] = True
    tower: str
    times: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        yield (("tower", self.tower),), {"times": self.times}

    @property
    def idle(self) -> bool:
        return not self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached(Event):
    """A hand of a clock reached an hour: of each hand, the newest counts."""

    chatter: ClassVar[bool] = True
    stream: str = ""
    hand: str
    hour: int

    @property
    def place(self) -> tuple[object, ...]:
        return (self.hand,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Large(Event):
    """An event that takes the room of many."""

    chatter: ClassVar[bool] = True
    stream: str = ""

    @property
    def units(self) -> int:
        return 10


def rings(keep: int = 100) -> EventLog:
    log = EventLog(keep=keep)
    for second in range(0, 180, 30):
        log.append(Rang(at=second * 1_000, tower="north" if second % 60 else "south", times=2))
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
        MinuteRow(minute, "Rang", (("tower", tower),), {"times": 2})
        for minute in (0, 60_000, 120_000)
        for tower in ("north", "south")
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


# --- what gives way -----------------------------------------------------------------------------


def test_a_change_of_state_is_never_folded_away() -> None:
    log = EventLog(keep=2)
    log.append(Event(at=0))
    for second in range(100):
        log.append(Rang(at=second, tower="north", times=1))
    assert log.of(Event)[0] == Event(at=0)
    assert len(log.of(Rang)) == 2


def test_an_event_that_found_nothing_is_counted_and_told_but_not_kept() -> None:
    log, heard = EventLog(), list[Event]()
    log.subscribe(heard.append)
    log.append(Rang(at=0, tower="north", times=0))
    assert len(heard) == 1
    assert log.of(Rang) == []
    assert [row.measures for row in log.minutes()] == [{"times": 0}]


def test_of_each_place_the_newest_stays_whole() -> None:
    log = EventLog(keep=4)
    log.append(Reached(at=0, hand="long", hour=1))
    log.append(Reached(at=1, hand="short", hour=1))
    for hour in range(2, 12):
        log.append(Reached(at=hour, hand="long", hour=hour))
    kept = log.of(Reached)
    assert kept[0] == Reached(at=1, hand="short", hour=1)
    assert [event.hour for event in kept if event.hand == "long"][-4:] == [8, 9, 10, 11]
    assert [event.at for event in kept] == sorted(event.at for event in kept)


def test_room_is_a_matter_of_size() -> None:
    log = EventLog(keep=50)
    for second in range(100):
        log.append(Large(at=second))
    assert len(log.of(Large)) == 5


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=200))
def test_a_chatterbox_pushes_out_nothing_but_its_own(moves: list[tuple[str, int]]) -> None:
    """Whoever took no more than an even part of the room loses nothing."""
    log, told = EventLog(keep=40), dict[tuple[str, type[Event]], list[Event]]()
    for at, (stream, kind) in enumerate(moves):
        event: Event = (
            Reached(at=at, stream=stream, hand=str(at), hour=0)
            if kind
            else Large(at=at, stream=stream)
        )
        log.append(event)
        told.setdefault((stream, type(event)), []).append(event)
    for (stream, kept), events in told.items():
        whole = log.of(kept, stream=stream)
        if sum(event.units for event in events) <= 40 // max(1, len(told)):
            assert whole == events
    assert log.minutes() == _minutes(event for events in told.values() for event in events)


def _minutes(events: Iterable[Event]) -> list[MinuteRow]:
    log = EventLog()
    for event in events:
        log.append(event)
    return log.minutes()


@given(st.lists(st.sampled_from([Event, Large, Reached]), max_size=60))
def test_events_of_all_classes_come_in_order(kinds: list[type[Event]]) -> None:
    log, events = EventLog(), list[Event]()
    for at, kind in enumerate(kinds):
        events.append(kind(at=at, hand="x", hour=at) if kind is Reached else kind(at=at))
        log.append(events[-1])
    assert log.appended == len(events)
    assert log.of(Event) == events
    assert list(log) == events


def test_listeners_hear_the_classes_they_name_and_no_others() -> None:
    log, rang, all_ = EventLog(), list[Event](), list[Event]()
    leave = log.subscribe(rang.append, Rang, Reached)
    log.append(Large(at=0))
    log.append(Rang(at=1, tower="north", times=1))
    log.subscribe(all_.append)
    log.append(Rang(at=2, tower="north", times=1))
    leave()
    log.append(Rang(at=3, tower="north", times=1))
    assert [event.at for event in rang] == [1, 2]
    assert [event.at for event in all_] == [2, 3]


# --- rows in columns ----------------------------------------------------------------------------

MEASURES = st.dictionaries(st.sampled_from("abc"), st.integers(-5, 5) | st.floats(0, 1))


@given(st.lists(st.tuples(st.integers(0, 10 * MINUTE), MEASURES), max_size=40))
def test_columns_add_up_as_dicts_do(adds: list[tuple[int, dict[str, Number]]]) -> None:
    rows, plain = Rows(MINUTE), dict[int, dict[str, Number]]()
    for at, measures in adds:
        rows.add(at, measures)
        cell = plain.setdefault(at - at % MINUTE, {})
        for name, amount in measures.items():
            cell[name] = cell.get(name, 0) + amount
    found = dict(rows)
    assert list(found) == sorted(plain)
    for at, cell in plain.items():
        assert {name: found[at][name] for name in cell} == pytest.approx(cell)


def test_rows_grow_coarser_with_age_and_keep_their_sums() -> None:
    sums, days = Sums(), 100
    for at in range(0, days * DAY, 10 * MINUTE):
        sums.add(at, {"n": 1})
    widths = [width for width, _, _ in sums]
    assert sum(measures["n"] for _, _, measures in sums) == days * 144
    assert sorted(set(widths), reverse=True) == [HOUR, 5 * MINUTE, MINUTE]
    newest = (days * DAY) - 10 * MINUTE
    assert all(at >= newest - KEPT[0] - DAY for width, at, _ in sums if width == MINUTE)
    assert len(widths) < 40 * 24 + 48 * 144 + 17 * 144


def test_a_year_of_minutes_is_few_rows() -> None:
    """Each row is eight bytes for its instant and eight per measure: ten shards' puts of a year
    are some 25 MB."""
    sums = Sums()
    for minute in range(0, 365 * DAY, MINUTE):
        sums.add(minute, {"records": 1})
    rows = list(sums)
    assert sum(measures["records"] for _, _, measures in rows) == 525_600
    assert len(rows) < 45_000


def test_no_event_has_a_field_of_its_own_where_the_log_asks_for_its_room() -> None:
    """An object's bytes once hid the room its event takes, and the log let go of sixty of them."""
    asked = {name for name, what in vars(Event).items() if isinstance(what, property)}

    def every(kind: type[Event]) -> Iterator[type[Event]]:
        yield kind
        for below in kind.__subclasses__():
            yield from every(below)

    for room in ("account", "firehose", "mappings", "streams"):
        import_module(f"kinesis_sim.{room}.events")
    hidden = {
        f"{kind.__name__}.{field.name}"
        for kind in every(Event)
        for field in fields(kind)
        if field.name in asked
    }
    assert hidden == set()


def test_a_listener_that_raises_undoes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Acknowledged is stored, the others hear of it, and the developer sees the traceback once."""
    sim = Simulator(latency=None, delays="instant")
    heard: list[str] = []

    def learners(event: Event) -> None:
        raise LookupError("a typing error in a cell")

    sim.events.subscribe(learners)
    sim.events.subscribe(lambda event: heard.append(type(event).__name__))
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    sim.advance(seconds=5)
    put = {"StreamName": "s", "PartitionKey": "k", "Data": b"x"}
    numbers = [sim.gate.call("kinesis", "PutRecord", put)["SequenceNumber"] for _ in range(3)]
    log = sim.streams["s"].shards[0].log
    assert (log.end, heard.count("RecordsPut"), len(set(numbers))) == (3, 3, 3)
    (mishap,) = sim.clock.mishaps.seen
    assert (mishap.error, mishap.count) == ("LookupError: a typing error in a cell", len(heard))
    assert caplog.text.count("Traceback") == 1


def test_an_interruption_in_a_listener_is_no_error_of_its_own() -> None:
    log = EventLog()

    def stop(event: Event) -> None:
        raise KeyboardInterrupt

    log.subscribe(stop)
    with pytest.raises(KeyboardInterrupt):
        log.append(Event(at=0))
