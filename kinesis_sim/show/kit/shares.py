"""Shares of puts: what one shard had of one put, added up where there are too many to draw."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from kinesis_sim.instants import HOUR

MOST_DOTS = 1_200
_GOLDEN = 0.6180339887498949
_WIDTHS = (100, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, HOUR, 6 * HOUR, 24 * HOUR)


@dataclass(frozen=True, slots=True)
class Share:
    """What one shard had of one put, or of one minute whose events were folded. Times: epoch ms."""

    at: int
    shard: int
    records: int
    bytes: int
    throttled: int = 0
    throttled_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Dot:
    """A share, or shares of a stretch of time added up. level: 0 to 1, its height in the lane."""

    share: Share
    level: float


def thinned(shares: tuple[Share, ...], most: int) -> tuple[tuple[Dot, ...], int]:
    """At most about ``most`` dots, and the ms that each adds up (0: a dot is one put's share)."""
    rows, width = list(shares), 0
    for width in (0, *_WIDTHS):
        rows = _added_up(shares, width) if width else list(shares)
        if len(rows) <= most:
            break
    counts: dict[int, int] = {}
    dots = []
    for row in rows:
        count = counts[row.shard] = counts.get(row.shard, 0) + 1
        dots.append(Dot(row, round(count * _GOLDEN % 1, 3)))
    return tuple(dots), width


def _added_up(shares: Iterable[Share], width: int) -> list[Share]:
    """Shares of the same shard and stretch of ``width`` ms as one, at the time of the last."""
    added: dict[tuple[int, int], Share] = {}
    for share in shares:
        place = (share.at // width, share.shard)
        added[place] = _sum(added[place], share) if place in added else share
    return sorted(added.values(), key=lambda share: share.at)


def _sum(one: Share, other: Share) -> Share:
    return Share(
        other.at,
        one.shard,
        one.records + other.records,
        one.bytes + other.bytes,
        one.throttled + other.throttled,
        one.throttled_bytes + other.throttled_bytes,
    )


class Tally:
    """Running sums of shares, so that a count up to any instant costs a look-up."""

    def __init__(self, shares: Iterable[Share]) -> None:
        self._times: list[int] = []
        self._sums: list[tuple[int, int]] = [(0, 0)]
        for share in shares:
            records, throttled = self._sums[-1]
            self._times.append(share.at)
            self._sums.append((records + share.records, throttled + share.throttled))

    @property
    def last(self) -> int:
        """When the last share was put (epoch ms); 0 without any."""
        return self._times[-1] if self._times else 0

    def until(self, instant: int) -> tuple[int, int]:
        """Records stored and records refused up to and at an instant (epoch ms)."""
        return self._sums[bisect_right(self._times, instant)]

    def before(self, instant: int) -> int:
        """Records stored before an instant."""
        return self._sums[bisect_left(self._times, instant)][0]
