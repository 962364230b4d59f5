"""A snapshot of all operators of a job, as a checkpoint or savepoint keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.refusals import SqlValidationError


@dataclass(frozen=True, slots=True)
class Snapshot:
    """operators: what each keeps, by its name; positions: how far each source had read."""

    operators: dict[str, dict[str, Any]]
    positions: dict[str, Any] = field(default_factory=dict)
    used_state: int = 0

    @staticmethod
    def of(operators: Mapping[str, Operator], positions: dict[str, Any] | None = None) -> Snapshot:
        """A copy of what operators keep now."""
        used = next((one.budget.used_state for one in operators.values()), 0)
        kept = {name: operator.snapshot() for name, operator in operators.items()}
        return Snapshot(kept, dict(positions or {}), used)

    def restore(
        self, operators: Mapping[str, Operator], *, allow_non_restored: bool = False
    ) -> None:
        """Have operators go on from here.

        An operator that is new begins empty. One that is gone fails the start, unless that is
        allowed (facts/analytics §9, AllowNonRestoredState): then its state is lost.
        """
        gone = sorted(set(self.operators) - set(operators))
        if gone and not allow_non_restored:
            raise SqlValidationError(
                f"The snapshot holds state of {', '.join(gone)}, which the job no longer has; "
                "allow non-restored state to start without it."
            )
        for name, kept in self.operators.items():
            if name in operators:
                operators[name].restore(kept)
        for operator in operators.values():
            operator.budget.used_state = self.used_state
            break
