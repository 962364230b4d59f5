"""The same Firehose calls against moto and against us: every difference is known, and has its
reason. What S3 then holds is among the answers."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from tests.peers.firehose_script import play
from tests.peers.script import differences
from tests.peers.test_moto import Answers, places

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("moto_firehose_differences.toml")
LISTED = tomllib.loads(FILE.read_text("utf-8"))


@pytest.fixture(scope="module")
def theirs() -> Answers:
    command = [sys.executable, "-W", "ignore", "-m", "tests.peers.firehose_script"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(told.stdout))


@pytest.fixture(scope="module")
def ours() -> Answers:
    sim = Simulator(latency=None, delays="instant", limits="off")
    return dict(play(sim.client, lambda: sim.advance(minutes=10)))


def test_the_script_is_the_same_for_both(theirs: Answers, ours: Answers) -> None:
    assert list(theirs) == list(ours)
    assert len(ours) >= 80


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
    errors -= {"ParamValidationError"}  # botocore's own: no records at all never leave the client
    assert all(code.endswith("Exception") for code in errors)
    assert not errors & {"UnknownOperationException", "InternalFailure"}
