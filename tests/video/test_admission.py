"""What a stream, an account, a session and a connection are let have in a second."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Clock, Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.events import QuotaPointsUsed
from tests.video.media import NAME, VIDEO, cluster, connect, put, stream
from tests.video.test_playback import film, hls, numbers, page, span

NOW = {"StartSelectorType": "NOW"}
LIMIT = "ClientLimitExceededException"
BEGIN = 1_767_225_600_000


def gained(sim: Simulator, service: str, operation: str, most: int, request: dict[str, Any]) -> int:
    """How many calls at one instant were not refused for their number; one more than ``most``."""
    passed = 0
    for _ in range(most + 1):
        try:
            sim.gate.begin(service, operation, dict(request))
        except ServiceError as error:
            if error.code == LIMIT:
                continue
        passed += 1
    return passed


KVS, SIGNAL = "kinesisvideo", "kinesis-video-signaling"
STORE, ARCHIVE = "kinesis-video-webrtc-storage", "kinesis-video-archived-media"
NOBODY = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/nobody/1767225600000"
NOWHERE = NOBODY.replace("stream", "channel")
HUB = "arn:aws:iot:us-east-1:123456789012:thing/hub"
OF_RESOURCE: list[tuple[str, str, int, dict[str, Any]]] = [
    (KVS, "DescribeStream", 5, {"StreamName": NAME}),
    (KVS, "GetDataEndpoint", 5, {"StreamName": NAME, "APIName": "GET_MEDIA"}),
    (KVS, "ListTagsForStream", 5, {"StreamName": NAME}),
    (KVS, "DescribeStreamStorageConfiguration", 5, {"StreamName": NAME}),
    (KVS, "DescribeEdgeConfiguration", 5, {"StreamName": NAME}),
    (KVS, "DeleteEdgeConfiguration", 1, {"StreamName": NAME}),
    (KVS, "DescribeSignalingChannel", 5, {"ChannelName": "doorbell"}),
    (KVS, "DescribeMediaStorageConfiguration", 5, {"ChannelName": "doorbell"}),
    (SIGNAL, "GetIceServerConfig", 5, {"ChannelARN": NOWHERE}),
    (STORE, "JoinStorageSession", 2, {"channelArn": NOWHERE}),
    (ARCHIVE, "GetHLSStreamingSessionURL", 25, {"StreamName": NAME}),
    (ARCHIVE, "GetDASHStreamingSessionURL", 25, {"StreamName": NAME}),
    ("kinesis-video-media", "GetMedia", 5, {"StreamName": "nobody", "StartSelector": NOW}),
]


@pytest.mark.parametrize(("service", "operation", "most", "request_"), OF_RESOURCE)
def test_a_stream_or_channel_has_so_many_calls_a_second(
    sim: Simulator, service: str, operation: str, most: int, request_: dict[str, Any]
) -> None:
    assert gained(sim, service, operation, most, request_) == most
    sim.advance(seconds=1)
    assert gained(sim, service, operation, 0, request_) == 1


OF_ACCOUNT: list[tuple[str, str, int, Callable[[int], dict[str, Any]]]] = [
    (KVS, "ListStreams", 50, lambda at: {}),
    (KVS, "ListSignalingChannels", 50, lambda at: {}),
    (KVS, "ListEdgeAgentConfigurations", 50, lambda at: {"HubDeviceArn": HUB}),
    (KVS, "CreateStream", 50, lambda at: {"StreamName": f"camera-{at}"}),
    (KVS, "DescribeStream", 300, lambda at: {"StreamName": f"camera-{at}"}),
    (KVS, "DeleteStream", 50, lambda at: {"StreamARN": f"{NOBODY}{at}"}),
    (KVS, "DeleteEdgeConfiguration", 10, lambda at: {"StreamName": f"camera-{at}"}),
    (KVS, "GetSignalingChannelEndpoint", 300, lambda at: {"ChannelARN": NOWHERE}),
    (SIGNAL, "GetIceServerConfig", 100, lambda at: {"ChannelARN": f"{NOWHERE}{at}"}),
    (STORE, "JoinStorageSession", 50, lambda at: {"channelArn": f"{NOWHERE}{at}"}),
]


@pytest.mark.parametrize(("service", "operation", "most", "request_"), OF_ACCOUNT)
def test_an_account_has_so_many_calls_a_second(
    sim: Simulator, service: str, operation: str, most: int, request_: Callable[[int], Any]
) -> None:
    """Each about another stream, so that none has too many itself."""
    passed = sum(gained(sim, service, operation, 0, request_(at)) for at in range(most + 1))
    assert passed == most


def test_a_stream_is_one_by_name_and_by_arn(sim: Simulator, video: Any) -> None:
    arn = video.describe_stream(StreamName=NAME)["StreamInfo"]["StreamARN"]
    for _ in range(4):
        video.describe_stream(StreamARN=arn)
    with pytest.raises(ClientError, match=LIMIT):
        video.describe_stream(StreamName=NAME)


def test_a_producer_connects_five_times_a_second(sim: Simulator) -> None:
    for _ in range(5):
        connect(sim).close("gone")
    with pytest.raises(ServiceError) as refused:
        connect(sim)
    assert refused.value.code == LIMIT


# --- quota points of archived media ---------------------------------------------------------------


def fragments(sim: Simulator, count: int) -> list[str]:
    put(sim, stream(count))
    return [each.number for each in sim.video[NAME].archive]


def refused(call: Callable[..., Any], **request: Any) -> bool:
    with suppress(ClientError):
        call(StreamName=NAME, **request)
        return False
    return True


def test_listing_uses_the_points_of_a_page_however_much_there_is(sim: Simulator) -> None:
    archived = sim.client(ARCHIVE)
    for _ in range(9):
        assert not refused(archived.list_fragments)
    assert not refused(archived.list_fragments, MaxResults=600)
    assert refused(archived.list_fragments, MaxResults=401)
    assert not refused(archived.list_fragments, MaxResults=400)
    assert refused(archived.list_fragments, MaxResults=1)
    sim.advance(seconds=1)
    assert not refused(archived.list_fragments)


def test_media_by_number_uses_a_point_each(sim: Simulator) -> None:
    archived, found = sim.client(ARCHIVE), fragments(sim, 1)
    assert not refused(archived.get_media_for_fragment_list, Fragments=found * 400)
    assert refused(archived.get_media_for_fragment_list, Fragments=found * 101)
    assert not refused(archived.get_media_for_fragment_list, Fragments=found * 100)
    sim.advance(seconds=1)
    assert not refused(archived.get_media_for_fragment_list, Fragments=found * 1_000), "all alone"
    assert refused(archived.get_media_for_fragment_list, Fragments=found)


def test_a_stream_has_five_connections_that_read_by_number(sim: Simulator) -> None:
    """Each is busy for as long as 25 MB/s take."""
    archived = sim.client(ARCHIVE)
    connection = connect(sim)
    connection.take(matroska.header([VIDEO]) + b"".join(_large(at) for at in (0, 2_000)))
    connection.finish()
    sim.advance(seconds=1)
    found = [each.number for each in sim.video[NAME].archive][:1]
    for _ in range(5):
        assert not refused(archived.get_media_for_fragment_list, Fragments=found)
    assert refused(archived.get_media_for_fragment_list, Fragments=found)
    sim.advance(milliseconds=200)
    assert not refused(archived.get_media_for_fragment_list, Fragments=found)


def _large(at: int) -> bytes:
    return matroska.cluster(at, [(1, 0, True, bytes(5_000_000)), (1, 1_000, False, b"x")])


def test_a_clip_uses_points_of_both_kinds(sim: Simulator) -> None:
    archived = sim.client(ARCHIVE)
    put(sim, film(20))
    archived.get_clip(StreamName=NAME, ClipFragmentSelector=span(0, 19))
    [used] = sim.events.of(QuotaPointsUsed)
    assert (used.api, used.metadata, used.media) == ("GetClip", 10, 10)
    metrics = sim.metrics("AWS/KinesisVideo")
    names = set(metrics["metric"])
    assert {"ArchivedFragmentsConsumed.Media", "ArchivedFragmentsConsumed.Metadata"} <= names


def test_images_use_four_hundred_points_and_their_own(sim: Simulator) -> None:
    pytest.importorskip("av")
    archived = sim.client(ARCHIVE)
    put(sim, film(2))
    said = span(0, 1)["TimestampRange"]
    for _ in range(5):
        archived.get_images(
            StreamName=NAME,
            ImageSelectorType="PRODUCER_TIMESTAMP",
            SamplingInterval=1_000,
            Format="JPEG",
            MaxResults=100,
            **said,
        )
    assert {(each.metadata, each.media) for each in sim.events.of(QuotaPointsUsed)} == {(500, 100)}
    assert refused(archived.get_media_for_fragment_list, Fragments=["1"])


# --- players --------------------------------------------------------------------------------------


class Wall:
    """A wall that a test moves. at: epoch ms."""

    def __init__(self) -> None:
        self.at = BEGIN

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def running(wall: Wall) -> Simulator:
    """A simulator whose time runs by itself, with a stream."""
    sim = Simulator(clock=Clock.wall(wall), latency=None, delays="instant")
    sim.client(KVS).create_stream(StreamName=NAME, DataRetentionInHours=24)
    return sim


def recorded(sim: Simulator, seconds: int) -> None:
    connection = connect(sim)
    connection.take(film(seconds))
    connection.finish()
    sim.clock.catch_up()


def test_a_session_has_so_many_playlists_and_segments_in_ten_seconds(
    running: Simulator, wall: Wall
) -> None:
    recorded(running, 10)
    url = hls(running.client(ARCHIVE))

    def statuses(name: str, count: int, **more: str) -> list[int]:
        return [page(running, url, name, **more).status for _ in range(count)]

    for name in ("", "getHLSMediaPlaylist.m3u8", "getMP4InitFragment.mp4"):
        assert statuses(name, 51, TrackNumber="1") == [200] * 50 + [400]
    rows = page(running, hls(running.client(ARCHIVE)), "getHLSMediaPlaylist.m3u8", TrackNumber="1")
    number = numbers(rows.body.decode().splitlines())[0]
    segment = {"TrackNumber": "1", "FragmentNumber": number}
    assert statuses("getMP4MediaFragment.mp4", 201, **segment) == [200] * 200 + [400]
    assert page(running, url).error == LIMIT
    wall.at += 9_999
    assert page(running, url).status == 400
    wall.at += 1
    assert page(running, url).status == 200


def test_players_of_a_clock_that_stands_still_are_not_counted(sim: Simulator) -> None:
    put(sim, film(10))
    url = hls(sim.client(ARCHIVE))
    assert {page(sim, url).status for _ in range(50)} == {200}


def test_playlists_of_a_stream_share_its_points(running: Simulator) -> None:
    recorded(running, 10)
    archived = running.client(ARCHIVE)
    told = []
    for _ in range(3):
        url = hls(archived, MaxMediaPlaylistFragmentResults=4_000)
        told.append(page(running, url, "getHLSMediaPlaylist.m3u8", TrackNumber="1").status)
    assert told == [200, 200, 400]


# --- media that comes faster than it may ----------------------------------------------------------


def test_a_producer_is_slowed_down_and_not_refused(running: Simulator, wall: Wall) -> None:
    connection = connect(running)
    connection.take(matroska.header([VIDEO]))
    for number in range(5):
        connection.take(cluster(2_000 * number))
        assert connection.takes_at() <= wall.at
    connection.take(cluster(10_000))
    assert connection.takes_at() == wall.at + 200
    wall.at += 10_000
    connection.take(_void(25_000_000))
    assert connection.takes_at() == wall.at + 1_000


def _void(size: int) -> bytes:
    return ebml.element(ebml.VOID, bytes(size))


def test_on_a_clock_that_stands_still_all_is_taken(sim: Simulator) -> None:
    connection = connect(sim)
    connection.take(stream(50))
    assert connection.takes_at() == 0


def test_a_reader_gets_so_many_bytes_a_second() -> None:
    """Three fragments of 800 kB: two leave at once, the third waits for its share."""
    sim = Simulator(latency=None, limits={"video.get_byte_rate": 1_000_000})
    sim.client(KVS).create_stream(StreamName=NAME)
    sim.advance(seconds=10)
    frames = [(1, 0, True, bytes(800_000)), (1, 1_000, False, b"x")]
    parts = (matroska.cluster(at, frames) for at in (0, 2_000, 4_000))
    put(sim, matroska.header([VIDEO]) + b"".join(parts))
    said = {"StreamName": NAME, "StartSelector": {"StartSelectorType": "EARLIEST"}}
    reading: Any = sim.gate.begin("kinesis-video-media", "GetMedia", said)
    source = reading["Payload"]
    assert [source.next_event() is not None for _ in range(3)] == [True, True, False]
    waits = source.next_at() - sim.clock.now
    assert 600 <= waits < 610
    sim.advance(milliseconds=waits - 1)
    assert source.next_event() is None
    sim.advance(milliseconds=1)
    assert source.next_event() is not None
    source.close("read")
