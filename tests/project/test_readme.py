"""What the READMEs say is so: the ledger's counts, and every link into the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kinesis_sim import Simulator

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.pt-BR.md")


@pytest.fixture(scope="module")
def counts() -> list[int]:
    """The figures of the ledger in the order in which the READMEs print them."""
    from kinesis_sim.fidelity import ledger

    def make() -> Simulator:
        return Simulator(latency=None)

    found: list[int] = []
    for counts in json.loads(ledger.as_json(make)).values():
        raised, listed, of = counts["errors"]
        found += [*counts["operations"], raised, of, listed, *counts["constraints"]]
    return found


@pytest.mark.parametrize("name", READMES)
def test_the_ledger_is_as_printed(name: str, counts: list[int]) -> None:
    text = (ROOT / name).read_text("utf-8")
    found = re.search(r"(?s)<!-- ledger -->\n(.*)\n<!-- /ledger -->", text)
    assert found is not None
    assert [int(number) for number in re.findall(r"\d+", found[1])] == counts


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
