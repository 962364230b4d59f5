"""A fragment's frames of one track, with the times at which they are decoded and shown."""

from __future__ import annotations

from typing import NamedTuple

from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY
from kinesis_sim.video import refusals
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging.codecs import PlayableTrack

FARTHEST = DAY
"""How far from its fragment's timecode a frame may begin or end (ms): as long as a range of
playback (facts/video/5/selector), so that every container has room for its times."""


class Sample(NamedTuple):
    """One frame. Times: ms from the fragment's timecode; shown: after it is decoded, by so much.

    shown may be less than nothing, as a frame's time in Matroska is when it is shown.
    """

    decoded: int
    duration: int
    shown: int
    key: bool
    data: bytes


def samples(fragment: Fragment, playable: PlayableTrack) -> list[Sample]:
    """The frames of a track, in the order in which they are decoded.

    Frames are stored in that order with the times at which they are shown; decoding times are those
    in order. Raises InvalidMediaFrameException for frames that are not the codec's, or of times
    that no player could follow.
    """
    scale, number = fragment.header.scale, playable.track.number
    blocks = [block for block in fragment.blocks if block.track == number]
    if any(block.laced for block in blocks):
        raise _invalid(fragment, "more than one frame is in a block")
    shown = [block.offset * scale // 1_000_000 for block in blocks]
    times = sorted(shown)
    ends = [*times[1:], _end(fragment, playable, times)]
    if times and (times[0] < -FARTHEST or ends[-1] > FARTHEST):
        raise _invalid(fragment, "it begins or ends over 24 hours away")
    found = []
    for place, block in enumerate(blocks):
        data = fragment.raw[block.begin : block.end]
        if playable.width and not _whole(data, playable.width):
            raise _invalid(fragment, "a frame is not made of NAL units with their lengths")
        at = times[place]
        found.append(Sample(at, max(0, ends[place] - at), shown[place] - at, block.key, data))
    return found


def _end(fragment: Fragment, playable: PlayableTrack, times: list[int]) -> int:
    """When the last frame ends: it lasts as long as it says, or as the others do."""
    if not times:
        return 0
    if playable.track.duration:
        return times[-1] + max(1, playable.track.duration // 1_000_000)
    if len(times) > 1:
        return times[-1] + max(1, (times[-1] - times[0]) // (len(times) - 1))
    return times[-1] + max(1, fragment.length)


def units(data: bytes, width: int) -> list[bytes]:
    """The NAL units of a frame, each without its length."""
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + width], "big")
        found.append(data[at + width : at + width + size])
        at += width + size
    return found


def _whole(data: bytes, width: int) -> bool:
    at = 0
    while at < len(data):
        at += width + int.from_bytes(data[at : at + width], "big")
    return at == len(data) and bool(data)


def _invalid(fragment: Fragment, why: str) -> ServiceError:
    text = f"Fragment {fragment.number} has a frame that cannot be read: {why}."
    return refusals.media("InvalidMediaFrameException", text)
