"""Workers on a queue: records received one by one, acknowledged, or left to come back.

Nobody owns a shard and nothing is in order: any worker gets any record, each at least once. A
record that its handler cannot process is not acknowledged; it comes back when its visibility
time-out has passed, and is a dead letter after MaxReceiveCount receives. So is one whose work takes
longer than the time-out: somebody else has it by then (facts/data-streams §1.3, §9).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from kinesis_sim.arguments import number, whole
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.events import Event
from kinesis_sim.interruption import interruptible
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams.empty_queue import EmptyQueue
from kinesis_sim.streams.events import StreamEvent
from kinesis_sim.streams.queues import LongPoll
from kinesis_sim.workloads.producers.producer import CALL_MS
from kinesis_sim.workloads.readers.reader import Handler, Reading, Record

MOST_RECORDS = 10
"""Records of one ReceiveQueueRecords call (botocore)."""
AGAIN_MS = 1_000
"""The pause before a call that was refused is made again (model's choice)."""
POSITIONS = ("TRIM_HORIZON", "LATEST")


class QueueConsumer:
    """Workers that share one queue of an on-demand stream, on the clock.

    name: the queue's; one that exists is used as it is. handler: called with the queue's name and
    a single record. start: TRIM_HORIZON or LATEST, where a new queue begins. work_ms: simulated
    milliseconds that one record costs; a batch of ten is acknowledged when all of it is done.
    visibility_s, max_receives: of a new queue; botocore's defaults.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        handler: Handler,
        *,
        name: str = "queue",
        workers: int = 1,
        start: str = "TRIM_HORIZON",
        work_ms: float = 0,
        visibility_s: int = 30,
        max_receives: int = 6,
    ) -> None:
        if start not in POSITIONS:
            raise UsageError(f"start={start!r}: choose {' or '.join(POSITIONS)}.")
        whole("workers", workers)
        whole("visibility_s", visibility_s, least=0)
        whole("max_receives", max_receives, least=1)
        number("work_ms", work_ms)
        if workers < 1 or work_ms < 0:
            raise UsageError(
                f"workers={workers}, work_ms={work_ms}: give one worker or more, and 0 ms or more."
            )
        self.name = name
        self.reading = Reading(settle=sim.streams.settle)
        self.received_again = 0
        self.too_late = 0
        self.arn = ""
        self._sim, self._stream = sim, stream
        self._handler = handler
        self._count = workers
        self._work_ms = work_ms
        self._attributes = {
            "VisibilityTimeoutSeconds": visibility_s,
            "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": max_receives},
        }
        self._position = start
        self._workers: list[_Worker] = []

    def start(self) -> QueueConsumer:
        """Create the queue unless it is there, wait on the clock until it is ACTIVE, and begin.

        Returns itself. Raises ServiceError, for one when the stream is not on demand.
        """
        if not self._workers:
            self.arn = self.arn or self._created()
            self._workers = [_Worker(self, self._sim) for _ in range(self._count)]
            for worker in self._workers:
                worker.receive()
        return self

    def stop(self) -> None:
        """Stop at once, as processes that are killed: what is in flight comes back by itself."""
        for worker in self._workers:
            worker.stop()
        self._workers = []

    def dead_letters(self) -> list[Record]:
        """The dead-letter records that are visible now.

        They are in flight from here on, until the visibility time-out, to be acknowledged or
        restored through the API.
        """
        found: list[Record] = []
        request = {"QueueARN": self.arn, "Limit": MOST_RECORDS, "WaitTimeSeconds": 1}
        while True:
            poll = self._sim.gate.begin("kinesis", "ReceiveDeadLetterQueueRecords", request)
            assert not isinstance(poll, dict)
            answer = poll.attempt(self._sim.clock.now)
            if answer is None:
                return found
            found += answer["QueueRecords"]

    def _created(self) -> str:
        for row in self._call("ListQueues")["QueueSummaries"]:
            if row["QueueName"] == self.name:
                return str(row["QueueARN"])
        source = {
            "StreamARN": self._sim.streams[self._stream].arn,
            "StartingPosition": {"Type": self._position},
        }
        answer = self._call(
            "CreateQueue",
            QueueName=self.name,
            StreamConfigurationList=[source],
            QueueAttributes=self._attributes,
        )
        arn = str(answer["QueueDescription"]["QueueARN"])
        while not self._active(arn) and not self._sim.clock.is_firing:
            self._sim.clock.pause(AGAIN_MS)
        return arn

    def _active(self, arn: str) -> bool:
        about = self._call("DescribeQueue", QueueARN=arn)["QueueDescription"]
        return bool(about["QueueStatus"] == "ACTIVE")

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self._sim.gate.call("kinesis", operation, request)

    # --- what its workers ask -----------------------------------------------------------------

    def poll(self) -> LongPoll:
        """Begin a ReceiveQueueRecords call."""
        self.reading.counted += 1
        poll = self._sim.gate.begin("kinesis", "ReceiveQueueRecords", {"QueueARN": self.arn})
        return cast(LongPoll, poll)  # or one that keeps account of its attempts (``journal``)

    def process(self, records: list[Record]) -> list[Record]:
        """Hand records over one by one; those that were processed."""
        done = []
        for record in records:
            self.received_again += record["ReceiveCount"] > 1
            try:
                interruptible(self._handler, self.name, [record])
            except Exception as error:
                self.reading.failed(error)
            else:
                done.append(record)
        return done

    def work_time(self, records: list[Record]) -> int:
        """Simulated ms that records cost, the calls that bring and acknowledge them included."""
        return 2 * CALL_MS + round(self._work_ms * len(records))

    def acknowledge(self, records: list[Record]) -> None:
        """Done with records; a stale receipt handle means that the time-out was quicker."""
        if not records:
            return
        entries = [{"ReceiptHandle": record["ReceiptHandle"]} for record in records]
        answer = self._call("AcknowledgeQueueRecords", QueueARN=self.arn, Entries=entries)
        self.too_late += len(answer["Failed"])
        self.reading.records += len(records)
        self.reading.bytes += sum(len(record["Data"]) for record in records)


class _Worker:
    """One worker: receive, work, acknowledge, and again.

    A receive waits as any carrier of such a call does (``account/calls.Pending``): until something
    happens to the queue's stream, a record comes back, or the wait is over; the next begins at
    once. While the queue stays empty the clock skips the ends of its waits.
    """

    def __init__(self, consumer: QueueConsumer, sim: Simulator) -> None:
        self._consumer = consumer
        self._clock = sim.clock
        self._timer: ScheduledAction | None = None
        self._nudge: ScheduledAction | None = None
        self._poll: LongPoll | None = None
        self._rest: EmptyQueue | None = None
        self._hear_no_more = sim.events.subscribe(self._hear, StreamEvent)

    def receive(self) -> None:
        """Begin a long poll, which lasts until there are records or its wait is over."""
        try:
            self._poll = self._consumer.poll()
        except ServiceError as error:
            self._refused(error)
            return
        self._look()

    def stop(self) -> None:
        """Do nothing more."""
        self._hear_no_more()
        self._wait_no_more()

    # --- waiting ------------------------------------------------------------------------------

    def _wait(self, poll: LongPoll) -> None:
        """Look at the end of the wait, and earlier if a record comes back."""
        now, timer = self._clock.now, self._timer
        if timer is None or timer.action is None or timer.at != poll.until:
            every = poll.until - now
            self._timer = self._clock.repeat(poll.until, every, lambda: self._do(self._look), self)
        soonest = poll.look_again(now)
        if soonest < poll.until:
            self._look_by(soonest)
        self._rest = poll.rest(self._skipped)

    def _look_by(self, at: int) -> None:
        nudge = self._nudge
        if nudge is not None and nudge.action is not None:
            if nudge.at <= at:
                return
            nudge.cancel()
        self._nudge = self._clock.schedule(at, lambda: self._do(self._look))

    def _hear(self, event: Event) -> None:
        """Something happened: if it may have brought records, look as soon as it is done."""
        poll = self._poll
        if poll is not None and not event.idle and poll.concerns(event):
            self._wake()
            self._look_by(self._clock.now)

    def quiet(self, at: int) -> bool:
        """Whether the wait that ends at ``at`` (epoch ms), and the next ones, find nothing."""
        return self._rest is not None and self._rest.quiet(at)

    def skip(self, first: int, every: int, count: int) -> None:
        """The ends of so many waits were skipped."""
        if self._rest is not None:
            self._rest.skip(first, every, count)

    def _skipped(self, first: int, every: int, count: int) -> None:
        self._consumer.reading.counted += count  # each was followed by another receive

    def _wake(self) -> None:
        """Rest no longer: the wait that is under way is the last that was begun."""
        if self._rest is None or self._poll is None or self._timer is None:
            return
        rest, self._rest = self._rest, None
        rest.leave()
        self._poll.until = self._timer.at

    def _wait_no_more(self) -> None:
        self._wake()
        self._poll = None
        for entry in (self._timer, self._nudge):
            if entry is not None:
                entry.cancel()

    # --- one step after the other -------------------------------------------------------------

    def _after(self, ms: int, act: Callable[[], None]) -> None:
        self._wait_no_more()
        self._timer = self._clock.schedule(self._clock.now + ms, lambda: self._do(act))

    def _do(self, act: Callable[[], None]) -> None:
        """One step; one that raises begins the round anew.

        What it held comes again, when its visibility time-out is over.
        """
        timer = self._timer
        try:
            act()
        except BaseException:
            if self._timer is timer:
                self._after(AGAIN_MS, self.receive)
            raise

    def _refused(self, error: ServiceError) -> None:
        """Throttled, or not ACTIVE: again later. Gone: nothing left to receive."""
        reading = self._consumer.reading
        if error.code == "ThrottlingException":
            reading.throttled += 1
        else:
            reading.failed(error)
        if error.code == "ResourceNotFoundException":
            self.stop()
        else:
            self._after(AGAIN_MS, self.receive)

    def _look(self) -> None:
        self._wake()
        poll = self._poll
        if poll is None:
            return
        answer = poll.attempt(self._clock.now)
        if answer is None:
            self._wait(poll)
        elif not answer["QueueRecords"]:
            self.receive()
        else:
            self._work(answer["QueueRecords"])

    def _work(self, records: list[Record]) -> None:
        self._wait_no_more()
        done = self._consumer.process(records)
        self._after(self._consumer.work_time(records), lambda: self._finish(done))

    def _finish(self, done: list[Record]) -> None:
        try:
            self._consumer.acknowledge(done)
        except ServiceError as error:
            self._refused(error)
            return
        self.receive()
