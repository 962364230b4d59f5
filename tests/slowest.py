"""Which tests ``make quick`` leaves out beside browsers and other programs: what took longest.

python -m tests.slowest run.xml    reads what ``pytest --junit-xml`` wrote of a whole run in CI, and
                                   writes ``tests/slowest.txt``, sorted
"""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from statistics import fmean
from typing import Any
from xml.etree import ElementTree

from tests.effort import PROFILES
from tests.scheduling import SLOW, SLOWEST

TOO_LONG = 0.08  # s a test, its parameters' mean
ALL_TOO_LONG = 3.0  # s a test with all its parameters: hundreds of short ones are long as well
FEWER = PROFILES["quick"] / PROFILES["kinesis"]
"""Of a law's time: ``make quick`` gives it so many of its examples."""


def measured(report: Path) -> dict[str, list[float]]:
    """Seconds of each test function, one number for each of its parameters."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        module, classes = split(case.attrib["classname"])
        name = case.attrib["name"].partition("[")[0]
        test = "::".join([f"{module.replace('.', '/')}.py", *classes, name])
        found[test].append(float(case.attrib["time"]))
    return found


def split(dotted: str) -> tuple[str, list[str]]:
    """A test's module, and the classes that it stands in."""
    parts = dotted.split(".")
    end = 1 + next(place for place, part in enumerate(parts) if part.startswith("test_"))
    return ".".join(parts[:end]), parts[end:]


def is_law(name: str) -> bool:
    """Whether hypothesis chooses what a test is given."""
    file, *inside = name.split("::")
    found: Any = import_module(file.removesuffix(".py").replace("/", "."))
    for each in inside:
        found = getattr(found, each, None)
    return bool(getattr(found, "is_hypothesis_test", False))


def too_long(report: Path) -> list[str]:
    """The tests that take too long for ``make quick``, sorted."""
    found = {name: times for name, times in measured(report).items() if not name.startswith(SLOW)}
    long = [name for name, times in found.items() if _is_long(times, 1)]
    return sorted(name for name in long if _is_long(found[name], FEWER if is_law(name) else 1))


def _is_long(times: list[float], share: float) -> bool:
    return fmean(times) * share >= TOO_LONG or sum(times) * share >= ALL_TOO_LONG


if __name__ == "__main__":
    SLOWEST.write_text("".join(f"{name}\n" for name in too_long(Path(sys.argv[1]))), "utf-8")
