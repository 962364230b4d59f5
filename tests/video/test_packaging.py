"""Containers: what PyAV reads of them, and what their boxes and packets say."""

from __future__ import annotations

import io
from typing import Any

import pytest

from kinesis_sim.errors import ServiceError
from kinesis_sim.video import matroska
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.matroska import Header, MediaTrack
from kinesis_sim.video.packaging import mp4, transport
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from tests.video.media import AUDIO

START = 1_767_257_990_000
CAMERA = DockCamera(7)
VIDEO = CAMERA.track
SOUND = MediaTrack(2, 2, "A_AAC", b"\x12\x10", rate=44_100, channels=2, duration=23_219_954)
SILENCE = bytes.fromhex("2110045000000000000000000000")


def fragment(
    number: int = 0, tracks: tuple[MediaTrack, ...] = (VIDEO,), raw: bytes = b""
) -> Fragment:
    at = START + 2_000 * number
    return Fragment(
        sequence=number + 1,
        number=str(number),
        header=Header(b"", b"", b"", 1_000_000, tracks),
        raw=raw or CAMERA.fragment(at, 2_000 * number),
        timecode=2_000 * number,
        produced=at,
        received=at,
        length=2_000,
        frames=10,
    )


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8].decode(), data[at + 8 : at + size]))
        at += size
    assert at == len(data)
    return found


def decoded(data: bytes, kind: str) -> list[tuple[float, bytes]]:
    """Every frame's time and picture, as PyAV has them."""
    av: Any = pytest.importorskip("av")
    with av.open(io.BytesIO(data), format=kind) as container:
        return [(frame.time, bytes(frame.planes[0])) for frame in container.decode(video=0)]


def original(count: int) -> list[bytes]:
    whole = CAMERA.header() + b"".join(fragment(number).raw for number in range(count))
    return [picture for _, picture in decoded(whole, "matroska")]


def test_fragmented_mp4_has_every_picture_at_its_time() -> None:
    [track] = playable((VIDEO,))
    parts = [mp4.init(track)]
    for number in range(3):
        rows = samples(fragment(number), track)
        parts.append(mp4.segment(number + 1, 2_000 * number, rows))
    assert [name for name, _ in boxes(parts[0])] == ["ftyp", "moov"]
    assert [name for name, _ in boxes(parts[1])] == ["moof", "mdat"]
    frames = decoded(b"".join(parts), "mp4")
    assert [round(time * 1_000) for time, _ in frames] == [200 * number for number in range(30)]
    assert [picture for _, picture in frames] == original(3)


def test_a_clip_is_a_whole_mp4_that_begins_with_its_tables() -> None:
    [track] = playable((VIDEO,))
    rows = [
        mp4.TimedSample(2_000 * number + sample.decoded, sample)
        for number in range(3)
        for sample in samples(fragment(number), track)
    ]
    data = mp4.movie([(track, rows)])
    assert [name for name, _ in boxes(data)] == ["ftyp", "moov", "mdat"]
    frames = decoded(data, "mp4")
    assert [round(time * 1_000) for time, _ in frames] == [200 * number for number in range(30)]
    assert [picture for _, picture in frames] == original(3)


def test_a_transport_stream_has_every_picture_in_packets_of_188_bytes() -> None:
    tracks = playable((VIDEO,))
    parts = []
    for number in range(3):
        rows = [(each, samples(fragment(number), each)) for each in tracks]
        parts.append(transport.transport(2_000 * number, rows))
    assert {len(part) % 188 for part in parts} == {0}
    data = b"".join(parts)
    assert {data[at] for at in range(0, len(data), 188)} == {0x47}
    frames = decoded(data, "mpegts")
    begin = frames[0][0]
    assert [round((time - begin) * 1_000) for time, _ in frames] == [200 * n for n in range(30)]
    assert [picture for _, picture in frames] == original(3)


def test_sound_goes_beside_the_picture() -> None:
    av: Any = pytest.importorskip("av")
    blocks = [(2, round(23.22 * place), True, SILENCE) for place in range(80)]
    video = [
        (block.track, block.offset, block.key, fragment().raw[block.begin : block.end])
        for block in fragment().blocks
    ]
    found = fragment(tracks=(VIDEO, SOUND), raw=matroska.cluster(0, video + blocks))
    tracks = playable(found.header.tracks)
    assert [each.name for each in tracks] == ["avc1.42C01E", "mp4a.40.2"]
    rows = [(each, samples(found, each)) for each in tracks]
    whole = mp4.movie(
        [(each, [mp4.TimedSample(row.decoded, row) for row in found]) for each, found in rows]
    )
    apart = mp4.init(tracks[1]) + mp4.segment(1, 0, rows[1][1])
    for data, kind in ((whole, "mp4"), (apart, "mp4"), (transport.transport(0, rows), "mpegts")):
        with av.open(io.BytesIO(data), format=kind) as container:
            [sound] = container.streams.audio
            assert (sound.codec_context.name, sound.channels) == ("aac", 2)
            assert sound.rate == (44_100 if kind == "mp4" else 0)  # told by decoding, not by tables
            packets = [bytes(packet) for packet in container.demux(sound) if packet.size]
        adts = bytes.fromhex("fff1508002bffc")  # low complexity, 44.1 kHz, two channels, 21 bytes
        assert packets == [(adts if kind == "mpegts" else b"") + SILENCE] * 80


def test_frames_that_are_shown_in_another_order_than_they_are_decoded_in() -> None:
    nal = b"\0\0\0\1\x65"
    shown = [0, 300, 100, 200]
    raw = matroska.cluster(0, [(1, at, at == 0, nal) for at in shown])
    [track] = playable((VIDEO,))
    rows = samples(fragment(raw=raw), track)
    assert [row.decoded for row in rows] == [0, 100, 200, 300]
    assert [row.decoded + row.shown for row in rows] == shown


@pytest.mark.parametrize(
    ("track", "code"),
    [
        (MediaTrack(1, 1, "V_VP8", b"x"), "UnsupportedStreamMediaTypeException"),
        (MediaTrack(1, 1, "V_MPEG4/ISO/AVC"), "MissingCodecPrivateDataException"),
        (MediaTrack(1, 1, "V_MPEG4/ISO/AVC", b"\1\x42"), "InvalidCodecPrivateDataException"),
        (MediaTrack(1, 1, "V_MPEGH/ISO/HEVC", b"\1" * 20), "InvalidCodecPrivateDataException"),
        (
            MediaTrack(1, 1, "V_MPEG4/ISO/AVC", VIDEO.private[:12]),
            "InvalidCodecPrivateDataException",
        ),
    ],
)
def test_what_cannot_be_played_is_refused(track: MediaTrack, code: str) -> None:
    with pytest.raises(ServiceError, match=code):
        playable((track,))
    with pytest.raises(ServiceError, match="UnsupportedStreamMediaTypeException"):
        playable((AUDIO,))


def test_hevc_and_g711_are_named_as_playlists_write_them() -> None:
    profile = bytes([1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93])
    private = profile + bytes([0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 1])
    private += b"\xa0\0\1\0\2\x40\1"
    hevc = MediaTrack(1, 1, "V_MPEGH/ISO/HEVC", private, width=64, height=48)
    sound = MediaTrack(2, 2, "A_MS/ACM", (7).to_bytes(2, "little") + bytes(16), rate=8_000)
    found = playable((sound, hevc))
    assert [(each.entry, each.name) for each in found] == [
        ("hvc1", "hvc1.1.6.L93.90"),
        ("ulaw", "ulaw"),
    ]
    with pytest.raises(ServiceError, match=r"H\.264, H\.265 and AAC only"):
        transport.check_tracks(found)
