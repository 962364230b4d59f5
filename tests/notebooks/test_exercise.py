"""The exercise is made from the solution, and the solution must pass its own check."""

from __future__ import annotations

import pytest

from kinesis_sim.course.notebooks.exercise import exercise, solved
from kinesis_sim.course.notebooks.source import Cell, SourceError
from kinesis_sim.course.words import CourseWords

SOLUTION = Cell("do", "code", "answer = None\n# solution\nanswer = 42", frozenset({"solution"}))
CHECK = Cell("check-do", "code", 'lesson.check("do", answer)')
NOTE = Cell("note", "markdown", "Because 6 × 7.", frozenset({"solution"}))
EN = CourseWords("ui", "en")


def test_the_solution_becomes_an_exercise_and_is_folded_after_its_check() -> None:
    do, check, folded = exercise([SOLUTION, NOTE, CHECK], EN)
    assert (do.id, do.text) == ("do", "answer = None\n# Write your code here")
    assert do.tags == {"exercise"}
    assert check == CHECK
    assert folded.id == "do-folded"
    assert folded.text == (
        "<details>\n<summary>One solution (open it after your own attempt)</summary>\n\n"
        "```python\nanswer = 42\n```\n\nBecause 6 × 7.\n\n</details>"
    )


def test_a_solution_without_scaffolding_leaves_nothing() -> None:
    do, *_ = exercise([Cell("do", "code", "answer = 42", SOLUTION.tags), CHECK], EN)
    assert do.text == "# Write your code here"


def test_the_placeholder_speaks_the_learners_language() -> None:
    do, *_ = exercise([SOLUTION, CHECK], CourseWords("ui", "pt-BR"))
    assert do.text.endswith("# Escreva seu código aqui")


def test_a_solution_needs_a_check() -> None:
    with pytest.raises(SourceError, match=r"'do': no lesson.check\(…\) follows"):
        list(exercise([SOLUTION], EN))


def test_the_solved_lesson_runs_the_solution_and_requires_its_check() -> None:
    do, check, last = solved([SOLUTION, CHECK])
    assert do.text == "answer = None\nanswer = 42"
    assert check == CHECK
    assert last.text == "lesson.require_all_checks_passed()"
