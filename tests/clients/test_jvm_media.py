"""AWS's clients for Java put a film and read it: its SDKs 1 and 2, and its parser of media.

The one that puts writes its target in absolute form, names a hash that its body has not, and counts
no acknowledgement without the end of its line: see ``aws/talks.py`` and
``video/acknowledgement.py``. Those that read decode every frame by AWS's own decoder.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinesis_sim import Clock, Simulator
from kinesis_sim.aws.server import Server, start
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import put
from tests.aws.http_client import client, instant
from tests.video.media import NAME

TARGET = Path(__file__).with_name("jvm_media") / "target"
PATIENCE = 120
EVENTS = ("BUFFERING", "RECEIVED", "PERSISTED")
BEGIN = 1_767_225_600_000
FRAMES = 10
"""Of a fragment."""


@pytest.fixture
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        with client(running, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        yield running


def lines(java: str, program: str, server: Server, *arguments: object) -> list[str]:
    """What a program prints about the stream."""
    if not (TARGET / "classpath.txt").is_file():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_JVM") else pytest.skip
        verdict("AWS's media clients are not built; `make test-jvm` does it.")
    classes = os.pathsep.join((str(TARGET / "classes"), (TARGET / "classpath.txt").read_text()))
    name = f"kinesislab.{program}"
    said = (server.endpoint_url, NAME, *map(str, arguments))
    done = subprocess.run(
        [java, "-Djava.awt.headless=true", "-cp", classes, name, *said],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_awss_java_client_puts_a_film(java: str, server: Server, tmp_path: Path) -> None:
    film = tmp_path / "dock.mkv"
    film.write_bytes(b"".join(DockCamera(7).media(0, seconds=24)))
    *acks, end = lines(java, "PutMedia", server, film)
    assert end == "complete"
    assert sorted(acks) == sorted(
        f"{kind} {at}" for kind in EVENTS for at in range(0, 24_000, 2_000)
    )
    fragments = list(server.simulator.video[NAME].archive)
    assert [each.produced for each in fragments] == [BEGIN + 2_000 * number for number in range(12)]


def test_awss_java_clients_and_its_parser_read_a_film(java: str, server: Server) -> None:
    pytest.importorskip("av")  # for images
    with server.simulator.lock:
        put(server.simulator, NAME, b"".join(DockCamera(7).media(BEGIN, seconds=8)), start=BEGIN)
        server.simulator.advance(seconds=1)
        fragments = list(server.simulator.video[NAME].archive)
    told = [f"{each.number} {each.produced} {each.received} {FRAMES}" for each in fragments]
    assert len(told) == 4
    decoded = f"decoded {4 * FRAMES}"
    assert lines(java, "ReadMedia", server, 4 * FRAMES, BEGIN, BEGIN + 8_000) == [
        "status ACTIVE",
        "type video/webm",
        *(f"live {line}" for line in (*told, decoded)),
        "listed 4",
        *(f"stored {line}" for line in (*told, decoded)),
        "clip video/mp4",
        "images 2",
        "session #EXTM3U",
        *(f"worker {line}" for line in (*told, decoded)),
    ]


def test_awss_java_client_asks_for_relays_and_for_a_master(java: str) -> None:
    """Nobody is on duty: time runs, and the offer of the voice assistant is gone."""
    sim = Simulator(clock=Clock(rate=100), latency=None, delays="instant", limits="off")
    with start(sim) as running:
        with client(running, "kinesisvideo") as video:
            settings = {"MessageTtlSeconds": 5}
            video.create_signaling_channel(ChannelName=NAME, SingleMasterConfiguration=settings)
        found = lines(java, "Signaling", running)
    assert found == ["relays 2 ttl 300", "refused 400", "nobody 404"]
