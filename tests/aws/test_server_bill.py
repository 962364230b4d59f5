"""What a running server's streams cost, from the command line and the control API."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.aws.server import start
from tests.aws.http_client import client, instant


def test_the_bill_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    sim = instant()
    with start(sim) as server, client(server) as kinesis:
        kinesis.create_stream(StreamName="meu-stream", ShardCount=1)
        sim.advance(hours=730)
        assert main(["bill", "--endpoint-url", server.endpoint_url]) == 0
        assert capsys.readouterr().out.rstrip() == repr(sim.bill())
        assert main(["bill", "--json", "--endpoint-url", server.endpoint_url]) == 0
        found = json.loads(capsys.readouterr().out)
        assert Decimal(found["total"]) == Decimal("10.95")
        [row] = found["rows"]
        assert (row["item"], row["unit"]) == ("provisioned.shard_hour", "shard-hour")
        assert row["unverified"] is False


def test_the_bill_is_read_only_and_for_local_callers() -> None:
    with start(instant()) as server:
        url = f"{server.endpoint_url}/_kinesis_lab/bill"
        assert httpx.get(url).json()["rows"] == []
        assert httpx.post(url, json={}).status_code == 404
        assert httpx.get(url, headers={"host": "example.com"}).status_code == 403


def test_without_a_server_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bill", "--endpoint-url", "http://127.0.0.1:9"]) == 2
    assert "No server answers" in capsys.readouterr().err
