"""Sequence numbers: 56 decimal digits that tell the shard, its birth, the second and the place.

The layout is the public one (facts/data-streams §3.1, version 2), read here as 47 hexadecimal
digits:

    digit   0    1-9                 10               11-26            27-28  29-37
    38-45        46
            2    shard's birth, s    shard index % 16 sequence index   00     record's time, s
            shard index  2

This model numbers the records of a shard 1, 2, 3 … in the sequence index; AWS leaves gaps. Real
code should treat the number as opaque and compare it as a number within one shard.
"""

from __future__ import annotations

from dataclasses import dataclass

INDEX_STEP = 1 << 80
"""What adding one to the sequence index adds to the number."""
LAST_INDEX = 0x7FFF_FFFF_FFFF_FFFF
"""The sequence index in a closed shard's EndingSequenceNumber."""
_LARGEST_SECONDS = 16_025_175_000
_LARGEST_SHARD = 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class SequenceNumber:
    """A sequence number taken apart.

    born, time: epoch seconds; index: place in the shard; shard: its index.
    """

    born: int
    shard: int
    index: int
    time: int

    def __int__(self) -> int:
        return base(self.born, self.shard) + self.index * INDEX_STEP + (self.time << 36)

    def __str__(self) -> str:
        return str(int(self))


def base(born: int, shard: int) -> int:
    """The number of a shard's place 0 at time 0.

    Add INDEX_STEP per place and the second shifted by 36.
    """
    return 2 << 184 | born << 148 | (shard % 16) << 144 | shard << 4 | 2


OLDEST = 1 << 124
"""What AWS adds to a number below it before it reads it: so the text for 0 shows (recorded
2026-09-19, radkawar/stackd, records), and kinesalite's tests, run against AWS, before that."""


def encoded_shard(text: str) -> int | None:
    """The shard that AWS reads in a number, be it one that no shard gave out: signed as there.

    None for a number whose version has no shard to be read.
    """
    number = int(text)
    if number < OLDEST:
        return number & 0xF
    if number >> 184 != 2 or number & 0xF != 2 or number >> 148 & 0xF_FFFF_FFFF >= _LARGEST_SECONDS:
        return None
    field = number >> 4 & 0xFFFF_FFFF
    return field - (1 << 32) if field > _LARGEST_SHARD else field


def parse(text: str) -> SequenceNumber:
    """Take a sequence number apart. Raises ValueError for what no shard ever gave out."""
    number = int(text)
    if number >> 184 != 2 or number & 0xF != 2:
        raise ValueError(f"{text} is no version 2 sequence number")
    found = SequenceNumber(
        born=number >> 148 & 0xF_FFFF_FFFF,
        shard=number >> 4 & 0xFFFF_FFFF,
        index=number >> 80 & 0xFFFF_FFFF_FFFF_FFFF,
        time=number >> 36 & 0xF_FFFF_FFFF,
    )
    if found.index > LAST_INDEX or found.born >= _LARGEST_SECONDS or found.shard > _LARGEST_SHARD:
        raise ValueError(f"{text} holds a number out of range")
    return found


def ordering_time(text: str) -> int | None:
    """The second in a number that AWS takes for ordering; None for one that it refuses.

    It takes numbers of version 1, too, and of shards that there cannot be (kinesalite's tests, run
    against AWS; the place of version 1's second is kinesalite's).
    """
    number = int(text)
    version = number & 0xF
    if number >> 184 != 2 or version not in (1, 2):
        return None
    if version == 1:
        return number >> 100 & 0xF_FFFF_FFFF
    born, index = number >> 148 & 0xF_FFFF_FFFF, number >> 80 & 0xFFFF_FFFF_FFFF_FFFF
    if born >= _LARGEST_SECONDS or index > LAST_INDEX:
        return None
    return number >> 36 & 0xF_FFFF_FFFF
