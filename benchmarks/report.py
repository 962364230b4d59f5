"""Tables on stdout: Markdown, so that what is printed can be kept in the README as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Table:
    """One table with a title over it and remarks under it."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """One more row."""
        self.rows.append(cells)

    def show(self) -> None:
        """Print it."""
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        print(f"### {self.title}\n")
        print(_line(self.head, widths))
        print(_line(["-" * width for width in widths], widths))
        for row in self.rows:
            print(_line(row, widths))
        for remark in self.remarks:
            print(f"\n{remark}")
        print(flush=True)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    inside = " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {inside} |"


def goal(value: float, *, at_most: float | None = None, at_least: float | None = None) -> str:
    """The goal, and whether a value reaches it."""
    if at_most is not None:
        return f"≤ {at_most:,g}: {'reached' if value <= at_most else 'MISSED'}"
    assert at_least is not None
    return f"≥ {at_least:,g}: {'reached' if value >= at_least else 'MISSED'}"
