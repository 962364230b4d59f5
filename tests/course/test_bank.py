"""Every key of the bank is what the simulator says, and every item keeps the rules."""

from __future__ import annotations

import pytest

from kinesis_sim.course.bank import items, items_of, prove
from kinesis_sim.course.item import Item
from kinesis_sim.course.lint import faults
from kinesis_sim.course.outline import entries
from kinesis_sim.errors import UsageError
from tests.course.items import item


@pytest.mark.parametrize("asked", items(), ids=lambda asked: asked.id)
def test_the_simulator_proves_the_key(asked: Item) -> None:
    proved = prove(asked)
    if isinstance(proved, tuple) and asked.kind != "order":
        assert sorted(proved) == sorted(asked.keys)
    else:
        assert proved == asked.key


def test_the_bank_keeps_the_rules() -> None:
    assert faults(items()) == []


def test_a_quiz_has_the_items_that_the_outline_lists() -> None:
    listed = [entry.quiz for entry in entries() if entry.quiz]
    assert [tuple(item.id for item in items_of(e.slug)) for e in entries() if e.quiz] == listed
    assert len(set().union(*listed)) == sum(map(len, listed))  # no question is asked twice


def test_a_lesson_without_items_has_no_quiz() -> None:
    with pytest.raises(UsageError, match="no items for lesson 99"):
        items_of("99")


@pytest.mark.parametrize("proof", ["os.system", "partition_keys", "partition_keys.no_such"])
def test_a_proof_is_a_function_of_the_proofs(proof: str) -> None:
    with pytest.raises((UsageError, ModuleNotFoundError)):
        prove(item(proof=proof))


def test_a_proof_is_never_private() -> None:
    with pytest.raises(UsageError, match=r"module\.function"):
        prove(item(proof="partition_keys._load"))
