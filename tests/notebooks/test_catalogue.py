"""A catalogue follows its source: kept, fuzzy, dropped; and every misfit is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim.course.notebooks.catalogue import Catalogue
from kinesis_sim.course.notebooks.invariants import differences
from kinesis_sim.course.notebooks.messages import Message

GOAL = Message("goal", "A shard takes 1,000 records in a second.")
MORE = Message("more", "The rest.")
TRANSLATED = "Um shard aceita 1.000 registros por segundo."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pt_BR" / "firehose_buffering.po"


def translated(path: Path, text: str = TRANSLATED) -> Catalogue:
    """A complete catalogue of GOAL, as a translator leaves it."""
    fresh = Catalogue(path, "pt-BR")
    fresh.update([GOAL])
    fresh.save()
    po = path.read_text().replace("X-State: draft", "X-State: complete")
    path.write_text(po.replace('msgstr ""', f'msgstr "{text}"').replace(f'"{text}"', '""', 1))
    return Catalogue(path, "pt-BR")


def test_a_fresh_catalogue_is_a_draft_without_translations(path: Path) -> None:
    fresh = Catalogue(path, "pt-BR")
    fresh.update([GOAL])
    fresh.save()
    again = Catalogue(path, "pt-BR")
    assert not again.complete
    assert again.problems([GOAL]) == ["goal: not translated"]
    assert again.translate(GOAL) == GOAL.text


def test_a_translation_is_found(path: Path) -> None:
    catalogue = translated(path)
    assert catalogue.complete
    assert catalogue.problems([GOAL]) == []
    assert catalogue.translate(GOAL) == TRANSLATED


def test_a_changed_source_is_stale_then_fuzzy(path: Path) -> None:
    changed = Message("goal", GOAL.text.replace("1,000", "2,000"))
    catalogue = translated(path)
    assert catalogue.problems([changed]) == [
        "goal: not in the catalogue (new or changed in the source)",
        "goal: translates a text that the source no longer has",
    ]
    catalogue.update([changed])
    catalogue.save()
    again = Catalogue(path, "pt-BR")
    assert [problem.partition(" (")[0] for problem in again.problems([changed])] == ["goal: fuzzy"]
    assert again.translate(changed) == changed.text, "a fuzzy translation is not shown"
    assert "1,000" in path.read_text(), "the translator sees the earlier English"


def test_removing_the_mark_is_not_enough(path: Path) -> None:
    changed = Message("goal", GOAL.text.replace("1,000", "2,000"))
    catalogue = translated(path)
    catalogue.update([changed])
    catalogue.save()
    path.write_text(path.read_text().replace("#, fuzzy\n", ""))
    assert Catalogue(path, "pt-BR").problems([changed]) == [
        "goal: numbers differ: 2000 became 1000"
    ]


def test_update_keeps_moves_and_drops(path: Path) -> None:
    catalogue = translated(path)
    moved = Message("aim", GOAL.text)
    catalogue.update([moved, MORE])
    assert catalogue.translate(moved) == TRANSLATED
    assert catalogue.problems([moved, MORE]) == ["more: not translated"]
    catalogue.update([moved])
    assert catalogue.problems([moved]) == []


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("1,000 and 0.5", "1.000 e 0,5"),
        ("Use `x.y` [here](a.md).", "Veja [aqui](a.md) o `x.y`."),
        ("# One\n\n- two\n- three", "# Um\n\n- dois\n- três"),
        ("OK", "OK"),
    ],
)
def test_a_faithful_translation(source: str, translation: str) -> None:
    assert differences(source, translation) == []


@pytest.mark.parametrize(
    ("source", "translation", "fault"),
    [
        ("5 shards", "6 shards", "numbers differ: 5 became 6"),
        ("`put_record`", "`gravar`", "code spans differ"),
        ("[a](b.md)", "[a](c.md)", "links differ"),
        ("{n} left", "{m} sobram", "placeholders differ"),
        ("# One", "Um", "headings differ"),
        ("- a\n- b", "- a", "list items differ"),
        ("This is still in plain English", "This is still in plain English", "still English"),
        ("```python\nx\n```", "```python\ny\n```", "code spans differ"),
    ],
)
def test_an_unfaithful_translation(source: str, translation: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in differences(source, translation))
