"""A page: a scene with its title, its instants, a legend, what to notice, and controls.

A figure and a widget show the same page; what a picture knows stands in nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.drawing import draw
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import Axis
from kinesis_sim.show.kit.words import Words

PAPER = 600
"""px that a lesson's figure has in a window of 800 px: all of it is seen without scrolling."""
EDGE, TOP, SIDE, KEY = 24, 72, 200, 34
"""px: beside everything, above the scene, of a table beside it, of a legend's sign."""
NARROWEST = 400
"""px that a scene keeps beside its table; with less the table goes below."""


SAID = ("controls", "notice", "control.play", "control.pause")
"""What the kit itself says on every page."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An instant that can be shown. at: as the scene counts; time, notice: in words.

    subtitle: instead of the page's, where it changes; lead: said above the notice; note: quietly
    under it; heard: what only the alternative text says.
    """

    at: int
    time: str
    notice: str
    subtitle: str = field(default="", kw_only=True)
    lead: str = field(default="", kw_only=True)
    note: str = field(default="", kw_only=True)
    heard: str = field(default="", kw_only=True)

    @property
    def row(self) -> list[Any]:
        """As JSON: at, time, notice, and the rest where there is any."""
        names = ("subtitle", "lead", "note", "heard")
        more = {name: said for name in names if (said := getattr(self, name))}
        return [self.at, self.time, self.notice, *([more] if more else [])]


@dataclass(frozen=True, slots=True)
class Side:
    """A small table beside the scene, its total last, and notes under it."""

    title: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Control:
    """A button, or a number beside one; with ``steps`` a slider or a choice; without a wish words.

    With a ``hint``, what is said while it is empty, a field for a text.

    wish: what it sends, with its ``value`` for all but a button: a number, a text, or the place of
    the step; an ``at`` in it becomes the instant that the slider chose, None for the present.
    pressed: for a button that stays down; steps: what each place is called; choice: whether they
    are listed, not slid; apart: whether a gap is before it; bar: the name of a toolbar that it
    stands in.
    """

    id: str
    label: str
    wish: dict[str, Any]
    pressed: bool | None = None
    enabled: bool = True
    value: int | None = None
    said: str = ""
    apart: bool = False
    steps: Sequence[str] = ()
    choice: bool = False
    hint: str = ""
    bar: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Things to open. items: (since when there, key, label), oldest first; fields: of what is open.

    none: what to say while nothing is open.
    """

    title: str
    items: Sequence[tuple[int, str, str]]
    fields: Sequence[str]
    none: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a picture shows.

    scenes: of one or more layouts, the widest last; below: others, under the slider; frames: oldest
    first, the last is the present; legend: a sign in a scene of 34 x 14 px, and its meaning; hint:
    how to use the controls; play_ms: how long playing all frames takes, 0 for a page that is slid
    only; moments: instants that PageUp, PageDown and who prefers less motion go to, all frames
    where there are none; busy: the notice while a mix is played; paper: px of its figure; axis:
    where the slider has its instants, evenly unless given: it marks the moments then; shown: the
    instant to show, of a page whose slider stays where it is.
    """

    title: str
    subtitle: str
    scenes: Sequence[Scene]
    frames: Sequence[Frame]
    summary: str
    below: Sequence[Scene] = ()
    legend: Sequence[tuple[Scene, str]] = ()
    side: Side | None = None
    controls: Sequence[Control] = field(default=())
    hint: str = ""
    play_ms: int = 0
    moments: Sequence[int] = ()
    busy: str = ""
    shelf: Shelf | None = None
    paper: int = PAPER
    axis: Axis | None = None
    shown: int | None = None

    def rows(self, words: Words) -> dict[str, Any]:
        """As JSON; words: the kit's."""
        side, shelf = self.side, self.shelf
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "scenes": [scene.rows() for scene in self.scenes],
            "below": [scene.rows() for scene in self.below],
            "frames": [frame.row for frame in self.frames],
            "legend": [[sign.rows(), said] for sign, said in self.legend],
            "side": side and {"title": side.title, "rows": side.rows, "notes": side.notes},
            "controls": [control.row for control in self.controls],
            "hint": self.hint,
            "play": self.play_ms,
            "moments": list(self.moments),
            "busy": self.busy,
            "shelf": shelf and asdict(shelf),
            "axis": self.axis and self.axis.rows,
            "shown": self.shown,
            "words": {key: words.say(key) for key in SAID} | {"slider": self._slider(words)},
        }

    def _slider(self, words: Words) -> str:
        return words.say("moments" if self.moments else "slider")


def sign(kind: str, role: str, **more: Any) -> Scene:
    """A legend's sign: a "dot", a "line" or a "box" of a role."""
    scene = Scene()
    scene.height = 14
    if kind == "dot":
        scene.dot((X(KEY - 8), 7), 4.5, role, **more)
    elif kind == "line":
        scene.line([(X(8), 7), (X(KEY), 7)], role, **more)
    else:
        scene.box((X(12), 2), (X(KEY), 12), role, **more)
    return scene


def figure(page: Page, words: Words) -> Sheet:
    """A page as a figure of its last frame. words: the kit's."""
    width = page.paper
    frame, room = page.frames[-1], width - 2 * EDGE
    lead, notice = wrapped(frame.lead, room, 12.5, bold=True), wrapped(frame.notice, room, 12.5)
    time = frame.time and f"{frame.time} UTC"
    title = wrapped(page.title, room - text_width(time, 13) - 8, 18, bold=True)
    legend = list(_lines(page.legend, room))
    below = bool(page.side) and room - SIDE - EDGE < NARROWEST
    wide = room - SIDE - EDGE if page.side and not below else room
    scene, under = _fitting(page.scenes, wide), _fitting(page.below, wide)
    subtitle = wrapped(frame.subtitle or page.subtitle, room, 12)
    head = 50 + 22 * (len(title) - 1)
    top = head + TOP - 50 + 17 * (len(subtitle) - 1)
    low = top + _tall(scene.height, _side_height(page.side), below=below) + 20
    low += under.height + 8 * bool(page.below)
    y = low + 20 * len(legend) + 10
    lines = [*lead, *notice, *wrapped(frame.note, room, 12)]
    paper = Paper(width, round(y + 19 * len(lines) + (30 if lead else 26)))
    paper.figure.summary = page.summary
    for row, text in enumerate(title):
        paper.text(EDGE, 26 + 22 * row, text, size=18, bold=True)
    paper.text(width - EDGE, 26, time, size=13, align="right")
    for row, text in enumerate(subtitle):
        paper.text(EDGE, head + 17 * row, text, size=12, color=theme.QUIET)
    draw(scene, paper, EDGE, top, wide, frame.at)
    draw(under, paper, EDGE, low - under.height - 20, wide, frame.at)
    if page.side:
        left = EDGE if below else width - EDGE - SIDE
        _draw_side(paper, page.side, left, left + SIDE, top + below * (scene.height + 16))
    for row, line in enumerate(legend):
        for x, key, said in line:
            draw(key, paper, EDGE + x, low + 20 * row - 7, KEY, None)
            paper.text(EDGE + x + KEY + 8, low + 20 * row, said, size=11.5, color=theme.QUIET)
    y = paper.notice(EDGE, y, lead, bold=True) + (4 if lead else 0)
    y = paper.notice(EDGE, y, notice, title=words.say("notice"))
    paper.lines(EDGE, y, frame.note, room, size=12, step=19, color=theme.QUIET)
    return paper.figure


def _fitting(scenes: Sequence[Scene], wide: float) -> Scene:
    """The layout for so many px; an empty one where there is none."""
    return [Scene(), *scenes[:1], *(each for each in scenes if each.least <= wide)][-1]


def _lines(
    legend: Iterable[tuple[Scene, str]], room: float
) -> Iterable[list[tuple[float, Scene, str]]]:
    """A legend in lines of at most ``room`` px, each sign with its place."""
    line: list[tuple[float, Scene, str]] = []
    x = 0.0
    for key, said in legend:
        wide = KEY + 8 + text_width(said, 11.5)
        if line and x + wide > room:
            yield line
            line, x = [], 0.0
        line.append((x, key, said))
        x += wide + 20
    if line:
        yield line


def _tall(scene: float, side: float, *, below: bool) -> float:
    """px that a scene and its table take, the table beside it or below."""
    return scene + 16 + side if below else max(scene, side)


def _side_height(side: Side | None) -> float:
    if side is None:
        return 0
    notes = sum(len(wrapped(note, SIDE, 11.5)) for note in side.notes)
    return 30 + 20 * len(side.rows) + 18 * notes


def _draw_side(paper: Paper, side: Side, left: float, right: float, top: float) -> None:
    paper.text(left, top + 8, side.title, size=13, bold=True)
    y = top + 32.0
    for row, (what, amount) in enumerate(side.rows):
        last = row == len(side.rows) - 1
        if last:
            paper.line([(left, y - 9), (right, y - 9)], color=theme.LINE)
            y += 4
        paper.text(left, y, what, bold=last)
        paper.text(right, y, amount, bold=last, align="right")
        y += 20
    for note in side.notes:
        y = paper.lines(left, y + 4, note, right - left, size=11.5, color=theme.QUIET)
