"""CloudWatch Logs subscriptions: gzip in, messages out, and only CloudWatch Logs may write (facts
/firehose §1.2, §4)."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from typing import Any

from kinesis_sim import Simulator
from tests.firehose.calls import BUCKET, NAME, create, processing, put
from tests.streams.calls import refused

ENVELOPE = {
    "messageType": "DATA_MESSAGE",
    "owner": "210987654321",
    "logGroup": "/pedala/api",
    "logStream": "i-1",
    "subscriptionFilters": ["all"],
    "logEvents": [
        {"id": "1", "timestamp": 1767225600000, "message": "GET /rides 200"},
        {"id": "2", "timestamp": 1767225600001, "message": "GET /bikes 500"},
    ],
}


def delivered(sim: Simulator, firehose: Any, *blobs: bytes, extract: bool) -> dict[str, bytes]:
    """What becomes of records of a subscription, which come from within AWS: the native way in."""
    steps: list[tuple[str, dict[str, str]]] = [("Decompression", {"CompressionFormat": "GZIP"})]
    if extract:
        steps.append(("CloudWatchLogProcessing", {"DataMessageExtraction": "true"}))
    create(firehose, **processing(*steps))
    sim.firehose[NAME].put(blobs)
    sim.advance(minutes=10)
    return dict(sim.buckets.objects(BUCKET))


def test_a_subscription_is_unpacked(sim: Simulator, firehose: Any) -> None:
    packed = gzip.compress(json.dumps(ENVELOPE).encode())
    (body,) = delivered(sim, firehose, packed, extract=False).values()
    assert json.loads(body) == ENVELOPE


def test_its_messages_are_kept_a_line_each(sim: Simulator, firehose: Any) -> None:
    packed = gzip.compress(json.dumps(ENVELOPE).encode())
    (body,) = delivered(sim, firehose, packed, extract=True).values()
    assert body == b"GET /rides 200\nGET /bikes 500\n"


def test_what_is_no_gzip_goes_to_the_error_output(sim: Simulator, firehose: Any) -> None:
    ((key, body),) = delivered(sim, firehose, b"plain", extract=True).items()
    row = json.loads(body)
    assert key.startswith("decompression-failed/2026/01/01/00/")
    assert b64decode(row["rawData"]) == b"plain"
    assert sim.firehose[NAME].tally.errors == 1


def test_nobody_else_may_write(firehose: Any) -> None:
    create(firehose, **processing(("Decompression", {"CompressionFormat": "GZIP"})))
    with refused("InvalidSourceException"):
        put(firehose, gzip.compress(b"{}"))
