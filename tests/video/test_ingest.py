"""PutMedia: what is acknowledged, in which order, and which error each fault gets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.acknowledgement import ERRORS
from kinesis_sim.video.events import FragmentReceived, MediaConnectionChanged
from tests.video.media import (
    AUDIO,
    NAME,
    VIDEO,
    blocks,
    cluster,
    connect,
    heard,
    put,
    stream,
    told,
)

HEADER = matroska.header([VIDEO])


def made(**settings: object) -> Simulator:
    sim = Simulator(latency=None, limits=settings.pop("limits", "on"))  # type: ignore[arg-type]
    request = {"StreamName": NAME, "DataRetentionInHours": 24, **settings}
    sim.client("kinesisvideo").create_stream(**request)
    sim.advance(seconds=10)
    return sim


def test_a_fragment_is_buffered_received_and_persisted(sim: Simulator) -> None:
    connection = connect(sim)
    media = stream(2)
    first = media.index(cluster(2_000))
    connection.take(media[: first - 5])
    assert told(heard(connection)) == [("BUFFERING", 0)]
    connection.take(media[first - 5 : first + 20])
    assert told(heard(connection)) == [("RECEIVED", 0), ("BUFFERING", 2_000)]
    sim.advance(seconds=1)
    assert told(heard(connection)) == [("PERSISTED", 0)]
    connection.take(media[first + 20 :])
    assert heard(connection) == []
    connection.finish()
    assert told(heard(connection)) == [("RECEIVED", 2_000)]
    assert not connection.ended
    sim.advance(seconds=1)
    assert told(heard(connection)) == [("PERSISTED", 2_000)]
    assert connection.ended


def test_an_acknowledgement_is_a_line_of_its_own(sim: Simulator) -> None:
    """Without the line's end AWS's Java client counts none (measured)."""
    connection = connect(sim)
    connection.take(stream(3))
    lines = connection.next_event()
    assert isinstance(lines, bytes)
    assert lines.endswith(b"}\n")
    assert lines.count(b"\n") == lines.count(b"EventType") == 5


def test_without_retention_nothing_is_persisted() -> None:
    sim = made(DataRetentionInHours=0)
    assert told(put(sim, stream(2))) == [
        ("BUFFERING", 0),
        ("RECEIVED", 0),
        ("BUFFERING", 2_000),
        ("RECEIVED", 2_000),
    ]


def test_persisting_takes_as_long_as_its_delay_says(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(stream(1))
    connection.finish()
    sim.advance(milliseconds=sim.delays["video.persist"] - 1)
    assert ("PERSISTED", 0) not in told(heard(connection))
    sim.advance(milliseconds=1)
    assert told(heard(connection)) == [("PERSISTED", 0)]
    assert sim.delays["video.persist"] == 500


@given(st.data())
def test_where_media_is_cut_changes_no_acknowledgement(data: st.DataObject) -> None:
    media = stream(3, (VIDEO, AUDIO)) + data.draw(
        st.sampled_from([b"", cluster(2_000), matroska.tags([("a", "b")]), b"\0\0"])
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(media)), max_size=20)))
    parts = [media[a:b] for a, b in pairwise([0, *cuts, len(media)])]
    whole, pieces = made(), made()
    expected = put(whole, media)
    connection = connect(pieces)
    for part in parts:
        connection.take(part)
    connection.finish()
    found = heard(connection)
    pieces.advance(seconds=1)
    assert found + heard(connection) == expected
    assert [each.raw for each in whole.video[NAME].archive] == [
        each.raw for each in pieces.video[NAME].archive
    ]


LONG = matroska.cluster(0, [(1, 0, True, b"x"), (1, 20_001, False, b"x")])
FAULTS = {
    "garbage": (b"RIFF" + bytes(50), "INVALID_MKV_DATA", 4006),
    "a converted file": (b"\0\0\0\x20ftypisom", "INVALID_MKV_DATA", 4006),
    "the same times again": (stream(2) + cluster(2_000), None, 4004),
    "earlier than before": (stream(2) + cluster(1_000), None, 4004),
    "a group of pictures of twenty seconds": (HEADER + LONG, None, 4002),
    "too long": (
        HEADER + ebml.element(ebml.CLUSTER)[:4] + b"\x1f\0\0\0" + b"\xe7\x81\0",
        "MAX_FRAGMENT_SIZE_REACHED",
        4001,
    ),
    "a track of no name": (
        HEADER + matroska.cluster(0, blocks(track=2)),
        "TRACK_NUMBER_MISMATCH",
        4010,
    ),
    "a track without a frame": (
        matroska.header([VIDEO, AUDIO]) + cluster(0) + cluster(2_000),
        "FRAMES_MISSING_FOR_TRACK",
        4011,
    ),
    "four tracks": (
        matroska.header([VIDEO, AUDIO, AUDIO.__class__(3, 17, "S_A"), AUDIO.__class__(4, 17, "S")]),
        "MORE_THAN_ALLOWED_TRACKS_FOUND",
        4012,
    ),
    "eleven tags": (
        HEADER + matroska.tags([(f"t{n}", "") for n in range(11)]) + cluster(0),
        "FRAGMENT_METADATA_LIMIT_REACHED",
        4009,
    ),
    "a tag of AWS's": (
        stream(1) + matroska.tags([("AWS_OWN", "x")]),
        "FRAGMENT_METADATA_LIMIT_REACHED",
        4009,
    ),
    "a tag's long name": (
        stream(1) + matroska.tags([("n" * 129, "x")]),
        "FRAGMENT_METADATA_LIMIT_REACHED",
        4009,
    ),
    "a tag's long value": (
        stream(1) + matroska.tags([("n", "x" * 257)]),
        "FRAGMENT_METADATA_LIMIT_REACHED",
        4009,
    ),
    "half a second": (
        HEADER + cluster(0, 400) + cluster(999),
        "MIN_FRAGMENT_DURATION_REACHED",
        None,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_gets_its_error_and_ends_the_connection(sim: Simulator, fault: str) -> None:
    media, name, error_id = FAULTS[fault]
    connection = connect(sim)
    connection.take(media)
    connection.finish()
    error = heard(connection)[-1]
    assert error["EventType"] == "ERROR"
    assert error.get("ErrorId") == error_id
    assert name is None or error["ErrorCode"] == name
    sim.advance(seconds=1)
    heard(connection)
    assert connection.ended
    assert not sim.video[NAME].producers


@pytest.mark.parametrize(
    "media",
    [
        HEADER + matroska.cluster(0, [(1, 0, True, b"x"), (1, 20_000, False, b"x")]),
        HEADER + cluster(0, 400) + cluster(1_000),
        HEADER + matroska.tags([(f"t{n}", "") for n in range(10)]) + cluster(0),
        stream(1) + matroska.tags([("n" * 128, "x" * 256)]),
        stream(1) + matroska.tags([("AWS_KINESISVIDEO_IMAGE_PREFIX", "x")]),
        matroska.header([VIDEO, AUDIO, AUDIO.__class__(3, 17, "S_TEXT")]),
    ],
)
def test_what_is_just_within_a_limit_is_taken(sim: Simulator, media: bytes) -> None:
    assert "ERROR" not in [ack["EventType"] for ack in put(sim, media)]


def test_a_fragment_of_fifty_mebibytes_is_the_largest(sim: Simulator) -> None:
    assert sim.limits["video.fragment_bytes"] == 50 * 1024 * 1024
    small = Simulator(latency=None, limits={"video.fragment_bytes": len(cluster(0))})
    small.client("kinesisvideo").create_stream(StreamName=NAME)
    small.advance(seconds=10)
    assert told(put(small, stream(1)))[-1][0] == "RECEIVED"
    larger = HEADER + matroska.cluster(0, blocks(size=41))
    assert told(put(small, larger))[-1] == ("ERROR", 4001)


def test_what_was_received_before_an_error_is_persisted_all_the_same(sim: Simulator) -> None:
    acks = told(put(sim, stream(2) + cluster(2_000)))
    assert acks[-2:] == [("PERSISTED", 0), ("PERSISTED", 2_000)] or ("PERSISTED", 0) in acks
    assert [each.timecode for each in sim.video[NAME].archive.persisted()] == [0, 2_000]


def test_tags_belong_to_the_fragment_before_them_and_a_tag_can_end_it(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(stream(1) + matroska.tags([("bikes", "3")]))
    assert told(heard(connection)) == [("BUFFERING", 0)]
    connection.take(matroska.tags([("AWS_KINESISVIDEO_END_OF_FRAGMENT", "")]))
    assert told(heard(connection)) == [("RECEIVED", 0)]
    [fragment] = sim.video[NAME].archive
    assert fragment.tags == (("bikes", "3"),)


def test_what_a_producer_that_goes_away_had_not_ended_is_lost(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(stream(3)[:-1])
    connection.close("connection closed")
    assert [each.timecode for each in sim.video[NAME].archive] == [0, 2_000]
    assert connection.ended
    assert put(sim, stream(1, begin=9_000))[0]["EventType"] == "BUFFERING"


def test_silence_is_told_and_ends_the_connection_after_thirty_seconds(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(HEADER)
    for _ in range(5):
        sim.advance(milliseconds=4_999)
        assert heard(connection) == []
        sim.advance(milliseconds=1)
        assert told(heard(connection)) == [("IDLE", None)]
    sim.advance(milliseconds=4_999)
    assert not connection.ended
    sim.advance(milliseconds=1)
    assert connection.ended
    assert [each.why for each in sim.events.of(MediaConnectionChanged)] == ["", "ended"]


def test_a_connection_lasts_three_quarters_of_an_hour(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(HEADER)
    for number in range(45 * 6):
        connection.take(cluster(10_000 * number))
        assert "ERROR" not in [ack["EventType"] for ack in heard(connection)]
        if number < 45 * 6 - 1:
            sim.advance(seconds=10)
    sim.advance(milliseconds=9_999)
    assert ("ERROR", 4003) not in told(heard(connection))
    sim.advance(milliseconds=1)
    assert told(heard(connection))[-1] == ("ERROR", 4003)


def test_the_newest_of_two_producers_is_refused(sim: Simulator) -> None:
    first = connect(sim)
    with pytest.raises(ServiceError, match="ConnectionLimitExceededException"):
        connect(sim)
    first.take(stream(1))
    first.finish()
    connect(sim)


@pytest.mark.parametrize(
    "headers",
    [
        {"StreamARN": "arn:aws:kinesisvideo:us-east-1:123456789012:stream/dock-camera/1"},
        {"FragmentTimecodeType": "absolute"},
        {"FragmentTimecodeType": ""},
        {"ProducerStartTimestamp": "yesterday"},
        {"ProducerStartTimestamp": "-1"},
        {"ProducerStartTimestamp": "1e5"},
        {"ProducerStartTimestamp": "999999999999"},
    ],
)
def test_headers_that_say_too_little_or_too_much_are_refused(
    sim: Simulator, headers: dict[str, str]
) -> None:
    with pytest.raises(ServiceError, match="InvalidArgumentException"):
        connect(sim, **headers)


@pytest.mark.parametrize(
    ("kind", "start", "produced"),
    [
        ("RELATIVE", "1767225600.5", 1_767_225_600_500),
        ("RELATIVE", "2026-01-01T00:00:00.500Z", 1_767_225_600_500),
        ("ABSOLUTE", "1767225600.5", 0),
    ],
)
def test_producer_times_count_from_the_start_or_are_absolute(
    sim: Simulator, kind: str, start: str, produced: int
) -> None:
    put(sim, stream(1), FragmentTimecodeType=kind, ProducerStartTimestamp=start)
    [event] = sim.events.of(FragmentReceived)
    assert (event.produced, event.length, event.frames) == (produced, 2_000, 10)


def test_a_stream_that_is_not_there_or_not_active_takes_nothing() -> None:
    sim = Simulator(latency=None)
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        connect(sim)
    sim.client("kinesisvideo").create_stream(StreamName=NAME)
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        connect(sim)


def test_a_stream_that_is_deleted_says_so_to_its_producer(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(stream(1))
    heard(connection)
    arn = sim.video[NAME].arn
    sim.client("kinesisvideo").delete_stream(StreamARN=arn)
    assert told(heard(connection)) == [("ERROR", ERRORS["STREAM_DELETED"])]
    sim.advance(minutes=1)
    assert NAME not in sim.video.streams


@pytest.mark.parametrize(
    ("state", "error_id"), [("Disabled", 4501), ("denied", 4500), ("PendingDeletion", 4505)]
)
def test_a_key_that_cannot_be_used_is_an_error_of_its_own(state: str, error_id: int) -> None:
    sim = Simulator(latency=None)
    key = sim.keys.create_key()
    sim.client("kinesisvideo").create_stream(StreamName=NAME, KmsKeyId=key)
    sim.advance(seconds=10)
    connection = connect(sim)
    connection.take(stream(1))
    assert told(heard(connection)) == [("BUFFERING", 0)]
    sim.keys.set_state(key, state)
    connection.take(cluster(2_000))
    assert told(heard(connection))[-1] == ("ERROR", error_id)
