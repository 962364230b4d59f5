"""A long run: each target in a process of its own, in pieces, and what it came to kept in a folder.

Stopped at any time and started again with the same folder, it goes on where it was: every piece has
random numbers of its own, so that the inputs are those of a run that nobody stopped. An input that
takes longer than SLOW_SECONDS of processor time, growth of more than MOST_GROWN_MB and a process
that ended by itself are findings, as tracebacks are; their inputs are kept in full.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from tests.fuzz.run import SLOW_SECONDS, Outcome, attempt, peak_mb
from tests.fuzz.targets import TARGETS

PIECE_SECONDS = 20.0
"""After how long, about, what a target came to is written down and told."""
MOST_GROWN_MB = 300.0
STUCK_SECONDS = 60
"""Processor time after which an input is ended by force."""


class Stuck(BaseException):
    """An input took STUCK_SECONDS; no reader catches this."""


@dataclass
class Standing:
    """How far a target is. found: what happened → the input in hexadecimal, and the traceback.

    slowest: seconds of processor time; slow_input: the input, in hexadecimal.
    """

    target: str
    seed: int
    inputs: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slow_input: str = ""
    grown_mb: float = 0.0
    found: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"{self.target}: {self.inputs:,} inputs, {self.refused:,} refused, "
            f"{self.seconds:.0f} s; slowest {self.slowest:.2f} s; grown {self.grown_mb:.0f} MB; "
            f"{len(self.found)} findings"
        )


def standing(folder: Path, target: str, seed: int) -> Standing:
    """How far a target is, as the folder says; new if it has not begun with this seed."""
    try:
        known = Standing(**json.loads(_file(folder, target, seed).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return Standing(target, seed)
    return known


def _file(folder: Path, target: str, seed: int) -> Path:
    return folder / f"{target.replace(' ', '-').replace(',', '')}-{seed}.json"


def _write(folder: Path, reached: Standing) -> None:
    place = _file(folder, reached.target, reached.seed)
    aside = place.with_suffix(".part")
    aside.write_text(json.dumps(asdict(reached)))
    aside.replace(place)


def marathon(seed: int, rounds: int, names: Iterable[str], workers: int, folder: Path) -> bool:
    """Give every target ``rounds`` inputs; whether nothing was found. Ctrl+C ends it.

    Prints how far each target is as it goes on. Raises KeyboardInterrupt when it was ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = sorted(names or TARGETS, key=lambda name: TARGETS[name].every)  # the slow come last
    left = [name for name in chosen if standing(folder, name, seed).inputs < rounds]
    running: dict[Any, tuple[str, Any]] = {}
    context = get_context("spawn")
    try:
        while left or running:
            while left and len(running) < workers:
                name = left.pop(0)
                process = context.Process(target=work, args=(name, seed, rounds, folder))
                process.start()
                running[process.sentinel] = (name, process)
            for sentinel in wait(list(running)):
                name, process = running.pop(sentinel)
                process.join()
                if process.exitcode:
                    _ended(folder, name, seed, process.exitcode)
    finally:
        for _, process in running.values():
            process.terminate()
            process.join()
    reached = [standing(folder, name, seed) for name in chosen]
    for each in reached:
        for what, (data, trace) in each.found.items():
            _say(f"{each.target}: {what}: {bytes.fromhex(data)[:300]!r}\n{trace}")
        _say(str(each))
    total = sum(each.inputs for each in reached)
    found = sum(len(each.found) for each in reached)
    _say(f"{total:,} inputs for {len(reached)} targets, seed {seed}: {found} findings")
    return not found and all(each.inputs >= rounds for each in reached)


def _ended(folder: Path, name: str, seed: int, code: int) -> None:
    reached = standing(folder, name, seed)
    told = f"the process ended by itself ({code}) after input {reached.inputs:,} or later"
    reached.found[told] = ["", ""]
    _write(folder, reached)
    _say(f"{name}: {told}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def work(name: str, seed: int, rounds: int, folder: Path) -> None:
    """A process of its own: ``go_on``, with an end for what never ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    signal.signal(signal.SIGPROF, _stuck)
    os.chdir(folder)  # what a reader writes lies there
    go_on(name, seed, rounds, folder)


def go_on(name: str, seed: int, rounds: int, folder: Path) -> Standing:
    """Give one target its inputs, from where it is."""
    target, reached = TARGETS[name], standing(folder, name, seed)
    for data in target.seeds:
        target.refuses(data)  # what is loaded on first use is no growth
    before = peak_mb()
    while reached.inputs < rounds:
        began = time.monotonic()
        _piece(name, seed, rounds, reached, began)
        reached.seconds += time.monotonic() - began
        reached.grown_mb = max(reached.grown_mb, peak_mb() - before)
        if reached.grown_mb > MOST_GROWN_MB:
            told = f"grown more than {MOST_GROWN_MB:.0f} MB"
            reached.found.setdefault(told, ["", f"after {reached.inputs:,} inputs"])
        _write(folder, reached)
        _say(str(reached))
    return reached


def _piece(name: str, seed: int, rounds: int, reached: Standing, began: float) -> None:
    from random import Random

    target = TARGETS[name]
    others = [data for each in TARGETS.values() for data in each.seeds]
    while reached.inputs < rounds and time.monotonic() - began < PIECE_SECONDS:
        # a hundred inputs share random numbers, wherever a run was cut
        random = Random(f"{seed} {name} {reached.inputs // 100}")
        for _ in range(min(100, rounds - reached.inputs)):
            data = target.input(random, others)
            _one(name, data, reached)


def _one(name: str, data: bytes, reached: Standing) -> None:
    outcome = Outcome()
    signal.setitimer(signal.ITIMER_PROF, STUCK_SECONDS)
    try:
        attempt(outcome, name, TARGETS[name], data)
    except Stuck:
        reached.found.setdefault(f"longer than {STUCK_SECONDS} s", [data.hex(), ""])
        outcome.inputs[name] = 1
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    reached.inputs += 1
    reached.refused += outcome.refusals[name]
    for (_, what), (bad, trace) in outcome.found.items():
        reached.found.setdefault(what, [bad.hex(), trace])
    took = outcome.slowest[0]
    if took > SLOW_SECONDS:
        reached.found.setdefault(f"longer than {SLOW_SECONDS:g} s", [data.hex(), f"{took:.2f} s"])
    if took > reached.slowest:
        reached.slowest, reached.slow_input = took, data.hex()


def _stuck(*_: object) -> None:
    raise Stuck
