"""What the READMEs say is so: the ledger's counts, and every link into the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws import model
from kinesis_sim.fidelity.ledger.entry import declared, reasons
from kinesis_sim.fidelity.ledger.rules import rules
from kinesis_sim.fidelity.ledger.scenarios import BOOKS
from kinesis_sim.fidelity.recordings import totals

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.pt-BR.md")


def counts() -> list[int]:
    """The figures of the ledger in the order in which the READMEs print them: what it declares.

    That all of it occurs when it is tried is for ``tests/aws/test_ledger.py`` to say, and for
    ``tests/fidelity`` where AWS was recorded.
    """
    found: list[int] = []
    gate = Simulator().gate
    for service in gate.services():
        have, of = gate.operations(service), model.operations(service)
        pairs = declared(service, have)
        held = [rule for name in have for rule in rules(model.operation(service, name))]
        tested = sum(not rule.vacuous for rule in held)
        errors = [len(BOOKS[service]), len(pairs), len(reasons(service, pairs))]
        found += [len(have), len(of), *errors, tested, len(held)]
    return [*found, *totals()]


@pytest.mark.parametrize("name", READMES)
def test_the_ledger_is_as_printed(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    found = re.search(r"(?s)<!-- ledger -->\n(.*)\n<!-- /ledger -->", text)
    assert found is not None
    assert [int(number) for number in re.findall(r"\d+", found[1])] == counts()


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
