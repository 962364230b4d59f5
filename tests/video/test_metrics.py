"""AWS/KinesisVideo: what came in, what left, what was refused."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
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
