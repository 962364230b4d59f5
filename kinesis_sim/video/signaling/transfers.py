"""Which messages came in, and which left: what CloudWatch counts, and what AWS bills."""

from __future__ import annotations

from collections import defaultdict

from kinesis_sim.video.signaling.events import SignalPassed
from kinesis_sim.video.signaling.messages import SERVICE


class Transfers:
    """Tells them apart, from events in order: one that waited has come in before it leaves."""

    def __init__(self) -> None:
        self._kept: dict[str, set[int]] = defaultdict(set)

    def of(self, event: SignalPassed) -> tuple[bool, bool]:
        """Whether a message came in with this event, and whether one left."""
        kept = self._kept[event.channel]
        waited = event.number in kept or event.sent < event.at
        came = event.sender != SERVICE and not waited
        if event.became == "kept":
            kept.add(event.number)
        elif waited:
            kept.discard(event.number)
        return came, event.became == "delivered" and event.recipient != SERVICE
