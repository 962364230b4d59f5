"""No question repeats a public bank: runs of words are compared with theirs, by hash."""

from __future__ import annotations

from kinesis_sim.course.bank import items
from tests.course.items import item, texts
from tests.course.originality import known, repeated, runs

LONG = (
    "A company runs a web shop on several instances behind a load balancer and wants to keep every "
    "click for a year at the lowest price while two teams read them with different programs"
)


def test_the_banks_hashes_are_there() -> None:
    assert len(known()) > 20_000


def test_no_question_says_what_a_public_bank_says() -> None:
    assert repeated(items(), known()) == []


def test_a_question_that_was_copied_is_found() -> None:
    copied = item(stem=texts(LONG + "?"))
    assert repeated([copied], frozenset(runs(LONG))) != []
    assert repeated([item()], frozenset(runs(LONG))) == []
