"""Where a partition key lands: the 128-bit hash space and how shards divide it.

Source: facts/data-streams §2.1 (botocore HashKeyRange, PutRecord.PartitionKey).
"""

from __future__ import annotations

from hashlib import md5

HASH_SPACE = 1 << 128
"""Number of hash keys; the largest is HASH_SPACE - 1 = 340282366920938463463374607431768211455."""


def hash_key(partition_key: str) -> int:
    """The key's place in the hash space: big-endian unsigned MD5 of its UTF-8 bytes."""
    return int.from_bytes(md5(partition_key.encode(), usedforsecurity=False).digest(), "big")


def even_ranges(count: int) -> list[tuple[int, int]]:
    """``count`` closed ranges of equal size that tile the space; the last one takes the remainder.

    AWS's values for 2, 3 and 4 shards agree with this formula; for 6, 7, 10 … it is unverified
    (facts/data-streams §2.1).
    """
    step = HASH_SPACE // count
    starts = [step * index for index in range(count)]
    return list(zip(starts, [start - 1 for start in starts[1:]] + [HASH_SPACE - 1], strict=True))
