"""Log subscriptions: unpacked, their messages extracted, and what is no subscription refused."""

from __future__ import annotations

import gzip
import json
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kinesis_sim.firehose.processing import decompression
from kinesis_sim.firehose.processing.decompression import (
    BATCH_GROWTH,
    LARGEST,
    Allowance,
    NotDecompressed,
    decompressed,
)
from kinesis_sim.firehose.processing.opening import Opening
from kinesis_sim.firehose.record import Record

ENVELOPE = {  # DG:Message_extraction
    "owner": "111111111111",
    "logGroup": "CloudTrail/logs",
    "logStream": "111111111111_CloudTrail/logs_us-east-1",
    "subscriptionFilters": ["Destination"],
    "messageType": "DATA_MESSAGE",
    "logEvents": [
        {"id": "1", "timestamp": 1432826855000, "message": '{"eventVersion":"1.03"}'},
        {"id": "2", "timestamp": 1432826855000, "message": "plain é"},
    ],
}


def packed(value: object) -> bytes:
    return gzip.compress(json.dumps(value).encode())


def test_records_are_unpacked() -> None:
    assert decompressed(packed(ENVELOPE)) == json.dumps(ENVELOPE).encode()
    assert decompressed(gzip.compress(b"[1,") + gzip.compress(b"2]")) == b"[1,2]"


def test_messages_are_extracted_a_line_each() -> None:
    plain = decompressed(packed(ENVELOPE), extract=True)
    assert plain == '{"eventVersion":"1.03"}\nplain é\n'.encode()


def test_a_control_message_has_nothing_to_extract() -> None:
    control = {**ENVELOPE, "messageType": "CONTROL_MESSAGE"}
    assert decompressed(packed(control), extract=True) == b""


@pytest.mark.parametrize(
    "data",
    [b"", b"plain", packed(ENVELOPE)[:-9], packed(ENVELOPE) + b"x", gzip.compress(b"{no json")],
)
def test_what_is_no_gzip_or_no_json_fails(data: bytes) -> None:
    found = decompressed(data)
    assert isinstance(found, NotDecompressed)
    assert found.code == "Decompression failed."
    assert found.message == (
        "Decompression failed because input data does not conform to cloudwatch log."
    )


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        {},
        {**ENVELOPE, "messageType": "OTHER"},
        {"messageType": "DATA_MESSAGE"},
        {**ENVELOPE, "logEvents": [{}]},
    ],
)
def test_vended_logs_fail_where_messages_are_wanted(value: object) -> None:
    assert isinstance(decompressed(packed(value), extract=True), NotDecompressed)
    assert decompressed(packed(value)) == json.dumps(value).encode()


def test_a_small_record_cannot_become_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "LARGEST", 1_000)
    assert decompressed(gzip.compress(b"1" * 1_000)) == b"1" * 1_000
    found = decompressed(gzip.compress(b"1" * 1_001))
    assert isinstance(found, NotDecompressed)
    assert "more than 1000 bytes" in found.message


def test_a_batch_of_bombs_unpacks_to_its_allowance_and_no_further() -> None:
    """Twenty records of 1.3 MB together became 1.5 GB once; each alone keeps the limit."""
    bomb = gzip.compress(b" " * (LARGEST - 2) + b"1")
    records = [Record(bomb, 0, number) for number in range(20)]
    settings = SimpleNamespace(processor=lambda name: True if name == "Decompression" else None)
    opened, failures = Opening(cast(Any, settings), count(100), str).open(records)
    assert sum(len(record.data) for record in opened) <= Allowance(20 * len(bomb)).left
    assert len(opened) + len(failures) == 20
    assert len(failures) == 19
    assert "bytes its batch has left" in failures[0].message


def test_an_honest_batch_has_room() -> None:
    assert Allowance(1_000).left == LARGEST
    assert Allowance(10 << 20).left == BATCH_GROWTH * (10 << 20)
