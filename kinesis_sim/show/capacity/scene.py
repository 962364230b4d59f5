"""Load under the capacity line as a scene, throttles hatched, cost beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from kinesis_sim.show.capacity.fold import Bar, Water
from kinesis_sim.show.capacity.words import Ahead, Told, ticks
from kinesis_sim.show.kit.numbers import round_step
from kinesis_sim.show.kit.page import Control, Frame, Page, Side, sign
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import clock
from kinesis_sim.show.kit.words import Words

TOP, BOTTOM = 40, 236
LEAST = 3  # px: a refused record can be seen


def page(rows: Water, words: Words, ahead: Ahead = (), controls: Sequence[Control] = ()) -> Page:
    """A stream's capacity now; ahead: the load to come, where it is known."""
    told, say = Told(rows, words, ahead), words.say
    legend = [(sign("box", "load"), say("load")), (sign("line", "limit"), say("line"))]
    if ahead:
        legend.append((sign("line", "ahead"), say("ahead")))
    if operations := list(dict.fromkeys(operation for _, operation in rows.marks)):
        asked = say("asked", operations=words.listed(operations))
        legend.append((sign("dot", "change"), asked))
    if rows.throttled:
        legend.append((sign("box", "refused"), say("throttled")))
    return Page(
        title=told.title,
        subtitle=told.subtitle,
        scenes=[Chart(rows, words, ahead).scene],
        frames=[Frame(0, clock(rows.now, seconds=False), told.notice)],
        legend=legend,
        side=Side(say("cost.title"), told.costs, told.cost_notes),
        summary=told.summary,
        controls=controls,
    )


class Chart:
    """One drawing: time from left to right, shards' worth upwards."""

    def __init__(self, rows: Water, words: Words, ahead: Ahead) -> None:
        self._rows, self._words, self._ahead = rows, words, ahead
        loads = [bar.offered for bar in rows.bars] + [load for _, load in ahead]
        self._top = max(2.0, 1.12 * max([*loads, *(shards for _, shards in rows.capacity)]))
        self._end = max([rows.now, *(at for at, _ in ahead)])
        self.scene = Scene(32, 12)
        self.scene.height = BOTTOM + 26
        self._scale()
        for _, bars in groupby(rows.bars, _level):
            self._level(list(bars))
        self._future()
        self._limit()

    def _point(self, at: int, shards: float) -> Point:
        span = max(self._end - self._rows.begin, 1)
        return self.scene.x((at - self._rows.begin) / span), self._y(shards)

    def _y(self, shards: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * shards / self._top

    def _scale(self) -> None:
        scene = self.scene
        scene.text((X(), 12), self._words.say("axis"), "said-quiet", row="top")
        for shards in range(0, int(self._top) + 1, max(1, int(round_step(self._top, 6)))):
            y = self._y(shards)
            scene.line([(scene.x(0), y), (scene.x(1), y)], "grid")
            scene.text((scene.x(0) + -8, y), str(shards), align="end")
        for at, label in ticks(self._rows.begin, self._end):
            x, _ = self._point(at, 0)
            scene.text((x, BOTTOM + 15), label, "said-quiet", align="middle", row="ticks")

    def _level(self, bars: list[Bar]) -> None:
        """Bars of one height, drawn as one."""
        bar, end = bars[0], min(bars[-1].at + self._rows.width, self._rows.now)
        right, base = self._point(end, 0)
        left, top = self._point(bar.at, bar.stored)
        self.scene.box((left, top), (right, base), "load")
        if bar.throttled:
            refused = sum(each.throttled for each in bars)
            high = min(self._y(bar.offered), top - LEAST)
            tip = self._words.number(refused)
            self.scene.box((left, high), (right, top), "refused", tip=tip)

    def _future(self) -> None:
        if self._ahead:
            self.scene.line([self._point(at, load) for at, load in self._ahead], "ahead")
            x, _ = self._point(self._rows.now, 0)
            self.scene.line([(x, TOP - 18), (x, BOTTOM)], "now")
            said = self._words.say("now")
            self.scene.text((x, 12), said, "said-strong", align="middle", row="top")

    def _limit(self) -> None:
        """The capacity as a staircase, with a mark wherever somebody asked for a change.

        The legend says which call that was; where there were several kinds, each mark says its own.
        """
        rows = self._rows
        ends = [at for at, _ in rows.capacity[1:]] + [rows.now]
        steps = zip(rows.capacity, ends, strict=True)
        points = [self._point(at, shards) for (since, shards), end in steps for at in (since, end)]
        self.scene.line(points, "limit")
        several = len({operation for _, operation in rows.marks}) > 1
        for at, operation in rows.marks:
            x, y = self._point(at, rows.capacity_at(at))
            self.scene.dot((x, y), 4.5, "change", tip=operation)
            if several:
                said = self._words.say(f"mark.{operation}")
                self.scene.text((x, TOP - 6), said, "label", align="middle", row="marks")


def _level(bar: Bar) -> tuple[float, float, bool]:
    return round(bar.stored, 2), round(bar.offered, 2), bool(bar.throttled)
