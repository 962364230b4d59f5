"""Media is taken apart by its bytes alone: however it is cut, the same is told."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.ebml import MalformedMedia
from kinesis_sim.video.splitter import MOST_ELEMENTS, MOST_HEAD, MediaSplitter, Oversized
from tests.reached import reached, reaches
from tests.video.media import AUDIO, VIDEO, cluster, stream

MOST = 1_000_000


class Notes:
    """Writes down what a splitter tells."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def header(self, header: matroska.Header) -> None:
        self.rows.append(("header", header))

    def cluster(self, timestamp: int) -> None:
        self.rows.append(("cluster", timestamp))

    def block(self, track: int, timestamp: int, key: bool) -> None:
        self.rows.append(("block", track, timestamp, key))

    def whole(self, raw: bytes) -> None:
        self.rows.append(("whole", raw))

    def tags(self, pairs: list[tuple[str, str]]) -> None:
        self.rows.append(("tags", pairs))


def split(parts: list[bytes], most: int = MOST) -> list[Any]:
    """What is told of media that comes in parts, and how it ended."""
    notes = Notes()
    splitter = MediaSplitter(notes, most)
    try:
        for part in parts:
            splitter.feed(part)
        splitter.finish()
    except (MalformedMedia, Oversized) as error:
        notes.rows.append((type(error).__name__, str(error)))
    return notes.rows


def unsized(raw: bytes) -> bytes:
    """A cluster of unknown size, as AWS's producers send it."""
    top = ebml.head(raw, 0, len(raw))
    assert top is not None
    return ebml.open_element(ebml.CLUSTER) + raw[top.begin :]


TAGS = matroska.tags([("motion", "yes"), ("bikes", "3")])
WHOLE = [
    stream(3),
    stream(2, (VIDEO, AUDIO)),
    matroska.header([VIDEO]) + TAGS + unsized(cluster(0)) + TAGS + unsized(cluster(2_000)),
    matroska.header([VIDEO]) + cluster(0) + ebml.element(ebml.CUES, bytes(300)) + cluster(2_000),
]


@reaches("good", "garbage", "cut off")
@given(st.data())
def test_where_media_is_cut_does_not_matter(data: st.DataObject) -> None:
    media = bytearray(data.draw(st.sampled_from(WHOLE)))
    broken = data.draw(st.sampled_from(["no", "no", "garbage", "cut"]))
    if broken == "garbage":
        place = data.draw(st.sampled_from([0, 5, 20, 40, 120]) | st.integers(0, len(media) - 1))
        media[place] = data.draw(st.integers(0, 255))
    elif broken == "cut":
        del media[data.draw(st.integers(0, len(media) - 1)) :]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(media)), max_size=40)))
    parts = [bytes(media[a:b]) for a, b in pairwise([0, *cuts, len(media)])]
    rows = split(parts)
    assert rows == split([bytes(media)])
    end = rows[-1][0] if rows else ""
    reached("good", broken == "no")
    reached("garbage", broken == "garbage" and end == "MalformedMedia")
    reached("cut off", broken == "cut" and end == "MalformedMedia")


@pytest.mark.parametrize("media", WHOLE)
def test_byte_by_byte_is_as_good_as_at_once(media: bytes) -> None:
    assert split([media[at : at + 1] for at in range(len(media))]) == split([media])


def test_clusters_are_handed_on_as_they_came() -> None:
    rows = split([WHOLE[2]])
    raws = [row[1] for row in rows if row[0] == "whole"]
    assert raws == [unsized(cluster(0)), unsized(cluster(2_000))]
    assert [row for row in rows if row[0] == "tags"] == [
        ("tags", [("motion", "yes"), ("bikes", "3")])
    ] * 2


def test_tracks_are_told_as_they_were_said() -> None:
    [(_, header)] = [row for row in split([stream(1, (VIDEO, AUDIO))]) if row[0] == "header"]
    assert [(track.number, track.codec, track.private) for track in header.tracks] == [
        (1, VIDEO.codec, VIDEO.private),
        (2, AUDIO.codec, AUDIO.private),
    ]
    video, audio = header.tracks
    assert (video.width, video.height, audio.rate, audio.channels) == (64, 48, 44_100, 2)


def test_a_group_without_a_reference_is_a_key_frame() -> None:
    def grouped(offset: int, *more: bytes) -> bytes:
        block = b"\x81" + offset.to_bytes(2, "big") + b"\0" + b"frame"
        return ebml.element(ebml.BLOCK_GROUP, ebml.element(ebml.BLOCK, block), *more)

    other = ebml.number(ebml.REFERENCE_BLOCK, 40)
    raw = ebml.element(ebml.CLUSTER, ebml.number(ebml.TIMESTAMP, 0), grouped(0), grouped(40, other))
    rows = split([matroska.header([VIDEO]) + raw])
    assert [row for row in rows if row[0] == "block"] == [
        ("block", 1, 0, True),
        ("block", 1, 40, False),
    ]


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (b"RIFF" + bytes(40), "begin with an EBML header"),
        (b"\0" * 40, "No element begins"),
        (stream(1) + ebml.element(ebml.EBML), "second EBML header"),
        (matroska.header([VIDEO]) * 2, "second EBML header"),
        (matroska.header([VIDEO]) + b"\xff\x80", "cannot stand in a segment"),
        (matroska.header([VIDEO, VIDEO]), "number of its own"),
        (ebml.element(ebml.EBML) + cluster(0), "before the Tracks"),
        (matroska.header([VIDEO]) + ebml.element(ebml.CLUSTER), "without a timestamp"),
        (stream(1)[:-1], "middle of an element"),
        (ebml.element(ebml.EBML) + b"\x12\x54\xc3\x67\x01\0\0\0\0\x20\0\0", "over 1 MiB"),
    ],
)
def test_what_is_no_media_is_refused(media: bytes, words: str) -> None:
    kind, text = split([media])[-1]
    assert kind == "MalformedMedia"
    assert any(word in text for word in words.split("|"))


def test_a_cluster_over_the_limit_is_refused_as_soon_as_it_says_so() -> None:
    claims = ebml.element(ebml.CLUSTER)[:4] + (MOST | 1 << 28).to_bytes(4, "big")
    assert split([matroska.header([VIDEO]) + claims])[-1] == ("Oversized", "")
    small = len(cluster(0))
    assert split([stream(1)], small)[-1][0] == "whole"
    assert split([stream(1)], small - 1)[-1] == ("Oversized", "")
    grown = matroska.header([VIDEO]) + unsized(cluster(0))
    assert split([grown], len(unsized(cluster(0))) - 1)[-1] == ("Oversized", "")


def test_what_is_skipped_is_not_held() -> None:
    notes = Notes()
    splitter = MediaSplitter(notes, MOST)
    splitter.feed(matroska.header([VIDEO]))
    splitter.feed(ebml.element(ebml.CUES, bytes(8 * MOST_HEAD))[:8])
    for _ in range(8):
        splitter.feed(bytes(MOST_HEAD))
        assert len(splitter._data) < 100


VOID = b"\xec\x80"
BLOCK = ebml.element(ebml.BLOCK, b"\x81\0\0\0a")


def crowded(*parts: bytes) -> bytes:
    """A header and a cluster that begins with its timestamp."""
    return matroska.header([VIDEO]) + ebml.element(
        ebml.CLUSTER, ebml.number(ebml.TIMESTAMP, 0), *parts
    )


@pytest.mark.parametrize(
    ("fits", "over", "said"),
    [
        (
            crowded(VOID * (MOST_ELEMENTS - 1)),
            crowded(VOID * MOST_ELEMENTS),
            "A cluster has more than 50,000 elements.",
        ),
        (
            crowded(ebml.element(ebml.BLOCK_GROUP, BLOCK, VOID * (matroska.MOST_PARTS - 1))),
            crowded(ebml.element(ebml.BLOCK_GROUP, BLOCK, VOID * matroska.MOST_PARTS)),
            "An element holds more than 100 others.",
        ),
        (
            matroska.header([VIDEO]) + matroska.tags([("n", "v")] * matroska.MOST_ROWS),
            matroska.header([VIDEO]) + matroska.tags([("n", "v")] * (matroska.MOST_ROWS + 1)),
            "An element holds more than 10,000 others.",
        ),
    ],
)
def test_a_crowd_of_small_elements_is_not_read_to_its_end(
    fits: bytes, over: bytes, said: str
) -> None:
    """Two megabytes of them took seconds, and fifty in one group three gigabytes of memory."""
    taken, refused = split([fits], 1 << 21), split([over], 1 << 21)
    assert taken[-1][0] in ("whole", "tags")
    assert refused[-1] == ("MalformedMedia", said)


def test_a_header_of_more_tracks_than_anybody_reads_is_refused() -> None:
    top, empty = matroska.header([]), ebml.element(ebml.TRACKS)
    assert top.endswith(empty)
    entry = ebml.element(ebml.TRACK_ENTRY)
    over = ebml.element(ebml.TRACKS, entry * (matroska.MOST_ROWS + 1))
    told = split([top.removesuffix(empty) + over])
    assert told == [("MalformedMedia", "An element holds more than 10,000 others.")]
