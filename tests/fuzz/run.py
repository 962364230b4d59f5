"""Give mutated seeds to every target: counts, the slowest input, growth of memory."""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
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
    before = peak_mb()
    with suppress(KeyboardInterrupt):
        for number in range(rounds):
            for name, target in chosen.items():
                if number % target.every == 0:
                    attempt(outcome, name, target, target.input(random, others))
    outcome.grown_mb = peak_mb() - before
    return outcome


def short(seed: int, rounds: int) -> tuple[Outcome, list[str]]:
    """A run, and the targets that read nothing in it, nor any of their seeds."""
    outcome = run(seed, rounds)
    idle = [
        name
        for name, count in outcome.inputs.items()
        if outcome.refusals[name] == count and _reads_no_seed(TARGETS[name])
    ]
    return outcome, idle


def _reads_no_seed(target: Target) -> bool:
    """Whether what mutation begins with is refused, mended as what comes of it is."""
    return all(target.refuses(target.mend(seed)) for seed in target.seeds)


def peak_mb() -> float:
    """The process's own high-water mark: ru_maxrss of a spawned one begins at its parent's."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def attempt(outcome: Outcome, name: str, target: Target, data: bytes) -> None:
    """Give a target one input, and note what came of it."""
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
