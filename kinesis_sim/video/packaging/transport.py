"""MPEG transport streams (ISO/IEC 13818-1): a fragment as packets of 188 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kinesis_sim.errors import ServiceError
from kinesis_sim.video import refusals
from kinesis_sim.video.packaging.codecs import RATES, PlayableTrack
from kinesis_sim.video.packaging.samples import Sample, units

_PMT, _FIRST = 0x1000, 0x100
_TYPES = {"avc1": 0x1B, "hvc1": 0x24, "mp4a": 0x0F}
_TICKS = 90
_AHEAD = 1_400
"""How long before it is decoded a frame arrives (ms), so that no time is below zero."""


_LONGEST = (1 << 13) - 1
"""Bytes of an AAC frame with its head, which says so in thirteen bits."""


def check_tracks(tracks: Iterable[PlayableTrack]) -> None:
    """Raise UnsupportedStreamMediaTypeException for what has no place in a transport stream."""
    for each in tracks:
        if each.entry not in _TYPES:
            raise _unsupported("H.264, H.265 and AAC only")
        if each.entry == "mp4a" and each.channels > 7:
            raise _unsupported("AAC of the channel layouts 0 to 7 only")


def _unsupported(what: str) -> ServiceError:
    text = f"A transport stream carries {what}."
    return refusals.media("UnsupportedStreamMediaTypeException", text)


def transport(at: int, tracks: Sequence[tuple[PlayableTrack, Sequence[Sample]]]) -> bytes:
    """A segment. at: when the fragment begins (ms); each segment begins with its tables.

    The parameter sets stand before its first key frame, where players begin: before every one they
    could make a segment many times as long as its media.

    Raises as ``check_tracks``, and InvalidMediaFrameException for a frame that is too long.
    """
    check_tracks(each for each, _ in tracks)
    counters: dict[int, int] = {}
    out = [_table(0, counters, _pat()), _table(_PMT, counters, _pmt([each for each, _ in tracks]))]
    rows = [
        (sample.decoded, place, sample)
        for place, (_, samples) in enumerate(tracks)
        for sample in samples
    ]
    began: set[int] = set()
    for decoded, place, sample in sorted(rows, key=lambda row: row[:2]):
        playable = tracks[place][0]
        first = sample.key and place not in began
        if first:
            began.add(place)
        when = (at + decoded + _AHEAD) * _TICKS
        shown = when + sample.shown * _TICKS
        content = _elementary(playable, sample, first)
        pes = _pes(0xE0 if playable.is_video else 0xC0 + place, when, shown, content)
        clock = when - 700 * _TICKS if place == 0 else None
        out.append(_packets(_FIRST + place, counters, pes, sample.key, clock))
    return b"".join(out)


def _elementary(playable: PlayableTrack, sample: Sample, first: bool) -> bytes:
    """A frame as it stands in a stream by itself. first: whether players may begin with it."""
    if not playable.is_video:
        return _adts(playable, len(sample.data)) + sample.data
    parts = units(sample.data, playable.width)
    lead = [b"\x09\xf0"] if playable.entry == "avc1" else [b"\x46\x01\x50"]
    if first:
        lead += playable.sets
    return b"".join(b"\0\0\0\1" + part for part in (*lead, *parts))


def _adts(playable: PlayableTrack, size: int) -> bytes:
    """The head of an AAC frame that stands alone (ISO/IEC 13818-7)."""
    if size + 7 > _LONGEST:
        text = f"A frame of {size} bytes is too long for AAC in a transport stream."
        raise refusals.media("InvalidMediaFrameException", text)
    whole, profile = size + 7, min(3, max(0, (playable.track.private[0] >> 3) - 1))
    index, channels = RATES.index(playable.rate), playable.channels
    bits = 0xFFF1 << 40 | profile << 38 | index << 34 | channels << 30
    return (bits | whole << 13 | 0x7FF << 2).to_bytes(7, "big")


# --- packets --------------------------------------------------------------------------------------


def _pes(stream: int, decoded: int, shown: int, content: bytes) -> bytes:
    both = shown != decoded
    times = _stamp(3 if both else 2, shown) + (_stamp(1, decoded) if both else b"")
    head = bytes([0x84, 0xC0 if both else 0x80, len(times)]) + times
    size = len(head) + len(content)
    length = size if size < 0x10000 and stream < 0xE0 else 0
    return b"\0\0\1" + bytes([stream]) + length.to_bytes(2, "big") + head + content


def _stamp(mark: int, ticks: int) -> bytes:
    ticks &= (1 << 33) - 1
    parts = (
        mark << 4 | ticks >> 30 << 1 | 1,
        ticks >> 22 & 0xFF,
        (ticks >> 15 & 0x7F) << 1 | 1,
        ticks >> 7 & 0xFF,
        (ticks & 0x7F) << 1 | 1,
    )
    return bytes(parts)


def _packets(
    pid: int, counters: dict[int, int], content: bytes, key: bool, clock: int | None
) -> bytes:
    out, at, first = [], 0, True
    while at < len(content):
        field = _adaptation(key, clock) if first and (key or clock is not None) else b""
        room = 184 - (len(field) + 1 if field else 0)
        part = content[at : at + room]
        if len(part) < room:
            field = _filled(field, 184 - len(part))
        flags = 0x30 if field or len(part) < room else 0x10
        out.append(_head(pid, counters, first, flags))
        if flags == 0x30:
            out.append(bytes([len(field)]) + field)
        out.append(part)
        at, first = at + len(part), False
    return b"".join(out)


def _adaptation(key: bool, clock: int | None) -> bytes:
    flags = (0x40 if key else 0) | (0x10 if clock is not None else 0)
    if clock is None:
        return bytes([flags])
    base = clock & (1 << 33) - 1
    return bytes([flags]) + (base << 15 | 0x3F << 9).to_bytes(6, "big")


def _filled(field: bytes, room: int) -> bytes:
    """An adaptation field that fills a packet: its length byte takes one of ``room``."""
    wanted = room - 1
    if not wanted:
        return b""
    field = field or b"\0"
    return field + b"\xff" * (wanted - len(field))


def _head(pid: int, counters: dict[int, int], first: bool, flags: int) -> bytes:
    count = counters.get(pid, 0)
    counters[pid] = (count + 1) % 16
    return bytes([0x47, (0x40 if first else 0) | pid >> 8, pid & 0xFF, flags | count])


# --- tables ---------------------------------------------------------------------------------------


def _table(pid: int, counters: dict[int, int], section: bytes) -> bytes:
    body = b"\0" + section
    return _head(pid, counters, True, 0x10) + body + b"\xff" * (184 - len(body))


def _pat() -> bytes:
    return _section(0, 1, (1).to_bytes(2, "big") + (0xE000 | _PMT).to_bytes(2, "big"))


def _pmt(tracks: Sequence[PlayableTrack]) -> bytes:
    rows = b"".join(
        bytes([_TYPES[each.entry]]) + (0xE000 | _FIRST + place).to_bytes(2, "big") + b"\xf0\0"
        for place, each in enumerate(tracks)
    )
    return _section(2, 1, (0xE000 | _FIRST).to_bytes(2, "big") + b"\xf0\0" + rows)


def _section(kind: int, number: int, content: bytes) -> bytes:
    size = 5 + len(content) + 4
    data = bytes([kind]) + (0xB000 | size).to_bytes(2, "big") + number.to_bytes(2, "big")
    data += b"\xc1\0\0" + content
    return data + _crc(data).to_bytes(4, "big")


def _crc(data: bytes) -> int:
    """CRC-32 as MPEG has it: from the top bit, nothing inverted."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value
