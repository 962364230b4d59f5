"""The same calls against moto and against us: every difference is known, and has its reason.

moto patches what is global in a process, so it answers in one of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.peers.script import differences, play

ROOT = Path(__file__).parents[2]
LISTED = tomllib.loads((Path(__file__).parent / "moto_differences.toml").read_text("utf-8"))
Answers = dict[str, Any]


@pytest.fixture(scope="module")
def theirs() -> Answers:
    command = [sys.executable, "-W", "ignore", "-m", "tests.peers.script"]
    told = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(told.stdout))


@pytest.fixture(scope="module")
def ours() -> Answers:
    sim = Simulator(latency=None, delays="instant", limits="off")
    return dict(play(sim.client("kinesis")))


def places(line: str) -> set[tuple[str, str]]:
    """The call and the places of one line of the list."""
    call, _, names = line.partition(": ")
    return {(call, name) for name in names.split(", ")}


def test_the_script_is_the_same_for_both(theirs: Answers, ours: Answers) -> None:
    assert list(theirs) == list(ours)
    assert len(ours) >= 200


def test_every_difference_is_listed_and_every_listed_one_is_there(
    theirs: Answers, ours: Answers
) -> None:
    found = {(call, place) for call in ours for place in differences(theirs[call], ours[call])}
    listed = [
        place for entry in LISTED["difference"] for line in entry["calls"] for place in places(line)
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) - found == set(), "listed, but gone"
    assert found - set(listed) == set(), "found, but not listed"


def test_every_difference_has_a_reason() -> None:
    for entry in LISTED["difference"]:
        assert entry.keys() == {"ours", "moto", "source", "calls"}
        assert all(entry.values())


def test_ours_never_fails_for_want_of_an_answer(ours: Answers) -> None:
    errors = {answer["Error"]["Code"] for answer in ours.values() if "Error" in answer}
    assert all(code.endswith("Exception") for code in errors)
    assert not errors & {"UnknownOperationException", "InternalFailure"}
