"""A snapshot of all operators of a job, as a checkpoint or savepoint keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.operators.operator import NEVER, Operator
from kinesis_sim.analytics.refusals import SqlValidationError


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Rows that a sink had not sent yet. columns: what they are made of; rows: kind and values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """operators: what each keeps, by its name; positions: how far each source had read.

    forms: what each operator's state is of, by its name; those that keep none have none. held: by
    table, what its sink had not sent yet. clock: the time that it was taken at (epoch ms).
    """

    operators: dict[str, dict[str, Any]]
    positions: dict[str, Any] = field(default_factory=dict)
    used_state: int = 0
    forms: dict[str, str] = field(default_factory=dict)
    held: dict[str, HeldRows] = field(default_factory=dict)
    clock: int = NEVER

    @staticmethod
    def of(
        operators: Mapping[str, Operator],
        positions: dict[str, Any] | None = None,
        *,
        clock: int = NEVER,
        held: dict[str, HeldRows] | None = None,
    ) -> Snapshot:
        """A copy of what operators keep now."""
        return Snapshot(
            operators={name: operator.snapshot() for name, operator in operators.items()},
            positions=dict(positions or {}),
            used_state=next((one.budget.used_state for one in operators.values()), 0),
            forms={name: one.form for name, one in operators.items() if one.form},
            held=dict(held or {}),
            clock=clock,
        )

    def restore(
        self, operators: Mapping[str, Operator], *, allow_non_restored: bool = False
    ) -> None:
        """Have operators go on from here.

        An operator that is new begins empty. State of one that is gone, or that is another's now,
        fails the start, unless that is allowed (facts/analytics §9, AllowNonRestoredState): then
        it is lost. Raises SqlValidationError.
        """
        lost = self._lost(operators)
        if lost and not allow_non_restored:
            raise SqlValidationError(
                f"{'; '.join(lost.values())}. Allow non-restored state to start without it."
            )
        for name, kept in self.operators.items():
            if name in operators and name not in lost:
                operators[name].restore(kept)
        for operator in operators.values():
            operator.budget.used_state = self.used_state
            break

    def _lost(self, operators: Mapping[str, Operator]) -> dict[str, str]:
        """State that has no place among these operators, and why."""
        lost = {}
        for name, form in self.forms.items():
            if name not in operators:
                lost[name] = f"The snapshot holds state of {name}, which the job no longer has"
            elif operators[name].form != form:
                lost[name] = f"The state of {name} is of another statement"
        return lost
