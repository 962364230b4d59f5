"""Seeing machines: a function of frames, its findings in a data stream, and who is harmed."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import MissingPackage, ServiceError, UsageError
from kinesis_sim.video import matroska
from kinesis_sim.video.events import FindingSent, FragmentReceived, FramesWatched
from kinesis_sim.video.watching import TRIES, SeenFrame
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import record
from kinesis_sim.workloads.camera.seeing import Motion, count_bikes
from tests.video.media import NAME, VIDEO, cluster, put

pytest.importorskip("av")


@pytest.fixture
def sim() -> Simulator:
    made = Simulator(latency=None)
    made.client("kinesisvideo").create_stream(StreamName=NAME)
    made.client("kinesis").create_stream(StreamName="findings", ShardCount=1)
    made.advance(minutes=1)
    return made


def found(sim: Simulator) -> list[dict[str, Any]]:
    kinesis = sim.client("kinesis")
    iterator = kinesis.get_shard_iterator(
        StreamName="findings", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    rows = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert {row["PartitionKey"] for row in rows} <= {NAME}
    return [json.loads(row["Data"]) for row in rows]


def test_bikes_are_counted_as_the_camera_has_them(sim: Simulator) -> None:
    camera, began = DockCamera(7), sim.clock.now
    watch = sim.video.watch(NAME, count_bikes, to="findings")
    record(sim, NAME, camera, seconds=60)
    sim.advance(seconds=1)
    rows = found(sim)
    assert [row["Finding"]["bikes"] for row in rows] == [
        sum(camera.docked(began + 1_000 * second)) for second in range(60)
    ]
    assert len({row["Finding"]["bikes"] for row in rows}) > 1
    where = rows[3]["InputInformation"]["KinesisVideo"]
    kept = list(sim.video[NAME].archive)[1]
    assert where == {
        "StreamArn": sim.video[NAME].arn,
        "FragmentNumber": kept.number,
        "ServerTimestamp": kept.received / 1_000,
        "ProducerTimestamp": kept.produced / 1_000,
        "FrameOffsetInSeconds": 1.0,
    }
    assert (watch.frames, watch.findings, watch.errors, watch.lost) == (60, 60, 0, 0)


def test_motion_is_seen_when_a_bike_comes_or_goes(sim: Simulator) -> None:
    camera, began = DockCamera(7), sim.clock.now
    sim.video.watch(NAME, Motion(), to="findings", every=1_000)
    record(sim, NAME, camera, seconds=60)
    sim.advance(seconds=1)
    docked = [camera.docked(began + 1_000 * second) for second in range(60)]
    moved = [second for second in range(1, 60) if docked[second] != docked[second - 1]]
    seen = [
        row["InputInformation"]["KinesisVideo"]["ProducerTimestamp"]
        + row["InputInformation"]["KinesisVideo"]["FrameOffsetInSeconds"]
        - began / 1_000
        for row in found(sim)
    ]
    assert [round(at) for at in seen] == moved
    assert len(moved) > 5


def test_a_bad_call_harms_nobody(sim: Simulator) -> None:
    camera = DockCamera(7)

    def odd(frame: SeenFrame) -> Any:
        second = frame.at // 1_000 % 5
        if second == 0:
            raise KeyError("no such bike")
        if second == 1:
            raise SystemExit(3)
        if second == 2:
            return {"not": {"json"}}
        if second == 3:
            return float("nan")
        return None

    bad = sim.video.watch(NAME, odd, to="findings")
    good = sim.video.watch(NAME, count_bikes, to="findings")
    acks = record(sim, NAME, camera, seconds=20)
    sim.advance(seconds=1)
    assert [ack.event for ack in acks].count("RECEIVED") == 10
    assert (bad.frames, bad.findings, bad.errors) == (20, 0, 16)
    assert (good.frames, good.findings, good.errors) == (20, 20, 0)
    assert bad.error.startswith("ValueError: Out of range float values")
    assert len(found(sim)) == 20
    assert not sim.clock.mishaps.seen


def test_media_without_a_picture_is_an_error_of_its_own(sim: Simulator) -> None:
    watch = sim.video.watch(NAME, count_bikes, to="findings")
    put(sim, matroska.header([VIDEO]) + cluster(0))
    assert (watch.frames, watch.errors) == (0, 1)
    assert watch.error
    record(sim, NAME, DockCamera(7), seconds=4)
    sim.advance(seconds=1)
    assert (watch.frames, watch.findings, watch.errors) == (4, 4, 1)


def test_every_is_kept_across_fragments_and_ends_with_stop(sim: Simulator) -> None:
    seen: list[int] = []
    began = sim.clock.now

    def note(frame: SeenFrame) -> None:
        seen.append(frame.at - began)

    watch = sim.video.watch(NAME, note, to="findings", every=1_500)
    record(sim, NAME, DockCamera(7), seconds=6)
    sim.advance(seconds=1)
    assert seen == [0, 1_600, 3_200, 4_800]
    watch.stop()
    watch.stop()
    record(sim, NAME, DockCamera(7), seconds=2)
    sim.advance(seconds=1)
    assert len(seen) == 4


def test_a_camera_whose_clock_jumps_back_is_still_seen(sim: Simulator) -> None:
    watch = sim.video.watch(NAME, count_bikes, to="findings")
    camera = DockCamera(7)
    for at in (1_800_000_000_000, 1_700_000_000_000):
        media = b"".join(camera.media(at, seconds=2, absolute=True))
        put(sim, media, FragmentTimecodeType="ABSOLUTE")
    assert (watch.frames, watch.errors) == (4, 0)


def test_findings_wait_when_the_stream_is_throttled(sim: Simulator) -> None:
    sim = Simulator(latency=None, limits={"streams.shard_write_records": 2})
    sim.client("kinesisvideo").create_stream(StreamName=NAME)
    sim.client("kinesis").create_stream(StreamName="findings", ShardCount=1)
    sim.advance(minutes=1)
    watch = sim.video.watch(NAME, count_bikes, to="findings", every=200)
    record(sim, NAME, DockCamera(7), seconds=2)
    sim.advance(seconds=TRIES)
    assert (watch.findings, len(found(sim)), watch.lost) == (10, 10, 0)
    assert watch.error == ""


def test_findings_of_a_stream_that_went_are_lost_and_counted(sim: Simulator) -> None:
    watch = sim.video.watch(NAME, count_bikes, to="findings")
    sim.client("kinesis").delete_stream(StreamName="findings")
    sim.advance(minutes=1)
    record(sim, NAME, DockCamera(7), seconds=4)
    sim.advance(seconds=10)
    assert (watch.findings, watch.lost) == (4, 4)
    assert "ResourceNotFoundException" in watch.error
    table = sim.metrics("KinesisLab/Video", StreamName=NAME)
    sums = table.groupby("metric")["Sum"].sum().to_dict()
    assert sums == {"FramesWatched": 4, "Findings": 4, "WatchErrors": 0, "FindingsLost": 4}


def test_a_stream_that_is_deleted_is_watched_no_more(sim: Simulator) -> None:
    watch = sim.video.watch(NAME, count_bikes, to="findings")
    put(sim, b"".join(DockCamera(7).media(0, seconds=2)))
    video = sim.client("kinesisvideo")
    video.delete_stream(StreamARN=sim.video[NAME].arn)
    sim.advance(minutes=1)
    video.create_stream(StreamName=NAME)
    sim.advance(minutes=1)
    record(sim, NAME, DockCamera(7), seconds=2)
    sim.advance(seconds=1)
    assert watch.frames == 2


def test_a_frame_is_pixels_and_a_file(sim: Simulator) -> None:
    kept: list[SeenFrame] = []
    sim.video.watch(NAME, kept.append, to="findings")
    record(sim, NAME, DockCamera(7), seconds=2)
    sim.advance(seconds=1)
    frame = kept[0]
    assert len(frame.luma) == frame.width * frame.height == 160 * 96
    assert frame.array().shape == (96, 160, 3)
    assert frame.jpeg()[:2] == b"\xff\xd8"


def test_what_cannot_be_watched(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="nobody"):
        sim.video.watch("nobody", count_bikes, to="findings")
    with pytest.raises(UsageError, match="give a function"):
        sim.video.watch(NAME, "count_bikes", to="findings")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="every=0"):
        sim.video.watch(NAME, count_bikes, to="findings", every=0)
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        sim.video.watch(NAME, count_bikes, to="nowhere")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingPackage, match=r"kinesis-lab\[video\]"):
        sim.video.watch(NAME, count_bikes, to="findings")


def test_findings_go_on_to_the_lake(sim: Simulator) -> None:
    """The whole way: camera, function, data stream, Firehose, objects in S3."""
    bucket = sim.buckets.create("pedala-findings")
    arn = sim.client("kinesis").describe_stream_summary(StreamName="findings")
    role = "arn:aws:iam::123456789012:role/firehose"
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="findings",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": arn["StreamDescriptionSummary"]["StreamARN"],
            "RoleARN": role,
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": bucket,
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [{"Type": "AppendDelimiterToRecord"}],
            },
        },
    )
    sim.advance(minutes=2)
    camera, began = DockCamera(7), sim.clock.now
    sim.video.watch(NAME, count_bikes, to="findings", every=10_000)
    record(sim, NAME, camera, seconds=60)
    sim.advance(minutes=3)
    body = b"".join(body for _, body in sim.buckets.objects("pedala-findings"))
    assert [json.loads(line)["Finding"]["bikes"] for line in body.splitlines()] == [
        sum(camera.docked(began + 10_000 * place)) for place in range(6)
    ]


def test_a_fragment_is_looked_at_soon_after_it_came(sim: Simulator) -> None:
    sim.video.watch(NAME, count_bikes, to="findings")
    record(sim, NAME, DockCamera(7), seconds=4)
    sim.advance(seconds=1)
    looked = [each.at for each in sim.events.of(FramesWatched)]
    received = [each.at for each in sim.events.of(FragmentReceived)]
    assert [at - then for at, then in zip(looked, received, strict=True)] == [100, 100]


def test_a_finding_that_is_throttled_five_times_is_lost(sim: Simulator) -> None:
    sim = Simulator(latency=None, limits={"streams.shard_write_records": 1})
    sim.client("kinesisvideo").create_stream(StreamName=NAME)
    sim.client("kinesis").create_stream(StreamName="findings", ShardCount=1)
    sim.advance(minutes=1)
    watch = sim.video.watch(NAME, count_bikes, to="findings", every=200)
    record(sim, NAME, DockCamera(7), seconds=2)
    sim.advance(seconds=20)
    assert (watch.findings, len(found(sim)), watch.lost) == (10, 5, 5)
    assert "ProvisionedThroughputExceededException" in watch.error
    first, *_, last = (each.at for each in sim.events.of(FindingSent))
    assert last - first == 4_000
