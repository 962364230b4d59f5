"""Read every committed notebook as somebody who has not answered yet: no answer above its reveal.

What is visible is prose, code, text and HTML outputs outside of closed ``<details>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_sim.course.notebooks.build import Course
from kinesis_sim.course.words import CourseWords, tables
from tests.project.source import ROOT

COURSE = Course(ROOT / "notebooks")
EDITIONS = [(name, lang) for name in COURSE.names() for lang in COURSE.languages(name)]
editions = pytest.mark.parametrize(("name", "language"), EDITIONS, ids=lambda part: str(part))
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
ASKED = re.compile(r'lesson\.predict\(\s*"([a-z0-9-]+)"')
REVEALED = re.compile(r'lesson\.reveal\(\s*"([a-z0-9-]+)"')
TAG = re.compile(r"<[^>]+>")
CHECKED = re.compile(r'lesson\.check\(\s*"([a-z0-9-]+)"')
TELLS = {
    ("retention_and_replay", "edge"): {"en": ["no error"], "pt-BR": ["nenhum erro"]},
    ("video_webrtc", "find-cause"): {"en": ["named"], "pt-BR": ["chamad"]},
    ("flink_time", "six"): {"en": ["is lost:"], "pt-BR": ["se perde:"]},
    ("video_webrtc", "nobody"): {"en": ["arrives after"], "pt-BR": ["chega depois"]},
    ("firehose_destinations", "down"): {"en": ["held"], "pt-BR": ["retid"]},
    ("flink_state", "crash"): {"en": ["twice"], "pt-BR": ["repetid"]},
}
"""What a picture may not say above a reveal or a check, though it is not the answer's own text."""
GIVEN = {
    ("shards_and_partition_keys", "doubled"),  # 500 were refused before; do fewer when it doubles?
    ("firehose_buffering", "files"),  # the settings that the picture is of
}
"""Answers that are made of what the question begins with, which a picture may say."""
LEAST = 10  # smaller numbers stand everywhere


def cells(name: str, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(COURSE.path(name, language).read_text("utf-8"))[
        "cells"
    ]
    return found


def outputs(cell: dict[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        yield "".join(output.get("text", ""))
        for mime, data in output.get("data", {}).items():
            if mime.startswith("text/"):
                yield "".join(data)


def visible(cell: dict[str, Any]) -> str:
    """All that a reader sees of a cell, folded parts apart."""
    shown = ["".join(cell["source"]), *outputs(cell)]
    return "\n".join(FOLDED.sub("", text) for text in shown)


def answer_of(cell: dict[str, Any], language: str) -> str:
    """What the folded part of a reveal says has happened."""
    [html] = [text for text in outputs(cell) if "<details>" in text]
    inside = FOLDED.search(html)
    assert inside is not None
    told = TAG.sub("", inside[0].partition("</summary>")[2].partition("<br>")[0])
    before, _, after = CourseWords("ui", language).say("reveal.actual", actual="@").partition("@")
    return told.removeprefix(before).removesuffix(after).strip("“”")


@editions
def test_every_prediction_has_its_reveal_and_reasons(name: str, language: str) -> None:
    text = "\n".join("".join(cell["source"]) for cell in cells(name, language))
    asked, revealed = ASKED.findall(text), REVEALED.findall(text)
    assert asked == revealed
    assert set(tables(name).get("reveal", {})) == set(asked)


@editions
def test_no_reason_is_visible_anywhere(name: str, language: str) -> None:
    words = CourseWords(name, language)
    everything = "\n".join(visible(cell) for cell in cells(name, language))
    for prediction in tables(name).get("reveal", {}):
        mistakes = words.under(f"reveal.{prediction}.if_guessed").values()
        for reason in (words.say(f"reveal.{prediction}.because"), *mistakes):
            assert reason not in everything


@editions
def test_no_answer_stands_above_its_own_reveal(name: str, language: str) -> None:
    """Between the question and its reveal, no output tells the answer."""
    open_cells: dict[str, list[str]] = {}
    told = []
    for cell in cells(name, language):
        source = "".join(cell["source"])
        for asked in open_cells:
            shown = [TAG.sub("", FOLDED.sub("", text)) for text in outputs(cell)]
            open_cells[asked].append("\n".join(shown))
        for revealed in REVEALED.findall(source):
            answer = answer_of(cell, language)
            seen = "\n".join(open_cells.pop(revealed))
            if re.search(rf"(?<![\w.,-]){re.escape(answer)}(?![\w-])", seen):
                told.append(f"{revealed}: {answer}")
        for asked in ASKED.findall(source):
            open_cells[asked] = []
    assert told == []


def sentences(cell: dict[str, Any]) -> Iterator[str]:
    """What the cell's pictures say in words: their notices are their alternative text."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if any(mime.startswith("image/") for mime in data):
            yield "".join(data["text/plain"])


def tells(answer: str, sentence: str) -> bool:
    """Whether a picture's sentence holds an answer: its text, or its number without the unit."""
    number = re.match(r"\d[\d.,]*", answer)
    if number is None:
        return " " in answer and answer.casefold() in sentence.casefold()  # "no" stands everywhere
    if len(re.sub(r"\D", "", number[0])) < len(str(LEAST)):
        return False
    return re.search(rf"(?<![\w.,:-]){re.escape(number[0])}(?![\w:-]|[.,]\d)", sentence) is not None


@editions
def test_no_picture_tells_an_answer_above_its_reveal(name: str, language: str) -> None:
    above: list[str] = []
    told = []
    for cell in cells(name, language):
        source = "".join(cell["source"])
        for asked in [*REVEALED.findall(source), *CHECKED.findall(source)]:
            words = TELLS.get((name, asked), {}).get(language, [])
            told += [f"{asked}: {word}" for word in words if word in "\n".join(above)]
            if asked in REVEALED.findall(source) and (name, asked) not in GIVEN:
                answer = answer_of(cell, language)
                told += [f"{asked}: {answer}" for said in above if tells(answer, said)]
        above += sentences(cell)
    assert told == []


def test_a_picture_tells_by_number_or_by_text() -> None:
    assert tells("385 records", "report fell off the edge: 385 records were trimmed.")
    assert tells("1,708 records", "Shard 3 has 1,708.")
    assert not tells("385 records", "1,385 records, 385.5 s")
    assert tells("only in the stream", "Twice: Only in the stream.")
    assert not tells("5 records", "5 records")


@editions
def test_a_reveal_says_nothing_but_itself(name: str, language: str) -> None:
    """What was counted on the way to an answer belongs into its folded part."""
    revealing = [c for c in cells(name, language) if REVEALED.search("".join(c["source"]))]
    assert [c["id"] for c in revealing if len(c["outputs"]) != 1] == []


@editions
def test_cells_that_only_ask_are_folded(name: str, language: str) -> None:
    for cell in cells(name, language):
        source = "".join(cell["source"])
        if re.fullmatch(r"lesson\.(predict|reveal|check|quiz|end)\(.*\)\s*", source, re.DOTALL):
            assert cell["metadata"]["jupyter"] == {"source_hidden": True}, cell["id"]
