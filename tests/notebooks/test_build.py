"""A course of one lesson, from source to notebooks in two languages, and every way to drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinesis_sim.course.notebooks.build import (
    Course,
    TranslationError,
    all_messages,
    build,
    check,
    drift,
)
from kinesis_sim.course.notebooks.execute import ExecutionError
from kinesis_sim.course.notebooks.messages import without_messages
from kinesis_sim.course.notebooks.source import Cell

NAME = "lesson"
LESSON = """\
+++ {"id": "goal"}

# The goal

```{code-cell} ipython3
:id: begin

from kinesis_sim.course import Lesson, _
lesson = Lesson("lesson", lang="en")
```

```{code-cell} ipython3
:id: say

lesson.predict("p", _("How many?"), number=True)
```
"""
PORTUGUESE = {"# The goal": "# A meta", "How many?": "Quantos?"}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / f"{NAME}.md").write_text(LESSON)
    return Course(tmp_path)


def translate(course: Course, words: dict[str, str] = PORTUGUESE) -> None:
    import polib

    catalogue = course.catalogue(NAME, "pt-BR")
    catalogue.update(all_messages(course.source(NAME)))
    catalogue.save()
    po = polib.pofile(str(catalogue.path))
    po.metadata["X-State"] = "complete"
    for entry in po:
        entry.msgstr = words.get(entry.msgid, "")
    po.save()


def write(course: Course, language: str, *, run: bool = False) -> Path:
    path = course.path(NAME, language)
    path.parent.mkdir(exist_ok=True)
    path.write_text(build(course, NAME, language, run=run))
    return path


def test_a_lesson_is_built_in_the_languages_it_is_complete_in(course: Course) -> None:
    assert course.languages(NAME) == ["en"]
    translate(course)
    assert course.languages(NAME) == ["en", "pt-BR"]


def test_both_editions_run_the_same_code(course: Course) -> None:
    translate(course)
    editions = [json.loads(build(course, NAME, lang, run=False)) for lang in ("en", "pt-BR")]
    codes = [
        [
            without_messages(Cell(cell["id"], "code", "".join(cell["source"])))
            for cell in edition["cells"]
            if cell["cell_type"] == "code"
        ]
        for edition in editions
    ]
    assert codes[0] == [code.replace('lang="pt-BR"', 'lang="en"') for code in codes[1]]
    assert codes[0] != codes[1]


def test_a_built_notebook_is_executed_translated_and_the_same_again(course: Course) -> None:
    translate(course)
    path = write(course, "pt-BR", run=True)
    goal, begin, say = json.loads(path.read_text())["cells"]
    assert goal["source"] == ["# A meta"]
    assert begin["source"][1] == 'lesson = Lesson("lesson", lang="pt-BR")'
    assert [begin["execution_count"], say["execution_count"]] == [1, 2]
    [output] = say["outputs"]
    assert sorted(output["data"]) == ["text/html", "text/plain"], "no widget view without a kernel"
    assert output["data"]["text/plain"] == ["Preveja e depois execute: Quantos?"]
    assert check(course, NAME, "pt-BR") is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; print('careful', file=sys.stderr)", "'say' writes to stderr: careful"),
        ("object()", "'say' shows a memory address"),
        ("import os; os.getcwd()", "'say' shows"),
    ],
)
def test_an_output_that_cannot_be_compared_stops_the_build(
    course: Course, code: str, fault: str
) -> None:
    lesson = LESSON.replace('lesson.predict("p", _("How many?"), number=True)', code)
    (course.folder / "source" / f"{NAME}.md").write_text(lesson)
    with pytest.raises(ExecutionError, match=fault):
        build(course, NAME, "en")


def test_a_translation_that_does_not_fit_stops_the_build(course: Course) -> None:
    translate(course, {"# The goal": "A meta"})
    with pytest.raises(TranslationError) as caught:
        build(course, NAME, "pt-BR", run=False)
    text = str(caught.value)
    assert "goal: headings differ" in text
    assert "say:1: not translated" in text


def test_a_changed_source_is_drift(course: Course) -> None:
    write(course, "en")
    assert check(course, NAME, "en", run=False) is None
    source = course.folder / "source" / f"{NAME}.md"
    source.write_text(LESSON.replace("The goal", "Another goal"))
    fault = "en/lesson.ipynb is not what its source builds: cell 'goal' (source) differs."
    assert check(course, NAME, "en", run=False) == fault


def test_a_changed_source_makes_its_translation_stale(course: Course) -> None:
    translate(course)
    write(course, "pt-BR")
    source = course.folder / "source" / f"{NAME}.md"
    source.write_text(LESSON.replace("The goal", "Another goal"))
    assert "goal: not in the catalogue" in str(check(course, NAME, "pt-BR", run=False))


def test_an_unbuilt_notebook_is_drift(course: Course) -> None:
    assert check(course, NAME, "en", run=False) == "en/lesson.ipynb has not been built."


def test_a_notebook_without_source_is_a_stray(course: Course) -> None:
    write(course, "en")
    assert course.strays() == []
    stray = course.path("gone", "en")
    stray.write_text("{}")
    assert course.strays() == [stray]


def notebook(**changes: object) -> str:
    output = {"data": {"text/plain": ["5"], "image/png": "pixels"}, "metadata": {"width": 1}}
    cell = {"id": "a", "source": ["x"], "execution_count": 1, "outputs": [output]} | changes
    return json.dumps({"cells": [cell], "metadata": {}})


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"source": ["y"]}, "cell 'a' (source)"),
        ({"execution_count": None}, "cell 'a' (execution_count)"),
        ({"outputs": []}, "cell 'a' (outputs)"),
        ({"id": "b"}, "the list of cells"),
    ],
)
def test_drift_is_named(changes: dict[str, object], where: str) -> None:
    assert drift(notebook(**changes), notebook()) == where


def test_pixels_may_differ_pictures_may_not() -> None:
    one, other = ({"data": {"image/png": p}, "metadata": {}} for p in ("abc", "def"))
    assert drift(notebook(outputs=[one]), notebook(outputs=[other])) is None
    assert drift(notebook(outputs=[one]), notebook(outputs=[])) == "cell 'a' (outputs)"


def test_outputs_can_be_left_to_nbval() -> None:
    assert drift(notebook(outputs=[], execution_count=5), notebook(), outputs=False) is None
