"""An enhanced fan-out consumer: registered, subscribed to every shard, pushed to.

It renews each subscription when its five minutes are over, from the last record on, and goes on
with the children of a shard that ends (facts/data-streams §4.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams.events import ShardCheckpointed
from kinesis_sim.streams.fanout import Subscription
from kinesis_sim.workloads.consumer import STARTS
from kinesis_sim.workloads.reader import Handler, Reading, Record

PUSH_MS = 70
"""From a record's arrival to its consumer: AWS says about 70 ms (facts/data-streams §1.3)."""
AGAIN_MS = 1_000


class Subscriber:
    """A registered consumer of a stream that runs on the clock.

    name: what it is registered as. start: TRIM_HORIZON or LATEST, for shards that are there when it
    starts. What the handler raises ends its subscription to that shard; a second later it
    subscribes again, from the record after the last one processed. ``renewals`` counts the
    subscriptions that ran their five minutes.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        handler: Handler,
        *,
        name: str = "subscriber",
        start: str = "TRIM_HORIZON",
    ) -> None:
        if start not in STARTS:
            raise UsageError(f"start={start!r}: choose {' or '.join(STARTS)}.")
        self.name = name
        self.reading = Reading()
        self.renewals = 0
        self._sim = sim
        self._stream = stream
        self._handler = handler
        self._start = start
        self._lines: dict[str, _Line] = {}
        self._running = False
        self._arn = ""

    def start(self) -> Subscriber:
        """Register unless that was done, and subscribe to every shard. Returns itself.

        Raises ServiceError when the stream takes no further consumer.
        """
        if self._running:
            return self
        self._running = True
        self._arn = self._arn or self._registered()
        for row in self._sim.gate.call("kinesis", "ListShards", {"StreamName": self._stream})[
            "Shards"
        ]:
            self._lines.setdefault(row["ShardId"], _Line(self, row["ShardId"], self._start))
        for line in self._lines.values():
            line.open()
        return self

    def stop(self) -> None:
        """End every subscription; the registration stays, and is billed."""
        self._running = False
        for line in self._lines.values():
            line.close()

    @property
    def behind(self) -> int:
        """The largest MillisBehindLatest over the shards (ms)."""
        return max((line.behind for line in self._lines.values()), default=0)

    def _registered(self) -> str:
        arn = self._sim.streams[self._stream].arn
        answer = self._call("RegisterStreamConsumer", StreamARN=arn, ConsumerName=self.name)
        consumer = str(answer["Consumer"]["ConsumerARN"])
        while not self._active(consumer):
            self._sim.advance(seconds=1)
        return consumer

    def _active(self, arn: str) -> bool:
        answer = self._call("DescribeStreamConsumer", ConsumerARN=arn)
        return bool(answer["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE")

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self._sim.gate.call("kinesis", operation, request)

    # --- what its lines ask -------------------------------------------------------------------

    def subscribe(self, shard: str, position: dict[str, str]) -> Subscription:
        """SubscribeToShard; raises what it raises."""
        request = {"ConsumerARN": self._arn, "ShardId": shard, "StartingPosition": position}
        subscription = self._sim.gate.call("kinesis", "SubscribeToShard", request)["EventStream"]
        assert isinstance(subscription, Subscription)
        return subscription

    def later(self, ms: int, act: Callable[[], None]) -> ScheduledAction:
        """Act in so many ms."""
        return self._sim.clock.schedule(self._sim.clock.now + ms, act)

    def at(self, instant: int, act: Callable[[], None]) -> ScheduledAction:
        """Act at an instant (epoch ms), after now in any case."""
        return self._sim.clock.schedule(max(instant, self._sim.clock.now + 1), act)

    def process(self, shard: str, records: list[Record]) -> str | None:
        """Hand records over; the last one's sequence number, None when the handler raised."""
        self.reading.calls += 1
        try:
            self._handler(shard, records)
        except Exception as error:
            self.reading.failed(error)
            return None
        self.reading.records += len(records)
        self.reading.bytes += sum(len(record["Data"]) for record in records)
        self._sim.events.append(
            ShardCheckpointed(
                at=self._sim.clock.now,
                stream=self._stream,
                application=self.name,
                worker=self.name,
                shard=int(shard.rpartition("-")[2]),
                checkpoint=records[-1]["SequenceNumber"],
            )
        )
        return str(records[-1]["SequenceNumber"])

    def follow(self, children: list[dict[str, Any]]) -> None:
        """Subscribe to the children of a shard that ended, once all their parents have ended."""
        for child in children:
            ended = all(
                self._lines[parent].ended
                for parent in child["ParentShards"]
                if parent in self._lines
            )
            if ended and child["ShardId"] not in self._lines:
                line = self._lines[child["ShardId"]] = _Line(self, child["ShardId"], "TRIM_HORIZON")
                line.open()


class _Line:
    """The subscription to one shard, opened again whenever it ends."""

    def __init__(self, consumer: Subscriber, shard: str, start: str) -> None:
        self.behind = 0
        self.ended = False
        self._coming = False
        self._consumer = consumer
        self._shard = shard
        self._position = {"Type": start}
        self._subscription: Subscription | None = None
        self._timer: ScheduledAction | None = None

    def open(self) -> None:
        """Subscribe from the place reached; again in a second when that is refused."""
        if self.ended:
            return
        try:
            self._subscription = self._consumer.subscribe(self._shard, self._position)
        except ServiceError as error:
            self.ended = error.code == "ResourceNotFoundException"
            self._timer = None if self.ended else self._consumer.later(AGAIN_MS, self.open)
            return
        self._subscription.on_ready = self._ready
        self._look()

    def close(self) -> None:
        """End the subscription, as a consumer that hangs up."""
        self._cancel()
        if (subscription := self._subscription) is not None:
            self._subscription, subscription.on_ready = None, None
            subscription.close("closed by the consumer")

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ready(self) -> None:
        """Something is there: it is on its way for a moment. More that comes meanwhile travels
        with it."""
        if not self._coming:
            self._coming = True
            self._cancel()
            self._timer = self._consumer.later(PUSH_MS, self._look)

    def _look(self) -> None:
        self._cancel()
        self._coming = False
        subscription = self._subscription
        if subscription is None:
            return
        while (event := subscription.next_event()) is not None:
            if not self._take(event.get("SubscribeToShardEvent")):
                self.close()
                self._timer = self._consumer.later(AGAIN_MS, self.open)
                return
        if self.ended:
            self._subscription = None
        elif subscription.ended:
            self._consumer.renewals += 1
            self.open()
        else:
            self._timer = self._consumer.at(subscription.next_at(), self._look)

    def _take(self, event: dict[str, Any] | None) -> bool:
        """Process one event; False when the subscription is of no further use."""
        if event is None:
            return False
        self.behind = event["MillisBehindLatest"]
        if event["Records"]:
            reached = self._consumer.process(self._shard, event["Records"])
            if reached is None:
                return False
            self._position = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": reached}
        if "ChildShards" in event:
            self.ended = True
            self._consumer.follow(event["ChildShards"])
        return True
