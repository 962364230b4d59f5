"""The process that runs a job ends whatever its caller's own functions do; no Java is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest

from kinesis_sim.flink.job import JobStep
from kinesis_sim.flink.process import TimeUp, execute
from kinesis_sim.flink.toolchain import Toolchain

WAITS = "import sys; sys.stdin.read()"
"""A job without an end: like Flink's, it leaves when its input is closed."""


class Waiting:
    """Stands for Flink."""

    def command(self, job: Path, settings: Iterable[str] = ()) -> list[str]:
        """A process that waits."""
        return [sys.executable, "-c", WAITS]


FLINK = cast(Toolchain, Waiting())
STEPS = [JobStep("collect", "query", "SELECT 1")]


def test_what_the_callers_question_raises_ends_the_job_and_is_raised() -> None:
    def until() -> bool:
        raise LookupError("asked wrongly")

    with pytest.raises(LookupError, match="asked wrongly"):
        execute(FLINK, STEPS, timeout=60, unending=True, until=until)


def test_a_job_ends_when_its_caller_says_so_and_at_its_time() -> None:
    assert execute(FLINK, STEPS, timeout=60, unending=True, until=lambda: True) == {}
    assert execute(FLINK, STEPS, timeout=0.3, unending=True) == {}
    with pytest.raises(TimeUp, match=r"0\.3 seconds"):
        execute(FLINK, STEPS, timeout=0.3)
