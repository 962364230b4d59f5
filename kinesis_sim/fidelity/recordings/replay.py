"""Scenes carried out: each request at its instant, each answer beside the recorded one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.fidelity.recordings.book import RecordedScene, Recording
from kinesis_sim.fidelity.recordings.callers import Requester, in_process
from kinesis_sim.fidelity.recordings.pattern import (
    Names,
    NotGiven,
    differences,
    filled,
    fits,
    of_parts,
)
from kinesis_sim.fidelity.recordings.stage import Stage

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Make = Callable[[], "Simulator"]
"""Makes the fresh simulators in which scenes begin: manual clock, no latency of its own."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recording and how our answer differs from it, a line each; nothing of one not made."""

    scene: RecordedScene
    row: Recording
    differences: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """``equal``, ``differs`` or ``not simulated``."""
        if self.row.not_simulated is not None:
            return "not simulated"
        return "differs" if self.differences else "equal"

    @property
    def name(self) -> str:
        """The row in one line."""
        row = self.row
        return f"{self.scene.title} #{row.number} {row.service}.{row.operation}"


def replay(scene: RecordedScene, sim: Simulator, caller: Requester | None = None) -> list[Replayed]:
    """Carry out a scene in a fresh simulator; the outcomes of its rows in order.

    caller: makes the requests; through boto3 in process when left out.
    """
    caller = caller or in_process(sim)
    stage = Stage(sim)
    names: Names = {"account": sim.account, "region": sim.region}
    start = sim.clock.now
    outcomes = []
    for row in (*scene.before, *scene.rows):
        if row.not_simulated is not None:
            outcomes.append(Replayed(scene, row, ()))
            continue
        ahead = start + row.at - sim.clock.now
        if ahead > 0:
            sim.advance(milliseconds=ahead)
        found = _compared(scene, row, sim, caller, stage, names)
        if not row.setup:
            outcomes.append(Replayed(scene, row, tuple(found)))
    counted = {id(row) for row in scene.rows}
    return [outcome for outcome in outcomes if id(outcome.row) in counted]


def _compared(
    scene: RecordedScene,
    row: Recording,
    sim: Simulator,
    caller: Requester,
    stage: Stage,
    names: Names,
) -> list[str]:
    try:
        ask: dict[str, Any] = filled(row.ask, names, sim.clock.now / 1000)
    except NotGiven as missing:
        return [str(missing)]
    try:
        if row.service == "function":
            answer = stage(row.operation, ask)
        else:
            answer = caller(row.service, row.operation, ask, row.region or sim.region, row.raw)
    except ServiceError as error:
        if row.setup:
            raise
        return list(_refusal(row, error, names))
    if row.refused is not None:
        return [f"recorded {row.refused[0]}: {row.refused[1]}; here it succeeds"]
    recorded = row.gives if row.gives is not None else {}
    if row.setup and row.gives is None:
        return []
    return list(differences(recorded, answer, names, scene.source.newer))


def _refusal(row: Recording, error: ServiceError, names: Names) -> list[str]:
    if row.refused is None:
        return [f"recorded a success; here {error.code}: {error.message}"]
    code, text = row.refused
    said = text is None or (
        fits(text, error.message, names)
        if isinstance(text, str)
        else of_parts(text, error.message, names)
    )
    if code != error.code or not said:
        return [f"recorded {code}: {text}; here {error.code}: {error.message}"]
    return []
