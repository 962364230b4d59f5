"""An event source mapping: polls each shard once a second and calls a function with batches.

Laws
1. Batches of a shard (of a lane of it, with a ParallelizationFactor) run one after another, in
order.
2. A failed batch blocks its lane until it succeeds, is given up, or its records leave the stream.
3. Giving up tells the failure destination where the batch is; the records stay in the stream.
4. Records with one partition key are in one lane, so their order holds with any factor.

The pause before a retry doubles from one second to a minute: the model's choice, AWS does not say.
Source: facts/data-streams §9 (LD, LO, BL, LS).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from kinesis_sim.account.functions import Functions
from kinesis_sim.clock import Clock
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import EventLog
from kinesis_sim.mappings.batch import (
    LARGEST_PAYLOAD_BYTES,
    Batch,
    Record,
    event,
    failure_record,
    first_failure,
    payload_bytes,
)
from kinesis_sim.mappings.events import BatchGivenUp, FunctionInvoked
from kinesis_sim.mappings.filters import passes
from kinesis_sim.mappings.settings import UNLIMITED, MappingSettings

POLL_MS = 1_000
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1_000, 60_000

Call = Callable[[str, dict[str, Any]], dict[str, Any]]
"""The port to Kinesis: an operation's API name and its request."""


class Deliver(Protocol):
    """The port to failure destinations: an SQS queue, an SNS topic or an S3 bucket, by ARN."""

    def __call__(self, arn: str, body: str, batch: dict[str, Any]) -> None:
        """Deliver the invocation record; S3 gets the batch's event as well."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What a mapping needs of its surroundings."""

    clock: Clock
    events: EventLog
    functions: Functions
    kinesis: Call
    deliver: Deliver
    request_id: Callable[[], str]
    region: str
    role: str


@dataclass(slots=True)
class Counts:
    """What a mapping did so far."""

    invocations: int = 0
    errors: int = 0
    records: int = 0
    filtered: int = 0
    given_up: int = 0
    expired: int = 0
    throttled_reads: int = 0
    last_error: str = ""


class Mapping:
    """One mapping of a stream to a function. ``uuid`` and ``function`` (an ARN) name it."""

    def __init__(
        self,
        uuid: str,
        stream: str,
        stream_arn: str,
        function: str,
        settings: MappingSettings,
        ports: Ports,
    ) -> None:
        self.uuid = uuid
        self.stream = stream
        self.stream_arn = stream_arn
        self.function = function
        self.settings = settings
        self.enabled = False
        self.counts = Counts()
        self.changed_at = ports.clock.now
        self.result = "No records processed"
        self._ports = ports
        self._shards: dict[str, _Shard] = {}
        self._parents: dict[str, tuple[str, ...]] = {}

    def enable(self) -> None:
        """Start polling; shards that are there begin where the settings say, later ones at their
        start."""
        if self.enabled:
            return
        self.enabled = True
        first = not self._shards
        rows = self._ports.kinesis("ListShards", {"StreamName": self.stream})["Shards"]
        for row in rows:
            parents = (row.get("ParentShardId"), row.get("AdjacentParentShardId"))
            found = tuple(parent for parent in parents if parent is not None)
            self.know(row["ShardId"], found, self.settings.start if first else "TRIM_HORIZON")
        for shard in self._shards.values():
            shard.wake()

    def disable(self) -> None:
        """Stop polling; batches under way are finished, places are kept."""
        self.enabled = False

    def know(self, shard: str, parents: tuple[str, ...], start: str) -> None:
        """Take a shard on, once."""
        if shard not in self._shards:
            self._parents[shard] = parents
            self._shards[shard] = _Shard(self, self._ports, shard, start)
            if self.enabled:
                self._shards[shard].wake()

    def may_begin(self, shard: str) -> bool:
        """Whether the shard's parents are all processed to their ends."""
        return all(self._shards[p].done for p in self._parents[shard] if p in self._shards)

    @property
    def behind(self) -> int:
        """Age of the oldest record that is read but not processed, or MillisBehindLatest (ms)."""
        now = self._ports.clock.now
        return max((shard.behind(now) for shard in self._shards.values()), default=0)


class _Shard:
    """One shard of a mapping: reads ahead a little, and feeds its lanes."""

    def __init__(self, mapping: Mapping, ports: Ports, name: str, start: str) -> None:
        self.name = name
        self.ended = False
        self._mapping = mapping
        self._ports = ports
        self._start = start
        self._iterator: str | None = None
        self._last: str | None = None
        self._behind = 0
        self._polling = False
        self.lanes = [_Lane(mapping, ports, self) for _ in range(mapping.settings.parallel)]

    @property
    def done(self) -> bool:
        """Read to the end of a closed shard, and all of it processed."""
        return self.ended and all(lane.idle for lane in self.lanes)

    def behind(self, now: int) -> int:
        """How far this shard's processing is behind (ms)."""
        ages = [lane.oldest(now) for lane in self.lanes]
        return max(self._behind if not self.ended else 0, *ages)

    def wake(self) -> None:
        """Poll now, and once a second from here on."""
        if not self._polling:
            self._polling = True
            self._ports.clock.schedule(self._ports.clock.now, self._poll)

    def _poll(self) -> None:
        self._polling = False
        if not self._mapping.enabled or self.ended:
            return
        if self._mapping.may_begin(self.name) and self._hungry():
            self._read()
        if not self.ended:
            self._polling = True
            self._ports.clock.schedule(self._ports.clock.now + POLL_MS, self._poll)
        for lane in self.lanes:
            lane.look()

    def _hungry(self) -> bool:
        most = 2 * self._mapping.settings.batch_size
        return all(len(lane.waiting) < most for lane in self.lanes)

    def _read(self) -> None:
        try:
            if self._iterator is None:
                self._iterator = self._open()
            request = {"ShardIterator": self._iterator, "Limit": 10_000}
            answer = self._ports.kinesis("GetRecords", request)
        except ServiceError as error:
            self._refused(error)
            return
        self._iterator = answer.get("NextShardIterator")
        self._behind = answer["MillisBehindLatest"]
        if answer["Records"]:
            self._last = answer["Records"][-1]["SequenceNumber"]
            self._share_out(answer["Records"])
        if self._iterator is None:
            self.ended = True
            for child in answer.get("ChildShards", []):
                self._mapping.know(child["ShardId"], tuple(child["ParentShards"]), "TRIM_HORIZON")

    def _open(self) -> str:
        request: dict[str, Any] = {
            "StreamName": self._mapping.stream,
            "ShardId": self.name,
            "ShardIteratorType": self._start,
        }
        if self._last is not None:
            request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            request["StartingSequenceNumber"] = self._last
        elif self._start == "AT_TIMESTAMP":
            request["Timestamp"] = self._mapping.settings.start_at
        return str(self._ports.kinesis("GetShardIterator", request)["ShardIterator"])

    def _refused(self, error: ServiceError) -> None:
        if error.code == "ProvisionedThroughputExceededException":
            self._mapping.counts.throttled_reads += 1
        elif error.code == "ResourceNotFoundException":
            self.ended = True
        else:
            self._iterator = None
            self._mapping.counts.last_error = str(error)

    def _share_out(self, records: list[Record]) -> None:
        settings, counts = self._mapping.settings, self._mapping.counts
        for record in records:
            if not passes(settings.patterns, record):
                counts.filtered += 1
                continue
            key = record.get("PartitionKey") or record["SequenceNumber"]
            lane = self.lanes[sum(key.encode()) % len(self.lanes)]
            lane.waiting.append(record)


@dataclass(slots=True)
class _Lane:
    """One line of batches of a shard: one invocation at a time."""

    mapping: Mapping
    ports: Ports
    shard: _Shard
    waiting: deque[Record] = field(default_factory=deque)
    queue: deque[Batch] = field(default_factory=deque)
    busy: bool = False
    since: int | None = None
    state: dict[str, Any] = field(default_factory=dict)
    window: tuple[int, int] | None = None

    @property
    def idle(self) -> bool:
        """Nothing waiting, nothing running."""
        return not (self.busy or self.waiting or self.queue or self.window)

    def oldest(self, now: int) -> int:
        """Age of the oldest record not yet processed (ms)."""
        records = self.queue[0].records if self.queue else list(self.waiting)[:1]
        return now - records[0]["ApproximateArrivalTimestamp"] if records else 0

    def look(self) -> None:
        """Begin the next batch if one is due and none is running."""
        if self.busy:
            return
        batch = self.queue[0] if self.queue else self._next_batch()
        if batch is None:
            return
        if not self.queue:
            self.queue.append(batch)
        self._invoke(batch)

    def _next_batch(self) -> Batch | None:
        settings, now = self.mapping.settings, self.ports.clock.now
        if settings.tumbling_s:
            return self._next_of_window(now)
        if not self.waiting:
            self.since = None
            return None
        self.since = now if self.since is None else self.since
        full = len(self.waiting) >= settings.batch_size or self._large()
        if not full and now - self.since < 1000 * settings.window_s:
            return None
        self.since = None
        return Batch(self._taken(lambda record: True))

    def _large(self) -> bool:
        return sum(map(payload_bytes, self.waiting)) >= LARGEST_PAYLOAD_BYTES

    def _taken(self, fits: Callable[[Record], bool]) -> list[Record]:
        """Records from the front: at most a batch, at most 6 MB, at least one."""
        taken: list[Record] = []
        size = 0
        while self.waiting and len(taken) < self.mapping.settings.batch_size:
            record = self.waiting[0]
            size += payload_bytes(record)
            if not fits(record) or (taken and size > LARGEST_PAYLOAD_BYTES):
                break
            taken.append(self.waiting.popleft())
        return taken

    # --- tumbling windows ---------------------------------------------------------------------

    def _next_of_window(self, now: int) -> Batch | None:
        if self.window is None:
            if not self.waiting:
                return None
            self.window = self._window_of(self.waiting[0])
        start, end = self.window
        records = self._taken(lambda record: record["ApproximateArrivalTimestamp"] < end)
        over = now >= end and not (
            self.waiting and self.waiting[0]["ApproximateArrivalTimestamp"] < end
        )
        if not records and not over:
            return None
        return Batch(records, window=(start, end), final=over)

    def _window_of(self, record: Record) -> tuple[int, int]:
        length = 1000 * self.mapping.settings.tumbling_s
        start = record["ApproximateArrivalTimestamp"] // length * length
        return start, start + length

    def _event(self, batch: Batch) -> dict[str, Any]:
        ports, mapping = self.ports, self.mapping
        made = event(batch, self.shard.name, mapping.stream_arn, ports.region, ports.role)
        if batch.window is not None:
            start, end = batch.window
            made |= {
                "window": {"start": start / 1000, "end": end / 1000},
                "state": dict(self.state),
                "shardId": self.shard.name,
                "eventSourceARN": mapping.stream_arn,
                "isFinalInvokeForWindow": batch.final,
                "isWindowTerminatedEarly": False,
            }
        return made

    # --- one invocation -----------------------------------------------------------------------

    def _invoke(self, batch: Batch) -> None:
        clock = self.ports.clock
        if self._expired(batch):
            return
        if not self.ports.functions.begin(self.mapping.function):
            clock.schedule(clock.now + POLL_MS, self._retry)
            self.busy = True
            return
        self.busy = True
        batch.tries += 1
        made = self._event(batch)
        limits = self.ports.functions.settings(self.mapping.function)
        takes, most = limits.duration_of(made), limits.timeout_s * 1000
        done = clock.now + round(min(takes, most))
        late = takes > most
        clock.schedule(done, lambda: self._finish(batch, made, late))

    def _retry(self) -> None:
        self.busy = False
        self.look()

    def _finish(self, batch: Batch, made: dict[str, Any], late: bool) -> None:
        functions, counts = self.ports.functions, self.mapping.counts
        functions.end(self.mapping.function)
        counts.invocations += 1
        try:
            if late:
                most = functions.settings(self.mapping.function).timeout_s
                raise TimeoutError(f"Task timed out after {most:.2f} seconds")
            response = functions.invoke(self.mapping.function, made)
            json.dumps(response)
        except Exception as error:
            self._failed(batch, f"{type(error).__name__}: {error}")
            return
        self._succeeded(batch, response)

    def _succeeded(self, batch: Batch, response: Any) -> None:
        if batch.window is not None:
            answered = response.get("state") if isinstance(response, dict) else None
            self.state = {} if batch.final or not isinstance(answered, dict) else answered
            self.window = None if batch.final else self.window
        failed = first_failure(batch, response) if self.mapping.settings.partial else None
        if failed is None:
            self._tell(batch, "ok")
            self._next(len(batch.records))
            return
        rest = batch.after(failed)
        self.mapping.counts.records += len(batch.records) - len(rest.records)
        self.queue[0] = rest
        self._failed(rest, "the function reported failed items")

    def _failed(self, batch: Batch, why: str) -> None:
        settings, counts = self.mapping.settings, self.mapping.counts
        counts.errors += 1
        counts.last_error = self.mapping.result = why
        self._tell(batch, why)
        if settings.bisect and len(batch.records) > 1:
            self.queue.popleft()
            self.queue.extendleft(reversed(batch.halves()))
        elif settings.retries != UNLIMITED and batch.tries > settings.retries:
            self._give_up(batch, "RetryAttemptsExhausted")
            return
        pause = min(FIRST_PAUSE_MS * 2 ** min(batch.tries - 1, 6), LONGEST_PAUSE_MS)
        self.ports.clock.schedule(self.ports.clock.now + pause, self._retry)

    def _expired(self, batch: Batch) -> bool:
        """Give up what is older than MaximumRecordAge, and what the stream itself has lost."""
        if not batch.records:
            return False
        now, age = self.ports.clock.now, self.mapping.settings.age_s
        arrived = batch.records[-1]["ApproximateArrivalTimestamp"]
        if age != UNLIMITED and now - arrived > 1000 * age:
            self.busy = True
            self._give_up(batch, "RecordAgeExceeded")
            return True
        if batch.tries and now - arrived > self._retention_ms():
            self.mapping.counts.expired += len(batch.records)
            self.busy = True
            self._next(0)
            return True
        return False

    def _retention_ms(self) -> int:
        request = {"StreamName": self.mapping.stream}
        try:
            answer = self.ports.kinesis("DescribeStreamSummary", request)
        except ServiceError:
            return 1 << 62
        return int(answer["StreamDescriptionSummary"]["RetentionPeriodHours"]) * 3_600_000

    def _give_up(self, batch: Batch, condition: str) -> None:
        mapping, ports = self.mapping, self.ports
        mapping.counts.given_up += len(batch.records)
        ports.events.append(
            BatchGivenUp(
                at=ports.clock.now,
                stream=mapping.stream,
                function=mapping.function,
                shard=self.shard.name,
                records=len(batch.records),
                condition=condition,
            )
        )
        destination = mapping.settings.destination
        if destination is not None:
            record = failure_record(
                batch,
                self.shard.name,
                mapping.stream_arn,
                mapping.function,
                ports.request_id(),
                condition,
                ports.clock.now,
            )
            try:
                ports.deliver(destination, json.dumps(record), self._event(batch))
            except Exception as error:
                mapping.counts.last_error = f"failure destination {destination}: {error}"
        self._next(0)

    def _next(self, records: int) -> None:
        """The batch at the front is dealt with: go on with the next."""
        self.queue.popleft()
        self.mapping.counts.records += records
        if records:
            self.mapping.result = "OK"
        self.busy = False
        self.look()

    def _tell(self, batch: Batch, outcome: str) -> None:
        now = self.ports.clock.now
        last = batch.records[-1]["ApproximateArrivalTimestamp"] if batch.records else now
        self.ports.events.append(
            FunctionInvoked(
                at=now,
                stream=self.mapping.stream,
                function=self.mapping.function,
                shard=self.shard.name,
                records=len(batch.records),
                outcome=outcome,
                age=now - last,
            )
        )
