"""Where a stream's fragments are kept: all that came in lately, and what was persisted.

Laws
1. A persisted fragment is there, byte for byte, until its retention is over by the service's clock,
   and never after.
2. Without retention a fragment is there for readers of live media for five minutes at most, and of
   the newest so many bytes only: memory has a bound.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter

from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.events import EventLog
from kinesis_sim.instants import HOUR
from kinesis_sim.video.events import FragmentPersisted, FragmentsExpired
from kinesis_sim.video.fragment import Fragment

_DIGITS = 47
"""Of every fragment number, see ``FragmentNumbers``."""
_SEQUENCE = attrgetter("sequence")
_NUMBER = attrgetter("number")


class Archive:
    """The fragments of one stream. buffer_ms, buffer_bytes: how much is kept without retention."""

    def __init__(
        self, stream: str, clock: Clock, events: EventLog, buffer_ms: int, buffer_bytes: int
    ) -> None:
        self._stream, self._clock, self._events = stream, clock, events
        self._buffer_ms, self._buffer_bytes = buffer_ms, buffer_bytes
        self._fragments: list[Fragment] = []
        self._persisted: set[int] = set()
        self._due: ScheduledAction | None = None
        self._heard: dict[int, Callable[[], None]] = {}
        self._stored: dict[int, Callable[[Fragment], None]] = {}
        self.retention = 0
        """Hours that media is kept; 0 for none."""
        self.bytes = 0
        """Bytes of media that are there."""

    def __iter__(self) -> Iterator[Fragment]:
        return iter(list(self._fragments))

    def __len__(self) -> int:
        return len(self._fragments)

    # --- coming in ----------------------------------------------------------------------------

    def add(self, fragment: Fragment) -> None:
        """A fragment came in whole."""
        self._fragments.append(fragment)
        self.bytes += fragment.size
        self._drop_excess()
        self._watch()
        for tell in tuple(self._heard.values()):
            tell()

    def persist(self, fragment: Fragment) -> None:
        """A fragment was stored."""
        self._persisted.add(fragment.sequence)
        self._events.append(
            FragmentPersisted(
                at=self._clock.now,
                stream=self._stream,
                sequence=fragment.sequence,
                bytes=fragment.size,
            )
        )
        for tell in tuple(self._stored.values()):
            tell(fragment)

    def on_stored(self, tell: Callable[[Fragment], None]) -> Callable[[], None]:
        """Call ``tell`` with each fragment that is stored; returns the call that ends it."""
        key = max(self._stored, default=0) + 1
        self._stored[key] = tell
        return lambda: self._stored.pop(key, None) and None

    def on_more(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call ``tell`` when a fragment has come in; returns the call that ends it."""
        key = max(self._heard, default=0) + 1
        self._heard[key] = tell
        return lambda: self._heard.pop(key, None) and None

    # --- reading ------------------------------------------------------------------------------

    @property
    def newest(self) -> Fragment | None:
        """The fragment that came in last."""
        return self._fragments[-1] if self._fragments else None

    def after(self, sequence: int) -> Fragment | None:
        """The first fragment that is there past one of this count."""
        place = bisect_right(self._fragments, sequence, key=_SEQUENCE)
        return self._fragments[place] if place < len(self._fragments) else None

    def past(self, number: str) -> Fragment | None:
        """The first fragment that is there with a larger number; number: digits, however many."""
        wanted = number.lstrip("0").zfill(_DIGITS)
        if len(wanted) > _DIGITS:
            return None
        place = bisect_right(self._fragments, wanted, key=_NUMBER)
        return self._fragments[place] if place < len(self._fragments) else None

    def persisted(self) -> list[Fragment]:
        """What was stored and is there, in the order of numbers."""
        return [each for each in self._fragments if each.sequence in self._persisted]

    def stored(self, number: str) -> Fragment | None:
        """The stored fragment of a number."""
        place = bisect_left(self._fragments, number, key=_NUMBER)
        found = self._fragments[place] if place < len(self._fragments) else None
        if found is None or found.number != number or found.sequence not in self._persisted:
            return None
        return found

    # --- going away ---------------------------------------------------------------------------

    def keep_for(self, hours: int) -> None:
        """Keep media for so many hours from when it came in; 0 for the buffer alone."""
        self.retention = hours
        self._expire()

    def clear(self) -> None:
        """The stream is gone, and its media with it."""
        self._drop(len(self._fragments))
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _ends(self, fragment: Fragment) -> int:
        """When a fragment goes (epoch ms)."""
        if self.retention and fragment.sequence in self._persisted:
            return fragment.received + self.retention * HOUR
        return fragment.received + self._buffer_ms

    def _drop_excess(self) -> None:
        """Without retention the newest bytes are kept, and no more."""
        if self.retention:
            return
        place, spare = 0, self.bytes
        while spare > self._buffer_bytes and place < len(self._fragments) - 1:
            spare -= self._fragments[place].size
            place += 1
        self._drop(place)

    def _expire(self) -> None:
        now, place = self._clock.now, 0
        while place < len(self._fragments) and self._ends(self._fragments[place]) <= now:
            place += 1
        self._drop(place)
        self._drop_excess()
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._watch()

    def _drop(self, count: int) -> None:
        if not count:
            return
        gone = self._fragments[:count]
        del self._fragments[:count]
        size = sum(each.size for each in gone)
        self.bytes -= size
        self._persisted.difference_update(each.sequence for each in gone)
        self._events.append(
            FragmentsExpired(
                at=self._clock.now,
                stream=self._stream,
                up_to=gone[-1].sequence,
                fragments=len(gone),
                bytes=size,
            )
        )

    def _watch(self) -> None:
        """Have the oldest fragment go when its time comes."""
        if self._due is None and self._fragments:
            self._due = self._clock.schedule(self._ends(self._fragments[0]), self._come_due)

    def _come_due(self) -> None:
        self._due = None
        self._expire()
