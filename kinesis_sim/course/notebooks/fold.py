"""Prose that not every learner needs: folded away, under a line that says what is in it."""

import re
from dataclasses import replace

from kinesis_sim.course.notebooks.source import Cell
from kinesis_sim.course.words import CourseWords

TAG = "more"
BOLD = re.compile(r"\*\*([^*]+)\*\*")
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)


def folded(cell: Cell, language: str) -> Cell:
    """``cell``, tagged ``more``, behind a line to open; below its heading if it begins with one.

    A first paragraph in bold is that line.
    """
    if cell.kind != "markdown" or TAG not in cell.tags:
        return cell
    heading, title, body = _parts(cell.text)
    said = f"<strong>{title}</strong>" if title else CourseWords("ui", language).say("fold.open")
    text = f"{heading}<details>\n<summary>{said}</summary>\n\n{body}\n\n</details>"
    return replace(cell, text=text)


def unfolded(text: str) -> str:
    """The prose that everybody sees."""
    return FOLD.sub(" ", text)


def _parts(text: str) -> tuple[str, str, str]:
    """A cell's heading, the title of what is folded, and that; the first two may be empty."""
    first, _, rest = text.partition("\n")
    if first.startswith("#"):
        return f"{first}\n\n", "", rest.strip()
    if bold := BOLD.fullmatch(first):
        return "", bold[1], rest.strip()
    return "", "", text.strip()
