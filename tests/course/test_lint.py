"""Each rule of the item linter finds its own fault, and finds none in items that are right."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from kinesis_sim.course.fairness import luck
from kinesis_sim.course.lint import ITEM_RULES, faults, old_sources
from tests.course.items import MATCH, MULTI, NUMERIC, ORDER, PAGE, item, option, source, texts

PAGED = source("a page", PAGE)
STEMS = [
    "How many copies?",
    "Who reads first?",
    "When does it end?",
    "Where is it kept?",
    "Why so?",
]


@pytest.mark.parametrize("changes", [{}, MULTI, ORDER, MATCH, NUMERIC])
def test_right_items_have_no_faults(changes: dict[str, Any]) -> None:
    assert faults([item(**changes)]) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": "A question"}, "an id is"),
        ({"id": "K07-other-topic"}, "one of the topics K06"),
        ({"topics": ["K06", "K36"]}, "no topic K36"),
        ({"exams": {"xyz": "1.1"}}, "no exam family xyz"),
        ({"lesson": "2"}, "not in the outline"),
        ({"difficulty": 6}, "not 1 to 5"),
        ({"type": "essay"}, "is none of"),
        ({"sources": []}, "no source"),
        ({"key": ["z"]}, "which is no option"),
        ({"key": ["a", "b"]}, "does not fit a single"),
        ({"options": [option("a"), option("a"), option("b")]}, "share an id"),
        (MULTI | {"key": ["a"]}, "does not fit a multi"),
        (MULTI | {"key": ["a", "b", "c", "d", "e"]}, "does not fit a multi"),
        (MULTI | {"options": [option(name) for name in "abcd"]}, "5 options or more"),
        ({"options": [option(name) for name in "abc"]}, "has 4 options"),
        ({"sources": [source("a book")]}, "no source with a page"),
        ({"sources": [PAGED, source("established knowledge, not read again")]}, "nobody has read"),
        ({"sources": [PAGED, source("sink clause (unverified)")]}, "nobody has read"),
        ({"proof": "", "numbers": {"records": [1, 2]}}, "no proof finds the key"),
        ({"numbers": {"records": [1, 2]}}, "no text has a blank for records"),
        (ORDER | {"key": ["a", "b", "c"]}, "right order already"),
        (ORDER | {"key": ["b", "a"]}, "does not fit an? order"),
        (MATCH | {"key": {"one": "a"}}, "does not fit a match"),
        (NUMERIC | {"why": {}}, "no why"),
        ({"options": [option("a"), option("b"), {"id": "c", "text": texts("c")}]}, "no why"),
        ({"options": [option("a"), option("b"), option("c", "All of the above")]}, "catch-all"),
        ({"options": [option("a", "It never does"), option("b"), option("c")]}, "absolute"),
        ({"stem": texts("Select TWO answers.")}, "how many to select"),
        ({"stem": texts("What does Kinesis Data Firehose do?")}, "retired name"),
        ({"stem": texts("Which shard?", "Qual shard?")}, "has no pt-BR"),
        ({"stem": {"pt-BR": "Qual?"}}, "has no English"),
        ({"stem": texts("Which?") | {"fr": "Lequel?"}}, "speaks fr"),
    ],
)
def test_a_rule_finds_its_fault(changes: dict[str, Any], fault: str) -> None:
    found = [text for rule in ITEM_RULES for text in rule(item(**changes))]
    assert any(re.search(fault, text) for text in found), found


def test_an_old_name_is_fine_where_it_is_called_old() -> None:
    stem = texts("What is Amazon Data Firehose (formerly Kinesis Data Firehose) for?")
    assert faults([item(stem=stem)]) == []


def test_a_translation_keeps_numbers() -> None:
    both = {
        "stem": texts("A shard takes 1,000 records.", "Um shard aceita 1.000 registros."),
        "options": [
            {"id": i, "text": texts(f"{i} 0.5 s", f"{i} 0,5 s"), "why": texts("so", "assim")}
            for i in "abcd"
        ],
    }
    assert faults([item(**both)]) == []
    wrong = both | {"stem": texts("A shard takes 1,000 records.", "Um shard aceita 2.000.")}
    assert "numbers differ" in faults([item(**wrong)])[0]


def test_ids_are_unique() -> None:
    other = item(stem=texts("Something else entirely, asked here?"))
    assert faults([item(), other]) == ["2 items share the id K06-a-question"]


def test_stems_differ() -> None:
    same = item(id="K06-again", stem=texts("Which of the shards takes the record now?"))
    assert "nearly the same" in faults([item(), same])[0]


def test_length_and_place_do_not_give_the_key_away() -> None:
    longer = "the option that is plainly longer than others"
    long = [option("a"), option("b", longer), option("c"), option("d")]
    bank = [item(id=f"K06-{n}", stem=texts(stem), options=long) for n, stem in enumerate(STEMS)]
    found = " ".join(faults(bank))
    assert "the longest option (en) is a key in 5 of 5 items, by luck in 1" in found
    assert "option 2 is a key in 5 of 5" in found
    short = [option("a"), option("b", "brief"), option("c"), option("d")]
    bank = [item(id=f"K06-{n}", stem=texts(stem), options=short) for n, stem in enumerate(STEMS)]
    assert "the shortest option (en) is a key in 5" in " ".join(faults(bank))


def test_luck_is_the_chance_of_as_many_hits() -> None:
    assert luck(0, [0.25] * 4) == 1
    assert luck(4, [0.25] * 4) == pytest.approx(0.25**4)
    assert luck(1, [0.5, 0.2]) == pytest.approx(1 - 0.5 * 0.8)


def test_a_phrase_said_again_is_the_same_question() -> None:
    told = "Bikes report every ten seconds under their own key and one shard is full."
    one = item(stem=texts(f"{told} What helps?"))
    other = item(id="K06-other", stem=texts(f"{told} What will not help anybody at all today?"))
    assert "nearly the same" in faults([one, other])[0]


def test_sources_grow_old() -> None:
    assert old_sources([item()], date(2027, 11, 1)) == []
    assert "was checked on 2026-11-22" in old_sources([item()], date(2027, 12, 1))[0]
