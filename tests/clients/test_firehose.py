"""boto3, the AWS CLI and the JavaScript SDK each take a Firehose stream through its whole life.

Create, wait until it is ACTIVE, put, let the interval pass on the simulated clock, and read the
object from S3: all of it over HTTP.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start

BIN = Path(sys.executable).parent
FOLDER = Path(__file__).with_name("node")
NAME = "meu-firehose"
ROLE = "arn:aws:iam::123456789012:role/firehose"


@pytest.fixture
def server() -> Iterator[Server]:
    """On a clock that stands until it is moved; states take the time they take."""
    with start(Simulator(latency=None)) as server:
        yield server


@pytest.fixture
def lake(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """A bucket made over HTTP, under the name the test asks for; gone afterwards."""
    s3, name = _client(server, "s3"), str(request.param)
    s3.create_bucket(Bucket=name)
    yield name
    for row in s3.list_objects_v2(Bucket=name).get("Contents", ()):
        s3.delete_object(Bucket=name, Key=row["Key"])
    s3.delete_bucket(Bucket=name)
    s3.close()


def _client(server: Server, service: str) -> Any:
    return boto3.client(service, endpoint_url=server.endpoint_url)


def advance(server: Server, by: str) -> None:
    url = f"{server.endpoint_url}/_kinesis_lab/clock/advance"
    httpx.post(url, json={"by": by}).raise_for_status()


def objects(server: Server, bucket: str) -> dict[str, bytes]:
    """What S3 holds, asked over HTTP."""
    s3 = _client(server, "s3")
    rows = s3.list_objects_v2(Bucket=bucket).get("Contents", ())
    found = {
        row["Key"]: s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read() for row in rows
    }
    s3.close()
    return found


@pytest.mark.parametrize("lake", ["entregas-boto3"], indirect=True)
def test_boto3(server: Server, lake: str) -> None:
    firehose = _client(server, "firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME,
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": f"arn:aws:s3:::{lake}",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        },
    )
    states = []
    for _ in range(2):
        told = firehose.describe_delivery_stream(DeliveryStreamName=NAME)
        states.append(told["DeliveryStreamDescription"]["DeliveryStreamStatus"])
        advance(server, "60s")
    assert states == ["CREATING", "ACTIVE"]
    records = [{"Data": f"{number}\n".encode()} for number in range(500)]
    answer = firehose.put_record_batch(DeliveryStreamName=NAME, Records=records)
    assert answer["FailedPutCount"] == 0
    assert len({row["RecordId"] for row in answer["RequestResponses"]}) == 500
    assert objects(server, lake) == {}
    advance(server, "60s")
    ((key, body),) = objects(server, lake).items()
    assert key.startswith(f"2026/01/01/00/{NAME}-1-2026-01-01-00-02-00-")
    assert body == b"".join(record["Data"] for record in records)
    firehose.close()


@pytest.mark.parametrize("lake", ["entregas-cli"], indirect=True)
def test_the_study_notes_command(server: Server, lake: str) -> None:
    """``--s3-destination-configuration``, whose value the notes leave open (``...``)."""
    made = _run(
        server,
        f"aws firehose create-delivery-stream --delivery-stream-name {NAME} "
        f"--s3-destination-configuration RoleARN={ROLE},BucketARN=arn:aws:s3:::{lake}",
    )
    assert made == {
        "DeliveryStreamARN": f"arn:aws:firehose:us-east-1:123456789012:deliverystream/{NAME}"
    }
    advance(server, "60s")
    put = _run(
        server,
        f"aws firehose put-record --delivery-stream-name {NAME} --record 'Data=mensagem de teste'",
    )
    assert put["Encrypted"] is False
    told = _run(server, f"aws firehose describe-delivery-stream --delivery-stream-name {NAME}")
    (destination,) = told["DeliveryStreamDescription"]["Destinations"]
    hints = destination["S3DestinationDescription"]["BufferingHints"]
    assert hints == {"SizeInMBs": 5, "IntervalInSeconds": 300}
    advance(server, "300s")
    ((key, body),) = objects(server, lake).items()
    assert key.startswith(f"2026/01/01/00/{NAME}-1-")
    assert body == b"mensagem de teste"
    _run(server, f"aws firehose delete-delivery-stream --delivery-stream-name {NAME}")
    advance(server, "60s")
    assert _run(server, "aws firehose list-delivery-streams")["DeliveryStreamNames"] == []


def _run(server: Server, command: str) -> Any:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"AWS_ENDPOINT_URL": server.endpoint_url, "PATH": path}
    done = subprocess.run(shlex.split(command), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.mark.parametrize("lake", ["entregas-node"], indirect=True)
def test_the_javascript_sdk(node: str, server: Server, lake: str) -> None:
    if not (FOLDER / "node_modules" / "@aws-sdk" / "client-firehose").is_dir():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_NODE") else pytest.skip
        verdict("The JavaScript SDK is not installed; `make node-client` does it.")
    command = [node, str(FOLDER / "firehose.mjs"), server.endpoint_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["arn"].endswith(f":deliverystream/{NAME}")
    assert report["states"] == ["CREATING", "ACTIVE"]
    assert report["failed"] == 0
    assert len(set(report["ids"])) == 3
    ((key, body),) = objects(server, lake).items()
    assert key.startswith("cliques/2026/01/01/00/")
    assert body.decode() == "um\ndois\ntrês\n"
