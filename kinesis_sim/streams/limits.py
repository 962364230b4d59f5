"""What a shard takes and gives per second, and how often an operation may be called.

Laws
1. Over any span of one second a shard stores at most its records and its bytes (keys counted).
2. On a stream that allows large records (over 1 MiB), all bytes draw on an allowance of 10 MiB
   instead, which refills at the shard's rate (facts/data-streams §4.2). Recorded 2026-09-19
   (radkawar/stackd, throughput): batches of 2 MiB of small records, four within 13 s, and 65 MB in
   106 s, none refused; the size of the allowance and its refill are unverified.
3. Over any span of one second an on-demand stream stores at most its ceiling, all shards together
(``growth``). Large records draw on their shards' burst allowances only; they count as records.
4. A shard answers at most five GetRecords calls in any second, all readers together, and none
while an
   answer larger than a second's worth is being paid off: 10 MiB block it for five seconds
   (facts/data-streams §4.1).

A span is half open: what happened exactly one second ago no longer counts. AWS does not publish its
window; a sliding one is this model's choice, because it keeps law 1 to the letter.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from kinesis_sim.account.rates import Rate, Window
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

LARGE_RECORD_BYTES = MIB


@dataclass(frozen=True, slots=True)
class ShardLimits:
    """The limits of one shard per second. Bytes count data and partition keys."""

    write_records: int
    write_bytes: int
    burst_bytes: int
    read_calls: int
    read_bytes: int
    iterator_calls: int
    subscribe_calls: int


class WriteMeter:
    """Admits records to one shard, by count and by bytes."""

    __slots__ = (
        "_at",
        "_burst",
        "_burst_at",
        "_bytes_before",
        "_bytes_seen",
        "_limits",
        "_most_bytes",
        "_most_records",
        "_past",
        "_records_before",
        "_records_seen",
    )

    def __init__(self, limits: ShardLimits, *, bursts: bool = False) -> None:
        self._limits = limits
        self._most_records = limits.write_records
        self._most_bytes = limits.write_bytes
        self._past: deque[tuple[int, int, int]] = deque()  # when, records, bytes
        self._records_before = self._bytes_before = 0  # of the last second but this instant
        self._records_seen = self._bytes_seen = 0
        self._at = -1
        self._burst: int | None = limits.burst_bytes if bursts else None
        self._burst_at = 0

    def allow_bursts(self) -> None:
        """The stream takes large records from now on: start with a full burst allowance."""
        if self._burst is None:
            self._burst = self._limits.burst_bytes

    def admit(self, now: int, size: int) -> bool:
        """Whether a record of ``size`` bytes at ``now`` (epoch ms) is stored.

        If so, it is counted.
        """
        if now != self._at:
            self._roll(now)
        if self._records_seen >= self._most_records:
            return False
        if self._burst is not None:
            return self._admit_burst(now, size)
        if self._bytes_seen + size > self._most_bytes:
            return False
        self._records_seen += 1
        self._bytes_seen += size
        return True

    def _admit_burst(self, now: int, size: int) -> bool:
        if size > (self._burst or 0):
            return False
        self._burst = (self._burst or 0) - size
        self._records_seen += 1
        self._bytes_seen += size
        return True

    def _roll(self, now: int) -> None:
        """Move on to ``now``: bank what was counted last, forget what is a second old."""
        past, start = self._past, now - SECOND
        records, size = self._records_seen, self._bytes_seen
        if records > self._records_before:
            past.append((self._at, records - self._records_before, size - self._bytes_before))
        while past and past[0][0] <= start:
            _, fewer, less = past.popleft()
            records -= fewer
            size -= less
        self._records_before = self._records_seen = records
        self._bytes_before = self._bytes_seen = size
        if self._burst is not None:
            gained = max(0, now - self._burst_at) * self._most_bytes // SECOND
            self._burst = min(self._limits.burst_bytes, self._burst + gained)
        self._burst_at = self._at = now


class StreamMeter:
    """Admits records to a whole on-demand stream, and through it to the shard they go to.

    What a shard refuses does not count. records, bytes: the ceiling a second.
    """

    __slots__ = (
        "_at",
        "_bytes",
        "_bytes_left",
        "_bytes_room",
        "_records",
        "_records_left",
        "_records_room",
        "most",
    )

    def __init__(self, records: float, size: float) -> None:
        self._records, self._bytes = Window(), Window()
        self._at = -1
        self._records_room = self._bytes_room = self._records_left = self._bytes_left = 0.0
        self.raise_to(records, size)

    def raise_to(self, records: float, size: float) -> None:
        """The ceiling is another one from now on; lower is possible too."""
        self.most = (records, size)
        self._roll(self._at)

    def fits(self, now: int, records: int, size: int) -> bool:
        """Whether so many records of ``size`` bytes in all fit at ``now`` (epoch ms).

        If shards take them, ``count`` what they took, or else ``admit`` one after the other.
        """
        if now != self._at:
            self._roll(now)
        return records <= self._records_left and size <= self._bytes_left

    def count(self, records: int, size: int) -> None:
        """Count what was stored now."""
        self._records_left -= records
        self._bytes_left -= size

    def admit(self, shard: WriteMeter, now: int, size: int) -> bool:
        """Whether a record of ``size`` bytes is stored in the shard; if so, it is counted."""
        counted = size if size <= LARGE_RECORD_BYTES else 0
        if self._records_left < 1 or counted > self._bytes_left or not shard.admit(now, size):
            return False
        self.count(1, counted)
        return True

    def _roll(self, now: int) -> None:
        if self._at >= 0:
            self._records.add(self._at, round(self._records_room - self._records_left))
            self._bytes.add(self._at, round(self._bytes_room - self._bytes_left))
        self._at = now
        self._records_room = self._records_left = self.most[0] - self._records.at(now)
        self._bytes_room = self._bytes_left = self.most[1] - self._bytes.at(now)


class ReadMeter:
    """Admits GetRecords calls to one shard; all shared readers together."""

    __slots__ = ("_bytes", "_calls", "_iterators", "_mine", "_most_bytes", "_paid_off_at")

    def __init__(self, limits: ShardLimits) -> None:
        self._calls = Rate(limits.read_calls)
        self._iterators = Rate(limits.iterator_calls)
        self._most_bytes = limits.read_bytes
        self._bytes = Window()
        self._paid_off_at = 0
        self._mine = Window()

    def calm(self, at: int, most: int) -> bool:
        """Whether every call of readers at the tip is answered from ``at`` (epoch ms) on.

        most: their calls in a second together, whatever else was read before.
        """
        if at < self._paid_off_at or self._bytes.seen(at) >= self._most_bytes:
            return False
        return self._calls.seen(at) - self._mine.seen(at) + most <= self._calls.most

    def mine(self, now: int) -> None:
        """The call at ``now`` was that of a reader at the tip."""
        self._mine.at(now)
        self._mine.add(now, 1)

    def not_mine(self, instants: list[int]) -> None:
        """The calls at these instants were those of a reader that is at the tip no longer."""
        self._mine.remove(instants)

    def insert(self, instants: list[int]) -> None:
        """Count calls of readers at the tip, made in the second that has passed."""
        self._calls.insert(instants)
        self._mine.insert(instants)

    def admit(self, now: int) -> bool:
        """Whether a GetRecords call at ``now`` (epoch ms) is answered; if so, it is counted."""
        if now < self._paid_off_at or self._bytes.at(now) >= self._most_bytes:
            return False
        return self._calls.admit(now)

    def found_nothing(self, instants: list[int]) -> None:
        """Count calls at some instants of the second that has passed; they found nothing."""
        for at in instants:
            self.admit(at)
            self.took(at, 0)

    def admit_iterator(self, now: int) -> bool:
        """Whether a GetShardIterator call at ``now`` is answered; if so, it is counted."""
        return self._iterators.admit(now)

    def took(self, now: int, size: int) -> None:
        """An answer of ``size`` bytes left.

        More than a second's worth blocks the seconds it is worth.
        """
        self._bytes.add(now, size)
        if size > self._most_bytes:
            self._paid_off_at = now + size * SECOND // self._most_bytes
