"""What is written down comes back the same; broken lines are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.workloads.capture import captured
from kinesis_sim.workloads.pipeline.consumers import Polling
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.load import Recorded
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.feed import feed

STREAM = "pedala-rides"


def fresh(**options: Any) -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits="off", **options)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    return sim


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    """A capture of three minutes: single puts, a batch with a refused record, a pinned one."""
    path = tmp_path / "traffic.ndjson"
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    with sim.capture(path) as capture:
        kinesis.put_record(StreamName=STREAM, PartitionKey="bike-1", Data=b"\xff\x00")
        sim.advance(minutes=1)
        large = {"PartitionKey": "bike-2", "Data": bytes(900_000)}
        batch = [large, large, {"PartitionKey": "bike-3", "Data": b"small"}]
        answer = kinesis.put_records(StreamName=STREAM, Records=batch)
        assert answer["FailedRecordCount"] == 1
        sim.advance(minutes=2)
        kinesis.put_record(
            StreamName=STREAM, PartitionKey="bike-4", Data=b"pinned", ExplicitHashKey="0"
        )
        assert capture.records == 4
    kinesis.put_record(StreamName=STREAM, PartitionKey="bike-5", Data=b"not captured")
    return path


def test_a_capture_holds_what_was_stored_and_replays_it(traffic: Path) -> None:
    lines = [json.loads(line) for line in traffic.read_text("utf-8").splitlines()]
    assert [line["partitionKey"] for line in lines] == ["bike-1", "bike-2", "bike-3", "bike-4"]
    assert [line["at"] - lines[0]["at"] for line in lines] == [0, 60_000, 60_000, 180_000]
    sim = fresh(start="2026-03-01T00:00:00Z")
    began = sim.clock.now
    done = feed(sim, STREAM, captured(traffic, start=sim.now))
    assert (done.stored, done.refused) == (4, 0)
    assert sim.clock.now - began == 180_000
    back = read(sim, STREAM)
    assert sorted(record["Data"][:6] for record in back) == sorted(
        [b"\xff\x00", bytes(6), b"small", b"pinned"]
    )
    first = read(sim, STREAM, shards=["shardId-000000000000"])
    [pinned] = [record for record in first if record["Data"] == b"pinned"]
    assert pinned["PartitionKey"] == "bike-4"


def test_a_replay_can_run_faster(traffic: Path) -> None:
    arrivals = list(captured(traffic, start="2026-03-01T00:00:00Z", speed=60))
    assert [arrival.at - arrivals[0].at for arrival in arrivals] == [0, 1_000, 1_000, 3_000]


def test_a_learners_own_lines_replay_by_their_fields(tmp_path: Path) -> None:
    path = tmp_path / "own.ndjson"
    path.write_text(
        '{"user": "ana", "when": "2026-01-01T00:00:05Z", "x": 1}\n\n'
        '{"user": "bia", "when": 1767225610}\n{"user": 7, "when": 1767225611000}\n',
        "utf-8",
    )
    arrivals = list(captured(path, key="user", time="when"))
    assert [arrival.key for arrival in arrivals] == ["ana", "bia", "7"]
    assert [arrival.at - 1767225600000 for arrival in arrivals] == [5_000, 10_000, 11_000]
    assert arrivals[0].event == {"user": "ana", "when": "2026-01-01T00:00:05Z", "x": 1}


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("{", "no JSON"),
        ("[1]", "a line must be a JSON object"),
        ('{"at": 1, "partitionKey": "k"}', "the field 'data' is missing"),
        ('{"at": 1, "partitionKey": "k", "data": "***"}', "base64"),
        ('{"at": "noon", "partitionKey": "k", "data": ""}', "invalid literal"),
        ('{"at": 1, "partitionKey": "", "data": ""}', "1 to 256 characters, not 0"),
        ('{"at": 1, "partitionKey": "k", "data": "", "explicitHashKey": "-1"}', "explicitHashKey"),
        ("[" * 100_000, "line 2"),
    ],
)
def test_a_broken_line_is_named_or_left_out(traffic: Path, line: str, cause: str) -> None:
    whole = traffic.read_text("utf-8").splitlines()
    traffic.write_text("\n".join([whole[0], line, *whole[1:]]), "utf-8")
    with pytest.raises(UsageError, match=r"traffic\.ndjson, line 2") as caught:
        list(captured(traffic))
    assert cause in str(caught.value)
    assert len(list(captured(traffic, skip_broken=True))) == 4


def test_a_broken_line_stops_a_replay_and_what_is_stored_stays(traffic: Path) -> None:
    whole = traffic.read_text("utf-8").splitlines()
    traffic.write_text("\n".join([*whole[:2], "{", *whole[2:]]), "utf-8")
    sim = fresh()
    with pytest.raises(UsageError, match=r"traffic\.ndjson, line 3: no JSON"):
        feed(sim, STREAM, captured(traffic, start=sim.now))
    assert [record["PartitionKey"] for record in read(sim, STREAM)] == ["bike-1"]
    rest = feed(sim, STREAM, captured(traffic, start=sim.now, skip_broken=True))
    assert rest.stored == 4


def test_a_record_without_a_key_gets_one_of_its_own(tmp_path: Path) -> None:
    """AUTO distribution needs no partition key; a replay into any other stream does."""
    path, sim = tmp_path / "auto.ndjson", Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    mode = {"StreamMode": "ON_DEMAND"}
    kinesis.create_stream(StreamName="a", StreamModeDetails=mode, RecordDistributionStrategy="AUTO")
    with sim.capture(path):
        kinesis.put_records(StreamName="a", Records=[{"Data": b"1"}, {"Data": b"2"}])
    keys = {arrival.key for arrival in captured(path)}
    assert len(keys) == 2
    assert feed(fresh(), STREAM, captured(path, start="2026-01-01T00:00:00Z")).stored == 2


def test_a_capture_is_the_workload_of_a_capacity_plan(traffic: Path) -> None:
    plan = Pipeline(producers=[Batcher(Recorded(captured(traffic)))], shards=2)
    played = plan.run(minutes=4)
    # After 60 and 180 seconds: a minute's last instant is still its own.
    assert [row["offered"] for row in played.rows] == [3, 0, 1, 0]
    assert played.totals["stored"] == 4
    assert plan.flow(minutes=4).totals["stored"] == pytest.approx(4)
    fast = Pipeline(producers=[Batcher(Recorded(captured(traffic), faster=4))], shards=2)
    assert fast.run(minutes=1).totals["stored"] == 4


def test_a_learners_own_lines_are_the_workload_of_a_capacity_plan(tmp_path: Path) -> None:
    path = tmp_path / "own.ndjson"
    lines = [json.dumps({"user": f"u{n % 9}", "when": 1767225600 + n / 50}) for n in range(3_000)]
    path.write_text("\n".join(lines), "utf-8")
    load = Recorded(captured(path, key="user", time="when"))
    result = Pipeline(producers=[Batcher(load)], consumers=[Polling()]).run(minutes=1)
    assert result.totals["stored"] == 3_000
    assert result.consumer_totals[0]["records"] >= 2_950


def test_wrong_arguments_are_named(traffic: Path) -> None:
    with pytest.raises(UsageError, match="speed=0"):
        list(captured(traffic, speed=0))
    with pytest.raises(UsageError, match="both key= and time="):
        list(captured(traffic, key="user"))
