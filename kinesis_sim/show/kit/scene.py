"""One scene: marks with a role, a place and a lifetime, laid out once and drawn twice.

``drawing`` puts it on a figure's paper, ``scene.js`` on a page. A place from left to right is px
and a share of the width, so that one layout serves every width; where a narrow page needs another
arrangement, a picture lays out a second scene and each says from which width on it is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from kinesis_sim.show.kit.looks import LOOKS

Value = TypeVar("Value")
Lifetime = tuple[int | None, int | None]
BAND = 0.36
"""The part of a ring's radius that its slices take."""


@dataclass(frozen=True, slots=True)
class X:
    """A place from left to right: px, and a share of the scene's width added to it."""

    px: float = 0
    share: float = 0

    def __add__(self, px: float) -> X:
        return X(self.px + px, self.share)

    def on(self, width: float) -> float:
        """Where it is in a scene of ``width`` px."""
        return self.px + self.share * width

    @property
    def row(self) -> Any:
        """As JSON: a number, or px and share."""
        px = round(self.px, 1)
        return [px, round(self.share, 4)] if self.share else px


Point = tuple[X, float]
"""From left to right; px from the scene's top."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to see. kind: box, dot, line, shape, slice or text; role: its look in ``LOOKS``.

    r: a dot's or a ring's radius, or that of a box's corner; turn: from where to where a slice
    of a ring goes, as fractions clockwise from the top; hue: the colour that a role calls
    "hue"; strength: of its fill, 1 for all of it. alive: since and until which instant, in the
    scene's own count. end: "arrow" where a line has a head; begin: the role of a reader's
    triangle at its first point. align: start, middle or end; row: texts of one row give way to
    those drawn before them. tip: told when pointed at. data: what tests find it by.
    """

    kind: str
    role: str
    points: tuple[Point, ...]
    said: str = ""
    r: float = 0
    turn: tuple[float, float] | None = None
    hue: str = ""
    strength: float = 1
    alive: Lifetime = (None, None)
    end: str = ""
    begin: str = ""
    align: str = ""
    row: str = ""
    tip: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def look(self) -> tuple[object, ...]:
        """What stays when it moves or says something else."""
        data = tuple(self.data.items())
        more = (
            self.hue,
            self.strength,
            self.r,
            self.turn,
            self.begin,
            self.end,
            self.align,
            self.row,
            self.tip,
            data,
        )
        return (self.kind, self.role, len(self.points), *more)

    @property
    def places(self) -> list[Any]:
        """Its points as JSON."""
        return [[x.row, round(y, 1)] for x, y in self.points]

    def lives(self, at: int | None) -> bool:
        """Whether it is there at an instant; all are when None is given."""
        since, until = self.alive
        return at is None or ((since is None or since <= at) and (until is None or at < until))


class Scene:
    """Marks on a stage of any width, with a band for what changes over time.

    left, right: px beside the band; least: px of width from which on this layout is meant. height
    is set by whoever lays it out, till where the present does not lie at the band's end.
    """

    def __init__(self, left: float = 0, right: float = 0, *, least: int = 0) -> None:
        self.left, self.right, self.least, self.height = left, right, least, 0.0
        self.till = 1.0
        self._marks: list[Mark] = []
        self._alive: Lifetime = (None, None)

    @property
    def marks(self) -> Sequence[Mark]:
        """From back to front."""
        return self._marks

    def x(self, place: float) -> X:
        """A place of the band, from its left end (0) to its right (1)."""
        return X(self.left - place * (self.left + self.right), place)

    @property
    def edge(self) -> X:
        """The right edge of the scene."""
        return X(0, 1)

    @contextmanager
    def during(self, since: int | None, until: int | None) -> Iterator[None]:
        """What is drawn inside is there from ``since`` until ``until``."""
        before, self._alive = self._alive, (since, until)
        yield
        self._alive = before

    def each(
        self, instants: Sequence[int], key: Callable[[int], Value]
    ) -> Iterator[tuple[int, Value]]:
        """Every value that ``key`` has from instant to instant, and the first instant of each.

        What is drawn before the next one is there while it lasts; the last one lasts for ever.
        """
        found = [(at, key(at)) for at in instants]
        found = [row for n, row in enumerate(found) if not n or row[1] != found[n - 1][1]]
        for (at, value), until in zip(found, [at for at, _ in found[1:]] + [None], strict=True):
            with self.during(at, until):
                yield at, value

    def box(self, one: Point, other: Point, role: str, **more: Any) -> None:
        """A rectangle between two corners."""
        self._add("box", role, (one, other), more)

    def dot(self, point: Point, r: float, role: str, **more: Any) -> None:
        """A circle."""
        self._add("dot", role, (point,), more | {"r": r})

    def line(self, points: Sequence[Point], role: str, **more: Any) -> None:
        """A line through points."""
        self._add("line", role, tuple(points), more)

    def shape(self, points: Sequence[Point], role: str, **more: Any) -> None:
        """A closed shape through points."""
        self._add("shape", role, tuple(points), more)

    def slice(
        self, middle: Point, r: float, turn: tuple[float, float], role: str, **more: Any
    ) -> None:
        """A piece of a ring of radius ``r`` around a point."""
        self._add("slice", role, (middle,), more | {"r": r, "turn": turn})

    def text(self, point: Point, said: str, role: str = "said", **more: Any) -> None:
        """A line of text, its middle height at the point; nothing when there is nothing to say."""
        if said:
            self._add("text", role, (point,), more | {"said": said})

    def _add(
        self, kind: str, role: str, points: tuple[Point, ...], more: Mapping[str, Any]
    ) -> None:
        if role not in LOOKS:
            raise KeyError(f"No look for the role {role!r}: give it one in show/kit/looks.py.")
        self._marks.append(Mark(kind, role, points, alive=self._alive, **more))

    def rows(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "least": self.least,
            "height": self.height,
            "left": self.left,
            "right": self.right,
            "till": round(self.till, 4),
            "marks": [_row(way) for way in ways(self._marks)],
        }


def ways(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks of one look that follow one another in time are one that moves.

    It lies where the first of them lay, a text where the last one did: so no shape that was drawn
    before a text covers it.
    """
    found: dict[int, list[Mark]] = {}
    ends: dict[tuple[object, ...], list[Mark]] = {}
    for mark in marks:
        since, until = mark.alive
        way = ends.pop((mark.look, since), None) if since is not None else None
        way = [] if way is None else way
        if mark.kind == "text":
            found.pop(id(way), None)
        found[id(way)] = way
        if way and (way[-1].points, way[-1].said) == (mark.points, mark.said):
            way[-1] = replace(way[-1], alive=(way[-1].alive[0], until))
        else:
            way.append(mark)
        ends[mark.look, until] = way
    return list(found.values())


def _row(way: list[Mark]) -> list[Any]:
    """As JSON: kind, role, points, and what else there is; moves: since when, where, what."""
    mark = way[0]
    names = ("said", "r", "turn", "hue", "end", "begin", "align", "row", "tip", "data")
    more = {name: value for name in names if (value := getattr(mark, name))}
    more |= {} if mark.strength == 1 else {"strength": mark.strength}
    since, until = mark.alive[0], way[-1].alive[1]
    more |= {} if since is None else {"since": since}
    more |= {} if until is None else {"until": until}
    if len(way) > 1:
        more["moves"] = [
            [step.alive[0], step.places, *([step.said] if step.said else [])] for step in way
        ]
    return [mark.kind, mark.role, mark.places, more]
