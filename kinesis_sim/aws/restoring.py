"""Having again what a data folder keeps: its inputs are replayed, and kept on from there.

The clock begins where it began, is moved by hand through all that happened, and is handed over to
whatever it follows. One that runs with the wall has gone on meanwhile; any other stood still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.outside import World
from kinesis_sim.aws.replay import Replay
from kinesis_sim.clock import Clock
from kinesis_sim.instants import SECOND, written
from kinesis_sim.journal.entry import Entry
from kinesis_sim.journal.folder import Folder
from kinesis_sim.journal.folding import weight

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


_EVERY = 256
"""Entries between two looks at the machine's clock."""


@dataclass(frozen=True, slots=True)
class RestoredFolder:
    """What a folder gave back.

    entries: inputs; ms: how long it took; at: the instant of the last one (epoch ms); lost: bytes
    of an unfinished write that were dropped.
    """

    path: Path
    entries: int
    streams: int
    ms: int
    at: int
    lost: int

    def __str__(self) -> str:
        if not self.entries:
            return f"Kept in {self.path}, which is new."
        told = (
            f"Kept in {self.path}: {self.entries} calls up to {written(self.at)} came back in "
            f"{self.ms / 1000:.1f} s ({self.streams} data streams)."
        )
        if self.lost:
            told += f" An unfinished write of {self.lost} bytes was dropped."
        return told


def keep(
    sim: Simulator,
    path: Path,
    settings: dict[str, Any],
    *,
    fsync: bool = True,
    tell: Callable[[str], object] | None = None,
) -> RestoredFolder:
    """Have a new simulator keep all in a folder from now on, after what is there already came back.

    settings: what the simulator was made with. tell: told how far it is where it takes long. Raises
    UsageError for a folder of another version, Region, account or seed, one that is damaged, or one
    that another server has.
    """
    wall = Clock.wall()
    begun = wall.now
    start = {"start": sim.clock.now, "wall": begun}
    folder = Folder(path, {**settings, **start}, fsync=fsync)
    try:
        replay = _replayed(sim, folder, None if tell is None else WayBack(folder, wall, tell))
    except BaseException:
        folder.close()
        raise
    at = replay.at
    sim.clock.hand_over(_resumed(sim.clock.rate_then, at, folder, wall.now))
    sim.inputs.resume(folder.write, replay.entries, replay.slots, folder.ready)
    sim.folder = folder
    with sim.lock:
        replay.end_streams()
        sim.errands.go_on()
        for name in sim.services.names:
            _ = sim.services[name]
    folder.flush()
    streams = sum(len(each.streams.streams) for each in sim.accounts.all_regions())
    return RestoredFolder(path, replay.entries, streams, wall.now - begun, at, folder.lost)


class WayBack:
    """Tells how far a long way back is: after SECONDS, and as often again.

    wall: the machine's clock.
    """

    SECONDS = 5

    def __init__(self, folder: Folder, wall: Clock, tell: Callable[[str], object]) -> None:
        self._folder, self._wall, self._tell = folder, wall, tell
        self._begun = self._told = wall.now
        self._looks = self._taken = 0

    def look(self, entry: Entry) -> None:
        """One more is to be taken."""
        self._looks, self._taken = self._looks + 1, self._taken + weight(entry)
        if self._looks % _EVERY or self._wall.now < self._told + self.SECONDS * SECOND:
            return
        self._told = self._wall.now
        took = (self._told - self._begun) // SECOND
        self._tell(
            f"Taking again what {self._folder.path} keeps: {self._taken} calls in {took} s, of "
            f"{self._folder.newest_row} or a few more."
        )


def _replayed(sim: Simulator, folder: Folder, way: WayBack | None) -> Replay:
    sim.clock.begin_at(int(folder.settings["start"]))
    sim.errands.replaying = True
    replay = Replay(sim, World(), None if way is None else way.look)
    sim.inputs.tell_found(folder.found)
    with sim.lock:
        replay.run(folder.entries())
    return replay


def _resumed(rate: float, at: int, folder: Folder, wall: int) -> int:
    """The instant to go on from (epoch ms)."""
    since = folder.last_wall()
    if since is None:
        since = int(folder.settings["wall"])
    return at + max(0, wall - since) if rate == 1 else at
