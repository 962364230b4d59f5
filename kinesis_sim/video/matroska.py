"""What a Matroska stream says of its media: tracks, blocks and tags (RFC 9559)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from kinesis_sim.video import ebml
from kinesis_sim.video.ebml import Bytes, Head, MalformedMedia

VIDEO_TYPE, AUDIO_TYPE = 1, 2
_KEY = 0x80
_LACED = 0x06
MOST_PARTS, MOST_ROWS = 100, 10_000
"""Elements of a BlockGroup, and tracks or tags of a header, that are read (the model's choice)."""


@dataclass(frozen=True, slots=True)
class MediaTrack:
    """A track of a stream.

    private: the codec's own data (avcC, hvcC, AudioSpecificConfig). duration: of a frame, in ns; 0
    when it is not said. width, height: pixels; rate: Hz. Zero for what a track does not have.
    """

    number: int
    type: int
    codec: str
    private: bytes = b""
    name: str = ""
    uid: int = 0
    duration: int = 0
    width: int = 0
    height: int = 0
    rate: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """What comes before the first cluster: the elements as they came, and what they say.

    scale: ns of one unit of a timestamp.
    """

    ebml: bytes
    info: bytes
    raw_tracks: bytes
    scale: int
    tracks: tuple[MediaTrack, ...]

    def track(self, number: int) -> MediaTrack | None:
        """The track of a number."""
        return next((track for track in self.tracks if track.number == number), None)

    @property
    def codecs(self) -> tuple[tuple[int, str, bytes], ...]:
        """By what two headers have the same media: codec and its own data of each track."""
        return tuple((track.number, track.codec, track.private) for track in self.tracks)


class MediaBlock(NamedTuple):
    """A block of a cluster: its frames lie from ``begin`` to ``end``.

    offset: in units of the stream's scale, from the cluster's timestamp.
    """

    track: int
    offset: int
    key: bool
    laced: bool
    begin: int
    end: int


def scale_of(data: Bytes, info: Head) -> int:
    """Nanoseconds of a unit; a million when Info does not say. Raises MalformedMedia for none."""
    for found in ebml.elements(data, info.begin, info.end):
        if found.id == ebml.TIMESTAMP_SCALE:
            scale = ebml.unsigned(data, found)
            if not scale:
                raise MalformedMedia("TimestampScale is 0.")
            return scale
    return 1_000_000


def tracks_of(data: Bytes, tracks: Head) -> tuple[MediaTrack, ...]:
    """The tracks of a Tracks element. Raises MalformedMedia."""
    entries = ebml.elements(data, tracks.begin, tracks.end)
    own = _few((entry for entry in entries if entry.id == ebml.TRACK_ENTRY), MOST_ROWS)
    found = tuple(_track(data, entry) for entry in own)
    numbers = [track.number for track in found]
    if 0 in numbers or len(set(numbers)) < len(numbers):
        raise MalformedMedia("A track has no number of its own.")
    return found


_NUMBERS = {
    ebml.TRACK_NUMBER: "number",
    ebml.TRACK_TYPE: "type",
    ebml.TRACK_UID: "uid",
    ebml.DEFAULT_DURATION: "duration",
    ebml.PIXEL_WIDTH: "width",
    ebml.PIXEL_HEIGHT: "height",
    ebml.CHANNELS: "channels",
}


def _track(data: Bytes, entry: Head) -> MediaTrack:
    said: dict[str, int] = {"number": 0, "type": 0}
    codec, private, name = "", b"", ""
    for found in _flat(data, entry):
        if found.id in _NUMBERS:
            said[_NUMBERS[found.id]] = ebml.unsigned(data, found)
        elif found.id == ebml.SAMPLING_FREQUENCY:
            rate = ebml.floating(data, found)
            said["rate"] = round(rate) if 0 < rate < 1e7 else 0
        elif found.id == ebml.CODEC_ID:
            codec = ebml.text(data, found)
        elif found.id == ebml.CODEC_PRIVATE:
            private = bytes(data[found.begin : found.end])
        elif found.id == ebml.TRACK_NAME:
            name = ebml.text(data, found)
    return MediaTrack(codec=codec, private=private, name=name, **said)


def _flat(data: Bytes, entry: Head) -> Iterator[Head]:
    """A track's elements, those of its Video and Audio among them."""
    for found in ebml.elements(data, entry.begin, entry.end):
        if found.id in (ebml.VIDEO, ebml.AUDIO):
            yield from ebml.elements(data, found.begin, found.end)
        else:
            yield found


def tags_of(data: Bytes, tags: Head) -> list[tuple[str, str]]:
    """Names and texts of a Tags element. Raises MalformedMedia."""
    simple = (
        found
        for tag in ebml.elements(data, tags.begin, tags.end)
        if tag.id == ebml.TAG
        for found in ebml.elements(data, tag.begin, tag.end)
        if found.id == ebml.SIMPLE_TAG
    )
    return [_simple(data, found) for found in _few(simple, MOST_ROWS)]


def _few(found: Iterator[Head], most: int) -> list[Head]:
    """All of them. Raises MalformedMedia for more than are read."""
    heads = list(islice(found, most + 1))
    if len(heads) > most:
        raise MalformedMedia(f"An element holds more than {most:,} others.")
    return heads


def _simple(data: Bytes, simple: Head) -> tuple[str, str]:
    name = value = ""
    for found in ebml.elements(data, simple.begin, simple.end):
        if found.id == ebml.TAG_NAME:
            name = ebml.text(data, found)
        elif found.id == ebml.TAG_STRING:
            value = ebml.text(data, found)
    return name, value


def block_of(data: Bytes, found: Head, *, limit: int, key: bool | None = None) -> MediaBlock:
    """The head of a block whose first bytes, up to ``limit``, are there.

    key: of one within a group, whose flags do not say. Raises MalformedMedia for one too short.
    """
    track, at = ebml.vint(data, found.begin, min(found.end, limit))
    if at + 3 > found.end:
        raise MalformedMedia("A block is shorter than its head.")
    offset = int.from_bytes(data[at : at + 2], "big", signed=True)
    flags = data[at + 2]
    is_key = bool(flags & _KEY) if key is None else key
    return MediaBlock(track, offset, is_key, bool(flags & _LACED), at + 3, found.end)


def grouped(data: Bytes, group: Head) -> MediaBlock:
    """The block of a BlockGroup, which is there whole; without a reference it is a key frame."""
    parts = _few(ebml.elements(data, group.begin, group.end), MOST_PARTS)
    blocks = [part for part in parts if part.id == ebml.BLOCK]
    if len(blocks) != 1:
        raise MalformedMedia("A BlockGroup has no block of its own.")
    key = not any(part.id == ebml.REFERENCE_BLOCK for part in parts)
    return block_of(data, blocks[0], limit=group.end, key=key)


def blocks_of(cluster: Bytes) -> Iterator[MediaBlock]:
    """The blocks of a cluster that is there whole, its head included. Raises MalformedMedia."""
    top = ebml.head(cluster, 0, len(cluster))
    if top is None:
        raise MalformedMedia("A cluster is empty.")
    for found in ebml.elements(cluster, top.begin, len(cluster)):
        if found.id == ebml.SIMPLE_BLOCK:
            yield block_of(cluster, found, limit=found.end)
        elif found.id == ebml.BLOCK_GROUP:
            yield grouped(cluster, found)


# --- writing --------------------------------------------------------------------------------------


def header(tracks: Iterable[MediaTrack], *, writer: str = "kinesis-lab") -> bytes:
    """EBML, an open Segment, Info and Tracks: how a stream of ours begins."""
    top = ebml.element(ebml.EBML, ebml.string(ebml.DOC_TYPE, "matroska"))
    info = ebml.element(
        ebml.INFO,
        ebml.number(ebml.TIMESTAMP_SCALE, 1_000_000),
        ebml.string(0x4D80, writer),
        ebml.string(0x5741, writer),
    )
    entries = ebml.element(ebml.TRACKS, *map(_entry, tracks))
    return top + ebml.open_element(ebml.SEGMENT) + info + entries


def _entry(track: MediaTrack) -> bytes:
    parts = [
        ebml.number(ebml.TRACK_NUMBER, track.number),
        ebml.number(ebml.TRACK_UID, track.uid or track.number),
        ebml.number(ebml.TRACK_TYPE, track.type),
        ebml.string(ebml.CODEC_ID, track.codec),
        ebml.string(ebml.TRACK_NAME, track.name),
    ]
    if track.private:
        parts.append(ebml.element(ebml.CODEC_PRIVATE, track.private))
    if track.duration:
        parts.append(ebml.number(ebml.DEFAULT_DURATION, track.duration))
    if track.type == VIDEO_TYPE:
        sizes = {ebml.PIXEL_WIDTH: track.width, ebml.PIXEL_HEIGHT: track.height}
        parts.append(ebml.element(ebml.VIDEO, *(ebml.number(*size) for size in sizes.items())))
    elif track.type == AUDIO_TYPE:
        rate = ebml.element(ebml.SAMPLING_FREQUENCY, _float(track.rate))
        channels = ebml.number(ebml.CHANNELS, track.channels)
        parts.append(ebml.element(ebml.AUDIO, rate, channels))
    return ebml.element(ebml.TRACK_ENTRY, *parts)


def _float(value: float) -> bytes:
    from struct import pack

    return pack(">d", value)


def cluster(timestamp: int, blocks: Iterable[tuple[int, int, bool, bytes]]) -> bytes:
    """A cluster of simple blocks: track, offset (ms), whether it is a key frame, the frame."""
    return ebml.element(
        ebml.CLUSTER,
        ebml.number(ebml.TIMESTAMP, timestamp),
        *(
            ebml.element(
                ebml.SIMPLE_BLOCK,
                bytes([0x80 | track]),
                offset.to_bytes(2, "big", signed=True),
                bytes([_KEY if key else 0]),
                frame,
            )
            for track, offset, key, frame in blocks
        ),
    )


def tags(pairs: Iterable[tuple[str, str]]) -> bytes:
    """A Tags element with one tag of these names and texts."""
    simple = (
        ebml.element(
            ebml.SIMPLE_TAG, ebml.string(ebml.TAG_NAME, name), ebml.string(ebml.TAG_STRING, value)
        )
        for name, value in pairs
    )
    return ebml.element(ebml.TAGS, ebml.element(ebml.TAG, *simple))
