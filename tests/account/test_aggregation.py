"""KPL aggregates: ours open in aws-kinesis-agg, its in ours, and garbage opens in neither."""

from __future__ import annotations

from base64 import b64decode
from hashlib import md5
from typing import Any

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import iter_deaggregate_records
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.aggregation import (
    MAGIC,
    UserRecord,
    aggregate,
    deaggregate,
    user_records,
)
from kinesis_sim.account.hashing import HASH_SPACE, hash_key
from kinesis_sim.account.protobuf import Malformed, fields, sized, varint
from kinesis_sim.errors import UsageError

KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
RECORDS = st.lists(
    st.builds(
        UserRecord, KEYS, st.binary(max_size=300), st.none() | st.integers(0, HASH_SPACE - 1)
    ),
    min_size=1,
    max_size=40,
)


def row(data: bytes, key: str = "outer") -> dict[str, Any]:
    return {
        "SequenceNumber": "1",
        "PartitionKey": key,
        "Data": data,
        "ApproximateArrivalTimestamp": 0,
    }


@given(RECORDS)
def test_what_goes_in_comes_out(records: list[UserRecord]) -> None:
    assert user_records(aggregate(records)) == records


@given(RECORDS)
def test_ours_open_in_amazons_library(records: list[UserRecord]) -> None:
    opened = iter_deaggregate_records([row(aggregate(records))], data_format="Boto3")
    found = [entry["kinesis"] for entry in opened]
    told = [(r["partitionKey"], b64decode(r["data"])) for r in found]
    assert told == [(r.key, r.data) for r in records]
    # Where a record has none, the library takes the table's first instead (it reads a default).
    explicit = [
        (r["explicitHashKey"], str(record.explicit_hash))
        for r, record in zip(found, records, strict=True)
        if record.explicit_hash is not None
    ]
    assert [theirs for theirs, _ in explicit] == [ours for _, ours in explicit]


@given(RECORDS)
def test_amazons_open_in_ours(records: list[UserRecord]) -> None:
    theirs = RecordAggregator()
    for record in records:
        explicit = None if record.explicit_hash is None else str(record.explicit_hash)
        theirs.add_user_record(record.key, record.data, explicit)
    _key, _hash, data = theirs.clear_and_get().get_contents()
    opened = user_records(data)
    assert opened is not None
    assert [(r.key, r.data) for r in opened] == [(r.key, r.data) for r in records]
    # The library fills in every missing explicit hash key itself.
    assert [r.hash for r in opened] == [r.hash for r in records]


@given(st.binary(max_size=200))
def test_any_bytes_are_safe(data: bytes) -> None:
    assert user_records(data) is None
    assert list(deaggregate([row(data)])) == [row(data)]


@given(st.binary(max_size=120))
def test_any_bytes_under_a_right_seal_are_safe(message: bytes) -> None:
    found = user_records(MAGIC + message + md5(message).digest())
    assert found is None or all(isinstance(record, UserRecord) for record in found)


@given(RECORDS, st.data())
def test_one_flipped_bit_makes_it_an_ordinary_record(
    records: list[UserRecord], data: st.DataObject
) -> None:
    sealed = bytearray(aggregate(records))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert user_records(bytes(sealed)) is None


def test_a_reader_drops_an_aggregate_that_went_astray_whole() -> None:
    """One user record of another shard's range is enough, as in the KCL; the KPL resends all."""
    middle = HASH_SPACE // 2
    records = [UserRecord(f"bike-{n:04d}", b"%d" % n) for n in range(50)]
    low = [r for r in records if hash_key(r.key) < middle]
    high = [r for r in records if hash_key(r.key) >= middle]
    sent = [row(aggregate(low)), row(aggregate([*low, high[0]])), row(b"plain")]
    opened = list(deaggregate(sent, 0, middle - 1))
    assert [r["PartitionKey"] for r in opened[:-1]] == [r.key for r in low]
    assert opened[-1] == row(b"plain")
    assert list(deaggregate(sent[:2], middle)) == []


def test_sub_sequence_numbers_count_every_user_record() -> None:
    records = [UserRecord("a", b"1", 8), UserRecord("b", b"2", 7), UserRecord("c", b"3", 9)]
    rows = list(deaggregate([row(aggregate(records)), row(b"plain")], 7, 9))
    found = [(r["SubSequenceNumber"], r["ExplicitHashKey"]) for r in rows[:3]]
    assert found == [(0, "8"), (1, "7"), (2, "9")]
    assert rows[3:] == [row(b"plain")]


def test_nothing_is_no_aggregate() -> None:
    with pytest.raises(UsageError, match="at least one"):
        aggregate([])


@given(st.integers(0, 2**64 - 1))
def test_varints_round_trip(number: int) -> None:
    assert list(fields(b"\x08" + varint(number))) == [(1, number)]


@pytest.mark.parametrize(
    "message",
    [b"\x00\x01", b"\x08", b"\x0a\x05abc", b"\x0b", b"\x09abc", b"\x08" + b"\xff" * 10 + b"\x01"],
    ids=["field 0", "no value", "too short", "group", "half a number", "endless varint"],
)
def test_malformed_messages_say_so(message: bytes) -> None:
    with pytest.raises(Malformed):
        list(fields(message))


def test_fixed_width_fields_are_passed_over() -> None:
    assert list(fields(b"\x09" + bytes(8) + b"\x15" + bytes(4) + sized(0x1A, b"x"))) == [
        (1, bytes(8)),
        (2, bytes(4)),
        (3, b"x"),
    ]
