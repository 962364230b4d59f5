"""Items that are right, for tests to spoil."""

from __future__ import annotations

from datetime import date
from typing import Any

from kinesis_sim.course.item import Item, item_from

PAGE = "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html"


def source(what: str, url: str = "") -> dict[str, Any]:
    return {"what": what, "url": url, "checked": date(2026, 11, 22)}


def texts(en: str, pt: str | None = None) -> dict[str, str]:
    return {"en": en} if pt is None else {"en": en, "pt-BR": pt}


def option(name: str, text: str | None = None) -> dict[str, Any]:
    text = text or f"the option called {name}"
    return {"id": name, "text": texts(text), "why": texts(f"because of {name}")}


def table(**changes: Any) -> dict[str, Any]:
    right: dict[str, Any] = {
        "id": "K06-a-question",
        "lesson": "shards_and_partition_keys",
        "topics": ["K06"],
        "exams": {"dva": "1.1"},
        "type": "single",
        "difficulty": 2,
        "stem": texts("Which of the shards takes the record?"),
        "options": [option(name) for name in "abcd"],
        "key": ["b"],
        "proof": "partition_keys.one_bike_many_producers",
        "provenance": "original",
        "sources": [source("API reference of Data Streams", PAGE)],
    }
    return right | changes


def item(**changes: Any) -> Item:
    return item_from(table(**changes))


MULTI = {
    "id": "K06-multi",
    "type": "multi",
    "key": ["a", "c"],
    "options": [option(name) for name in "abcde"],
}
ORDER = {
    "id": "K06-order",
    "type": "order",
    "key": ["b", "a", "c"],
    "options": [option(name) for name in "abc"],
}
MATCH = {
    "id": "K06-match",
    "type": "match",
    "prompts": [{"id": p, "text": texts(p)} for p in ("one", "two", "three")],
    "key": {"one": "b", "two": "a", "three": "c"},
    "options": [option(name) for name in "abc"],
}
NUMERIC = {
    "id": "K06-number",
    "type": "numeric",
    "options": [],
    "key": 1000,
    "tolerance": 5,
    "unit": texts("records"),
    "why": texts("because it is so"),
}
