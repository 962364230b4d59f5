"""What video streams use, as AWS meters it, folded from events: the quantities of a bill.

Source: facts/video/8/price-us-east-1-stored-page, from old copies of the page: every line says that
it is unverified. Ingested are the bytes of fragments that came in whole, consumed those that left;
by HLS and DASH sessions at a price of their own. Stored are the bytes of persisted fragments for as
long as they are there, a month being 730 hours and a GB 2**30 bytes (model's choices). The prices
of the WARM tier and of images have no source: neither is billed. ``signaling/charges`` has WebRTC.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from kinesis_sim.account.bill import Line
from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.prices import PriceList
from kinesis_sim.events import Event
from kinesis_sim.instants import HOUR
from kinesis_sim.units import GIB
from kinesis_sim.video.events import (
    FragmentPersisted,
    FragmentReceived,
    FragmentsExpired,
    MediaRead,
)

SESSIONS = ("GetMP4MediaFragment", "GetTSFragment")
"""What players of a session fetch media by."""
GB_MONTH = GIB * 730 * HOUR
_ITEMS = {
    "video.ingested": GIB,
    "video.consumed": GIB,
    "video.consumed_by_session": GIB,
    "video.stored": GB_MONTH,
}
Kept = deque[tuple[int, int, int]]
"""Fragments that are stored: sequence, bytes, since when (epoch ms)."""


class VideoCharges(FoldFromNow):
    """The fold."""

    kinds = (FragmentPersisted, FragmentReceived, FragmentsExpired, MediaRead)

    def __init__(self) -> None:
        self._used: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._kept: dict[str, Kept] = defaultdict(deque)

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            if isinstance(event, FragmentReceived):
                self._used[event.stream]["video.ingested"] += event.bytes
            elif isinstance(event, FragmentPersisted):
                self._kept[event.stream].append((event.sequence, event.bytes, event.at))
            elif isinstance(event, FragmentsExpired):
                self._expired(event)
            elif isinstance(event, MediaRead) and event.api != "GetImages":
                item = "consumed_by_session" if event.api in SESSIONS else "consumed"
                self._used[event.stream][f"video.{item}"] += event.bytes

    def _expired(self, event: FragmentsExpired) -> None:
        kept = self._kept[event.stream]
        while kept and kept[0][0] <= event.up_to:
            _, size, since = kept.popleft()
            self._used[event.stream]["video.stored"] += size * (event.at - since)

    def lines(self, prices: PriceList, now: int) -> list[Line]:
        """What was used up to ``now`` (epoch ms), at the given prices."""
        found = []
        for name, used in self._used.items():
            still = sum(size * (now - since) for _, size, since in self._kept[name])
            amounts = {**used, "video.stored": used.get("video.stored", 0) + still}
            found += [
                Line(name, prices[item], amounts[item], unit)
                for item, unit in _ITEMS.items()
                if amounts.get(item)
            ]
        return found
