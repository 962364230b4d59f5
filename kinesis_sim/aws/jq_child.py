"""A process of its own for jq queries that may take long: the program that runs in it.

It imports nothing of this package, and is told how much memory it may use. It reads lines of JSON,
``[program, text]``, and answers each with a line: ``["found", results]`` (two at most) or
``["error", text]``. A record may take so much work; what needs more ends the process, which is how
its parent knows.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from itertools import islice
from typing import Any

import jq

WORK_SECONDS = 1
"""Processor time for one record, not the machine's clock: a loaded machine changes no result."""


@lru_cache(maxsize=64)
def _compiled(program: str) -> Any:
    return jq.compile(program)


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's patience alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _limit_work() -> None:
    """End the process when the record at hand has taken its processor time."""
    try:
        import signal

        signal.setitimer(signal.ITIMER_PROF, WORK_SECONDS)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
    except (ImportError, AttributeError):  # Windows
        return


def _answer(line: str) -> list[Any]:
    program, text = json.loads(line)
    _limit_work()
    try:
        return ["found", list(islice(iter(_compiled(program).input_text(text)), 2))]
    except ValueError as error:
        return ["error", str(error)]


def main() -> None:
    """Answer until the parent says no more."""
    _limit_memory(int(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
