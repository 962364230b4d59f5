"""Entries that are packed as columns come back as they were, and nothing else does."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.journal import columns
from kinesis_sim.journal.entry import Damaged, Entry, decoded, encoded

MOST = 1 << 24
_texts = st.text(st.characters(codec="utf-8") | st.sampled_from("\ud800\0b"), max_size=6)
_plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts
_values = st.binary(max_size=9) | _plain | st.lists(st.binary(max_size=2) | _plain, max_size=2)
_names = st.sampled_from(["StreamName", "Data", "PartitionKey", "Limit"])
_records = st.lists(
    st.dictionaries(st.sampled_from(["Data", "PartitionKey"]), st.binary(max_size=3) | _plain)
    | st.fixed_dictionaries({"Data": st.binary(max_size=3), "PartitionKey": _texts})
    | _plain,
    max_size=3,
) | st.lists(
    st.fixed_dictionaries({"Data": st.binary(max_size=3), "PartitionKey": _texts}), max_size=3
)  # fmt: skip
_counts = st.integers(0, 1 << 40) | st.just(1 << 63)
_callers = st.none() | st.just(["1" * 12, "arn", None, "10.0.0.1"])
_calls = st.builds(
    lambda service, operation, params, who: [service, operation, params, who],
    st.sampled_from(["kinesis", "firehose"]),
    st.sampled_from(["PutRecord", "GetRecords"]),
    st.dictionaries(_names, _values | _records, max_size=3),
    _callers,
)
_entries = st.builds(
    Entry,
    st.sampled_from(["call", "call", "call", "move", "put"]),
    _counts,
    _counts,
    st.sampled_from([-1, -1, -2, -3, 7]),
    _counts,
    _counts,
    _calls | st.lists(_values, max_size=3),
    st.sampled_from(["", "", "210987654321/sa-east-1"]),
)


@given(st.lists(_entries, max_size=12), st.integers(0, 2**32 - 1))
def test_columns_give_back_every_entry_to_the_byte(entries: list[Entry], before: int) -> None:
    rows = [encoded(entry) for entry in entries]
    found = columns.unpacked(columns.packed(map(decoded, rows), before), before, MOST)
    assert found == [decoded(row) for row in rows]
    assert [encoded(entry) for entry in found] == rows


def _put(n: int, **more: Any) -> bytes:
    params = {"StreamName": "s", "PartitionKey": f"k{n}", "Data": b"%d" % n, **more}
    return encoded(Entry("call", n, n // 2, -1, n, n, ["kinesis", "PutRecord", params, None]))


def _puts(n: int) -> bytes:
    rows = [{"Data": b"%d" % (n * k), "PartitionKey": f"k{k}"} for k in range(1 + n % 7)]
    params = {"StreamName": "s", "Records": rows}
    return encoded(Entry("call", n, n // 2, -1, n, n, ["kinesis", "PutRecords", params, None]))


def test_records_that_are_alike_lie_in_columns() -> None:
    rows = [_puts(n) for n in range(2_000)]
    data = columns.packed(map(decoded, rows), 0)
    assert [encoded(entry) for entry in columns.unpacked(data, 0, MOST)] == rows
    assert zlib.decompress(data[5:]).count(b"PartitionKey") == 1
    assert len(data) < 0.6 * len(zlib.compress(b"".join(rows), 1))


def test_more_shapes_than_a_byte_tells_are_kept_whole() -> None:
    rows = [_put(n % 7, **{f"Member{n % 300}": n}) for n in range(900)]
    found = columns.unpacked(columns.packed(map(decoded, rows), 0), 0, MOST)
    assert [encoded(entry) for entry in found] == rows


def test_calls_of_one_shape_take_a_fraction_of_their_bytes() -> None:
    rows = [_put(n) for n in range(5_000)]
    assert len(columns.packed(map(decoded, rows), 0)) < 0.8 * len(zlib.compress(b"".join(rows), 1))


def test_columns_that_are_damaged_are_refused_at_every_byte() -> None:
    rows = [*(_put(n) for n in range(3)), *(_puts(n) for n in range(3))]
    whole = columns.packed(map(decoded, rows), 5)
    for place in range(len(whole)):
        with pytest.raises(Damaged):
            columns.unpacked(whole[:place], 5, MOST)
        turned = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(Damaged):
            columns.unpacked(turned, 5, MOST)
    with pytest.raises(Damaged, match="checksum"):
        columns.unpacked(whole, 6, MOST)
    with pytest.raises(Damaged, match="cannot be unpacked"):
        columns.unpacked(whole, 5, 20)


def test_columns_that_say_something_else_than_they_hold_are_refused() -> None:
    for body in (
        b"",
        b"\0\0\0\2[]",
        b"\0\0\0\5[1,0]",
        b"\0\0\0\x08[1, [[]]]\0",
        b"\xff\xff\xff\xff",
    ):
        data = zlib.compress(body)
        with pytest.raises(Damaged, match="cannot be read"):
            columns.unpacked(columns.TAG + zlib.crc32(data).to_bytes(4, "big") + data, 0, MOST)
