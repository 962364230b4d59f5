"""A flow and a workload into a Firehose stream: how much, when, and what was refused."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.events import RecordsTaken
from kinesis_sim.instants import MINUTE
from kinesis_sim.workloads.events.app_clicks import app_clicks
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.producers.shapes import Steps
from kinesis_sim.workloads.scenes.hose import RECORD_BYTES, Hose, pour

NAME = "clicks-to-lake"


def create(sim: Simulator, **hints: int) -> Any:
    firehose = sim.client("firehose")
    role = f"arn:aws:iam::{sim.account}:role/firehose"
    block: dict[str, Any] = {"RoleARN": role, "BucketARN": "arn:aws:s3:::lake"}
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME, ExtendedS3DestinationConfiguration=block
    )
    return firehose


@pytest.fixture
def sim(sim: Simulator) -> Simulator:
    create(sim)
    return sim


@pytest.mark.parametrize(("height", "minutes"), [(2, 3), (0.02, 30), (0.5, 1), (12, 1)])
def test_so_many_bytes_come_in_a_minute(sim: Simulator, height: float, minutes: int) -> None:
    begin = sim.clock.now
    fed = Hose(sim, NAME, height).play(minutes=minutes)
    assert sim.clock.now == begin + minutes * MINUTE
    wanted = height * minutes * 2**20 / RECORD_BYTES
    assert wanted - 1 <= fed.stored <= wanted
    assert sim.firehose[NAME].tally.accepted == fed.stored
    assert fed.refused == 0


def test_a_hose_follows_its_shape(sim: Simulator) -> None:
    hose = Hose(sim, NAME, Steps([(0, 1), (60, 3)]))
    assert [hose.play(minutes=1).stored for _ in range(2)] == [64, 192]


def test_what_is_beyond_the_quota_is_refused_and_counted() -> None:
    sim = Simulator(latency=None, delays="instant", region="sa-east-1")
    create(sim)
    fed = Hose(sim, NAME, 120).play(minutes=1)
    assert fed.refused > 0
    assert fed.stored == pytest.approx(60 * 64, rel=0.02)


@pytest.mark.parametrize("pack", [1, 3, 7])
def test_every_event_is_poured_once_in_order(sim: Simulator, pack: int) -> None:
    taps = list(islice(app_clicks(), 100))
    fed = pour(sim, NAME, taps, pack=pack, end=b"\n")
    assert fed.stored == -(-100 // pack)
    [lane] = sim.firehose[NAME].delivery.lanes.values()  # type: ignore[union-attr]
    held = b"".join(record.data for record in lane.buffer).splitlines()
    sent = [tap.data for tap in taps]
    assert held == sent[-len(held) :]
    assert sim.clock.now == taps[-1].at


def test_a_pack_is_put_when_its_last_event_has_happened(sim: Simulator) -> None:
    begin = sim.clock.now
    taps = [Arrival("k", b"x", begin + at) for at in (1_000, 2_000, 3_000, 9_000)]
    pour(sim, NAME, taps, pack=2)
    assert [event.at - begin for event in sim.events.of(RecordsTaken)] == [2_000, 9_000]


def test_bad_input_is_named(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="pack=0"):
        pour(sim, NAME, [], pack=0)
    with pytest.raises(UsageError, match="no-such"):
        pour(sim, "no-such", [])
    with pytest.raises(UsageError, match="no-such"):
        Hose(sim, "no-such", 1)
    with pytest.raises(UsageError, match="0 minutes"):
        Hose(sim, NAME, 1).play()
