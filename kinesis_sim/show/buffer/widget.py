"""The picture of Firehose's buffers as a widget: a slider over a run, and settings to run anew.

What the browser sends back is a wish, the places of the controls. The run is played here, and its
rows and sentences are worked out here; the browser only draws them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.errors import UsageError
from kinesis_sim.show.buffer.figure import TRIGGERS, figure
from kinesis_sim.show.buffer.fold import Buffers, Level, Object
from kinesis_sim.show.buffer.mix import BufferMix, mixed
from kinesis_sim.show.buffer.words import MOST_LANES, Told, axis_end, span, top_of
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words

SCRIPT = Path(__file__).with_name("widget.js")
_SAID = (
    *("size", "interval", "full", "held", "age", "fires", "fired", "waits", "empty", "lake"),
    *("top", "now", "shown", "expected", "backlog", "sizes", "notice.title", "mixer.running"),
    *("legend.tried", "legend.lost", *(f"legend.{name}" for name in TRIGGERS)),
    *("control.slider", "control.play", "control.pause", "control.time", "mixer.length"),
)


class BufferPicture(CourseWidget):
    """Buffers, the lake and the histogram at the instant that a slider chooses; it can play."""

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, words: Words, controls: list[dict[str, Any]]) -> None:
        self._words = words
        said = {key: words.say(key) for key in _SAID}
        super().__init__(words=said, controls=controls)

    def summary(self) -> str:
        """What the picture shows at its end, in one text."""
        return Told(self._buffers, self._words).summary(self._buffers.now)

    def _show(self, rows: Buffers, **more: Any) -> None:
        self._buffers = rows
        self.rows = as_rows(rows, self._words) | more

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._buffers, self._buffers.now, self._words)


class LiveBuffer(BufferPicture):
    """A Firehose stream of the notebook; it follows the stream, cell by cell.

    read: the stream's rows as they are now.
    """

    def __init__(self, read: Callable[[], Buffers], words: Words) -> None:
        super().__init__(words, [])
        self._read = read
        self.refresh()
        self._follows(self._follow)

    def refresh(self) -> None:
        """Show the stream as it is now."""
        self._show(self._read())

    def _follow(self, *_: object) -> None:
        try:
            rows = self._read()
        except UsageError:  # the stream is gone: its last picture stays
            return
        if rows != self._buffers:
            self._show(rows)


class BufferMixer(BufferPicture):
    """Size, interval, traffic and what happens as controls: half an hour is played with them."""

    def __init__(self, mix: BufferMix, words: Words) -> None:
        super().__init__(
            words, BufferMix.controls(words, lambda name, step: _step(name, step, words))
        )
        self.play(mix)

    def play(self, mix: BufferMix) -> None:
        """Play a mix and show what it did."""
        self.mix = mix
        self._show(mixed(mix), places=mix.places)

    def _wished(self, wish: Any) -> None:
        """Play what the controls ask for; anything that is no mix is not heard."""
        if (mix := BufferMix.wished(wish)) is not None:
            self.play(mix)


def as_rows(rows: Buffers, words: Words) -> dict[str, Any]:
    """Rows as JSON: only what is laid out, nothing to compute but places on the page."""
    told, lanes = Told(rows, words), range(min(len(rows.lanes), MOST_LANES))
    return {
        "stream": rows.stream,
        "begin": rows.begin,
        "now": rows.now,
        "end": (end := axis_end(rows)),
        "top": max(top_of(rows), 1),
        "ticks": told.ticks(end),
        "clocks": _clocks(told),
        "hints": [
            [h.at, h.size, h.interval, told.size(h.size), span(h.interval)] for h in rows.hints
        ],
        "subtitles": [[h.at, told.subtitle(h.at)] for h in rows.hints],
        "lanes": [[told.lane(lane), theme.shard_hue(lane)] for lane in lanes],
        "levels": [[_level(level, told) for level in rows.levels[lane]] for lane in lanes],
        "objects": [_object(each, told) for each in rows.objects],
        "tries": [each.at for each in rows.tries],
        "losses": [each.at for each in rows.losses],
        "backlog": [[at, held, told.size(held)] for at, held in rows.backlog],
        "classes": told.classes(),
        "notices": told.notices(),
        "moments": _moments(rows),
    }


def _level(level: Level, told: Told) -> list[Any]:
    return [
        level.at,
        level.held,
        level.opened,
        level.first,
        level.due,
        level.fired,
        told.size(level.held),
    ]


def _object(each: Object, told: Told) -> list[Any]:
    said = f"{told.clock(each.at)} · {told.size(each.bytes)}"
    return [each.at, each.lane, each.bytes, each.trigger, each.size_class, said]


def _clocks(told: Told) -> dict[str, Any]:
    """How the browser writes an instant: with seconds, or with the day's name."""
    rows = told.rows
    return {"seconds": told.seconds, "days": told.words.say("days").split(), "begin": rows.begin}


def _moments(rows: Buffers) -> list[int]:
    """Instants that a reader jumps between: objects, and where refusals and losses began."""
    found = {rows.begin, rows.now} | {each.at for each in rows.objects}
    found |= {each.at for each in rows.tries[:1]} | {each.at for each in rows.losses[:1]}
    return sorted(found)


def _step(name: str, step: float | str, words: Words) -> str:
    if name == "happens":
        return words.say(f"step.{step}")
    if name == "interval" and step == 0:
        return words.say("step.zero")
    value = str(step) if words.lang == "en" else str(step).replace(".", ",")
    return words.say(f"step.{name}", value=value)
