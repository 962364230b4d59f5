"""An exercise is made from its solution, so the two cannot drift apart.

The author writes the solution in a code cell tagged ``solution``, followed by a cell that calls
``lesson.check(…)``. Lines above a ``# solution`` comment are scaffolding and stay; all below it
becomes ``# Write your code here``. The solution itself follows the check, folded away. Markdown
cells tagged ``solution`` are folded with it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kinesis_sim.course.notebooks.source import Cell, SourceError
from kinesis_sim.course.words import CourseWords

MARK = "# solution"
CHECK = "lesson.check("


def exercise(cells: Iterable[Cell], words: CourseWords) -> Iterator[Cell]:
    """What the learner gets; SourceError when a solution is not followed by its check."""
    pending: list[Cell] = []
    for cell in cells:
        if cell.is_solution:
            pending.append(cell)
            if cell.kind == "code":
                yield _emptied(cell, words)
            continue
        yield cell
        if pending and CHECK in cell.text:
            yield _folded(pending, words)
            pending = []
    if pending:
        raise SourceError(f"cell {pending[0].id!r}: no {CHECK}…) follows this solution.")


def solved(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The lesson with every solution in place; its last cell fails unless all checks passed."""
    for cell in cells:
        yield replace(cell, text=_join(cell.text)) if cell.is_solution else cell
    yield Cell("every-check-passed", "code", "lesson.require_all_checks_passed()")


def _emptied(cell: Cell, words: CourseWords) -> Cell:
    before, mark, _after = cell.text.partition(MARK)
    kept = before if mark else ""
    text = f"{kept}# {words.say('exercise.placeholder')}"
    return replace(cell, text=text, tags=cell.tags - {"solution"} | {"exercise"})


def _folded(cells: list[Cell], words: CourseWords) -> Cell:
    body = "\n\n".join(_shown(cell) for cell in cells)
    summary = words.say("exercise.solution")
    text = f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"
    return Cell(f"{cells[0].id}-folded", "markdown", text)


def _shown(cell: Cell) -> str:
    if cell.kind == "markdown":
        return cell.text
    _scaffolding, _mark, answer = cell.text.rpartition(MARK)
    return f"```python\n{answer.strip()}\n```"


def _join(code: str) -> str:
    """``code`` without its ``# solution`` line."""
    return "\n".join(line for line in code.split("\n") if line.strip() != MARK)
