"""Where every reader of a stream was, at any instant: a fold over the event log.

A reader's place is the oldest record that it has not dealt with; its lag is that record's age. What
counts is what it wrote down (a checkpoint), since that is where it, or its successor, goes on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import get_args

from kinesis_sim.events import EventLog
from kinesis_sim.mappings.events import BatchGivenUp, FunctionInvoked, PlaceMoved
from kinesis_sim.streams import sequence
from kinesis_sim.streams.events import (
    LeaseMoved,
    RecordsPushed,
    ShardCheckpointed,
    WorkerChanged,
)
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.stream import Stream
from kinesis_sim.workloads.readers.leases import SHARD_END

Kind = str
"""What a reader is: "poller", "kcl", "fan-out" or "lambda"."""
Place = tuple[str, int]
OfReaders = (
    ShardCheckpointed | LeaseMoved | WorkerChanged | PlaceMoved | FunctionInvoked | BatchGivenUp
)

KINDS: tuple[type[OfReaders], ...] = get_args(OfReaders)
"""The classes of events that the fold takes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A reader on a shard at an instant.

    place: when the oldest record arrived that it has not dealt with (epoch ms), the instant itself
    when there is none; lag: ms; waiting: records; worker: who holds the lease; state: "", "crashed"
    (nobody reads) or "failing" (a function that raises).
    """

    reader: str
    shard: int
    place: int
    lag: int
    waiting: int
    worker: str | None
    state: str


@dataclass(slots=True)
class Track:
    """What happened over time, to be looked up: (since when, what), oldest first."""

    times: list[int] = field(default_factory=list)
    values: list[str | int] = field(default_factory=list)

    def add(self, at: int, value: str | int) -> None:
        """From ``at`` on, this."""
        self.times.append(at)
        self.values.append(value)

    def at(self, instant: int) -> str | int | None:
        """What held at an instant; None before the first."""
        place = bisect_right(self.times, instant)
        return self.values[place - 1] if place else None


class Readers:
    """Every reader that wrote down a place in a stream.

    kinds: what each reader is, in order of appearance; moves: leases that changed hands; workers:
    what became of workers; given_up: batches that mappings let go; whole_from: since when every
    place is known (epoch ms), None for all; before, only the last one of each reader is.
    """

    def __init__(self, stream: Stream, events: EventLog) -> None:
        self.kinds: dict[str, Kind] = {}
        self.moves: list[LeaseMoved] = []
        self.workers: list[WorkerChanged] = []
        self.given_up: list[BatchGivenUp] = []
        self._shards: dict[int, Shard] = {shard.index: shard for shard in stream.shards}
        self._processed: dict[Place, Track] = defaultdict(Track)
        self._holders: dict[Place, Track] = defaultdict(Track)
        self._outcomes: dict[Place, Track] = defaultdict(Track)
        self._alive: dict[tuple[str, str], Track] = defaultdict(Track)
        pushed = {e.consumer for e in events.of(RecordsPushed, stream=stream.name)}
        self.whole_from = events.whole_from(*KINDS, stream=stream.name)
        for event in events.of(*KINDS, stream=stream.name):
            if event.at >= stream.created_at:
                self._take(event, pushed)

    def _take(self, event: object, pushed: set[str]) -> None:
        match event:
            case ShardCheckpointed(application=name, shard=shard):
                self.kinds.setdefault(name, "fan-out" if name in pushed else "poller")
                self._processed[name, shard].add(event.at, self._count(event))
            case LeaseMoved(application=name, shard=shard, became=worker):
                self.kinds[name] = "kcl"
                self._holders[name, shard].add(event.at, worker)
                self.moves.append(event)
            case WorkerChanged(application=name, worker=worker, became=state):
                self._alive[name, worker].add(event.at, state)
                self.workers.append(event)
            case PlaceMoved():
                name = self._known(event.function)
                done = sequence.parse(event.sequence_number).index
                self._processed[name, _number(event.shard)].add(event.at, done)
            case FunctionInvoked():
                name = self._known(event.function)
                self._outcomes[name, _number(event.shard)].add(event.at, event.outcome)
            case BatchGivenUp():
                self.given_up.append(event)

    def _known(self, function: str) -> str:
        name = function.rpartition(":")[2]
        self.kinds.setdefault(name, "lambda")
        return name

    def _count(self, event: ShardCheckpointed) -> int:
        if event.checkpoint == SHARD_END:
            return self._shards[event.shard].log.end
        return sequence.parse(event.checkpoint).index

    def spot(self, reader: str, shard: int, instant: int) -> Spot | None:
        """Where a reader was at an instant (epoch ms); None before it had a place there."""
        done = self._processed[reader, shard].at(instant)
        if done is None:
            return None
        log = self._shards[shard].log
        arrived, first = log.at_or_after(instant + 1), max(int(done), log.first)
        place = log.time_at(first) if first < arrived else instant
        holder = self._holders[reader, shard].at(instant)
        worker = None if holder is None else str(holder)
        return Spot(
            reader,
            shard,
            place,
            instant - place,
            max(0, arrived - int(done)),
            worker,
            self._state(reader, shard, worker, instant),
        )

    def _state(self, reader: str, shard: int, worker: str | None, instant: int) -> str:
        if worker is not None and self._alive[reader, worker].at(instant) == "crashed":
            return "crashed"
        outcome = self._outcomes[reader, shard].at(instant)
        return "failing" if outcome not in (None, "ok") else ""

    def crashed_at(self, worker: str, instant: int) -> int | None:
        """When a worker that is down at an instant was lost (epoch ms)."""
        own = [event for event in self.workers if event.worker == worker and event.at <= instant]
        return own[-1].at if own and own[-1].became == "crashed" else None


def _number(shard_id: str) -> int:
    return int(shard_id.rpartition("-")[2])
