"""``sim.save(path)`` and ``Simulator.load(path)``: a simulator in a file, and back.

A loaded simulator stands still at the instant at which it was saved, whatever clock it had.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.latency import Latency
from kinesis_sim.aws.neighbours import USED
from kinesis_sim.aws.outside import World
from kinesis_sim.aws.replay import Replay
from kinesis_sim.clock import Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import SECOND
from kinesis_sim.journal import saved
from kinesis_sim.journal.entry import encoded
from kinesis_sim.journal.memory import Memory

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_EVERY = 256
"""Steps of the clock between two looks at how long a load takes."""


def save(sim: Simulator, path: str | Path) -> int:
    """Write a simulator's file; its bytes. Raises UsageError for what cannot be saved, by name."""
    sim = sim.accounts.home  # a Region is a part of its account
    memory = sim.memory
    if memory is None:
        raise UsageError("This simulator remembers no inputs; make it with Simulator(remember=64).")
    if memory.full:
        raise UsageError(
            f"More came in than the {memory.room >> 20} MiB that this simulator remembers; make it "
            "with a larger Simulator(remember=…), in MiB."
        )
    if sim.inputs.strange:
        raise UsageError(
            f"This simulator cannot be saved, because it holds {'; '.join(sim.inputs.strange)}."
        )
    if sim.clock.is_firing:
        raise UsageError("The clock is moving; save once the move is over.")
    with sim.lock:
        sim.clock.catch_up()
        end = encoded(sim.inputs.place("end", []))
        return saved.write(path, _settings(sim), chain(memory, [end]))


def _settings(sim: Simulator) -> dict[str, Any]:
    made = sim.made_with
    latency = sim.latency
    for name in ("delays", "limits"):
        if not isinstance(made[name], str | dict):
            raise UsageError(f"{name}={made[name]!r} cannot be saved; give a name or a dict.")
    if latency is not None and type(latency) is not Latency:
        raise UsageError(f"latency={latency!r} cannot be saved; give Latency(data=…, control=…).")
    return {
        **made,
        "latency": None if latency is None else [latency.data, latency.control],
    }


def load(path: str | Path, make: Callable[..., Simulator], seconds: float) -> Simulator:
    """The simulator of a file. make: Simulator. seconds: how long it may take.

    Raises UsageError for a file that is none, costs too much, or was made by a version that came to
    another state.
    """
    found = saved.read(path)
    sim = _made(path, found.settings, make)
    _refuse_used(sim.account)
    patience = _Patience(seconds)
    sim.errands.replaying = True
    replay = Replay(sim, World(), patience.look)
    memory = Memory(max(sim.memory.room if sim.memory else 0, 2 * found.size))
    sim.clock.begin_at(sim.clock.now)
    accounts = {sim.account}
    try:
        with sim.clock.looked_at(patience.step):
            for entry in found.entries():
                account = entry.place.partition("/")[0]
                if account and account not in accounts:
                    _refuse_used(account)
                    accounts.add(account)
                if entry.kind != "end":
                    memory.write_packed(encoded(entry))
                replay.run([entry])
    except RecursionError:
        raise UsageError(f"{path} cannot be taken: it nests too deeply.") from None
    sim.clock.hand_over(replay.at)
    sim.errands.go_on()
    sim.memory = memory
    sim.inputs.resume(memory.write, replay.entries - 1, replay.slots)
    sim.inputs.end_when(lambda: memory.full)
    return sim


def _refuse_used(account: str) -> None:
    if account in USED:
        raise UsageError(
            f"This process has buckets, tables or keys of account {account} already, which the "
            "file would add to: load it in a new process, such as a restarted kernel."
        )


def _made(path: str | Path, settings: dict[str, Any], make: Callable[..., Simulator]) -> Simulator:
    known = {"start", "region", "account", "seed", "latency", "delays", "limits"}
    if settings.keys() != known:
        raise UsageError(f"{path} does not say how its simulator was made: it is damaged.")
    latency = settings["latency"]
    try:
        if latency is not None:
            data, control = latency
            latency = Latency(data, control)
        return make(**{**settings, "latency": latency}, remember=0)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{path} names a simulator that cannot be: {error}") from None


class _Patience:
    """Ends a load that takes too long."""

    def __init__(self, seconds: float) -> None:
        self._wall = Clock.wall()
        self._seconds = seconds
        self._until = self._wall.now + round(seconds * SECOND)
        self._steps = 0

    def look(self, entry: object) -> None:
        if self._wall.now > self._until:
            raise UsageError(
                f"Loading took longer than {self._seconds:g} s and was stopped; "
                "Simulator.load(path, seconds=…) allows more."
            )

    def step(self) -> None:
        self._steps += 1
        if not self._steps % _EVERY:
            self.look(None)
