"""A server points this process's AWS tools at itself, and at nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"AWS_PROFILE": "a-real-account"})
    with start(Simulator(delays="instant")) as running:
        yield running


def test_other_settings_of_aws_are_gone(server: Server) -> None:
    names = server.set_environment()
    assert {name for name in os.environ if name.startswith("AWS_")} <= set(names)
    assert os.environ["AWS_ENDPOINT_URL"] == server.endpoint_url


def test_the_command_line_of_the_environment_asks_the_server(server: Server) -> None:
    server.set_environment()
    server.simulator.client("kinesis").create_stream(StreamName="meu-stream", ShardCount=1)
    aws = shutil.which("aws", path=os.environ["PATH"])
    assert aws is not None
    told = subprocess.run(
        [aws, "kinesis", "list-streams"], env=os.environ, capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout)["StreamNames"] == ["meu-stream"]


def test_clients_in_process_stay_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    sim = Simulator(account="555566667777")  # where no other test makes queues
    assert sim.client("kinesis").meta.endpoint_url == "https://kinesis.us-east-1.amazonaws.com"
    assert "QueueUrls" not in sim.client("sqs").list_queues()
