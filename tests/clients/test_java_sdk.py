"""The AWS SDK for Java 2 does the job: CBOR over HTTP/1.1, event streams over HTTP/2 and TLS."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start
from tests.clients.java import CLASSPATH, Program
from tests.clients.job import JOB_FILE, verify, verify_pushed

ACCOUNT = "220987654321"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    sim = Simulator(clock="wall", latency=None, delays="instant", account=ACCOUNT)
    with start(sim, tls_port=0, cert_dir=tmp_path) as running:
        yield running


def test_the_java_sdk_does_the_job(java: str, server: Server) -> None:
    if not CLASSPATH.is_file():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_JVM") else pytest.skip
        verdict("The JVM clients are not built; `make test-jvm` does it.")
    assert server.tls_endpoint_url is not None
    assert server.certificate is not None
    tls = (server.tls_endpoint_url, str(server.certificate.path))
    with Program(java, "Job", server.endpoint_url, *tls, str(JOB_FILE)) as program:
        report = program.finish()
    verify(report)
    verify_pushed(report)
    assert report["refused"] == f"Stream nobody under account {ACCOUNT} not found."
    assert report["createdAtMillis"] % 1000 == 0
    assert abs(report["createdAtMillis"] / 1000 - time.time()) < 600
