"""kvsparser, a consumer of GetMedia that others wrote, reads our fragments and decodes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kinesis_sim.aws.server import start
from kinesis_sim.video.wire import stamp
from kinesis_sim.workloads.camera.dock_camera import HEIGHT, WIDTH, DockCamera
from kinesis_sim.workloads.camera.producer import put
from tests.aws.http_client import client, instant
from tests.video.media import NAME

FOLDER = Path(__file__).with_name("kvsparser")
INSTALLED = FOLDER / "target"
PATIENCE = 120


def test_kvsparser_reads_the_fragments_of_get_media() -> None:
    pytest.importorskip("av")
    if not (INSTALLED / "kvsparser").is_dir():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_KVSPARSER") else pytest.skip
        verdict("kvsparser is not installed; `make kvsparser-client` does it.")
    sim = instant(limits="off")
    with start(sim) as server:
        with client(server, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        with sim.lock:
            put(sim, NAME, b"".join(DockCamera(7).media(0, seconds=8)))
            fragments = list(sim.video[NAME].archive)
        done = subprocess.run(
            [sys.executable, str(FOLDER / "read.py"), server.endpoint_url, NAME, "3"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**os.environ, "PYTHONPATH": str(INSTALLED)},
        )
    assert done.returncode == 0, done.stderr
    prefix = "AWS_KINESISVIDEO_"
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {
            "tags": {
                f"{prefix}FRAGMENT_NUMBER": each.number,
                f"{prefix}SERVER_TIMESTAMP": stamp(each.received),
                f"{prefix}PRODUCER_TIMESTAMP": stamp(each.produced),
                f"{prefix}MILLIS_BEHIND_NOW": "0",
                f"{prefix}CONTINUATION_TOKEN": each.number,
            },
            "frames": 10,
            "shape": [HEIGHT, WIDTH, 3],
        }
        for each in fragments[:3]
    ]
