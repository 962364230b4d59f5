"""A lesson's source is read with its ids, and told plainly what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim.course.notebooks.source import SourceError, in_language, read_source

LESSON = """\
+++ {"id": "goal"}

# Goal

```{code-cell} ipython3
:id: begin
:tags: [solution]

lesson = Lesson("firehose_buffering", lang="en")
```
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "firehose_buffering.md"
    path.write_text(text)
    return path


def test_cells_have_ids_kinds_and_tags(tmp_path: Path) -> None:
    goal, begin = read_source(written(tmp_path, LESSON)).cells
    assert (goal.id, goal.kind, goal.text, goal.is_solution) == (
        "goal",
        "markdown",
        "# Goal",
        False,
    )
    assert (begin.id, begin.kind, begin.is_solution) == ("begin", "code", True)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (":id: begin\n", "", "cell 2 .* has no id"),
        (":id: begin", ":id: goal", "2 cells share the id 'goal'"),
        (":id: begin", ":id: Begin_it", "is no cell id"),
        (
            'Lesson("firehose_buffering"',
            'Lesson("producers"',
            'say Lesson\\("firehose_buffering", lang="en"\\)',
        ),
        ('lang="en"', 'lang="pt-BR"', 'say Lesson\\("firehose_buffering", lang="en"\\)'),
        (
            'lang="en")',
            'lang="en"); Lesson("firehose_buffering", lang="en")',
            "in exactly one code cell",
        ),
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(SourceError, match=f"^firehose_buffering: .*{fault}"):
        read_source(written(tmp_path, LESSON.replace(old, new)))


def test_only_the_language_line_is_switched() -> None:
    code = 'lesson = Lesson("firehose_buffering", lang="en")\nlang="en"'
    assert (
        in_language(code, "pt-BR")
        == 'lesson = Lesson("firehose_buffering", lang="pt-BR")\nlang="en"'
    )
