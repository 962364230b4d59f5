"""A producer that batches: PutRecords, and its own retry of the records that were refused.

The SDK sees HTTP 200 and does not retry failed entries (facts/data-streams §10.9): resending them
is this producer's work. What it sends again comes after an exponential back-off with full jitter,
on the simulated clock. Within a tick calls arrive in no particular order: retries and new records
that are due together are shuffled, so that neither always finds the room that is left.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kinesis_sim.streams.stream import Entry, Stream
from kinesis_sim.workloads.producers.load import Offered
from kinesis_sim.workloads.producers.producer import (
    CALL_MS,
    MOST_RECORDS,
    TICK_MS,
    Sender,
    at_least,
    backoff_ms,
    calls,
)


@dataclass(frozen=True)
class Batcher:
    """PutRecords of up to ``batch`` records, sent when full or ``linger_ms`` after the first.

    retries: how often a refused record is sent again, 0 for never. base_ms, cap_ms, jitter: the
    back-off between; without jitter all wait equally long and come back together. buffer: records
    waiting at most (new ones and those in back-off); further ones are dropped.
    """

    load: Offered
    batch: int = MOST_RECORDS
    linger_ms: int = 100
    retries: int = 10
    base_ms: int = 100
    cap_ms: int = 20_000
    jitter: bool = True
    buffer: int = 100_000
    call_ms: int = CALL_MS
    name: str = "batcher"

    def __post_init__(self) -> None:
        at_least(batch=(self.batch, 1), linger_ms=(self.linger_ms, 0), retries=(self.retries, 0))
        at_least(base_ms=(self.base_ms, 0), cap_ms=(self.cap_ms, 0), buffer=(self.buffer, 0))
        at_least(most_records_a_call=(MOST_RECORDS, self.batch), call_ms=(self.call_ms, 0))

    def start(self, stream: Stream, chance: random.Random, begin: int) -> Batching:
        """A sender with an empty buffer."""
        return Batching(self, stream, chance, begin)


class _Waiting(NamedTuple):
    """A record, when it was offered, and how often it was refused."""

    entry: Entry
    born: int
    refused: int


class Batching(Sender):
    """A batcher at work."""

    def __init__(self, batcher: Batcher, stream: Stream, chance: random.Random, begin: int) -> None:
        super().__init__(batcher.name, stream, chance)
        self.batcher = batcher
        self._source = batcher.load.start(chance, begin)
        self._fresh: list[tuple[int, list[Entry]]] = []  # by the tick in which they came
        self._fresh_count = 0
        self._backing_off: dict[int, list[_Waiting]] = {}  # by the tick (epoch ms) they are due
        self._backing_off_count = 0

    def follow(self, batcher: Batcher) -> None:
        """Go on by another description's settings; its load, and what waits, stay as they are."""
        self.batcher = batcher

    @property
    def buffered(self) -> int:
        """Records in the batch and in back-off."""
        return self._fresh_count + self._backing_off_count

    def tick(self, now: int) -> None:
        """Take what was offered up to ``now`` (epoch ms) and send what is due."""
        self._take(now)
        again = self._due(now)
        mixed = bool(again)
        if self._is_time(now):
            fresh, self._fresh, self._fresh_count = self._fresh, [], 0
            if not again and len(fresh) == 1:
                self._send_fresh(fresh[0][1], fresh[0][0], now)
                return
            again += [_Waiting(entry, born, 0) for born, entries in fresh for entry in entries]
        if mixed:
            self._chance.shuffle(again)
        if again:
            self._send(again, now)

    def _take(self, now: int) -> None:
        offered = self._source.take(now)
        if not offered:
            return
        self.counts.offered += len(offered)
        room = max(0, self.batcher.buffer - self.buffered)
        if len(offered) > room:
            self.counts.dropped += len(offered) - room
            offered = offered[:room]
        self._fresh.append((now, offered))
        self._fresh_count += len(offered)

    def _is_time(self, now: int) -> bool:
        """Whether a batch is full, or its first record has waited long enough."""
        if not self._fresh:
            return False
        # A record came at most one tick before the call that brought it.
        full = self._fresh_count >= self.batcher.batch
        return full or now - self._fresh[0][0] + TICK_MS >= self.batcher.linger_ms

    def _due(self, now: int) -> list[_Waiting]:
        """Records whose back-off is over."""
        found: list[_Waiting] = []
        for due in sorted(due for due in self._backing_off if due <= now):
            found += self._backing_off.pop(due)
        self._backing_off_count -= len(found)
        return found

    def _send_fresh(self, entries: list[Entry], born: int, now: int) -> None:
        """First attempts, all offered together: the quick way, nothing is kept per record."""
        counts = self.counts
        for part in calls(entries, self.batcher.batch):
            placed = self._stream.put(part, now)
            failed = [
                entry for entry, (_, number) in zip(part, placed, strict=True) if number is None
            ]
            stored = len(part) - len(failed)
            counts.calls += 1
            counts.sent += len(part)
            counts.stored += stored
            counts.waited += stored * (now - born + self.batcher.call_ms)
            if failed:
                self._refused([_Waiting(entry, born, 0) for entry in failed], now)

    def _send(self, waiting: Sequence[_Waiting], now: int) -> None:
        counts = self.counts
        first = 0
        for part in calls([each.entry for each in waiting], self.batcher.batch):
            senders = waiting[first : first + len(part)]
            first += len(part)
            placed = self._stream.put(part, now)
            failed = []
            for each, (_, number) in zip(senders, placed, strict=True):
                counts.retried += each.refused > 0
                if number is None:
                    failed.append(each)
                else:
                    counts.waited += now - each.born + self.batcher.call_ms
            counts.calls += 1
            counts.sent += len(part)
            counts.stored += len(part) - len(failed)
            if failed:
                self._refused(failed, now)

    def _refused(self, failed: list[_Waiting], now: int) -> None:
        """The failed entries of a call: each is given up, or draws a back-off of its own."""
        batcher, backing_off = self.batcher, self._backing_off
        self.counts.throttled += len(failed)
        kept = 0
        for entry, born, refused in failed:
            if refused >= batcher.retries:
                continue
            wait = backoff_ms(
                refused + 1, batcher.base_ms, batcher.cap_ms, self._chance, jitter=batcher.jitter
            )
            due = -(-(now + batcher.call_ms + wait) // TICK_MS) * TICK_MS
            backing_off.setdefault(due, []).append(_Waiting(entry, born, refused + 1))
            kept += 1
        self._backing_off_count += kept
        self.counts.expired += len(failed) - kept
