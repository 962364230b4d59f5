"""The course's outline: what it says exists, exists; what lessons teach is where it says."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from kinesis_sim.course.bank import items_of
from kinesis_sim.course.blueprint import topics
from kinesis_sim.course.lesson import Lesson
from kinesis_sim.course.minutes import Length, length_of
from kinesis_sim.course.notebooks.build import Course, edition
from kinesis_sim.course.notebooks.source import Cell
from kinesis_sim.course.outline import OutlineEntry, entries
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from tests.project.source import ROOT

COURSE = Course(ROOT / "notebooks")
CLAIMS = range(1, 42)  # of the study notes behind the course, in the order in which they make them
TOPIC = re.compile(r"[A-Z]\d\d")
CHECKED = re.compile(r'lesson\.check\("([a-z0-9-]+)"')
MINUTES = 25
PROSE_PER_LINE = 20
"""The words that lead to a line of code at most, what is folded left out."""
WRITTEN = [entry for entry in entries() if entry.written]
written = pytest.mark.parametrize("entry", WRITTEN, ids=lambda entry: entry.file)


@cache
def cells_of(slug: str) -> tuple[Cell, ...]:
    """The cells of a lesson's source."""
    return COURSE.source(slug).cells


def tags(entry: OutlineEntry) -> Counter[str]:
    """How often each tag stands on a cell of the lesson."""
    return Counter(tag for cell in cells_of(entry.slug) for tag in cell.tags)


def test_the_outline_names_every_lesson_there_is() -> None:
    built = {name: set(COURSE.languages(name)) for name in COURSE.names()}
    assert {entry.slug: set(entry.written) for entry in WRITTEN} == built


def test_lessons_are_numbered_in_order() -> None:
    assert [entry.number for entry in entries()] == [f"{n:02d}" for n in range(len(entries()))]


@cache
def lengths(slug: str, written: tuple[str, ...]) -> tuple[Length, ...]:
    """What each edition of a lesson is counted as."""
    return tuple(length_of(edition(COURSE, slug, language)) for language in written)


@written
def test_a_lesson_takes_the_minutes_that_it_says(entry: OutlineEntry) -> None:
    [goal, *_] = cells_of(entry.slug)
    assert "**About {minutes} minutes.**" in goal.text
    assert max(length.minutes for length in lengths(entry.slug, entry.written)) == entry.minutes


@written
def test_a_lesson_takes_25_minutes_at_most(entry: OutlineEntry) -> None:
    assert entry.minutes <= MINUTES


@written
def test_a_lesson_asks_for_three_predictions(entry: OutlineEntry) -> None:
    assert min(length.predictions for length in lengths(entry.slug, entry.written)) >= 3


@written
def test_a_list_of_traps_has_six_lines_at_most(entry: OutlineEntry) -> None:
    cells = [cell for cell in cells_of(entry.slug) if cell.id == "traps"]
    assert [cell.id for cell in cells if cell.text.count("\n- ") > 6] == []


@written
def test_a_lesson_ends_with_what_was_learned_and_the_way_on(entry: OutlineEntry) -> None:
    assert cells_of(entry.slug)[-1].text == "lesson.end()"
    for language in entry.written:
        assert len(CourseWords(entry.slug, language).list("end.learned")) >= 3


@written
def test_the_outline_knows_a_lessons_exercises(entry: OutlineEntry) -> None:
    text = "\n".join(cell.text for cell in cells_of(entry.slug))
    assert tuple(CHECKED.findall(text)) == entry.exercises


@written
def test_every_reason_that_a_check_gives_is_met_by_a_test(entry: OutlineEntry) -> None:
    """A mistake whose message nobody has seen may be one that nobody can make."""
    tests = [path for path in Path(__file__).parent.glob("*.py") if path != Path(__file__)]
    attempts = "\n".join(path.read_text("utf-8") for path in tests)
    given = {
        reason
        for exercise in entry.exercises
        for reason in tables(entry.slug)["check"][exercise]
        if reason != "hints"
    }
    assert {reason for reason in given if f'"{reason}"' not in attempts} == set()


@written
def test_five_mistakes_have_a_word_of_their_own(entry: OutlineEntry) -> None:
    for exercise in entry.exercises:
        others = tables(entry.slug)["check"][exercise].keys() - {"hints", "passed"}
        assert len(others) >= 5, exercise


@written
def test_code_is_led_to_by_few_words(entry: OutlineEntry) -> None:
    found = max(length.words_per_line for length in lengths(entry.slug, entry.written))
    assert found <= PROSE_PER_LINE


def test_topics_are_those_of_the_blueprint() -> None:
    named = {topic for entry in entries() for topic in entry.topics}
    assert named <= topics().keys()


@written
def test_a_lesson_names_its_topics_and_has_a_cell_for_each(entry: OutlineEntry) -> None:
    [goal, *_] = cells_of(entry.slug)
    assert tuple(TOPIC.findall(goal.text)) == entry.topics
    assert {tag for tag in tags(entry) if TOPIC.fullmatch(tag)} == set(entry.topics)


def test_every_claim_of_the_study_notes_has_its_cell() -> None:
    [notes] = [entry for entry in WRITTEN if entry.slug == "the_notes"]
    placed = {tag for tag in tags(notes) if tag.startswith("claim-")}
    assert placed == {f"claim-{number}" for number in CLAIMS}


@written
def test_a_lesson_has_five_questions_in_every_language_it_speaks(entry: OutlineEntry) -> None:
    items = [] if entry.appendix else items_of(entry.slug)
    assert len(items) == (0 if entry.appendix else 5)
    for item in items:
        assert set(entry.written) <= set(item.stem)


@written
def test_a_lesson_says_what_its_model_leaves_out(entry: OutlineEntry) -> None:
    headings = [cell.text for cell in cells_of(entry.slug) if cell.kind == "markdown"]
    wanted = ["## Your turn", "## Exam traps", "## What this model leaves out"]
    for heading in wanted if entry.appendix else ["## Play", *wanted]:
        assert any(text.startswith(heading) for text in headings), heading
    assert entry.appendix or headings[-1] == "## Quiz"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_leads_to_lessons_that_exist(language: str) -> None:
    html = Lesson("start_here", lang=language).outline()._repr_html_()
    links = re.findall(r'href="([^"]+)"', html)
    assert len(links) == len(WRITTEN)
    folder = ROOT / "notebooks" / language
    assert [link for link in links if not (folder / link).resolve().exists()] == []


def test_the_map_says_what_is_still_to_come() -> None:
    rows = str(Lesson("start_here").outline()).split("\n")
    assert [row.endswith("coming") for row in rows] == [not entry.written for entry in entries()]
