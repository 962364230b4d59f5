"""A shard: a range of hash keys, a log of records, and a life from OPEN over CLOSED to EXPIRED."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.streams import sequence
from kinesis_sim.streams.limits import ReadMeter, WriteMeter
from kinesis_sim.streams.record_log import RecordLog
from kinesis_sim.streams.sequence import INDEX_STEP
from kinesis_sim.streams.states import ShardState

if TYPE_CHECKING:
    from kinesis_sim.streams.tip import Tip

_NEWEST = 512
"""The newest numbers are kept as text, so many at least: whoever reads at the tip, and however
many do, saves writing 56 digits out again. They weigh 0.1 MB a shard at most."""

_NEWEST_AT_MOST = 2 * _NEWEST


@dataclass(frozen=True, slots=True)
class HashRange:
    """A closed range of hash keys."""

    start: int
    end: int

    def __contains__(self, hash_key: int) -> bool:
        return self.start <= hash_key <= self.end


def shard_id(index: int) -> str:
    """``shardId-`` and the index in twelve digits.

    The index grows per stream and is never used again.
    """
    return f"shardId-{index:012d}"


class Shard:
    """One shard of a stream.

    index: its number in the stream. born: epoch seconds, as its sequence numbers tell it (a child's
    birth lies a second after its parents' close, so that its numbers exceed theirs;
    facts/data-streams §2.2). taken_from: since when records come to it. closed_at, ended_at: when
    it was split or merged, and when the last record could come to it (epoch ms, None before).
    """

    __slots__ = (
        "_base",
        "_newest",
        "_newest_from",
        "_next",
        "_stamp_at",
        "born",
        "closed_at",
        "created_at",
        "ended_at",
        "expired",
        "hashes",
        "id",
        "index",
        "log",
        "parents",
        "reads",
        "secrets",
        "taken_from",
        "tips",
        "writes",
    )

    def __init__(
        self,
        index: int,
        hashes: HashRange,
        created_at: int,
        born: int,
        parents: tuple[str, ...] = (),
    ) -> None:
        self.index = index
        self.id = shard_id(index)
        self.hashes = hashes
        self.created_at = created_at
        self.born = born
        self.parents = parents
        self.taken_from: int | None = None
        self.closed_at: int | None = None
        self.ended_at: int | None = None
        self.expired = False
        self.log = RecordLog()
        self.secrets: list[tuple[int, bool]] = [(0, False)]
        self.writes: WriteMeter | None = None
        self.reads: ReadMeter | None = None
        self.tips: list[Tip] = []
        self._base = sequence.base(born, index)
        self._stamp_at = -1
        self._next = 0
        self._newest: list[str] = []
        self._newest_from = 0

    def append(self, data: bytes, key: bytes, now: int) -> str:
        """Store a record that arrives at ``now`` (epoch ms); returns its sequence number."""
        if now != self._stamp_at:
            self._stamp(now)
        self._next = number = self._next + INDEX_STEP
        log, text, newest = self.log, str(number), self._newest
        log.data.append(data)
        log.keys.append(key)
        log.times.append(now)
        newest.append(text)
        if len(newest) > _NEWEST_AT_MOST:
            del newest[:_NEWEST]
            self._newest_from += _NEWEST
        return text

    def _stamp(self, now: int) -> None:
        place = self.log.end * INDEX_STEP
        self._next = self._base + place + (max(now // 1000, self.born) << 36)
        self._stamp_at = now

    def number(self, position: int, at: int) -> str:
        """The sequence number of the shard's ``position``-th record, which arrived at ``at``."""
        place = (position + 1) * INDEX_STEP
        return str(self._base + place + (max(at // 1000, self.born) << 36))

    def numbers(self, start: int, times: list[int]) -> list[str]:
        """The sequence numbers of consecutive records from position ``start`` on."""
        place = start - self._newest_from
        if place >= 0:
            return self._newest[place : place + len(times)]
        step, born, base = INDEX_STEP, self.born, self._base + start * INDEX_STEP
        found, last, stamp = [], -1, 0
        for at in times:
            base += step
            if at != last:
                last, stamp = at, max(at // 1000, born) << 36
            found.append(str(base + stamp))
        return found

    @property
    def starting_sequence_number(self) -> str:
        """A number below that of every record of the shard."""
        return str(self._base + (self.born << 36))

    @property
    def ending_sequence_number(self) -> str | None:
        """None while the shard is open; then a number above that of every record of the shard."""
        if self.closed_at is None:
            return None
        time = max(self.closed_at // 1000, self.born)
        return str(sequence.SequenceNumber(self.born, self.index, sequence.LAST_INDEX, time))

    def state(self, horizon: int) -> ShardState:
        """Its state when nothing before ``horizon`` (epoch ms) is retained."""
        if self.closed_at is None:
            return ShardState.OPEN
        gone = self.expired or (self.ended_at is not None and self.ended_at < horizon)
        return ShardState.EXPIRED if gone else ShardState.CLOSED

    def oldest(self, now: int) -> int:
        """Before which instant (epoch ms) a horizon changes nothing here.

        When its oldest record arrived, or it ended; ``now`` when neither was.
        """
        ends = [now] if self.ended_at is None else [self.ended_at]
        return min([*ends, self.log.time_at(self.log.first)]) if len(self.log) else ends[0]

    def trim(self, horizon: int) -> None:
        """Let go of what lies before ``horizon`` (epoch ms).

        A longer retention brings none of it back.
        """
        self.log.trim(horizon)
        self.expired = self.state(horizon) is ShardState.EXPIRED

    def hear_out(self, now: int) -> None:
        """Count the polls of readers at the tip that were skipped: somebody else reads now."""
        if self.reads is not None and self.tips:
            self.reads.insert([at for tip in self.tips for at in tip.unfed(now)])

    @property
    def latest(self) -> bool:
        """Whether readers of what is newest are sent to it: it has not ended."""
        return self.ended_at is None

    def took(self, at: int) -> bool:
        """Whether records of its hash keys came to it at an instant (epoch ms)."""
        since, until = self.taken_from, self.ended_at
        return since is not None and since <= at and (until is None or at <= until)

    def close(self, now: int) -> None:
        """Split or merged: others have its keys, and take them over when ``end`` is called.

        Its records stay readable until retention has passed.
        """
        self.closed_at = now

    def end(self, now: int) -> None:
        """No record comes here any more: readers find its end."""
        self.ended_at = now

    def encrypt_from_now(self, on: bool) -> None:
        """Records appended from here on are (not) encrypted.

        Those stored before stay as they are.
        """
        if self.secrets[-1][1] != on:
            self.secrets.append((self.log.end, on))

    def encrypted(self, position: int) -> bool:
        """Whether the record at a position was encrypted when it was stored."""
        return next(on for start, on in reversed(self.secrets) if start <= position)
