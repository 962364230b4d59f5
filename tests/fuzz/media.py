"""Media from strangers: Matroska into PutMedia's engine, and what is kept of it into players."""

from __future__ import annotations

from pathlib import Path

from kinesis_sim import Simulator
from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import MediaTrack
from kinesis_sim.video.packaging import mp4, transport
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from tests.fuzz.target import Target

NAME = "s"
_SIM = Simulator(latency=None, remember=0, limits="off")
_SIM.client("kinesisvideo").create_stream(StreamName=NAME)
_SIM.advance(seconds=10)
_SAID = {
    "StreamName": NAME,
    "FragmentTimecodeType": "RELATIVE",
    "ProducerStartTimestamp": "1767225600",
}
_SOUND = MediaTrack(2, 2, "A_AAC", b"\x12\x10", rate=44_100, channels=2)


def _put(data: bytes) -> None:
    """All pieces are taken, the connection ends, and nothing is kept that is larger than came."""
    archive = _SIM.video[NAME].archive
    archive.clear()
    if not _SIM.events.appended % 500:
        _SIM.advance(hours=1)  # a clock that stands still keeps what was scheduled and cancelled
    connection = _SIM.gate.converse("kinesisvideo", "PutMedia", _SAID)
    half = len(data) // 2
    connection.take(data[:half])
    if not connection.ended:
        connection.take(data[half:])
        connection.finish()
    connection.next_event()
    assert connection.ended
    assert archive.bytes <= len(data)
    for fragment in archive:
        tracks = playable(fragment.header.tracks)
        rows = [(track, samples(fragment, track)) for track in tracks]
        for track, found in rows:
            mp4.init(track)
            mp4.segment(1, 0, found)
        transport.transport(0, rows)


def _seeds() -> list[bytes]:
    camera = DockCamera(7, gop=1_000, fps=1)
    film = b"".join(camera.media(0, seconds=2))
    head = matroska.header([camera.track, _SOUND])
    both = matroska.cluster(0, [(1, 0, True, b"\0\0\0\1\x65"), (2, 0, True, b"sound")])
    tags = matroska.tags([("bikes", "3")])
    short = matroska.header([camera.track]) + matroska.cluster(0, [(1, 0, True, b"\0\0\0\1\x65")])
    ffmpeg = (Path(__file__).parents[1] / "video" / "ffmpeg.mkv").read_bytes()
    return [film[:600], film, ffmpeg[:4_000], head + both + tags, short, b"\x1a\x45\xdf\xa3" * 50]


TARGETS: dict[str, Target] = {"media": Target(_put, _seeds())}
