"""What a stream keeps as a scene: what is there, what is gone, who reads where, what keeping costs.

A frame per instant; a mark lives as long as what it says is so. Lengths in px.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log

from kinesis_sim.instants import DAY
from kinesis_sim.show.kit import marks
from kinesis_sim.show.kit.page import KEY, Control, Frame, Page, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.retention.fold import TIERS, Path, Retention, Span, Standing, tier_of
from kinesis_sim.show.retention.words import Told, lasting

WIDE = 640
"""px from which on what is counted stands beside the band, not in it."""
TOP, BASE, BARS, BAND = 34, 118, 84, 22
NEAR = 0.06
"""The part of the axis within which the horizon's name would meet that of the present."""


def level(hours: int) -> float:
    """How high a retention stands among the bands of prices: 0 at their foot, 3 at their top."""
    tier = tier_of(hours)
    if tier == 0:
        return 0.5
    low, high, kept = TIERS[tier - 1], TIERS[tier], hours * DAY / 24
    return tier + 0.25 + 0.5 * log(kept / low) / log(high / low)


def page(
    rows: Retention,
    instants: Sequence[int],
    words: Words,
    controls: Sequence[Control] = (),
    hint: str = "",
) -> Page:
    """What a stream keeps at each of the instants (epoch ms), the last of them shown first."""
    told = Told(rows, words)
    last = instants[-1]
    return Page(
        title=told.title,
        subtitle=told.subtitle(last),
        scenes=[Chart(rows, instants, words, wide=wide).scene for wide in (False, True)],
        frames=[
            Frame(
                at, told.time(at), told.notice(at), subtitle=told.subtitle(at), note=told.cost(at)
            )
            for at in instants
        ],
        legend=list(_legend(rows, instants, words)),
        summary=told.summary(last),
        controls=controls,
        hint=hint,
    )


def _legend(rows: Retention, instants: Sequence[int], words: Words) -> Iterator[tuple[Scene, str]]:
    """What is to be seen at one of the instants at least."""
    found = [standing for path in rows.paths for at in instants if (standing := path.at(at))]
    reader, fallen = Scene(), Scene()
    reader.height = fallen.height = 16
    reader.line([(X(KEY - 16), 9), (X(KEY), 9)], "unread")
    _triangle(reader, X(KEY - 16), 7.5, "reader")
    _fallen(fallen, X(KEY - 10), 7.5)
    signs = {
        "record": (sign("box", "kept"), True),
        "trimmed": (sign("box", "gone"), any(map(rows.gone, instants))),
        "reader": (reader, bool(found)),
        "lost": (sign("box", "missed"), any(standing.gaps for standing in found)),
        "fallen": (fallen, any(standing.fallen for standing in found)),
    }
    for name, (drawn, there) in signs.items():
        if there:
            yield drawn, words.say(f"legend.{name}")


def _triangle(scene: Scene, x: X, y: float, role: str) -> None:
    """A reader: its tip is at its place."""
    scene.shape([(x + -9, y + 9), (x + 9, y + 9), (x, y - 8)], role)


def _fallen(scene: Scene, x: X, y: float) -> None:
    _triangle(scene, x, y, "reader-fallen")
    marks.lost(scene, (x, y + 3))


class Chart:
    """One drawing. wide: what is counted stands beside the band, not in it."""

    def __init__(
        self, rows: Retention, instants: Sequence[int], words: Words, *, wide: bool
    ) -> None:
        self._rows, self._instants, self._words, self._wide = rows, instants, words, wide
        self._told = Told(rows, words)
        self._edges = {at: rows.horizon.at(at) for at in instants}
        self.scene = Scene(128, 216, least=WIDE) if wide else Scene(100, 10)
        self._lane = 42 if wide else 70
        self._readers = BASE + (20 if wide else 42)
        self._bands = self._readers + self._lane * len(rows.paths) + 26
        self._foot = self._bands + BAND * len(TIERS)
        self.scene.height = self._foot + 26
        self._draw_records()
        self._draw_bands()
        self._draw_retention()
        self._draw_lines()
        for row, path in enumerate(rows.paths):
            self._draw_reader(self._readers + self._lane * row + 14, path)
        self._say_records()
        marks.time_axis(self.scene, self._foot, self._told.axis, words)

    def _x(self, at: float) -> X:
        return self.scene.x(self._told.axis.place(at))

    def _across(self, y: float, role: str) -> None:
        self.scene.line([(self.scene.x(0), y), (self.scene.x(1), y)], role)

    def _down(self, at: int, top: float, bottom: float, role: str) -> None:
        self.scene.line([(self._x(at), top), (self._x(at), bottom)], role)

    def _name(self, y: float, said: str, role: str) -> None:
        """Left of the band."""
        self.scene.text((X(self.scene.left - 12), y), said, role, align="end")

    # --- what is there ------------------------------------------------------------------------

    def _draw_records(self) -> None:
        """Bars of records by arrival; what lies behind the horizon is grey."""
        scene, rows = self.scene, self._rows
        for _, horizon in scene.each(self._instants, self._edges.__getitem__):
            if horizon > rows.history.begin:
                scene.box((scene.x(0), TOP - 4), (self._x(horizon), self._foot), "behind")
        most = max((span.records for span in rows.spans), default=1)
        for span in rows.spans:
            self._draw_span(span, BASE - BARS * span.records / most)
        self._across(BASE, "grid")

    def _draw_span(self, span: Span, top: float) -> None:
        end = span.at + self._rows.width

        def parts(at: int) -> tuple[int, int]:
            """Up to where it is gone, and up to where it is there."""
            right = max(min(end, at), span.at)
            return min(max(self._edges[at], span.at), right), right

        axis = self._told.axis
        gap = 1 if 400 * (axis.place(end) - axis.place(span.at)) > 3 else 0
        for _, (cut, right) in self.scene.each(self._instants, parts):
            for begin, until, role in ((span.at, cut, "gone"), (cut, right, "kept")):
                if until > begin:
                    end_x = self._x(until) + (-gap if until == end else 0)
                    self.scene.box((self._x(begin), top), (end_x, BASE), role)

    def _say_records(self) -> None:
        scene, say = self.scene, self._words.say
        self._name(BASE - 44, say("records"), "name")
        width = say("records-width", width=duration(self._rows.width))
        self._name(BASE - 26, width, "said-quiet")
        if not self._wide:
            for at, _ in scene.each(self._instants, int):
                self._say_under(at, BASE + 14, self._told.records(at), "label")
            return
        for _, (kept, gone) in scene.each(self._instants, self._told.records):
            scene.text((scene.x(1) + 20, BASE - 44), kept, "name")
            scene.text((scene.x(1) + 20, BASE - 26), gone, "said-quiet")

    def _say_under(self, at: int, y: float, lines: Sequence[str], role: str) -> None:
        """Short lines under what they are about, beside the vertical lines of ``at``."""
        place, horizon = self._told.axis.place, self._edges[at]
        edges = {0.0, place(at), 1.0}
        if horizon > self._rows.history.begin:
            edges.add(place(horizon))
        begin, _ = max(pairwise(sorted(edges)), key=lambda room: room[1] - room[0])
        x = self.scene.x(begin) + (7 if begin else 0)
        for row, line in enumerate(lines):
            self.scene.text((x, y + 15 * row), line, "label" if row else role)

    def _draw_reader(self, y: float, path: Path) -> None:
        name, *more = self._told.name(path).split(", ", 1)
        self._across(y, "grid")
        self._name(y - (8 if more else 0), name, "name")
        self._name(y + 8, "".join(more), "said-quiet")
        for at, _ in self.scene.each(self._instants, int):
            standing = path.at(at)
            if standing is not None:
                self._draw_place(at, y, standing)
            self._say_standing(at, y, self._told.reader(path, at), standing)

    def _draw_place(self, at: int, y: float, standing: Standing) -> None:
        """The lag as a bar, what was lost as a hatched one, and the reader's triangle."""
        scene, x = self.scene, self._x(standing.place)
        if standing.waiting:
            kept = max(standing.place, self._edges[at])
            scene.line([(self._x(kept), y), (self._x(at), y)], "unread")
        for begin, end in standing.gaps:
            far = self._told.axis.place(end) - self._told.axis.place(begin) > 0.01
            right = self._x(end) if far else self._x(begin) + 4
            scene.box((self._x(begin), y - 6), (right, y + 6), "missed")
        if standing.fallen:
            _fallen(scene, x, y + 2)
        else:
            _triangle(scene, x, y + 2, "reader")

    def _say_standing(
        self, at: int, y: float, said: Sequence[str], standing: Standing | None
    ) -> None:
        scene, fallen = self.scene, standing is not None and standing.fallen
        if not self._wide:
            self._say_under(at, y + 23, said, "label-bad" if fallen else "label")
            return
        role = "said-bad" if fallen else "said"
        for row, line in enumerate(said):
            place = scene.x(1) + 20, y + 16 * row - 8 * (len(said) - 1)
            scene.text(place, line, "said-quiet" if row else role)

    # --- time and retention -------------------------------------------------------------------

    def _draw_lines(self) -> None:
        """The instant that is shown, the trim horizon, and where it is in truth."""
        scene, rows, say = self.scene, self._rows, self._words.say
        begin, place = rows.history.begin, self._told.axis.place
        for at, _ in scene.each(self._instants, int):
            self._down(at, TOP - 14, self._foot, "now")
            here = say("now" if at == rows.history.now else "then")
            scene.text((self._x(at), TOP - 22), here, "said-strong", align="middle", row="top")
            horizon = self._edges[at]
            if horizon > begin:
                self._down(horizon, TOP - 14, self._foot, "horizon")
                near = place(at) - place(horizon) < NEAR
                x = self._x(at) + -34 if near else self._x(horizon) + -6
                said = say("horizon")
                scene.text((x, TOP - 22), said, "label-plain", align="end", row="top")
            real = rows.history.horizon.at(at)
            if rows.what_if is not None and real > begin and real != horizon:
                self._down(real, TOP - 4, BASE, "oldest")
                scene.text((self._x(real) + 5, TOP + 4), say("real"), "label")

    def _draw_bands(self) -> None:
        """What each band of retention costs; the one in force stands out."""
        scene = self.scene
        self._name(self._bands - 12, self._words.say("retention"), "name")
        for tier, (end, price) in enumerate(self._told.tiers()):
            y = self._foot - BAND * (tier + 0.5)
            self._across(y - BAND / 2, "grid")
            for _, force in scene.each(self._instants, self._tier):
                role, said = ("said-strong", f"▸ {price}") if force == tier else ("said", price)
                self._name(y, end, role)
                if self._wide:
                    scene.text((scene.x(1) + 20, y), said, role)
                elif force == tier:
                    scene.text((scene.x(0), self._bands - 12), said, "label")

    def _tier(self, at: int) -> int:
        return tier_of(self._rows.horizon.hours(at))

    def _draw_retention(self) -> None:
        """The retention as a staircase through the bands of prices, each step labelled once."""
        scene, changes = self.scene, self._rows.horizon.changes
        for at, _ in scene.each(self._instants, int):
            steps = [(since, 24 * kept // DAY) for since, kept in changes if since <= at]
            ends = [since for since, _ in steps[1:]] + [at]
            points = [
                (self._x(place), self._foot - BAND * level(hours))
                for (since, hours), end in zip(steps, ends, strict=True)
                for place in (since, end)
            ]
            scene.line(points, "limit")
        for since, kept in changes:
            hours = 24 * kept // DAY
            with scene.during(since, None):
                place = self._x(since) + 5, self._foot - BAND * level(hours) - 8
                row = f"steps {level(hours):.0f}"
                scene.text(place, lasting(hours), "label-plain", row=row)
