"""Rows that a sink's stream has not taken: they wait, are in every snapshot, and none is lost."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kinesis_sim import Simulator
from kinesis_sim.analytics.on_clock.batches import TO_DELIVERY, TO_STREAM, BatchKind, Outlet
from kinesis_sim.analytics.on_clock.flink_job import FlinkJob
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.units import MIB
from tests.analytics.on_clock.test_flink_job import PASS, TABLES, counted, made, put

TEXT = TABLES.format(sink="kinesis") + PASS
ROWS = 3_500
"""More than a shard takes in three seconds (facts/data-streams §4.1: 1,000 records a second)."""


@pytest.fixture
def sim() -> Simulator:
    """A simulator that throttles."""
    return Simulator(latency=None, delays="instant")


def begun(sim: Simulator) -> FlinkJob:
    """A job that has read all its rows, and could send but some of them."""
    made(sim, shards=1)
    sim.advance(seconds=2)
    for first in range(0, ROWS, 500):
        put(sim, range(first, first + 500))
        sim.advance(seconds=1)
    job = sim.analytics.start(TEXT)
    sim.advance(seconds=1)
    assert 0 < len(counted(job)) < ROWS
    return job


def test_a_job_at_the_tip_goes_on_sending(sim: Simulator) -> None:
    job = begun(sim)
    sim.advance(seconds=20)
    assert sorted(counted(job)) == [*range(ROWS)]


def test_a_savepoint_holds_what_was_not_sent(sim: Simulator) -> None:
    job = begun(sim)
    kept = job.stop()
    assert kept is not None
    held = kept.held["counts"]
    assert len(held.rows) == ROWS - len(counted(job)) > 0
    other = sim.analytics.start(TEXT, snapshot=kept)
    sim.advance(seconds=20)
    assert sorted(counted(job) + counted(other)) == [*range(ROWS)]


def test_a_failure_goes_back_to_what_the_checkpoint_held(sim: Simulator) -> None:
    job = begun(sim)
    job.checkpoint()
    at_checkpoint = len(counted(job))
    assert at_checkpoint < ROWS
    sim.advance(seconds=2)
    again = len(counted(job)) - at_checkpoint
    job.fail()
    sim.advance(seconds=20)
    assert set(counted(job)) == {*range(ROWS)}
    assert len(counted(job)) == ROWS + again  # sent since the checkpoint: at least once


def test_rows_held_for_other_columns_are_not_sent(sim: Simulator) -> None:
    kept = begun(sim).stop()
    text = TEXT.replace("n BIGINT", "n INT")
    with pytest.raises(SqlValidationError, match="not yet sent to counts"):
        sim.analytics.start(text, snapshot=kept)
    sim.analytics.start(text, snapshot=kept, allow_non_restored=True)


# --- batches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "most"), [(TO_STREAM, 10 * MIB), (TO_DELIVERY, 4 * MIB)])
@pytest.mark.parametrize(("size", "number"), [(10, 1_201), (30_000, 701), (1_000_000, 24)])
def test_a_batch_is_cut_by_number_and_by_bytes(
    kind: BatchKind, most: int, size: int, number: int
) -> None:
    calls: list[list[dict[str, Any]]] = []

    def call(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert (service, operation, request[kind.name]) == (kind.service, kind.operation, "out")
        calls.append(request["Records"])
        return {kind.answers: [{} for _ in request["Records"]]}

    ports = SimpleNamespace(call=call, new_id=lambda: "0" * 36)
    outlet: Outlet[int] = Outlet(
        cast(AnalyticsPorts, ports), kind, "out", lambda row: json.dumps(row).encode().zfill(size)
    )
    rows = [*range(number)]
    taken = [row for batch, _ in outlet.sent(rows) for row in batch]
    assert taken == rows
    assert [int(one["Data"][-5:]) for batch in calls for one in batch] == rows
    sizes = [
        sum(len(one["Data"]) + len(one.get("PartitionKey", "")) for one in batch) for batch in calls
    ]
    assert max(sizes) <= most
    assert max(map(len, calls)) <= 500
    fits = most // (size + (36 if kind.keyed else 0))
    assert len(calls) == -(-len(rows) // min(500, fits))  # no more calls than it takes
