"""Fragments as consumers get them: each a Matroska stream of its own, with AWS's tags.

Order and names: facts/video §4, from captures of 2017 and 2018.
"""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.fragment import Fragment

_PREFIX = "AWS_KINESISVIDEO_"


def stamp(ms: int) -> str:
    """An instant as the tags tell it: seconds with three decimals."""
    return f"{ms // 1000}.{ms % 1000:03}"


def beginning(fragment: Fragment) -> bytes:
    """EBML, an open segment, Info and Tracks as the producer sent them."""
    header = fragment.header
    return header.ebml + ebml.open_element(ebml.SEGMENT) + header.info + header.raw_tracks


def live(fragment: Fragment, behind: int) -> bytes:
    """A fragment as GetMedia sends it. behind: ms between it and now."""
    after = [
        (f"{_PREFIX}MILLIS_BEHIND_NOW", str(behind)),
        (f"{_PREFIX}CONTINUATION_TOKEN", fragment.number),
    ]
    return _whole(fragment, after)


def archived(fragment: Fragment) -> bytes:
    """A fragment as GetMediaForFragmentList sends it.

    AWS's API text calls both times otherwise; its own parser of this answer knows only these names
    (facts/video/5/get-media-for-fragment-list).
    """
    return _whole(fragment, ())


def missing(number: str) -> bytes:
    """What GetMediaForFragmentList sends for a fragment that is not there, in an answer of 200."""
    top = ebml.element(ebml.EBML, ebml.string(ebml.DOC_TYPE, "matroska"))
    told = [
        (f"{_PREFIX}FRAGMENT_NUMBER", number),
        (f"{_PREFIX}ERROR_CODE", "FRAGMENT_NOT_FOUND"),
        (f"{_PREFIX}ERROR_ID", "3000"),
    ]
    return top + ebml.open_element(ebml.SEGMENT) + matroska.tags(told)


def _whole(fragment: Fragment, after: Sequence[tuple[str, str]]) -> bytes:
    before = [
        (f"{_PREFIX}FRAGMENT_NUMBER", fragment.number),
        (f"{_PREFIX}SERVER_TIMESTAMP", stamp(fragment.received)),
        (f"{_PREFIX}PRODUCER_TIMESTAMP", stamp(fragment.produced)),
    ]
    parts = [beginning(fragment), matroska.tags(before), fragment.raw]
    if fragment.tags:
        parts.append(matroska.tags(fragment.tags))
    if after:
        parts.append(matroska.tags(after))
    return b"".join(parts)
