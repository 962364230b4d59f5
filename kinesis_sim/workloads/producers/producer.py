"""What all producers have in common: what they count, and how a run drives them.

Laws
1. offered = stored + buffered + lost, at every moment; lost = expired + dropped.
2. sent = stored + throttled: what was sent was answered, one way or the other.

A producer is a description and can be run again and again; ``start`` makes the machine that sends.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol

from kinesis_sim.arguments import number
from kinesis_sim.errors import UsageError
from kinesis_sim.streams.stream import Entry, Stream
from kinesis_sim.units import MIB
from kinesis_sim.workloads.producers.load import Offered

MOST_RECORDS = 500  # records of one PutRecords call (botocore PutRecordsInput.Records)
MOST_BYTES = 10 * MIB  # data and keys of one PutRecords call (facts/data-streams §4.2, Q)
TICK_MS = 100
"""How often a run looks at its producers: what falls between two looks counts as the later one."""
CALL_MS = 10  # what a call takes: the in-process latency model's figure, a model's choice
_DATA = itemgetter(0)
SAFE_BYTES = MOST_BYTES // MOST_RECORDS - 1024  # 500 records up to this fit a call, keys included


@dataclass(slots=True)
class ProducerCounts:
    """What a producer did with the records it was offered.

    sent counts every attempt; throttled the attempts that a shard refused; retried the attempts
    after the first. expired: given up as too old or too often refused; dropped: no room in the
    buffer, or too large. waited: ms from offer to storage, added up over stored records.
    """

    offered: int = 0
    sent: int = 0
    stored: int = 0
    throttled: int = 0
    retried: int = 0
    expired: int = 0
    dropped: int = 0
    calls: int = 0
    waited: int = 0

    @property
    def lost(self) -> int:
        """Records that will never be stored."""
        return self.expired + self.dropped


class Sender(ABC):
    """A producer at work on one stream."""

    def __init__(self, name: str, stream: Stream, chance: random.Random) -> None:
        self.name = name
        self.counts = ProducerCounts()
        self._stream = stream
        self._chance = chance

    @property
    @abstractmethod
    def buffered(self) -> int:
        """Records taken on and neither stored nor given up."""

    @abstractmethod
    def tick(self, now: int) -> None:
        """Take what was offered up to ``now`` (epoch ms) and send what is due."""


class Producer(Protocol):
    """The description of a producer."""

    @property
    def name(self) -> str:
        """What it is called in results."""

    @property
    def load(self) -> Offered:
        """What it is given to send."""

    def start(self, stream: Stream, chance: random.Random, begin: int) -> Sender:
        """A sender that starts at ``begin`` (epoch ms) with an empty buffer."""


def backoff_ms(
    attempt: int, base_ms: int, cap_ms: int, chance: random.Random, *, jitter: bool = True
) -> int:
    """How long to wait before the ``attempt``-th retry (1 for the first), in ms.

    Exponential with full jitter: evenly between 0 and base·2^(attempt−1), at most ``cap_ms``.
    """
    most = min(cap_ms, base_ms << min(attempt - 1, 32))
    return int(chance.random() * (most + 1)) if jitter else most


def calls(entries: Sequence[Entry], most: int = MOST_RECORDS) -> Iterator[Sequence[Entry]]:
    """Entries in the portions that PutRecords takes: up to ``most`` records and 10 MiB."""
    if max(map(len, map(_DATA, entries)), default=0) <= SAFE_BYTES:
        for first in range(0, len(entries), most):
            yield entries[first : first + most]
        return
    first = size = 0
    for place, entry in enumerate(entries):
        more = len(entry[0]) + len((entry[1] or "").encode())
        if place > first and (place - first >= most or size + more > MOST_BYTES):
            yield entries[first:place]
            first, size = place, 0
        size += more
    yield entries[first:]


def at_least(**least: tuple[float, float]) -> None:
    """UsageError for a setting below its least value: name=(value, least)."""
    for name, (value, smallest) in least.items():
        number(name, value)
        if not value >= smallest:
            raise UsageError(f"{name}={value}: give {smallest:g} or more.")
