"""A stream as the documentation tells it, in the plainest terms: lists, loops and no cleverness.

Written from facts/data-streams §2, §3 and §5 without a look at the package, to be compared with it.
Times are epoch milliseconds. Refusals are error codes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise

TOP = 2**128 - 1
HOUR = 3_600_000


@dataclass
class RefRecord:
    at: int
    key: str
    data: bytes


@dataclass
class RefShard:
    low: int
    high: int
    parents: list[int]
    closed: int | None = None
    expired: bool = False
    records: list[RefRecord] = field(default_factory=list)


class Reference:
    """One provisioned stream, ACTIVE and with changes that take no time."""

    def __init__(self, count: int) -> None:
        self.now = 0
        self.hours = 24
        self.on_demand = False
        self.shards: list[RefShard] = []
        self.switches: list[int] = []
        self.scalings: list[int] = []
        step = 2**128 // count
        for i in range(count):
            self.shards.append(
                RefShard(i * step, TOP if i == count - 1 else (i + 1) * step - 1, [])
            )

    def pass_time(self, ms: int) -> None:
        self.now += ms
        self.forget()

    def forget(self) -> None:
        oldest = self.now - self.hours * HOUR
        for shard in self.shards:
            shard.records = [record for record in shard.records if record.at >= oldest]
            if shard.closed is not None and shard.closed < oldest:
                shard.expired = True

    def open(self) -> list[int]:
        return [i for i, shard in enumerate(self.shards) if shard.closed is None]

    def listed(self) -> list[int]:
        return [i for i, shard in enumerate(self.shards) if not shard.expired]

    def put(self, key: str, data: bytes, explicit: int | None) -> int:
        digest = hashlib.md5(key.encode()).hexdigest()
        place = int(digest, 16) if explicit is None else explicit
        for i in self.open():
            if self.shards[i].low <= place <= self.shards[i].high:
                self.shards[i].records.append(RefRecord(self.now, key, data))
                return i
        raise AssertionError(f"no open shard takes {place}")

    def refuses_reshard(self, *shards: int) -> str | None:
        if self.on_demand:
            return "ValidationException"
        for i in shards:
            if i >= len(self.shards) or self.shards[i].expired:
                return "ResourceNotFoundException"
            if self.shards[i].closed is not None:
                return "InvalidArgumentException"
        return None

    def split(self, i: int, at: int) -> str | None:
        refusal = self.refuses_reshard(i)
        if refusal:
            return refusal
        if not self.shards[i].low + 1 < at < self.shards[i].high:
            return "InvalidArgumentException"
        self.cut(i, at)
        return None

    def cut(self, i: int, at: int) -> None:
        self.shards[i].closed = self.now
        self.shards.append(RefShard(self.shards[i].low, at - 1, [i]))
        self.shards.append(RefShard(at, self.shards[i].high, [i]))

    def merge(self, i: int, j: int) -> str | None:
        refusal = self.refuses_reshard(i, j)
        if refusal:
            return refusal
        if self.shards[i].high + 1 != self.shards[j].low:
            return "InvalidArgumentException"
        self.join(i, j)
        return None

    def join(self, i: int, j: int) -> None:
        self.shards[i].closed = self.shards[j].closed = self.now
        self.shards.append(RefShard(self.shards[i].low, self.shards[j].high, [i, j]))

    def scale(self, target: int) -> str | None:
        count = len(self.open())
        if self.on_demand:
            return "ValidationException"
        if target == count:  # no change, and not one of the ten of a day: recorded 2026-09-19
            return None
        if target > 2 * count or target < count // 2:
            return "InvalidArgumentException"
        if self.used(self.scalings) >= 10:
            return "LimitExceededException"
        self.scalings.append(self.now)
        step = 2**128 // target
        lows = {self.shards[i].low for i in self.open()}
        borders = [  # a shard of one hash key cannot be: a border a key beside an even one is it
            next((near for near in (even, even - 1, even + 1) if near in lows), even)
            for even in range(0, target * step, step)
        ]
        for border in borders:
            for i in self.open():
                if self.shards[i].low < border <= self.shards[i].high:
                    self.cut(i, border)
        while len(self.open()) > target:  # in rounds: the first two parts of each final shard
            pieces = sorted(self.open(), key=lambda i: self.shards[i].low)
            for i, j in pairwise(pieces):
                if self.shards[i].low in borders and self.shards[j].low not in borders:
                    self.join(i, j)
        return None

    def switch(self, on_demand: bool) -> str | None:
        if on_demand == self.on_demand:
            return None
        if self.used(self.switches) >= 2:
            return "LimitExceededException"
        self.switches.append(self.now)
        self.on_demand = on_demand
        return None

    def used(self, times: list[int]) -> int:
        return len([at for at in times if self.now - at < 24 * HOUR])

    def retain(self, hours: int, increase: bool) -> str | None:
        wrong_way = hours < self.hours if increase else hours > self.hours
        if wrong_way or not 24 <= hours <= 8_760:
            return "InvalidArgumentException"
        self.hours = hours
        self.forget()
        return None
