"""What Direct PUT takes per second: a stream's records, bytes, requests (facts/firehose §1.5).

AWS raises the limits of a stream that is throttled by itself, and says neither when nor how far;
here they stay as they are. The window is the second that ends now, as for shards (model's choice).
"""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_sim.account.rates import Window


class DirectPutMeter:
    """The meter of one stream. records, size (bytes), requests: the most per second."""

    __slots__ = ("_bytes", "_most", "_records", "_requests")

    def __init__(self, records: int, size: int, requests: int) -> None:
        self._most = (records, size, requests)
        self._records, self._bytes, self._requests = Window(), Window(), Window()

    def full(self, now: int) -> bool:
        """Whether another request is one too many."""
        return self._requests.at(now) >= self._most[2]

    def admit(self, now: int, sizes: Sequence[int]) -> list[bool]:
        """Which records of one request are taken, and count them.

        None when the request is one too many. Throttled requests do not count (facts/firehose §7,
        IncomingPutRequests).
        """
        most_records, most_bytes, _ = self._most
        if self.full(now):
            return [False] * len(sizes)
        records, total = self._records.at(now), self._bytes.at(now)
        asked = sum(sizes)
        if records + len(sizes) <= most_records and total + asked <= most_bytes:
            self._note(now, len(sizes), asked)
            return [True] * len(sizes)
        return self._some(now, sizes, records, total)

    def _some(self, now: int, sizes: Sequence[int], records: int, total: int) -> list[bool]:
        most_records, most_bytes, _ = self._most
        taken: list[bool] = []
        count = asked = 0
        for size in sizes:
            fits = records + count < most_records and total + asked + size <= most_bytes
            if fits:
                count, asked = count + 1, asked + size
            taken.append(fits)
        if count:
            self._note(now, count, asked)
        return taken

    def _note(self, now: int, records: int, size: int) -> None:
        self._records.add(now, records)
        self._bytes.add(now, size)
        self._requests.add(now, 1)
