"""The shard map as a figure: the hash ring, the lanes of shards, and what to notice."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin, sqrt

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.history import Beat, History, Lane, Pin, fraction, largest_dot
from kinesis_sim.show.kit.numbers import lag_said
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.shares import Dot
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import Axis, Times, axis, duration, full, ticks
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers
from kinesis_sim.show.shards.notices import Notices

WIDTH, LEFT, RIGHT, HEAD, RING, RING_X, SAID = 600, 124, 28, 84, 62, 148.0, 304
"""Lengths in px: a lesson's paper in a window of 800 px shows all of it.

The ring leaves room on both sides for a key such as ``station-09``; what to notice is told beside
it, from SAID on; the lanes are below.
"""
FADED = "#A9B3BE"
TRACK, MOST_READERS = 14, 6


def figure(
    history: History,
    at: int,
    keys: Sequence[str],
    words: Words,
    readers: Readers | None = None,
) -> Sheet:
    """The shard map of a history at an instant (epoch ms).

    With pins for partition keys and, when they are given, its readers under each lane.
    """
    return Map(history, at, [history.pin(key) for key in keys], words, readers).draw()


def summary(history: History, at: int, words: Words) -> str:
    """What the map shows at an instant (epoch ms), in one text."""
    states: dict[str, list[int]] = {"open": [], "closed": [], "expired": []}
    for lane in history.lanes:
        if lane.opened <= at:
            states[lane.state(at)].append(lane.shard)
    lanes = [
        f"{words.say(state)}: {words.listed(sorted(shards))}"
        for state, shards in states.items()
        if shards
    ]
    return words.say(
        "summary",
        stream=history.stream,
        time=full(at),
        open=subtitle(history, at, words),
        lanes="; ".join(lanes) or "–",
        notice=Notices(history, Times(axis(history), words), words).at(at),
    )


def lane_height(lanes: int) -> float:
    """Height of a lane in px: less as there are more of them."""
    return max(16.0, min(44.0, 380 / max(lanes, 1) - 12))


class Map:
    """One drawing of the shard map. Lengths in px."""

    def __init__(
        self,
        history: History,
        at: int,
        pins: Sequence[Pin],
        words: Words,
        readers: Readers | None = None,
    ) -> None:
        self._history, self._at, self._pins, self._words = history, at, pins, words
        self._readers = readers
        self._names = [] if readers is None else list(readers.kinds)[:MOST_READERS]
        self._axis: Axis = axis(history)
        self._times = Times(self._axis, words)
        self._tall = lane_height(len(history.lanes))
        self._step = self._tall + 14 + TRACK * len(self._names)
        notice = Notices(history, self._times, words).at(at)
        self._notice = wrapped(notice, WIDTH - RIGHT - SAID, 12.5)
        self._lanes = HEAD + max(2 * RING + 56, 19 * (len(self._notice) + 2))
        self._bottom = self._lanes + self._step * max(len(history.lanes), 1)
        self._paper = Paper(WIDTH, round(self._bottom + 86))
        self._paper.figure.summary = summary(history, at, words)
        self._top = {
            lane.shard: self._lanes + row * self._step for row, lane in enumerate(history.lanes)
        }
        self._horizon = history.horizon.at(at)
        self._largest = largest_dot(history)
        self._most = max((d.share.bytes + d.share.throttled_bytes for d in history.dots), default=1)

    def draw(self) -> Sheet:
        """Everything, from the back to the front."""
        self._draw_head()
        self._draw_ring()
        self._draw_trimmed()
        for lane in self._history.lanes:
            if lane.opened <= self._at:
                self._draw_lane(lane)
        for dot in self._history.dots:
            if dot.share.at <= self._at and dot.share.shard in self._top:
                self._draw_dot(dot)
        self._draw_readers()
        self._draw_beats()
        self._draw_axis()
        self._draw_legend()
        title = self._words.say("notice.title")
        self._paper.notice(SAID, HEAD + 8, self._notice, title=title)
        return self._paper.figure

    def _x(self, instant: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * self._axis.place(instant)

    def _draw_head(self) -> None:
        paper, words, history = self._paper, self._words, self._history
        paper.text(28, 32, history.stream, size=19, bold=True)
        paper.text(28, 54, subtitle(history, self._at, words), size=12, color=theme.QUIET)
        paper.text(WIDTH - RIGHT, 32, full(self._at), size=15, bold=True, align="right")
        time = words.say("control.time")
        paper.text(WIDTH - RIGHT, 54, time, size=11.5, color=theme.QUIET, align="right")

    # --- ring ---------------------------------------------------------------------------------

    def _draw_ring(self) -> None:
        paper, x, y = self._paper, RING_X, HEAD + RING + 10
        opened = self._history.open_at(self._at)
        if not opened:
            paper.slice(x, y, RING, (0, 1), theme.TRIMMED)
        for lane in opened:
            low, high = fraction(lane.start), fraction(lane.end + 1)
            hue, middle = theme.shard_hue(lane.shard), (low + high) / 2
            paper.slice(x, y, RING, (low, high), hue)
            if high - low > 0.03:
                cx, cy = around(x, y, RING * 0.83, middle)
                number = str(lane.shard)
                paper.text(cx, cy, number, bold=True, color=theme.ink_on(hue), align="center")
        paper.text(x, y - 9, self._words.say("ring"), color=theme.QUIET, align="center")
        paper.text(x, y + 9, "0 … 2¹²⁸−1", align="center")
        self._draw_pins(x, y)

    def _draw_pins(self, x: float, y: float) -> None:
        places = [(pin, *around(x, y, RING + 9, fraction(pin.hash))) for pin in self._pins]
        for side in (-1, 1):
            mine = [(pin, px, py) for pin, px, py in places if (px >= x) == (side > 0)]
            heights = spread([py for _, _, py in mine], 16)
            for (pin, px, py), ty in zip(mine, heights, strict=True):
                home = pin.home(self._at)
                hue = FADED if home is None else theme.shard_hue(home)
                self._paper.dot(px, py, 5, face=hue, edge=theme.INK, z=4)
                room = SAID - 22 - px if side > 0 else px - 14
                label = clipped(pin.key, room, 11.5)
                align = "left" if side > 0 else "right"
                self._paper.text(px + 9 * side, ty, label, size=11.5, align=align)

    # --- lanes --------------------------------------------------------------------------------

    def _draw_trimmed(self) -> None:
        """The grey of what is gone, from the left to the trim horizon."""
        x = self._x(self._horizon)
        if self._horizon > self._axis.begin:
            top = self._lanes - 8
            self._paper.shade(LEFT, top, x - LEFT, self._bottom - top - 4, theme.TRIMMED)

    def _draw_lane(self, lane: Lane) -> None:
        paper, y, hue = self._paper, self._top[lane.shard], theme.shard_hue(lane.shard)
        closed = lane.closed is not None and lane.closed <= self._at
        state = lane.state(self._at)
        end = self._at if lane.closed is None else min(lane.closed, self._at)
        left, right = self._x(lane.opened), self._x(end)
        edge = FADED if state == "expired" else hue
        wide = max(right - left, 2)
        paper.box(left, y, wide, self._tall, edge=edge, face=edge, dashed=closed, alpha=0.10)
        middle = y + self._tall / 2
        name = self._words.say("shard", number=lane.shard)
        two = self._tall >= 30
        paper.text(
            LEFT - 12, middle - (8 if two else 0), name, size=12.5, bold=two, align="right",
            color=theme.QUIET if state == "expired" else theme.INK,
        )  # fmt: skip
        if two:
            label, x = self._words.say(state), LEFT - 12
            paper.text(x, middle + 9, label, size=11.5, color=theme.QUIET, align="right")

    def _draw_dot(self, dot: Dot) -> None:
        share, gone = dot.share, dot.share.at < self._horizon
        x = self._x(share.at)
        if share.records:
            hue = FADED if gone else theme.shard_hue(share.shard)
            alpha, r = 0.5 if gone else 0.9, self._radius(share.bytes)
            y = self._height(share.shard, dot.level)
            self._paper.dot(x, y, r, face=hue, edge=theme.PAPER, line=0.6, alpha=alpha)
        if share.throttled:  # half a lane away from what was stored
            y = self._height(share.shard, (dot.level + 0.5) % 1)
            self._draw_refused(x, y, max(3.5, self._radius(share.throttled_bytes)))

    def _height(self, shard: int, level: float) -> float:
        margin = min(8, self._tall / 3)
        return self._top[shard] + margin + (self._tall - 2 * margin) * level

    def _radius(self, size: int) -> float:
        return max(2.0, self._largest * sqrt(self._tall / 44 * size / self._most))

    def _draw_refused(self, x: float, y: float, r: float) -> None:
        """Hollow and hatched: refused, whatever its colour looks like."""
        self._paper.dot(x, y, r, face=theme.PAPER, edge=theme.TROUBLE, line=1.6, z=4)
        d = r * 0.7
        self._paper.line([(x - d, y + d), (x + d, y - d)], color=theme.TROUBLE, z=4.1)

    def _draw_readers(self) -> None:
        """Under each lane a triangle per reader, at its next record; the bar to now is its lag."""
        for shard, top in self._top.items():
            for row, name in enumerate(self._names):
                spot = self._readers.spot(name, shard, self._at) if self._readers else None
                if spot is None:
                    continue
                y = top + self._tall + 9 + TRACK * row
                x, now = self._x(spot.place), self._x(self._at)
                ink = theme.TROUBLE if spot.state else theme.INK
                self._paper.line([(x, y), (now, y)], color=theme.shard_hue(shard), width=4)
                self._paper.marker(x, y, color=ink)
                said = f"{name}  {lag_said(spot.lag, self._words)}"
                self._paper.text(LEFT - 12, y, said, size=11, align="right", color=theme.QUIET)

    def _draw_beats(self) -> None:
        for beat in self._history.beats:
            if beat.at <= self._at and {*beat.old, *beat.new} <= self._top.keys():
                self._draw_stem(beat)

    def _draw_stem(self, beat: Beat) -> None:
        """The line from closed parents to the children that took their keys."""
        paper, x, half = self._paper, self._x(beat.at), self._tall / 2
        heights = [self._top[shard] + half for shard in (*beat.old, *beat.new)]
        ends = [(x, min(heights)), (x, max(heights))]
        paper.line(ends, color=theme.PAPER, width=4.5, z=4.4)
        paper.line(ends, width=1.6, z=4.5)
        for y in heights:
            paper.dot(x, y, 3.6, face=theme.INK, edge=theme.PAPER, z=4.6)
        label = f"{self._words.say(beat.kind)} {self._times.short(beat.at)}"
        last = self._top[beat.old[-1]] + half
        end, now = x + 10 + text_width(label, 11.5), self._x(self._at)  # now's line stays free
        if end < WIDTH and (end < now or now < x + 10):
            paper.text(x + 10, last, label, size=11.5, halo=True)
        else:
            paper.text(x - 10, last, label, size=11.5, align="right", halo=True)

    # --- axis, legend, notice -----------------------------------------------------------------

    def _draw_axis(self) -> None:
        paper, y, low = self._paper, self._bottom + 2, self._lanes - 10
        paper.line([(LEFT, y), (WIDTH - RIGHT, y)], color=theme.LINE)
        for tick in ticks(self._axis, self._times):
            x = LEFT + (WIDTH - LEFT - RIGHT) * tick.place
            if not tick.quiet:
                paper.line([(x, y), (x, y + 5)], color=theme.QUIET)
            align = "right" if tick.place == 1 else "center"
            paper.text(x, y + 15, tick.label, size=11, color=theme.QUIET, align=align)
        self._draw_squeezed(y)
        now = self._x(self._at)
        paper.line([(now, low), (now, y)], width=2, z=5)
        here = self._words.say("now" if self._at == self._history.now else "shown")
        aligned = "right" if now > WIDTH - 60 else "center"
        paper.text(min(now, WIDTH - RIGHT), low - 9, here, size=11.5, bold=True, align=aligned)
        if self._horizon > self._axis.begin:
            x, label = self._x(self._horizon), self._words.say("horizon")
            paper.line([(x, low), (x, y)], color=theme.QUIET, dashed=True, z=5)
            wide = text_width(label, 11.5)
            x = max(LEFT + wide / 2, min(x, now - 50 - wide / 2))
            paper.text(x, low - 9, label, size=11.5, color=theme.QUIET, align="center")

    def _draw_squeezed(self, y: float) -> None:
        """A double stroke through the axis where quiet time was squeezed."""
        for earlier, later in self._axis.breaks:
            x = (self._x(earlier) + self._x(later)) / 2
            self._paper.line([(x - 5, y), (x + 5, y)], color=theme.PAPER, width=4, z=3.1)
            for shift in (-4, 3):
                ends = [(x + shift - 3, y + 5), (x + shift + 3, y - 5)]
                self._paper.line(ends, color=theme.QUIET, z=3.2)

    def _draw_legend(self) -> None:
        paper, words = self._paper, self._words
        width = duration(self._history.width)
        dot = words.say("dots", width=width) if self._history.width else words.say("dot")
        x, y = self._said(28, self._bottom + 44, dot)
        paper.dot(x + 5, y, 5, face=theme.SHARD_HUES[0])
        x += 34 + text_width(dot, 11.5)
        throttled = any(share.throttled for share in self._history.shares)
        if throttled:
            x, y = self._said(x, y, words.say("throttled"))
            self._draw_refused(x + 5, y, 5)
            x += 34 + text_width(words.say("throttled"), 11.5)
        if self._names:
            x, y = self._said(x, y, words.say("reader"))
            paper.marker(x + 8, y, color=theme.INK)
        elif not throttled and any(lane.closed is not None for lane in self._history.lanes):
            x, y = self._said(x, y, words.say("closed-shard"))
            paper.box(x - 9, y - 6, 20, 12, edge=theme.SHARD_HUES[0], dashed=True, radius=3)

    def _said(self, x: float, y: float, label: str) -> tuple[float, float]:
        """Write what a sign means, on the next line where it lacks room; returns its place."""
        if x > 28 and x + 16 + text_width(label, 11.5) > WIDTH - 20:
            x, y = 28, y + 20
        self._paper.text(x + 16, y, label, size=11.5, color=theme.QUIET)
        return x, y


def subtitle(history: History, at: int, words: Words) -> str:
    """Mode, open shards and retention of a stream at an instant, in one line."""
    count = len(history.open_at(at))
    parts = [
        words.say(f"mode.{history.mode}"),
        words.count("open", count),
        words.say("retention", hours=history.horizon.hours(at)),
    ]
    hidden = [words.say("hidden", count=history.hidden)] if history.hidden else []
    return " · ".join(parts + hidden)


def around(x: float, y: float, r: float, turn: float) -> tuple[float, float]:
    """The point on a circle a fraction of a turn clockwise from the top."""
    return x + r * sin(2 * pi * turn), y - r * cos(2 * pi * turn)


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """The same heights moved down where needed, so that any two are ``apart`` or more."""
    found: dict[int, float] = {}
    low = float("-inf")
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        low = found[index] = max(heights[index], low + apart)
    return [found[index] for index in range(len(heights))]


def clipped(text: str, room: float, size: float) -> str:
    """A text cut with … to at most ``room`` px."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"
