"""The retention timeline as a widget: a slider over history, what-ifs, and the clock.

A what-if supposes another retention from the instant of the slider on, and the same fold says what
would be there today. "Call it now" is the real operation, through a real boto3 client. The browser
chooses among frames that were worked out here, and lays them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import HOUR
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.retention.fold import Retention, retention
from kinesis_sim.show.retention.scene import page
from kinesis_sim.show.retention.words import Told, lasting

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.events.arrival import Arrival
    from kinesis_sim.workloads.readers.bookmark import Bookmark

CHOICES = (24, 48, 72, 168, 720, 8_760)
"""Hours that the buttons go through."""
STEP_HOURS = 6
EVEN_FRAMES = 120


class RetentionDesk(Desk):
    """What a stream keeps over its history, with its readers; what-ifs; six controls.

    readers: those that "Let readers read" lets read. traffic: what arrives while the widget's
    clock button moves time.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        readers: Sequence[Bookmark],
        traffic: Iterable[Arrival],
        words: Words,
    ) -> None:
        self._sim, self._stream, self._words = sim, stream, words
        self._bookmarks, self._traffic = list(readers), iter(traffic)
        self._supposed: tuple[int, int] | None = None
        super().__init__("retention")

    def _made(self) -> Page:
        rows = self._retention()
        hint = self._words.say("control.hint")
        return page(rows, _moments(rows), self._words, self._controls(rows), hint)

    def _state(self) -> object:
        if self._stream not in self._sim.streams.streams:
            return self._seen  # its last picture stays
        return self._sim.clock.now, self._sim.events.appended

    def _controls(self, rows: Retention) -> list[Control]:
        say, manual = self._words.say, self._sim.clock.is_manual
        hours = lasting(rows.horizon.hours(rows.history.now))
        what_if = say("control.what-if" if rows.what_if else "subtitle", hours=hours)
        suppose = {"kind": "suppose", "at": None}
        return [
            Control("less", say("control.less"), suppose | {"step": -1}),
            Control("more", say("control.more"), suppose | {"step": 1}),
            Control("what-if", what_if, {}),
            Control("call", say("control.call"), {"kind": "call"}, enabled=bool(rows.what_if)),
            Control("clock", say("control.clock"), {"kind": "clock"}, enabled=manual),
            Control("read", say("control.read"), {"kind": "read"}, enabled=bool(self._bookmarks)),
        ]

    def suppose(self, step: int, at: int | None = None) -> None:
        """The next longer (step 1) or shorter (-1) retention from ``at`` on (epoch ms).

        Or from now; one that was in force then is no what-if.
        """
        actual = self._sim.show.history(self._stream)
        since = actual.now if at is None else min(max(at, actual.begin), actual.now)
        force = actual.horizon.hours(since)
        hours = self._supposed[1] if self._supposed and self._supposed[0] == since else force
        ahead = [choice for choice in CHOICES if (choice - hours) * step > 0]
        if not ahead:
            self.reply = self._words.say("reply.most" if step > 0 else "reply.least")
            return
        chosen = min(ahead) if step > 0 else max(ahead)
        self._supposed = None if chosen == force else (since, chosen)
        self.reply = ""
        self.refresh()

    def call(self) -> None:
        """Set the supposed retention for real, now."""
        if self._supposed is None:
            self.reply = self._words.say("reply.as-it-is")
            return
        hours, settings = self._supposed[1], self._sim.streams[self._stream].settings
        longer = hours > settings.retention_hours
        operation = f"{'Increase' if longer else 'Decrease'}StreamRetentionPeriod"
        asked = {"StreamName": self._stream, "RetentionPeriodHours": hours}
        if self._called(self._sim.client("kinesis"), operation, **asked):
            said = {"operation": operation, "hours": lasting(hours)}
            self.reply = self._words.say("reply.called", **said)
        self._supposed = None
        self.refresh()

    def advance(self, hours: int = STEP_HOURS) -> None:
        """Let time pass, and the traffic that it brings."""
        if not self._sim.clock.is_manual:
            self.reply = self._words.say("reply.wall")
            return
        from kinesis_sim.workloads.scenes.feed import feed

        end = self._sim.clock.now + hours * HOUR
        feed(self._sim, self._stream, self._until(end))
        self._sim.run_until(max(end, self._sim.clock.now))
        self.refresh()
        time = Told(self._retention(), self._words).time(self._sim.clock.now)
        self.reply = self._words.say("reply.moved", time=time)

    def read(self) -> None:
        """Let every reader read on to the present, a second later."""
        if self._sim.clock.is_manual:
            self._sim.advance(seconds=1)  # a shard takes five reads a second
        try:
            count = sum(len(reader.read()) for reader in self._bookmarks)
        except ServiceError as error:
            said = {"operation": "GetRecords", "code": error.code, "message": error.message}
            self.reply = self._words.say("reply.refused", **said)
        else:
            self.reply = self._words.say("reply.read", count=self._words.number(count))
        self.refresh()

    # --- wishes from the browser --------------------------------------------------------------

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "suppose", "step": 1 | -1 as step, "at": None | int() as at}:
                self.suppose(step, at)
            case {"kind": "call"}:
                self.call()
            case {"kind": "clock"}:
                self.advance()
            case {"kind": "read"}:
                self.read()

    def _retention(self) -> Retention:
        rows = retention(self._sim, self._stream)
        return rows if self._supposed is None else rows.supposing(*self._supposed)

    def _until(self, end: int) -> Iterator[Arrival]:
        """What the traffic has for the time up to ``end``; the first later one goes back."""
        for arrival in self._traffic:
            if arrival.at > end:
                self._traffic = chain([arrival], self._traffic)
                return
            yield arrival


def _moments(rows: Retention) -> list[int]:
    """Instants worth a frame: evenly spread ones, and those at which something happens."""
    begin, now = rows.history.begin, rows.history.now
    found = {begin + (now - begin) * part // EVEN_FRAMES for part in range(EVEN_FRAMES + 1)}
    found |= {since for since, _ in rows.horizon.changes}
    for path in rows.paths:
        marks = path.reader.marks
        found |= {marks[0][0], marks[-1][0], path.falls() or begin}
    return sorted(at for at in found if begin <= at <= now)
