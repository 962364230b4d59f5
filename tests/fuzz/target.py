"""What is fuzzed: a target reads bytes, and may refuse them in its own words only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from kinesis_sim import UsageError
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.naming.date_patterns import WrongPattern

Reader = Callable[[bytes], object]
REFUSALS = (ServiceError, UsageError, WrongPattern)
"""What every target may answer with."""


@dataclass(frozen=True)
class Target:
    """read: takes an input. seeds: where mutation begins: what is right, and every past finding.

    also: further refusals, which whoever calls it makes something of. every: only every so many
    rounds, for what is slow. mend: makes a mutated input pass its own checksum.
    """

    read: Reader
    seeds: list[bytes]
    also: tuple[type[Exception], ...] = ()
    every: int = 1
    mend: Callable[[bytes], bytes] = field(default=lambda data: data)

    def refuses(self, data: bytes) -> bool:
        """Whether it refused some bytes; anything but a refusal of its own is raised."""
        try:
            self.read(data)
        except (*REFUSALS, *self.also):
            return True
        return False

    def input(self, random: Random, others: list[bytes]) -> bytes:
        """A mutated seed of its own, or now and then of somebody else."""
        from tests.fuzz.mutation import mutated

        pool = self.seeds if random.random() < 0.9 else others
        return self.mend(mutated(random, pool))


def text(data: bytes) -> str:
    """Bytes as a text that may hold halves of characters."""
    return data.decode("utf-8", "surrogateescape")
