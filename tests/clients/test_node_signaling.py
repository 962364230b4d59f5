"""AWS's signaling SDK for JavaScript sets up a call, its addresses signed and verified."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from kinesis_sim.aws.server import live_simulator, start

FOLDER = Path(__file__).with_name("node")
PATIENCE = 120


def test_the_signaling_sdk_sets_up_a_call(node: str, tmp_path: Path) -> None:
    if not (FOLDER / "node_modules" / "amazon-kinesis-video-streams-webrtc").is_dir():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_NODE") else pytest.skip
        verdict("The signaling SDK is not installed; `make node-client` does it.")
    sim = live_simulator()  # on the wall clock, by which the SDK signs
    iam = sim.client("iam")
    iam.create_user(UserName="signaling-sdk")
    keys = iam.create_access_key(UserName="signaling-sdk")["AccessKey"]
    sim.client("kinesisvideo").create_signaling_channel(ChannelName="doorbell")
    with start(sim, tls_port=0, cert_dir=tmp_path, verify_signatures=True) as server:
        assert server.certificate is not None
        assert server.tls_endpoint_url is not None
        with sim.lock:
            sim.advance(seconds=10)
        trusted = {
            **os.environ,
            "NODE_EXTRA_CA_CERTS": str(server.certificate.path),
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        }
        done = subprocess.run(
            [node, str(FOLDER / "signaling.mjs"), server.tls_endpoint_url, "doorbell"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=trusted,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "wire": "wss",
        "offer": ["v=0 offer", "ana"],
        "answer": "v=0 answer",
        "candidates": ["candidate:1", "candidate:2", "ana"],
        "status": ["id-1", "InvalidArgumentException", "400"],
    }
