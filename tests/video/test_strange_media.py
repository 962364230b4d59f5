"""Media whose header says what no camera says: refused by the API's errors, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.matroska import Header, MediaTrack
from kinesis_sim.video.packaging import mp4, transport
from kinesis_sim.video.packaging.codecs import PlayableTrack, playable
from kinesis_sim.video.packaging.samples import samples
from tests.video.media import AUDIO, NAME, VIDEO, put

START = 1_767_225_600
G711 = MediaTrack(2, 2, "A_MS/ACM", b"\7\0" + bytes(16), rate=8_000, channels=1)
NAL = b"\0\0\0\1\x65"
SPAN = {
    "FragmentSelectorType": "PRODUCER_TIMESTAMP",
    "TimestampRange": {"StartTimestamp": START, "EndTimestamp": START + 60},
}
UNSUPPORTED = "UnsupportedStreamMediaTypeException"
PRIVATE = "InvalidCodecPrivateDataException"
FRAME = "InvalidMediaFrameException"


def film(tracks: tuple[MediaTrack, ...], scale: int = 1_000_000, offset: int = 0) -> bytes:
    """A header and one fragment with a frame of each track, in units of ``scale`` ns."""
    head = _scaled(matroska.header(tracks), scale)
    return head + matroska.cluster(0, [(each.number, offset, True, NAL) for each in tracks])


def _scaled(head: bytes, scale: int) -> bytes:
    """A header with another Info."""
    told = ebml.number(ebml.TIMESTAMP_SCALE, 1_000_000)
    begin = head.index(told)
    info = head.rindex(b"\x15\x49\xa9\x66", 0, begin)
    found = ebml.head(head, info, len(head))
    assert found is not None
    body = ebml.number(ebml.TIMESTAMP_SCALE, scale) + head[begin + len(told) : found.end]
    return head[:info] + ebml.element(ebml.INFO, body) + head[found.end :]


def fragment(
    tracks: tuple[MediaTrack, ...], scale: int, frames: list[tuple[int, int, bytes]]
) -> Fragment:
    """A fragment as it is kept. frames: of (track, offset, data)."""
    raw = matroska.cluster(0, [(track, at, True, data) for track, at, data in frames])
    header = Header(b"", b"", b"", scale, tracks)
    return Fragment(1, "1", header, raw, 0, 0, 0, 2_000, len(frames))


@pytest.mark.parametrize(
    ("tracks", "scale", "offset", "code"),
    [
        ((replace(VIDEO, width=65_536),), 1_000_000, 0, UNSUPPORTED),
        ((replace(VIDEO, height=1 << 40),), 1_000_000, 0, UNSUPPORTED),
        ((VIDEO, replace(G711, channels=65_536)), 1_000_000, 0, UNSUPPORTED),
        ((VIDEO, replace(G711, rate=65_536)), 1_000_000, 0, PRIVATE),
        ((VIDEO, replace(G711, rate=0)), 1_000_000, 0, PRIVATE),
        ((replace(VIDEO, duration=(1 << 64) - 1),), 1_000_000, 0, FRAME),
        ((VIDEO,), 1 << 60, 1, FRAME),
        ((VIDEO,), 1 << 60, -1, FRAME),
    ],
)
def test_a_clip_of_what_no_container_can_say_is_refused(
    sim: Simulator, tracks: tuple[MediaTrack, ...], scale: int, offset: int, code: str
) -> None:
    assert put(sim, film(tracks, scale, offset))[-1]["EventType"] == "PERSISTED"
    archived = sim.client("kinesis-video-archived-media")
    with pytest.raises(ClientError, match=code):
        archived.get_clip(StreamName=NAME, ClipFragmentSelector=SPAN)


@pytest.mark.parametrize(
    ("tracks", "name", "said"),
    [
        ((VIDEO, G711), "getTSFragment.ts", b"A transport stream carries"),
        ((replace(VIDEO, duration=1 << 63),), "getTSFragment.ts", b"begins or ends over"),
        ((replace(VIDEO, duration=1 << 63),), "getMP4MediaFragment.mp4", b"begins or ends over"),
    ],
)
def test_a_page_of_what_no_container_can_say_is_an_http_error(
    sim: Simulator, tracks: tuple[MediaTrack, ...], name: str, said: bytes
) -> None:
    put(sim, film(tracks))
    archived = sim.client("kinesis-video-archived-media")
    url = archived.get_hls_streaming_session_url(StreamName=NAME)["HLSStreamingSessionURL"]
    [kept] = sim.video[NAME].archive
    query = {"FragmentNumber": kept.number, "TrackNumber": "1"}
    service = sim.services["kinesis-video-archived-media"]
    page = service.pages(f"/hls/v1/{name}", {**dict(parse_qsl(urlsplit(url).query)), **query})
    assert page is not None
    assert (page.status, said in page.body) == (400, True), page.body


def test_own_data_of_any_length_is_described_whole() -> None:
    av: Any = pytest.importorskip("av")
    from io import BytesIO

    for size in (2, 127, 128, 16_383, 40_000):
        [_, sound] = playable((VIDEO, replace(AUDIO, private=b"\x12\x10".ljust(size, b"\0"))))
        with av.open(BytesIO(mp4.init(sound)), format="mp4") as container:
            assert container.streams.audio[0].codec_context.extradata == sound.track.private


def test_a_rate_that_an_entry_has_no_room_for_is_left_to_the_codecs_own_data() -> None:
    av: Any = pytest.importorskip("av")
    from io import BytesIO

    [_, sound] = playable((VIDEO, replace(AUDIO, private=b"\x10\x10", rate=96_000)))
    assert sound.rate == 96_000
    data = mp4.init(sound)
    at = data.index(b"mp4a")
    assert data[at + 28 : at + 32] == bytes(4)
    with av.open(BytesIO(data), format="mp4") as container:
        assert container.streams.audio[0].rate == 96_000


def _ts(size: int, private: bytes = b"\x12\x10") -> bytes:
    tracks = (VIDEO, replace(AUDIO, private=private))
    found = fragment(tracks, 1_000_000, [(1, 0, NAL), (2, 0, b"s" * size)])
    return transport.transport(0, [(each, samples(found, each)) for each in playable(tracks)])


def test_a_frame_of_aac_is_as_long_as_its_head_can_say() -> None:
    largest = (1 << 13) - 1
    data = _ts(largest - 7)
    at = data.index(b"\xff\xf1\x50")
    told = int.from_bytes(data[at : at + 7], "big")
    assert (told >> 13 & largest, told >> 30 & 7, told >> 34 & 15) == (largest, 2, 4)
    with pytest.raises(ServiceError, match="too long") as caught:
        _ts(largest - 6)
    assert caught.value.code == FRAME


def test_a_layout_of_channels_that_a_head_cannot_say_has_no_transport_stream() -> None:
    assert _ts(10, bytes([0x12, 7 << 3]))
    for layout in range(8, 16):
        with pytest.raises(ServiceError, match="layouts 0 to 7"):
            _ts(10, bytes([0x12, layout << 3]))


def test_counts_are_not_believed_beyond_the_data() -> None:
    """255 arrays of 65,535 parameter sets in a kilobyte: nobody counts to sixteen millions."""
    profile = bytes([1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93])
    private = profile + bytes(9) + b"\xff" + b"\x20\xff\xff" * 255
    private = private.replace(b"\x20\xff\xff", b"\x20\xff\xff\0\0")
    track = replace(VIDEO, codec="V_MPEGH/ISO/HEVC", private=private)
    with pytest.raises(ServiceError, match="codec private data of track 1") as caught:
        playable((track,))
    assert caught.value.code == PRIVATE


def test_an_error_repeats_no_more_than_the_beginning_of_a_name() -> None:
    with pytest.raises(ServiceError) as caught:
        playable((replace(VIDEO, codec="V" * 100_000),))
    assert len(caught.value.message) < 200


def test_parameter_sets_come_once_a_segment() -> None:
    """A segment grows with its media, not with the key frames that a stranger marks."""
    own = b"\1\x42\0\x1e\xff\xe1" + (5_000).to_bytes(2, "big") + bytes(5_000) + b"\0"
    tracks = (replace(VIDEO, private=own),)
    found = fragment(tracks, 1_000_000, [(1, at, NAL) for at in range(50)])
    data = transport.transport(0, [(each, samples(found, each)) for each in playable(tracks)])
    assert 5_000 < len(data) < 5_000 + 200 * 60


def test_a_track_that_begins_later_says_so() -> None:
    found = fragment((VIDEO,), 1_000_000, [(1, 15, NAL), (1, 30, NAL)])
    [track] = playable((VIDEO,))
    data = mp4.segment(1, 1_000, samples(found, track))
    at = data.index(b"tfdt") + 8
    assert int.from_bytes(data[at : at + 8], "big") == 1_015


NUMBERS = st.one_of(
    st.integers(0, 3),
    st.sampled_from([(1 << bits) + more for bits in (15, 16, 31, 32, 63) for more in (-1, 0, 1)]),
    st.integers(0, (1 << 64) - 1),
)
OWN = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda head, size: head.ljust(size, b"\0"), st.binary(max_size=30), st.integers(0, 40_000)
    ),
)


@st.composite
def tracks_of_strangers(draw: st.DrawFn) -> tuple[MediaTrack, ...]:
    """A picture and a sound of which anything but the numbers may be strange."""
    codecs = ["V_MPEGH/ISO/HEVC", "A_MS/ACM", "A_AAC"]
    made = []
    for track in (VIDEO, draw(st.sampled_from([AUDIO, G711]))):
        strange = {
            name: draw(NUMBERS)
            for name in draw(st.sets(st.sampled_from(["duration", "width", "height", "channels"])))
        }
        if draw(st.booleans()):
            place, byte = draw(st.integers(0, len(track.private) - 1)), draw(st.integers(0, 255))
            own = bytearray(track.private)
            own[place] = byte
            strange["private"] = draw(st.one_of(st.just(bytes(own)), OWN))
        if draw(st.integers(0, 5)) == 0:
            strange["codec"] = draw(st.sampled_from(codecs))
        if draw(st.integers(0, 2)) == 0:
            strange["rate"] = draw(st.integers(0, 10_000_000))
        made.append(replace(track, **strange))
    return tuple(made)


FRAMES = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.integers(-(1 << 15), (1 << 15) - 1),
        st.one_of(st.just(NAL), st.binary(max_size=9), st.just(b"s" * 8_190)),
    ),
    max_size=4,
)


@given(tracks_of_strangers(), st.one_of(st.just(1_000_000), NUMBERS.filter(bool)), FRAMES)
def test_law_strange_media_is_packaged_or_refused(
    tracks: tuple[MediaTrack, ...], scale: int, frames: list[tuple[int, int, bytes]]
) -> None:
    """Every packager gives bytes, or says so with an error that the API has."""
    found = fragment(tracks, scale, frames)
    codes = {UNSUPPORTED, PRIVATE, FRAME, "MissingCodecPrivateDataException"}
    for package in (_fragmented, _whole, _transported):
        refused = _refused(package, found)
        assert refused is None or (refused.code in codes and json.dumps(refused.message))


def _refused(package: Callable[[Fragment], bytes], found: Fragment) -> ServiceError | None:
    try:
        assert package(found)
    except ServiceError as error:
        return error
    return None


def _rows(found: Fragment) -> list[tuple[PlayableTrack, list[Any]]]:
    return [(each, list(samples(found, each))) for each in playable(found.header.tracks)]


def _fragmented(found: Fragment) -> bytes:
    return b"".join(mp4.init(each) + mp4.segment(1, 0, rows) for each, rows in _rows(found))


def _whole(found: Fragment) -> bytes:
    twice = [
        (each, [mp4.TimedSample(at + row.decoded, row) for at in (0, 86_400_000) for row in rows])
        for each, rows in _rows(found)
    ]
    return mp4.movie(twice)


def _transported(found: Fragment) -> bytes:
    return transport.transport(0, _rows(found))
