"""What the parts of one Firehose stream share: its name and counts, the clock and the ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.buffering import BufferLane, Shipment
from kinesis_sim.firehose.compression import CONTENT_TYPE
from kinesis_sim.firehose.events import DeliveryTried, FirehoseEvent, RecordsFailed, RecordsLost
from kinesis_sim.firehose.outcome import INTERNAL, Failure
from kinesis_sim.firehose.ports import FirehosePorts
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import LogPlace
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.instants import DAY

SHORTEST_WINDOW = DAY
"""No source keeps records for less, so nobody need be asked before."""


@dataclass(slots=True)
class LogEntry:
    """An error as it stands in the error log. at: epoch ms."""

    at: int
    code: str
    message: str
    where: str


@dataclass(slots=True)
class Site:
    """One stream's surroundings.

    window: how long a record may wait for a destination (ms): 24 hours for Direct PUT, the
    retention of a data stream otherwise.
    """

    name: str
    arn: str
    ports: FirehosePorts
    tally: Tally = field(default_factory=Tally)
    window: Callable[[], int] = lambda: DAY
    key: Callable[[], str | None] = lambda: None
    log: list[LogEntry] = field(default_factory=list)
    version: int = 1
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    most_partitions: int = 500

    @property
    def now(self) -> int:
        """Epoch ms."""
        return self.ports.clock.now

    def tell(self, event: FirehoseEvent) -> None:
        """Append an event to the log of what happened."""
        self.ports.events.append(event)

    def unlock(self) -> None:
        """Raise Undelivered when what lies at rest cannot be decrypted."""
        from kinesis_sim.errors import ServiceError

        key = self.key()
        if key is None:
            return
        try:
            self.ports.unlock(key, "Decrypt")
        except ServiceError as error:
            raise Undelivered(f"Firehose.KMS.{_kms(error.code)}", error.message) from None

    def store(self, bucket: str, key: str, body: bytes, encoding: str = "") -> None:
        """Write an object. encoding: how its body is compressed, as Content-Encoding says it.

        Raises Undelivered, also for an S3 that fails as S3 never does.
        """
        headers = {"Content-Type": CONTENT_TYPE}
        if encoding:
            headers["Content-Encoding"] = encoding
        try:
            self.ports.store(bucket, key, body, headers)
        except Undelivered:
            raise
        except Exception as error:
            text = self.puzzled(error)
            raise Undelivered(f"S3.{INTERNAL}", text) from error

    def puzzled(self, error: Exception) -> str:
        """Take down an error that nobody expected; what it says."""
        return self.ports.clock.mishaps.note(error, f"Firehose stream {self.name}")

    def broke(self, shipment: Shipment, error: Exception, log: LogPlace | None) -> list[Failure]:
        """The records of a batch that met such an error, as failures; the batch is empty now."""
        text = self.puzzled(error)
        self.complain(log, INTERNAL, text, self.arn)
        records, shipment.records = shipment.records, []
        return [Failure(record, INTERNAL, text, retry=False) for record in records]

    def forgo(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        """Lose a batch for which there is no error output: it was there already."""
        failures = self.broke(shipment, error, None)
        self.lose("broken", [failure.record for failure in failures], shipment.lane)

    def expire(self, shipment: Shipment, counted: bool) -> None:
        """Let records go that are too old for any destination; they are lost."""
        if not shipment.records or self.now - shipment.oldest < SHORTEST_WINDOW:
            return
        limit = self.now - self.window()
        gone = [record for record in shipment.records if record.arrived <= limit]
        shipment.records = [record for record in shipment.records if record.arrived > limit]
        shipment.bytes -= size(gone)
        if counted:
            self.lose("expired", gone, shipment.lane)

    def lose(self, reason: str, records: Sequence[Record], lane: str = "") -> None:
        """Count records as gone for good. lane: of the batch that held them."""
        self.tally.lost += len(records)
        self.tell(
            RecordsLost(
                at=self.now,
                stream=self.name,
                reason=reason,
                records=len(records),
                bytes=size(records),
                lane=lane,
            )
        )

    def tried(self, shipment: Shipment, destination: str, **told: Any) -> None:
        """Tell of a try."""
        self.tell(
            DeliveryTried(
                at=self.now,
                stream=self.name,
                destination=destination,
                lane=shipment.lane,
                attempt=shipment.attempt,
                **told,
            )
        )

    def failed(self, kind: str, code: str, message: str, records: int) -> None:
        """Tell of records that go to the error output."""
        self.tell(
            RecordsFailed(
                at=self.now,
                stream=self.name,
                kind=kind,
                code=code,
                message=message,
                records=records,
            )
        )

    def complain(
        self, log: LogPlace | None, code: str, message: str, where: str, detail: str = ""
    ) -> None:
        """Write to the error log: the stream's own, and CloudWatch's where that is wanted.

        detail: what AWS does not write, for the stream's own log alone.
        """
        self.log.append(LogEntry(self.now, code, f"{message} {detail}".strip(), where))
        del self.log[:-1_000]
        if log is not None:
            group, stream = log
            row = {
                "deliveryStreamARN": self.arn,
                "destination": where,
                "deliveryStreamVersionId": str(self.version),
                "message": message,
                "errorCode": code,
            }
            try:
                self.ports.log(group, stream, self.now, row)
            except Exception as error:  # a log that fails is no reason to stop delivering
                self.puzzled(error)


def size(records: Sequence[Record]) -> int:
    """Bytes of records together."""
    return sum(len(record.data) for record in records)


def weight(records: Sequence[Record]) -> int:
    """Bytes of records together, as they came."""
    return sum(record.weight for record in records)


def _kms(code: str) -> str:
    """KMSDisabledException → DisabledException."""
    return code.removeprefix("KMS")
