"""On-demand capacity: shards that AWS splits when they grow busy, and merges when a peak is
forgotten.

Source: facts/data-streams §4.3 (SZ). A stream holds up to double the peak write throughput of the
last
30 days, because a shard above 500 KB/s is split within 15 minutes (here: ten after the minute
that showed
it); traffic that more than doubles sooner is throttled by the shards there are. Hot keys stay on
one shard.
How AWS merges is not published: here, 30 days after a peak, the smallest neighbours first.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING

from kinesis_sim.events import Event
from kinesis_sim.streams import resharding
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.streams.hashing import HASH_SPACE
from kinesis_sim.streams.limits import MIB
from kinesis_sim.streams.shard import HashRange, Shard
from kinesis_sim.streams.stream import DAY_MS, Stream

if TYPE_CHECKING:
    from kinesis_sim.streams.catalog import StreamCatalog

MINUTE_MS = 60_000
HOUR_MINUTES = 60
FEWEST_SHARDS = 4
"""On-demand starts at 4 MB/s of writes (Q; facts §4.3): four shards."""


class Scaler:
    """Watches the writes of one account's on-demand streams and reshards them."""

    def __init__(self, kinesis: StreamCatalog) -> None:
        self._kinesis = kinesis
        self._loads: dict[str, _Load] = {}
        kinesis.events.subscribe(self._hear)

    def resize(self, stream: Stream, shards: int) -> None:
        """Split the widest shards or merge the narrowest neighbours until there are ``shards``.

        Growing goes on until no shard is wider than an even part: an even load fits then.
        """
        now, events = self._kinesis.clock.now, self._kinesis.events
        if len(stream.open_shards) < shards:
            while _width(widest := _widest(stream).hashes) * shards > HASH_SPACE:
                resharding.split(stream, _widest(stream), _middle(widest), now, events)
            return
        while len(stream.open_shards) > shards:
            low, high = min(pairwise(stream.open_shards), key=_pair_width)
            resharding.merge(stream, low, high, now, events)

    def needed(self, stream: Stream, minutes: int) -> int:
        """Shards for double the peak of the last ``minutes``, and for the warm throughput if
        any."""
        load = self._loads.get(stream.name)
        peak = load.peak(self._kinesis.clock.now // MINUTE_MS - minutes) if load else 0.0
        per_shard = self._kinesis.limits["streams.shard_write_bytes"]
        warm = stream.settings.warm_target or 0
        return max(
            FEWEST_SHARDS, math.ceil(2 * peak / per_shard), math.ceil(warm * MIB / per_shard)
        )

    def _hear(self, event: Event) -> None:
        if not isinstance(event, RecordsPut):
            return
        stream = self._kinesis.streams.get(event.stream)
        if stream is None or not stream.on_demand:
            return
        load = self._loads.get(stream.name)
        if load is None or load.stream is not stream:
            load = self._loads[stream.name] = _Load(stream)
        minute = event.at // MINUTE_MS
        if minute != load.minute:
            load.minute = minute
            self._kinesis.clock.schedule((minute + 1) * MINUTE_MS, lambda: self._look(load, minute))
        for share in event.shares:
            load.bytes[share.shard] += share.bytes

    def _look(self, load: _Load, minute: int) -> None:
        """A minute with traffic is over: remember its rate, and flag the shards that are busy."""
        written, load.bytes = load.bytes, defaultdict(int)
        load.remember(minute, sum(written.values()) / 60)
        limits, clock = self._kinesis.limits, self._kinesis.clock
        delay = limits["streams.on_demand_split_minutes"] * MINUTE_MS
        for index, size in sorted(written.items()):
            if size / 60 > limits["streams.on_demand_split_bytes"] and index not in load.flagged:
                load.flagged.add(index)
                shard = load.stream.shards[index]
                clock.schedule(clock.now + delay, lambda shard=shard: self._split(load, shard))  # type: ignore[misc]

    def _split(self, load: _Load, shard: Shard) -> None:
        stream, kinesis = load.stream, self._kinesis
        load.flagged.discard(shard.index)
        room = len(stream.open_shards) < kinesis.limits.on_demand_shards
        if not (stream.usable and stream.on_demand and shard.closed_at is None and room):
            return
        now = kinesis.clock.now
        resharding.split(stream, shard, _middle(shard.hashes), now, kinesis.events)
        days = kinesis.limits["streams.on_demand_memory_days"]
        kinesis.clock.schedule(now + days * DAY_MS + MINUTE_MS, lambda: self._forget(stream))

    def _forget(self, stream: Stream) -> None:
        """A peak may have left the memory: let go of shards that nothing in it needs."""
        if not (stream.usable and stream.on_demand):
            return
        days = self._kinesis.limits["streams.on_demand_memory_days"]
        needed = self.needed(stream, days * 24 * HOUR_MINUTES)
        if needed < len(stream.open_shards):
            self.resize(stream, needed)


class _Load:
    """What was written to one on-demand stream: this minute per shard, and the peaks of each
    day."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.minute = -1
        self.bytes: dict[int, int] = defaultdict(int)
        self.flagged: set[int] = set()
        self._recent: deque[tuple[int, float]] = deque(maxlen=HOUR_MINUTES)
        self._daily: dict[int, tuple[int, float]] = {}

    def remember(self, minute: int, rate: float) -> None:
        """Note a minute's rate (bytes/s)."""
        self._recent.append((minute, rate))
        day = minute // (24 * HOUR_MINUTES)
        if rate > self._daily.get(day, (0, 0.0))[1]:
            self._daily[day] = (minute, rate)

    def peak(self, since: int) -> float:
        """The highest rate (bytes/s) of any minute from ``since`` on."""
        rows = [*self._recent, *self._daily.values()]
        return max((rate for minute, rate in rows if minute >= since), default=0.0)


def _width(hashes: HashRange) -> int:
    return hashes.end - hashes.start


def _widest(stream: Stream) -> Shard:
    return max(stream.open_shards, key=lambda shard: _width(shard.hashes))


def _pair_width(pair: tuple[Shard, Shard]) -> int:
    return _width(pair[0].hashes) + _width(pair[1].hashes)


def _middle(hashes: HashRange) -> int:
    return (hashes.start + hashes.end + 1) // 2
