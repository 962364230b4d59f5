"""The retention timeline: what is there, what is gone, who reads where, and what keeping costs."""

from __future__ import annotations

from math import log

from kinesis_sim.instants import DAY
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.retention.fold import TIERS, Path, Retention, Standing, tier_of
from kinesis_sim.show.retention.words import Told, lasting

WIDTH, LEFT, RIGHT, PANEL = 880, 132, 640, 660
TOP, BARS = 104, 84
LANE, BAND = 42, 22
KEPT, STEP = theme.OKABE_ITO["sky"], theme.OKABE_ITO["blue"]
GREY = "#B6BEC7"


def figure(rows: Retention, at: int, words: Words) -> Sheet:
    """The picture of what a stream keeps at an instant (epoch ms)."""
    return Chart(rows, at, words).draw()


def level(hours: int) -> float:
    """How high a retention stands among the bands of prices: 0 at their foot, 3 at their top."""
    tier = tier_of(hours)
    if tier == 0:
        return 0.5
    low, high, kept = TIERS[tier - 1], TIERS[tier], hours * DAY / 24
    return tier + 0.25 + 0.5 * log(kept / low) / log(high / low)


class Chart:
    """One drawing. Lengths in px."""

    def __init__(self, rows: Retention, at: int, words: Words) -> None:
        self._rows, self._at, self._words = rows, at, words
        self._told = told = Told(rows, words)
        self._horizon = rows.horizon.at(at)
        self._readers = TOP + BARS + 22
        self._bands = self._readers + LANE * len(rows.paths) + 24
        self._foot = self._bands + 3 * BAND
        self._notice = wrapped(told.notice(at), WIDTH - 56, 12.5)
        self._cost = wrapped(told.cost(at), WIDTH - 56, 12)
        height = self._foot + 84 + 19 * (len(self._notice) + len(self._cost))
        self._paper = Paper(WIDTH, height)
        self._paper.figure.summary = told.summary(at)

    def draw(self) -> Sheet:
        """The whole picture."""
        paper, told = self._paper, self._told
        paper.text(28, 26, told.title, size=16, bold=True)
        paper.text(28, 50, told.subtitle(self._at), color=theme.QUIET)
        paper.text(WIDTH - 28, 26, told.time(self._at), size=14, bold=True, align="right")
        self._trimmed()
        self._records()
        for row, path in enumerate(self._rows.paths):
            self._reader(self._readers + LANE * row, path)
        self._retention()
        self._lines()
        for tick in told.ticks():
            place, end = LEFT + (RIGHT - LEFT) * tick.place, tick.place == 1
            paper.text(place, self._foot + 14, tick.label, size=11.5, color=theme.QUIET,
                       align="right" if end else "center")  # fmt: skip
        self._legend(self._foot + 40)
        y = paper.notice(28, self._foot + 70.0, self._notice)
        for line in self._cost:
            paper.text(28, y + 2, line, color=theme.QUIET)
            y += 19
        return paper.figure

    def _x(self, at: float) -> float:
        return LEFT + (RIGHT - LEFT) * self._told.axis.place(at)

    # --- what is there ------------------------------------------------------------------------

    def _trimmed(self) -> None:
        width = self._x(self._horizon) - LEFT
        if width > 0:
            self._paper.shade(LEFT, TOP - 4, width, self._foot - TOP + 4, theme.TRIMMED)

    def _records(self) -> None:
        """Bars of records by arrival; what lies behind the horizon is grey."""
        paper, rows, base = self._paper, self._rows, TOP + BARS
        most = max((span.records for span in rows.spans), default=1)
        for span in rows.spans:
            if span.at > self._at:
                break
            height = BARS * span.records / most
            left, right = self._x(span.at), self._x(min(span.at + rows.width, self._at))
            edge = min(max(self._x(self._horizon), left), right)
            gap = 1 if right - left > 3 else 0
            for begin, end, hue in ((left, edge, GREY), (edge, right, KEPT)):
                if end - begin > gap:
                    paper.shade(begin, base - height, end - begin - gap, height, hue)
        paper.line([(LEFT, base), (RIGHT, base)], color=theme.LINE)
        say, kept = self._words.say, self._told.records(self._at)
        paper.text(LEFT - 12, base - 44, say("records"), size=13, bold=True, align="right")
        width = say("records-width", width=duration(rows.width))
        paper.text(LEFT - 12, base - 26, width, size=11.5, color=theme.QUIET, align="right")
        paper.text(PANEL, base - 44, kept[0], size=13, bold=True)
        paper.text(PANEL, base - 26, kept[1], size=11.5, color=theme.QUIET)

    def _reader(self, y: float, path: Path) -> None:
        paper, standing, middle = self._paper, path.at(self._at), y + 14
        name, *more = self._told.name(path).split(", ", 1)
        paper.text(LEFT - 12, middle - (8 if more else 0), name, bold=True, align="right")
        for line in more:
            paper.text(LEFT - 12, middle + 8, line, size=11.5, color=theme.QUIET, align="right")
        said = self._told.reader(path, self._at)
        trouble = standing is not None and standing.fallen
        first = theme.TEXT_ON_LIGHT["bad"] if trouble else theme.INK
        paper.text(PANEL, middle - 8 * (len(said) - 1), said[0], bold=trouble, color=first)
        for line in said[1:]:
            paper.text(PANEL, middle + 8, line, size=11.5, color=theme.QUIET)
        paper.line([(LEFT, middle), (RIGHT, middle)], color=theme.LINE, width=0.8, z=1.2)
        if standing is not None:
            self._place(middle, standing)

    def _place(self, y: float, standing: Standing) -> None:
        """The lag as a bar, what was lost as a hatched one, and the reader's triangle."""
        paper, x = self._paper, self._x(standing.place)
        kept = max(x, self._x(self._horizon))
        if standing.waiting:
            paper.line([(kept, y), (self._x(self._at), y)], color=theme.INK, width=3.5)
        for begin, end in standing.gaps:
            left = self._x(begin)
            paper.hatched(left, y - 6, max(self._x(end) - left, 4), 12, color=theme.TROUBLE)
        shape = [(x - 8, y + 11), (x + 8, y + 11), (x, y - 5)]
        face = theme.PAPER if standing.fallen else theme.INK
        paper.polygon(shape, face=face, edge=theme.INK, line=1.8)
        if standing.fallen:
            paper.cross(x, y + 5, 4, color=theme.TROUBLE, line=2.4, z=5.5)

    # --- time and retention -------------------------------------------------------------------

    def _lines(self) -> None:
        paper, say, rows = self._paper, self._words.say, self._rows
        edge = self._x(self._horizon)
        now = self._x(self._at)
        paper.line([(now, TOP - 14), (now, self._foot)], width=2)
        word = say("now" if self._at == rows.history.now else "then")
        middle = min(now, RIGHT - text_width(word, 12) / 2 + 6)
        paper.text(middle, TOP - 22, word, bold=True, align="center", halo=True)
        if edge > LEFT:
            paper.line([(edge, TOP - 14), (edge, self._foot)], color=STEP, width=2, dashed=True)
            wide = text_width(say("horizon"), 12)
            place = min(max(edge - wide / 2, LEFT), now - wide - 44)
            paper.text(place, TOP - 22, say("horizon"), color=STEP, bold=True, halo=True)
        self._really(edge)

    def _really(self, edge: float) -> None:
        """Where the horizon is in truth, when the picture supposes another."""
        rows, paper = self._rows, self._paper
        real = self._x(rows.history.horizon.at(self._at))
        if rows.what_if is None or abs(real - edge) < 2 or real <= LEFT:
            return
        paper.line([(real, TOP - 4), (real, TOP + BARS)], color=theme.QUIET, width=1.2, dashed=True)
        paper.text(real + 5, TOP + 4, self._words.say("real"), size=11.5, color=theme.QUIET,
                   halo=True)  # fmt: skip

    def _retention(self) -> None:
        """The retention as a staircase through the bands of prices."""
        paper, foot = self._paper, self._foot
        force = tier_of(self._rows.horizon.hours(self._at))
        for tier, (end, price) in enumerate(self._told.tiers()):
            y = foot - BAND * (tier + 0.5)
            paper.line([(LEFT, y - BAND / 2), (RIGHT, y - BAND / 2)], color=theme.LINE, z=1.2)
            bold = tier == force
            paper.text(LEFT - 12, y, end, size=11.5, bold=bold, align="right")
            paper.text(PANEL, y, f"▸ {price}" if bold else price, size=11.5, bold=bold)
        title = self._words.say("retention")
        paper.text(LEFT - 12, self._bands - 12, title, bold=True, align="right")
        self._stairs()

    def _stairs(self) -> None:
        paper, changes = self._paper, [c for c in self._rows.horizon.changes if c[0] <= self._at]
        ends = [since for since, _ in changes[1:]] + [self._at]
        points: list[tuple[float, float]] = []
        free = float(LEFT)
        for (since, kept), end in zip(changes, ends, strict=True):
            hours = kept * 24 // DAY
            y = self._foot - BAND * level(hours)
            points += [(self._x(since), y), (self._x(end), y)]
            label, x = lasting(hours), self._x(since) + 5
            wide = text_width(label, 11.5)
            if x >= free and x + wide < RIGHT:
                paper.text(x, y - 8, label, size=11.5, bold=True, color=STEP, halo=True)
                free = x + wide + 4
        paper.line(points, color=STEP, width=3)
        paper.line([(LEFT, self._foot), (RIGHT, self._foot)], color=theme.QUIET)

    # --- legend -------------------------------------------------------------------------------

    def _legend(self, y: float) -> None:
        paper, say = self._paper, self._words.say
        standings = [path.at(self._at) for path in self._rows.paths]
        x = 28.0
        for key in self._kinds([standing for standing in standings if standing is not None]):
            label = say(f"legend.{key}")
            if x + 24 + text_width(label, 11.5) > WIDTH - 20:
                break
            self._mark(key, x, y)
            paper.text(x + 24, y, label, size=11.5)
            x += 42 + text_width(label, 11.5)

    def _kinds(self, standings: list[Standing]) -> list[str]:
        gone = self._rows.gone(self._at) > 0
        lost = any(standing.gaps for standing in standings)
        fallen = any(standing.fallen for standing in standings)
        kinds = {"record": True, "trimmed": gone, "reader": bool(standings), "lost": lost}
        return [kind for kind, there in (kinds | {"fallen": fallen}).items() if there]

    def _mark(self, key: str, x: float, y: float) -> None:
        paper = self._paper
        if key in {"record", "trimmed"}:
            paper.shade(x, y - 5, 18, 10, KEPT if key == "record" else GREY)
        elif key == "lost":
            paper.hatched(x, y - 5, 18, 10, color=theme.TROUBLE)
        else:
            fallen = key == "fallen"
            shape = [(x, y + 6), (x + 12, y + 6), (x + 6, y - 6)]
            face = theme.PAPER if fallen else theme.INK
            if not fallen:
                paper.line([(x + 6, y + 1), (x + 20, y + 1)], width=3)
            paper.polygon(shape, face=face, edge=theme.INK)
            if fallen:
                paper.cross(x + 6, y + 2, 3, color=theme.TROUBLE, line=2, z=5.5)
