"""The shard map as a widget: rows go to the browser, which lays them out for the chosen instant.

What the browser sends back is a wish: move the clock, pin a key. Hashes, routes, retention and
sentences are worked out here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.instants import HOUR
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.history import History, Pin, fraction, largest_dot
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import Times, axis, duration, full, ticks
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.shards.figure import figure, subtitle, summary
from kinesis_sim.show.shards.notices import Notices, next_instant

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

SCRIPT = Path(__file__).with_name("widget.js")
STEPS = {"second": 1_000, "minute": 60_000, "hour": HOUR}
"""What the clock's buttons add, in ms."""
MOST_PINS = 8
LONGEST_KEY = 256
_SAID = (
    *("open", "closed", "expired", "ring", "horizon", "now", "shown", "gone", "lanes"),
    *("throttled", "closed-shard", "squeezed", "notice.title"),
)


class ShardMap(CourseWidget):
    """A stream's shards over its history, with the clock's buttons and keys to pin.

    It follows the stream: after every notebook cell it shows what that cell changed; elsewhere
    ``refresh()`` does. ``at`` is the instant shown (epoch ms), None to follow the clock.
    """

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    pins: traitlets.List[Any] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)
    at = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(self, sim: Simulator, stream: str, keys: Sequence[str], words: Words) -> None:
        self._sim, self._stream, self._words = sim, stream, words
        self._keys = list(keys)
        self._seen = (-1, -1)
        super().__init__(words=_said(words))
        self.refresh()
        self._follows(self._follow)

    def refresh(self) -> None:
        """Show the stream as it is now."""
        self._history = self._sim.show.history(self._stream)
        self._seen = (self._sim.clock.now, self._sim.events.appended)
        self.rows = as_rows(self._history, self._words) | {"manual": self._sim.clock.is_manual}
        self.pins = [_pin_row(self._history.pin(key)) for key in self._keys]

    def pin(self, key: str) -> None:
        """Pin a partition key to the ring and its shard, or take it off again when it is there."""
        if not 1 <= len(key) <= LONGEST_KEY:
            self.reply = self._words.say("reply.long")
            return
        if key in self._keys:
            self._keys.remove(key)
        else:
            self._keys = [*self._keys, key][-MOST_PINS:]
        self.pins = [_pin_row(self._history.pin(each)) for each in self._keys]
        self._say_where(self._history.pin(key))

    def advance(self, ms: int) -> None:
        """Move the simulator's clock forward and show what that did."""
        self._move(self._sim.clock.now + ms)

    def next_event(self) -> None:
        """Move the clock to the next scheduled action, or the next trimming."""
        self.refresh()
        instant = next_instant(self._history, self._sim.clock.next_due())
        if instant is None:
            self.reply = self._words.say("reply.nothing")
        else:
            self._move(instant)

    def summary(self) -> str:
        """What the map shows, in one text."""
        return summary(self._history, self._history.now, self._words)

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._history, self._history.now, self._keys, self._words)

    # --- wishes from the browser --------------------------------------------------------------

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "advance", "step": str(step)} if step in STEPS:
                self.advance(STEPS[step])
            case {"kind": "next"}:
                self.next_event()
            case {"kind": "pin", "key": str(key)}:
                self.pin(key)

    def _move(self, instant: int) -> None:
        try:
            self._sim.run_until(instant)
        except KinesisSimError as error:
            self.reply = self._words.say("reply.refused", error=error)
        else:
            self.reply = self._words.say("reply.moved", time=full(self._sim.clock.now))
        self.at = None
        self.refresh()

    def _say_where(self, pin: Pin) -> None:
        shown = self._history.now if self.at is None else int(self.at)
        home, start = pin.home(shown), f"{pin.hash:032x}"[:6]
        key = "reply.homeless" if home is None else "reply.pin"
        self.reply = self._words.say(key, key=pin.key, hash=start, shard=home)

    def _follow(self, *_: object) -> None:
        known = self._stream in self._sim.streams.streams
        if known and self._seen != (self._sim.clock.now, self._sim.events.appended):
            self.refresh()


def as_rows(history: History, words: Words) -> dict[str, Any]:
    """A history as JSON: only what is laid out, nothing to compute but places on the page."""
    line = axis(history)
    times = Times(line, words)
    width = duration(history.width)
    return {
        "stream": history.stream,
        "begin": line.begin,
        "now": history.now,
        "axis": [[at, round(place, 6)] for at, place in line.corners],
        "breaks": line.breaks,
        "ticks": [[round(tick.place, 6), tick.label, tick.quiet] for tick in ticks(line, times)],
        "horizon": history.horizon.line(history.begin, history.now),
        "lanes": [_lane_row(history, shard, words) for shard in range(len(history.lanes))],
        "dots": [_dot_row(dot.share, dot.level) for dot in history.dots],
        "largestDot": largest_dot(history),
        "dotLabel": words.say("dots", width=width) if history.width else words.say("dot"),
        "beats": [
            {
                "at": beat.at,
                "label": f"{words.say(beat.kind)} {times.short(beat.at)}",
                "old": beat.old,
                "new": beat.new,
            }
            for beat in history.beats
        ],
        "notices": Notices(history, times, words).rows(),
        "subtitles": _subtitles(history, words),
        "moments": _moments(history),
    }


def _lane_row(history: History, row: int, words: Words) -> dict[str, Any]:
    lane = history.lanes[row]
    hue = theme.shard_hue(lane.shard)
    return {
        "shard": lane.shard,
        "name": words.say("shard", number=lane.shard),
        "hue": hue,
        "ink": theme.ink_on(hue),
        "from": fraction(lane.start),
        "to": fraction(lane.end + 1),
        "range": f"{lane.start} … {lane.end}",
        "opened": lane.opened,
        "closed": lane.closed,
        "expires": lane.expires,
    }


def _dot_row(share: Any, level: float) -> list[float]:
    return [
        share.at,
        share.shard,
        share.records,
        share.bytes,
        share.throttled,
        share.throttled_bytes,
        level,
    ]


def _subtitles(history: History, words: Words) -> list[tuple[int, str]]:
    changes = {history.begin} | {lane.opened for lane in history.lanes}
    changes |= {change.at for change in history.retentions}
    return [(at, subtitle(history, at, words)) for at in sorted(changes)]


def _moments(history: History) -> list[int]:
    """Instants that a reader jumps between: reshards, statuses, the first refusal, what expired."""
    found = {history.begin, history.now} | {at for at, _, _ in history.statuses}
    found |= {beat.at for beat in history.beats} | {change.at for change in history.retentions}
    found |= {lane.expires for lane in history.lanes if lane.expires is not None}
    found |= {share.at for share in history.shares[:1]}
    refused = [share.at for share in history.shares if share.throttled]
    return sorted(found | {*refused[:1]})


def _pin_row(pin: Pin) -> dict[str, Any]:
    return {"key": pin.key, "turn": fraction(pin.hash), "homes": pin.homes}


def _said(words: Words) -> dict[str, str]:
    said = {key: words.say(key) for key in _SAID}
    return said | {f"control.{name}": text for name, text in words.under("control").items()}
