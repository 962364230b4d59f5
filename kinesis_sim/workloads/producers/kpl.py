"""A producer in the manner of the Kinesis Producer Library: aggregation, then collection.

Source: facts/data-streams §9 (KPL default_config.properties; DG22 on retries and rate limiting).
Aggregation packs user records that go to one shard into one Kinesis record; collection packs
Kinesis records into one PutRecords. What is refused goes back to the front of its shard's queue
with no back-off, until its TTL is over; a token bucket per shard holds it to RateLimit percent of
what a shard takes. Model's choices: an aggregate goes under the partition key of its first user
record; the bucket holds one second's worth; a user record that is alone is sent as it is.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kinesis_sim.account.aggregation import ENVELOPE_BYTES, UserRecord, aggregate
from kinesis_sim.account.hashing import hash_key
from kinesis_sim.streams.stream import Entry, Stream
from kinesis_sim.units import MIB
from kinesis_sim.workloads.producers.load import Offered
from kinesis_sim.workloads.producers.producer import (
    CALL_MS,
    MOST_RECORDS,
    TICK_MS,
    Sender,
    at_least,
)

SHARD_RECORDS, SHARD_BYTES = 1_000, MIB
"""What the KPL's limiter takes a shard for (facts/data-streams §4.1)."""
_KEPT_HASHES = 100_000


@dataclass(frozen=True)
class Kpl:
    """A producer with the KPL's defaults; names and values are those of its configuration.

    Bytes and milliseconds. rate_limit: percent of a shard. Counts are of user records.
    """

    load: Offered
    aggregation: bool = True
    aggregation_max_size: int = 51_200
    collection_max_count: int = 500
    collection_max_size: int = 5 * MIB
    record_max_buffered_time: int = 100
    record_ttl: int = 30_000
    rate_limit: int = 150
    call_ms: int = CALL_MS
    name: str = "kpl"

    def __post_init__(self) -> None:
        at_least(record_ttl=(self.record_ttl, 100), rate_limit=(self.rate_limit, 1))
        at_least(record_max_buffered_time=(self.record_max_buffered_time, 0))
        at_least(aggregation_max_size=(self.aggregation_max_size, 64))
        at_least(collection_max_size=(self.collection_max_size, 1), call_ms=(self.call_ms, 0))
        at_least(collection_max_count=(self.collection_max_count, 1))
        at_least(most_records_a_call=(MOST_RECORDS, self.collection_max_count))

    def start(self, stream: Stream, chance: random.Random, begin: int) -> Sender:
        """A sender with empty buffers."""
        return _Library(self, stream, chance, begin)


class _Sealed(NamedTuple):
    """A Kinesis record ready to go, with what it carries: count and births of user records."""

    entry: Entry
    size: int
    users: int
    born: int
    births: int
    refused: bool = False


@dataclass(slots=True)
class _Open:
    """An aggregate that is being filled. size: its bytes, about; births: added up."""

    since: int
    users: list[UserRecord] = field(default_factory=list)
    size: int = ENVELOPE_BYTES
    births: int = 0


class _Lane:
    """The queue of one shard, and its tokens."""

    __slots__ = ("at", "byte_tokens", "queue", "record_tokens")

    def __init__(self, now: int) -> None:
        self.queue: deque[_Sealed] = deque()
        self.record_tokens = self.byte_tokens = 0.0
        self.at = now

    def refill(self, now: int, share: float) -> None:
        """share: of a shard's limits, e.g. 1.5."""
        passed, self.at = (now - self.at) / 1000, now
        records, size = SHARD_RECORDS * share, SHARD_BYTES * share
        self.record_tokens = min(records, self.record_tokens + records * passed)
        self.byte_tokens = min(size, self.byte_tokens + size * passed)

    def pay(self, sealed: _Sealed) -> bool:
        """Take the tokens of a record, if there are any left (a large one may overdraw)."""
        if self.record_tokens < 1 or self.byte_tokens <= 0:
            return False
        self.record_tokens -= 1
        self.byte_tokens -= sealed.size
        return True


class _Library(Sender):
    def __init__(self, kpl: Kpl, stream: Stream, chance: random.Random, begin: int) -> None:
        super().__init__(kpl.name, stream, chance)
        self._kpl = kpl
        self._source = kpl.load.start(chance, begin)
        self._open: dict[int, _Open] = {}
        self._lanes: dict[int, _Lane] = {}
        self._hashes: dict[str, int] = {}
        self._buffered = 0

    @property
    def buffered(self) -> int:
        return self._buffered

    def tick(self, now: int) -> None:
        offered = self._source.take(now)
        self.counts.offered += len(offered)
        self._buffered += len(offered)
        for entry in offered:
            self._add(entry, now)
        for index in [i for i, opened in self._open.items() if self._is_time(opened, now)]:
            self._seal(index, now)
        sending = [pair for index in list(self._lanes) for pair in self._ready(index, now)]
        self._collect(sending, now)

    def _is_time(self, opened: _Open, now: int) -> bool:
        """A record came at most one tick before the call that brought it: hence TICK_MS."""
        return now - opened.since + TICK_MS >= self._kpl.record_max_buffered_time

    def _add(self, entry: Entry, now: int) -> None:
        data, key, explicit = entry
        user = UserRecord(key or "", data, explicit)
        index = self._stream.shard_for(self._hash(user)).index
        size = len(data) + len(user.key.encode())
        opened = self._open.get(index)
        too_full = opened is not None and (
            not self._kpl.aggregation or opened.size + size + 16 > self._kpl.aggregation_max_size
        )
        if too_full:
            self._seal(index, now)
        if opened is None or too_full:
            opened = self._open[index] = _Open(now)
        opened.users.append(user)
        opened.size += size + 16
        opened.births += now

    def _hash(self, user: UserRecord) -> int:
        if user.explicit_hash is not None:
            return user.explicit_hash
        found = self._hashes.get(user.key)
        if found is None:
            if len(self._hashes) >= _KEPT_HASHES:
                self._hashes.clear()
            found = self._hashes[user.key] = hash_key(user.key)
        return found

    def _seal(self, index: int, now: int) -> None:
        opened = self._open.pop(index)
        first = opened.users[0]
        data = first.data if len(opened.users) == 1 else aggregate(opened.users)
        entry = (data, first.key, first.explicit_hash)
        size = len(data) + len(first.key.encode())
        sealed = _Sealed(entry, size, len(opened.users), opened.since, opened.births)
        lane = self._lanes.get(index)
        if lane is None:
            lane = self._lanes[index] = _Lane(now - TICK_MS)
        lane.queue.append(sealed)

    def _ready(self, index: int, now: int) -> list[tuple[_Lane, _Sealed]]:
        """What a lane may send now; what is too old is given up."""
        lane = self._lanes[index]
        queue, oldest = lane.queue, now - self._kpl.record_ttl
        while queue and queue[0].born < oldest:
            users = queue.popleft().users
            self.counts.expired += users
            self._buffered -= users
        lane.refill(now, self._kpl.rate_limit / 100)
        ready = []
        while queue and lane.pay(queue[0]):
            ready.append((lane, queue.popleft()))
        return ready

    def _collect(self, sending: list[tuple[_Lane, _Sealed]], now: int) -> None:
        """PutRecords of up to CollectionMaxCount records and CollectionMaxSize bytes."""
        call: list[tuple[_Lane, _Sealed]] = []
        size = 0
        failed: list[tuple[_Lane, _Sealed]] = []
        for pair in sending:
            full = len(call) >= self._kpl.collection_max_count
            if call and (full or size + pair[1].size > self._kpl.collection_max_size):
                failed += self._put(call, now)
                call, size = [], 0
            call.append(pair)
            size += pair[1].size
        if call:
            failed += self._put(call, now)
        self._return(failed)

    def _put(self, call: list[tuple[_Lane, _Sealed]], now: int) -> Iterable[tuple[_Lane, _Sealed]]:
        """One call; the pairs that were refused."""
        counts, failed = self.counts, []
        placed = self._stream.put([sealed.entry for _, sealed in call], now)
        counts.calls += 1
        for (lane, sealed), (_, number) in zip(call, placed, strict=True):
            users = sealed.users
            counts.sent += users
            if sealed.refused:
                counts.retried += users
            if number is None:
                counts.throttled += users
                failed.append((lane, sealed._replace(refused=True)))
            else:
                counts.stored += users
                counts.waited += users * (now + self._kpl.call_ms) - sealed.births
                self._buffered -= users
        return failed

    def _return(self, failed: list[tuple[_Lane, _Sealed]]) -> None:
        """Back to the front of their queues, in their old order."""
        for lane, sealed in reversed(failed):
            lane.queue.appendleft(sealed)
