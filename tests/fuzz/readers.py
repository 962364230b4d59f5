"""What is fuzzed: each reader takes bytes, and may refuse them in its own words only."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from kinesis_sim import UsageError
from kinesis_sim.account.aggregation import UserRecord, aggregate, user_records
from kinesis_sim.aws.model import operation
from kinesis_sim.aws.wire import Format
from kinesis_sim.aws.wire.cbor import CBOR, RPC_V2
from kinesis_sim.aws.wire.json import JSON
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.conversion import timestamps
from kinesis_sim.firehose.naming.date_patterns import WrongPattern, date_pattern
from kinesis_sim.firehose.naming.prefixes import template
from kinesis_sim.firehose.processing.decompression import decompressed
from kinesis_sim.firehose.processing.partition_query import is_slow, names_of
from kinesis_sim.instants import duration_ms, to_ms
from kinesis_sim.mappings.filters import compile_patterns
from kinesis_sim.workloads.capture import captured

Reader = Callable[[bytes], object]
REFUSALS = (ServiceError, UsageError, WrongPattern)
"""What every reader may answer with."""
VALUES = frozenset({"openx time", "joda time"})
"""Readers that say ValueError for a value that is no time: whoever calls them makes a row of it."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _wire(form: Format, service: str, name: str) -> Reader:
    shape = operation(service, name).input_shape
    read = form.reader(shape)
    return lambda data: read(form.loads(data))


def _captured(data: bytes) -> object:
    with tempfile.NamedTemporaryFile(suffix=".ndjson", dir=SCRATCH) as file:
        Path(file.name).write_bytes(data)
        return list(captured(file.name))


def _joda(data: bytes) -> object:
    pattern, _, value = _text(data).partition("|")
    return timestamps.joda(pattern)(value)


SCRATCH = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
READERS: dict[str, Reader] = {
    "json put_records": _wire(JSON, "kinesis", "PutRecords"),
    "json create_delivery_stream": _wire(JSON, "firehose", "CreateDeliveryStream"),
    "cbor put_records": _wire(CBOR, "kinesis", "PutRecords"),
    "cbor get_shard_iterator": _wire(CBOR, "kinesis", "GetShardIterator"),
    "rpc v2 put_metric_data": _wire(RPC_V2, "cloudwatch", "PutMetricData"),
    "kpl": user_records,
    "decompression": decompressed,
    "extraction": lambda data: decompressed(data, extract=True),
    "jq names": lambda data: names_of(_text(data)),
    "jq cost": lambda data: is_slow(_text(data)),
    "prefix": lambda data: template(_text(data), "Prefix"),
    "date pattern": lambda data: date_pattern(_text(data)),
    "duration": lambda data: duration_ms(_text(data)),
    "instant": lambda data: to_ms(_text(data)),
    "event pattern": lambda data: compile_patterns({"Filters": [{"Pattern": _text(data)}]}),
    "capture": _captured,
    "openx time": lambda data: timestamps.openx(_text(data)),
    "joda time": _joda,
}
_PUT = {"StreamName": "s", "Records": [{"Data": "eA==", "PartitionKey": "k"}]}
_LOGS = {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 1, "message": "m"}]}
SEEDS: dict[str, list[bytes]] = {
    "json": [
        json.dumps(_PUT).encode(),
        b'{"Timestamp":1e308}',
        b'{"a":"\\ud800"}',
        b"[" * 20_000,
        b'{"StreamName":NaN}',
        b'{"StreamName":' + b"9" * 5_000 + b"}",
        b'{"StreamName":1,"StreamName":2}',
    ],
    "cbor": [
        bytes.fromhex("a26a53747265616d4e616d656173675265636f72647381a26444617461417869"),
        bytes.fromhex("bf6954696d657374616d70fb7fe1ccf385ebc8a0ff"),
        b"\x81" * 5_000,
        bytes.fromhex("c11b7fffffffffffffff"),
    ],
    "kpl": [aggregate([UserRecord("k", b"x"), UserRecord("l", b"y" * 50, 7)]), b"\xf3\x89\x9a\xc2"],
    "gzip": [gzip.compress(json.dumps(_LOGS).encode(), mtime=0), gzip.compress(b"", mtime=0)],
    "jq": [b"{a:.b}", b'{a:"\\(.x)"}', b'"\\(' * 1_500, b"{a:(.x|gsub(\"a\";\"b\"))}",
           b'{"a\x13":.b}', b'{"\\q":.b}'],
    "prefix": [b"d/!{timestamp:yyyy/MM/dd}/!{partitionKeyFromQuery:a}/", b"!{", b"!{firehose:}"],
    "time": [b"yyyy-MM-dd'T'HH:mm:ss|2026-01-01T00:00:00", b"1h30m", b"1" * 20_000 + b"x",
             b"2026-01-01T00:00:00Z", b"9" * 400 + b"d", b"''", b"yyyy|0000"],
    "pattern": [b'{"data":{"a":[{"numeric":[">",1]}]}}', b'{"$or":[]}', b'{"a":[{"prefix":1}]}'],
    "capture": [b'{"at":Infinity,"stream":"s","partitionKey":"k","data":"eA=="}\n',
                b'{"at":1,"stream":"s","partitionKey":"k","data":"eA=="}\n'],
}  # fmt: skip
"""Where mutation begins: what is right, and every past finding. Kept with the code."""


def refused(name: str, data: bytes) -> bool:
    """Whether a reader refused some bytes; anything but a refusal of its own is raised."""
    try:
        READERS[name](data)
    except REFUSALS:
        return True
    except ValueError:
        if name not in VALUES:
            raise
        return True
    return False
