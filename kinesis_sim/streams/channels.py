"""Channels: the records of an on-demand stream written to S3 by the stream itself.

Laws
1. A channel delivers what arrives after it became ACTIVE: there is no backfill.
2. No undelivered record grows older than DataFreshnessInSeconds, while the destination takes
objects.
3. A record is in a delivered object, in an error object, or still in the stream: nothing is dropped
   before retention ends it.

Newer than any exam (botocore between 25 August and 16 September 2026); the sources are botocore's
texts and facts/data-streams §1.3. How AWS lays records out in an object, and names it, is left out.
One record a line (BYTE_ARRAY in base64), keys ``channel/yyyy/mm/dd/hh/…`` in UTC and the prefix of
error objects are this model's choice. Delivery to S3 Tables is not simulated: such a channel fails
and says so.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from gzip import compress
from typing import Any

from kinesis_sim.account.storage import Store, Undelivered
from kinesis_sim.states import Life
from kinesis_sim.streams.answers import Record
from kinesis_sim.streams.reading import LARGEST_READ_RECORDS, read
from kinesis_sim.streams.states import CHANNEL, ChannelStatus
from kinesis_sim.streams.stream import Stream
from kinesis_sim.units import MIB

DEFAULT_FRESHNESS_S = 300
FRESHNESS_RANGE_S = (300, 900)
ERROR_PREFIX = "errors/"
LARGEST_OBJECT_BYTES = 64 * MIB
"""Where one delivery is cut into several objects (model's choice)."""


@dataclass(frozen=True, slots=True)
class ChannelDelivery:
    """What one delivery wrote.

    bytes: as stored, after compression; errors: records in error objects.
    """

    objects: int = 0
    records: int = 0
    bytes: int = 0
    errors: int = 0
    failed: str | None = None


@dataclass(slots=True)
class Channel:
    """One channel. request: what CreateChannel asked for; freshness in seconds."""

    name: str
    arn: str
    id: str
    stream: Stream
    created_at: int
    request: dict[str, Any]
    freshness_s: int = DEFAULT_FRESHNESS_S
    life: Life[ChannelStatus] = field(default_factory=lambda: Life(CHANNEL))
    reason: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    logging: dict[str, Any] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)
    timer_set: bool = False
    stop_hearing: Callable[[], None] = field(default=lambda: None)
    _written: int = 0

    @property
    def status(self) -> ChannelStatus | None:
        """Its status; None once it is gone."""
        return self.life.state

    @property
    def running(self) -> bool:
        """Whether it delivers."""
        return self.status in (ChannelStatus.ACTIVE, ChannelStatus.UPDATING)

    def start(self, now: int) -> None:
        """Begin at the tip of every shard there is.

        Shards that open later are read from their start.
        """
        for shard in self.stream.retained_shards(now):
            self.positions[shard.index] = shard.log.end

    def deliver(self, now: int, store: Store) -> ChannelDelivery:
        """Write everything undelivered; what cannot be written stays for the next time."""
        done = ChannelDelivery()
        while True:
            rows, after = self._undelivered(now)
            if not rows:
                return done
            good, bad = self._lines(rows)
            try:
                sizes = [self._write(now, part, store) for part in _parts(good)]
                if bad:
                    store(*self._error_place(now), b"\n".join(bad))
            except Undelivered as error:
                return ChannelDelivery(
                    done.objects, done.records, done.bytes, done.errors, str(error)
                )
            self.positions.update(after)
            done = ChannelDelivery(
                done.objects + len(sizes),
                done.records + len(good),
                done.bytes + sum(sizes),
                done.errors + len(bad),
            )

    def _undelivered(self, now: int) -> tuple[list[Record], dict[int, int]]:
        rows: list[Record] = []
        after: dict[int, int] = {}
        for shard in self.stream.retained_shards(now):
            start = self.positions.get(shard.index, 0)
            batch = read(self.stream, shard, start, LARGEST_READ_RECORDS, now)
            rows += batch.records
            after[shard.index] = shard.log.end if batch.position is None else batch.position
        return rows, after

    def _lines(self, rows: list[Record]) -> tuple[list[bytes], list[bytes]]:
        """The records as lines of the chosen format, and error rows for those not in it."""
        source = self.request["StreamConfigurationList"][0]["RecordConfiguration"]
        kind = source["RecordFormatType"]
        good: list[bytes] = []
        bad: list[bytes] = []
        for row in rows:
            line = _line(kind, row["Data"])
            if line is None:
                bad.append(_error_row(kind, row))
            else:
                good.append(line)
        return good, bad

    def _write(self, now: int, lines: list[bytes], store: Store) -> int:
        place = self.request["S3DestinationConfiguration"]["StorageConfiguration"]
        body = b"\n".join(lines) + b"\n"
        zipped = place["CompressionType"] == "GZIP"
        if zipped:
            body = compress(body, mtime=0)
        key = f"{self.name}/{_hour(now)}/{self._number()}{'.gz' if zipped else ''}"
        store(_bucket(place), key, body)
        return len(body)

    def _error_place(self, now: int) -> tuple[str, str]:
        wanted = self.request["S3DestinationConfiguration"]
        place = wanted.get("DeadLetterQueueS3Configuration") or wanted["StorageConfiguration"]
        prefix = place.get("ErrorOutputPrefix", ERROR_PREFIX)
        return _bucket(place), f"{prefix}{self.name}/{_hour(now)}/{self._number()}"

    def _number(self) -> str:
        self._written += 1
        return f"{self.id}-{self._written:08d}"


def _bucket(place: dict[str, Any]) -> str:
    return str(place["BucketARN"]).rpartition(":")[2]


def _hour(now: int) -> str:
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y/%m/%d/%H")


def _line(kind: str, data: bytes) -> bytes | None:
    """A record as one line of text, or None when it is not of the format."""
    if kind == "BYTE_ARRAY":
        return b64encode(data)
    try:
        text = data.decode()
        if kind == "JSON":
            document, text = json.loads(text), text.strip()
            if "\n" in text:
                text = json.dumps(document, separators=(",", ":"))
        return text.encode()
    except (ValueError, RecursionError):
        return None


def _error_row(kind: str, row: Record) -> bytes:
    return json.dumps(
        {
            "errorCode": f"RecordIsNot{kind}",
            "sequenceNumber": row["SequenceNumber"],
            "approximateArrivalTimestamp": row["ApproximateArrivalTimestamp"],
            "rawData": b64encode(row["Data"]).decode(),
        }
    ).encode()


def _parts(lines: list[bytes]) -> list[list[bytes]]:
    """The lines cut where an object would become too large."""
    parts: list[list[bytes]] = []
    room = 0
    for line in lines:
        if not parts or len(line) > room:
            parts.append([])
            room = LARGEST_OBJECT_BYTES
        parts[-1].append(line)
        room -= len(line) + 1
    return parts
