"""Faults over the control API and from the command line; the AWS CLI and boto3 ride them out."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from botocore.exceptions import ClientError

from kinesis_sim.__main__ import main
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant


@pytest.fixture
def server() -> Iterator[Server]:
    with start(instant()) as running:
        with client(running) as kinesis:
            kinesis.create_stream(StreamName="s", ShardCount=1)
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.endpoint_url}/_kinesis_lab") as made:
        yield made


def test_a_fault_is_planned_seen_and_ended(server: Server, http: httpx.Client) -> None:
    wanted = {"kind": "throttle", "target": "s", "for": "5m"}
    row = http.post("/faults", json=wanted).json()
    assert (row["id"], row["until"]) == ("fault-1", "2026-01-01T00:05:00.000Z")
    with client(server) as kinesis:
        with pytest.raises(ClientError, match="Rate exceeded for stream s under account"):
            kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")
        [seen] = http.get("/faults").json()["faults"]
        assert seen["inForce"]
        assert seen["struck"] > 1  # the SDK tried again
        assert http.post("/faults/end", json={"id": "fault-1"}).json()["faults"] == []
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")


@pytest.mark.parametrize(
    ("path", "document", "says"),
    [
        ("/faults", {}, 'needs "kind"'),
        ("/faults", {"kind": "earthquake"}, "the kinds of fault are"),
        ("/faults", {"kind": "throttle", "colour": "red"}, "its members are"),
        ("/faults", {"kind": "throttle", "share": "all"}, "wrong type"),
        ("/faults", {"kind": "throttle", "share": True}, "wrong type"),
        ("/faults", {"kind": "throttle", "operations": [1]}, "list of names"),
        ("/faults", {"kind": "throttle", "from": "tomorrow"}, "is no date"),
        ("/faults", {"kind": "clock-jump"}, 'needs "by"'),
        ("/faults", {"kind": "clock-jump", "by": "far"}, "no duration"),
        ("/faults", {"kind": "crash"}, "sim.faults.crash"),
        ("/faults/end", {"id": "fault-9"}, "There is no fault"),
    ],
)
def test_a_wrong_document_is_one_sentence(
    http: httpx.Client, path: str, document: object, says: str
) -> None:
    answer = http.post(path, json=document)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_the_command_line(
    server: Server, http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    url = ("--endpoint-url", server.endpoint_url)
    assert main(["fault", "add", "slow", "s", "--ms", "5", "--share", "0.5", *url]) == 0
    assert main(["fault", "list", *url]) == 0
    assert main(["fault", "kinds", *url]) == 0
    told = capsys.readouterr().out
    assert "fault-1: slow, 50% of s, from 2026-01-01T00:00:00.000Z until it is ended" in told
    assert "lost-answer (resource)" in told
    assert main(["fault", "end", "all", *url]) == 0
    assert http.get("/faults").json()["faults"] == []
    assert main(["fault", "jump", "1h", *url]) == 0
    assert http.get("/clock").json()["now"] == "2026-01-01T01:00:00.000Z"
    assert main(["fault", "end", "fault-1", *url]) == 2
    assert "There is no fault" in capsys.readouterr().err


def test_a_slow_answer_leaves_when_the_clock_says() -> None:
    with start(instant(clock="wall")) as server, client(server) as kinesis:
        kinesis.create_stream(StreamName="s", ShardCount=1)
        url = f"{server.endpoint_url}/_kinesis_lab/faults"
        httpx.post(url, json={"kind": "slow", "target": "s", "ms": 200})
        before = httpx.get(f"{server.endpoint_url}/_kinesis_lab/clock").json()["epochMilliseconds"]
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")
        after = httpx.get(f"{server.endpoint_url}/_kinesis_lab/clock").json()["epochMilliseconds"]
        assert after - before >= 200
