"""AWS/KinesisVideo: what came in, what left, what was refused."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.workloads.scenes.doorbell import Doorbell, crowd
from tests.video.media import NAME, cluster, connect, put, stream
from tests.video.test_consuming import get


def sums(sim: Simulator) -> dict[str, float]:
    frame = sim.metrics("AWS/KinesisVideo", StreamName=NAME)
    found: dict[str, float] = frame.groupby("metric")["Sum"].sum().to_dict()
    return found


def test_what_came_in_is_counted_and_what_was_refused(sim: Simulator) -> None:
    put(sim, stream(3) + cluster(0))
    first = connect(sim)
    with pytest.raises(ServiceError):
        connect(sim)
    first.close("connection closed")
    assert sums(sim) == {
        "PutMedia.Requests": 3,
        "PutMedia.Success": 2,
        "PutMedia.ConnectionErrors": 1,
        "PutMedia.ErrorAckCount": 1,
        "PutMedia.IncomingFragments": 3,
        "PutMedia.IncomingFrames": 30,
        "PutMedia.IncomingBytes": sim.video[NAME].archive.bytes,
    }


def test_what_left_is_counted_by_the_call(sim: Simulator) -> None:
    put(sim, stream(2))
    sent = len(get(sim, "EARLIEST"))
    numbers = [each.number for each in sim.video[NAME].archive]
    archived = sim.client("kinesis-video-archived-media")
    archived.get_media_for_fragment_list(StreamName=NAME, Fragments=numbers)
    found = sums(sim)
    assert found["GetMedia.OutgoingBytes"] == sent
    assert (found["GetMedia.OutgoingFragments"], found["GetMedia.OutgoingFrames"]) == (2, 20)
    assert found["GetMedia.MillisBehindNow"] == 1_000
    assert found["ArchivedFragmentsConsumed.Media"] == 2


def signaled(bell: Doorbell) -> dict[tuple[str, str], float]:
    """The sums of a channel's metrics, by name and operation."""
    frame = bell.sim.metrics("AWS/KinesisVideo", SignalingChannelName=bell.name)
    found: dict[tuple[str, str], float] = {}
    for row in frame.to_dict("records"):
        assert row["Unit"] == "Count"
        operation = row.get("Operation")
        key = row["metric"], operation if isinstance(operation, str) else ""
        found[key] = found.get(key, 0) + row["Sum"]
    return found


def test_a_channels_messages_and_failures_are_counted(sim: Simulator) -> None:
    bell = Doorbell(sim, ttl=60)
    ana = bell.viewer("ana")
    ana.offer()  # comes in, and waits
    sim.advance(seconds=1)
    master = bell.master()  # it leaves
    master.answer("ana")  # comes in and leaves
    master.answer("nobody")  # comes in, and is never delivered
    master.send("ICE_CANDIDATE", "x", "not a client")  # refused
    sim.advance(minutes=2)
    ana.leave()
    assert signaled(bell) == {
        ("Failure", "ConnectAsMaster"): 0,
        ("Failure", "ConnectAsViewer"): 0,
        ("Failure", "SendSdpOffer"): 0,
        ("Failure", "SendSdpAnswer"): 0,
        ("Failure", "SendCandidate"): 1,
        ("Failure", "Disconnect"): 0,
        ("MessagesTransferred.Count", ""): 6,
    }


def test_a_viewer_too_many_is_a_failure(sim: Simulator) -> None:
    bell = Doorbell(sim)
    assert len(crowd(bell, 12)) == 2
    assert signaled(bell) == {("Failure", "ConnectAsViewer"): 2}
