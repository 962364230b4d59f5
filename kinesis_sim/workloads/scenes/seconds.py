"""What a stream and its readers did, second by second: a fold over the event log.

A reader's lag is how long ago the oldest record arrived that it has not processed. It is worked out
from checkpoints: this model numbers a shard's records 1, 2, 3 … within their sequence numbers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from kinesis_sim.events import Event
from kinesis_sim.streams import sequence
from kinesis_sim.streams.events import (
    LeaseMoved,
    RecordsPut,
    ShardCheckpointed,
    ShardClosed,
    ShardOpened,
)
from kinesis_sim.workloads.readers.leases import SHARD_END

HEARD = (RecordsPut, ShardCheckpointed, LeaseMoved, ShardOpened, ShardClosed)
"""The classes of events that the fold wants."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a reader is in a shard. lag: ms; processed: records in this second."""

    reader: str
    worker: str | None
    lag: int
    processed: int


@dataclass(frozen=True, slots=True)
class ShardSecond:
    """One shard's second: what it stored, what it refused (bytes with keys), and its readers."""

    shard: int
    records: int
    bytes: int
    throttled: int
    throttled_bytes: int
    readers: tuple[Reach, ...]

    @property
    def lag(self) -> int:
        """The largest lag of a reader (ms)."""
        return max((reach.lag for reach in self.readers), default=0)


@dataclass(slots=True)
class _Open:
    """A shard since it opened; ``arrived``: (records so far, epoch ms) for what nobody may skip."""

    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    stored: int = 0
    arrived: deque[tuple[int, int]] = field(default_factory=deque)
    closed: bool = False
    processed: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    workers: dict[str, str] = field(default_factory=dict)


class Seconds:
    """The fold. readers: names of the applications whose checkpoints count.

    It has to see the stream's events from its creation on; ``close`` ends a second.
    """

    def __init__(self, stream: str, readers: Sequence[str]) -> None:
        self._stream = stream
        self._readers = tuple(readers)
        self._shards: dict[int, _Open] = {}
        self._moves: list[LeaseMoved] = []

    def __call__(self, event: Event) -> None:
        """Take one event of the log."""
        match event:
            case RecordsPut(stream=self._stream):
                self._put(event)
            case ShardCheckpointed(stream=self._stream):
                self._checkpointed(event)
            case LeaseMoved(stream=self._stream):
                self._shards[event.shard].workers[event.application] = event.became
                self._moves.append(event)
            case ShardOpened(stream=self._stream):
                self._shards[event.shard] = _Open()
            case ShardClosed(stream=self._stream):
                self._shards[event.shard].closed = True

    def close(self, now: int) -> tuple[tuple[ShardSecond, ...], tuple[LeaseMoved, ...]]:
        """End a second at ``now`` (epoch ms): its shards, and the leases that moved in it.

        A closed shard is left out once every reader is through with it.
        """
        rows = tuple(self._row(number, shard, now) for number, shard in self._shards.items())
        moves, self._moves = tuple(self._moves), []
        self._shards = {n: shard for n, shard in self._shards.items() if not self._is_done(shard)}
        return rows, moves

    def _put(self, event: RecordsPut) -> None:
        for share in event.shares:
            shard = self._shards[share.shard]
            amounts = (share.records, share.bytes, share.throttled, share.throttled_bytes)
            shard.counts = [a + b for a, b in zip(shard.counts, amounts, strict=True)]
            if share.records:
                shard.stored += share.records
                shard.arrived.append((shard.stored, event.at))

    def _checkpointed(self, event: ShardCheckpointed) -> None:
        shard = self._shards.get(event.shard)
        if shard is None:
            return
        ended = event.checkpoint == SHARD_END
        shard.processed[event.application] = (
            shard.stored if ended else sequence.parse(event.checkpoint).index
        )

    def _row(self, number: int, shard: _Open, now: int) -> ShardSecond:
        least = min(shard.processed.get(reader, 0) for reader in self._readers)
        while shard.arrived and shard.arrived[0][0] <= least:
            shard.arrived.popleft()
        readers = tuple(_reach(reader, shard, now) for reader in self._readers)
        counts, shard.counts = shard.counts, [0, 0, 0, 0]
        shard.before = dict(shard.processed)
        records, size, throttled, throttled_size = counts
        return ShardSecond(number, records, size, throttled, throttled_size, readers)

    def _is_done(self, shard: _Open) -> bool:
        done = all(shard.processed.get(reader, 0) >= shard.stored for reader in self._readers)
        return shard.closed and done


def _reach(reader: str, shard: _Open, now: int) -> Reach:
    place = shard.processed.get(reader, 0)
    oldest = next((at for stored, at in shard.arrived if stored > place), now)
    processed = max(0, place - shard.before.get(reader, 0))
    return Reach(reader, shard.workers.get(reader), now - oldest, processed)
