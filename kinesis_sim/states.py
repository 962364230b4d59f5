"""Lives told as tables: which states something has, and what leads from one to the next.

Laws
1. A state changes by a step that its table has; any other step is refused and changes nothing.
2. What is gone (None) takes no step.
3. Whoever draws a life reads the same table that the code follows.

Each room keeps its tables in its ``states`` module; ``kinesis_sim.state_tables`` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

S = TypeVar("S", bound=Enum)


class StepRefused(LookupError):
    """A step that a table lacks: a fault of this package, never of a caller."""


@dataclass(frozen=True, slots=True)
class StateTable(Generic[S]):
    """The life of one kind of thing.

    name: what lives, as one word of the API's ("delivery stream"). transitions: for each state,
    what leads on and where to; None: it is gone. unreached: states that the API has and this model
    never enters, each with the reason.
    """

    name: str
    initial: S
    transitions: Mapping[S, Mapping[str, S | None]]
    unreached: Mapping[S, str] = field(default_factory=dict)

    @property
    def states(self) -> tuple[S, ...]:
        """Its states in the table's order, the initial one wherever it stands."""
        return tuple(self.transitions)

    def __iter__(self) -> Iterator[tuple[S, str, S | None]]:
        """Every transition: from where, by what, to where."""
        for state, row in self.transitions.items():
            for why, to in row.items():
                yield state, why, to

    def after(self, state: S | None, why: str) -> S | None:
        """The state after a step. Raises StepRefused for one that the table lacks."""
        if state is None:
            raise StepRefused(f"A {self.name} that is gone cannot take the step {why!r}.")
        row = self.transitions.get(state, {})
        if why not in row:
            known = ", ".join(map(repr, row)) or "nothing"
            raise StepRefused(
                f"A {self.name} that is {state.value} cannot take the step {why!r}: {known} leads "
                "on from there."
            )
        return row[why]

    def why(self, state: S, to: S | None) -> str:
        """The first step that leads from one state to another. Raises StepRefused when none does.

        For what is decided by its goal, as an alarm's state is.
        """
        for why, target in self.transitions.get(state, {}).items():
            if target is to:
                return why
        goal = "gone" if to is None else to.value
        raise StepRefused(f"No step leads a {self.name} from {state.value} to {goal}.")


class Life(Generic[S]):
    """Where one thing is in the life that its table tells. state: None once it is gone."""

    __slots__ = ("_state", "_table")

    def __init__(self, table: StateTable[S]) -> None:
        self._table = table
        self._state: S | None = table.initial

    @property
    def state(self) -> S | None:
        """The state it is in."""
        return self._state

    @property
    def name(self) -> str:
        """The state as the API writes it; "gone" at the end."""
        return "gone" if self._state is None else str(self._state.value)

    def step(self, why: str) -> S | None:
        """Take a step; the state it leads to. Raises StepRefused for one that the table lacks."""
        self._state = self._table.after(self._state, why)
        return self._state
