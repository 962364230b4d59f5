"""Buffers: size or time, whichever comes first.

Laws
1. A buffer is emptied when its bytes reach the size hint, or when its first record has been in it
   for the interval; never before, and at that very instant. The record that meets the size goes
   with it, so an object is larger than the hint by less than one record.
2. One batch of a lane is under way at a time (of a transform: five). While one is, the lane's
   buffer waits; it is emptied early only at the largest size its destination takes: the larger
   objects with which Firehose catches up.
3. An interval of 0 is "zero buffering": a few seconds, here three (model's choice).
4. No error wedges a lane. One that a step of a batch does not expect is halved: the batch's halves
   are tried apart until the records that raise it are alone, which fail; after a hundred such
   records (model's choice) what is left fails as it is.

Sizes count data before compression, and 1 MB is 2**20 bytes. Source: facts/firehose §2, §12.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.firehose.record import PartitionKeys, Record
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB
from kinesis_sim.words import spoken

ZERO_BUFFERING_MS = 3_000


class Hints(NamedTuple):
    """BufferingHints. size: bytes; interval: ms, 0 for zero buffering."""

    size: int
    interval: int

    def said(self) -> str:
        """Both in words: 5 MiB or 300 s, whichever comes first."""
        size, seconds = f"{self.size / MIB:g}", f"{self.interval / SECOND:g}"
        return spoken("firehose").say("hints", size=size, seconds=seconds)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(self.said())

    @property
    def patience(self) -> int:
        """How long the first record may wait (ms)."""
        return self.interval or ZERO_BUFFERING_MS


@dataclass(slots=True)
class Shipment:
    """A batch that left its buffer.

    trigger: why; opened_at: when its first record came (epoch ms); keys: of its active partition.

    attempt: tries so far; began: when the last one did; waited: ms spent between them. culprits:
    records of this batch, and of those that were halved with it, that failed by themselves.
    """

    records: list[Record]
    bytes: int
    lane: str
    trigger: str
    opened_at: int
    keys: PartitionKeys | None = None
    request_id: str = ""
    attempt: int = 0
    began: int = 0
    waited: int = 0
    culprits: list[Record] = field(default_factory=list)
    step: ScheduledAction | None = None
    _span: tuple[list[Record], int, int] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def oldest(self) -> int:
        """Arrival of its oldest record (epoch ms)."""
        return self._arrivals()[1]

    @property
    def newest(self) -> int:
        """Arrival of its newest record (epoch ms)."""
        return self._arrivals()[2]

    def _arrivals(self) -> tuple[list[Record], int, int]:
        """Looked up once for a list of records: a batch that loses some is given another list."""
        if self._span is None or self._span[0] is not self.records:
            arrived = [record.arrived for record in self.records]
            self._span = self.records, min(arrived), max(arrived)
        return self._span


MOST_CULPRITS = 100

Broken = Callable[["BufferLane", Shipment, Exception], None]
"""Takes the records of a batch that met an unexpected error, and empties it."""
Send = Callable[["BufferLane", Shipment], None]
"""Takes a batch over; calls ``lane.done(shipment)`` when it is through with it."""


@dataclass(slots=True)
class BufferLane:
    """The buffer of one shard or partition, and the batches that left it.

    name: the shard's id, the partition, or "". raised: bytes to which the buffer may grow while an
    earlier batch is under way. parallel: batches under way at once. flushed: told of each batch as
    it leaves the buffer, which may be before its turn to be sent. broken: what becomes of records
    whose batch met an error that nobody expected; divisible: whether the batch is halved first.
    """

    name: str
    hints: Hints
    raised: int
    clock: Clock
    send: Send
    broken: Broken
    divisible: bool = True
    parallel: int = 1
    keys: PartitionKeys | None = None
    flushed: Callable[[Shipment], None] = lambda _: None
    buffer: list[Record] = field(default_factory=list)
    bytes: int = 0
    opened_at: int = 0
    queue: deque[Shipment] = field(default_factory=deque)
    under_way: list[Shipment] = field(default_factory=list)
    _timer: ScheduledAction | None = None
    _overdue: bool = False
    _sending: bool = False

    def add(self, records: Iterable[Record]) -> None:
        """Buffer records, emptying the buffer each time they fill it."""
        buffer, limit, total = self.buffer, self._limit(), self.bytes
        for record in records:
            if not buffer:
                self._open()
            buffer.append(record)
            total += len(record.data)
            if total >= limit:
                self.bytes = total
                self.flush("size")
                buffer, limit, total = self.buffer, self._limit(), self.bytes
        self.bytes = total

    def flush(self, trigger: str) -> None:
        """Empty the buffer now; one that holds nothing stays as it is."""
        if not self.buffer:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        shipment = Shipment(self.buffer, self.bytes, self.name, trigger, self.opened_at, self.keys)
        self.buffer, self.bytes, self._overdue = [], 0, False
        self.flushed(shipment)
        self.put(shipment)

    def drop(self) -> list[Record]:
        """Forget what is buffered; gives it to whoever has a use for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        records, self.buffer, self.bytes, self._overdue = self.buffer, [], 0, False
        return records

    def adopt(self, other: BufferLane) -> None:
        """Take over what another lane has buffered, and since when."""
        size, opened = other.bytes, other.opened_at
        self.buffer, self.bytes, self.opened_at = other.drop(), size, opened
        if self.bytes >= self.hints.size:
            self.flush("size")
        elif self.buffer:
            due = max(self.clock.now, opened + self.hints.patience)
            self._timer = self.clock.schedule(due, self._due)

    def put(self, shipment: Shipment) -> None:
        """Queue a batch that was made elsewhere."""
        self.queue.append(shipment)
        self._next()

    def done(self, shipment: Shipment) -> None:
        """A batch is delivered, or given up: the next may go."""
        self.under_way = [other for other in self.under_way if other is not shipment]
        self._next()
        if not self._busy and (self._overdue or self.bytes >= self.hints.size):
            self.flush("backlog")

    def later(self, at: int, shipment: Shipment, step: Callable[[], None]) -> None:
        """Have a batch's next step happen at ``at`` (epoch ms)."""
        shipment.step = self.clock.schedule(at, lambda: self.attend(shipment, step))

    def attend(self, shipment: Shipment, step: Callable[[], None]) -> None:
        """Do a step of a batch.

        What it raises unexpectedly is the end of its records, not of the lane; when it is cut (by a
        second interruption) the batch is sent again.
        """
        shipment.step = None
        try:
            step()
        except Exception as error:
            self._broke(shipment, error)
        except BaseException:
            if shipment.step is None and self._has(shipment):
                self.later(self.clock.now, shipment, lambda: self.send(self, shipment))
            raise

    def _broke(self, shipment: Shipment, error: Exception) -> None:
        if shipment.step is not None:
            shipment.step.cancel()
        if not self._has(shipment):
            self.clock.mishaps.note(error, f"lane {self.name!r}")  # its records are accounted for
            return
        if self.divisible and len(shipment.records) > 1 and len(shipment.culprits) < MOST_CULPRITS:
            self.queue.extendleft(reversed(_halves(shipment)))
        else:
            shipment.culprits += shipment.records[:MOST_CULPRITS]
            self.broken(self, shipment, error)
        self.done(shipment)

    @property
    def idle(self) -> bool:
        """Whether nothing is buffered or under way."""
        return not (self.buffer or self.queue or self.under_way)

    @property
    def held(self) -> int:
        """Records that are buffered or under way."""
        away = (*self.queue, *self.under_way)
        return len(self.buffer) + sum(len(shipment.records) for shipment in away)

    @property
    def _busy(self) -> bool:
        return len(self.under_way) + len(self.queue) >= self.parallel

    def _has(self, shipment: Shipment) -> bool:
        return any(other is shipment for other in self.under_way)

    def _limit(self) -> int:
        return self.raised if self._busy else self.hints.size

    def _open(self) -> None:
        self.opened_at = self.clock.now
        self._timer = self.clock.schedule(self.opened_at + self.hints.patience, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._busy:
            self._overdue = True
        else:
            self.flush("interval")

    def _next(self) -> None:
        if self._sending:  # the loop below is at work and will see what changed
            return
        self._sending = True
        try:
            while self.queue and len(self.under_way) < self.parallel:
                shipment = self.queue.popleft()
                self.under_way.append(shipment)
                self.attend(shipment, lambda batch=shipment: self.send(self, batch))  # type: ignore[misc]
        finally:
            self._sending = False


def _halves(shipment: Shipment) -> tuple[Shipment, Shipment]:
    """Two batches of a batch, each to be sent as if it had not been tried."""
    middle = len(shipment.records) // 2
    first, second = shipment.records[:middle], shipment.records[middle:]
    return _part(shipment, first), _part(shipment, second)


def _part(shipment: Shipment, records: list[Record]) -> Shipment:
    size = sum(len(record.data) for record in records)
    return replace(shipment, records=records, bytes=size, request_id="", step=None)
