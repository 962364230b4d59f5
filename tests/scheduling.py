"""Which tests two workers (pytest-xdist) get as one piece of work, and in which order.

The tests of a file stay together, for they share its fixtures. Where they share none and each takes
seconds, as laws, lessons and solved notebooks do, every test (every lesson) is a piece of its own.
What takes longest comes first, so that no worker is left with it at the end.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

LONG = (
    "tests/clients/test_jvm.py",  # it waits, for most of a minute: the other worker has both cores
    "tests/browser/",
    "tests/clients/",
    "tests/notebooks/",
    "tests/laws/",
    "tests/peers/",
)
SLOW = ("tests/browser/", "tests/clients/", "tests/peers/", "tests/notebooks/test_lessons.py")
"""Left out of ``make quick``, as single tests marked "slow" are: they run other programs."""
SLOWEST = Path(__file__).with_name("slowest.txt")
"""What took longest in a whole run (``tests.slowest`` writes it): out of ``make quick`` as well."""
APART = ("tests/browser/test_lessons.py", "tests/notebooks/test_lessons.py", "tests/laws/")

SOLVED = re.compile(
    r"tests/notebooks/test_lessons\.py::test_the_solutions_pass_their_checks\[(.+)\]"
)
DAY = "tests/browser/test_lessons.py::test_a_second_day_begins_where_the_first_one_ended[{}]"


class ByFile(LoadScopeScheduling):
    """Hands a free worker the next file, or the next test of a file whose tests stand apart.

    When a worker's process ends within a test, that test has failed and is not run again, and the
    others that the worker had go to the next. (xdist hands out all that the worker ever had: pieces
    with nothing left to run, for whose end the run then waits for ever.)
    """

    def remove_node(self, node: WorkerController) -> str | None:
        had = self.assigned_work[node]
        crashed = next((test for unit in had.values() for test, ran in unit.items() if not ran), "")
        for unit in had.values():
            if crashed in unit:
                unit[crashed] = True
        del self.assigned_work[node]
        self.workqueue.update({name: unit for name, unit in had.items() if not all(unit.values())})
        for other in self.nodes:
            self._reschedule(other)
        return crashed or None

    def _reschedule(self, node: WorkerController) -> None:
        """Give a worker enough to do: it begins its last test only when told that it is the last.

        (xdist gives one piece at a time: a new worker whose first is one test would never begin.)
        """
        if node not in self.registered_collections:  # still collecting
            return
        while self.workqueue and not node.shutting_down and self._has_few(node):
            try:
                self._assign_work_unit(node)
            except OSError:  # it has ended, which we shall be told; the piece is on its list
                return
        if not self.workqueue:
            node.shutdown()

    def _has_few(self, node: WorkerController) -> bool:
        return self._pending_of(self.assigned_work[node]) < 3

    def _split_scope(self, nodeid: str) -> str:
        return piece(nodeid)


def piece(nodeid: str) -> str:
    """What a test is handed out with: its file, itself, or all tests of its parameter."""
    file, _, test = nodeid.partition("::")
    if not file.startswith(APART):
        return file
    _, bracket, parameter = test.partition("[")
    return f"{file}[{parameter}" if bracket else nodeid


def longest_first(items: list[pytest.Item]) -> None:
    """Sort what was collected in place; files keep their order otherwise."""
    rank = {folder: number for number, folder in enumerate(LONG)}
    items.sort(
        key=lambda item: next((rank[f] for f in LONG if item.nodeid.startswith(f)), len(LONG))
    )


def solved_twice(nodeids: list[str]) -> list[str]:
    """The lessons that a run would solve without a browser after it solves them in one.

    The first stays: solving without a browser is tested as well.
    """
    run = set(nodeids)
    found = [each for each in nodeids if SOLVED.fullmatch(each)]
    return [each for each in found[1:] if DAY.format(SOLVED.fullmatch(each)[1]) in run]  # type: ignore[index]


def mark_slow(items: list[pytest.Item]) -> None:
    """Mark what runs browsers, other clients and notebooks, and what takes long without them."""
    for item in items:
        if item.nodeid.startswith(SLOW) or function(item.nodeid) in slowest():
            item.add_marker(pytest.mark.slow)


def function(nodeid: str) -> str:
    """A test without its parameters."""
    return nodeid.partition("[")[0]


@cache
def slowest() -> frozenset[str]:
    """The tests that the last measured run found slow."""
    return frozenset(SLOWEST.read_text("utf-8").split())
