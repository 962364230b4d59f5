"""How long a change of each service takes, to the millisecond (see each room's delays.toml)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kinesis_sim import Simulator
from kinesis_sim.firehose.events import DestinationChanged
from kinesis_sim.video.announcing import NOTIFICATION
from kinesis_sim.video.events import FragmentPersisted, NotificationPublished
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import record
from tests.analytics.test_applications import COPY, World
from tests.analytics.test_upkeep import Loaded
from tests.video.media import NAME

APP = {"ApplicationName": "app"}


def lasts(sim: Simulator, ms: int, state: Callable[[], object], then: object) -> None:
    """A state stays for so long, and is followed by another."""
    before = state()
    assert before != then
    sim.advance(milliseconds=ms - 1)
    assert state() == before
    sim.advance(milliseconds=1)
    assert state() == then


@pytest.fixture
def world() -> World:
    """An application of Flink that runs."""
    made = World()
    made.create(COPY)
    made.start()
    return made


@pytest.mark.parametrize(("force", "ms"), [(False, 10_000), (True, 2_000)])
def test_an_application_stops(world: World, force: bool, ms: int) -> None:
    world.api.stop_application(**APP, Force=force)
    lasts(world.sim, ms, lambda: world.status, "READY")


@pytest.mark.parametrize(("runs", "ms"), [(True, 20_000), (False, 1_000)])
def test_an_application_is_updated(world: World, runs: bool, ms: int) -> None:
    if not runs:
        world.stop()
    world.api.update_application(
        **APP,
        CurrentApplicationVersionId=1,
        ServiceExecutionRoleUpdate="arn:aws:iam::123456789012:role/b",
    )
    lasts(world.sim, ms, lambda: world.status, "RUNNING" if runs else "READY")


def test_an_application_is_rolled_back(world: World) -> None:
    world.api.create_application_snapshot(**APP, SnapshotName="s")
    world.sim.advance(minutes=1)
    world.api.update_application(
        **APP,
        CurrentApplicationVersionId=1,
        ServiceExecutionRoleUpdate="arn:aws:iam::123456789012:role/b",
    )
    world.sim.advance(minutes=1)
    world.api.rollback_application(**APP, CurrentApplicationVersionId=2)
    lasts(world.sim, 20_000, lambda: world.status, "RUNNING")


def test_an_application_is_scaled() -> None:
    world = Loaded()
    world.minutes(15, 60)
    assert world.status == "AUTOSCALING"
    lasts(world.sim, 20_000, lambda: world.status, "RUNNING")


def test_a_snapshot_is_made_and_deleted(world: World) -> None:
    def state() -> list[str]:
        rows = world.api.list_application_snapshots(**APP)["SnapshotSummaries"]
        return [row["SnapshotStatus"] for row in rows]

    world.api.create_application_snapshot(**APP, SnapshotName="s")
    lasts(world.sim, 5_000, state, ["READY"])
    [row] = world.api.list_application_snapshots(**APP)["SnapshotSummaries"]
    when = row["SnapshotCreationTimestamp"]
    world.api.delete_application_snapshot(**APP, SnapshotName="s", SnapshotCreationTimestamp=when)
    lasts(world.sim, 1_000, state, [])


def test_an_application_is_deleted(world: World) -> None:
    def names() -> list[str]:
        rows = world.api.list_applications()["ApplicationSummaries"]
        return [f"{row['ApplicationName']} {row['ApplicationStatus']}" for row in rows]

    world.api.delete_application(**APP, CreateTimestamp=world.detail["CreateTimestamp"])
    lasts(world.sim, 5_000, names, [])


def test_a_video_stream_and_a_channel_change_for_two_seconds() -> None:
    sim = Simulator(latency=None)
    call, camera, bell = sim.gate.call, {"StreamName": "camera"}, {"ChannelName": "bell"}

    def state() -> list[str]:
        rows = [
            *call("kinesisvideo", "ListStreams", {})["StreamInfoList"],
            *call("kinesisvideo", "ListSignalingChannels", {})["ChannelInfoList"],
        ]
        return [row.get("Status") or row["ChannelStatus"] for row in rows]

    stream = call("kinesisvideo", "CreateStream", camera)["StreamARN"]
    channel = call("kinesisvideo", "CreateSignalingChannel", bell)["ChannelARN"]
    lasts(sim, 2_000, state, ["ACTIVE"] * 2)
    version = call("kinesisvideo", "DescribeSignalingChannel", bell)["ChannelInfo"]["Version"]
    change = {"ChannelARN": channel, "CurrentVersion": version}
    ttl = {"SingleMasterConfiguration": {"MessageTtlSeconds": 5}}
    call("kinesisvideo", "UpdateSignalingChannel", {**change, **ttl})
    lasts(sim, 2_000, state, ["ACTIVE"] * 2)
    call("kinesisvideo", "DeleteStream", {"StreamARN": stream})
    call("kinesisvideo", "DeleteSignalingChannel", {"ChannelARN": channel})
    lasts(sim, 2_000, state, [])


def test_a_firehose_destination_is_another_after_half_a_minute() -> None:
    sim = Simulator(latency=None)
    call, named = sim.gate.call, {"DeliveryStreamName": "hose"}
    place = {"RoleARN": "arn:aws:iam::123456789012:role/f", "BucketARN": "arn:aws:s3:::lake"}
    call("firehose", "CreateDeliveryStream", {**named, "ExtendedS3DestinationConfiguration": place})
    sim.advance(minutes=1)
    change = {
        **named,
        "CurrentDeliveryStreamVersionId": "1",
        "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": {"Prefix": "rides/"},
    }
    call("firehose", "UpdateDestination", change)

    lasts(sim, 30_000, lambda: [each.version for each in sim.events.of(DestinationChanged)], [1, 2])


def test_a_mapping_is_off_after_half_a_second() -> None:
    sim = Simulator(latency=None)
    call = sim.gate.call
    call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    sim.advance(minutes=1)
    sim.functions.register("f", lambda event: None)
    asked = {
        "EventSourceArn": sim.streams.arn("s"),
        "FunctionName": "f",
        "StartingPosition": "LATEST",
        "Enabled": False,
    }
    named = {"UUID": call("lambda", "CreateEventSourceMapping", asked)["UUID"]}

    def state() -> object:
        return call("lambda", "GetEventSourceMapping", named)["State"]

    lasts(sim, 500, state, "Disabled")
    call("lambda", "UpdateEventSourceMapping", {**named, "Enabled": True})
    lasts(sim, 15_000, state, "Enabled")


def test_a_notification_comes_a_fifth_of_a_second_after_its_fragment() -> None:
    sim = Simulator(latency=None, account="210987654321")
    sim.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=1)
    topic = sim.client("sns").create_topic(Name="film")["TopicArn"]
    config = {
        "Status": "ENABLED",
        "DestinationConfig": {"Uri": topic},
    }
    sim.advance(seconds=10)
    sim.client("kinesisvideo").update_notification_configuration(
        StreamName=NAME, NotificationConfiguration=config
    )
    sim.advance(minutes=1)
    record(sim, NAME, DockCamera(7), seconds=2, tags={NOTIFICATION: ""})
    sim.advance(seconds=5)
    [stored], [told] = sim.events.of(FragmentPersisted), sim.events.of(NotificationPublished)
    assert told.at - stored.at == 200
