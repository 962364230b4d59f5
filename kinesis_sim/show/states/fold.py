"""The way that something took through its table of states: a fold over the event log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.events import AlarmChanged
from kinesis_sim.errors import UsageError
from kinesis_sim.events import Event
from kinesis_sim.firehose.events import DeliveryStreamChanged, EncryptionChanged
from kinesis_sim.state_tables import state_tables
from kinesis_sim.states import StateTable, StepRefused
from kinesis_sim.streams.events import ConsumerChanged, StatusChanged

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Table = StateTable[Any]
TOLD: dict[str, tuple[type[Event], Callable[[Any], str]]] = {
    "stream": (StatusChanged, lambda event: event.stream),
    "consumer": (ConsumerChanged, lambda event: event.consumer),
    "delivery stream": (DeliveryStreamChanged, lambda event: event.stream),
    "encryption": (EncryptionChanged, lambda event: event.stream),
    "alarm": (AlarmChanged, lambda event: event.alarm),
}
"""By table: the event that tells of a change, and whom it is about. A new life needs one line."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A state that it came to.

    at: epoch ms; state: as the API writes it, "" once it is gone; why: the step that led there, ""
    at the beginning.
    """

    at: int
    state: str
    why: str = ""


def table_of(name: str) -> Table:
    """The table of that name; UsageError when there is none."""
    tables = state_tables()
    if name not in tables:
        raise UsageError(f"states({name!r}): choose {', '.join(map(repr, tables))}.")
    return tables[name]


def way(sim: Simulator, of: str, name: str) -> tuple[Stop, ...]:
    """Where the thing of that name has been, the present last; one made anew starts afresh.

    Raises UsageError for a table whose changes no event tells, and for a name never heard of.
    """
    table = table_of(of)
    if of not in TOLD:
        raise UsageError(f"live_states({of!r}): choose {', '.join(map(repr, TOLD))}.")
    kind, named = TOLD[of]
    stops: list[Stop] = []
    for event in sim.events.of(kind):
        if named(event) == name:
            stops = _after(stops, table, event)
    if not stops:
        raise UsageError(f"live_states({of!r}, {name!r}): nothing of that name changed its state.")
    return tuple(stops)


def _after(stops: list[Stop], table: Table, event: Any) -> list[Stop]:
    """The way with one change more. Created again, or never seen before: it begins here."""
    state = event.became or ""
    initial = str(table.initial.value)
    was = stops[-1].state if stops else ""
    if not was and state != initial:
        stops = [Stop(event.at, getattr(event, "was", None) or initial)]
    elif not was:
        return [Stop(event.at, state)]
    return [*stops, Stop(event.at, state, why(table, stops[-1].state, state))]


def why(table: Table, was: str, became: str) -> str:
    """The step that leads from one state to another; "" when the table has none."""
    kind = type(table.initial)
    try:
        return table.why(kind(was), kind(became) if became else None)
    except StepRefused:
        return ""
