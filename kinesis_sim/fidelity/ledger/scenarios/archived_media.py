"""Stored media: nothing there, nothing kept, nothing that a player could play."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from kinesis_sim.fidelity.ledger.scenarios.video import NAME, video
from kinesis_sim.fidelity.ledger.stage import Book, Stage, raises
from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import MediaTrack

BOOK: Book = {}
AVC = "V_MPEG4/ISO/AVC"
URLS = ("GetDASHStreamingSessionURL", "GetHLSStreamingSessionURL")
PLAYED = ("GetClip", *URLS)
ALL = (*PLAYED, "GetImages", "GetMediaForFragmentList", "ListFragments")
START = datetime(2026, 1, 1, tzinfo=UTC)
RANGE = {"StartTimestamp": START, "EndTimestamp": START + timedelta(hours=1)}
IMAGES = {
    "ImageSelectorType": "PRODUCER_TIMESTAMP",
    "Format": "JPEG",
    "StartTimestamp": START,
    "EndTimestamp": START,
}
SELECTOR = {"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": RANGE}


def put(stage: Stage, codec: str = AVC, private: bytes = b"", frame: bytes = b"x") -> None:
    """Store one fragment whose track has a codec, its own data, and a frame."""
    said = {
        "StreamName": NAME,
        "FragmentTimecodeType": "RELATIVE",
        "ProducerStartTimestamp": str(START.timestamp()),
    }
    connection = stage.sim.gate.converse("kinesisvideo", "PutMedia", said)
    track = MediaTrack(1, matroska.VIDEO_TYPE, codec, private, width=16, height=16)
    connection.take(matroska.header([track]) + matroska.cluster(0, [(1, 0, True, frame)]))
    connection.finish()
    stage.sim.advance(seconds=1)


def asked(stage: Stage, operation: str, **params: Any) -> object:
    """A call about the stream, for its first hour where it has a range."""
    own: dict[str, Any] = {
        "GetClip": {"ClipFragmentSelector": SELECTOR},
        "GetImages": IMAGES,
        "GetMediaForFragmentList": {"Fragments": ["1"]},
        "ListFragments": {},
    }
    if operation in URLS:
        member = f"{operation.removeprefix('Get').partition('Streaming')[0]}FragmentSelector"
        own[operation] = {"PlaybackMode": "ON_DEMAND", member: SELECTOR}
    return stage.call(operation, **{"StreamName": NAME, **own[operation], **params})


@raises(BOOK, "ResourceNotFoundException", *ALL)
def nobody(stage: Stage, operation: str) -> object:
    """A stream that is not there."""
    return asked(stage, operation, StreamName="nobody")


@raises(BOOK, "InvalidArgumentException", *ALL)
def nameless(stage: Stage, operation: str) -> object:
    """Neither a name nor an ARN."""
    from botocore import xform_name

    params: dict[str, Any] = {}
    if operation == "GetClip":
        params = {"ClipFragmentSelector": SELECTOR}
    if operation == "GetImages":
        params = IMAGES
    if operation == "GetMediaForFragmentList":
        params = {"Fragments": ["1"]}
    return getattr(stage.client, xform_name(operation))(**params)


@raises(BOOK, "NoDataRetentionException", *PLAYED, "GetImages")
def keeps_nothing(stage: Stage, operation: str) -> object:
    """A stream that keeps no media."""
    video(stage, DataRetentionInHours=0)
    return asked(stage, operation)


@raises(BOOK, "UnsupportedStreamMediaTypeException", *PLAYED)
def another_codec(stage: Stage, operation: str) -> object:
    """A codec that no player here has."""
    video(stage)
    put(stage, "V_VP9", b"x")
    return asked(stage, operation)


@raises(BOOK, "MissingCodecPrivateDataException", *PLAYED)
def nothing_of_its_own(stage: Stage, operation: str) -> object:
    """H.264 without its parameter sets."""
    video(stage)
    put(stage)
    return asked(stage, operation)


@raises(BOOK, "InvalidCodecPrivateDataException", *PLAYED)
def something_else(stage: Stage, operation: str) -> object:
    """H.264 with data that are no parameter sets."""
    video(stage)
    put(stage, private=b"\0\0\0\1")
    return asked(stage, operation)


@raises(BOOK, "InvalidMediaFrameException", "GetClip")
def no_frame(stage: Stage, operation: str) -> object:
    """A frame that is not made of NAL units."""
    video(stage)
    private = bytes([1, 66, 0, 30, 255, 0xE1, 0, 1, 0x67, 1, 0, 1, 0x68])
    put(stage, private=private, frame=b"\0\0\0\x09short")
    return asked(stage, operation)


@raises(BOOK, "ClientLimitExceededException", *URLS)
def too_often(stage: Stage, operation: str) -> object:
    """More calls in a second than a stream has."""
    from botocore.exceptions import ClientError

    for _ in range(stage.sim.limits["video.session_rate"]):
        with suppress(ClientError):
            asked(stage, operation)
    return asked(stage, operation)


@raises(BOOK, "ClientLimitExceededException", "GetClip", "GetImages", "ListFragments")
def too_many_described(stage: Stage, operation: str) -> object:
    """A stream's quota points of metadata are used up in this second."""
    video(stage)
    put(stage)
    for _ in range(stage.sim.limits["video.metadata_point_rate"] // 1_000):
        stage.call("ListFragments", StreamName=NAME)
    return asked(stage, operation)


@raises(BOOK, "ClientLimitExceededException", "GetMediaForFragmentList")
def too_many_read(stage: Stage, operation: str) -> object:
    """A stream's quota points of media are used up in this second."""
    video(stage)
    numbers = ["1"] * stage.sim.limits["video.media_point_rate"]
    stage.call(operation, StreamName=NAME, Fragments=numbers)
    return asked(stage, operation)
