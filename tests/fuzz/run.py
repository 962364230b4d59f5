"""Mutate the seeds and give them to every reader: counts, the slowest input, growth of memory."""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.readers import READERS, SEEDS, refused

SLOW_SECONDS = 2.0
MOST_BYTES = 30_000


@dataclass
class Outcome:
    """What a run came to. found: reader, bytes and traceback of what was no refusal. slowest:
    seconds of processor time, and the reader."""

    inputs: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")
    grown_mb: float = 0.0


def mutated(random: Random, pool: list[bytes]) -> bytes:
    """A seed with a few bytes changed, cut out, doubled or taken from another seed."""
    data = bytearray(random.choice(pool))
    for _ in range(random.randint(0, 6)):
        at = random.randrange(len(data) + 1)
        what = random.randrange(5)
        if what == 0 and data:
            data[min(at, len(data) - 1)] = random.randrange(256)
        elif what == 1:
            del data[at : at + random.randint(1, 8)]
        elif what == 2:
            data[at:at] = data[at : at + random.randint(1, 64)] * random.randint(1, 4)
        elif what == 3:
            other = random.choice(pool)
            start = random.randrange(len(other) + 1)
            data[at:at] = other[start : start + random.randint(1, 64)]
        else:
            data[at:at] = random.choice(SPICE)
    return bytes(data[:MOST_BYTES])


SPICE = (
    *(b"\\ud800", b"\xed\xa0\x80", b"NaN", b"1e999", b"-0", b"\x00", b"null", b"{", b"]", b'"'),
    *(b"9" * 40, b"!{", b"''", b"\\", b"\xff\xff\xff\xff", b"\x9f", b"\xbf", b"\xfb", b"(", b"|"),
)


def run(seed: int, rounds: int) -> Outcome:
    """Give every reader ``rounds`` inputs. Same seed, same inputs."""
    random, outcome = Random(seed), Outcome()
    pool = [data for group in SEEDS.values() for data in group]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(rounds):
        data = mutated(random, pool)
        for name in READERS:
            began = time.process_time()
            try:
                outcome.refusals[name] += refused(name, data)
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                key = (name, f"{type(error).__name__} {place.filename}:{place.lineno}")
                outcome.found.setdefault(key, (data, traceback.format_exc()))
            outcome.inputs[name] += 1
            took = time.process_time() - began
            outcome.slowest = max(outcome.slowest, (took, name))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome.grown_mb = (after - before) / 1024
    return outcome
