"""The check of lesson 06: each likely mistake is met with its own reason, in both languages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, check_of
from kinesis_sim.course.exercises.retention_and_replay import (
    BEGIN,
    END,
    HOURS,
    OPENING,
    PER_DAY,
    STREAM,
    replay_hour,
)
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.workloads.events.generators import payments
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.books import Ledger
from kinesis_sim.workloads.scenes.feed import feed

Day = tuple[Simulator, Ledger]


@pytest.fixture
def day() -> Day:
    """The day as the lesson makes it."""
    trial = Simulator(start=OPENING, delays="instant")
    trial.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    feed(trial, STREAM, payments(OPENING, hours=HOURS, per_day=PER_DAY))
    books = Ledger(faulty=(BEGIN, END))
    books.live(read(trial, STREAM))
    return trial, books


def replay(day: Day, start: Any = BEGIN, end: Any = END) -> None:
    trial, books = day
    for record in read(trial, STREAM, start=start):
        if record["ApproximateArrivalTimestamp"] < end:
            books.book(record)


def verdict(day: Day) -> Verdict:
    """The check's verdict; KeyError when a text or a value is missing in a language."""
    found = replay_hour(*day)
    for language in LANGUAGES:
        assert CourseWords("retention_and_replay", language).say(
            f"check.replay-hour.{found.reason}", **found.values
        )
    return found


def test_clearing_the_hour_and_replaying_it_passes_however_often(day: Day) -> None:
    for _ in range(2):
        day[1].strike(BEGIN, END)
        replay(day)
        found = verdict(day)
        assert (found.reason, found.values) == ("passed", {"count": 34, "total": Decimal("461.72")})


def test_nothing_done_yet(day: Day) -> None:
    assert verdict(day) == Verdict("faulty", {"count": 34})


def test_replayed_beside_the_faulty_lines(day: Day) -> None:
    replay(day)
    assert verdict(day) == Verdict("not-struck", {"count": 34})


def test_replayed_with_the_faulty_version(day: Day) -> None:
    trial, books = day
    books.strike(BEGIN, END)
    books.live(record for record in read(trial, STREAM, start=BEGIN)
               if record["ApproximateArrivalTimestamp"] < END)  # fmt: skip
    assert verdict(day).reason == "faulty"


def test_trim_horizon_replays_the_morning_too(day: Day) -> None:
    day[1].strike(BEGIN, END)
    replay(day, start="TRIM_HORIZON")
    assert verdict(day).reason == "twice-before"


def test_latest_replays_nothing(day: Day) -> None:
    day[1].strike(BEGIN, END)
    replay(day, start="LATEST")
    assert verdict(day) == Verdict("nothing", {"count": 34, "within": 34})


def test_no_bound_replays_the_evening_too(day: Day) -> None:
    day[1].strike(BEGIN, END)
    replay(day, end=END + timedelta(days=1))
    assert verdict(day).reason == "twice-after"


def test_running_it_twice_doubles_the_hour(day: Day) -> None:
    day[1].strike(BEGIN, END)
    for _ in range(2):
        replay(day)
    assert verdict(day) == Verdict("twice-within", {"count": 34})


@pytest.mark.parametrize("way", ["start", "end"])
def test_half_of_the_hour_is_missing(day: Day, way: str) -> None:
    day[1].strike(BEGIN, END)
    half = BEGIN + timedelta(minutes=30)
    replay(day, **{way: half})
    assert verdict(day).reason == "part"


@pytest.mark.parametrize("start", ["TRIM_HORIZON", BEGIN])
def test_more_booked_anew_than_the_hour(day: Day, start: Any) -> None:
    """The sums are right then, but the task was to replay that hour and no other record."""
    begin = BEGIN - timedelta(days=1) if start == "TRIM_HORIZON" else BEGIN
    day[1].strike(begin, END + timedelta(days=1))
    replay(day, start=start, end=END + timedelta(days=1))
    assert verdict(day).reason == "others"


def test_more_struck_than_the_hour(day: Day) -> None:
    day[1].strike(BEGIN, END + timedelta(hours=1))
    replay(day)
    assert verdict(day) == Verdict("struck-too-much", {"count": 33})


def test_too_late_or_the_retention_lowered(day: Day) -> None:
    """Raised for a while and lowered again: at 17:00 of the next day 14:00 is out of reach."""
    trial, books = day
    kinesis = trial.client("kinesis")
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=48)
    trial.advance(hours=23)
    kinesis.decrease_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=24)
    books.strike(BEGIN, END)
    replay(day)
    found = verdict(day)
    assert (found.reason, found.values["hours"]) == ("forgotten", 24)
    assert found.values["now"] == "2026-01-02 16:59"


def test_other_things_are_refused(day: Day) -> None:
    assert replay_hour(day[0], "books").reason == "shape"  # type: ignore[arg-type]
    assert replay_hour("trial", day[1]).reason == "shape"  # type: ignore[arg-type]


def test_the_lesson_finds_its_check() -> None:
    assert check_of("retention_and_replay", "replay-hour") is replay_hour


def test_checks_speak_every_language() -> None:
    for exercise, texts in tables("retention_and_replay")["check"].items():
        for why, text in texts.items():
            for each in text if why == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, why)
