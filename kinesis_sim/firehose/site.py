"""What the parts of one Firehose stream share: its name and counts, the clock, and the ports by
which anything leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kinesis_sim.account.calls import Request
from kinesis_sim.account.functions import Functions
from kinesis_sim.account.service import Surroundings
from kinesis_sim.account.storage import Store, Undelivered
from kinesis_sim.account.tips import Rests
from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog
from kinesis_sim.firehose.buffering import Lane, Shipment
from kinesis_sim.firehose.events import DeliveryTried, FirehoseEvent, RecordsFailed, RecordsLost
from kinesis_sim.firehose.outcome import INTERNAL, Destination, Failure
from kinesis_sim.firehose.processing.partitioning import Jq
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import LogPlace, Settings
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.instants import DAY

if TYPE_CHECKING:
    from random import Random

Found = TypeVar("Found")
SHORTEST_WINDOW = DAY
"""No source keeps records for less, so nobody need be asked before."""


class Schemas(Protocol):
    """The port to the Glue Data Catalog."""

    def __call__(self, configuration: Request) -> Request:
        """The table of a SchemaConfiguration (Glue's ``Table`` structure). Raises Undelivered."""


class Adapters(Protocol):
    """The port that makes a destination's adapter."""

    def __call__(self, settings: Settings, stream_arn: str) -> Destination:
        """An adapter for one version of a stream's configuration."""


class Copies(Protocol):
    """The port that makes Redshift's second step."""

    def __call__(self, settings: Settings) -> Callable[[str], Destination]:
        """Makes the destination of the records that a manifest (``s3://bucket/key``) names."""


class Log(Protocol):
    """The port to CloudWatch Logs."""

    def __call__(self, group: str, stream: str, at: int, message: Request) -> None:
        """Write one error; a group or stream that is not there swallows it, as on AWS."""


class Errands(Protocol):
    """The port to work that waits for the world outside."""

    def __call__(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do work without the simulator's lock, and hand its result to done on the clock."""


def at_once(work: Callable[[], Found], done: Callable[[Found], None]) -> None:
    """An errand of somebody who has no threads: done while the caller waits."""
    done(work())


@dataclass(frozen=True, slots=True)
class Outlets:
    """What only Firehose needs of outside: Glue's tables, destinations, CloudWatch Logs."""

    schemas: Schemas
    adapters: Adapters
    copies: Copies
    log: Log
    errand: Errands = at_once
    jq: Jq | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """What Firehose needs of its surroundings. random: a draw of the simulator's seed; request_id:
    the next UUID; unlock: raises ServiceError when a KMS key cannot be used for an action; errand:
    does what waits for the world outside; rests: lets a reader at a data stream's tip rest; jq:
    runs the queries that can take long."""

    clock: Clock
    events: EventLog
    functions: Functions
    kinesis: Callable[[str, Request], Request]
    rests: Rests
    store: Store
    schemas: Schemas
    adapters: Adapters
    copies: Copies
    log: Log
    unlock: Callable[[str, str], None]
    request_id: Callable[[], str]
    random: Random
    account: str
    region: str
    errand: Errands = at_once
    jq: Jq | None = None

    @classmethod
    def of(cls, around: Surroundings) -> Ports:
        """The ports of one account. Its port named "firehose" has the Outlets."""
        outlets: Outlets = around.port("firehose")
        return cls(
            clock=around.clock,
            events=around.events,
            functions=around.functions,
            kinesis=partial(around.call, "kinesis"),
            rests=around.rests,
            store=around.store,
            schemas=outlets.schemas,
            adapters=outlets.adapters,
            copies=outlets.copies,
            log=outlets.log,
            errand=outlets.errand,
            jq=outlets.jq,
            unlock=around.keys.check,
            request_id=around.chance.request_id,
            random=around.chance.random("firehose"),
            account=around.account,
            region=around.region,
        )


@dataclass(slots=True)
class LogEntry:
    """An error as it stands in the error log. at: epoch ms."""

    at: int
    code: str
    message: str
    where: str


@dataclass(slots=True)
class Site:
    """One stream's surroundings. window: how long a record may wait for a destination (ms): 24
    hours for Direct PUT, the retention of a data stream otherwise."""

    name: str
    arn: str
    ports: Ports
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

    def store(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object. Raises Undelivered, also for an S3 that fails as S3 never does."""
        try:
            self.ports.store(bucket, key, body)
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

    def forgo(self, lane: Lane, shipment: Shipment, error: Exception) -> None:
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

    def complain(self, log: LogPlace | None, code: str, message: str, where: str) -> None:
        """Write to the error log: the stream's own, and CloudWatch's where that is wanted."""
        self.log.append(LogEntry(self.now, code, message, where))
        del self.log[:-1_000]
        if log is not None:
            group, stream = log
            row = {
                "deliveryStreamARN": self.arn,
                "destination": where,
                "deliveryStreamVersionId": self.version,
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


def _kms(code: str) -> str:
    """KMSDisabledException → DisabledException."""
    return code.removeprefix("KMS")
