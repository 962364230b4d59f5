"""The plainest producer: a loop that calls PutRecord for each record and leaves retries to the SDK.

boto3's standard mode makes 3 attempts; before the i-th retry of a throttled call it waits
rand · min(1 s · 2^(i−1), 20 s) (facts/data-streams §9, BR). A worker makes one call at a time and
sits out its own back-off; records wait for a free worker. A worker's calls are 10 ms apart at
least (the latency model's figure): a hundred records a second each.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from kinesis_sim.streams.stream import Entry, Stream
from kinesis_sim.workloads.producers.load import Offered
from kinesis_sim.workloads.producers.producer import CALL_MS, Sender, at_least, backoff_ms


@dataclass(frozen=True)
class SdkLoop:
    """One PutRecord per record, by ``workers`` threads, with the SDK's own retries.

    attempts: calls per record at most. base_ms, cap_ms: the SDK's back-off. buffer: records that
    wait for a worker at most; further ones are dropped.
    """

    load: Offered
    workers: int = 1
    attempts: int = 3
    base_ms: int = 1_000
    cap_ms: int = 20_000
    call_ms: int = CALL_MS
    buffer: int = 100_000
    name: str = "sdk-loop"

    def __post_init__(self) -> None:
        at_least(workers=(self.workers, 1), attempts=(self.attempts, 1), buffer=(self.buffer, 0))
        at_least(base_ms=(self.base_ms, 0), cap_ms=(self.cap_ms, 0), call_ms=(self.call_ms, 1))

    def start(self, stream: Stream, chance: random.Random, begin: int) -> Sender:
        """A sender with idle workers."""
        return _Loop(self, stream, chance, begin)


class _Held(NamedTuple):
    """A record in a worker's hands: when it was offered, and how often it was refused."""

    entry: Entry
    born: int
    refused: int


class _Loop(Sender):
    def __init__(self, loop: SdkLoop, stream: Stream, chance: random.Random, begin: int) -> None:
        super().__init__(loop.name, stream, chance)
        self._loop = loop
        self._source = loop.load.start(chance, begin)
        self._last = begin
        self._queue: deque[_Held] = deque()
        self._idle = [begin] * loop.workers  # when each worker without a record became free
        self._backing_off: list[tuple[int, int, _Held]] = []  # due, order, record
        self._order = count()

    @property
    def buffered(self) -> int:
        return len(self._queue) + len(self._backing_off)

    def tick(self, now: int) -> None:
        self._take(now)
        backing_off, idle = self._backing_off, self._idle
        while backing_off and backing_off[0][0] <= now:
            due, _, held = heapq.heappop(backing_off)
            self._call(held, due, now)
        while self._queue and idle and idle[0] <= now:
            start = max(heapq.heappop(idle), self._last)
            self._call(self._queue.popleft(), start, now)
        self._last = now

    def _take(self, now: int) -> None:
        offered = self._source.take(now)
        self.counts.offered += len(offered)
        room = max(0, self._loop.buffer - len(self._queue))
        self.counts.dropped += max(0, len(offered) - room)
        self._queue.extend([_Held(entry, now, 0) for entry in offered[:room]])

    def _call(self, held: _Held, start: int, now: int) -> None:
        """One PutRecord that a worker begins at ``start``; it then is idle, or backs off."""
        counts, loop = self.counts, self._loop
        done = start + loop.call_ms
        counts.calls += 1
        counts.sent += 1
        counts.retried += held.refused > 0
        [(_shard, number)] = self._stream.put([held.entry], now, "PutRecord")
        refused = held.refused + 1
        if number is None and refused < loop.attempts:
            counts.throttled += 1
            wait = backoff_ms(refused, loop.base_ms, loop.cap_ms, self._chance)
            again = _Held(held.entry, held.born, refused)
            heapq.heappush(self._backing_off, (done + wait, next(self._order), again))
            return
        heapq.heappush(self._idle, done)
        if number is None:
            counts.throttled += 1
            counts.expired += 1
        else:
            counts.stored += 1
            counts.waited += now - held.born + loop.call_ms
