"""Splitting, merging, and scaling to a number of equal shards.

Source: facts/data-streams §2.2 and §2.5. Records never move: parents keep theirs until retention
passes.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

from kinesis_sim.account.hashing import HASH_SPACE, even_ranges
from kinesis_sim.events import EventLog
from kinesis_sim.streams.events import ShardClosed, ShardOpened
from kinesis_sim.streams.shard import HashRange, Shard
from kinesis_sim.streams.stream import Stream


def open_first_shards(stream: Stream, count: int, now: int, events: EventLog) -> None:
    """Open the shards of a new stream, in equal ranges."""
    for start, end in even_ranges(count):
        _open(stream, HashRange(start, end), now, (), events)
    stream.settle(now)


def split(stream: Stream, shard: Shard, at: int, now: int, events: EventLog) -> tuple[Shard, Shard]:
    """Close a shard; two children have its keys below ``at`` and from ``at`` on."""
    children = cut(stream, shard, at, now, events)
    stream.resharded(now)
    return children


def cut(stream: Stream, shard: Shard, at: int, now: int, events: EventLog) -> tuple[Shard, Shard]:
    """One of many splits that ``Stream.resharded`` completes together."""
    stream.close_shard(shard, now)
    low = _open(stream, HashRange(shard.hashes.start, at - 1), now, (shard,), events)
    high = _open(stream, HashRange(at, shard.hashes.end), now, (shard,), events)
    events.append(
        ShardClosed(at=now, stream=stream.name, shard=shard.index, children=(low.index, high.index))
    )
    return low, high


def merge(stream: Stream, lower: Shard, upper: Shard, now: int, events: EventLog) -> Shard:
    """Close two neighbours; one child has the keys of both."""
    child = _merge(stream, lower, upper, now, events)
    stream.resharded(now, merged=True)
    return child


def _merge(stream: Stream, lower: Shard, upper: Shard, now: int, events: EventLog) -> Shard:
    stream.close_shard(lower, now)
    stream.close_shard(upper, now)
    hashes = HashRange(lower.hashes.start, upper.hashes.end)
    child = _open(stream, hashes, now, (lower, upper), events)
    for shard in (lower, upper):
        events.append(
            ShardClosed(at=now, stream=stream.name, shard=shard.index, children=(child.index,))
        )
    return child


def splits_for(stream: Stream, target: int) -> int:
    """How many shards scaling to ``target`` opens for a while beyond those there are now.

    They count towards the account's quota (botocore UpdateShardCount).
    """
    borders = {shard.hashes.start for shard in stream.open_shards}
    return sum(start not in borders for start in _starts(stream, target))


def split_for(stream: Stream, target: int, now: int, events: EventLog) -> None:
    """First half of scaling to ``target`` shards: split where its borders fall inside one."""
    for start in _starts(stream, target)[1:]:
        shard = stream.open_shard_for(start)
        if shard.hashes.start != start:
            cut(stream, shard, start, now, events)
    stream.resharded(now)


def rounds_for(stream: Stream, target: int) -> int:
    """How often ``merge_for`` is to be called when scaling to ``target``, once the splits are done.

    As many times as the final shard of most parts has parts, less one.
    """
    borders = {shard.hashes.start for shard in stream.open_shards}
    starts = _starts(stream, target)
    inner = sorted(borders - set(starts))
    parts = [bisect_left(inner, end) - bisect_left(inner, start) for start, end in _spans(starts)]
    return max(parts)


def merge_for(stream: Stream, target: int, now: int, events: EventLog) -> None:
    """A round of the second half: in each of the ``target`` equal ranges, merge two neighbours.

    The first two of each range. Nothing where one shard has the range.
    """
    for start, following in _spans(_starts(stream, target)):
        shard = stream.open_shard_for(start)
        if shard.hashes.end + 1 < following:
            _merge(stream, shard, stream.open_shard_for(shard.hashes.end + 1), now, events)
    stream.resharded(now)


def _spans(starts: list[int]) -> list[tuple[int, int]]:
    """Where ranges begin and where the next one does."""
    return list(pairwise([*starts, HASH_SPACE]))


def _starts(stream: Stream, target: int) -> list[int]:
    """Where ``target`` equal ranges begin; a border that is there a key beside one is taken for it.

    For no shard has a single hash key: SplitShard refuses to make one, and the KCL cannot take one.
    """
    borders = {shard.hashes.start for shard in stream.open_shards}
    return [
        next((near for near in (start, start - 1, start + 1) if near in borders), start)
        for start, _ in even_ranges(target)
    ]


def _open(
    stream: Stream, hashes: HashRange, now: int, parents: tuple[Shard, ...], events: EventLog
) -> Shard:
    shard = stream.add_shard(hashes, now, parents)
    events.append(
        ShardOpened(
            at=now,
            stream=stream.name,
            shard=shard.index,
            start=hashes.start,
            end=hashes.end,
            parents=tuple(parent.index for parent in parents),
        )
    )
    return shard
