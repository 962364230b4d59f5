"""Queues on an on-demand stream: records handed to whoever asks, acknowledged one by one.

Laws
1. A record is never visible to two receivers at once.
2. A record that is not acknowledged becomes visible again when its visibility timeout has passed.
3. Received MaxReceiveCount times without being acknowledged, it becomes a dead-letter record.
4. Nothing outlives the stream's retention, and nothing a queue does changes the stream.

Newer than any exam: queues came with botocore 1.44.5 (17 November 2026); facts/data-streams §1.3
and botocore's own text are the sources. Expiry is worked out when somebody looks, so that time
costs nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from kinesis_sim.events import Event
from kinesis_sim.states import Life
from kinesis_sim.streams.events import StreamEvent
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.states import QUEUE, QueueStatus
from kinesis_sim.streams.stream import Stream

if TYPE_CHECKING:
    from kinesis_sim.account.tips import Told
    from kinesis_sim.streams.empty_queue import EmptyQueue

DEFAULT_VISIBILITY_S = 30
DEFAULT_MAX_RECEIVES = 6
DEFAULT_WAIT_S = 9


@dataclass(slots=True)
class QueueSettings:
    """What a caller can set. max_receives: None when dead-letter handling is off."""

    visibility_s: int = DEFAULT_VISIBILITY_S
    max_receives: int | None = DEFAULT_MAX_RECEIVES


@dataclass(slots=True)
class QueueDelivery:
    """A record that was received at least once and not acknowledged since. Times: epoch ms."""

    shard: Shard
    position: int
    record_id: str
    first_received: int
    visible_at: int
    receives: int = 0
    dead: bool = False
    handle: str = ""
    dead_receives: int = 0


@dataclass(slots=True)
class Queue:
    """One queue. starts: the position in each shard that existed when the queue was created."""

    name: str
    arn: str
    id: str
    stream: Stream
    created_at: int
    starting: dict[str, Any]
    settings: QueueSettings
    starts: dict[int, int]
    most_in_flight: int
    life: Life[QueueStatus] = field(default_factory=lambda: Life(QUEUE))
    tags: dict[str, str] = field(default_factory=dict)
    _cursors: dict[int, int] = field(default_factory=dict)
    _deliveries: dict[str, QueueDelivery] = field(default_factory=dict)
    _timers: list[tuple[int, int, str]] = field(default_factory=list)
    _visible: dict[str, QueueDelivery] = field(default_factory=dict)
    _dead_visible: dict[str, QueueDelivery] = field(default_factory=dict)
    _handed_out: int = 0
    _dead: int = 0
    _oldest: int | None = None

    @property
    def status(self) -> QueueStatus | None:
        """Its status; None once it is gone."""
        return self.life.state

    # --- receiving ----------------------------------------------------------------------------

    def receive(self, most: int, now: int, visibility_s: int | None) -> list[dict[str, Any]]:
        """Up to ``most`` visible records, which are in flight from now on for ``visibility_s``."""
        self._settle(now)
        hidden = now + 1000 * (self.settings.visibility_s if visibility_s is None else visibility_s)
        taken = [self._visible.pop(key) for key in list(self._visible)[:most]]
        room = min(most - len(taken), self.most_in_flight - self.in_flight(now))
        taken += self._fresh(room, now)
        for delivery in taken:
            delivery.receives += 1
            self._hide(delivery, hidden)
        return [self._row(delivery, delivery.receives) for delivery in taken]

    def receive_dead(self, most: int, now: int, visibility_s: int | None) -> list[dict[str, Any]]:
        """Up to ``most`` visible dead-letter records, now in flight for ``visibility_s``."""
        self._settle(now)
        hidden = now + 1000 * (self.settings.visibility_s if visibility_s is None else visibility_s)
        taken = [self._dead_visible.pop(key) for key in list(self._dead_visible)[:most]]
        for delivery in taken:
            delivery.dead_receives += 1
            self._hide(delivery, hidden)
        return [self._row(delivery, delivery.receives) for delivery in taken]

    def next_change(self, now: int) -> int | None:
        """When the next record in flight becomes visible (epoch ms), or None when none is."""
        self._settle(now)
        return self._timers[0][0] if self._timers else None

    def is_empty(self, now: int) -> bool:
        """Whether nothing is there to receive, nor comes back by itself: no record is in flight.

        Changes nothing.
        """
        return not (self._timers or self._visible) and all(
            shard.log.end <= max(self._cursor(shard), shard.log.first)
            for shard in self.stream.retained_shards(now)
        )

    @property
    def is_full(self) -> bool:
        """Whether as many records are in flight as may be, as far as anybody has looked."""
        return len(self._deliveries) - len(self._visible) - self._dead >= self.most_in_flight

    def _fresh(self, most: int, now: int) -> list[QueueDelivery]:
        """Records nobody has received yet, shard by shard, oldest first in each."""
        found: list[QueueDelivery] = []
        for shard in self.stream.retained_shards(now):
            shard.log.trim(self.stream.horizon(now))
            start = max(self._cursor(shard), shard.log.first)
            stop = min(shard.log.end, start + most - len(found))
            for position in range(start, stop):
                key = self._record_id(shard, position)
                found.append(QueueDelivery(shard, position, key, now, now))
                self._deliveries[key] = found[-1]
                at = shard.log.time_at(position)
                self._oldest = at if self._oldest is None else min(at, self._oldest)
            self._cursors[shard.index] = max(start, stop)
            if len(found) >= most:
                break
        return found

    def _cursor(self, shard: Shard) -> int:
        return self._cursors.get(shard.index, self.starts.get(shard.index, 0))

    def _record_id(self, shard: Shard, position: int) -> str:
        """The same in every queue of the stream, and in every delivery."""
        place = f"{self.stream.arn}/{self.stream.created_at}/{shard.index}/{position}"
        return blake2b(place.encode(), digest_size=16).hexdigest()

    def _hide(self, delivery: QueueDelivery, until: int) -> None:
        self._handed_out += 1
        delivery.visible_at = until
        number = f"{self.id}/{delivery.record_id}/{self._handed_out}"
        delivery.handle = blake2b(number.encode(), digest_size=24).hexdigest() + delivery.record_id
        heapq.heappush(self._timers, (until, self._handed_out, delivery.record_id))

    def _row(self, delivery: QueueDelivery, receives: int) -> dict[str, Any]:
        log = delivery.shard.log
        [data], [key], [at] = log.rows(delivery.position, delivery.position + 1)
        row = {
            "ReceiptHandle": delivery.handle,
            "RecordId": delivery.record_id,
            "PartitionKey": key.decode(),
            "Data": data,
            "ApproximateArrivalTimestamp": at,
            "FirstReceiveTimestamp": delivery.first_received,
            "ReceiveCount": receives,
        }
        return row if key else {k: v for k, v in row.items() if k != "PartitionKey"}

    # --- after receiving ----------------------------------------------------------------------

    def find(self, handle: str, *, dead: bool, now: int) -> QueueDelivery | None:
        """The delivery whose newest receipt handle this is, on the side asked for."""
        self._settle(now)
        delivery = self._deliveries.get(handle[48:])
        if delivery is None or delivery.handle != handle or delivery.dead is not dead:
            return None
        return delivery

    def acknowledge(self, delivery: QueueDelivery) -> None:
        """Done with: the queue never delivers it again."""
        for place in (self._deliveries, self._visible, self._dead_visible):
            place.pop(delivery.record_id, None)
        self._dead -= delivery.dead

    def delay(self, delivery: QueueDelivery, seconds: int, now: int) -> None:
        """Keep it in flight for so many seconds from now; 0 makes it visible at once.

        The receipt handle stays valid.
        """
        for place in (self._visible, self._dead_visible):
            place.pop(delivery.record_id, None)
        self._handed_out += 1
        delivery.visible_at = now + 1000 * seconds
        timer = (delivery.visible_at, self._handed_out, delivery.record_id)
        heapq.heappush(self._timers, timer)

    def restore(self, delivery: QueueDelivery) -> None:
        """Give a dead-letter record a new life: visible to receivers, its count at zero."""
        self._dead_visible.pop(delivery.record_id, None)
        delivery.dead, delivery.receives, delivery.dead_receives = False, 0, 0
        self._dead -= 1
        delivery.visible_at, delivery.handle = 0, ""
        self._visible[delivery.record_id] = delivery

    # --- counting -----------------------------------------------------------------------------

    def in_flight(self, now: int) -> int:
        """Records received and neither acknowledged nor visible again, dead letters not counted."""
        self._settle(now)
        return len(self._deliveries) - len(self._visible) - self._dead

    def counts(self, now: int) -> dict[str, int]:
        """CloudWatch's gauges: visible and in-flight records, and the same for dead letters."""
        self._settle(now)
        fresh = 0
        for shard in self.stream.retained_shards(now):
            shard.log.trim(self.stream.horizon(now))
            fresh += max(0, shard.log.end - max(self._cursor(shard), shard.log.first))
        return {
            "VisibleQueueRecords": fresh + len(self._visible),
            "InFlightQueueRecords": self.in_flight(now),
            "VisibleDeadLetterQueueRecords": len(self._dead_visible),
            "InFlightDeadLetterQueueRecords": self._dead - len(self._dead_visible),
        }

    def oldest(self, now: int) -> int | None:
        """When the oldest record arrived that is neither acknowledged nor dead (epoch ms).

        None when there is none.
        """
        self._settle(now)
        living = (d for d in self._deliveries.values() if not d.dead)
        times = [d.shard.log.time_at(d.position) for d in living]
        for shard in self.stream.retained_shards(now):
            place = max(self._cursor(shard), shard.log.first)
            if place < shard.log.end:
                times.append(shard.log.time_at(place))
        return min(times, default=None)

    # --- time ---------------------------------------------------------------------------------

    def _settle(self, now: int) -> None:
        """Let time have passed.

        Timeouts make records visible or dead letters; retention ends them.
        """
        while self._timers and self._timers[0][0] <= now:
            at, _, key = heapq.heappop(self._timers)
            delivery = self._deliveries.get(key)
            if delivery is not None and delivery.visible_at == at:
                self._surface(delivery)
        self._forget_expired(now)

    def _surface(self, delivery: QueueDelivery) -> None:
        most = self.settings.max_receives
        if not delivery.dead and most is not None and delivery.receives >= most:
            delivery.dead = True
            self._dead += 1
        place = self._dead_visible if delivery.dead else self._visible
        place[delivery.record_id] = delivery

    def _forget_expired(self, now: int) -> None:
        horizon = self.stream.horizon(now)
        if self._oldest is None or self._oldest >= horizon:
            return
        deliveries = list(self._deliveries.values())
        for shard in {id(each.shard): each.shard for each in deliveries}.values():
            shard.log.trim(horizon)
        for delivery in deliveries:
            if delivery.position < delivery.shard.log.first:
                self.acknowledge(delivery)
        left = self._deliveries.values()
        self._oldest = min((d.shard.log.time_at(d.position) for d in left), default=None)


class LongPoll:
    """A receive that waits for a record to become visible: a Pending answer (``account/calls``).

    Times: epoch ms.
    """

    kinds: tuple[type[Event], ...] = (StreamEvent,)

    def __init__(
        self,
        receive: Callable[[bool], dict[str, Any] | None],
        queue: Queue,
        until: int,
        rest: Callable[[Told], EmptyQueue] | None = None,
    ) -> None:
        self._receive = receive
        self.queue = queue
        self.until = until
        self._rest = rest

    def attempt(self, now: int) -> dict[str, Any] | None:
        """The answer, if there is one by now; at the end of the wait an empty one."""
        over = now >= self.until
        answer = self._receive(over)
        return self.over() if answer is None and over else answer

    def look_again(self, now: int) -> int:
        """When to ask again at the latest: the next timeout of a record, or the end of the wait."""
        change = self.queue.next_change(now)
        return self.until if change is None else max(now + 1, min(change, self.until))

    def rest(self, told: Told) -> EmptyQueue | None:
        """Whoever polls the queue like this again and again may rest while it is empty.

        told: of each stretch of polls that were skipped. None where nobody may.
        """
        return None if self._rest is None else self._rest(told)

    def over(self) -> dict[str, Any]:
        """No record came."""
        return {"QueueRecords": []}

    def concerns(self, event: Event) -> bool:
        """Whether something happened to the queue's stream."""
        return isinstance(event, StreamEvent) and event.stream == self.queue.stream.name
