"""No question repeats a public bank: runs of words are compared with theirs, by hash."""

from __future__ import annotations

from kinesis_sim.course.bank import items
from kinesis_sim.course.words import LANGUAGES
from tests.course.items import item, texts
from tests.course.originality import SHARED, WORD, known, repeated, runs, text_of

LONG = (
    "A company runs a web shop on several instances behind a load balancer and wants to keep every "
    "click for a year at the lowest price while two teams read them with different programs. The "
    "first team needs each click within a second, and the second one reads a day's clicks once a "
    "night. Which of these designs keeps the operational overhead least"
)


def test_the_banks_hashes_are_there() -> None:
    assert len(known()) > 95_000


def test_no_question_says_what_a_public_bank_says() -> None:
    assert repeated(items(), known()) == []


def test_a_question_of_thirty_words_can_be_told_by_its_runs() -> None:
    """Two hashes are wanted, so a bank that kept too few would find nothing."""
    for language in LANGUAGES:
        texts = [text_of(item, language) for item in items()]
        long = [text for text in texts if len(WORD.findall(text)) >= 60]
        assert len(long) > 150
        assert all(len(runs(text)) >= SHARED for text in long)


def test_a_question_that_was_copied_is_found() -> None:
    copied = item(stem=texts(LONG + "?"))
    assert repeated([copied], frozenset(runs(LONG))) != []
    portuguese = item(stem={"en": "Which?", "pt-BR": LONG})
    assert len(repeated([portuguese], frozenset(runs(LONG)))) == 1
    assert repeated([item()], frozenset(runs(LONG))) == []
