"""jq in a child process, for queries that can take long: it is ended when a record takes too much.

What "too much" means is processor time and memory (see ``jq_child``), so that the same query and
record come to the same result on a slow machine and on a fast one, but for what lies at the very
edge. The parent's own patience, by the machine's clock, is for what does not even use time.

Whoever moves the clock waits meanwhile, and the simulator's lock with them: a key decides where a
record's buffer is, so it is part of the action. The wait is bounded: a second of work a record, and
three in a row a query, of which it then rests (below).
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinesis_sim.aws import __path__ as _here
from kinesis_sim.units import GIB

PATIENCE_SECONDS = 30.0
MOST_IN_A_ROW = 3
REST = 100
"""Records that a query is not asked about when it took too much for three in a row; twice as many
each time that it does so again (the model's choice), so that a batch does not cost its length."""
_CHILD = Path(_here[0]) / "jq_child.py"


class Child:
    """One child process, begun when it is needed, and again after it was ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._failed: dict[str, _Failed] = {}

    def evaluate(self, program: str, text: str) -> list[Any]:
        """The first two results.

        Raises ValueError for jq's errors, TimeoutError when the record takes more work than one
        may.
        """
        with self._lock:
            failed = self._failed.setdefault(program, _Failed())
            if failed.rests():
                raise TimeoutError
            answer = self._ask(json.dumps([program, text]))
            if not answer:
                failed.again()
                raise TimeoutError
            del self._failed[program]
        kind, found = json.loads(answer)
        if kind == "error":
            raise ValueError(found)
        return list(found)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def _ask(self, line: str) -> str:
        process = self._process or self._begin()
        assert process.stdin is not None
        assert process.stdout is not None
        alarm = threading.Timer(PATIENCE_SECONDS, process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        finally:
            alarm.cancel()
        if not answer.endswith("\n"):
            self.close()
            return ""
        return answer

    def _begin(self) -> subprocess.Popen[str]:
        self._process = process = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", str(_CHILD), str(GIB)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        weakref.finalize(self, _end, process)
        return process


@dataclass
class _Failed:
    """How often in a row a query took too much, and for how many records it rests."""

    times: int = 0
    resting: int = 0
    rest: int = REST

    def rests(self) -> bool:
        self.resting -= 1
        return self.resting >= 0

    def again(self) -> None:
        self.times += 1
        if self.times % MOST_IN_A_ROW == 0:
            self.resting, self.rest = self.rest, 2 * self.rest


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
