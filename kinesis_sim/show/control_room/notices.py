"""What to notice in a second of a scene, in sentences derived from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit.words import Words
from kinesis_sim.streams.limits import ShardLimits
from kinesis_sim.workloads.scenes.dashboard import SLOW_MS
from kinesis_sim.workloads.scenes.scene import (
    APPLICATION,
    HOT_KEY,
    POLLER,
    SIZE,
    TEAMS,
    Second,
)
from kinesis_sim.workloads.scenes.seconds import ShardSecond

WINDOW = 10  # rows that a share of throttled records is taken over
TOLD = 8  # rows for which a moved lease is worth a sentence
ROUND_PERCENT, ROUND_MS = 10, 2_000  # a calm sentence says bounds that hold for a while
REFUSED_READS = 5  # in WINDOW rows: worth a sentence
BEHIND_MS = 4_000  # a lag that is worth a word; the application's own rhythm makes up to 1,500


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence. kind: what it is about; two notices of one kind differ in numbers only."""

    kind: tuple[object, ...]
    text: str


def fullness(row: ShardSecond, limits: ShardLimits | None) -> tuple[float, float]:
    """What a shard stored and what it refused, as parts of what it takes in a second.

    By the limit that is nearer; without limits by 1,000 records.
    """
    if limits is None:
        return row.records / 1_000, 0.0
    parts = row.records / limits.write_records, row.bytes / limits.write_bytes
    if parts[0] >= parts[1]:
        return parts[0], row.throttled / limits.write_records
    return parts[1], row.throttled_bytes / limits.write_bytes


def refused(rows: Sequence[Second], shard: int) -> float:
    """The part of the records that came to a shard in these rows and was refused, 0 to 1."""
    found = [each for row in rows for each in row.shards if each.shard == shard]
    throttled = sum(each.throttled for each in found)
    return throttled / max(1, throttled + sum(each.records for each in found))


def shards_said(shards: Iterable[int], words: Words) -> str:
    """Shards as a phrase: "shard 3", "shards 0 and 1"."""
    numbers = sorted(shards)
    form = "one" if len(numbers) == 1 else "many"
    return words.say(f"shards.{form}", list=words.listed(numbers))


def seconds_said(ms: int, words: Words) -> str:
    """A lag in seconds: "0.5" (or "0,5") below ten, "23" from there on."""
    if ms >= 10 * SECOND:
        return f"{round(ms / SECOND)}"
    return words.marked(f"{ms / SECOND:.1f}")


class Notices:
    """The sentences of one scene in one language."""

    def __init__(self, limits: ShardLimits | None, words: Words) -> None:
        self._limits = limits
        self._words = words

    def of(self, rows: Sequence[Second]) -> list[Notice]:
        """What to notice in the last of the rows (oldest first), most telling first."""
        said = (
            *(self._moved, self._orphans, self._poison),
            *(self._full, self._reads, self._behind),
        )
        found = [notice for each in said for notice in each(rows)]
        return found or [self._calm(rows)]

    # --- leases -------------------------------------------------------------------------------

    def _moved(self, rows: Sequence[Second]) -> Iterator[Notice]:
        moves: dict[tuple[str, str | None, str], list[int]] = {}
        for row in rows[-TOLD:]:
            for move in row.moves:
                if move.was != move.became:
                    how = self._how(move.was, row)
                    moves.setdefault((move.became, move.was, how), []).append(move.shard)
        for (worker, was, how), shards in moves.items():
            said = shards_said(set(shards), self._words)
            text = self._words.say(f"notice.{how}", worker=worker, was=was, shards=said)
            yield Notice((how, worker, *sorted(set(shards))), text)

    def _how(self, was: str | None, row: Second) -> str:
        if was is None:
            return "taken"
        return "stolen" if row.workers.get(was) else "moved"

    def _orphans(self, rows: Sequence[Second]) -> Iterator[Notice]:
        row = rows[-1]
        for worker, alive in row.workers.items():
            shards = {each.shard for each in row.shards if holder(each) == worker}
            if not alive and shards:
                said = shards_said(shards, self._words)
                text = self._words.say("notice.orphan", worker=worker, shards=said)
                yield Notice(("orphan", worker, *sorted(shards)), text)

    # --- what went wrong ----------------------------------------------------------------------

    def _poison(self, rows: Sequence[Second]) -> Iterator[Notice]:
        row = rows[-1]
        for each in row.shards:
            if each.shard in row.stuck:
                lag = seconds_said(each.readers[0].lag, self._words)
                worker = holder(each) or self._words.say("nobody")
                text = self._words.say(
                    "notice.poison", shard=each.shard, worker=worker, seconds=lag
                )
                yield Notice(("poison", each.shard), text)

    def _full(self, rows: Sequence[Second]) -> Iterator[Notice]:
        row, window = rows[-1], rows[-WINDOW:]
        parts = {each.shard: refused(window, each.shard) for each in row.shards}
        throttled = {shard: part for shard, part in parts.items() if part >= 0.01}
        if not throttled:
            return
        worst = max(throttled, key=throttled.__getitem__)
        percent = round(100 * throttled[worst])
        if len(throttled) == 1 and "hot_key" in row.faults and "other_key" not in row.cures:
            alone = self._alone(window)
            form = "hot-alone" if alone > 100 else "hot"
            text = self._words.say(f"notice.{form}", shard=worst, percent=percent, alone=alone)
            yield Notice((form, worst, HOT_KEY), text)
            return
        said = shards_said(throttled, self._words)
        percent = round(100 * self._all(window, throttled))
        text = self._words.say("notice.full", shards=said, percent=percent)
        yield Notice(("full", *sorted(throttled)), text)

    def _alone(self, rows: Sequence[Second]) -> int:
        """What the hot key sends, first tries only, in percent of what a shard takes."""
        sent = [each.offered for row in rows for each in row.senders if each.name == HOT_KEY]
        size = SIZE + len(HOT_KEY)
        most = self._limits.write_bytes if self._limits else 0
        return round(100 * sum(sent) * size / (len(sent) * most)) if most and sent else 0

    def _reads(self, rows: Sequence[Second]) -> Iterator[Notice]:
        """Too many who poll: refused reads of the dashboard, in words."""
        count = sum(row.refused_reads for row in rows[-WINDOW:])
        if count < REFUSED_READS:
            return
        form = "crowd" if "crowd" in rows[-1].faults else "reads"
        text = self._words.say(f"notice.{form}", count=count, teams=TEAMS, readers=TEAMS + 2)
        yield Notice((form,), text)

    def _all(self, rows: Sequence[Second], shards: Iterable[int]) -> float:
        some = [each for row in rows for each in row.shards if each.shard in set(shards)]
        throttled = sum(each.throttled for each in some)
        return throttled / max(1, throttled + sum(each.records for each in some))

    def _behind(self, rows: Sequence[Second]) -> Iterator[Notice]:
        row, before = rows[-1], rows[-4] if len(rows) > 3 else rows[0]
        for place, reader in enumerate(_readers(row)):
            lag, was = _lag(row, place), _lag(before, place)
            explained = reader != POLLER and (row.stuck or any(self._orphans(rows)))
            if lag < BEHIND_MS or explained:
                continue
            said = seconds_said(lag, self._words)
            if reader == POLLER and "slow_consumer" in row.faults:
                most = round(SECOND / SLOW_MS)
                text = self._words.say("notice.slow", ms=SLOW_MS, most=most, seconds=said)
                yield Notice(("slow", reader), text)
            else:
                key = "notice.grows" if lag > was else "notice.shrinks"
                name = POLLER if reader == POLLER else APPLICATION  # its table may be numbered
                yield Notice(("behind", name), self._words.say(key, reader=name, seconds=said))

    def _calm(self, rows: Sequence[Second]) -> Notice:
        row = rows[-1]
        full = max((fullness(each, self._limits)[0] for each in row.shards), default=0.0)
        lag = max((each.lag for each in row.shards), default=0)
        percent = min(100, -(-round(100 * full) // ROUND_PERCENT) * ROUND_PERCENT)
        seconds = max(1, -(-lag // ROUND_MS)) * ROUND_MS // SECOND
        return Notice(("calm",), self._words.say("notice.calm", percent=percent, seconds=seconds))


def holder(row: ShardSecond) -> str | None:
    """The worker in whose name the shard's lease is."""
    return next((reach.worker for reach in row.readers if reach.worker is not None), None)


def _readers(row: Second) -> list[str]:
    return [reach.reader for reach in row.shards[0].readers] if row.shards else []


def _lag(row: Second, place: int) -> int:
    return max((each.readers[place].lag for each in row.shards), default=0)
