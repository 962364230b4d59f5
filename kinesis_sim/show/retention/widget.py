"""The retention timeline as a widget: a slider over history, what-ifs, and the clock.

A what-if supposes another retention from the instant of the slider on, and the same fold says what
would be there today. "Call it now" is the real operation, through a real boto3 client. The browser
chooses among frames that were worked out here, and lays them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY, HOUR
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.retention.figure import figure, level
from kinesis_sim.show.retention.fold import Path as Way
from kinesis_sim.show.retention.fold import Retention, retention, tier_of
from kinesis_sim.show.retention.words import Told, lasting

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.events.arrival import Arrival
    from kinesis_sim.workloads.readers.bookmark import Bookmark

SCRIPT = Path(__file__).with_name("widget.js")
CHOICES = (24, 48, 72, 168, 720, 8_760)
"""Hours that the buttons go through."""
STEP_HOURS = 6
EVEN_FRAMES = 120
_SAID = ("horizon", "real", "records", "retention")


class RetentionDesk(CourseWidget):
    """What a stream keeps over its history, with its readers; what-ifs; six controls.

    readers: those that "Let readers read" lets read. traffic: what arrives while the widget's
    clock button moves time.
    """

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)

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
        said = {key: words.say(key) for key in _SAID}
        said |= {f"control.{name}": text for name, text in words.under("control").items()}
        said |= {f"legend.{name}": text for name, text in words.under("legend").items()}
        super().__init__(words=said)
        self.refresh()

    def refresh(self) -> None:
        """Show the stream as it is now, or as it would be."""
        self.rows = as_rows(self._retention(), self._words) | {
            "manual": self._sim.clock.is_manual,
            "readable": bool(self._bookmarks),
        }

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
        from botocore.exceptions import ClientError

        hours, settings = self._supposed[1], self._sim.streams[self._stream].settings
        longer = hours > settings.retention_hours
        operation = f"{'Increase' if longer else 'Decrease'}StreamRetentionPeriod"
        kinesis = self._sim.client("kinesis")
        ask = (
            kinesis.increase_stream_retention_period
            if longer
            else kinesis.decrease_stream_retention_period
        )
        try:
            ask(StreamName=self._stream, RetentionPeriodHours=hours)
        except ClientError as error:
            told = error.response["Error"]
            self._refused(operation, told["Code"], told["Message"])
        else:
            say = self._words.say
            self.reply = say("reply.called", operation=operation, hours=lasting(hours))
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
        self.reply = self._words.say("reply.moved", time=self._told().time(self._sim.clock.now))

    def read(self) -> None:
        """Let every reader read on to the present, a second later."""
        if self._sim.clock.is_manual:
            self._sim.advance(seconds=1)  # a shard takes five reads a second
        try:
            count = sum(len(reader.read()) for reader in self._bookmarks)
        except ServiceError as error:
            self._refused("GetRecords", error.code, error.message)
        else:
            self.reply = self._words.say("reply.read", count=self._words.number(count))
        self.refresh()

    def summary(self) -> str:
        """What the picture shows, in one text."""
        return self._told().summary(self._sim.clock.now)

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._retention(), self._sim.clock.now, self._words)

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

    def _refused(self, operation: str, code: str, message: str) -> None:
        said = {"operation": operation, "code": code, "message": message}
        self.reply = self._words.say("reply.refused", **said)

    def _retention(self) -> Retention:
        rows = retention(self._sim, self._stream)
        return rows if self._supposed is None else rows.supposing(*self._supposed)

    def _told(self) -> Told:
        return Told(self._retention(), self._words)

    def _until(self, end: int) -> Iterator[Arrival]:
        """What the traffic has for the time up to ``end``; the first later one goes back."""
        for arrival in self._traffic:
            if arrival.at > end:
                self._traffic = chain([arrival], self._traffic)
                return
            yield arrival


def as_rows(rows: Retention, words: Words) -> dict[str, Any]:
    """Rows as JSON: frames to choose from, nothing to compute but places on the page."""
    told, history = Told(rows, words), rows.history
    hours = rows.horizon.hours(history.now)
    return {
        "title": told.title,
        "begin": history.begin,
        "now": told.axis.end,
        "width": rows.width,
        "widthLabel": words.say("records-width", width=duration(rows.width)),
        "most": max((span.records for span in rows.spans), default=1),
        "spans": [[span.at, span.records] for span in rows.spans],
        "steps": [
            [since, level(kept * 24 // DAY), lasting(kept * 24 // DAY)]
            for since, kept in rows.horizon.changes
        ],
        "bands": told.tiers(),
        "ticks": [[round(tick.place, 6), tick.label] for tick in told.ticks()],
        "readers": [told.name(path).split(", ", 1) for path in rows.paths],
        "supposed": rows.what_if is not None,
        "whatIf": words.say(
            "control.what-if" if rows.what_if else "subtitle", hours=lasting(hours)
        ),
        "frames": [_frame(rows, told, at, words) for at in _moments(rows)],
    }


def _frame(rows: Retention, told: Told, at: int, words: Words) -> dict[str, Any]:
    real, horizon = rows.history.horizon.at(at), rows.horizon.at(at)
    return {
        "at": at,
        "time": told.time(at),
        "word": words.say("now" if at == rows.history.now else "then"),
        "subtitle": told.subtitle(at),
        "horizon": horizon,
        "real": real if rows.what_if is not None and real != horizon else None,
        "gone": rows.gone(at),
        "records": told.records(at),
        "tier": tier_of(rows.horizon.hours(at)),
        "notice": told.notice(at),
        "cost": told.cost(at),
        "readers": [_standing(told, path, at) for path in rows.paths],
    }


def _standing(told: Told, path: Way, at: int) -> dict[str, Any]:
    standing, said = path.at(at), told.reader(path, at)
    if standing is None:
        return {"said": said, "place": None, "gaps": ()}
    return {
        "said": said,
        "place": standing.place,
        "gaps": standing.gaps,
        "waiting": standing.waiting,
        "fallen": standing.fallen,
    }


def _moments(rows: Retention) -> list[int]:
    """Instants worth a frame: evenly spread ones, and those at which something happens."""
    begin, now = rows.history.begin, rows.history.now
    found = {begin + (now - begin) * part // EVEN_FRAMES for part in range(EVEN_FRAMES + 1)}
    found |= {since for since, _ in rows.horizon.changes}
    for path in rows.paths:
        marks = path.reader.marks
        found |= {marks[0][0], marks[-1][0], path.falls() or begin}
    return sorted(at for at in found if begin <= at <= now)
