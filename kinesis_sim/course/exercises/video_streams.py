"""The check of the lesson on video streams: a theft's clip, whole and no longer than needed."""

from __future__ import annotations

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.instants import to_ms
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.workloads.scenes.theft import BACK, BEGIN, END, STREAM

SPARE = 1
"""Fragments more than the theft needs that a clip may have at each end."""
MATROSKA, MP4 = b"\x1a\x45\xdf\xa3", b"ftyp"


def theft_clip(trial: Simulator, clip: object) -> Verdict:
    """An MP4 of every fragment that shows the theft, and of few others."""
    if not isinstance(trial, Simulator) or STREAM not in trial.video.streams:
        return not_yet("shape")
    if clip is None:
        return not_yet("untouched")
    if isinstance(clip, str):
        return not_yet("address")
    if not isinstance(clip, bytes):
        return not_yet("no-bytes", kind=type(clip).__name__)
    return _not_mp4(clip) or _wrong(trial, clip) or _right(clip)


def _not_mp4(clip: bytes) -> Verdict | None:
    if not clip:
        return not_yet("empty")
    if clip.startswith(MATROSKA):
        return not_yet("matroska")
    return None if clip[4:8] == MP4 else not_yet("no-film")


def _wrong(trial: Simulator, clip: bytes) -> Verdict | None:
    begin, end = to_ms(BEGIN), to_ms(END)
    stored = trial.video[STREAM].archive.persisted()
    needed = [f for f in stored if f.produced < end and f.produced + f.length > begin]
    if not needed:
        return not_yet("forgotten", now=f"{trial.now:%Y-%m-%d %H:%M}")
    inside = [fragment for fragment in stored if _first_picture(fragment) in clip]
    if not inside:
        return not_yet("other-film")
    shown = [fragment for fragment in needed if fragment in inside]
    if not shown:
        return not_yet("elsewhere", count=len(inside))
    if len(shown) < len(needed):
        return _cut_short(needed, shown)
    more = len(inside) - len(needed)
    if more <= 2 * SPARE:
        return None
    late = [fragment for fragment in inside if fragment.received >= to_ms(BACK)]
    everything = len(late) == sum(fragment.received >= to_ms(BACK) for fragment in stored)
    return not_yet("everything" if everything else "too-much", count=len(inside), need=len(needed))


def _cut_short(needed: list[Fragment], shown: list[Fragment]) -> Verdict:
    """Which end is missing."""
    if needed[0] not in shown:
        first = (shown[0].produced - to_ms(BEGIN)) // 1_000
        return not_yet("late-start", seconds=first)
    return not_yet("early-end", count=len(needed) - len(shown))


def _right(clip: bytes) -> Verdict:
    return passed(bytes=len(clip))


def _first_picture(fragment: Fragment) -> bytes:
    """A fragment's key frame: no other fragment has these bytes, as the picture has a clock."""
    [track] = playable(fragment.header.tracks)
    return samples(fragment, track)[0].data
