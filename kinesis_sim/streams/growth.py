"""How much an on-demand stream may be written as a whole: double the peak that it is known for.

AWS says that a stream holds up to double the peak write throughput of the last 30 days, and that
traffic which more than doubles the previous peak within 15 minutes may be throttled (facts/
data-streams §4.3, SZ). What a peak is, and when it counts as previous, is not published. The rule
here, of this model's choice:

1. A peak is the highest mean of a clock minute of what was stored; records and bytes have each
   their own.
2. A minute counts once 15 minutes have passed since it began, and until it is 30 days old. So a
   load that at most doubles every 15 minutes always fits, and one that doubles sooner does not.
3. Never less fits than a new stream takes (4 MB/s, 4,000 records/s), than the warm throughput, or
   than the shards that the stream had when it became on-demand: those AWS keeps (facts/data-streams
   §4.3). Shards that are merged away are capacity no longer.
4. Never more fits than the Region's ceiling.

Both levels of detail use this: the record level through ``ondemand.Scaler``, flows directly.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import chain
from typing import NamedTuple

from kinesis_sim.account.quotas import Limits
from kinesis_sim.units import MIB

DAY_MINUTES = 24 * 60


class RecordThroughput(NamedTuple):
    """Records and bytes (keys counted) a second."""

    records: float
    bytes: float


class Peak:
    """The highest of rates over a sliding span of minutes, in one unit. Minutes only grow."""

    __slots__ = ("_fresh", "_settled")

    def __init__(self) -> None:
        self._fresh: deque[tuple[int, float]] = deque()
        self._settled: deque[tuple[int, float]] = deque()  # none is followed by a higher one

    def remember(self, minute: int, rate: float) -> None:
        """Note the rate of a minute that is over."""
        self._fresh.append((minute, rate))

    def settle(self, first: int, last: int) -> float:
        """The highest rate of the minutes from ``first`` to ``last``.

        What is older is forgotten.
        """
        settled = self._settled
        while self._fresh and self._fresh[0][0] <= last:
            row = self._fresh.popleft()
            while settled and settled[-1][1] <= row[1]:
                settled.pop()
            settled.append(row)
        while settled and settled[0][0] < first:
            settled.popleft()
        return settled[0][1] if settled else 0.0

    def since(self, first: int) -> float:
        """The highest rate of the minutes from ``first`` on, those not settled yet included."""
        rows = chain(self._settled, self._fresh)
        return max((rate for minute, rate in rows if minute >= first), default=0.0)

    def ends(self) -> tuple[int | None, int | None]:
        """The oldest minute that is not settled yet, and that of the highest rate that is."""
        heads = (rows[0][0] if rows else None for rows in (self._fresh, self._settled))
        return next(heads), next(heads)


class Growth:
    """What one on-demand stream was written, minute by minute, and what fits because of it.

    shards: those it had when it became on-demand. Minutes are numbered from any beginning.
    """

    def __init__(self, limits: Limits, shards: int) -> None:
        self._limits = limits
        self.shards = shards
        self._peaks = (Peak(), Peak())

    def remember(self, minute: int, written: RecordThroughput) -> None:
        """Note what was stored a second in a minute that is over."""
        for peak, rate in zip(self._peaks, written, strict=True):
            peak.remember(minute, rate)

    def peak(self, first: int) -> RecordThroughput:
        """The highest rates of any minute from ``first`` on."""
        return RecordThroughput(*(peak.since(first) for peak in self._peaks))

    def ceiling(self, minute: int, warm: int = 0) -> RecordThroughput:
        """What fits a second in a minute. warm: warm throughput in MiB/s."""
        limits = self._limits
        first, last = minute - self._memory, minute - limits["streams.on_demand_growth_minutes"]
        part = limits["streams.on_demand_growth_percent"] / 100
        grown = (part * peak.settle(first, last) for peak in self._peaks)
        least, most = self._least(warm), limits.of_region("streams.on_demand_ceiling")
        return RecordThroughput(
            *(
                min(max(rate, least * each), most * each)
                for rate, each in zip(grown, shard_throughput(limits), strict=True)
            )
        )

    def changes(self, minute: int) -> int | None:
        """The next minute in which the ceiling may be another one, if nothing more is written."""
        later = (self._limits["streams.on_demand_growth_minutes"], self._memory + 1)
        found = [
            end + wait
            for peak in self._peaks
            for end, wait in zip(peak.ends(), later, strict=True)
            if end is not None
        ]
        return max(min(found), minute + 1) if found else None

    @property
    def _memory(self) -> int:
        return self._limits["streams.on_demand_memory_days"] * DAY_MINUTES

    def _least(self, warm: int) -> int:
        return max(
            self._limits["streams.on_demand_start_shards"],
            self.shards,
            warm_shards(self._limits, warm),
        )


def shard_throughput(limits: Limits) -> RecordThroughput:
    """What one shard takes a second."""
    return RecordThroughput(
        limits["streams.shard_write_records"], limits["streams.shard_write_bytes"]
    )


def warm_shards(limits: Limits, warm: int) -> int:
    """Shards for a warm throughput in MiB/s."""
    return math.ceil(warm * MIB / max(limits["streams.shard_write_bytes"], 1))
