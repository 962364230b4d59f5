"""Which tests two workers (pytest-xdist) get as one piece of work, and in which order.

The tests of a file stay together, for they share its fixtures. Where they share none and each takes
seconds, as laws, lessons and solved notebooks do, every test (every lesson) is a piece of its own.
What takes longest comes first, so that no worker is left with it at the end.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

LONG = ("tests/browser/", "tests/clients/", "tests/notebooks/", "tests/laws/", "tests/peers/")
SLOW = ("tests/browser/", "tests/clients/", "tests/peers/", "tests/notebooks/test_lessons.py")
"""Left out of ``make quick``, as single tests marked "slow" are: they run other programs."""
APART = ("tests/browser/test_lessons.py", "tests/notebooks/test_lessons.py", "tests/laws/")


class ByFile(LoadScopeScheduling):
    """Hands a free worker the next file, or the next test of a file whose tests stand apart."""

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


def mark_slow(items: list[pytest.Item]) -> None:
    """Mark what runs browsers, other clients and notebooks."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
