"""Writes down how ebmlite reads Matroska: ``python -m tests.video.ebmlite_record``.

ebmlite 3.4.1 brings a top-level package ``tests``, which hides ours: install it somewhere else
(``pip install --no-deps --target DIR ebmlite``), delete ``DIR/tests``, and put DIR on the path.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.video.media import AUDIO, VIDEO, stream

HERE = Path(__file__).parent
RECORD = HERE / "ebmlite.json"
FFMPEG = HERE / "ffmpeg.mkv"
"""A second as FFmpeg (PyAV 18.1) writes it: MPEG-4, and sound without a codec."""


def films() -> dict[str, bytes]:
    """What is read, by name."""
    from kinesis_sim.workloads.camera.dock_camera import DockCamera

    return {
        "camera": b"".join(DockCamera(7).media(0, seconds=6)),
        "two tracks": stream(3, (VIDEO, AUDIO)),
        "ffmpeg": FFMPEG.read_bytes(),
    }


def hashed(data: bytes) -> str:
    """Bytes, short."""
    return sha256(data).hexdigest()[:16]


def by_ebmlite(media: bytes) -> dict[str, Any]:
    """Tracks (number, codec, own data), cluster timestamps and frames as ebmlite reads them."""
    import ebmlite

    document = ebmlite.loadSchema("matroska.xml").load(io.BytesIO(media))
    [segment] = [each for each in document if each.name == "Segment"]
    told: dict[str, Any] = {"media": hashed(media), "tracks": [], "stamps": [], "frames": []}
    for part in segment:
        if part.name == "Tracks":
            for entry in _all(part, "TrackEntry"):
                said = {each.name: each.value for each in entry}
                own = bytes(said.get("CodecPrivate", b"")).hex()
                told["tracks"].append([said["TrackNumber"], said["CodecID"], own])
        elif part.name == "Cluster":
            told["stamps"].append(_all(part, "Timecode")[0].value)
            told["frames"] += _frames(part, told["stamps"][-1])
    return told


def _all(parent: Any, name: str) -> list[Any]:
    return [each for each in parent if each.name == name]


def _frames(cluster: Any, stamp: int) -> Iterator[list[Any]]:
    for each in cluster:
        if each.name == "SimpleBlock":
            data = bytes(each.value)
            yield _frame(data, stamp, bool(data[3] & 0x80))
        elif each.name == "BlockGroup":
            [block] = _all(each, "Block")
            yield _frame(bytes(block.value), stamp, not _all(each, "ReferenceBlock"))


def _frame(data: bytes, stamp: int, key: bool) -> list[Any]:
    """Track, time, whether it is a key frame, data: of a track whose number has one byte."""
    assert data[0] & 0x80
    offset = int.from_bytes(data[1:3], "big", signed=True)
    return [data[0] & 0x7F, stamp + offset, key, hashed(data[4:])]


if __name__ == "__main__":
    found = {name: by_ebmlite(media) for name, media in films().items()}
    RECORD.write_text(json.dumps(found, separators=(",", ":")) + "\n")
