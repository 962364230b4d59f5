"""Two scales racing in each buffer, the objects they left in the lake, what is not there yet."""

from __future__ import annotations

from kinesis_sim.show.buffer.fold import Buffers, Level, Object
from kinesis_sim.show.buffer.words import MOST_LANES, Told, axis_end, span, top_of
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.page import PAPER
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words

EDGE, LEFT, RIGHT = 16, 254, 556
HEIGHT, CLASSES, ROW = 190, 3, 22
"""Of the lake, in px; sizes beside each other, and from line to line of them, in px."""
SIZE, TIME = theme.OKABE_ITO["blue"], theme.OKABE_ITO["orange"]
HUES = {"size": SIZE, "interval": TIME, "backlog": theme.OKABE_ITO["purple"]}
TRIGGERS = ("size", "interval", "backlog", "update")


def figure(rows: Buffers, at: int, words: Words) -> Sheet:
    """The picture of a Firehose stream's buffers at an instant (epoch ms)."""
    return _Chart(rows, at, words).draw()


class _Chart:
    """One drawing. Lengths in px."""

    def __init__(self, rows: Buffers, at: int, words: Words) -> None:
        self._rows, self._at, self._words = rows, at, words
        self._told = Told(rows, words)
        self._lanes = min(len(rows.lanes), MOST_LANES)
        self._tall = HEIGHT / max(self._lanes, 1)
        self._subtitle = wrapped(self._told.subtitle(at), PAPER - 2 * EDGE, 12)
        self._above = 94 + 18 * len(self._subtitle)
        self._bottom = self._above + HEIGHT
        self._trouble = bool(rows.tries or rows.losses)
        self._foot = self._bottom + (104 if self._trouble else 40)
        self._top, self._end = max(top_of(rows), 1), axis_end(rows)
        self._sizes = self._foot + 10
        rows_of_sizes = -(-len(self._told.classes()) // CLASSES)
        self._signs = self._sizes + 30 + ROW * rows_of_sizes
        self._notice = wrapped(self._told.notice(at), PAPER - 2 * EDGE, 12.5)
        self._under = self._signs + 20 * self._lines_of_legend() + 12
        self._paper = Paper(PAPER, int(self._under + 6 + 19 * len(self._notice)))
        self._paper.figure.summary = self._told.summary(at)

    def draw(self) -> Sheet:
        """The whole picture."""
        paper = self._paper
        paper.text(EDGE, 26, self._rows.stream, size=17, bold=True)
        clock = self._told.clock(self._at)
        paper.text(PAPER - EDGE, 26, clock, size=14, bold=True, align="right")
        for row, line in enumerate(self._subtitle):
            paper.text(EDGE, 50 + 18 * row, line, color=theme.QUIET)
        if self._lanes == 1:
            self._glasses()
        for lane in range(self._lanes if self._lanes > 1 else 0):
            self._lane(lane)
        self._lake()
        self._histogram()
        if self._trouble:
            self._strip()
        self._legend()
        paper.notice(EDGE, self._under, self._notice)
        return paper.figure

    # --- places -------------------------------------------------------------------------------

    def _x(self, at: int) -> float:
        begin = self._rows.begin
        return LEFT + (RIGHT - LEFT) * (at - begin) / max(self._end - begin, 1)

    def _base(self, lane: int) -> float:
        """Where a lane's bars stand."""
        return self._above + (lane + 1) * self._tall

    def _height(self, amount: int) -> float:
        room = self._tall - (14 if self._lanes == 1 else 4)
        return min(amount / self._top, 1) * room

    # --- buffers ------------------------------------------------------------------------------

    def _scales(self, lane: int) -> tuple[Level, float, float]:
        """A buffer, and how full its two scales are, 0 to 1."""
        level, hinted = self._rows.level(lane, self._at), self._rows.hinted(self._at)
        age = 0 if level.opened is None else self._at - level.opened
        return level, min(level.held / hinted.size, 1), min(age / hinted.interval, 1)

    def _glasses(self) -> None:
        level, size, time = self._scales(0)
        hinted, say = self._rows.hinted(self._at), self._words.say
        age = 0 if level.opened is None else self._at - level.opened
        self._glass(EDGE, "size", size, SIZE, self._told.size(hinted.size),
                    self._told.size(level.held), say("held"), level)  # fmt: skip
        self._glass(EDGE + 110, "interval", time, TIME, span(hinted.interval), span(age),
                    say("age"), level)  # fmt: skip

    def _glass(self, x: float, scale: str, full: float, hue: str, most: str, now: str, of: str,
               level: Level) -> None:  # fmt: skip
        paper, middle, say = self._paper, x + 48, self._words.say
        low, high = self._above + 4, self._bottom - 44
        paper.text(middle, self._above - 32, say(scale), size=13, bold=True, align="center")
        paper.text(middle, self._above - 14, say("full", most=most), size=11.5, color=theme.QUIET,
                   align="center")  # fmt: skip
        if full > 0:
            tall = max((high - low - 6) * full, 4)
            paper.box(x + 7, high - 3 - tall, 82, tall, edge="none", face=hue, radius=4, alpha=0.85)
        paper.box(x + 4, low, 88, high - low, edge=theme.INK, radius=8, line=1.8)
        for quarter in (1, 2, 3):
            y = high - (high - low) * quarter / 4
            paper.line([(x + 78, y), (x + 92, y)], color=theme.INK, width=1.4)
        if scale == (level.first or level.fired):
            paper.box(x, low - 4, 96, high - low + 8, edge=theme.TROUBLE, radius=11, line=2.2)
            said = self._race(level)
            wide = wrapped(said, 118, 11.5)
            for row, line in enumerate(wide):
                paper.text(middle, high + 55 + 15 * row, line, size=11.5, bold=True,
                           color=theme.TEXT_ON_LIGHT["bad"], align="center")  # fmt: skip
        paper.text(middle, high + 20, now, size=13.5, bold=True, align="center")
        paper.text(middle, high + 38, of, size=11, color=theme.QUIET, align="center")

    def _race(self, level: Level) -> str:
        """Which scale fires, in words."""
        if level.due is not None:
            return self._words.say("fires", span=span(max(level.due - self._at, 0)))
        return self._words.say("fired" if level.fired else "waits")

    def _lane(self, lane: int) -> None:
        """A buffer among others: its name, and its two scales lying down."""
        paper, y = self._paper, self._base(lane) - self._tall / 2
        level, size, time = self._scales(lane)
        if lane == 0:
            paper.text(78, self._above - 14, self._words.say("size"), size=11.5, bold=True)
            paper.text(160, self._above - 14, self._words.say("interval"), size=11.5, bold=True)
        name = self._told.lane(lane)
        hue = theme.shard_hue(lane)
        paper.shade(EDGE, y - 6, 5, 12, hue)
        paper.text(EDGE + 9, y, name if text_width(name, 11.5) < 50 else name[:7] + "…", size=11.5)
        for x, scale, full, face in ((78, "size", size, SIZE), (160, "interval", time, TIME)):
            ahead = scale == (level.first or level.fired)
            paper.shade(x, y - 5, 76 * full, 10, face, 0.85)
            edge = theme.TROUBLE if ahead else theme.INK
            paper.box(x, y - 5, 76, 10, edge=edge, radius=3, line=1.8 if ahead else 1)
            if ahead:
                paper.marker(x - 2, y, color=theme.TROUBLE)

    # --- the lake -----------------------------------------------------------------------------

    def _lake(self) -> None:
        paper, rows = self._paper, self._rows
        paper.text(LEFT, self._above - 32, self._words.say("lake"), size=11.5, color=theme.QUIET)
        self._hint()
        for lane in range(max(self._lanes, 1)):
            base = self._base(lane)
            last = lane == max(self._lanes, 1) - 1
            color, width = (theme.INK, 1.4) if last else (theme.LINE, 0.8)
            paper.line([(LEFT, base), (RIGHT, base)], color=color, width=width)
        shown = [each for each in rows.objects if each.at <= self._at and each.lane < self._lanes]
        gap = (RIGHT - LEFT) * self._lanes / max(len(rows.objects), 1)
        wide = min(max(gap * 0.6, 1), 18)
        for each in shown:
            self._bar(each, wide)
        self._expected(wide)
        x = self._x(self._at)
        paper.line([(x, self._above - 10), (x, self._bottom + 5)], width=2)
        word = "now" if self._at >= rows.now else "shown"
        paper.text(x, self._above - 16, self._words.say(word), size=11.5, bold=True, align="center",
                   halo=True)  # fmt: skip
        for at, label in self._told.ticks(self._end):
            paper.text(self._x(at), self._bottom + 15, label, size=11.5, color=theme.QUIET,
                       align="center")  # fmt: skip

    def _hint(self) -> None:
        hinted, paper = self._rows.hinted(self._at), self._paper
        if hinted.size > self._top:
            said = self._words.say("top", size=self._told.size(hinted.size))
            paper.text(LEFT, self._bottom + 31, said, size=11, color=theme.QUIET)
            return
        for lane in range(max(self._lanes, 1)):
            y = self._base(lane) - self._height(hinted.size)
            paper.line([(LEFT, y), (RIGHT, y)], color=theme.QUIET, width=0.9, dashed=True, z=1)
            if lane == 0:
                paper.text(RIGHT + 5, y, self._told.size(hinted.size), size=11, color=theme.QUIET)

    def _bar(self, each: Object, wide: float) -> None:
        base, tall = self._base(each.lane), max(self._height(each.bytes), 2)
        self._closed(each.trigger, self._x(each.at) - wide / 2, base - tall, wide, tall)

    def _closed(self, trigger: str, x: float, y: float, wide: float, tall: float) -> None:
        """A bar by what closed it: full for size, pale for time, hatched for what was held up."""
        hue = HUES.get(trigger, theme.QUIET)
        if trigger == "backlog":
            self._paper.hatched(x, y, wide, tall, color=hue)
        elif trigger == "size" or wide < 3:
            self._paper.shade(x, y, wide, tall, hue)
        else:
            self._paper.shade(x, y, wide, tall, hue, 0.35)
            self._paper.box(x, y, wide, tall, edge=hue, radius=1, line=1.4)

    def _expected(self, wide: float) -> None:
        """What comes next, if traffic holds: as high as the buffer will then be."""
        if self._at < self._rows.now:
            return
        for lane in range(self._lanes):
            level, hinted = self._rows.level(lane, self._at), self._rows.hinted(self._at)
            if level.due is None or level.opened is None or self._at <= level.opened:
                continue
            grown = level.held * (level.due - level.opened) // (self._at - level.opened)
            tall = max(self._height(min(grown, hinted.size)), 2)
            x, base = self._x(min(level.due, self._end)), self._base(lane)
            self._paper.box(x - wide / 2, base - tall, wide, tall, edge=HUES[level.first],
                            radius=1, dashed=True)  # fmt: skip

    # --- what is not in the lake --------------------------------------------------------------

    def _strip(self) -> None:
        """What is behind as an area, refused writes as hollow marks, losses as crosses."""
        paper, rows, low = self._paper, self._rows, self._bottom + 92
        most = max((held for _, held in rows.backlog), default=1) or 1
        shown = [row for row in rows.backlog if row[0] <= self._at]
        following = [at for at, _ in shown[1:]] + [self._at]
        for (at, held), until in zip(shown, following, strict=True):
            x, tall = self._x(at), 40 * held / most
            paper.shade(x, low - tall, max(self._x(until) - x, 0.4), tall, HUES["backlog"], 0.35)
        paper.line([(LEFT, low), (RIGHT, low)], color=theme.INK)
        paper.text(LEFT - 8, low - 22, self._words.say("backlog"), size=11.5, align="right")
        held = shown[-1][1] if shown else 0
        paper.text(LEFT - 8, low - 5, self._told.size(held), size=11.5, bold=True, align="right")
        free = 0.0
        for each in rows.tries:
            x = self._x(each.at)
            if each.at <= self._at and x >= free:
                paper.dot(x, low - 50, 3.6, face="none", edge=theme.TROUBLE, line=1.6)
                free = x + 5
        free = 0.0
        for each_lost in rows.losses:
            x = self._x(each_lost.at)
            if each_lost.at <= self._at and x >= free:
                self._cross(x, low - 8)
                free = x + 6

    def _cross(self, x: float, y: float) -> None:
        self._paper.cross(x, y, 4, color=theme.TEXT_ON_LIGHT["bad"], line=2)

    # --- beside and below ---------------------------------------------------------------------

    def _histogram(self) -> None:
        paper, counts = self._paper, self._rows.classes(self._at)
        paper.text(EDGE, self._sizes, self._words.say("sizes"), size=13, bold=True)
        most, wide = max(*counts, 1), (PAPER - 2 * EDGE) / CLASSES
        for place, (label, count) in enumerate(zip(self._told.classes(), counts, strict=True)):
            x = EDGE + wide * (place % CLASSES)
            y = self._sizes + 24 + ROW * (place // CLASSES)
            paper.text(x + 98, y, label, size=11, color=theme.QUIET, align="right")
            if count:
                paper.shade(x + 106, y - 7, max(36 * count / most, 2), 14, theme.INK, 0.75)
            beside = x + 111 + (36 * count / most if count else 0)
            paper.text(beside, y, self._words.number(count), size=11.5)

    def _signs_shown(self) -> list[str]:
        seen = {each.trigger for each in self._rows.objects} | {"size", "interval"}
        more = {"tried": self._rows.tries, "lost": self._rows.losses}
        return [*(name for name in TRIGGERS if name in seen), *(key for key in more if more[key])]

    def _places(self) -> list[tuple[str, float, int]]:
        """Each sign of the legend, where it begins, and in which line."""
        places, x, line = [], float(EDGE), 0
        for key in self._signs_shown():
            wide = 18 + text_width(self._words.say(f"legend.{key}"), 11.5)
            if x > EDGE and x + wide > PAPER - EDGE:
                x, line = float(EDGE), line + 1
            places.append((key, x, line))
            x += wide + 22
        return places

    def _lines_of_legend(self) -> int:
        return self._places()[-1][2] + 1

    def _legend(self) -> None:
        paper = self._paper
        for key, x, line in self._places():
            y = self._signs + 20 * line
            if key == "tried":
                paper.dot(x + 5, y, 4, face="none", edge=theme.TROUBLE, line=1.6)
            elif key == "lost":
                self._cross(x + 5, y)
            else:
                self._closed(key, x, y - 7, 12, 14)
            paper.text(x + 18, y, self._words.say(f"legend.{key}"), size=11.5)
