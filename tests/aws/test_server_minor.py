"""Faults of the past that were small: each stays mended."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from kinesis_sim import Simulator
from kinesis_sim.aws import connection as connections
from kinesis_sim.aws.certificate import certificate
from kinesis_sim.aws.complaints import Complaints
from kinesis_sim.aws.server import start
from kinesis_sim.errors import UsageError
from tests.aws.http_client import client, connection, instant, post


@pytest.mark.parametrize(
    "region", ["../..", "", "us east 1", "us-east-1\n", "US-EAST-1", "a/b-c-1"]
)
def test_a_region_is_written_as_aws_writes_it(region: str) -> None:
    with pytest.raises(UsageError, match="write a Region as AWS does"):
        Simulator(region=region)


@pytest.mark.parametrize(
    "region", ["sa-east-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"]
)
def test_aws_own_regions_pass(region: str) -> None:
    assert Simulator(region=region).region == region


def test_a_capture_that_cannot_be_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written to: No such file"):
        Simulator().capture(tmp_path / "nowhere" / "x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to try")
def test_a_full_disk_costs_the_capture_and_no_record(caplog: pytest.LogCaptureFixture) -> None:
    sim = Simulator(latency=None, delays="instant")
    capture = sim.capture("/dev/full")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    for _ in range(3):
        kinesis.put_record(StreamName="s", Data=b"x", PartitionKey="k")
    assert sim.streams["s"].shards[0].log.end == 3
    assert caplog.text.count("Nothing is captured any more") == 1
    capture.close()


def test_metrics_of_an_entity_without_data_are_missing_ones(sim: Simulator) -> None:
    cloudwatch = sim.client("cloudwatch")
    with pytest.raises(cloudwatch.exceptions.ClientError) as caught:
        cloudwatch.put_metric_data(
            Namespace="n", EntityMetricData=[{"Entity": {}}], StrictEntityValidation=False
        )
    assert caught.value.response["Error"]["Code"] == "MissingParameter"


def test_the_certificate_binds_whatever_it_signs_to_local_names(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    found = x509.load_pem_x509_certificate(made.path.read_bytes())
    bounds = found.extensions.get_extension_for_class(x509.NameConstraints)
    assert bounds.critical
    assert bounds.value.permitted_subtrees is not None
    names = [str(each.value) for each in bounds.value.permitted_subtrees]
    assert names == ["localhost", "127.0.0.0/8", "::1/128"]
    with start(instant(), tls_port=0, cert_dir=tmp_path) as server:
        trusting = ssl.create_default_context(cafile=str(made.path))
        port = httpx.URL(str(server.tls_endpoint_url)).port
        with httpx.Client(verify=trusting) as http:
            for name in ("localhost", "127.0.0.1"):
                assert http.get(f"https://{name}:{port}/health").status_code == 200


def test_connections_that_nobody_uses_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 8)
    with start(instant(limits="off")) as server, ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connection(server))
        with httpx.Client(base_url=server.endpoint_url) as http:
            for _ in range(3):
                assert post(http, "ListStreams").status_code == 200
        with client(server) as kinesis:
            assert kinesis.list_streams()["StreamNames"] == []


def test_a_flood_of_complaints_is_a_line_a_second(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints()

    class Loop(asyncio.AbstractEventLoop):
        now = 0.0

        def time(self) -> float:
            return self.now

    loop = Loop()
    with caplog.at_level(logging.WARNING):
        for turn in range(4_000):
            loop.now = turn / 1_000
            complaints(loop, {"message": "out of handles", "exception": OSError(24, "Too many")})
    assert len(caplog.records) == 4
    assert "and 999 more" in caplog.text


def test_a_large_unsigned_body_is_refused_before_it_is_read() -> None:
    with start(instant()) as server, connection(server) as bare:
        head = b"PUT /bkt/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n"
        bare.sendall(head)
        assert bare.recv(1_000).startswith(b"HTTP/1.1 413 ")
