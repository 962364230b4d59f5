"""GetImages: what the camera showed at each instant, or why nobody can tell."""

from __future__ import annotations

import base64
import io
import sys
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.server import start
from kinesis_sim.errors import MissingPackage
from kinesis_sim.instants import to_datetime
from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import MediaTrack
from kinesis_sim.video.operations.images import _fitting
from kinesis_sim.video.pictures.sampling import SampledImage
from kinesis_sim.workloads.camera.dock_camera import (
    CLOCK_AT,
    CLOCK_SIZE,
    WIDTH,
    DockCamera,
    clock_text,
)
from kinesis_sim.workloads.camera.h264 import PictureEncoder
from kinesis_sim.workloads.camera.picture import digits_in
from kinesis_sim.workloads.camera.producer import record
from tests.aws.http_client import client, instant
from tests.video.media import NAME, put

av = pytest.importorskip("av")


def asked(sim: Simulator, start: int, seconds: float = 5, **more: Any) -> dict[str, Any]:
    begin = to_datetime(start)
    said = {
        "StreamName": NAME,
        "ImageSelectorType": "PRODUCER_TIMESTAMP",
        "StartTimestamp": begin,
        "EndTimestamp": begin + timedelta(seconds=seconds),
        "SamplingInterval": 1_000,
        "Format": "PNG",
        **more,
    }
    return dict(sim.client("kinesis-video-archived-media").get_images(**said))


def read(image: dict[str, Any]) -> Any:
    """An image's one frame."""
    with av.open(io.BytesIO(base64.b64decode(image["ImageContent"]))) as container:
        return next(container.decode(video=0))


def clock_in(image: dict[str, Any]) -> str:
    frame = read(image).reformat(format="gray8")
    plane = frame.planes[0]
    data, step = bytes(plane), plane.line_size
    luma = b"".join(data[step * row : step * row + WIDTH] for row in range(frame.height))
    return digits_in(luma, WIDTH, *CLOCK_AT, 8, CLOCK_SIZE)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_each_image_shows_the_time_it_is_of(sim: Simulator, form: str) -> None:
    began = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=10)
    images = asked(sim, began, Format=form)["Images"]
    wanted = [began + 1_000 * second for second in range(6)]
    assert [image["TimeStamp"] for image in images] == [to_datetime(at) for at in wanted]
    assert [clock_in(image) for image in images] == [clock_text(at) for at in wanted]
    head = base64.b64decode(images[0]["ImageContent"])[:4]
    assert head == {"PNG": b"\x89PNG", "JPEG": b"\xff\xd8\xff\xdb"}[form]


def test_by_the_services_clock_media_is_where_it_came_in(sim: Simulator) -> None:
    began = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=4)
    answer = asked(sim, began, ImageSelectorType="SERVER_TIMESTAMP")
    errors = [image.get("Error") for image in answer["Images"]]
    assert errors == ["NO_MEDIA", "NO_MEDIA", None, None, None, None]
    assert clock_in(answer["Images"][2]) == clock_text(began)


def test_an_instant_without_media_is_told_within(sim: Simulator) -> None:
    began = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=2)
    sim.advance(seconds=7.5)
    later = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=2)
    images = asked(sim, began, seconds=(later - began) / 1_000 + 1)["Images"]
    empty = [image["TimeStamp"] for image in images if image.get("Error") == "NO_MEDIA"]
    assert empty == [to_datetime(began + 1_000 * second) for second in range(2, 10)]
    assert sum("ImageContent" in image for image in images) == len(images) - len(empty) == 4


def test_media_of_which_there_is_no_picture_is_told_within(sim: Simulator) -> None:
    for track, frame in (
        (MediaTrack(1, 2, "A_AAC", b"\x12\x10", rate=44_100, channels=2), b"sound"),
        (MediaTrack(1, 1, "V_VP9", b"x", width=64, height=48), b"x"),
        (DockCamera(7).track, b"\0\0\0\3\x65\xff\xff"),
    ):
        sim = Simulator(latency=None)
        sim.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=24)
        sim.advance(seconds=10)
        put(sim, matroska.header([track]) + matroska.cluster(0, [(1, 0, True, frame)]))
        [image] = asked(sim, 1_767_225_600_000, seconds=0)["Images"]
        assert image["Error"] == "MEDIA_ERROR", track.codec


def test_an_image_has_no_more_points_than_a_frame_of_8k(sim: Simulator) -> None:
    """A frame ten times as wide as high has 46 million at 2,160 px: none is made."""
    encoder = PictureEncoder(160, 16)
    track = MediaTrack(1, 1, "V_MPEG4/ISO/AVC", encoder.private, "v", width=160, height=16)
    frame = encoder.key([bytes([place]) * 384 for place in range(10)])
    put(sim, matroska.header([track]) + matroska.cluster(0, [(1, 0, True, frame)]))
    [small] = asked(sim, 1_767_225_600_000, seconds=0, HeightPixels=32)["Images"]
    assert (read(small).width, read(small).height) == (320, 32)
    [large] = asked(sim, 1_767_225_600_000, seconds=0, HeightPixels=2_160)["Images"]
    assert large["Error"] == "MEDIA_ERROR"


def test_pages_go_through_all(sim: Simulator) -> None:
    began = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=12)
    whole, token = [], None
    sizes = []
    while token is not None or not whole:
        more = {} if token is None else {"NextToken": token}
        answer = asked(sim, began, seconds=11.8, SamplingInterval=200, **more)
        whole += answer["Images"]
        sizes.append(len(answer["Images"]))
        token = answer.get("NextToken")
    assert sizes == [25, 25, 10]
    assert [image["TimeStamp"] for image in whole] == [
        to_datetime(began + 200 * place) for place in range(60)
    ]
    assert all("ImageContent" in image for image in whole)
    assert len(asked(sim, began, SamplingInterval=200, MaxResults=100)["Images"]) == 25
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        asked(sim, began, NextToken="nobodys")


def test_a_page_ends_where_its_images_would_be_too_many_bytes() -> None:
    whole: list[list[dict[str, Any]]] = []
    limits: dict[str, int]
    for limits in ({}, {"video.images_bytes": 5_000}, {"video.images_bytes": 1}):
        sim = Simulator(latency=None, limits=limits)
        sim.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=24)
        sim.advance(seconds=10)
        began, token, found = sim.clock.now, None, []
        record(sim, NAME, DockCamera(7), seconds=2)
        while token is not None or not found:
            more = {} if token is None else {"NextToken": token}
            answer = asked(sim, began, seconds=1.8, SamplingInterval=200, **more)
            sizes = [len(image["ImageContent"]) for image in answer["Images"]]
            assert sum(sizes) <= limits.get("video.images_bytes", 100_000_000) or len(sizes) == 1
            found, token = [*found, *answer["Images"]], answer.get("NextToken")
            sim.advance(seconds=1)
        whole.append(found)
    assert whole == whole[:1] * 3


def test_an_answer_is_of_100_mb_at_most(sim: Simulator) -> None:
    """Twenty-five images of nearly 6 MB each would be 150."""
    images = [SampledImage(at, bytes(4_500_000)) for at in range(25)]
    found = list(_fitting(iter(images), sim.limits["video.images_bytes"]))
    assert [image.at for image in found] == list(range(16))


def test_sizes_and_qualities(sim: Simulator) -> None:
    began = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=2)

    def one(**more: Any) -> dict[str, Any]:
        sim.advance(seconds=1)
        [image] = asked(sim, began, seconds=0, **more)["Images"]
        return dict(image)

    for size, shape in (
        ({}, (160, 96)),
        ({"WidthPixels": 320, "HeightPixels": 100}, (320, 100)),
        ({"HeightPixels": 192}, (320, 192)),
    ):
        frame = read(one(**size))
        assert (frame.width, frame.height) == shape
    sizes = [
        len(one(Format="JPEG", FormatConfig={"JPEGQuality": quality})["ImageContent"])
        for quality in ("1", "40", "80", "100")
    ]
    assert sizes == sorted(set(sizes))
    assert len(one(Format="JPEG")["ImageContent"]) == sizes[2]
    assert one(Format="JPEG") == one(Format="JPEG")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"seconds": 300.2}, "InvalidArgumentException.*over 300 seconds"),
        ({"seconds": -1}, "InvalidArgumentException.*earlier"),
        ({"SamplingInterval": 199}, "InvalidArgumentException.*at least 200 ms"),
        ({"FormatConfig": {"JPEGQuality": "101"}}, "InvalidArgumentException.*from 1 to 100"),
        ({"FormatConfig": {"JPEGQuality": "0x1"}}, "InvalidArgumentException.*from 1 to 100"),
        ({"WidthPixels": 100}, "ValidationException.*HeightPixels"),
        ({"StreamName": "nobody"}, "ResourceNotFoundException"),
    ],
)
def test_what_cannot_be_asked(sim: Simulator, more: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        asked(sim, 1_767_225_600_000, **more)


def test_a_stream_that_keeps_nothing_has_no_images(video: Any, sim: Simulator) -> None:
    video.create_stream(StreamName="live")
    sim.advance(seconds=10)
    with pytest.raises(ClientError, match="NoDataRetentionException"):
        asked(sim, 1_767_225_600_000, StreamName="live")


def test_without_the_extra_the_error_names_the_install_line(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = sim.clock.now
    record(sim, NAME, DockCamera(7), seconds=2)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingPackage, match=r'pip install "kinesis-lab\[video\]"'):
        asked(sim, began)


def test_over_http_images_come_and_the_install_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with start(instant(limits="off")) as server:
        sim = server.simulator
        with client(server, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        began = sim.clock.now
        with sim.lock:
            record(sim, NAME, DockCamera(7), seconds=2)
        said = {
            "StreamName": NAME,
            "ImageSelectorType": "PRODUCER_TIMESTAMP",
            "StartTimestamp": to_datetime(began),
            "EndTimestamp": to_datetime(began),
            "Format": "PNG",
        }
        once = Config(retries={"total_max_attempts": 1})
        with client(server, "kinesis-video-archived-media", config=once) as archived:
            [image] = archived.get_images(**said)["Images"]
            assert clock_in(image) == clock_text(began)
            monkeypatch.setitem(sys.modules, "av", None)
            with pytest.raises(ClientError, match=r'pip install "kinesis-lab\[video\]"'):
                archived.get_images(**said)
