"""The result of a pipeline over time: what was stored and refused, what waits, shards, lag."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from kinesis_sim.instants import MINUTE
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.numbers import round_step
from kinesis_sim.show.kit.paper import Paper, Point, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.run.fold import Run, Told

WIDTH, LEFT, RIGHT, TOP = 800, 92, 772, 96
TALL, LOW, GAP = 190, 64, 40
LOAD, LINE, WAIT = (theme.OKABE_ITO[hue] for hue in ("sky", "blue", "orange"))
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080)


def figure(rows: Run, words: Words) -> Sheet:
    """The picture of a finished run."""
    return Chart(rows, words).draw()


class Chart:
    """One drawing. Lengths in px."""

    def __init__(self, rows: Run, words: Words) -> None:
        self._rows, self._words = rows, words
        self._told = Told(rows, words)
        self._notice = wrapped(self._told.notice, WIDTH - 56, 12.5)
        panels = 3 if rows.consumers else 2
        self._bottom = TOP + TALL + panels * (GAP + LOW)
        self._paper = Paper(WIDTH, self._bottom + 76 + 19 * len(self._notice))
        self._paper.figure.summary = self._told.summary

    def draw(self) -> Sheet:
        """The whole picture, from the top."""
        paper = self._paper
        paper.text(28, 26, self._told.title, size=16, bold=True)
        paper.text(28, 50, self._told.subtitle, color=theme.QUIET)
        self._rates()
        self._panel("buffered", 1, self._rows.highest("buffered"), self._backlog)
        self._panel("shards", 2, self._rows.highest("shards"), self._shards)
        if self._rows.consumers:
            self._panel("lag", 3, self._rows.lag / 1000, self._lags)
        self._times()
        self._legend()
        paper.notice(28, self._bottom + 68, self._notice)
        return paper.figure

    def _x(self, minute: float) -> float:
        return LEFT + (RIGHT - LEFT) * minute / max(self._rows.minutes, 1)

    # --- parts --------------------------------------------------------------------------------

    def _rates(self) -> None:
        spans = self._rows.spans
        top = max(1.0, *(max(span.offered, span.stored + span.throttled) for span in spans))
        y = self._scale("rates", TOP, TALL, top, 5)
        for level, same in groupby(spans, lambda span: (_at(span.stored), _at(span.throttled))):
            bars = list(same)
            left, right = self._x(bars[0].at), self._x(bars[-1].at + bars[-1].minutes)
            stored, refused = level
            self._paper.shade(left, y(stored), right - left, y(0) - y(stored), LOAD, 0.6)
            if refused:
                high = max(y(stored) - y(stored + refused), 3)
                self._paper.hatched(left, y(stored) - high, right - left, high, color=theme.TROUBLE)
        self._paper.line(self._stairs(y(span.offered) for span in spans), width=1.6)

    def _panel(
        self,
        name: str,
        place: int,
        top: float,
        draw: Callable[[Callable[[float], float]], None],
    ) -> None:
        at = TOP + TALL + GAP + (place - 1) * (LOW + GAP)
        draw(self._scale(name, at, LOW, max(top, 1.0), 2))

    def _scale(
        self, name: str, at: float, tall: float, top: float, most: int
    ) -> Callable[[float], float]:
        """The caption and the lines of a panel; what tells the height of a value."""
        step = round_step(1.05 * top, most)

        def y(value: float) -> float:
            return at + tall * (1 - value / (1.12 * top))

        paper = self._paper
        paper.text(LEFT, at - 13, self._words.say(f"panel.{name}"), size=11.5, color=theme.QUIET)
        for number in range(int(1.12 * top / step + 1e-9) + 1):
            value = number * step
            paper.line([(LEFT, y(value)), (RIGHT, y(value))], color=theme.LINE, width=0.8, z=1)
            label = self._words.number(int(value)) if value == int(value) else f"{value:g}"
            paper.text(LEFT - 8, y(value), label, size=11.5, align="right")
        return y

    def _backlog(self, y: Callable[[float], float]) -> None:
        for value, same in groupby(self._rows.spans, lambda span: _at(span.buffered)):
            bars = list(same)
            left, right = self._x(bars[0].at), self._x(bars[-1].at + bars[-1].minutes)
            if value:
                self._paper.shade(left, y(value), right - left, y(0) - y(value), WAIT, 0.7)

    def _shards(self, y: Callable[[float], float]) -> None:
        points = self._stairs(y(span.shards) for span in self._rows.spans)
        self._paper.line(points, color=LINE, width=3)

    def _lags(self, y: Callable[[float], float]) -> None:
        """A line per consumer, dashed for every other one, with its name at the panel's right."""
        x = float(RIGHT)
        caption = TOP + TALL + 3 * GAP + 2 * LOW - 13
        for number, name in reversed(list(enumerate(self._rows.consumers))):
            hue, dashed = theme.shard_hue(number), bool(number % 2)
            lags = [span.lags.get(name, 0) / 1000 for span in self._rows.spans]
            points = self._stairs([y(lag) for lag in lags])
            self._paper.line(points, color=hue, width=2, dashed=dashed)
            self._paper.text(x, caption, name, size=11.5, align="right")
            x -= text_width(name, 11.5) + 6
            self._paper.line([(x - 18, caption), (x, caption)], color=hue, width=2, dashed=dashed)
            x -= 32

    def _stairs(self, heights: Iterable[float]) -> list[Point]:
        points: list[Point] = []
        for span, height in zip(self._rows.spans, heights, strict=True):
            points += [(self._x(span.at), height), (self._x(span.at + span.minutes), height)]
        return points

    def _times(self) -> None:
        """Minutes since the beginning."""
        total = self._rows.minutes
        step = next((s for s in _STEPS if total / s <= 8), total)
        for minute in range(0, total + 1, step):
            x = self._x(minute)
            self._paper.line([(x, self._bottom), (x, self._bottom + 5)], color=theme.QUIET)
            label = duration(minute * MINUTE) if minute else "0"
            self._paper.text(x, self._bottom + 15, label, size=11.5, color=theme.QUIET,
                             align="center")  # fmt: skip

    def _legend(self) -> None:
        paper, say, y = self._paper, self._words.say, self._bottom + 40
        x = float(LEFT)
        paper.shade(x, y - 5, 18, 10, LOAD, 0.6)
        paper.text(x + 24, y, say("stored"), size=11.5)
        x += 48 + text_width(say("stored"), 11.5)
        paper.line([(x, y), (x + 18, y)], width=1.6)
        paper.text(x + 24, y, say("offered"), size=11.5)
        x += 48 + text_width(say("offered"), 11.5)
        if self._rows.worst is not None:
            paper.hatched(x, y - 5, 18, 10, color=theme.TROUBLE)
            paper.text(x + 24, y, say("throttled"), size=11.5)


def _at(value: float) -> float:
    """Heights that no eye can tell apart are one."""
    return float(f"{value:.3g}")
