"""The pipeline's picture as a figure: stages from left to right, the error output below them."""

from __future__ import annotations

from typing import Any

from kinesis_sim.show.delivery.rows import STAGES, summary
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words

Json = dict[str, Any]
WIDTH, EDGE, BOX, GAP = 840, 20, 100, 40
TOP, TALL = 116, 76
OUTPUT, DEEP = TOP + TALL + 42, 46
STRIP, HIGH = OUTPUT + DEEP + 46, 78
LEFT = 96
HUE, SINK = theme.OKABE_ITO["blue"], theme.OKABE_ITO["green"]


def figure(rows: Json, words: Words) -> Sheet:
    """The rows of ``delivery_rows.as_rows`` at their last frame."""
    return _Picture(rows, words).draw()


class _Picture:
    def __init__(self, rows: Json, words: Words) -> None:
        self._rows, self._frame, self._words = rows, rows["frames"][-1], words
        room = WIDTH - 2 * EDGE
        self._sum = wrapped(self._frame["sum"], room, 12.5)
        self._notice = wrapped(self._frame["notice"], room, 12.5)
        lines = len(self._sum) + len(self._notice) + 1
        self._paper = Paper(WIDTH, STRIP + HIGH + 74 + 19 * lines)
        self._paper.figure.summary = summary(rows, words)

    def draw(self) -> Sheet:
        """Everything, from the back to the front."""
        paper, frame = self._paper, self._frame
        paper.text(EDGE, 28, self._rows["title"], size=18, bold=True)
        paper.text(WIDTH - EDGE, 28, frame["time"], size=13, align="right")
        paper.text(EDGE, 52, self._rows["subtitle"], size=12, color=theme.QUIET)
        self._draw_output()
        for place, stage in enumerate(self._rows["stages"]):
            self._draw_stage(place, stage)
        self._draw_ways_up()
        self._draw_backup()
        self._draw_strip()
        self._draw_words(STRIP + HIGH + 66)
        return paper.figure

    # --- stages -------------------------------------------------------------------------------

    def _x(self, place: int) -> float:
        return EDGE + (BOX + GAP) * place

    def _draw_stage(self, place: int, stage: Json) -> None:
        paper, x, bad = self._paper, self._x(place), self._frame["bad"][place]
        edge = theme.TROUBLE if bad else HUE if stage["on"] else theme.QUIET
        ink = theme.INK if stage["on"] else theme.QUIET
        line = 2.4 if bad else 1.4
        paper.box(x, TOP, BOX, TALL, edge=edge, face=theme.PAPER, dashed=not stage["on"], line=line)
        paper.text(x + 8, TOP + 15, stage["name"], size=12.5, bold=True, color=ink)
        paper.text(x + 8, TOP + 32, stage["detail"], size=11, color=theme.QUIET)
        inside = self._frame["inside"][place]
        for row, said in enumerate([stage["note"], *inside] if stage["note"] else inside):
            paper.text(x + 8, TOP + 49 + 16 * row, said, size=11)
        if place + 1 < len(STAGES):
            middle = TOP + 15
            paper.arrow([(x + BOX + 3, middle), (x + BOX + GAP - 3, middle)], color=HUE, width=1.8)
            said = self._frame["passed"][place]
            paper.text(x + BOX + GAP / 2, middle - 13, said, size=12, bold=True, align="center")
        self._draw_failed(place)

    def _draw_failed(self, place: int) -> None:
        said = self._frame["failed"][place]
        if not said:
            return
        x, paper = self._x(place) + BOX / 2, self._paper
        paper.arrow([(x, TOP + TALL + 2), (x, OUTPUT - 2)], color=theme.TROUBLE, width=1.8)
        color = theme.TEXT_ON_LIGHT["bad"]
        paper.text(x + 6, TOP + TALL + 18, said, size=11.5, color=color, bold=True)

    def _draw_ways_up(self) -> None:
        """What leaves for good: dropped at the transform, lost at the destination."""
        paper = self._paper
        for place, key in ((1, "dropped"), (5, "lost")):
            if said := self._frame[key]:
                x, bad = self._x(place) + BOX / 2, key == "lost"
                ink = theme.TROUBLE if bad else theme.QUIET
                paper.arrow([(x, TOP - 2), (x, TOP - 20)], color=ink, width=1.8)
                color = theme.TEXT_ON_LIGHT["bad"] if bad else theme.INK
                paper.text(x, TOP - 31, said, size=11.5, color=color, bold=True, align="center")

    def _draw_output(self) -> None:
        paper, frame, x = self._paper, self._frame, self._x(1)
        full = bool(frame["kinds"] or frame["onTheWay"])
        edge = theme.TROUBLE if full else theme.QUIET
        wide = self._x(5) + BOX - x
        paper.box(x, OUTPUT, wide, DEEP, edge=edge, face=theme.PAPER, dashed=not full)
        head = " · ".join(filter(None, (frame["output"], frame["onTheWay"])))
        paper.text(x + 10, OUTPUT + 15, head, size=12, bold=True)
        said = "   ".join(frame["kinds"])
        paper.text(x + 10, OUTPUT + 32, said, size=11, color=theme.QUIET)

    def _draw_backup(self) -> None:
        if not self._rows["backup"]:
            return
        paper, x = self._paper, self._x(0)
        middle = x + BOX / 2
        paper.arrow([(middle, TOP + TALL + 2), (middle, OUTPUT - 2)], color=SINK, width=1.8)
        paper.box(x, OUTPUT, BOX, DEEP, edge=SINK, face=theme.PAPER)
        paper.text(x + 8, OUTPUT + 15, self._frame["copied"], size=12, bold=True)
        paper.text(x + 8, OUTPUT + 32, self._rows["backup"], size=11, color=theme.QUIET)

    # --- time ---------------------------------------------------------------------------------

    def _draw_strip(self) -> None:
        paper, bottom, right = self._paper, STRIP + HIGH, WIDTH - EDGE
        wide = right - LEFT
        title = self._words.say("strip.title")
        paper.text(EDGE, STRIP - 20, title, size=12, color=theme.QUIET)
        for level, label in self._rows["levels"]:
            y = bottom - (HIGH - 6) * level
            paper.line([(LEFT, y), (right, y)], color=theme.LINE, width=1, z=1)
            paper.text(LEFT - 8, y, label, size=11, color=theme.QUIET, align="right")
        paper.line([(LEFT, bottom), (right, bottom)], color=theme.QUIET)
        for place, age, taken, _ in self._rows["tries"]:
            self._draw_try(LEFT + wide * place, bottom, bottom - (HIGH - 6) * age, taken)
        for each in self._rows["objects"]:
            x = LEFT + wide * each["place"]
            paper.box(x - 4, bottom - 4, 8, 8, edge=theme.TROUBLE, face=theme.PAPER, radius=1)
        for place, label in self._rows["ticks"]:
            align = "right" if place == 1 else "left" if place == 0 else "center"
            paper.text(
                LEFT + wide * place, bottom + 16, label, size=11, color=theme.QUIET, align=align
            )
        self._draw_legend(bottom + 36)

    def _draw_try(self, x: float, bottom: float, y: float, taken: bool) -> None:
        paper, ink = self._paper, SINK if taken else theme.TROUBLE
        paper.line([(x, bottom), (x, y)], color=ink, width=1.2, z=2)
        if taken:
            paper.dot(x, y, 4, face=ink)
        else:
            paper.line([(x - 4, y - 4), (x + 4, y + 4)], color=ink, width=2.2)
            paper.line([(x - 4, y + 4), (x + 4, y - 4)], color=ink, width=2.2)

    def _draw_legend(self, y: float) -> None:
        paper, x = self._paper, float(LEFT)
        for key in ("ok", "failed", "object"):
            if key == "object":
                paper.box(x - 4, y - 4, 8, 8, edge=theme.TROUBLE, face=theme.PAPER, radius=1)
            else:
                self._draw_try(x, y, y, key == "ok")
            label = self._words.say(f"strip.{key}")
            paper.text(x + 12, y, label, size=11.5, color=theme.QUIET)
            x += 44 + text_width(label, 11.5)

    def _draw_words(self, y: float) -> None:
        y = self._paper.notice(EDGE, y, self._sum, bold=True)
        title = self._words.say("notice.title")
        self._paper.notice(EDGE, y + 4, self._notice, title=title)
