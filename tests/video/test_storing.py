"""Storage sessions: who is in one, what of a call becomes fragments, and a whole one with media."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.aws import webrtc
from kinesis_sim.aws.call_end import ROOM, CallRecorder, _passed_track
from kinesis_sim.aws.server import live_simulator, start
from kinesis_sim.errors import MissingPackage
from kinesis_sim.events import Event
from kinesis_sim.instants import HOUR
from kinesis_sim.video import matroska
from kinesis_sim.video.events import FragmentPersisted
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.video.pictures.decoding import pictures
from kinesis_sim.video.signaling.events import StorageSessionChanged
from kinesis_sim.video.splitter import MediaSplitter
from kinesis_sim.video.storing import annex_b
from kinesis_sim.video.storing.call_media import CallMedia
from kinesis_sim.video.storing.sound import SoundRecoder
from kinesis_sim.workloads.calls import rtc
from kinesis_sim.workloads.calls.camera_master import CameraMaster
from kinesis_sim.workloads.camera.dock_camera import CLOCK_AT, CLOCK_SIZE, WIDTH, DockCamera
from kinesis_sim.workloads.camera.h264 import PictureEncoder
from kinesis_sim.workloads.camera.picture import digits_in
from tests import loops
from tests.aws.http_client import client
from tests.video.calls import DOOR, channel, connect, heard, say, told
from tests.video.media import NAME

STORE = "kinesis-video-webrtc-storage"
PRIVATE = bytes.fromhex("1190")
PATIENCE_SECONDS = 60
MOST = 1 << 20
SEGMENT = matroska.header([])[:4]


# --- H.264 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(160, 96), (1920, 1080), (642, 362)])
@pytest.mark.parametrize(
    ("profile", "form", "more"),
    [
        ("baseline", "yuv420p", ""),
        ("main", "yuv420p", ""),
        ("high", "yuv420p", "cqm=jvt"),
        ("high422", "yuv422p", ""),
        ("high444", "yuv444p", "cqm=jvt"),
    ],
)
def test_the_size_of_a_picture_is_what_its_encoder_was_told(
    size: tuple[int, int], profile: str, form: str, more: str
) -> None:
    av = pytest.importorskip("av")
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base = form, Fraction(1, 30)
    encoder.options = {"profile": profile, "preset": "ultrafast", "x264-params": more}
    frame = av.VideoFrame(*size, form)
    frame.pts = 0
    data = b"".join(map(bytes, [*encoder.encode(frame), *encoder.encode(None)]))
    found = annex_b.units(data)
    assert [annex_b.size(unit) for unit in found if annex_b.kind(unit) == 7] == [size]


@given(st.binary(max_size=80))
def test_a_sequence_set_that_is_none_has_a_size_or_a_value_error(data: bytes) -> None:
    try:
        width, height = annex_b.size(b"\x67" + data)
    except (ValueError, IndexError):
        return
    assert width > 0
    assert height > 0


# --- fragments ------------------------------------------------------------------------------------


@cache
def call(seconds: int = 6) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Pictures and sound of a call, each with its time (ms)."""
    return list(rtc.units(DockCamera(3), 0, seconds)), [
        (at, bytes([at // 20 % 251])) for at in range(0, seconds * 1_000, 20)
    ]


class Clusters:
    """What a stream's media holds, as PutMedia's splitter reads it."""

    def __init__(self, media: bytes) -> None:
        self.headers: list[matroska.Header] = []
        self.times: list[int] = []
        self.raw: list[bytes] = []
        for part in media.split(SEGMENT)[1:]:
            splitter = MediaSplitter(self, MOST)
            splitter.feed(SEGMENT + part)
            splitter.finish()

    def header(self, header: matroska.Header) -> None:
        self.headers.append(header)

    def cluster(self, timestamp: int) -> None:
        self.times.append(timestamp)

    def block(self, track: int, timestamp: int, key: bool) -> None:
        pass

    def whole(self, raw: bytes) -> None:
        self.raw.append(bytes(raw))

    def tags(self, pairs: list[tuple[str, str]]) -> None:
        pass

    def frames(self, track: int) -> list[tuple[int, bytes]]:
        return [
            (time + block.offset, raw[block.begin : block.end])
            for time, raw in zip(self.times, self.raw, strict=True)
            for block in matroska.blocks_of(raw)
            if block.track == track
        ]


@given(st.lists(st.integers(0, 900), min_size=1, max_size=40))
def test_sound_that_is_late_makes_the_same_fragments(delays: list[int]) -> None:
    shown, sounds = call()
    late = [(at + delays[n % len(delays)], at, data) for n, (at, data) in enumerate(sounds)]
    rows = [(at, 0, at, data) for at, data in shown]
    come = max(at for at, _, _ in late)
    latest = 0
    for arrives, at, data in late:
        latest = max(latest, arrives)  # in order, as a jitter buffer hands it over
        rows.append((min(latest, come), 1, at, data))
    media, out = CallMedia(PRIVATE, 1_000, MOST), b""
    for _, kind, at, data in sorted(rows, key=lambda row: row[:2]):
        out += media.sound(at, data) if kind else media.picture(at, data)
    found = Clusters(out + media.end())
    assert found.times == [0, 2_000, 4_000]
    assert found.frames(2) == sounds
    assert found.frames(1) == [(at, annex_b.framed(annex_b.units(data))) for at, data in shown]
    [header] = found.headers
    assert [(track.width, track.height) for track in header.tracks] == [(160, 96), (0, 0)]


def test_without_sound_nothing_is_stored_and_little_is_kept() -> None:
    media = CallMedia(PRIVATE, 1_000, MOST)
    assert b"".join(media.picture(at, data) for at, data in call(40)[0]) + media.end() == b""
    assert media._size == 0


def test_while_there_is_no_sound_a_fragment_goes_on() -> None:
    shown, sounds = call()
    media, out = CallMedia(PRIVATE, 1_000, MOST), b""
    for at, data in shown:
        out += media.picture(at, data)
        for when, sound in sounds:
            if at <= when < at + 200 and not 2_000 <= when < 4_000:
                out += media.sound(when, sound)
    assert Clusters(out + media.end()).times == [0, 2_000], "no fragment of pictures alone"


def test_a_fragment_waits_a_second_for_its_sound() -> None:
    shown, sounds = call()
    media = CallMedia(PRIVATE, 1_000, MOST)
    media.picture(*shown[0])
    media.sound(*sounds[0])
    whole = {at: bool(media.picture(at, data)) for at, data in shown[1:]}
    assert [at for at in whole if whole[at]] == [3_000], "its next key frame came at 2,000"


def test_key_frames_close_to_one_another_make_one_fragment() -> None:
    shown, sounds = call(4)
    key = shown[0][1]
    media = CallMedia(PRIVATE, 1_000, MOST)
    rows = [(at, 0, key) for at, _ in shown] + [(at, 1, data) for at, data in sounds]
    out = b"".join(
        media.sound(at, data) if kind else media.picture(at, data)
        for at, kind, data in sorted(rows)
    )
    assert Clusters(out + media.end()).times == [0, 1_000, 2_000, 3_000]


def test_what_is_too_long_or_too_large_is_handed_on_for_the_stream_to_refuse() -> None:
    (first, *_), sounds = call(2)
    media = CallMedia(PRIVATE, 1_000, MOST)
    media.picture(*first)
    media.sound(*sounds[0])
    assert not media.picture(30_000, first[1])
    assert media.picture(30_001, first[1])
    assert media._size < MOST, "it begins anew"
    assert media.sound(30_020, bytes(MOST))


def test_another_size_of_the_picture_begins_the_media_anew() -> None:
    shown, sounds = call(2)
    media, out = CallMedia(PRIVATE, 1_000, MOST), b""
    private = [PictureEncoder(*size).private for size in ((64, 48), (160, 96))]
    small, large = (data[8 : 8 + data[7]] for data in private)
    for shift, sets in ((0, large), (2_000, small)):
        for at, data in shown:
            out += media.picture(at + shift, data.replace(large, sets))
            for when, sound in sounds:
                out += media.sound(when + shift, sound) if at <= when < at + 200 else b""
    found = Clusters(out + media.end())
    assert found.times == [0, 2_000]
    assert [header.tracks[0].width for header in found.headers] == [160, 64]


# --- what a call may hold -------------------------------------------------------------------------


def test_a_key_frame_is_asked_for_after_two_seconds_without_one() -> None:
    pytest.importorskip("av")
    recorder = CallRecorder(None, 1_000, MOST)
    shown = call(3)[0]
    recorder.take("video", 0, shown[0][1], 0)
    delta = shown[1][1]
    wants = {}
    for at in (1_000, 1_999, 2_000, 2_001):
        recorder.take("video", at * 90, delta, at)
        wants[at] = recorder.wants_key("video")
    assert wants == {1_000: False, 1_999: False, 2_000: True, 2_001: False}


def test_a_process_stores_64_calls_at_once() -> None:
    taken = [ROOM.acquire(blocking=False) for _ in range(65)]
    ROOM.release(sum(taken))
    assert sum(taken) == 64


def test_a_thousand_frames_wait_for_who_does_not_take_them() -> None:
    pytest.importorskip("aiortc")
    track = _passed_track("video")
    for stamp in range(1_001):
        track.give(stamp, b"x")
    assert track._frames.qsize() == 1_000


# --- sound ----------------------------------------------------------------------------------------


def test_sound_is_kept_in_frames_of_1024_samples_and_64_kbit_a_second() -> None:
    av = pytest.importorskip("av")
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    encoder.open()
    chance, recoder, kept = Random(7), SoundRecoder(), []
    for at in range(0, 2 * 48_000, 960):
        frame = av.AudioFrame("s16", "stereo", 960)
        frame.sample_rate, frame.pts = 48_000, at
        frame.planes[0].update(chance.randbytes(4 * 960))
        for packet in encoder.encode(frame):
            kept += recoder.take(at, bytes(packet))
    times = [at for at, _ in kept]
    assert {later - at for at, later in pairwise(times)} == {1_024}
    bits = 8 * sum(len(data) for _, data in kept[10:]) * 48_000 / (1_024 * len(kept[10:]))
    assert 60_000 < bits < 70_000


# --- who is in a session --------------------------------------------------------------------------


@pytest.fixture
def arn(sim: Simulator) -> str:
    """A channel whose media the tests' stream is to keep."""
    pytest.importorskip("aiortc")
    found, video = channel(sim), sim.client("kinesisvideo")
    stream = video.describe_stream(StreamName=NAME)["StreamInfo"]["StreamARN"]
    video.update_media_storage_configuration(
        ChannelARN=found, MediaStorageConfiguration={"Status": "ENABLED", "StreamARN": stream}
    )
    return found


@contextmanager
def joined(sim: Simulator, arn: str) -> Iterator[tuple[Any, Any]]:
    """A master that joined, and what the service's end of the call tells."""
    master = connect(sim, arn)
    sim.client(STORE).join_storage_session(channelArn=arn)
    member = sim.gate.converse(STORE, "StorageMember", {"ChannelARN": arn, "ClientId": None})
    try:
        yield master, member
    finally:
        member.close("the test is over")


def changes(sim: Simulator) -> list[tuple[str, str]]:
    rows = sim.events.of(StorageSessionChanged)
    return [(event.became, event.why) for event in rows]


def media(seconds: int) -> bytes:
    """Media of a call as the service's end tells it."""
    shown, sounds = call(seconds)
    made, out = CallMedia(PRIVATE, 1_000, MOST), b""
    rows = [(at, 0, data) for at, data in shown] + [(at, 1, data) for at, data in sounds]
    for at, kind, data in sorted(rows):
        out += made.sound(at, data) if kind else made.picture(at, data)
    return out + made.end()


def test_what_the_call_brings_is_in_the_stream(sim: Simulator, arn: str) -> None:
    with joined(sim, arn) as (_, member):
        member.take(b"h")
        member.take(b"m" + media(6))
        sim.advance(seconds=5)
        rows = sim.client("kinesis-video-archived-media").list_fragments(StreamName=NAME)
        assert len(rows["Fragments"]) == 3
        assert changes(sim) == [("joined", ""), ("connected", "")]


def test_media_that_the_stream_refuses_ends_the_session(sim: Simulator, arn: str) -> None:
    with joined(sim, arn) as (_, member):
        member.take(b"m" + b"no media at all")
        assert changes(sim)[-1] == ("gone", "INVALID_MKV_DATA")
        assert member.ended


@pytest.mark.parametrize("begun", [False, True], ids=["before any media", "within it"])
def test_a_stream_that_is_deleted_ends_the_session(sim: Simulator, arn: str, begun: bool) -> None:
    """Not three minutes later, when nobody was heard: its media has nowhere to go."""
    with joined(sim, arn) as (_, member):
        film = media(2)
        if begun:
            member.take(b"m" + film)
        video = sim.client("kinesisvideo")
        video.delete_stream(
            StreamARN=video.describe_stream(StreamName=NAME)["StreamInfo"]["StreamARN"]
        )
        sim.advance(seconds=60)
        member.take(b"m" + film)
        assert member.ended
        assert changes(sim)[-1][0] == "gone"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (lambda sim, arn: sim.advance(seconds=180), "idle"),
        (
            lambda sim, arn: sim.client("kinesisvideo").update_media_storage_configuration(
                ChannelARN=arn, MediaStorageConfiguration={"Status": "DISABLED"}
            ),
            "storage disabled",
        ),
        (
            lambda sim, arn: sim.client("kinesisvideo").delete_signaling_channel(ChannelARN=arn),
            "channel deleted",
        ),
        (lambda sim, arn: sim.client(STORE).join_storage_session(channelArn=arn), "taken over"),
    ],
)
def test_a_session_ends(sim: Simulator, arn: str, end: Any, why: str) -> None:
    with joined(sim, arn) as (_, member):
        end(sim, arn)
        assert ("gone", why) in changes(sim)
        assert member.ended


def test_a_session_lasts_an_hour_at_most(sim: Simulator, arn: str) -> None:
    with joined(sim, arn) as (_, member):
        for _ in range(59):
            member.take(b"h")
            sim.advance(seconds=60)
        assert not member.ended
        member.take(b"h")
        sim.advance(seconds=60)
        assert changes(sim)[-1] == ("gone", "an hour old")


VP8 = (
    "m=audio 9 x 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 x 120\r\na=rtpmap:120 VP8/90000\r\n"
)


@pytest.mark.parametrize(
    "said",
    [
        {"type": "answer", "sdp": VP8},
        {"type": "answer", "sdp": VP8.replace("VP8", "H264").replace("audio 9", "audio 0")},
        {"type": "answer"},
        ["answer"],
        "no object",
    ],
)
def test_an_answer_without_the_codecs_is_refused_with_a_status(
    sim: Simulator, arn: str, said: Any
) -> None:
    with joined(sim, arn) as (master, member):
        [(kind, sender, offer)] = heard(master)
        assert (kind, sender, offer["type"]) == ("SDP_OFFER", None, "offer")
        say(master, "SDP_ANSWER", said, correlationId="17")
        [row] = told(master)
        status = row["statusResponse"]
        assert (status["correlationId"], status["errorType"], status["statusCode"]) == (
            "17",
            "InvalidArgumentException",
            "400",
        )
        assert not member.ended, "another answer may follow"


def test_an_offer_to_the_service_is_refused(sim: Simulator, arn: str) -> None:
    with joined(sim, arn) as (master, _):
        told(master)
        say(master, "SDP_OFFER", {"type": "offer"}, correlationId="18")
        [row] = told(master)
        assert row["statusResponse"]["errorType"] == "InvalidArgumentException"


def test_a_strange_answer_ends_its_call_and_nothing_else(sim: Simulator, arn: str) -> None:
    gone = threading.Event()

    def look(event: Event) -> None:
        if isinstance(event, StorageSessionChanged) and event.became == "gone":
            gone.set()

    sim.events.subscribe(look)
    with joined(sim, arn) as (master, _):
        sdp = VP8.replace("VP8", "H264") + "a=candidate:\r\na=fingerprint:what\r\n"
        say(master, "SDP_ANSWER", {"type": "answer", "sdp": sdp})
        assert gone.wait(PATIENCE_SECONDS)
    assert changes(sim)[-1][1].startswith("no call came about")


def test_a_saved_simulator_has_what_was_stored(tmp_path: Path) -> None:
    pytest.importorskip("aiortc")
    sim = Simulator(latency=None, account="464646464646")
    video = sim.client("kinesisvideo")
    stream = video.create_stream(StreamName=NAME, DataRetentionInHours=24)["StreamARN"]
    found = channel(sim)
    video.update_media_storage_configuration(
        ChannelARN=found, MediaStorageConfiguration={"Status": "ENABLED", "StreamARN": stream}
    )
    with joined(sim, found) as (_, member):
        member.take(b"m" + media(6))
        sim.advance(seconds=90)
        sim.save(tmp_path / "calls")
        before = sim.video[NAME].archive.persisted()
        loaded = Simulator.load(tmp_path / "calls")
    assert [each.raw for each in loaded.video[NAME].archive.persisted()] == [
        each.raw for each in before
    ]
    assert list(loaded.video.channels[DOOR].stored) == [None]
    loaded.advance(seconds=90)
    assert list(loaded.video.channels[DOOR].stored) == [], "idle three minutes after its media"


def test_without_aiortc_the_install_line_is_named(
    sim: Simulator, arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiortc", None)
    connect(sim, arn)
    with pytest.raises(MissingPackage, match=r'pip install "kinesis-lab\[webrtc\]"'):
        sim.client(STORE).join_storage_session(channelArn=arn)
    assert list(sim.video.channels[DOOR].stored) == []


def test_a_process_holds_only_so_many_calls(
    sim: Simulator, arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kinesis_sim.aws import call_end

    monkeypatch.setattr(call_end, "ROOM", threading.Semaphore(1))
    with joined(sim, arn):
        with pytest.raises(ClientError, match="ClientLimitExceededException"):
            sim.client(STORE).join_storage_session(channelArn=arn)
        assert changes(sim) == [("joined", "")], "who is there stays"


def test_a_viewer_joins_with_its_id(sim: Simulator, arn: str) -> None:
    api, master = sim.client(STORE), connect(sim, arn)
    with pytest.raises(ClientError, match="AWS_"):
        api.join_storage_session_as_viewer(channelArn=arn, clientId="AWS_x")
    ana = connect(sim, arn, "ana")
    api.join_storage_session_as_viewer(channelArn=arn, clientId="ana")
    [(_, _, offer)] = heard(ana)
    assert "a=sendonly" in offer["sdp"].partition("m=video")[2], "pictures only go to viewers"
    assert told(master) == []
    sim.advance(seconds=60)
    assert list(sim.video.channels[DOOR].stored) == []


# --- a whole one ----------------------------------------------------------------------------------


class Waiting:
    """Waits until so many events of a class came. By state, not by time."""

    def __init__(self, sim: Simulator, kind: type[Event], count: int) -> None:
        self._kind, self._left, self.over = kind, count, threading.Event()
        sim.events.subscribe(self._look)

    def _look(self, event: Event) -> None:
        if isinstance(event, self._kind):
            self._left -= 1
            if self._left <= 0:
                self.over.set()


def test_a_call_over_the_wire_is_stored_and_played() -> None:
    """A camera joins over WebSocket and UDP; what comes out are the pictures that it sent."""
    pytest.importorskip("aiortc")
    sim = live_simulator()
    video = sim.client("kinesisvideo")
    stream = video.create_stream(StreamName=NAME, DataRetentionInHours=24)["StreamARN"]
    video.create_signaling_channel(ChannelName=DOOR)
    with sim.lock:
        sim.advance(seconds=10)
    found = video.describe_signaling_channel(ChannelName=DOOR)["ChannelInfo"]["ChannelARN"]
    video.update_media_storage_configuration(
        ChannelARN=found, MediaStorageConfiguration={"Status": "ENABLED", "StreamARN": stream}
    )
    stored = Waiting(sim, FragmentPersisted, 2)
    with (
        start(sim) as server,
        CameraMaster(server.endpoint_url, DOOR, DockCamera(7), seconds=20, store=True, speed=4),
    ):
        assert stored.over.wait(PATIENCE_SECONDS)
        peer = sim.video.channels[DOOR].stored[None].peer
        with client(server, "kinesis-video-archived-media") as archive:
            rows = archive.list_fragments(StreamName=NAME)["Fragments"]
    assert len(rows) >= 2
    archived = sim.video[NAME].archive.persisted()
    sent = [annex_b.framed(annex_b.units(data)) for _, data in rtc.units(DockCamera(7), 0, 20)]
    came = [sample.data for each in archived for sample in pictures_of(each)]
    assert sum(unit in sent for unit in came) >= 0.95 * len(came), (
        "as it was sent, not encoded anew"
    )
    assert {len(each.header.tracks) for each in archived} == {2}
    frames, clock = seen(archived[0])
    assert frames >= 0.95 * len(pictures_of(archived[0]))
    assert clock.startswith("00:00:0"), "it may have begun while the call was being set up"
    peer._thread.join(PATIENCE_SECONDS)
    assert not peer._thread.is_alive(), "nothing is left of the call"


def test_a_viewer_of_the_session_sees_the_master(sim: Simulator, arn: str) -> None:
    """The service passes the master's pictures on as they came."""
    camera, api = DockCamera(7), sim.client(STORE)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    api.join_storage_session(channelArn=arn)
    api.join_storage_session_as_viewer(channelArn=arn, clientId="ana")
    offers = [heard(peer)[-1][2] for peer in (master, ana)]
    clocks: list[str] = []

    async def talk() -> None:
        ends = webrtc.connection(), webrtc.connection()
        coming: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ends[1].on("track", lambda track: track.kind == "video" and coming.set_result(track))
        ends[0].addTrack(rtc.reel(camera, 9 * HOUR, 60, speed=4))
        ends[0].addTrack(rtc.silence(60, speed=4))
        ends[1].addTrack(rtc.silence(60))
        try:
            for end, peer, offer in zip(ends, (master, ana), offers, strict=True):
                say(peer, "SDP_ANSWER", await webrtc.answered(end, offer))
            async with asyncio.timeout(PATIENCE_SECONDS):
                frame = await (await coming).recv()
        finally:
            await asyncio.gather(*(end.close() for end in ends))
        plane = frame.reformat(format="yuv420p").planes[0]
        clocks.append(digits_in(bytes(plane), plane.line_size, *CLOCK_AT, 8, CLOCK_SIZE))

    loops.run(talk())
    assert [clock[:5] for clock in clocks] == ["09:00"]
    members = [member.client for member in sim.video.channels[DOOR].stored.values()]
    assert set(members) <= {None, "ana"}


def seen(fragment: Any) -> tuple[int, str]:
    """How many pictures can be decoded, and what the camera's clock says in the first."""
    found = list(pictures(fragment))
    return len(found), digits_in(found[0].luma, WIDTH, *CLOCK_AT, 8, CLOCK_SIZE)


def pictures_of(fragment: Any) -> Any:
    track, sound = playable(fragment.header.tracks)
    assert samples(fragment, sound)
    return samples(fragment, track)
