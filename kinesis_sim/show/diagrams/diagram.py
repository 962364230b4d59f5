"""Boxes and arrows: what a diagram is made of, and how it is drawn.

What the simulator does has a solid edge; what is not built yet a dashed one and a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.page import PAPER
from kinesis_sim.show.kit.paper import Paper, Point, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words

Kind = Literal["here", "moto", "coming"]
Side = Literal["left", "right", "top", "bottom"]
TALL = 76
EDGE, ROW = 8, 16
"""px left of everything, and from line to line in a box."""
NAME = 12  # px of letters
BOLD = 1.14  # how much wider bold letters run
KEYS: dict[Kind, int] = {"here": 22, "moto": 44, "coming": 66}
"""px of a legend's box of each kind: what marks it has room on its edge."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture: its name (a key of the words), its place in px, what it is to us."""

    name: str
    x: float
    y: float
    width: float
    kind: Kind = "here"
    hue: str = "blue"
    tall: float = TALL

    def side(self, side: Side) -> Point:
        """The middle of one side."""
        across = {"left": 0.0, "right": 1.0}.get(side, 0.5)
        down = {"top": 0.0, "bottom": 1.0}.get(side, 0.5)
        return self.x + across * self.width, self.y + down * self.tall


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow from one box to another, by their sides; records on the move, or a service to it.

    lower: px that it leaves and enters below the middles of those sides, beside other arrows.
    """

    start: str
    end: str
    leave: Side = "right"
    enter: Side = "left"
    lower: tuple[float, float] = (0, 0)


@dataclass(frozen=True, slots=True)
class Group:
    """A frame with a heading around boxes. name: a key below ``group``; x, y, width, height: px."""

    name: str
    x: float
    y: float
    width: float
    height: float
    framed: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole picture, without its words."""

    name: str
    height: int
    boxes: Sequence[Box]
    flows: Sequence[Flow]
    groups: Sequence[Group] = ()


def drawn(diagram: Diagram, words: Words, values: dict[str, object]) -> Sheet:
    """The diagram in one language. values: numbers that its texts take from the simulator."""
    paper = Paper(PAPER, diagram.height)
    boxes = {box.name: box for box in diagram.boxes}
    texts = {box.name: words.say(box.name, **values).split("|") for box in diagram.boxes}
    title = words.say(f"title.{diagram.name}")
    paper.text(EDGE, 30, title, size=17, bold=True)
    for group in diagram.groups:
        _draw_group(paper, group, words)
    for flow in sorted(diagram.flows, key=lambda flow: not _is_coming(flow, boxes)):
        _draw_flow(paper, flow, boxes)
    for box in diagram.boxes:
        _draw_box(paper, box, texts[box.name], words)
    _draw_legend(paper, {box.kind for box in diagram.boxes}, diagram.height - 26, words)
    paper.figure.summary = _summary(title, diagram, texts, words)
    return paper.figure


def _draw_group(paper: Paper, group: Group, words: Words) -> None:
    if group.framed:
        paper.box(
            group.x, group.y, group.width, group.height, edge=theme.LINE, face=theme.TRIMMED,
            radius=10, alpha=0.6, z=0.5,
        )  # fmt: skip
    heading = words.say(f"group.{group.name}")
    y = group.y + (17 if group.framed else 0)
    middle = group.x + group.width / 2
    paper.text(middle, y, heading, size=12, bold=True, color=theme.QUIET, align="center")


def _draw_box(paper: Paper, box: Box, texts: Sequence[str], words: Words) -> None:
    hue = theme.OKABE_ITO[box.hue]
    coming = box.kind == "coming"
    edge = theme.QUIET if coming else hue
    paper.box(box.x, box.y, box.width, box.tall, edge=edge, face=theme.PAPER, z=3.9)
    paper.box(
        box.x, box.y, box.width, box.tall, edge=edge, face=theme.PAPER if coming else hue,
        dashed=coming, alpha=0.10, line=1.7, z=4,
    )  # fmt: skip
    if coming:  # the solid edge below would show between the dashes
        paper.box(box.x, box.y, box.width, box.tall, edge=theme.PAPER, line=2.4, z=3.95)
    names, about = said(box, texts)
    x, lines = box.x + 9, len(names) + len(about)
    y = box.y + box.tall / 2 - ROW * (lines - 1) / 2
    for row, line in enumerate([*names, *about]):
        is_name = row < len(names)
        size = NAME if is_name else theme.SMALLEST
        paper.text(x, y + ROW * row, line, size=size, bold=is_name, color=theme.INK)
    if mark := _mark(box.kind, words):
        end = box.x + box.width - 8
        paper.text(end, box.y, mark, size=11, color=theme.INK, align="right", halo=True)


def _mark(kind: Kind, words: Words) -> str:
    """What stands on the upper edge of a box of its kind."""
    return {"coming": words.say("coming"), "moto": "moto"}.get(kind, "")


def said(box: Box, texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines of a box's name, and those of what it is about."""
    name, about = texts
    room = box.width - 2 * EDGE
    return wrapped(name, room / BOLD, NAME), wrapped(about, room, theme.SMALLEST)


def _draw_flow(paper: Paper, flow: Flow, boxes: dict[str, Box]) -> None:
    start, end = boxes[flow.start], boxes[flow.end]
    coming = _is_coming(flow, boxes)
    points = route(start, end, flow.leave, flow.enter, flow.lower)
    paper.arrow(points, color=theme.QUIET if coming else theme.INK, dashed=coming)


def _is_coming(flow: Flow, boxes: dict[str, Box]) -> bool:
    return "coming" in (boxes[flow.start].kind, boxes[flow.end].kind)


def route(
    start: Box, end: Box, leave: Side, enter: Side, lower: tuple[float, float] = (0, 0)
) -> list[Point]:
    """The corners of an arrow: straight where it can be, else by right angles half-way."""
    (x0, y0), (x1, y1) = start.side(leave), end.side(enter)
    y0, y1 = y0 + lower[0], y1 + lower[1]
    if leave == enter:  # out and back on the same side
        out = x0 + (18 if leave == "right" else -18)
        return [(x0, y0), (out, y0), (out, y1), (x1, y1)]
    if x0 == x1 or y0 == y1:
        return [(x0, y0), (x1, y1)]
    if leave in ("top", "bottom"):
        middle = (y0 + y1) / 2
        return [(x0, y0), (x0, middle), (x1, middle), (x1, y1)]
    middle = (x0 + x1) / 2
    return [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]


def _draw_legend(paper: Paper, kinds: set[Kind], y: float, words: Words) -> None:
    labels = {
        kind: words.say(f"legend.{kind}") for kind in ("here", "moto", "coming") if kind in kinds
    }
    wide = [text_width(said, theme.SMALLEST) + KEYS[kind] + 26 for kind, said in labels.items()]
    x, y = float(EDGE), y if sum(wide) <= PAPER else y - 22
    for (kind, label), width in zip(labels.items(), wide, strict=True):
        if x + width > PAPER:
            x, y = float(EDGE), y + 22
        _draw_key(paper, kind, x, y, words)
        paper.text(x + KEYS[kind] + 8, y, label, size=theme.SMALLEST, color=theme.QUIET)
        x += width


def _draw_key(paper: Paper, kind: Kind, x: float, y: float, words: Words) -> None:
    """A legend's box, marked as the boxes of its kind are."""
    coming, width = kind == "coming", KEYS[kind]
    edge = theme.QUIET if coming else theme.SHARD_HUES[0]
    paper.box(x, y - 6, width, 12, edge=edge, dashed=coming, radius=3)
    if mark := _mark(kind, words):
        place = x + width / 2, y - 6
        paper.text(*place, mark, size=theme.SMALLEST, color=theme.INK, align="center", halo=True)


def _summary(title: str, diagram: Diagram, texts: dict[str, list[str]], words: Words) -> str:
    named = {
        box.name: f"{texts[box.name][0]} ({words.say('coming')})"
        if box.kind == "coming"
        else texts[box.name][0]
        for box in diagram.boxes
    }
    flows = [f"{named[flow.start]} → {named[flow.end]}" for flow in diagram.flows]
    return f"{title}: {'; '.join(flows)}."
