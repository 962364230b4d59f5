"""The AWS SDK for Go v2 does the job: JSON over HTTP/1.1, event streams included."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from kinesis_sim.aws.server import Server
from tests.clients.job import JOB_FILE, verify, verify_pushed

JOB = Path(__file__).with_name("go") / "target" / "job"
PATIENCE = 120


def test_the_go_sdk_does_the_job(server: Server) -> None:
    if not JOB.is_file():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_GO") else pytest.skip
        verdict("The Go client is not built; `make go-client` does it.")
    done = subprocess.run(
        [JOB, server.endpoint_url, JOB_FILE], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    verify(report)
    verify_pushed(report)
    assert report["refused"] == "Stream nobody under account 123456789012 not found."
