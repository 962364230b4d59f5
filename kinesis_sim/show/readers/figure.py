"""The readers' picture as a figure: records of each shard, and a triangle and a bar per reader."""

from __future__ import annotations

from typing import Any

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.rows import summary

Json = dict[str, Any]
WIDTH, TOP, LEFT, RIGHT, EDGE = 800, 100, 164, 592, 24
RECORDS, TRACK, GAP = 34, 18, 14
LAG = RIGHT + 62
"""Where lags end; beside them stands who reads, or why nobody does."""
FADED = 0.35


def figure(rows: Json, words: Words) -> Sheet:
    """The rows of ``reader_rows.as_rows`` at their last frame."""
    return _Picture(rows, words).draw()


class _Picture:
    def __init__(self, rows: Json, words: Words) -> None:
        self._rows, self._frame, self._words = rows, rows["frames"][-1], words
        self._tall = RECORDS + TRACK * max(1, len(rows["readers"])) + GAP
        self._bottom = TOP + self._tall * len(rows["lanes"])
        self._notice = wrapped(self._frame["notice"], WIDTH - 2 * EDGE - 4, 12.5)
        height = round(self._bottom + 72 + 19 * (len(self._notice) + 1))
        self._paper = Paper(WIDTH, height)
        self._paper.figure.summary = summary(rows, words)
        self._now = self._x(self._frame["now"])

    def draw(self) -> Sheet:
        """Everything, from the back to the front."""
        paper, frame = self._paper, self._frame
        paper.text(EDGE, 28, self._rows["title"], size=18, bold=True)
        paper.text(WIDTH - EDGE, 28, frame["time"], size=13, align="right")
        paper.text(EDGE, 52, self._rows["subtitle"], size=12, color=theme.QUIET)
        for row, lane in enumerate(self._rows["lanes"]):
            self._draw_lane(lane, frame["through"][row], TOP + row * self._tall)
            self._draw_tracks(lane, frame["tracks"][row], TOP + row * self._tall + RECORDS)
        self._draw_axis()
        self._draw_legend()
        y = self._bottom + 66
        paper.text(EDGE, y, self._words.say("notice.title"), size=12.5, bold=True)
        for row, text in enumerate(self._notice, 1):
            paper.text(EDGE, y + 19 * row, text, size=12.5)
        return paper.figure

    def _x(self, place: float) -> float:
        return LEFT + (RIGHT - LEFT) * place

    def _draw_lane(self, lane: Json, through: int, y: float) -> None:
        paper, hue, middle = self._paper, lane["hue"], y + 11
        paper.text(EDGE, middle, lane["name"], size=12.5, bold=True)
        face = (LEFT - 6, y, RIGHT - LEFT + 12, 22)
        paper.box(*face, edge=hue, face=hue, alpha=0.10, radius=5, line=1.2)
        for place, radius, height, at in lane["dots"]:
            if at <= self._frame["at"]:
                alpha = FADED if at < through else 0.95
                paper.dot(
                    self._x(place), middle + 5 * height, radius, face=hue, edge=theme.PAPER,
                    line=0.6, alpha=alpha,
                )  # fmt: skip

    def _draw_tracks(self, lane: Json, tracks: list[Any], y: float) -> None:
        paper = self._paper
        for row, (reader, track) in enumerate(zip(self._rows["readers"], tracks, strict=True)):
            middle = y + TRACK * row
            x = float(EDGE + 10)
            paper.text(x, middle, reader["name"], size=11.5)
            x += text_width(reader["name"], 11.5) + 6
            if x + text_width(reader["kind"], 11) < LEFT - 14:
                paper.text(x, middle, reader["kind"], size=11, color=theme.QUIET)
            if track is None:
                none = self._words.say("state.none")
                paper.text(LAG + 12, middle, none, size=11, color=theme.QUIET)
            else:
                self._draw_track(track, middle, lane["hue"])

    def _draw_track(self, track: list[Any], y: float, hue: str) -> None:
        paper, (place, lag, said, bad) = self._paper, track
        x = self._x(place)
        ink = theme.TROUBLE if bad else theme.INK
        paper.line([(x, y), (self._now, y)], color=hue, width=5, z=3)
        paper.marker(x, y, color=ink)
        color = theme.TEXT_ON_LIGHT["bad"] if bad else theme.INK
        paper.text(LAG, y, lag, size=11.5, color=color, bold=bad, align="right")
        quiet = color if bad else theme.QUIET
        paper.text(LAG + 12, y, said, size=11, color=quiet, bold=bad)

    def _draw_axis(self) -> None:
        paper, y = self._paper, self._bottom - 2
        paper.line([(LEFT, y), (RIGHT, y)], color=theme.LINE)
        for place, label in self._rows["ticks"]:
            x = self._x(place)
            paper.line([(x, y), (x, y + 5)], color=theme.QUIET)
            paper.text(x, y + 15, label, size=11, color=theme.QUIET, align="center")
        paper.line([(self._now, TOP - 8), (self._now, y)], width=2, z=5)
        here = self._words.say("now")
        paper.text(self._now, TOP - 18, here, size=11.5, bold=True, align="center")
        place, label = self._rows["oldest"]
        x = self._x(place)
        paper.line([(x, TOP - 8), (x, y)], color=theme.QUIET, dashed=True, z=1)
        paper.text(x - 6, TOP - 18, label, size=11.5, color=theme.QUIET)
        head = self._words.say("column.lag")
        paper.text(LAG + 12, TOP - 18, head, size=11.5, color=theme.QUIET)

    def _draw_legend(self) -> None:
        paper, y, hue = self._paper, self._bottom + 38, theme.SHARD_HUES[0]
        label = self._rows["dotLabel"]
        paper.dot(EDGE + 6, y, 4.5, face=hue)
        paper.text(EDGE + 18, y, label, size=11.5, color=theme.QUIET)
        x = EDGE + 44 + text_width(label, 11.5)
        paper.line([(x + 8, y), (x + 30, y)], color=hue, width=5)
        paper.marker(x + 8, y, color=theme.INK)
        label = self._words.say("legend.reader")
        paper.text(x + 40, y, label, size=11.5, color=theme.QUIET)
