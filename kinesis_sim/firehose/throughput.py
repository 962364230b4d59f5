"""What Direct PUT takes per second: records, bytes and requests of one stream (facts/firehose
§1.5).

AWS raises the limits of a stream that is throttled by itself, and says neither when nor how far;
here they stay as they are. The window is the second that ends now, as for shards (model's choice).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from kinesis_sim.instants import SECOND


class Throughput:
    """The meter of one stream. records, size (bytes), requests: the most per second."""

    __slots__ = ("_bytes", "_most", "_records", "_requests", "_seen")

    def __init__(self, records: int, size: int, requests: int) -> None:
        self._most = (records, size, requests)
        self._seen: deque[tuple[int, int, int]] = deque()
        self._records = self._bytes = self._requests = 0

    def full(self, now: int) -> bool:
        """Whether another request is one too many."""
        self._forget(now)
        return self._requests >= self._most[2]

    def admit(self, now: int, sizes: Sequence[int]) -> list[bool]:
        """Which records of one request are taken, and count them; none when the request is one too
        many. Throttled requests do not count (facts/firehose §7, IncomingPutRequests)."""
        most_records, most_bytes, _ = self._most
        if self.full(now):
            return [False] * len(sizes)
        total = sum(sizes)
        if self._records + len(sizes) <= most_records and self._bytes + total <= most_bytes:
            self._note(now, len(sizes), total)
            return [True] * len(sizes)
        return self._some(now, sizes)

    def _some(self, now: int, sizes: Sequence[int]) -> list[bool]:
        most_records, most_bytes, _ = self._most
        records, total = self._records, self._bytes
        taken: list[bool] = []
        for size in sizes:
            fits = records < most_records and total + size <= most_bytes
            if fits:
                records, total = records + 1, total + size
            taken.append(fits)
        if any(taken):
            self._note(now, records - self._records, total - self._bytes)
        return taken

    def _note(self, now: int, records: int, size: int) -> None:
        self._seen.append((now, records, size))
        self._records += records
        self._bytes += size
        self._requests += 1

    def _forget(self, now: int) -> None:
        while self._seen and self._seen[0][0] <= now - SECOND:
            _, records, size = self._seen.popleft()
            self._records -= records
            self._bytes -= size
            self._requests -= 1
