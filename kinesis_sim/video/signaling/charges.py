"""What signaling channels use, as AWS meters it, folded from events: the quantities of a bill.

A channel is paid for each month in which somebody was connected to it, however shortly, and each
message as it comes in and as it leaves (facts/video/8/price-webrtc); months are those of UTC (the
model's choice). Refused messages are counted (the model's choice). The minutes that media goes
through a relay have a price, too; no relay stands behind a channel here, so there are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from kinesis_sim.account.bill import Line
from kinesis_sim.account.prices import PriceList
from kinesis_sim.events import Event
from kinesis_sim.video.signaling.events import (
    SignalingChannelChanged,
    SignalingPeerChanged,
    SignalPassed,
)
from kinesis_sim.video.signaling.transfers import Transfers

KINDS: tuple[type[Event], ...] = (SignalingChannelChanged, SignalingPeerChanged, SignalPassed)
MILLION = 1_000_000


class SignalingCharges:
    """The fold."""

    whole_from: int = 0

    def __init__(self) -> None:
        self._transfers = Transfers()
        self._messages: Counter[str] = Counter()
        self._months: dict[str, set[tuple[int, int, int]]] = {}
        self._made: Counter[str] = Counter()
        self._connected: Counter[str] = Counter()

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The classes of events that it wants."""
        return KINDS

    def start(self, now: int) -> None:
        """Begin now (epoch ms)."""
        self.whole_from = now

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            if isinstance(event, SignalingChannelChanged):
                self._made[event.channel] += event.was is None
            elif isinstance(event, SignalingPeerChanged):
                self._peer(event)
            elif isinstance(event, SignalPassed):
                self._messages[event.channel] += sum(self._transfers.of(event))

    def _peer(self, event: SignalingPeerChanged) -> None:
        """Who connects is there in this month, and who leaves has been."""
        if event.became == "refused":
            return
        self._active(event.channel, event.at)
        self._connected[event.channel] += 1 if event.became == "connected" else -1

    def _active(self, channel: str, at: int) -> None:
        moment = datetime.fromtimestamp(at / 1_000, UTC)
        month = (self._made[channel], moment.year, moment.month)
        self._months.setdefault(channel, set()).add(month)

    def lines(self, prices: PriceList, now: int) -> list[Line]:
        """What was used up to ``now`` (epoch ms), at the given prices."""
        for channel, count in self._connected.items():
            if count > 0:
                self._active(channel, now)
        found = []
        for channel, months in self._months.items():
            found.append(Line(channel, prices["video.signaling_channels"], len(months)))
            sent = self._messages[channel]
            if sent:
                found.append(Line(channel, prices["video.signaling_messages"], sent, MILLION))
        return found
