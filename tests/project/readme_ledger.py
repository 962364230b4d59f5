"""Writes the ledger's block into both READMEs: ``python -m tests.project.readme_ledger``."""

from __future__ import annotations

import re
from pathlib import Path

from kinesis_sim import Simulator
from kinesis_sim.aws import model
from kinesis_sim.fidelity.ledger.entry import declared, reasons
from kinesis_sim.fidelity.ledger.rules import rules
from kinesis_sim.fidelity.ledger.scenarios import BOOKS
from kinesis_sim.fidelity.recordings import totals

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?s)(<!-- ledger -->\n)(.*)(\n<!-- /ledger -->)")
ROWS = {
    "README.md": (
        "`{}`: operations {} of {} · declared errors raised {} of {} (the other {} are listed with "
        "a reason) · constraints tested {} of {}"
    ),
    "README.pt-BR.md": (
        "`{}`: operações {} de {} · erros declarados que ocorrem {} de {} (os outros {} estão "
        "listados com o motivo) · restrições testadas {} de {}"
    ),
}


def counts() -> dict[str, list[int]]:
    """The figures of each service, in the order in which the READMEs print them: what it declares.

    That all of it occurs when it is tried is for ``tests/aws/test_ledger.py`` to say, and for
    ``tests/fidelity`` where AWS was recorded.
    """
    found: dict[str, list[int]] = {}
    gate = Simulator().gate
    for service in gate.services():
        have, of = gate.operations(service), model.operations(service)
        pairs = declared(service, have)
        held = [rule for name in have for rule in rules(model.operation(service, name))]
        tested = sum(not rule.vacuous for rule in held)
        errors = [len(BOOKS[service]), len(pairs), len(reasons(service, pairs))]
        found[service] = [len(have), len(of), *errors, tested, len(held)]
    return found


def block(name: str, last: str) -> str:
    """The block of a README. last: its line on recordings, whose figures are written anew."""
    lines = [ROWS[name].format(service, *row) for service, row in counts().items()]
    figures = iter(totals())
    told = re.sub(r"(?<![\w/])\d+(?= )", lambda _: str(next(figures)), last)
    return "\n\n".join([*lines, told])


def main() -> None:
    for name in ROWS:
        path = ROOT / name
        text = path.read_text("utf-8")
        found = BLOCK.search(text)
        assert found is not None, f"{name} has no ledger block"
        made = block(name, found[2].splitlines()[-1])
        path.write_text(text[: found.start(2)] + made + text[found.end(2) :], "utf-8")


if __name__ == "__main__":
    main()
