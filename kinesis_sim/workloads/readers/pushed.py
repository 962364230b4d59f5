"""Reading one shard as a subscriber: what is pushed, handed over in order, and renewed in time.

Laws
1. A subscription lasts five minutes; the next goes on from the last ContinuationSequenceNumber.
2. Whoever subscribes later, under the same consumer, takes the shard over: this reader lets go.
3. A consumer that is busy takes no further event; the records wait in the stream.

A handler that raises keeps its records: the same batch comes again, until it is processed.
Source: facts/data-streams §1.3, §4.1 (botocore SubscribeToShard).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams.fanout import HEARTBEAT_MS, Subscription
from kinesis_sim.streams.lull import Lull
from kinesis_sim.workloads.readers.reader import Handing, Handler, Reading, Record, ShardPlace

PUSH_MS = 70
"""From a record's arrival to its consumer: AWS says about 70 ms (facts/data-streams §4.1). What
arrives meanwhile travels along."""
AGAIN_MS = 1_000
"""The pause before a refused call or a failed batch is tried again; SubscribeToShard may be called
once a second per consumer and shard (facts/data-streams §4.1)."""


class Courier:
    """Brings what was stored at one instant to all shards of a consumer at once, PUSH_MS later."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._coming: dict[int, list[Callable[[], None]]] = {}

    def bring(self, arrive: Callable[[], None]) -> None:
        """Call ``arrive`` in PUSH_MS."""
        at = self._clock.now + PUSH_MS
        coming = self._coming.get(at)
        if coming is None:
            self._coming[at] = [arrive]
            self._clock.schedule(at, self._arrived)
        else:
            coming.append(arrive)

    def _arrived(self) -> None:
        at = self._clock.now
        coming = deque(self._coming.pop(at))
        try:
            while coming:
                coming.popleft()()
        finally:  # one that raises keeps nobody else's records
            for arrive in coming:
                self._clock.schedule(at, arrive)


class PushedShard(Handing):
    """Reads one shard on the clock from its place on, for the registered consumer ``arn``.

    after: called after every look. ``taken`` once another call took the subscription over.
    """

    def __init__(
        self,
        sim: Simulator,
        arn: str,
        courier: Courier,
        place: ShardPlace,
        handler: Handler,
        reading: Reading,
        after: Callable[[], object],
        *,
        work_ms: float = 0,
        keep_failed: bool = True,
    ) -> None:
        super().__init__(sim, place, handler, reading, work_ms=work_ms, keep_failed=keep_failed)
        self.taken = False
        self._renewals = 0
        self._courier = courier
        self.arn = arn
        self._after = after
        self._subscription: Subscription | None = None
        self._continuation = place.checkpoint
        self._running = False
        self._coming = False
        self._timer: ScheduledAction | None = None
        self._lull: Lull | None = None
        self._empty = 0  # events without records, one after another

    def start(self) -> None:
        """Subscribe and go on reading; a shard that was taken over is taken back."""
        if not self._running:
            self._running, self.taken = True, False
            self._look()

    def stop(self) -> None:
        """Hang up, as a process that is killed.

        What was not processed comes again after the next start.
        """
        self._wake()
        self._running = False
        self.place.held = []
        self._cancel()
        if (subscription := self._subscription) is not None:
            self._subscription, subscription.on_ready = None, None
            subscription.close("closed by the consumer")

    # --- when to look -------------------------------------------------------------------------

    def _look_by(self, at: int) -> None:
        """Look at this instant at the latest; a look that comes too early finds nothing."""
        timer = self._timer
        if timer is not None and timer.action is not None:
            if timer.at <= at:
                return
            timer.cancel()
        self._timer = self._sim.clock.schedule(at, self._look)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _ready(self) -> None:
        """Something is there and on its way; a batch that failed keeps its own time."""
        self._wake()
        if self._subscription is not None:
            self._subscription.on_ready = None
        if not self._coming and not self.place.held:
            self._coming = True
            self._courier.bring(self._arrive)

    def _arrive(self) -> None:
        self._coming = False
        if self._running:
            self._look()

    def _look(self) -> None:
        self._wake()
        try:
            if not self._coming:
                self._turn()
                if self._subscription is not None:
                    self._subscription.on_ready = self._ready
                self._after()
        finally:
            if self._running and not self.place.ended and not self._rests():
                self._look_by(max(self._next(), self._sim.clock.now + 1))

    def _next(self) -> int:
        place = self.place
        if place.held or self._subscription is None:
            return max(self._sim.clock.now + AGAIN_MS, place.busy_until)
        return max(self._subscription.next_at(), place.busy_until)

    # --- resting ------------------------------------------------------------------------------

    def _rests(self) -> bool:
        """Rest after two events without records: whoever looks on has had time to say so."""
        subscription = self._subscription
        if subscription is None or self._empty < 2 or not self._free() or self._coming:
            return False
        self._lull = subscription.rest(self._renewed)
        if self._lull is None:
            return False
        self._cancel()
        at = self._sim.clock.now + HEARTBEAT_MS
        self._timer = self._sim.clock.repeat(at, HEARTBEAT_MS, self._look, self)
        return True

    def _wake(self) -> None:
        if self._lull is not None:
            lull, self._lull = self._lull, None
            lull.leave()

    def _renewed(self, count: int) -> None:
        self._reading.counted += count
        self._renewals += count

    @property
    def renewals(self) -> int:
        """Subscriptions that ran their five minutes and were followed by another."""
        if self._lull is not None:
            self._lull.settle()
        return self._renewals

    def quiet(self, at: int) -> bool:
        """Whether a look at ``at`` (epoch ms) would find a heartbeat or a renewal at most."""
        return self._lull is not None and self._lull.quiet(at)

    def skip(self, first: int, every: int, count: int) -> None:
        """Looks that were skipped."""
        if self._lull is not None:
            self._lull.skip(first, every, count)

    # --- one look -----------------------------------------------------------------------------

    def _turn(self) -> None:
        """Take what is there, as long as the handler is free."""
        place = self.place
        if place.held:
            self._hand(place.held)
        while self._free() and (event := self._event()) is not None:
            self._take(event)

    def _free(self) -> bool:
        place = self.place
        busy = place.held or place.busy_until > self._sim.clock.now
        return not (busy or place.ended or self.taken)

    def _event(self) -> dict[str, Any] | None:
        """The next event; a subscription whose time is up is renewed at once."""
        if self._subscription is None and not self._subscribe():
            return None
        subscription = self._subscription
        assert subscription is not None
        event = subscription.next_event()
        if event is not None or not subscription.ended:
            return event
        self._subscription = None
        self._renewals += 1
        return self._event()

    def _subscribe(self) -> bool:
        position = {"Type": self.place.start}
        if self._continuation is not None:
            position = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._continuation}
        request = {
            "ConsumerARN": self.arn,
            "ShardId": self.place.shard,
            "StartingPosition": position,
        }
        try:
            answer = self._sim.gate.call("kinesis", "SubscribeToShard", request)
        except ServiceError as error:
            self._refused(error)
            return False
        self._reading.counted += 1
        self._subscription = answer["EventStream"]
        return True

    def _refused(self, error: ServiceError) -> None:
        """Too soon, or held by another for the moment: again later. Gone: nothing left to read."""
        if error.code in ("ResourceInUseException", "LimitExceededException"):
            self._reading.throttled += 1
        elif error.code == "ResourceNotFoundException":
            self.place.ended = True
        else:
            self._reading.failed(error)

    def _take(self, event: dict[str, Any]) -> None:
        pushed = event.get("SubscribeToShardEvent")
        if pushed is None:
            self._broken(event)
            return
        place = self.place
        place.behind = pushed["MillisBehindLatest"]
        self._empty = 0 if pushed["Records"] else self._empty + 1
        if pushed["Records"]:
            self._hand(pushed["Records"])
        elif "ContinuationSequenceNumber" in pushed:
            self._continuation = pushed["ContinuationSequenceNumber"]
        if "ChildShards" in pushed:
            self.children = pushed["ChildShards"]
            place.ended = not place.held

    def _broken(self, event: dict[str, Any]) -> None:
        """An error in place of an event ends the subscription (KMS …, or a later subscriber)."""
        [(code, about)] = event.items()
        self._subscription = None
        if code == "ResourceInUseException":
            self.taken, self._running = True, False
        else:
            self._reading.failed(ServiceError(code, about["message"]))
            self.place.busy_until = self._sim.clock.now + AGAIN_MS

    def _hand(self, records: list[Record]) -> None:
        self._process(records)
        if not self.place.held:
            self._continuation = self.place.checkpoint
            self.place.ended = bool(self.children)
