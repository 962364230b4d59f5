"""Retention (facts/data-streams §5): its range, its direction, and what is gone for good."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.streams.calls import create, indices, put, read, refused, split


def increase(kinesis: Any, hours: int) -> None:
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=hours)


def decrease(kinesis: Any, hours: int) -> None:
    kinesis.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=hours)


def hours(kinesis: Any) -> int:
    answer = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    return int(answer["RetentionPeriodHours"])


def test_retention_is_24_hours_and_goes_up_to_a_year(kinesis: Any) -> None:
    create(kinesis)
    assert hours(kinesis) == 24
    increase(kinesis, 168)
    increase(kinesis, 8_760)
    assert hours(kinesis) == 8_760
    decrease(kinesis, 24)
    assert hours(kinesis) == 24


@pytest.mark.parametrize("wanted", [-1, 0, 23])
def test_less_than_a_day_is_too_short(kinesis: Any, wanted: int) -> None:
    create(kinesis)
    message = (
        f"Minimum allowed retention period is 24 hours. Requested retention period ({wanted} "
        "hours) is too short."
    )
    for change in (increase, decrease):
        with refused("InvalidArgumentException", message):
            change(kinesis, wanted)


def test_more_than_a_year_is_too_long(kinesis: Any) -> None:
    create(kinesis)
    message = (
        "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) "
        "is too long."
    )
    for change in (increase, decrease):
        with refused("InvalidArgumentException", message):
            change(kinesis, 8_761)


def test_each_operation_has_its_direction(kinesis: Any) -> None:
    create(kinesis)
    increase(kinesis, 48)
    with refused(
        "InvalidArgumentException",
        "Requested retention period (47 hours) for stream s can not be shorter than existing "
        "retention period (48 hours). Use DecreaseRetentionPeriod API.",
    ):
        increase(kinesis, 47)
    with refused(
        "InvalidArgumentException",
        "Requested retention period (49 hours) for stream s can not be longer than existing "
        "retention period (48 hours). Use IncreaseRetentionPeriod API.",
    ):
        decrease(kinesis, 49)


def test_a_record_is_readable_for_24_hours_to_the_millisecond(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "x")
    sim.advance(hours=24)
    assert read(kinesis) == ["x"]
    sim.advance(milliseconds=1)
    assert read(kinesis) == []


def test_an_increase_in_time_saves_a_record(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "x")
    sim.advance(hours=24)
    increase(kinesis, 48)
    sim.advance(hours=24)
    assert read(kinesis) == ["x"]
    sim.advance(milliseconds=1)
    assert read(kinesis) == []


def test_an_increase_too_late_brings_nothing_back(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "x")
    sim.advance(hours=24, milliseconds=1)
    increase(kinesis, 8_760)
    assert read(kinesis) == []


def test_a_decrease_cuts_at_once_and_for_good(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    increase(kinesis, 72)
    put(kinesis, "old")
    sim.advance(hours=30)
    put(kinesis, "young")
    decrease(kinesis, 24)
    assert read(kinesis) == ["young"]
    increase(kinesis, 72)
    assert read(kinesis) == ["young"]


def test_an_expired_shard_does_not_come_back_either(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    split(kinesis, 0, 1 << 127)
    sim.advance(hours=24)
    assert indices(kinesis) == [0, 1, 2]
    sim.advance(milliseconds=1)
    increase(kinesis, 8_760)
    assert indices(kinesis) == [1, 2]
    assert indices(kinesis, Type="AT_TRIM_HORIZON") == [1, 2]


def test_a_shard_expired_by_a_decrease_does_not_come_back(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    increase(kinesis, 48)
    split(kinesis, 0, 1 << 127)
    sim.advance(hours=30)
    assert indices(kinesis) == [0, 1, 2]
    decrease(kinesis, 24)
    assert indices(kinesis) == [1, 2]
    increase(kinesis, 48)
    assert indices(kinesis) == [1, 2]


def test_many_records_leave_one_by_one(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    for number in range(100):
        put(kinesis, str(number))
        sim.advance(milliseconds=10)
    sim.advance(hours=24, milliseconds=-1_000)
    for number in range(100):
        found = read(kinesis)
        assert found[0] == str(number)
        assert len(found) == 100 - number
        sim.advance(milliseconds=10)
    assert read(kinesis) == []


def test_a_reader_in_the_middle_skips_what_expired(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    for number in range(4):
        put(kinesis, str(number))
        sim.advance(minutes=1)
    sim.advance(hours=24, minutes=-4)
    token = kinesis.get_shard_iterator(
        StreamName="s", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    answer = kinesis.get_records(ShardIterator=token, Limit=1)
    assert answer["Records"][0]["Data"] == b"0"
    sim.advance(minutes=2, milliseconds=1)
    rest = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert [record["Data"] for record in rest["Records"]] == [b"3"]
