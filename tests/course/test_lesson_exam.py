"""The exercise of the lesson on exams: what is told to those who almost did it."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict
from kinesis_sim.course.exercises.exam import STREAM, doubt


def put(calls: int, records: int, size: int = 100, *, shards: int = 1, pause: int = 0) -> Any:
    """A simulator with the stream, and how many records it refused."""
    sim = Simulator()
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=shards)
    sim.advance(seconds=30)
    batch = [{"PartitionKey": f"bike-{n}", "Data": b"x" * size} for n in range(records)]
    refused = 0
    for _ in range(calls):
        refused += kinesis.put_records(StreamName=STREAM, Records=batch)["FailedRecordCount"]
        sim.advance(seconds=pause)
    return sim, refused


def test_who_counts_what_was_refused_has_shown_it() -> None:
    sim, refused = put(3, 400)
    assert refused > 0
    assert doubt(refused, sim).reason == "passed"
    assert doubt(refused + 1, sim).reason == "counted"
    assert doubt(str(refused), sim).reason == "passed"
    assert doubt(10**5_000, sim).values["counted"] == 10**5_000
    assert doubt(f"1,{refused:03d}", sim).values["counted"] == 1_000 + refused
    assert doubt([refused], sim) == Verdict("no-number", {"refused": f"[{refused}]"})


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"calls": 2, "records": 400}, "sent"),
        ({"calls": 3, "records": 400, "size": 1_000}, "size"),
        ({"calls": 3, "records": 400, "shards": 2}, "shards"),
        ({"calls": 3, "records": 400, "pause": 2}, "spread"),
    ],
)
def test_almost_is_told_what_is_missing(shape: dict[str, int], reason: str) -> None:
    sim, refused = put(**shape)
    assert doubt(refused, sim).reason == reason


def test_who_has_not_counted_yet_is_told_how_far_it_went() -> None:
    assert doubt(None, put(2, 400)[0]).reason == "sent"
    assert doubt(None, put(3, 400)[0]).reason == "uncounted"


def test_without_the_stream_nothing_is_shown() -> None:
    assert doubt(None, Simulator()).reason == "untouched"
    assert doubt(200, Simulator()).reason == "no-stream"
