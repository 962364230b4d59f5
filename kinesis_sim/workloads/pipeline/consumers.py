"""The consumers of a pipeline, described: pollers, KCL fleets, fan-out, queues, Lambda functions.

A description is frozen and can be run again and again; ``start`` sets the machine going. Each has
a ``name`` of its own in results, and a ``handler`` (or ``function``) that does the learner's work:
without one, records are taken and forgotten. ``start_at``: TRIM_HORIZON or LATEST, where shards
begin that are there at the start. ``work_ms``: simulated milliseconds that a record costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.functions import Function
from kinesis_sim.arguments import whole
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.mappings.settings import MappingSettings
from kinesis_sim.mappings.states import MappingState
from kinesis_sim.workloads.pipeline.attendance import AtWork, Counted, MappingCounted
from kinesis_sim.workloads.pipeline.tally import FunctionTally, HandlerTally, LooseTally
from kinesis_sim.workloads.producers.producer import at_least
from kinesis_sim.workloads.readers.kcl import IDLE_MS, RETRIEVALS, KclApplication
from kinesis_sim.workloads.readers.leases import free_name
from kinesis_sim.workloads.readers.lone import STARTS
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.queue_consumer import QueueConsumer
from kinesis_sim.workloads.readers.reader import Handler
from kinesis_sim.workloads.readers.subscriber import Subscriber

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


@dataclass(frozen=True, kw_only=True)
class Polling:
    """GetRecords on every shard, every ``every_ms``, up to ``limit`` records a call.

    All pollers of a stream, KCL fleets and Lambda functions share 2 MiB and 5 calls a second per
    shard. A handler that raises gets the same batch again.
    """

    name: str = "poller"
    handler: Handler | None = None
    start_at: str = "TRIM_HORIZON"
    every_ms: int = 1_000
    limit: int = 10_000
    work_ms: float = 0

    def __post_init__(self) -> None:
        _check_start(self.start_at)
        at_least(every_ms=(self.every_ms, 1), limit=(self.limit, 1), work_ms=(self.work_ms, 0))
        if self.limit > 10_000:
            raise UsageError(f"limit={self.limit}: GetRecords gives 10,000 records at most.")

    def start(self, sim: Simulator, stream: str) -> AtWork:
        """A poller that runs from now on."""
        tally = HandlerTally(sim, stream, self.handler, self.start_at)
        poller = Poller(
            sim,
            stream,
            tally,
            name=self.name,
            start=self.start_at,
            every_ms=self.every_ms,
            limit=self.limit,
            work_ms=self.work_ms,
        ).start()
        return AtWork(self.name, tally.lag, Counted(tally, poller.reading), poller.stop)


@dataclass(frozen=True, kw_only=True)
class KclFleet:
    """An application of the Kinesis Client Library kind on ``workers`` workers.

    Its lease table, which DynamoDB keeps, has the application's name, and a number behind it where
    that is taken. checkpoint_every: after so many batches of a shard (40: once a minute at the idle
    time of 1.5 s). retrieval: "polling" or "fan-out". keep_failed: a batch whose handler raised
    comes again; KCL itself skips it. table_writes: see KclApplication.
    """

    name: str = "kcl"
    handler: Handler | None = None
    workers: int = 1
    start_at: str = "TRIM_HORIZON"
    retrieval: str = "polling"
    checkpoint_every: int = 40
    idle_ms: int = IDLE_MS
    work_ms: float = 0
    keep_failed: bool = False
    table_writes: int | None = None

    def __post_init__(self) -> None:
        _check_start(self.start_at)
        at_least(workers=(self.workers, 1), checkpoint_every=(self.checkpoint_every, 1))
        at_least(idle_ms=(self.idle_ms, 1), work_ms=(self.work_ms, 0))
        if self.retrieval not in RETRIEVALS:
            raise UsageError(f"retrieval={self.retrieval!r}: choose {' or '.join(RETRIEVALS)}.")

    def start(self, sim: Simulator, stream: str) -> AtWork:
        """An application whose workers run from now on."""
        tally = HandlerTally(sim, stream, self.handler, self.start_at, skips=not self.keep_failed)
        application = KclApplication(
            sim,
            free_name(sim, self.name),
            stream,
            tally,
            start=self.start_at,
            checkpoint_every=self.checkpoint_every,
            work_ms=self.work_ms,
            idle_ms=self.idle_ms,
            keep_failed=self.keep_failed,
            retrieval=self.retrieval,
            table_writes=self.table_writes,
        )
        for _ in range(self.workers):
            application.add_worker()
        registered = application.name if self.retrieval == "fan-out" else None
        counted = Counted(tally, application.reading)
        return AtWork(self.name, tally.lag, counted, application.shut_down, registered)


@dataclass(frozen=True, kw_only=True)
class FanOut:
    """A consumer registered for enhanced fan-out: 2 MiB a second per shard of its own, pushed.

    A handler that raises gets the same batch again. The registration ends with the run.
    """

    name: str = "fan-out"
    handler: Handler | None = None
    start_at: str = "TRIM_HORIZON"
    work_ms: float = 0

    def __post_init__(self) -> None:
        _check_start(self.start_at)
        at_least(work_ms=(self.work_ms, 0))

    def start(self, sim: Simulator, stream: str) -> AtWork:
        """A subscriber that runs from now on; waits until it is registered."""
        tally = HandlerTally(sim, stream, self.handler, self.start_at)
        consumer = Subscriber(
            sim, stream, tally, name=self.name, start=self.start_at, work_ms=self.work_ms
        ).start()
        counted = Counted(tally, consumer.reading)
        return AtWork(self.name, tally.lag, counted, consumer.deregister, self.name)


@dataclass(frozen=True, kw_only=True)
class QueueWorkers:
    """``workers`` workers on a queue of an on-demand stream, ten records a call, in any order.

    A record whose handler raises, or that takes longer than ``visibility_s``, comes back until it
    is a dead letter after ``max_receives``. Its lag counts records that are no dead letters.
    """

    name: str = "queue"
    handler: Handler | None = None
    workers: int = 1
    start_at: str = "TRIM_HORIZON"
    work_ms: float = 0
    visibility_s: int = 30
    max_receives: int = 6

    def __post_init__(self) -> None:
        _check_start(self.start_at)
        at_least(workers=(self.workers, 1), work_ms=(self.work_ms, 0))
        _within("visibility_s", self.visibility_s, 0, 43_200)
        _within("max_receives", self.max_receives, 1, 1_000)

    def start(self, sim: Simulator, stream: str) -> AtWork:
        """Workers that run from now on; waits until the queue is there."""
        tally = LooseTally(sim, stream, self.handler, self.start_at)
        consumer = QueueConsumer(
            sim,
            stream,
            tally,
            name=self.name,
            workers=self.workers,
            start=self.start_at,
            work_ms=self.work_ms,
            visibility_s=self.visibility_s,
            max_receives=self.max_receives,
        ).start()
        queue = sim.streams.queues[consumer.arn]

        def lag() -> int:
            now = sim.clock.now
            oldest = queue.oldest(now)
            return 0 if oldest is None else now - oldest

        counted = Counted(tally, consumer.reading, lambda: consumer.received_again)
        return AtWork(self.name, lag, counted, consumer.stop, billed=False)


@dataclass(frozen=True, kw_only=True)
class LambdaFunction:
    """A Lambda function behind an event source mapping, called with Lambda's own events.

    function: takes the event; None answers nothing. concurrency, timeout_s: the function's.
    settings: further members of CreateEventSourceMapping, such as
    {"MaximumRetryAttempts": 2, "BisectBatchOnFunctionError": True}. Invocations that time out count
    as errors, and their records not as handed over.
    """

    name: str = "function"
    function: Function | None = None
    start_at: str = "TRIM_HORIZON"
    batch_size: int = 100
    window_s: int = 0
    parallel: int = 1
    work_ms: float = 0
    timeout_s: float = 3
    concurrency: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_start(self.start_at)
        at_least(work_ms=(self.work_ms, 0))
        _within("batch_size", self.batch_size, 1, 10_000)
        _within("window_s", self.window_s, 0, 300)
        _within("parallel", self.parallel, 1, 10)
        try:
            MappingSettings.of(self.request)
        except ServiceError as error:
            raise UsageError(f"settings: {error.message}") from None

    @property
    def request(self) -> dict[str, Any]:
        """The members of CreateEventSourceMapping that describe batches."""
        return {
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.window_s,
            "ParallelizationFactor": self.parallel,
            "StartingPosition": self.start_at,
            **self.settings,
        }

    def start(self, sim: Simulator, stream: str) -> AtWork:
        """A function that is registered and mapped; waits until the mapping is Enabled."""
        tally = FunctionTally(sim, self.function or _nothing, self.parallel > 1)
        sim.functions.register(
            self.name,
            tally,
            duration_ms=lambda event: self.work_ms * len(event["Records"]),
            timeout_s=self.timeout_s,
            concurrency=self.concurrency,
        )
        arn = sim.streams[stream].arn
        catalog = sim.mappings
        while any(m.state is MappingState.DELETING for m in catalog.mappings.values()):
            sim.clock.pause(1_000)  # an earlier run's mapping of the same two may be among them
        mapping = catalog.create(EventSourceArn=arn, FunctionName=self.name, **self.request)
        while not mapping.enabled:
            sim.clock.pause(1_000)
        counted = MappingCounted(tally, mapping.counts)
        return AtWork(
            self.name, lambda: mapping.behind, counted, lambda: catalog.delete(mapping.uuid)
        )


def _nothing(event: dict[str, Any]) -> None:
    """The function of a description that has none."""


def _check_start(start: str) -> None:
    if start not in STARTS:
        raise UsageError(f"start_at={start!r}: choose {' or '.join(STARTS)}.")


def _within(name: str, value: int, least: int, most: int) -> None:
    whole(name, value)
    if not least <= value <= most:
        raise UsageError(f"{name}={value}: AWS takes {least:,} to {most:,}.")
