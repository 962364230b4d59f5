"""Growing and shrinking a stream to a number of shards.

The widest shard is split first, the narrowest neighbours are merged first. A heap knows which is
next, so that going from 4 shards to 10,000 costs n log n steps.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import pairwise

from kinesis_sim.account.hashing import HASH_SPACE
from kinesis_sim.events import EventLog
from kinesis_sim.streams import resharding
from kinesis_sim.streams.shard import HashRange, Shard
from kinesis_sim.streams.stream import Stream


def grow(stream: Stream, shards: int, now: int, events: EventLog) -> None:
    """Split the widest shard until none is wider than an even part of so many.

    An even load fits then. Of several that are as wide, the first by hash keys is split.
    """
    heap = [(-width(shard.hashes), shard.hashes.start, shard) for shard in stream.open_shards]
    heapify(heap)
    changed = False
    while -heap[0][0] * shards > HASH_SPACE:
        _, _, widest = heappop(heap)
        children = resharding.cut(stream, widest, middle(widest.hashes), now, events)
        for child in children:
            heappush(heap, (-width(child.hashes), child.hashes.start, child))
        changed = True
    if changed:
        stream.resharded(now)


def shrink(stream: Stream, shards: int, now: int, events: EventLog) -> None:
    """Merge the narrowest two neighbours until there are so many shards.

    Of several pairs that are as narrow, the first by hash keys is merged.
    """
    heap = [_pair(low, high) for low, high in pairwise(stream.open_shards)]
    heapify(heap)
    while stream.open_count > shards:
        _, _, _, low, high = heappop(heap)
        if low.closed_at is not None or high.closed_at is not None:
            continue
        child = resharding.merge(stream, low, high, now, events)
        start, end = child.hashes.start, child.hashes.end
        if start > 0:
            heappush(heap, _pair(stream.shard_for(start - 1), child))
        if end + 1 < HASH_SPACE:
            heappush(heap, _pair(child, stream.shard_for(end + 1)))


def middle(hashes: HashRange) -> int:
    """Where a range is cut in two."""
    return (hashes.start + hashes.end + 1) // 2


def width(hashes: HashRange) -> int:
    """How many hash keys a range holds, less one."""
    return hashes.end - hashes.start


def _pair(low: Shard, high: Shard) -> tuple[int, int, int, Shard, Shard]:
    both = width(low.hashes) + width(high.hashes)
    return both, low.hashes.start, high.index, low, high
