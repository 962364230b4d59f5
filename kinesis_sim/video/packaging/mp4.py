"""MP4, whole and in fragments (ISO/IEC 14496-12): the boxes that players need, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import pack

from kinesis_sim.video.packaging.codecs import LARGEST, PlayableTrack
from kinesis_sim.video.packaging.samples import Sample

SCALE = 1_000
"""Units of a second: media comes with times in ms."""
_MATRIX = pack(">8I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0) + b"\x40\0\0\0"
_SYNC, _NOT_SYNC = 0x02000000, 0x01010000


@dataclass(frozen=True, slots=True)
class TimedSample:
    """A sample with its decoding time from the beginning of it all, in ms."""

    at: int
    sample: Sample


def box(name: str, *content: bytes) -> bytes:
    """A box."""
    body = b"".join(content)
    return pack(">I", 8 + len(body)) + name.encode() + body


def full(name: str, version: int, flags: int, *content: bytes) -> bytes:
    """A box with a version and flags."""
    return box(name, pack(">I", version << 24 | flags), *content)


# --- fragmented -----------------------------------------------------------------------------------


def init(playable: PlayableTrack) -> bytes:
    """The initialisation segment of one track."""
    extends = full("trex", 0, 0, pack(">5I", 1, 1, 0, 0, 0))
    track = _trak(1, playable, 0, _empty_tables())
    movie = box("moov", _mvhd(0, 2), track, box("mvex", extends))
    return box("ftyp", b"iso6", pack(">I", 1), b"iso6isomdash") + movie


def _empty_tables() -> bytes:
    empty = pack(">I", 0)
    return (
        full("stts", 0, 0, empty)
        + full("stsc", 0, 0, empty)
        + full("stsz", 0, 0, empty, empty)
        + full("stco", 0, 0, empty)
    )


def segment(sequence: int, at: int, samples: Sequence[Sample]) -> bytes:
    """A media segment of one track. at: when its fragment begins (ms)."""
    rows = b"".join(
        pack(
            ">IIIi",
            sample.duration,
            len(sample.data),
            _SYNC if sample.key else _NOT_SYNC,
            sample.shown,
        )
        for sample in samples
    )
    header = full("tfhd", 0, 0x020000, pack(">I", 1))
    decode = full("tfdt", 1, 0, pack(">Q", max(0, at + (samples[0].decoded if samples else 0))))
    count = pack(">I", len(samples))

    def moof(offset: int) -> bytes:
        run = full("trun", 1, 0xF01, count, pack(">i", offset), rows)
        sequence_box = full("mfhd", 0, 0, pack(">I", sequence))
        return box("moof", sequence_box, box("traf", header, decode, run))

    offset = len(moof(0)) + 8
    return moof(offset) + box("mdat", *(sample.data for sample in samples))


# --- whole ----------------------------------------------------------------------------------------


def movie(tracks: Iterable[tuple[PlayableTrack, Sequence[TimedSample]]]) -> bytes:
    """A progressive MP4: all that describes it comes before the media."""
    tracks = [*tracks]
    data = [b"".join(row.sample.data for row in rows) for _, rows in tracks]
    lasts = max((_end(rows) for _, rows in tracks), default=0)
    kind = box("ftyp", b"isom", pack(">I", 512), b"isomiso2avc1mp41")

    def moov(offset: int) -> bytes:
        boxes = []
        for number, (playable, rows) in enumerate(tracks, 1):
            tables = _tables(rows, offset + sum(map(len, data[: number - 1])))
            boxes.append(_trak(number, playable, _end(rows), tables))
        return box("moov", _mvhd(lasts, len(tracks) + 1), *boxes)

    offset = len(kind) + len(moov(0)) + 8
    return kind + moov(offset) + box("mdat", *data)


def _end(rows: Sequence[TimedSample]) -> int:
    return max(0, rows[-1].at + rows[-1].sample.duration) if rows else 0


def _tables(rows: Sequence[TimedSample], offset: int) -> bytes:
    """Where and when each frame is. A gap makes the frame before it last longer."""
    ends = [*(row.at for row in rows[1:]), *(row.at + row.sample.duration for row in rows[-1:])]
    times = b"".join(
        pack(">II", 1, max(0, end - row.at)) for row, end in zip(rows, ends, strict=True)
    )
    shown = b"".join(pack(">Ii", 1, row.sample.shown) for row in rows)
    keys = [number for number, row in enumerate(rows, 1) if row.sample.key]
    count = pack(">I", len(rows))
    sizes = b"".join(pack(">I", len(row.sample.data)) for row in rows)
    return (
        full("stts", 0, 0, count, times)
        + full("ctts", 1, 0, count, shown)
        + full("stss", 0, 0, pack(">I", len(keys)), *(pack(">I", key) for key in keys))
        + full("stsc", 0, 0, pack(">IIII", 1, 1, len(rows), 1))
        + full("stsz", 0, 0, pack(">I", 0), count, sizes)
        + full("stco", 0, 0, pack(">II", 1, offset))
    )


# --- what both have -------------------------------------------------------------------------------


def _mvhd(duration: int, following: int) -> bytes:
    return full(
        "mvhd",
        0,
        0,
        pack(">IIII", 0, 0, SCALE, duration),
        pack(">IH", 0x10000, 0x100),
        bytes(10),
        _MATRIX,
        bytes(24),
        pack(">I", following),
    )


def _trak(number: int, playable: PlayableTrack, duration: int, tables: bytes) -> bytes:
    video, track = playable.is_video, playable.track
    head = full(
        "tkhd",
        0,
        3,
        pack(">IIII", 0, 0, number, 0),
        pack(">I", duration),
        bytes(8),
        pack(">HHHH", 0, 0, 0 if video else 0x100, 0),
        _MATRIX,
        pack(">II", track.width << 16, track.height << 16),
    )
    media = full("mdhd", 0, 0, pack(">IIII", 0, 0, SCALE, duration), pack(">HH", 0x55C4, 0))
    kind = b"vide" if video else b"soun"
    handler = full("hdlr", 0, 0, bytes(4), kind, bytes(12), b"\0")
    shape = full("vmhd", 0, 1, bytes(8)) if video else full("smhd", 0, 0, bytes(4))
    where = box("dinf", full("dref", 0, 0, pack(">I", 1), full("url ", 0, 1)))
    described = full("stsd", 0, 0, pack(">I", 1), _entry(playable))
    inner = box("minf", shape, where, box("stbl", described, tables))
    return box("trak", head, box("mdia", media, handler, inner))


def _entry(playable: PlayableTrack) -> bytes:
    track = playable.track
    begin = bytes(6) + pack(">H", 1)
    if playable.is_video:
        own = box("avcC" if playable.entry == "avc1" else "hvcC", track.private)
        return box(
            playable.entry,
            begin,
            bytes(16),
            pack(">HHII", track.width, track.height, 0x480000, 0x480000),
            bytes(4),
            pack(">H", 1),
            bytes(32),
            pack(">Hh", 24, -1),
            own,
        )
    rate = playable.rate if playable.rate <= LARGEST else 0  # then the codec's own data says it
    parts = [begin, bytes(8), pack(">HHII", playable.channels, 16, 0, rate << 16)]
    if playable.entry == "mp4a":
        parts.append(_esds(track.private))
    return box(playable.entry, *parts)


def _esds(config: bytes) -> bytes:
    own = _descriptor(5, config)
    decoder = _descriptor(4, b"\x40\x15" + bytes(11) + own)
    return full("esds", 0, 0, _descriptor(3, b"\0\1\0" + decoder + _descriptor(6, b"\2")))


def _descriptor(tag: int, content: bytes) -> bytes:
    """A descriptor of MPEG-4 systems: its size in four bytes of seven bits, up to 256 MiB."""
    size = len(content)
    told = bytes(0x80 | size >> shift & 0x7F for shift in (21, 14, 7))
    return bytes([tag]) + told + bytes([size & 0x7F]) + content
