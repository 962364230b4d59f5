"""Under the rows: the result's table as it stands, and the changelog that brought it there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.windows.fold import Run
from kinesis_sim.show.windows.notices import clipped, row_said

MOST_LINES, LINE = 6, 17
"""Rows of the table and of the changelog that are drawn, the newest; px of each."""
Line = tuple[str, bool]
"""What a line says, and whether this row has brought it."""


class ResultTable:
    """What a run has said, row by row."""

    def __init__(self, run: Run, words: Words) -> None:
        self._run, self._words = run, words

    def in_one_line(self) -> str:
        """The last rows of the whole result."""
        rows = self._run.tables[-1] if self._run.tables else []
        said = " | ".join(row_said(row) for row in rows[-MOST_LINES:])
        return f"… | {said}" if len(rows) > MOST_LINES else said

    def draw(self, scene: Scene, y: float, *, wide: bool) -> float:
        """The table, on a narrow page with the changelog beside it; where the drawing ends.

        A wide page has the changelog beside the rows already. What is too long for half a narrow
        page has the table above the changelog.
        """
        say, numbers = self._words.say, range(len(self._run.landed))
        tables = [list(self._table(number)) for number in numbers]
        if wide:
            return _column(scene, (X(0), y), say("table"), tables, most=90)
        told = [list(self._told(number)) for number in numbers]
        if max((len(said) for lines in (*tables, *told) for said, _ in lines), default=0) <= 26:
            beside = _column(scene, (scene.x(0.5), y), say("column.so-far"), told, most=26)
            return max(beside, _column(scene, (X(0), y), say("table"), tables, most=26))
        below = _column(scene, (X(0), y), say("table"), tables, most=56)
        return _column(scene, (X(0), below + LINE), say("column.so-far"), told, most=56)

    def _table(self, number: int) -> Iterator[Line]:
        rows = self._run.tables[number]
        fresh = [row for sign, row in self._run.landed[number].changes if sign in ("+I", "+U")]
        if not rows:
            yield self._words.say("empty"), False
            return
        yield " · ".join(rows[0]), False
        if len(rows) > MOST_LINES:
            yield "…", False
        for row in rows[-MOST_LINES:]:
            yield row_said(row), row in fresh

    def _told(self, number: int) -> Iterator[Line]:
        told = [
            (f"{sign} {row_said(row)}", one.number == number)
            for one in self._run.landed[: number + 1]
            for sign, row in one.changes
        ]
        if len(told) > MOST_LINES:
            yield "…", False
        yield from told[-MOST_LINES:]


def _column(
    scene: Scene, corner: tuple[X, float], title: str, frames: Sequence[list[Line]], most: int
) -> float:
    """Lines under a title, each there as long as it says the same; where they end."""
    (x, y), tall = corner, max((len(lines) for lines in frames), default=0)
    scene.text((x, y), title, "said-strong")
    for place in range(tall):
        there = [lines[place] if place < len(lines) else None for lines in frames]
        begin = 0
        for line, run in groupby(there):
            end = begin + len(list(run))
            if line is not None:
                said, fresh = line
                with scene.during(begin, end if end < len(there) else None):
                    role = "said-strong" if fresh else "said"
                    scene.text((x, y + LINE * (place + 1)), clipped(said, most), role)
            begin = end
    return y + LINE * (tall + 1)
