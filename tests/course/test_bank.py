"""Every key of the bank is what the simulator says, and every item keeps the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kinesis_sim import facts
from kinesis_sim.course.bank import drawn, items, items_of, prove, stats
from kinesis_sim.course.item import Item
from kinesis_sim.course.lint import BLANK, all_texts, faults, key_fits, old_sources
from kinesis_sim.course.outline import entries
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.errors import UsageError
from tests.course.items import item

PROVED = [asked for asked in items() if asked.proof and not asked.numbers]
DRAWN = [asked for asked in items() if asked.numbers]
SEEDS = range(3)
A_YEAR = timedelta(days=365)


@pytest.mark.parametrize("asked", PROVED, ids=lambda asked: asked.id)
def test_the_simulator_proves_the_key(asked: Item) -> None:
    proved = prove(asked)
    if isinstance(proved, tuple) and asked.kind != "order":
        assert sorted(proved) == sorted(asked.keys)
    else:
        assert proved == asked.key


@pytest.mark.parametrize("asked", DRAWN, ids=lambda asked: asked.id)
def test_a_seed_draws_a_question_of_its_own_with_a_key_that_is_proved(asked: Item) -> None:
    drawn_items = [drawn(asked, None), *(drawn(asked, seed) for seed in SEEDS)]
    for one in drawn_items:
        assert [text for _, text in all_texts(one) if BLANK.search("".join(text.values()))] == []
        assert list(key_fits(one)) == []
        for language in LANGUAGES:
            said = [option.text[language] for option in one.options]
            assert len(set(said)) == len(said), said
    assert drawn_items[0].key == asked.key, "the key in the file is that of the first numbers"
    assert len({one.stem["en"] for one in drawn_items}) > 1


def test_every_question_stands_in_every_language() -> None:
    assert stats(items())["languages"] == list(LANGUAGES)


def test_sources_were_read_within_a_year_of_each_other() -> None:
    newest = max(source.checked for asked in items() for source in asked.sources)
    assert old_sources(items(), newest) == []
    assert len(old_sources(items(), newest + A_YEAR)) > len(items())


def test_no_source_is_a_row_of_our_own() -> None:
    """A learner can open a page of AWS, not a mark of ours such as "firehose §3"."""
    said = [source.what for asked in items() for source in asked.sources]
    own = tuple(f"{name}/" for name in facts.DOCUMENTS)
    assert [what for what in said if "§" in what or what.startswith(own)] == []


def test_every_topic_that_a_built_lesson_teaches_is_asked() -> None:
    taught = {topic for entry in entries() if entry.written for topic in entry.topics}
    assert taught - {topic for asked in items() for topic in asked.topics} == set()


def test_the_bank_is_as_large_as_it_says() -> None:
    counted = stats(items())
    assert counted["questions"] >= 170
    assert counted["proved"] >= 110
    assert counted["parametric"] >= 20
    assert all(counted["by_exam"].values())


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
