"""Load under the capacity line, throttles hatched, cost beside it."""

from __future__ import annotations

from itertools import groupby

from kinesis_sim.show.capacity.fold import Bar, Water
from kinesis_sim.show.capacity.words import Ahead, Told, clock, ticks
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words

WIDTH, LEFT, RIGHT, TOP, BOTTOM, PANEL = 860, 52, 612, 92, 312, 640
LOAD, LINE = theme.OKABE_ITO["sky"], theme.OKABE_ITO["blue"]


def figure(rows: Water, words: Words, ahead: Ahead = ()) -> Sheet:
    """The picture of a stream's capacity now; ahead: the load to come, where it is known."""
    return Chart(rows, words, ahead).draw()


def top_of(rows: Water, ahead: Ahead) -> float:
    """The highest value of the axis, in shards."""
    loads = [bar.offered for bar in rows.bars] + [load for _, load in ahead]
    return max(2.0, 1.12 * max([*loads, *(shards for _, shards in rows.capacity)]))


def _level(bar: Bar) -> tuple[float, float, bool]:
    return round(bar.stored, 2), round(bar.offered, 2), bool(bar.throttled)


class Chart:
    """One drawing. Lengths in px."""

    def __init__(self, rows: Water, words: Words, ahead: Ahead) -> None:
        self._rows, self._words, self._ahead = rows, words, ahead
        self._told = Told(rows, words, ahead)
        self._top = top_of(rows, ahead)
        self._end = max([rows.now, *(at for at, _ in ahead)])
        self._notice = wrapped(self._told.notice, WIDTH - 56, 12.5)
        self._paper = Paper(WIDTH, BOTTOM + 76 + 19 * len(self._notice))
        self._paper.figure.summary = self._told.summary

    def draw(self) -> Sheet:
        """The whole picture."""
        paper, told = self._paper, self._told
        paper.text(28, 26, told.title, size=16, bold=True)
        paper.text(28, 50, f"{clock(self._rows.now)}: {told.subtitle}", color=theme.QUIET)
        self._scale()
        for _, bars in groupby(self._rows.bars, _level):
            self._level(list(bars))
        self._future()
        self._line()
        self._present()
        self._legend()
        self._cost()
        for row, line in enumerate(self._notice):
            paper.text(28, BOTTOM + 70 + 19 * row, line, size=12.5)
        return paper.figure

    # --- places -------------------------------------------------------------------------------

    def _x(self, at: int) -> float:
        span = max(self._end - self._rows.begin, 1)
        return LEFT + (RIGHT - LEFT) * (at - self._rows.begin) / span

    def _y(self, shards: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * shards / self._top

    # --- parts --------------------------------------------------------------------------------

    def _scale(self) -> None:
        paper = self._paper
        paper.text(LEFT - 8, TOP - 16, self._words.say("axis"), size=11.5, color=theme.QUIET)
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1_000, 10_000) if self._top / s <= 6)
        for shards in range(0, int(self._top) + 1, step):
            paper.line([(LEFT, self._y(shards)), (RIGHT, self._y(shards))], color=theme.LINE,
                       width=0.8, z=1)  # fmt: skip
            paper.text(LEFT - 8, self._y(shards), str(shards), size=11.5, align="right")
        for at, label in ticks(self._rows.begin, self._end):
            paper.text(self._x(at), BOTTOM + 15, label, size=11.5, color=theme.QUIET,
                       align="center")  # fmt: skip

    def _level(self, bars: list[Bar]) -> None:
        """Bars of one height, drawn as one."""
        bar, end = bars[0], bars[-1].at + self._rows.width
        left, right = self._x(bar.at), self._x(min(end, self._rows.now))
        width = max(right - left, 0.5)
        self._paper.shade(left, self._y(bar.stored), width, BOTTOM - self._y(bar.stored), LOAD, 0.6)
        if bar.throttled:
            height = max(self._y(bar.stored) - self._y(bar.offered), 3)
            self._paper.hatched(left, self._y(bar.stored) - height, width, height,
                                color=theme.TROUBLE)  # fmt: skip

    def _future(self) -> None:
        if self._ahead:
            points = [(self._x(at), self._y(load)) for at, load in self._ahead]
            self._paper.line(points, color=theme.QUIET, dashed=True, width=1.6)

    def _line(self) -> None:
        """The capacity as a staircase, with a mark wherever somebody asked for a change."""
        rows = self._rows
        points = []
        ends = [at for at, _ in rows.capacity[1:]] + [rows.now]
        for (since, shards), end in zip(rows.capacity, ends, strict=True):
            points += [(self._x(since), self._y(shards)), (self._x(end), self._y(shards))]
        self._paper.line(points, color=LINE, width=3)
        free = float(LEFT)
        for at, operation in rows.marks:
            x = self._x(at)
            self._paper.dot(x, self._y(rows.capacity_at(at)), 4, face=LINE, edge=theme.PAPER, z=5)
            wide = text_width(operation, 11)
            start = min(max(x - wide / 2, LEFT), RIGHT - wide)
            if start >= free:  # above all else: the axis leaves room there
                self._paper.text(start, TOP + 2, operation, size=11, halo=True)
                free = start + wide + 8

    def _present(self) -> None:
        if self._ahead:
            x = self._x(self._rows.now)
            self._paper.line([(x, TOP - 4), (x, BOTTOM)], width=2)
            self._paper.text(x, TOP - 14, self._words.say("now"), size=11.5, bold=True,
                             align="center", halo=True)  # fmt: skip

    def _legend(self) -> None:
        paper, say = self._paper, self._words.say
        y = BOTTOM + 40
        paper.shade(LEFT, y - 5, 18, 10, LOAD, 0.6)
        paper.text(LEFT + 24, y, say("load"), size=11.5)
        x = LEFT + 42 + text_width(say("load"), 11.5)
        paper.line([(x, y), (x + 18, y)], color=LINE, width=3)
        paper.text(x + 24, y, say("line"), size=11.5)
        x += 42 + text_width(say("line"), 11.5)
        if self._rows.throttled:
            paper.hatched(x, y - 5, 18, 10, color=theme.TROUBLE)
            paper.text(x + 24, y, say("throttled"), size=11.5)

    def _cost(self) -> None:
        paper, right = self._paper, WIDTH - 28
        paper.text(PANEL, TOP - 16, self._words.say("cost.title"), size=13, bold=True)
        y = TOP + 8.0
        for what, amount in self._told.costs[:-1]:
            paper.text(PANEL, y, what)
            paper.text(right, y, amount, align="right")
            y += 20
        paper.line([(PANEL, y - 8), (right, y - 8)], color=theme.LINE)
        what, amount = self._told.costs[-1]
        paper.text(PANEL, y + 6, what, bold=True)
        paper.text(right, y + 6, amount, bold=True, align="right")
        y += 34
        for note in self._told.cost_notes:
            y = paper.lines(PANEL, y, note, right - PANEL, size=11.5, color=theme.QUIET)
