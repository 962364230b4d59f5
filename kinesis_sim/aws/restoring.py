"""Having again what a data folder keeps: its inputs are replayed, and kept on from there.

The clock begins where it began, is moved by hand through all that happened, and is handed over to
whatever it follows. One that runs with the wall has gone on meanwhile; any other stood still.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.outside import World
from kinesis_sim.aws.replay import Replay
from kinesis_sim.clock import Clock
from kinesis_sim.instants import written
from kinesis_sim.journal.folder import Folder

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


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
    sim: Simulator, path: Path, settings: dict[str, Any], *, fsync: bool = True
) -> RestoredFolder:
    """Have a new simulator keep all in a folder from now on, after what is there already came back.

    settings: what the simulator was made with. Raises UsageError for a folder of another version,
    Region, account or seed, one that is damaged, or one that another server has.
    """
    wall = Clock.wall()
    begun = wall.now
    start = {"start": sim.clock.now, "wall": begun}
    folder = Folder(path, {**settings, **start}, fsync=fsync)
    try:
        replay = _replayed(sim, folder)
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


def _replayed(sim: Simulator, folder: Folder) -> Replay:
    sim.clock.begin_at(int(folder.settings["start"]))
    sim.errands.replaying = True
    replay = Replay(sim, World())
    with sim.lock:
        replay.run(folder.entries())
    return replay


def _resumed(rate: float, at: int, folder: Folder, wall: int) -> int:
    """The instant to go on from (epoch ms)."""
    since = folder.last_wall()
    if since is None:
        since = int(folder.settings["wall"])
    return at + max(0, wall - since) if rate == 1 else at
