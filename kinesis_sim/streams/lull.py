"""A subscription at the tip of its shard: heartbeats and renewals, until something happens there.

A reader that is pushed to says so after an event that held nothing; until something arrives, the
shard ends, or stream or consumer change, the clock skips its looks (``Clock.repeat``). What would
have been pushed and renewed counts all the same, as one event a stretch.

Who rests renews at the instant at which a subscription is over. So renewals fall on heartbeats
once one subscription was opened at another's end; before that it cannot be skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kinesis_sim.instants import SECOND
from kinesis_sim.streams.events import PushesIdle
from kinesis_sim.streams.fanout import HEARTBEAT_MS, Subscription
from kinesis_sim.streams.states import ConsumerStatus

if TYPE_CHECKING:
    from kinesis_sim.streams.catalog import StreamCatalog


class Lull:
    """One subscription in which nothing comes but heartbeats.

    told: who hears of renewals that were skipped: how many, when they are reported.
    """

    def __init__(
        self, kinesis: StreamCatalog, subscription: Subscription, told: Callable[[int], None]
    ) -> None:
        self._kinesis = kinesis
        self._subscription = subscription
        self._told = told
        self._looked_at = subscription.last_event_at
        kinesis.tips[self] = None

    # --- what the clock asks ------------------------------------------------------------------

    def quiet(self, at: int) -> bool:
        """Whether a look at ``at`` (epoch ms) would find a heartbeat or a renewal at most."""
        subscription, kinesis = self._subscription, self._kinesis
        consumer = subscription.consumer
        stream = consumer.stream
        return (
            not subscription.ended
            and not subscription.fresh
            and consumer.status is ConsumerStatus.ACTIVE
            and stream.usable
            and kinesis.streams.get(stream.name) is stream
            and kinesis.key_works(stream)
        )

    def skip(self, first: int, every: int, count: int) -> None:
        """Remember looks that were skipped."""
        self._looked_at = first + (count - 1) * every

    # --- what the reader and the catalogue ask ------------------------------------------------

    def leave(self) -> None:
        """It is over; what was skipped is reported."""
        self.settle()
        self._kinesis.tips.pop(self, None)

    def settle(self) -> None:
        """Report what was skipped so far, and let the subscription be where it would be."""
        subscription = self._subscription
        since = subscription.last_event_at + HEARTBEAT_MS
        beats = (self._looked_at - subscription.last_event_at) // HEARTBEAT_MS
        if not beats:
            return
        renewed, lasts = subscription.ends_at, subscription.lasts_ms
        renewals = (self._looked_at - subscription.opened_at) // lasts
        subscription.skip(beats, renewals)
        newest = subscription.opened_at
        if renewals and newest > self._kinesis.clock.now - SECOND:
            subscription.consumer.count(subscription.shard.index, newest)
        self._kinesis.events.append(
            PushesIdle(
                at=subscription.last_event_at,
                stream=subscription.consumer.stream.name,
                consumer=subscription.consumer.name,
                shard=subscription.shard.index,
                since=since,
                every=HEARTBEAT_MS,
                events=beats,
                renewed=renewed,
                lasts=lasts,
                renewals=renewals,
            )
        )
        if renewals:
            self._told(renewals)
