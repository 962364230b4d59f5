"""Give mutated seeds to every target: counts, the slowest input, growth of memory."""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

SLOW_SECONDS = 2.0


@dataclass
class Outcome:
    """What a run came to. found: target, bytes and traceback of what was no refusal. slowest:
    seconds of processor time, and the target."""

    inputs: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    slowest: tuple[float, str, bytes] = (0.0, "", b"")
    grown_mb: float = 0.0


def run(seed: int, rounds: int, names: Collection[str] = ()) -> Outcome:
    """Give targets, all or those named, ``rounds`` inputs. Same seed, same inputs.

    Ctrl+C ends it with what it came to so far.
    """
    random, outcome = Random(seed), Outcome()
    chosen = {name: TARGETS[name] for name in names or TARGETS}
    others = [data for target in TARGETS.values() for data in target.seeds]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with suppress(KeyboardInterrupt):
        for number in range(rounds):
            for name, target in chosen.items():
                if number % target.every == 0:
                    _try(outcome, name, target, target.input(random, others))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome.grown_mb = (after - before) / 1024
    return outcome


def _try(outcome: Outcome, name: str, target: Target, data: bytes) -> None:
    began = time.process_time()
    try:
        outcome.refusals[name] += target.refuses(data)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        key = (name, f"{type(error).__name__} {place.filename}:{place.lineno}")
        outcome.found.setdefault(key, (data, traceback.format_exc()))
    outcome.inputs[name] += 1
    took = time.process_time() - began
    if took > outcome.slowest[0]:
        outcome.slowest = (took, name, data)
