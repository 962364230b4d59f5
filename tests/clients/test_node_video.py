"""The AWS SDK for JavaScript reads a video stream: list, live and stored media, clip, session."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from kinesis_sim.aws.server import start
from tests.aws.http_client import client, instant
from tests.video.media import NAME, connect
from tests.video.test_playback import film

FOLDER = Path(__file__).with_name("node")
PATIENCE = 120


def test_the_javascript_sdk_reads_live_and_stored_media(node: str) -> None:
    if not (FOLDER / "node_modules" / "@aws-sdk" / "client-kinesis-video").is_dir():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_NODE") else pytest.skip
        verdict("The JavaScript SDK is not installed; `make node-client` does it.")
    sim = instant(limits="off")
    with start(sim) as server:
        with client(server, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        with sim.lock:
            connection = connect(sim, ProducerStartTimestamp="0")
            connection.take(film(10))
            connection.finish()
        done = subprocess.run(
            [node, str(FOLDER / "video.mjs"), server.endpoint_url, NAME],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.pop("stored") > sim.video[NAME].archive.bytes
    assert report == {
        "status": "ACTIVE",
        "fragments": 5,
        "clip": "video/mp4",
        "box": "ftyp",
        "playlist": "#EXTM3U",
        "live": True,
    }
