"""Media for tests: small Matroska streams, and producers that send them in process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.account.calls import Conversation
from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import MediaTrack

NAME = "dock-camera"
VIDEO = MediaTrack(
    1, 1, "V_MPEG4/ISO/AVC", b"\1\x42\0\x1e\xff\xe1\0\0\1\0\0", "video", width=64, height=48
)
AUDIO = MediaTrack(2, 2, "A_AAC", b"\x12\x10", "audio", rate=44_100, channels=2)
FRAMES = 10
LENGTH = 2_000
Blocks = list[tuple[int, int, bool, bytes]]


def blocks(length: int = LENGTH, frames: int = FRAMES, track: int = 1, size: int = 40) -> Blocks:
    """Frames at even distances, the first a key frame, each of other bytes."""
    step = length // frames
    return [
        (track, step * place, place == 0, bytes([place]) * (size + place))
        for place in range(frames)
    ]


def cluster(at: int, length: int = LENGTH, frames: int = FRAMES) -> bytes:
    """One fragment of video from ``at`` (ms) on."""
    return matroska.cluster(at, blocks(length, frames))


def stream(count: int = 3, tracks: Iterable[MediaTrack] = (VIDEO,), begin: int = 0) -> bytes:
    """A header and so many fragments of two seconds."""
    tracks = list(tracks)
    parts = [matroska.header(tracks)]
    for number in range(count):
        found = [row for track in tracks for row in blocks(track=track.number)]
        parts.append(matroska.cluster(begin + LENGTH * number, found))
    return b"".join(parts)


def connect(sim: Simulator, **headers: str) -> Conversation:
    """Open PutMedia for the stream of these tests; its times count from 1970."""
    said = {
        "StreamName": NAME,
        "FragmentTimecodeType": "RELATIVE",
        "ProducerStartTimestamp": "1767225600",
        **headers,
    }
    return sim.gate.converse("kinesisvideo", "PutMedia", said)


def heard(connection: Conversation) -> list[dict[str, Any]]:
    """The acknowledgements that are due."""
    lines = connection.next_event() or b""
    assert isinstance(lines, bytes)
    return [json.loads(line) for line in lines.splitlines()]


def put(sim: Simulator, media: bytes, **headers: str) -> list[dict[str, Any]]:
    """Send media at once and wait until it is stored: every acknowledgement."""
    connection = connect(sim, **headers)
    connection.take(media)
    if not connection.ended:
        connection.finish()
    first = heard(connection)
    sim.advance(seconds=1)
    return first + heard(connection)


def told(acks: Iterable[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Acknowledgements as (event, timecode or error id)."""
    return [
        (ack["EventType"], ack.get("ErrorId", ack.get("ErrorCode", ack.get("FragmentTimecode"))))
        for ack in acks
    ]
