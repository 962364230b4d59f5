"""Parametric items: the seed draws the numbers, the proof finds the key, texts say both."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.course import bank
from kinesis_sim.course.bank import drawn, prove
from kinesis_sim.course.drawing import Drawing, numbers_of
from kinesis_sim.course.item import Item
from tests.course.items import item, option, texts

NUMBERS = {"records": [1_200, 900], "size": [0.5, 2]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Item:
    def proof(records: float, size: float) -> Drawing:
        return Drawing(("a",) if records > 1_000 else ("b",), {"bytes": records * size})

    monkeypatch.setattr(bank, "_proof", lambda _: proof)
    options = [option("a", "{bytes} KB"), option("b", "{records} records"), option("c")]
    stem = texts("{records} records of {size} KB?", "{records} registros de {size} KB?")
    return item(stem=stem, options=options, numbers=NUMBERS)


def test_without_a_seed_the_first_numbers_are_drawn(asked: Item) -> None:
    found = drawn(asked, None)
    assert found.stem == {"en": "1,200 records of 0.5 KB?", "pt-BR": "1.200 registros de 0,5 KB?"}
    assert [one.text["en"] for one in found.options[:2]] == ["600.0 KB", "1,200 records"]
    assert found.key == prove(asked) == ("a",)


def test_a_seed_draws_the_same_every_time_and_another_seed_others(asked: Item) -> None:
    assert drawn(asked, 7) == drawn(asked, 7) == drawn(drawn(asked, 7), 8)
    all_drawn: set[Any] = {tuple(numbers_of(asked, seed).values()) for seed in range(40)}
    assert len(all_drawn) == 4
    assert {drawn(asked, seed).keys for seed in range(40)} == {("a",), ("b",)}


def test_an_item_without_numbers_is_itself() -> None:
    assert drawn(item(), 3) == item()
