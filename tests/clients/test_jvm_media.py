"""AWS's own PutMedia client, of its SDK for Java 1, puts a film; its acknowledgements are counted.

It writes its target in absolute form, names a hash that its body has not, and counts no
acknowledgement without the end of its line: see ``aws/talks.py`` and ``video/acknowledgement.py``.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kinesis_sim.aws.server import start
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from tests.aws.http_client import client, instant
from tests.video.media import NAME

TARGET = Path(__file__).with_name("jvm_media") / "target"
PATIENCE = 120
EVENTS = ("BUFFERING", "RECEIVED", "PERSISTED")


def test_awss_java_client_puts_a_film(java: str, tmp_path: Path) -> None:
    if not (TARGET / "classpath.txt").is_file():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_JVM") else pytest.skip
        verdict("AWS's PutMedia client is not built; `make test-jvm` does it.")
    film = tmp_path / "dock.mkv"
    film.write_bytes(b"".join(DockCamera(7).media(0, seconds=24)))
    classes = os.pathsep.join((str(TARGET / "classes"), (TARGET / "classpath.txt").read_text()))
    sim = instant(limits="off")
    with start(sim) as server:
        with client(server, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        done = subprocess.run(
            [java, "-cp", classes, "kinesislab.PutMedia", server.endpoint_url, NAME, str(film)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr
    *acks, end = done.stdout.split("\n")[:-1]
    assert end == "complete"
    assert sorted(acks) == sorted(
        f"{kind} {at}" for kind in EVENTS for at in range(0, 24_000, 2_000)
    )
    fragments = list(sim.video[NAME].archive)
    assert [each.produced for each in fragments] == [
        1_767_225_600_000 + 2_000 * number for number in range(12)
    ]
