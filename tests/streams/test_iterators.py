"""Shard iterators (facts/data-streams §3.3): five types, five minutes, and who may use them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams.iterator import IteratorMint, ShardIterator
from tests.streams.calls import create, iterator, put, read, refused, shard, split

FIVE_MINUTES = 300_000
NUMBER_ELSEWHERE = "49546986683135544286507457935754639466300920667981217794"


def filled(sim: Simulator, kinesis: Any) -> list[str]:
    """Stream s with records 0, 1, 2, a second apart; returns their sequence numbers."""
    create(kinesis, shards=2)
    numbers = []
    for data in "012":
        sim.advance(seconds=1)
        numbers.append(put(kinesis, data, ExplicitHashKey="0")["SequenceNumber"])
    return numbers


def test_trim_horizon_starts_at_the_oldest_record(sim: Simulator, kinesis: Any) -> None:
    filled(sim, kinesis)
    assert read(kinesis, "TRIM_HORIZON") == ["0", "1", "2"]


def test_latest_starts_after_the_newest_record(sim: Simulator, kinesis: Any) -> None:
    filled(sim, kinesis)
    token = iterator(kinesis, "LATEST")
    assert kinesis.get_records(ShardIterator=token)["Records"] == []
    put(kinesis, "3", ExplicitHashKey="0")
    [record] = kinesis.get_records(ShardIterator=token)["Records"]
    assert record["Data"] == b"3"


def test_at_and_after_a_sequence_number(sim: Simulator, kinesis: Any) -> None:
    numbers = filled(sim, kinesis)
    at = numbers[1]
    assert read(kinesis, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=at) == ["1", "2"]
    assert read(kinesis, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=at) == ["2"]


def test_a_shards_own_first_and_last_number_are_places_too(sim: Simulator, kinesis: Any) -> None:
    filled(sim, kinesis)
    row = kinesis.list_shards(StreamName="s")["Shards"][0]["SequenceNumberRange"]
    first = {"StartingSequenceNumber": row["StartingSequenceNumber"]}
    assert read(kinesis, "AT_SEQUENCE_NUMBER", **first) == ["0", "1", "2"]
    assert read(kinesis, "AFTER_SEQUENCE_NUMBER", **first) == ["0", "1", "2"]
    split(kinesis, 0, 1 << 126)
    row = kinesis.list_shards(StreamName="s")["Shards"][0]["SequenceNumberRange"]
    last = {"StartingSequenceNumber": row["EndingSequenceNumber"]}
    assert read(kinesis, "AT_SEQUENCE_NUMBER", **last) == []
    assert read(kinesis, "AFTER_SEQUENCE_NUMBER", **last) == []


@pytest.mark.parametrize(
    ("ago_ms", "found"),
    [
        (5_000, ["0", "1", "2"]),
        (2_001, ["0", "1", "2"]),
        (2_000, ["0", "1", "2"]),
        (1_999, ["1", "2"]),
        (0, ["2"]),
    ],
)
def test_at_timestamp_starts_at_the_first_record_from_then_on(
    sim: Simulator, kinesis: Any, ago_ms: int, found: list[str]
) -> None:
    filled(sim, kinesis)
    at = sim.now - timedelta(milliseconds=ago_ms)
    assert read(kinesis, "AT_TIMESTAMP", Timestamp=at) == found


def test_a_timestamp_before_the_horizon_is_the_horizon(sim: Simulator, kinesis: Any) -> None:
    filled(sim, kinesis)
    sim.advance(hours=24, milliseconds=-1_000)
    at = sim.now - timedelta(days=3)
    assert read(kinesis, "AT_TIMESTAMP", Timestamp=at) == ["1", "2"]


def test_a_timestamp_of_the_future_is_refused(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    now = sim.clock.now
    with refused(
        "InvalidArgumentException",
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        f"timestampInMillis: {now + 1}, currentTimestampInMillis: {now}",
    ):
        iterator(kinesis, "AT_TIMESTAMP", Timestamp=sim.now + timedelta(milliseconds=1))
    assert read(kinesis, "AT_TIMESTAMP", Timestamp=sim.now) == []


def test_at_timestamp_needs_one(kinesis: Any) -> None:
    create(kinesis)
    with refused("InvalidArgumentException") as answer:
        iterator(kinesis, "AT_TIMESTAMP")
    assert "Must specify timestampInMillis" in answer.message


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_a_type_by_number_needs_one(kinesis: Any, kind: str) -> None:
    create(kinesis)
    with refused("InvalidArgumentException") as answer:
        iterator(kinesis, kind)
    assert answer.message.endswith(f"Request specified {kind} and no StartingSequenceNumber.")


@pytest.mark.parametrize("kind", ["TRIM_HORIZON", "LATEST"])
def test_a_type_without_number_takes_none(sim: Simulator, kinesis: Any, kind: str) -> None:
    number = filled(sim, kinesis)[0]
    with refused("InvalidArgumentException") as answer:
        iterator(kinesis, kind, StartingSequenceNumber=number)
    assert answer.message.endswith(f"Request specified {kind} and also a StartingSequenceNumber.")


def test_a_number_of_another_shard_is_refused(sim: Simulator, kinesis: Any) -> None:
    number = filled(sim, kinesis)[0]
    with refused(
        "InvalidArgumentException",
        f"Invalid StartingSequenceNumber. It encodes {shard(0)}, while it was used in a call to a "
        f"shard with {shard(1)}",
    ):
        iterator(kinesis, "AT_SEQUENCE_NUMBER", 1, StartingSequenceNumber=number)


def test_a_number_of_another_stream_is_refused(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    with refused("InvalidArgumentException") as answer:
        iterator(kinesis, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=NUMBER_ELSEWHERE)
    assert answer.message.endswith("is invalid because it did not come from this stream.")
    assert NUMBER_ELSEWHERE in answer.message


def test_what_is_no_number_is_refused(kinesis: Any) -> None:
    create(kinesis)
    with refused("InvalidArgumentException") as answer:
        iterator(kinesis, "AT_SEQUENCE_NUMBER", StartingSequenceNumber="9" * 56)
    assert answer.message.endswith("in stream s under account 123456789012 is invalid.")


def test_a_shard_that_is_not_there_is_named(kinesis: Any) -> None:
    create(kinesis)
    with refused(
        "ResourceNotFoundException",
        f"Shard {shard(1)} in stream s under account 123456789012 does not exist",
    ):
        iterator(kinesis, index=1)
    with refused("ResourceNotFoundException") as answer:
        kinesis.get_shard_iterator(StreamName="s", ShardId="first", ShardIteratorType="LATEST")
    assert "first" in answer.message


def test_a_bare_index_is_a_shard_id_too(sim: Simulator, kinesis: Any) -> None:
    filled(sim, kinesis)
    answer = kinesis.get_shard_iterator(StreamName="s", ShardId="0", ShardIteratorType="LATEST")
    assert kinesis.get_records(ShardIterator=answer["ShardIterator"])["Records"] == []


def test_an_iterator_lives_for_exactly_five_minutes(sim: Simulator, kinesis: Any) -> None:
    filled(sim, kinesis)
    token = iterator(kinesis)
    sim.advance(milliseconds=FIVE_MINUTES)
    assert len(kinesis.get_records(ShardIterator=token)["Records"]) == 3
    sim.advance(milliseconds=1)
    with refused(
        "ExpiredIteratorException",
        "Iterator expired. The iterator was created at time Thu Jan 01 00:00:03 UTC 2026 while "
        "right now it is Thu Jan 01 00:05:03 UTC 2026 which is further in the future than the "
        "tolerated delay of 300000 milliseconds.",
    ):
        kinesis.get_records(ShardIterator=token)


def test_each_read_gives_a_fresh_iterator_and_leaves_the_old_one_good(
    sim: Simulator, kinesis: Any
) -> None:
    filled(sim, kinesis)
    token = iterator(kinesis)
    for _ in range(4):
        sim.advance(minutes=4)
        answer = kinesis.get_records(ShardIterator=token, Limit=1)
        again = kinesis.get_records(ShardIterator=token, Limit=1)
        assert again["Records"] == answer["Records"]
        token = answer["NextShardIterator"]
    assert answer["Records"] == []


@pytest.mark.parametrize("token", ["x", "AAAA", "AAAAAAAAAAE=", "é", "/" * 512])
def test_what_is_no_iterator_is_refused(kinesis: Any, token: str) -> None:
    create(kinesis)
    with refused("InvalidArgumentException", "Invalid ShardIterator."):
        kinesis.get_records(ShardIterator=token)


def test_every_changed_byte_of_an_iterator_is_noticed(kinesis: Any) -> None:
    create(kinesis)
    raw = bytearray(b64decode(iterator(kinesis)))
    assert raw[:8] == bytes(7) + b"\x01"
    assert len(raw) % 16 == 8
    for place in range(len(raw)):
        changed = bytes(raw[:place]) + bytes([raw[place] ^ 1]) + bytes(raw[place + 1 :])
        with refused("InvalidArgumentException", "Invalid ShardIterator."):
            kinesis.get_records(ShardIterator=b64encode(changed).decode())


def test_an_iterator_and_another_streams_arn_do_not_go_together(kinesis: Any) -> None:
    arn, other = create(kinesis), create(kinesis, "other")
    token = iterator(kinesis)
    assert kinesis.get_records(ShardIterator=token, StreamARN=arn)["Records"] == []
    said = "Input stream name s doesn't match the inferred name in stream arn other"
    with refused("InvalidArgumentException", said):
        kinesis.get_records(ShardIterator=token, StreamARN=other)


def test_a_long_stream_name_still_fits_a_token(kinesis: Any) -> None:
    name = "n" * 128
    create(kinesis, name)
    assert len(iterator(kinesis, name=name)) <= 512


def test_an_old_iterator_does_not_read_a_new_stream_of_the_same_name(
    sim: Simulator, kinesis: Any
) -> None:
    create(kinesis)
    old = iterator(kinesis)
    kinesis.delete_stream(StreamName="s")
    with refused("ResourceNotFoundException"):
        kinesis.get_records(ShardIterator=old)
    create(kinesis)  # in the same millisecond
    put(kinesis, "secret")
    with refused("ResourceNotFoundException", "Stream s under account 123456789012 not found."):
        kinesis.get_records(ShardIterator=old)
    assert read(kinesis) == ["secret"]


def test_an_iterator_of_an_expired_shard_finds_nothing(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    split(kinesis, 0, 1 << 127)
    sim.advance(hours=24)
    token = iterator(kinesis)
    sim.advance(milliseconds=1)
    with refused("ResourceNotFoundException"):
        kinesis.get_records(ShardIterator=token)
    with refused("ResourceNotFoundException"):
        iterator(kinesis)


def test_how_long_an_iterator_lives_is_a_row_of_the_table() -> None:
    from kinesis_sim import Simulator

    sim = Simulator(latency=None, delays="instant", limits={"streams.iterator_seconds": 60})
    kinesis = sim.client("kinesis")
    create(kinesis)
    token = iterator(kinesis)
    sim.advance(seconds=61)
    with refused("ExpiredIteratorException") as refusal:
        kinesis.get_records(ShardIterator=token)
    assert "tolerated delay of 60000 milliseconds" in refusal.message


def test_a_token_that_many_newer_ones_followed_still_names_its_place() -> None:
    mint = IteratorMint(b"secret", FIVE_MINUTES)
    places = [ShardIterator(7, "s", 1, 0, position) for position in range(2_000)]
    tokens = [mint.token(place) for place in places]
    assert [mint.place(token, 7) for token in tokens] == places
    with pytest.raises(ServiceError, match="Iterator expired"):
        mint.place(tokens[-1], 8 + FIVE_MINUTES)
