"""Enhanced fan-out: registered consumers and their subscriptions, pushed instead of polled.

Source: facts/data-streams §1.3 and §4.1 (botocore SubscribeToShard, Consumer).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.quotas import TABLE
from kinesis_sim.account.rates import Rate
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import Event, EventLog
from kinesis_sim.instants import SECOND
from kinesis_sim.states import Life
from kinesis_sim.streams.answers import Record
from kinesis_sim.streams.events import (
    RecordsPushed,
    RecordsPut,
    ShardEnded,
    SubscriptionChanged,
)
from kinesis_sim.streams.reading import child_rows, read
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.states import CONSUMER, ConsumerStatus
from kinesis_sim.streams.stream import Stream
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.streams.lull import Lull

SUBSCRIPTION_MS = int(TABLE["streams.subscription_seconds"].value) * SECOND
HEARTBEAT_MS = 5_000
"""How often an idle subscription sends an event without records, as recorded (facts/data-streams §9
"Events of a subscription")."""
PUSH_RECORDS = 1_000
"""How many records one pushed event carries at most (model's choice; AWS does not say)."""
PUSH_DATA_BYTES = 15 * MIB // 2
"""How many bytes of data one pushed event carries at most, keys not counted (same row, recorded).

The next event comes when those of the last, but for ``PUSH_AHEAD_BYTES``, have passed at 2 MiB a
second."""
PUSH_AHEAD_BYTES = 9 * MIB // 2
"""How far a subscription may be ahead of that rate when an event begins (same row).

With 4.5 MiB, four events of 7.5 MiB are there after 9.0 s and 80 MiB after 35.25 s (recorded: 9.0
and 34.8 s). That what was not used comes back at that rate is the model's choice."""


@dataclass(slots=True)
class Consumer:
    """A consumer registered with a stream. created_at: epoch ms; the ARN ends with its seconds."""

    name: str
    arn: str
    stream: Stream
    created_at: int
    life: Life[ConsumerStatus] = field(default_factory=lambda: Life(CONSUMER))
    tags: dict[str, str] = field(default_factory=dict)
    policy: str | None = None
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    calls: dict[int, Rate] = field(default_factory=dict)
    _hears: Callable[[], None] | None = None

    @property
    def status(self) -> ConsumerStatus | None:
        """Its status; None once it is gone."""
        return self.life.state

    @property
    def is_subscribed(self) -> bool:
        """Whether a subscription of it is open; a deregistered consumer's are, until they end."""
        return any(not each.ended for each in self.subscriptions.values())

    def count(self, shard: int, at: int) -> None:
        """Count a SubscribeToShard call that was made at ``at`` (epoch ms) without being called."""
        if (calls := self.calls.get(shard)) is not None:
            calls.insert([at])

    def listen(self, events: EventLog) -> None:
        """Hear, from the first subscription to the end of the last, what may wake a carrier.

        One listener for all shards, as most of what happens concerns none of them.
        """
        if self._hears is None:
            self._hears = events.subscribe(self._hear, RecordsPut, ShardEnded)

    def rest(self) -> None:
        """A subscription ended; hear nothing more if it was the last."""
        if self._hears is not None and not self.is_subscribed:
            self._hears()
            self._hears = None

    def _hear(self, event: Event) -> None:
        if isinstance(event, RecordsPut):
            if event.stream == self.stream.name:
                for share in event.shares:
                    self._wake(share.shard)
        elif isinstance(event, ShardEnded) and event.stream == self.stream.name:
            self._wake(event.shard)

    def _wake(self, shard: int) -> None:
        subscription = self.subscriptions.get(shard)
        if subscription is not None and subscription.on_ready is not None:
            subscription.on_ready()


class Subscription:
    """An open SubscribeToShard call: events are pulled by whoever carries them to the consumer.

    The carrier asks ``next_event()``; on None it waits until ``next_at()`` or until ``on_ready``
    is called.
    """

    def __init__(
        self,
        consumer: Consumer,
        shard: Shard,
        position: int,
        now: Callable[[], int],
        events: EventLog,
        bytes_per_second: int = 0,
        lasts_ms: int = SUBSCRIPTION_MS,
    ) -> None:
        self.consumer = consumer
        self.shard = shard
        self.opened_at = now()
        self.ended = False
        self.on_ready: Callable[[], None] | None = None
        self._now = now
        self._events = events
        self._bytes_per_second = bytes_per_second
        self.lasts_ms = lasts_ms
        self.rests: Callable[[Callable[[int], None]], Lull] | None = None
        self._lull: Lull | None = None
        self._position: int | None = position
        self.last_event_at = self.opened_at - HEARTBEAT_MS
        self._paid_off_at = self.opened_at
        self._outbox: deque[dict[str, Any]] = deque()
        self._guard: Callable[[], None] | None = None

    @property
    def ends_at(self) -> int:
        """When the subscription ends by itself (epoch ms)."""
        return self.opened_at + self.lasts_ms

    def next_at(self) -> int:
        """When to look again at the latest (epoch ms).

        At the next heartbeat, at the end, or when enough of what was pushed has passed at 2 MiB/s.
        """
        heartbeat = self.last_event_at + HEARTBEAT_MS
        soonest = self._free_at if self.fresh else heartbeat
        return min(max(soonest, self._free_at), self.ends_at)

    @property
    def _free_at(self) -> int:
        """When the next event may begin (epoch ms)."""
        rate = self._bytes_per_second
        return self._paid_off_at - (PUSH_AHEAD_BYTES * SECOND // rate if rate else 0)

    def next_event(self) -> dict[str, Any] | None:
        """The event that is due now, or None.

        Nothing more follows a None once ``ended`` is true.
        """
        if self._outbox:
            return self._outbox.popleft()
        if self.ended:
            return None
        now = self._now()
        if now >= self.ends_at:
            self.on_ready = None  # whoever asks sees it
            self.close("ended")
            return None
        if now < self._free_at:
            return None
        if not self.fresh and now - self.last_event_at < HEARTBEAT_MS:
            return None
        try:
            if self._guard is not None:
                self._guard()
        except ServiceError as error:
            self.fail(error)
            return self._outbox.popleft()
        return self._read(now)

    def guard(self, check: Callable[[], None]) -> None:
        """Have ``check`` run before each read.

        A ServiceError it raises ends the subscription as an event.
        """
        self._guard = check

    def close(self, why: str) -> None:
        """End the subscription: the consumer went away, time is up, or another call took over."""
        if self.ended:
            return
        self.ended = True
        self.consumer.rest()
        self._tell(why)
        if self.on_ready is not None:
            self.on_ready()

    def fail(self, error: ServiceError) -> None:
        """End the subscription with an error event, as SubscribeToShard declares them."""
        self._outbox.append({error.code: {"message": error.message}})
        self.close("failed")

    # --- resting ------------------------------------------------------------------------------

    def rest(self, told: Callable[[int], None]) -> Lull | None:
        """Whoever takes its events rests until something happens, if nothing else can come.

        To be asked after a heartbeat. told: hears how many renewals were skipped, in stretches.
        None while something is there, or the next renewal falls between two heartbeats.
        """
        now = self._now()
        still = self.last_event_at == now and not (self.fresh or self.ended or self._outbox)
        even = not (self.lasts_ms % HEARTBEAT_MS or (now - self.opened_at) % HEARTBEAT_MS)
        if self.rests is None or not still or not even or self._paid_off_at > now:
            return None
        self._lull = self.rests(told)
        return self._lull

    def settle(self) -> None:
        """Be where it would be, had nobody rested."""
        if self._lull is not None:
            self._lull.settle()

    def skip(self, beats: int, renewals: int) -> None:
        """So many heartbeats passed, and so many renewals among them."""
        self.last_event_at += beats * HEARTBEAT_MS
        self._paid_off_at = self.last_event_at
        self.opened_at += renewals * self.lasts_ms

    # --- what is there ------------------------------------------------------------------------

    @property
    def fresh(self) -> bool:
        """Whether there is something to push: records, or the shard's end."""
        position = self._position
        return position is not None and (
            position < self.shard.log.end or self.shard.ended_at is not None
        )

    def _read(self, now: int) -> dict[str, Any]:
        stream = self.consumer.stream
        rate = self._bytes_per_second
        place = self._position or 0
        batch = read(stream, self.shard, place, PUSH_RECORDS, now, most_data=PUSH_DATA_BYTES)
        begun = max(now, self._paid_off_at)
        self._paid_off_at = begun + batch.bytes * SECOND // rate if rate else now
        self._position = batch.position
        self.last_event_at = now
        event: dict[str, Any] = {
            "Records": batch.records,
            "ContinuationSequenceNumber": self._continuation(batch.records, now),
            "MillisBehindLatest": batch.behind,
        }
        self._events.append(
            RecordsPushed(
                at=now,
                stream=stream.name,
                consumer=self.consumer.name,
                shard=self.shard.index,
                records=len(batch.records),
                bytes=batch.bytes,
                behind=batch.behind,
            )
        )
        if batch.position is None:
            # The model requires it; the KCL (DataRetrievalUtil) refuses children beside it.
            del event["ContinuationSequenceNumber"]
            event["ChildShards"] = child_rows(stream, self.shard)
            self.close("shard ended")
        return {"SubscribeToShardEvent": event}

    def _continuation(self, records: list[Record], now: int) -> str:
        """Where to go on after an event: its last record, or the last one before, as of now.

        An event without records has a later number each time: the second moves on in it (recorded
        2026-09-19, radkawar/stackd, efo_backlog).
        """
        if records:
            return records[-1]["SequenceNumber"]
        return self.shard.number((self._position or 0) - 1, now)

    def _tell(self, became: str) -> None:
        self._events.append(
            SubscriptionChanged(
                at=self._now(),
                stream=self.consumer.stream.name,
                consumer=self.consumer.name,
                shard=self.shard.index,
                became=became,
            )
        )
