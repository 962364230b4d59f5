"""A fragment: one cluster of a producer's media, numbered and dated by the service."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import Header, MediaBlock

if TYPE_CHECKING:
    from random import Random

_CHANCE = 28
_CLOCK = 64
_LEAD = 1 << 156


@dataclass(frozen=True)
class Fragment:
    """Media of a second or more that can be decoded by itself. Times: epoch ms.

    sequence: counts a stream's fragments; number: told to callers. raw: the cluster as it came.
    produced: by the producer's clock; received: when the service began to receive it. length: ms.
    tags: those that the producer sent with it.
    """

    sequence: int
    number: str
    header: Header
    raw: bytes
    timecode: int
    produced: int
    received: int
    length: int
    frames: int
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the media."""
        return len(self.raw)

    @cached_property
    def blocks(self) -> tuple[MediaBlock, ...]:
        """Its blocks, in the order in which they came."""
        return tuple(matroska.blocks_of(self.raw))

    @property
    def ends(self) -> int:
        """When it ends by the producer's clock."""
        return self.produced + self.length


class FragmentNumbers:
    """The fragment numbers of one stream, as AWS's were observed.

    See facts/video/4/fragment-number-observed-undocumented.

    Forty hexadecimal digits, told in decimal: 1, sixteen of a count, sixteen of the server's time
    in ms, seven by chance. AWS documents none of this; only that a later fragment has a larger one.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.count = 0

    def next(self, now: int) -> str:
        """The number of a fragment that begins to come in at ``now`` (epoch ms)."""
        self.count += 1
        chance = self._chance.getrandbits(_CHANCE)
        return str(_LEAD | self.count << (_CHANCE + _CLOCK) | now << _CHANCE | chance)
