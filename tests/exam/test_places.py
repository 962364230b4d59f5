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
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.exam.places import taught

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


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_leads_to_a_cell_that_teaches_the_topic(lang: str) -> None:
    led = {item.id: (item, cell) for item in items() if (cell := cell_of(item, lang)) is not None}
    assert len(led) > 0.8 * len(items())
    for name, (item, cell) in led.items():
        assert set(item.topics) & set(cell["metadata"]["tags"]), name


def test_where_no_cell_teaches_it_yet_the_lesson_to_come_is_named() -> None:
    led = [taught(item, "en") for item in items()]
    assert all(place is not None and place.name for place in led)


def test_a_question_of_a_first_lesson_leads_to_where_the_topic_is_taught() -> None:
    """Its own lesson has no cell of the topic; a later one has."""
    [item] = [each for each in items() if each.id == "K18-lowered-to-a-day"]
    place = taught(item, "pt-BR")
    assert item.lesson == "start_here"
    assert place is not None
    assert place.href.endswith("_retention_and_replay.ipynb#cell-id=lower")


def test_both_editions_lead_to_the_same_cell() -> None:
    for item in items():
        english, portuguese = (cell_of(item, lang) for lang in LANGUAGES)
        assert (english or {}).get("id") == (portuguese or {}).get("id"), item.id
