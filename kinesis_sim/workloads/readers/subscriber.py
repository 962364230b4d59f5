"""An enhanced fan-out consumer: registered, subscribed to every shard, pushed to.

It reads at 2 MiB a second per shard, whatever others read, and pays for it (facts/data-streams
§4.1, §8). Parents come before children, so that order holds per key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kinesis_sim.arguments import number
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.lone import LoneConsumer
from kinesis_sim.workloads.readers.pushed import PUSH_MS, Courier, PushedShard
from kinesis_sim.workloads.readers.reader import Handler, ShardPlace, listed

__all__ = ["PUSH_MS", "Subscriber", "registered"]
WAIT_MS = 1_000
"""How often DescribeStreamConsumer is asked whether a new consumer is ACTIVE."""
TELL_MS = 250
"""How often the event log is told a consumer's place in a shard, at most."""


class Subscriber(LoneConsumer[PushedShard]):
    """A registered consumer of a stream that runs on the clock.

    name: what it is registered as; a consumer of that name is used as it is, and its shards are
    taken over. start: TRIM_HORIZON or LATEST, for shards that are there when it starts. work_ms:
    simulated milliseconds that one record costs the handler, during which its shard waits. places:
    of another reader that this one goes on from. What the handler raises keeps the batch: it comes
    again after a second.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        handler: Handler,
        *,
        name: str = "subscriber",
        start: str = "TRIM_HORIZON",
        work_ms: float = 0,
        places: Iterable[ShardPlace] = (),
    ) -> None:
        super().__init__(sim, stream, handler, name, start, work_ms)
        number("work_ms", work_ms)
        if work_ms < 0:
            raise UsageError(f"work_ms={work_ms}: give 0 or more milliseconds a record.")
        self._from = {place.shard: place for place in places}
        self._courier = Courier(sim.clock)
        self._told: dict[str, tuple[int, str | None]] = {}
        self._arn = ""

    def start(self) -> Subscriber:
        """Register unless that was done, and subscribe to every shard. Returns itself.

        Waits on the clock until a new consumer is ACTIVE. Raises ServiceError when the stream takes
        no further consumer.
        """
        if not self._running:
            self._arn = self._arn or registered(self._sim, self._stream, self.name)
            rows = listed(self._sim, self._stream)
            self._running = True
            for shard in self._readers.values():
                shard.arn, shard.taken = self._arn, False
            self._know_all(rows)
            self._begin()
        return self

    def stop(self) -> None:
        """End every subscription; the registration stays, and is billed."""
        self._running = False
        for shard in self._readers.values():
            shard.stop()

    def deregister(self) -> None:
        """Stop, and give the registration up; the next start registers anew."""
        self.stop()
        if self._arn:
            request = {"ConsumerARN": self._arn}
            self._sim.gate.call("kinesis", "DeregisterStreamConsumer", request)
            self._arn = ""

    @property
    def renewals(self) -> int:
        """Subscriptions that ran their five minutes and were followed by another."""
        return sum(shard.renewals for shard in self._readers.values())

    @property
    def taken(self) -> list[str]:
        """The shards that a later subscriber under the same name took over."""
        return sorted(name for name, shard in self._readers.items() if shard.taken)

    # --- shards -------------------------------------------------------------------------------

    def _reader(self, place: ShardPlace) -> PushedShard:
        name = place.shard
        if (before := self._from.get(name)) is not None:
            place.checkpoint, place.ended = before.checkpoint, before.ended
        return PushedShard(
            self._sim,
            self._arn,
            self._courier,
            place,
            self._handler,
            self.reading,
            lambda: self._looked(name),
            work_ms=self._work,
        )

    def _begin(self) -> None:
        """Subscribe to every shard whose parents are read to their ends."""
        for name, place in list(self.places.items()):
            if self._may_begin(place) and not place.ended and not self._readers[name].taken:
                self._readers[name].start()

    def _looked(self, name: str) -> None:
        """After a look at a shard: say how far it is, and begin its children once it has ended."""
        place, now = self.places[name], self._sim.clock.now
        at, told = self._told.get(name, (now - TELL_MS, None))
        if place.checkpoint not in (None, told) and (place.ended or now - at >= TELL_MS):
            self._told[name] = now, place.checkpoint
            self._tell(name, place.checkpoint)
        if place.ended:
            self._know_children(name)
            self._begin()


def registered(sim: Simulator, stream: str, name: str) -> str:
    """The ARN of the consumer of this name, registered and waited for where there is none yet.

    Raises ServiceError (LimitExceededException beyond 20 consumers, or 50 with Advantage).
    """
    named: dict[str, Any] = {"StreamARN": sim.streams[stream].arn, "ConsumerName": name}
    there = {consumer.name for consumer in sim.streams.consumers_of(sim.streams[stream])}
    if name not in there or _gone(sim, named):
        sim.gate.call("kinesis", "RegisterStreamConsumer", named)
    while _described(sim, named)["ConsumerStatus"] == "CREATING" and not sim.clock.is_firing:
        sim.clock.pause(WAIT_MS)
    return str(_described(sim, named)["ConsumerARN"])


def _gone(sim: Simulator, named: dict[str, Any]) -> bool:
    """Whether a consumer that was DELETING is gone by now; one that stays is to be used."""
    while (status := _status(sim, named)) == "DELETING" and not sim.clock.is_firing:
        sim.clock.pause(WAIT_MS)
    return status is None


def _status(sim: Simulator, named: dict[str, Any]) -> str | None:
    try:
        return str(_described(sim, named)["ConsumerStatus"])
    except ServiceError:
        return None


def _described(sim: Simulator, named: dict[str, Any]) -> dict[str, Any]:
    answer = sim.gate.call("kinesis", "DescribeStreamConsumer", named)
    found: dict[str, Any] = answer["ConsumerDescription"]
    return found
