"""Rows of the picture from what was seen of a job, second by second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kinesis_sim.workloads.scenes.ride_job import RideJob, Second

SINKS = ("live", "books")


@dataclass(frozen=True, slots=True)
class Output:
    """A count that came into a sink at an instant (epoch ms); again: it stood there already."""

    at: int
    window: str
    again: bool


@dataclass(frozen=True, slots=True)
class KeptPoint:
    """A checkpoint, when it was taken (epoch ms) and the position that it holds."""

    at: int
    read: int


@dataclass(frozen=True, slots=True)
class Fall:
    """A crash: when, and the positions before and after it."""

    at: int
    lost: int
    back: int


class JobLife:
    """A job's last seconds. outputs: by sink; notes: what was done to it, and when."""

    def __init__(self, job: RideJob, shown_s: int) -> None:
        every: Sequence[Second] = job.seconds
        self.seconds = list(every[-shown_s:])
        begin = self.seconds[0].at if self.seconds else job.sim.clock.now
        self.outputs = {
            sink: [one for one in _outputs(every, sink) if one.at >= begin] for sink in SINKS
        }
        self.checkpoints = [one for one in _kept(every) if one.at >= begin]
        self.falls = [one for one in _falls(every, job.notes) if one.at >= begin]
        self.notes = [(at, what) for at, what in job.notes if at >= begin]

    def until(self, sink: str, at: int) -> tuple[int, int]:
        """Counts that had come into a sink, and how many of them again, of those that are shown."""
        found = [one for one in self.outputs[sink] if one.at <= at]
        return len(found), sum(one.again for one in found)


def _outputs(seconds: Sequence[Second], sink: str) -> list[Output]:
    found: list[Output] = []
    known: set[str] = set()
    count = 0
    for second in seconds:
        windows: tuple[str, ...] = getattr(second, sink)
        for window in windows[count:]:
            found.append(Output(second.at, window, window in known))
            known.add(window)
        count = len(windows)
    return found


def _kept(seconds: Sequence[Second]) -> list[KeptPoint]:
    found: list[KeptPoint] = []
    for second in seconds:
        if second.checkpoint is None or second.kept is None:
            continue
        if not found or found[-1].at != second.checkpoint:
            found.append(KeptPoint(second.checkpoint, second.kept))
    return found


def _falls(seconds: Sequence[Second], notes: Sequence[tuple[int, str]]) -> list[Fall]:
    crashes = {at for at, what in notes if what == "crash"}
    return [
        Fall(after.at, before.read, after.read)
        for before, after in pairwise(seconds)
        if before.at == after.at and after.at in crashes
        and before.read is not None and after.read is not None
    ]  # fmt: skip
