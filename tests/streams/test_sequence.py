"""Sequence numbers: the public layout (facts/data-streams §3.1), on numbers AWS gave out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.streams import sequence
from kinesis_sim.streams.sequence import SequenceNumber
from tests.streams.calls import create, merge, put, refused, shards, split

# (a number from AWS, created, record's time, sequence index, shard): facts/data-streams §3.1
GIVEN_OUT = [
    (
        "49546986683135544286507457935754639466300920667981217794",
        "2015-01-14T23:47:10",
        "2015-01-14T23:47:10",
        0,
        0,
    ),
    (
        "49590338271490256608559692538361571095921575989136588898",
        "2018-11-21T04:57:38",
        "2018-12-17T22:10:50",
        None,
        6,
    ),
]


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(("number", "born", "time", "index", "shard"), GIVEN_OUT)
def test_numbers_from_aws_read_as_they_should(
    number: str, born: str, time: str, index: int | None, shard: int
) -> None:
    found = sequence.parse(number)
    assert (found.born, found.time, found.shard) == (seconds(born), seconds(time), shard)
    assert index is None or found.index == index
    assert str(found) == number


@given(
    st.integers(0, 16_025_174_999),
    st.integers(0, 0x7FFF_FFFF),
    st.integers(0, sequence.LAST_INDEX),
    st.integers(0, 0xF_FFFF_FFFF),
)
def test_numbers_go_there_and_back(born: int, shard: int, index: int, time: int) -> None:
    number = SequenceNumber(born, shard, index, time)
    assert sequence.parse(str(number)) == number
    assert len(f"{int(number):x}") == 47
    digits = f"{int(number):x}"
    assert digits[0] == "2"
    assert digits[46] == "2"
    assert digits[27:29] == "00"
    assert int(digits[10], 16) == shard % 16


@pytest.mark.parametrize("text", ["0", "1", str(10**55), "9" * 56, str(1 << 187)])
def test_what_no_shard_gave_out_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"sequence number|out of range"):
        sequence.parse(text)


def test_a_records_number_tells_shard_birth_and_time() -> None:
    sim = Simulator(latency=None, limits="off", start="2026-01-01T00:00:00Z")
    kinesis = sim.client("kinesis")
    create(kinesis, shards=3)
    sim.advance(seconds=15)
    sim.advance(hours=2, milliseconds=700)
    found = sequence.parse(put(kinesis, "x", "e")["SequenceNumber"])
    assert found.shard == 2
    assert found.born == seconds("2026-01-01T00:00:04")  # when it was created
    assert found.time == seconds("2026-01-01T02:00:15")


def test_a_closed_shards_range_ends_with_the_last_index_and_children_start_a_second_later(
    sim: Simulator, kinesis: Any
) -> None:
    create(kinesis)
    assert "EndingSequenceNumber" not in shards(kinesis)[0]["SequenceNumberRange"]
    sim.advance(seconds=10)
    split(kinesis, 0, 1 << 127)
    parent, low, high = shards(kinesis)
    ending = sequence.parse(parent["SequenceNumberRange"]["EndingSequenceNumber"])
    assert ending.index == sequence.LAST_INDEX
    assert ending.time == seconds("2026-01-01T00:00:10")
    for child in (low, high):
        start = sequence.parse(child["SequenceNumberRange"]["StartingSequenceNumber"])
        assert start.born == seconds("2026-01-01T00:00:11")


def test_reshards_within_one_second_keep_children_above_their_parents(kinesis: Any) -> None:
    create(kinesis)
    numbers = [int(put(kinesis, "x")["SequenceNumber"])]
    for _ in range(5):
        pieces = shards(kinesis, Type="AT_LATEST")
        if len(pieces) == 1:
            split(kinesis, int(pieces[0]["ShardId"][-12:]), 1 << 127)
        else:
            low, high = (int(row["ShardId"][-12:]) for row in pieces)
            merge(kinesis, low, high)
        numbers.append(int(put(kinesis, "x")["SequenceNumber"]))
    assert numbers == sorted(set(numbers))


def test_the_number_of_the_record_before_is_taken_for_ordering(kinesis: Any) -> None:
    create(kinesis)
    number = put(kinesis, "0")["SequenceNumber"]
    for turn in range(1, 5):
        answer = put(kinesis, str(turn), SequenceNumberForOrdering=number)
        assert int(answer["SequenceNumber"]) > int(number)
        number = answer["SequenceNumber"]


def test_a_number_of_a_shard_born_ahead_of_the_clock_is_taken_for_ordering(kinesis: Any) -> None:
    create(kinesis)
    for index, at in ((0, 1 << 127), (1, 1 << 126), (3, 1 << 125)):
        split(kinesis, index, at)
    number = put(kinesis, "0", ExplicitHashKey="0")["SequenceNumber"]
    put(kinesis, "1", ExplicitHashKey="0", SequenceNumberForOrdering=number)


def test_zero_is_taken_for_ordering(kinesis: Any) -> None:
    """Recorded 2026-09-19."""
    create(kinesis)
    assert put(kinesis, "x", SequenceNumberForOrdering="0")["ShardId"] == "shardId-000000000000"


@pytest.mark.parametrize("number", ["1", "9" * 56])
def test_a_number_nobody_gave_out_is_refused_for_ordering(kinesis: Any, number: str) -> None:
    create(kinesis)
    with refused(
        "InvalidArgumentException",
        f"ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream s under account "
        "123456789012 is invalid.",
    ):
        put(kinesis, "x", SequenceNumberForOrdering=number)


def test_a_number_of_the_future_is_refused_for_ordering(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    future = SequenceNumber(sim.clock.now // 1000, 0, 1, sim.clock.now // 1000 + 3_600)
    with refused("InvalidArgumentException"):
        put(kinesis, "x", SequenceNumberForOrdering=str(future))
