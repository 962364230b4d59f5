"""Where a question is taught: a link leads to the very cell of its topic, in both editions."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from kinesis_sim.course.bank import items
from kinesis_sim.course.item import Item
from kinesis_sim.course.outline import entries
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.exam.places import taught
from kinesis_sim.exam.views import Views
from tests.course.items import item

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@cache
def cells(path: Path) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return {cell["id"]: cell for cell in found}


def cell_of(item: Item, lang: str) -> dict[str, Any] | None:
    """The cell that an item's link leads to, seen from a lesson of an edition; None for none."""
    place = taught(item, lang)
    if place is None or not place.href:
        return None
    file, _, cell = place.href.partition("#cell-id=")
    assert cell, place
    found: dict[str, Any] = cells((NOTEBOOKS / lang / file).resolve())[unquote(cell)]
    return found


TAUGHT = {topic for entry in entries() if entry.written for topic in entry.topics}
"""What a lesson that is written teaches."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_lesson_teaches_leads_to_the_very_cell(lang: str) -> None:
    led = [each for each in items() if set(each.topics) & TAUGHT]
    assert len(led) > 0.8 * len(items())
    for each in led:
        cell = cell_of(each, lang)
        assert cell is not None, each.id
        assert set(each.topics) & set(cell["metadata"]["tags"]), each.id


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "No lesson yet: “{}”"), ("pt-BR", "Ainda sem lição: “{}”")]
)
def test_what_no_lesson_teaches_yet_says_so_and_names_the_one_to_come(
    lang: str, words: str
) -> None:
    waiting = [each for each in items() if not set(each.topics) & TAUGHT]
    titles = {entry.slug: entry.title[lang] for entry in entries() if not entry.written}
    assert waiting
    for each in waiting:
        said = Views(lang, {}).taught(each)
        assert said.startswith(words.format(titles[each.lesson])), each.id
        assert "<a" not in said


def test_a_question_of_ones_own_is_told_of_the_lesson_of_its_topic() -> None:
    own = [item(id="own", lesson="", topics=[topic]) for topic in ("K02", "C04")]
    there, to_come = (Views("en", {}).taught(each) for each in own)
    assert "#cell-id=" in there
    assert to_come.startswith("No lesson yet: “Choosing”")


@pytest.mark.parametrize(
    ("lessons", "link"),
    [
        ("", 'href="03_producers.ipynb#cell-id=two-limits"'),
        ("/lessons/en/", 'href="/lessons/en/03_producers.ipynb#cell-id=two-limits"'),
        (None, "Taught in 03 Producers: Two limits"),
    ],
)
def test_a_link_is_written_for_where_the_face_is(lessons: str | None, link: str) -> None:
    [asked] = [each for each in items() if each.id == "K02-one-second"]
    assert link in Views("en", {}, lessons).taught(asked)


def test_a_question_of_a_first_lesson_leads_to_where_the_topic_is_taught() -> None:
    """Its own lesson has no cell of the topic; a later one has."""
    [asked] = [each for each in items() if each.id == "K18-lowered-to-a-day"]
    place = taught(asked, "pt-BR")
    assert asked.lesson == "start_here"
    assert place is not None
    assert place.href.endswith("_retention_and_replay.ipynb#cell-id=lower")


def test_both_editions_lead_to_the_same_cell() -> None:
    for each in items():
        english, portuguese = (cell_of(each, lang) for lang in LANGUAGES)
        assert (english or {}).get("id") == (portuguese or {}).get("id"), each.id
