"""The AWS SDK for JavaScript does the job, over its default transport and over HTTP/1.1.

Its default is JSON over cleartext HTTP/2, on which other simulators answer "Protocol error".
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim.aws.server import Server
from tests.clients.job import verify, verify_pushed

FOLDER = Path(__file__).with_name("node")
PATIENCE = 120
PROTOCOLS = {"default": "h2", "http/1.1": "http/1.1"}

Script = Callable[[str, str, str], Any]


@pytest.fixture(scope="session")
def run(node: str) -> Script:
    """Runs a script of the folder ``node`` and returns the JSON that it printed."""
    if not (FOLDER / "node_modules").is_dir():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_NODE") else pytest.skip
        verdict("The JavaScript SDK is not installed; `make node-client` does it.")

    def script(name: str, endpoint: str, transport: str) -> Any:
        done = subprocess.run(
            [node, str(FOLDER / name), endpoint, transport],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stderr
        return json.loads(done.stdout)

    return script


@pytest.mark.parametrize("transport", PROTOCOLS)
def test_the_javascript_sdk_does_the_job(run: Script, server: Server, transport: str) -> None:
    report = run("job.mjs", server.endpoint_url, transport)
    assert report["protocol"] == PROTOCOLS[transport]
    verify(report)
    verify_pushed(report)


@pytest.mark.parametrize("transport", PROTOCOLS)
def test_large_bodies_arrive_whole_and_come_back(
    run: Script, unlimited_server: Server, transport: str
) -> None:
    report = run("bodies.mjs", unlimited_server.endpoint_url, transport)
    assert report == {
        "protocol": PROTOCOLS[transport],
        "many": {"failed": 0, "put": 500, "same": 500},
        "large": {"failed": 0, "put": 5, "same": 5},
    }
