"""On-demand capacity: shards that AWS splits and merges, under a ceiling for the stream.

They are split when they grow busy, and merged when a peak is forgotten.

Source: facts/data-streams §4.3 (SZ). A stream holds up to double the peak write throughput of the
last 30 days: a shard above 500 KB/s (or 500 records/s) is split within 15 minutes, here ten after
the minute that showed it, so that double fits by the time ``growth`` lets it in; what more than
doubles sooner is throttled by the ceiling. Hot keys stay on one shard.
How AWS merges is not published: here, 30 days after a peak, the smallest neighbours first.
"""

from __future__ import annotations

import math
from collections import defaultdict

from kinesis_sim.account.quotas import Limits
from kinesis_sim.clock import Clock
from kinesis_sim.events import Event, EventLog
from kinesis_sim.instants import DAY, MINUTE
from kinesis_sim.streams import resharding
from kinesis_sim.streams.events import CeilingChanged, RecordsPut
from kinesis_sim.streams.growth import (
    DAY_MINUTES,
    Growth,
    RecordThroughput,
    shard_throughput,
    warm_shards,
)
from kinesis_sim.streams.limits import StreamMeter
from kinesis_sim.streams.resizing import grow, middle, shrink
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.stream import Stream

HOUR_MINUTES = 60


class Scaler:
    """Watches the writes of one account's on-demand streams, reshards them, sets their ceiling."""

    def __init__(self, clock: Clock, events: EventLog, limits: Limits) -> None:
        self._clock, self._events, self._limits = clock, events, limits
        self._loads: dict[str, _Load] = {}
        events.subscribe(self._hear, RecordsPut)

    def watch(self, stream: Stream, shards: int) -> None:
        """The stream is on-demand from now on; what it has in ``shards`` fits at once."""
        load = self._loads[stream.name] = _Load(stream, Growth(self._limits, shards))
        self._renew(load)

    def release(self, stream: Stream) -> None:
        """The stream is provisioned from now on; what it was written before is forgotten."""
        self._loads.pop(stream.name, None)
        stream.whole = None

    def resize(self, stream: Stream, shards: int) -> None:
        """Split the widest shards or merge the narrowest neighbours until there are ``shards``.

        Growing goes on until no shard is wider than an even part: an even load fits then.
        """
        now, events = self._clock.now, self._events
        if stream.open_count < shards:
            grow(stream, shards, now, events)
        else:
            shrink(stream, shards, now, events)
        if load := self._loads.get(stream.name):
            load.growth.shards = min(load.growth.shards, stream.open_count)
            self._renew(load)

    def needed(self, stream: Stream, minutes: int) -> int:
        """Shards for double the peak of the last ``minutes``, and for the warm throughput."""
        limits, load = self._limits, self._loads.get(stream.name)
        since = self._clock.now // MINUTE - minutes
        peak = load.growth.peak(since) if load else RecordThroughput(0, 0)
        part = limits["streams.on_demand_growth_percent"] / 100
        return max(
            limits["streams.on_demand_start_shards"],
            warm_shards(limits, stream.settings.warm_target or 0),
            *(
                math.ceil(part * rate / most)
                for rate, most in zip(peak, shard_throughput(limits), strict=True)
                if most
            ),
        )

    def _hear(self, event: Event) -> None:
        if not isinstance(event, RecordsPut):
            return
        load = self._loads.get(event.stream)
        if load is None:
            return
        minute = event.at // MINUTE
        if minute != load.minute:
            load.minute = minute
            self._clock.schedule((minute + 1) * MINUTE, lambda: self._look(load, minute))
        for share in event.shares:
            load.records[share.shard] += share.records
            load.bytes[share.shard] += share.bytes

    def _look(self, load: _Load, minute: int) -> None:
        """A minute with traffic is over: remember its rate, and flag the shards that are busy."""
        if not self._current(load):
            return
        records, load.records = load.records, defaultdict(int)
        written, load.bytes = load.bytes, defaultdict(int)
        total = RecordThroughput(sum(records.values()) / 60, sum(written.values()) / 60)
        load.growth.remember(minute, total)
        self._renew(load)
        limits, clock = self._limits, self._clock
        delay = limits["streams.on_demand_split_minutes"] * MINUTE
        most_records = limits["streams.on_demand_split_records"]
        most_bytes = limits["streams.on_demand_split_bytes"]
        for index, size in sorted(written.items()):
            busy = size / 60 > most_bytes or records[index] / 60 > most_records
            if busy and index not in load.flagged:
                load.flagged.add(index)
                shard = load.stream.shards[index]
                clock.schedule(clock.now + delay, lambda shard=shard: self._split(load, shard))  # type: ignore[misc]

    def _current(self, load: _Load) -> bool:
        """Whether its stream is still there, and still on-demand."""
        return load.stream.usable and self._loads.get(load.stream.name) is load

    def _renew(self, load: _Load) -> None:
        """Set the stream's ceiling to what it is now, and come back when time changes it."""
        stream = load.stream
        if not (self._current(load) and self._limits.throttling):
            return
        minute = self._clock.now // MINUTE
        most = load.growth.ceiling(minute, stream.settings.warm_current or 0)
        if stream.whole is None:
            stream.whole = StreamMeter(*most)
        elif stream.whole.most != most:
            stream.whole.raise_to(*most)
        if load.told != most:
            load.told = most
            told = CeilingChanged(
                at=self._clock.now, stream=stream.name, records=most.records, bytes=most.bytes
            )
            self._events.append(told)
        changes = load.growth.changes(minute)
        if changes is not None and not minute < load.renewed_at <= changes:
            load.renewed_at = changes
            self._clock.schedule(changes * MINUTE, lambda: self._renew(load))

    def _split(self, load: _Load, shard: Shard) -> None:
        stream = load.stream
        load.flagged.discard(shard.index)
        room = stream.open_count < self._limits.of_region("streams.on_demand_ceiling")
        if not (self._current(load) and shard.closed_at is None and room):
            return
        now = self._clock.now
        resharding.split(stream, shard, middle(shard.hashes), now, self._events)
        days = self._limits["streams.on_demand_memory_days"]
        self._clock.schedule(now + days * DAY + MINUTE, lambda: self._forget(load))

    def _forget(self, load: _Load) -> None:
        """A peak may have left the memory: let go of shards that nothing in it needs."""
        if not self._current(load):
            return
        days = self._limits["streams.on_demand_memory_days"]
        needed = self.needed(load.stream, days * DAY_MINUTES)
        if needed < load.stream.open_count:
            self.resize(load.stream, needed)


class _Load:
    """What is written to one on-demand stream: this minute per shard, and its growth so far."""

    def __init__(self, stream: Stream, growth: Growth) -> None:
        self.stream = stream
        self.growth = growth
        self.minute = self.renewed_at = -1
        self.told: RecordThroughput | None = None
        self.records: dict[int, int] = defaultdict(int)
        self.bytes: dict[int, int] = defaultdict(int)
        self.flagged: set[int] = set()
