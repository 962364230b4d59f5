"""What the READMEs say is so: the ledger's counts, every link; and both languages say as much."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kinesis_sim.fidelity.recordings import totals
from tests.project.readme_ledger import counts
from tests.project.readme_measured import BLOCK, LANGUAGES, block

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.pt-BR.md")


@pytest.mark.parametrize("name", READMES)
def test_the_ledger_is_as_printed(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    found = re.search(r"(?s)<!-- ledger -->\n(.*)\n<!-- /ledger -->", text)
    assert found is not None
    figures = [number for row in counts().values() for number in row]
    told = re.sub(r"`[^`]*`", "", found[1])
    assert [int(number) for number in re.findall(r"\d+", told)] == [*figures, *totals()]


@pytest.mark.parametrize("name", READMES)
def test_what_a_restart_costs_is_as_it_was_measured(name: str) -> None:
    found = BLOCK.search((ROOT / name).read_text("utf-8"))
    assert found is not None
    assert found[2] == block(LANGUAGES[name])


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def sections(name: str) -> list[int]:
    """How many paragraphs, lists, tables and pieces of code each section of a README has."""
    text = (ROOT / name).read_text("utf-8")
    return [len(re.findall(r"\n\n+(?=\S)", part)) for part in text.split("\n## ")]


def test_both_languages_say_as_much() -> None:
    """A paragraph of one README stands in the other: two were missing in Portuguese."""
    english, portuguese = map(sections, READMES)
    assert english == portuguese
