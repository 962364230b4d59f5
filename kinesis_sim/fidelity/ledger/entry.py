"""One service's entry in the ledger: counts, and the pairs and rules behind them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import model
from kinesis_sim.fidelity.ledger.rules import Rule, rules
from kinesis_sim.fidelity.ledger.scenarios import BOOKS
from kinesis_sim.fidelity.ledger.trial import kept, raised

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Pair = tuple[str, str]
"""An operation and the code of an error it declares."""
Make = Callable[[], "Simulator"]
"""Makes the fresh simulators on which things are tried."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What one service declares and what of it was seen here.

    have: the operations we have, of ``of``. pairs: their declared errors. raised: pairs that
    occurred. listed: pairs with the reason why they do not occur. rules: the constraints of their
    inputs; kept: those whose breach the gate named; vacuous: those that no value can break.
    """

    service: str
    have: tuple[str, ...]
    of: tuple[str, ...]
    pairs: tuple[Pair, ...]
    raised: tuple[Pair, ...]
    listed: dict[Pair, str]
    rules: tuple[Rule, ...]
    kept: tuple[Rule, ...]
    vacuous: tuple[Rule, ...]

    def counts(self) -> dict[str, list[int]]:
        """The counts by kind.

        ``{"operations": [have, of], "errors": [raised, listed, of], "constraints": [tested, of]}``.
        """
        return {
            "operations": [len(self.have), len(self.of)],
            "errors": [len(self.raised), len(self.listed), len(self.pairs)],
            "constraints": [len(self.kept), len(self.rules)],
        }


def entry(service: str, make: Make) -> LedgerEntry:
    """Try everything a service's model declares for the operations we have (some seconds)."""
    sim = make()
    have = sim.gate.operations(service)
    pairs = declared(service, have)
    all_rules = tuple(r for name in have for r in rules(model.operation(service, name)))
    return LedgerEntry(
        service=service,
        have=have,
        of=model.operations(service),
        pairs=pairs,
        raised=tuple(pair for pair in pairs if raised(make(), service, *pair)),
        listed=reasons(service, pairs),
        rules=all_rules,
        kept=tuple(r for r in all_rules if not r.vacuous and kept(sim, service, r)),
        vacuous=tuple(r for r in all_rules if r.vacuous),
    )


def declared(service: str, operations: tuple[str, ...]) -> tuple[Pair, ...]:
    """Every (operation, error) pair that the model declares for some operations."""
    return tuple(
        (name, code) for name in operations for code in model.declared_errors(service, name)
    )


def reasons(service: str, pairs: tuple[Pair, ...]) -> dict[Pair, str]:
    """Why pairs are not raised, as the service's data file has it."""
    book = BOOKS.get(service, {})
    found: dict[Pair, str] = {}
    for row in reason_rows(service):
        for operation, code in pairs:
            if code not in row["errors"]:
                continue
            anyone = row["operations"] == "*" and (operation, code) not in book
            if anyone or operation in row["operations"]:
                found.setdefault((operation, code), row["reason"])
    return found


@cache
def reason_rows(service: str) -> tuple[dict[str, Any], ...]:
    """The rows of a service's data file; none when it has no file."""
    file = resources.files(__package__).joinpath(f"{service}.toml")
    if not file.is_file():
        return ()
    return tuple(tomllib.loads(file.read_text(encoding="utf-8"))["not_raised"])
