"""Stored media: listed, read, clipped, and played by sessions that end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.account.service import ServedPage
from kinesis_sim.video.events import MediaRead
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from tests.video.media import NAME, connect, put, stream

START = 1_767_225_600_000
CAMERA = DockCamera(7)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(START / 1_000 + seconds, UTC)


def span(begin: float, end: float, kind: str = "PRODUCER_TIMESTAMP") -> dict[str, Any]:
    given = {"StartTimestamp": moment(begin), "EndTimestamp": moment(end)}
    return {"FragmentSelectorType": kind, "TimestampRange": given}


def film(seconds: int, begin: int = 0) -> bytes:
    """Media of the dock camera; times count from ``begin`` seconds after the start."""
    parts = [CAMERA.header()]
    for passed in range(begin * 1_000, (begin + seconds) * 1_000, 2_000):
        parts.append(CAMERA.fragment(START + passed, passed))
    return b"".join(parts)


@pytest.fixture
def archived(sim: Simulator) -> Any:
    return sim.client("kinesis-video-archived-media")


def page(sim: Simulator, url: str, name: str = "", **more: str) -> ServedPage:
    """What lies at a session's address, or under another name beside it."""
    parts = urlsplit(url)
    path = f"{parts.path.rpartition('/')[0]}/{name}" if name else parts.path
    service = sim.services["kinesis-video-archived-media"]
    found = service.pages(path, {**dict(parse_qsl(parts.query)), **more})
    assert found is not None
    return found


def hls(archived: Any, **request: Any) -> str:
    url = archived.get_hls_streaming_session_url(StreamName=NAME, **request)
    return str(url["HLSStreamingSessionURL"])


def lines(sim: Simulator, url: str, track: str = "1") -> list[str]:
    playlist = page(sim, url, "getHLSMediaPlaylist.m3u8", TrackNumber=track)
    assert playlist.status == 200, playlist.body
    return playlist.body.decode().splitlines()


def numbers(rows: list[str]) -> list[str]:
    found = [re.search(r"FragmentNumber=(\d+)", row) for row in rows]
    return [match[1] for match in found if match]


def test_fragments_are_listed_in_no_order_with_both_times(sim: Simulator, archived: Any) -> None:
    put(sim, film(40))
    pages = archived.get_paginator("list_fragments").paginate(
        StreamName=NAME, PaginationConfig={"PageSize": 7}
    )
    rows = [row for each in pages for row in each["Fragments"]]
    ordered = sorted(rows, key=lambda row: row["FragmentNumber"])
    assert len(rows) == 20
    assert rows != ordered
    assert [row["ProducerTimestamp"] for row in ordered] == [moment(2 * n) for n in range(20)]
    assert {row["ServerTimestamp"] for row in rows} == {moment(10)}
    assert {row["FragmentLengthInMilliseconds"] for row in rows} == {2_000}
    assert sum(row["FragmentSizeInBytes"] for row in rows) == sim.video[NAME].archive.bytes


def test_a_range_holds_what_begins_in_it_both_ends_included(sim: Simulator, archived: Any) -> None:
    put(sim, film(20))
    found = archived.list_fragments(StreamName=NAME, FragmentSelector=span(1, 4))["Fragments"]
    assert sorted(row["ProducerTimestamp"] for row in found) == [moment(2), moment(4)]
    server = span(10, 10, "SERVER_TIMESTAMP")
    assert len(archived.list_fragments(StreamName=NAME, FragmentSelector=server)["Fragments"]) == 10


def test_media_by_number_comes_back_as_it_was_and_what_is_missing_is_told(
    sim: Simulator, archived: Any
) -> None:
    put(sim, film(6))
    first, _, third = sim.video[NAME].archive
    answer = archived.get_media_for_fragment_list(
        StreamName=NAME, Fragments=[third.number, "123", first.number]
    )
    data = answer["Payload"].read()
    assert answer["ContentType"] == "video/webm"
    assert 0 < data.index(third.raw) < data.index(b"FRAGMENT_NOT_FOUND") < data.index(first.raw)
    assert data.count(b"AWS_KINESISVIDEO_PRODUCER_TIMESTAMP") == 2


def test_what_is_over_its_retention_is_nowhere(sim: Simulator, archived: Any) -> None:
    put(sim, film(6))
    [number, *_] = [each.number for each in sim.video[NAME].archive]
    url = hls(archived, PlaybackMode="ON_DEMAND", HLSFragmentSelector=span(0, 6), Expires=43_200)
    segment = {"FragmentNumber": number, "TrackNumber": "1"}
    assert page(sim, url, "getMP4MediaFragment.mp4", **segment).status == 200
    sim.advance(hours=11)
    version = sim.video[NAME].version
    sim.client("kinesisvideo").update_data_retention(
        StreamName=NAME,
        CurrentVersion=version,
        Operation="DECREASE_DATA_RETENTION",
        DataRetentionChangeInHours=23,
    )
    sim.advance(seconds=10)
    assert archived.list_fragments(StreamName=NAME)["Fragments"] == []
    assert page(sim, url, "getMP4MediaFragment.mp4", **segment).status == 404
    gone = archived.get_media_for_fragment_list(StreamName=NAME, Fragments=[number])
    assert b"FRAGMENT_NOT_FOUND" in gone["Payload"].read()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        archived.get_clip(StreamName=NAME, ClipFragmentSelector=span(0, 6))


def test_a_clip_has_the_first_200_fragments(sim: Simulator, archived: Any) -> None:
    connection = connect(sim)
    connection.take(film(404))
    connection.finish()
    sim.advance(seconds=1)
    archived.get_clip(StreamName=NAME, ClipFragmentSelector=span(0, 1_000))["Payload"].read()
    [read] = sim.events.of(MediaRead)
    assert (read.api, read.fragments) == ("GetClip", 200)


def test_a_clip_has_no_more_bytes_than_its_limit() -> None:
    sim = Simulator(latency=None, limits={"video.clip_bytes": 80_000})
    sim.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=1)
    sim.advance(seconds=10)
    put(sim, film(20))
    sizes = [each.size for each in sim.video[NAME].archive]
    archived = sim.client("kinesis-video-archived-media")
    archived.get_clip(StreamName=NAME, ClipFragmentSelector=span(0, 20))
    [read] = sim.events.of(MediaRead)
    assert sum(sizes[: read.fragments]) <= 80_000 < sum(sizes[: read.fragments + 1])
    assert sim.limits.rows["video.clip_bytes"].value == 100 * 1024 * 1024


def test_on_demand_shows_the_whole_range_and_ends(sim: Simulator, archived: Any) -> None:
    put(sim, film(20))
    url = hls(archived, PlaybackMode="ON_DEMAND", HLSFragmentSelector=span(2, 11))
    master = page(sim, url).body.decode()
    assert 'CODECS="avc1.42C01E",RESOLUTION=160x96' in master
    assert "getHLSMediaPlaylist.m3u8?SessionToken=" in master
    rows = lines(sim, url)
    kept = [each.number for each in sim.video[NAME].archive]
    assert numbers(rows) == kept[1:6]
    assert rows[:6] == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:2",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    assert rows[-1] == "#EXT-X-ENDLIST"
    assert rows.count("#EXTINF:2.000,") == 5


def test_on_demand_shows_no_more_than_was_asked(sim: Simulator, archived: Any) -> None:
    put(sim, film(20))
    url = hls(
        archived,
        PlaybackMode="ON_DEMAND",
        HLSFragmentSelector=span(0, 20),
        MaxMediaPlaylistFragmentResults=3,
    )
    assert len(numbers(lines(sim, url))) == 3


def test_on_demand_shows_the_first_thousand_unless_told_otherwise() -> None:
    sim = Simulator(latency=None, limits="off")
    sim.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=24)
    sim.advance(seconds=10)
    put(sim, stream(1_001))
    for more, shown in (({}, 1_000), ({"MaxMediaPlaylistFragmentResults": 1_001}, 1_001)):
        url = hls(
            sim.client("kinesis-video-archived-media"),
            PlaybackMode="ON_DEMAND",
            HLSFragmentSelector=span(0, 2_002),
            **more,
        )
        assert len(numbers(lines(sim, url))) == shown


def test_live_shows_the_newest_five_and_goes_on(sim: Simulator, archived: Any) -> None:
    connection = connect(sim)
    connection.take(film(14))
    sim.advance(seconds=1)
    kept = [each.number for each in sim.video[NAME].archive.persisted()]
    url = hls(archived)
    rows = lines(sim, url)
    assert numbers(rows) == kept[-5:]
    assert "#EXT-X-MEDIA-SEQUENCE:1" in rows
    connection.take(CAMERA.fragment(START + 14_000, 14_000))
    connection.take(CAMERA.fragment(START + 16_000, 16_000))
    sim.advance(seconds=1)
    kept = [each.number for each in sim.video[NAME].archive.persisted()]
    later = lines(sim, url)
    assert numbers(later) == kept[-5:]
    assert "#EXT-X-MEDIA-SEQUENCE:3" in later
    assert "#EXT-X-ENDLIST" not in later


def test_live_without_a_fragment_of_the_last_half_minute_is_refused(
    sim: Simulator, archived: Any
) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        hls(archived)
    put(sim, film(2))
    sim.advance(seconds=30)
    hls(archived)
    sim.advance(seconds=2)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        hls(archived)


def test_a_replay_begins_full_and_goes_on_at_the_medias_pace(sim: Simulator, archived: Any) -> None:
    put(sim, film(40))
    kept = [each.number for each in sim.video[NAME].archive]
    url = hls(archived, PlaybackMode="LIVE_REPLAY", HLSFragmentSelector=span(4, 22))
    assert numbers(lines(sim, url)) == kept[2:7]
    sim.advance(milliseconds=1_999)
    assert numbers(lines(sim, url)) == kept[2:7]
    sim.advance(milliseconds=1)
    rows = lines(sim, url)
    assert numbers(rows) == kept[3:8]
    assert "#EXT-X-MEDIA-SEQUENCE:2" in rows
    assert "#EXT-X-ENDLIST" not in rows
    sim.advance(minutes=2)
    rows = lines(sim, url)
    assert (numbers(rows), rows[-1]) == (kept[7:12], "#EXT-X-ENDLIST")


@pytest.mark.parametrize(
    ("mode", "breaks"), [("ALWAYS", 5), ("NEVER", 0), ("ON_DISCONTINUITY", 1), (None, 0)]
)
def test_where_a_playlist_says_that_time_jumps(
    sim: Simulator, archived: Any, mode: str | None, breaks: int
) -> None:
    put(sim, film(6))
    put(sim, film(6, begin=9))
    more = {} if mode is None else {"DiscontinuityMode": mode}
    url = hls(archived, PlaybackMode="ON_DEMAND", HLSFragmentSelector=span(0, 20), **more)
    rows = lines(sim, url)
    assert len(numbers(rows)) == 6
    assert rows.count("#EXT-X-DISCONTINUITY") == breaks


def test_a_gap_of_fifty_milliseconds_is_no_discontinuity(sim: Simulator, archived: Any) -> None:
    parts = [CAMERA.fragment(START, at) for at in (0, 2_050, 4_101)]
    put(sim, CAMERA.header() + b"".join(parts))
    url = hls(
        archived,
        PlaybackMode="ON_DEMAND",
        HLSFragmentSelector=span(0, 20),
        DiscontinuityMode="ON_DISCONTINUITY",
    )
    assert lines(sim, url).count("#EXT-X-DISCONTINUITY") == 1


def test_times_are_shown_when_asked(sim: Simulator, archived: Any) -> None:
    put(sim, film(4))
    url = hls(
        archived,
        PlaybackMode="ON_DEMAND",
        HLSFragmentSelector=span(0, 20),
        DisplayFragmentTimestamp="ALWAYS",
    )
    assert [row for row in lines(sim, url) if "DATE-TIME" in row] == [
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z",
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z",
    ]


def test_of_two_fragments_with_one_producer_time_the_later_counts(
    sim: Simulator, archived: Any
) -> None:
    put(sim, film(4))
    put(sim, film(4))
    url = hls(archived, PlaybackMode="ON_DEMAND", HLSFragmentSelector=span(0, 20))
    kept = [each.number for each in sim.video[NAME].archive]
    assert numbers(lines(sim, url)) == kept[2:]


def test_a_session_ends_on_the_clock_and_its_token_is_its_own(
    sim: Simulator, archived: Any
) -> None:
    put(sim, film(4))
    request = {"PlaybackMode": "ON_DEMAND", "HLSFragmentSelector": span(0, 20)}
    url, other = hls(archived, **request), hls(archived, **request, Expires=301)
    assert url != other
    assert len(dict(parse_qsl(urlsplit(url).query))["SessionToken"]) == 64
    sim.advance(milliseconds=299_999)
    assert page(sim, url).status == 200
    sim.advance(milliseconds=1)
    assert (page(sim, url).status, page(sim, other).status) == (403, 200)
    assert page(sim, url, "getMP4MediaFragment.mp4", TrackNumber="1").status == 403
    sim.advance(hours=2)
    assert page(sim, url).status == 403
    assert page(sim, url.replace("Token=", "Token=x")).status == 403


@pytest.mark.parametrize(
    ("name", "more", "status"),
    [
        ("getHLSMediaPlaylist.m3u8", {}, 400),
        ("getHLSMediaPlaylist.m3u8", {"TrackNumber": "9"}, 400),
        ("getMP4InitFragment.mp4", {"TrackNumber": "x"}, 400),
        ("getMP4MediaFragment.mp4", {"TrackNumber": "1", "FragmentNumber": "1"}, 404),
        ("getMP4MediaFragment.mp4", {"TrackNumber": "1", "Time": "x"}, 404),
        ("getTSFragment.ts", {}, 404),
    ],
)
def test_a_request_that_says_too_little_is_told(
    sim: Simulator, archived: Any, name: str, more: dict[str, str], status: int
) -> None:
    put(sim, film(4))
    url = hls(archived, PlaybackMode="ON_DEMAND", HLSFragmentSelector=span(0, 20))
    assert page(sim, url, name, **more).status == status


@pytest.mark.parametrize(
    "request_",
    [
        {"HLSFragmentSelector": span(0, 20)},
        {"PlaybackMode": "ON_DEMAND"},
        {"PlaybackMode": "ON_DEMAND", "HLSFragmentSelector": span(20, 0)},
        {"PlaybackMode": "ON_DEMAND", "HLSFragmentSelector": span(0, 86_401)},
        {"PlaybackMode": "ON_DEMAND", "HLSFragmentSelector": span(0, 60, "SERVER_TIMESTAMP")},
        {
            "PlaybackMode": "ON_DEMAND",
            "HLSFragmentSelector": {"TimestampRange": {"StartTimestamp": moment(0)}},
        },
    ],
)
def test_a_selector_that_the_mode_does_not_take_is_refused(
    sim: Simulator, archived: Any, request_: dict[str, Any]
) -> None:
    put(sim, film(4))
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        hls(archived, **request_)


def test_a_manifest_tells_the_same_fragments(sim: Simulator, archived: Any) -> None:
    put(sim, film(8))
    url = archived.get_dash_streaming_session_url(
        StreamName=NAME,
        PlaybackMode="ON_DEMAND",
        DASHFragmentSelector=span(0, 20),
        DisplayFragmentNumber="ALWAYS",
        DisplayFragmentTimestamp="ALWAYS",
    )["DASHStreamingSessionURL"]
    found = page(sim, url)
    assert found.content_type == "application/dash+xml"
    tree = ElementTree.fromstring(found.body)
    space, kvs = "{urn:mpeg:dash:schema:mpd:2011}", "{urn:amazon:kinesisvideo}"
    segments = tree.findall(f".//{space}S")
    kept = [each.number for each in sim.video[NAME].archive]
    assert [each.get(f"{kvs}fn") for each in segments] == kept
    assert [(each.get("t"), each.get("d")) for each in segments] == [
        (str(2_000 * number), "2000") for number in range(4)
    ]
    assert segments[1].get(f"{kvs}ts") == str(START + 2_000)
    assert (tree.get("type"), tree.get("mediaPresentationDuration")) == ("static", "PT8S")
    segment = page(sim, url, "getMP4MediaFragment.mp4", TrackNumber="1", Time="2000")
    assert (segment.status, segment.content_type) == (200, "video/mp4")
    live = archived.get_dash_streaming_session_url(StreamName=NAME)["DASHStreamingSessionURL"]
    assert b'type="dynamic"' in page(sim, live).body


def test_a_transport_stream_has_one_playlist(sim: Simulator, archived: Any) -> None:
    put(sim, film(4))
    url = hls(
        archived,
        PlaybackMode="ON_DEMAND",
        HLSFragmentSelector=span(0, 20),
        ContainerFormat="MPEG_TS",
    )
    rows = page(sim, url, "getHLSMediaPlaylist.m3u8").body.decode().splitlines()
    assert not [row for row in rows if "MAP" in row]
    segment = page(sim, url, "getTSFragment.ts", FragmentNumber=numbers(rows)[0])
    assert (segment.status, segment.content_type) == (200, "video/mp2t")
    assert segment.body[0] == 0x47


def test_the_media_of_a_stream_that_is_being_deleted_is_out_of_reach(
    sim: Simulator, video: Any, archived: Any
) -> None:
    put(sim, film(4))
    url = hls(archived)
    number = sim.video[NAME].archive.persisted()[0].number
    video.delete_stream(StreamARN=sim.video[NAME].arn)
    calls = [
        lambda: archived.list_fragments(StreamName=NAME),
        lambda: archived.get_media_for_fragment_list(StreamName=NAME, Fragments=[number]),
        lambda: archived.get_clip(StreamName=NAME, ClipFragmentSelector=span(0, 4)),
        lambda: hls(archived),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call()
    assert page(sim, url).status == 404
    assert video.describe_stream(StreamName=NAME)["StreamInfo"]["Status"] == "DELETING"
