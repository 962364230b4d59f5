"""A table that is written: rows to a data stream or a Firehose stream, in batches.

What is not taken is kept and tried again: at least once, in no promised order (as Flink's sinks
write). A row that is larger than a record may be is dropped there for ever, so it fails the job.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Surroundings
from kinesis_sim.errors import ServiceError

Values = Mapping[str, Any]
BATCH = 500
"""Records of one PutRecords or PutRecordBatch."""
_PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "InternalFailure",
        "InternalFailureException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "LimitExceededException",
        "KMSThrottlingException",
    }
)
"""Errors that pass: the batch is tried again; any other fails the job, as Flink's sink does."""


class Sink(Protocol):
    """Where a table's rows go."""

    def add(self, row: Values) -> None:
        """Take a row."""

    def flush(self) -> None:
        """Send what is held. Raises ServiceError for what will not pass."""

    @property
    def held(self) -> list[Values]:
        """Rows that were not taken yet."""


class Nowhere:
    """The connectors print and blackhole: rows are counted, and shown by whoever looks."""

    def __init__(self) -> None:
        self.rows: list[Values] = []
        self.count = 0

    @property
    def held(self) -> list[Values]:
        """Nothing waits."""
        return []

    def add(self, row: Values) -> None:
        """Take a row; the newest thousand are kept."""
        self.count += 1
        self.rows.append(row)
        del self.rows[:-1_000]

    def flush(self) -> None:
        """Nothing is sent."""


class Batches:
    """Rows that go out as records. send: a batch of rows; those that were not taken come back."""

    def __init__(self, send: Callable[[list[Values]], list[Values]]) -> None:
        self._send = send
        self.held: list[Values] = []

    def add(self, row: Values) -> None:
        """Take a row."""
        self.held.append(row)

    def flush(self) -> None:
        """Send what is held. Raises ServiceError for what will not pass."""
        rows, self.held = self.held, []
        for at in range(0, len(rows), BATCH):
            batch = rows[at : at + BATCH]
            try:
                self.held += self._send(batch)
            except ServiceError as error:
                self.held += rows[at:]
                if error.code not in _PASSING:
                    raise
                return


def to_stream(
    around: Surroundings, name: str, keys: tuple[str, ...], encode: Callable[[Values], bytes]
) -> Batches:
    """Rows into a data stream.

    keys: the columns of PARTITIONED BY, whose values make the partition key; without them each
    record has a key by chance.
    """
    chance = around.chance.random(f"analytics/sink/{name}")

    def key(row: Values) -> str:
        if keys:
            return "|".join(str(row[each]) for each in keys)[:256] or "-"
        return f"{chance.getrandbits(64):016x}"

    def send(rows: list[Values]) -> list[Values]:
        records = [{"Data": encode(row), "PartitionKey": key(row)} for row in rows]
        answer = around.call("kinesis", "PutRecords", {"StreamName": name, "Records": records})
        return [
            row for row, told in zip(rows, answer["Records"], strict=True) if "ErrorCode" in told
        ]

    return Batches(send)


def to_firehose(around: Surroundings, name: str, encode: Callable[[Values], bytes]) -> Batches:
    """Rows into a Firehose stream."""

    def send(rows: list[Values]) -> list[Values]:
        request: Request = {
            "DeliveryStreamName": name,
            "Records": [{"Data": encode(row)} for row in rows],
        }
        answer = around.call("firehose", "PutRecordBatch", request)
        told = answer["RequestResponses"]
        return [row for row, one in zip(rows, told, strict=True) if "ErrorCode" in one]

    return Batches(send)


def to_json(options: Values, types: Mapping[str, str]) -> Callable[[Values], bytes]:
    """Rows as Flink's JSON format writes them. types: the SQL type of each column.

    Times follow ``json.timestamp-format.standard``: "SQL" with a space, "ISO-8601" with a T; zeros
    at the end of a second's fraction are left out.
    """
    between = "T" if options.get("json.timestamp-format.standard") == "ISO-8601" else " "
    skip = options.get("json.encode.ignore-null-fields") == "true"
    zones = {
        name: "Z" if kind.startswith("TIMESTAMP_LTZ") else ""
        for name, kind in types.items()
        if kind.startswith("TIMESTAMP")
    }

    def plain(name: str, value: Any) -> Any:
        if name not in zones or value is None:
            return value
        day, _, time = str(value).partition(" ")
        whole, _, fraction = time.partition(".")
        part = fraction.rstrip("0")
        return f"{day}{between}{whole}{'.' + part if part else ''}{zones[name]}"

    def encode(row: Values) -> bytes:
        told = {name: plain(name, value) for name, value in row.items()}
        kept = {name: value for name, value in told.items() if not (skip and value is None)}
        return json.dumps(kept, ensure_ascii=False, default=str, separators=(",", ":")).encode()

    return encode
