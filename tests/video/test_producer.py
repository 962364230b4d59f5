"""Producers: on the simulator's clock, and by a real request that is signed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import put, record, upload
from tests.aws.http_client import client, instant
from tests.video.media import NAME, cluster, stream

START = "2026-01-01T00:00:00Z"


@pytest.fixture
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        with client(running, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        yield running


def test_a_camera_films_on_the_clock(sim: Simulator) -> None:
    began = sim.clock.now
    acks = record(sim, NAME, DockCamera(7), seconds=20)
    fragments = list(sim.video[NAME].archive.persisted())
    assert [each.produced for each in fragments] == [began + 2_000 * n for n in range(10)]
    assert [each.received for each in fragments] == [began + 2_000 * n for n in range(1, 11)]
    kinds = [ack.event for ack in acks]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "BUFFERING": 10,
        "RECEIVED": 10,
        "PERSISTED": 10,
    }
    assert sim.clock.now - began == 20_500


def test_a_group_of_pictures_of_over_twenty_seconds_is_error_4002(sim: Simulator) -> None:
    acks = record(sim, NAME, DockCamera(7, gop=21_000), seconds=42)
    assert (acks[-1].event, acks[-1].error, acks[-1].error_id) == (
        "ERROR",
        "MAX_FRAGMENT_DURATION_REACHED",
        4002,
    )


def test_a_converted_file_that_begins_anew_is_error_4004(sim: Simulator) -> None:
    acks = put(sim, NAME, stream(2) + cluster(0), start=START)
    assert (acks[-1].event, acks[-1].error_id) == ("ERROR", 4004)
    assert acks[0].timecode == 0


def test_seconds_are_whole_fragments(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="seconds=3"):
        record(sim, NAME, DockCamera(), seconds=3)
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        record(sim, "nobody", DockCamera(), seconds=2)


def test_media_goes_by_one_signed_request(server: Server) -> None:
    media = DockCamera(7).media(START, seconds=10)
    acks = upload(server.endpoint_url, NAME, media, start=START)
    assert [ack.event for ack in acks].count("PERSISTED") == 5
    fragments = list(server.simulator.video[NAME].archive)
    assert [each.timecode for each in fragments] == [0, 2_000, 4_000, 6_000, 8_000]
    assert fragments[0].produced == 1_767_225_600_000


@contextmanager
def service(*answer: bytes) -> Iterator[str]:
    """A service that says these bytes once a request begins, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answering() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"".join(answer))
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(10)
                while connection.recv(1 << 16):
                    pass

        thread = threading.Thread(target=answering, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(20)
        assert not thread.is_alive()


OK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ACK = b'{"EventType":"BUFFERING","FragmentTimecode":0,"FragmentNumber":"1"}\n'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((), "broke off after 0 .*RemoteDisconnected"),
        ((b"no HTTP\r\n\r\n",), "broke off after 0 .*BadStatusLine"),
        ((OK, b"%x\r\n%s\r\n" % (len(ACK), ACK), b"ff\r\n{"), "broke off after 1 .*IncompleteRead"),
        ((OK, b"4\r\nnot\n\r\n0\r\n\r\n"), "broke off after 0 .*JSONDecodeError"),
    ],
)
def test_an_answer_that_breaks_off_is_told(answer: tuple[bytes, ...], said: str) -> None:
    with service(*answer) as url, pytest.raises(UsageError, match=said):
        upload(url, NAME, [stream(1)])


def test_a_camera_that_fails_is_not_taken_for_the_end(server: Server) -> None:
    def failing() -> Iterator[bytes]:
        yield stream(1)
        raise OSError("the camera is gone")

    with pytest.raises(OSError, match="the camera is gone"):
        upload(server.endpoint_url, NAME, failing())
    assert "put-media" not in {thread.name for thread in threading.enumerate()}


def test_what_is_refused_is_said(server: Server) -> None:
    with pytest.raises(UsageError, match="PutMedia was refused: 404"):
        upload(server.endpoint_url, "nobody", [stream(1)])
    acks = upload(server.endpoint_url, NAME, [stream(1), b"\0" * 50])
    assert acks[-1].error_id == 4006
