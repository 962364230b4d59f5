"""``python -m kinesis_sim serve`` as a process, and the AWS CLI as the study notes use it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

BIN = Path(sys.executable).parent
SERVE = [sys.executable, "-m", "kinesis_sim", "serve", "--port", "0", "--instant"]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server's process and its endpoint."""
    command = [*SERVE, "--cert-dir", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        yield process, next(word for word in first.split() if word.startswith("http://"))
        process.kill()


def run(endpoint: str, command: str) -> Any:
    """Run a command line as it is written; returns its output as JSON."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"AWS_ENDPOINT_URL": endpoint, "PATH": path}
    done = subprocess.run(
        shlex.split(command), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_the_commands_of_the_study_notes_work_as_written(
    serving: tuple[subprocess.Popen[str], str],
) -> None:
    _, endpoint = serving
    run(endpoint, "aws kinesis create-stream --stream-name meu-stream --shard-count 2")
    put = run(
        endpoint,
        "aws kinesis put-record --stream-name meu-stream --partition-key chave1 "
        '--data "mensagem de teste"',
    )
    shard = put["ShardId"]
    assert shard in ("shardId-000000000000", "shardId-000000000001")
    iterator = run(
        endpoint,
        "aws kinesis get-shard-iterator --stream-name meu-stream "
        f"--shard-id {shard} --shard-iterator-type TRIM_HORIZON",
    )["ShardIterator"]
    (record,) = run(endpoint, f"aws kinesis get-records --shard-iterator {iterator}")["Records"]
    assert record["Data"] == "bWVuc2FnZW0gZGUgdGVzdGU="
    assert record["SequenceNumber"] == put["SequenceNumber"]


def test_s3_works_with_the_cli(serving: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    _, endpoint = serving
    (tmp_path / "texto").write_bytes(b"mensagem" * 1_000)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"AWS_ENDPOINT_URL": endpoint, "PATH": path}
    for command in (
        "aws s3 mb s3://balde",
        "aws s3 cp texto s3://balde/texto",
        "aws s3 cp s3://balde/texto volta",
    ):
        subprocess.run(
            shlex.split(command), env=environment, cwd=tmp_path, capture_output=True, check=True
        )
    assert (tmp_path / "volta").read_bytes() == b"mensagem" * 1_000
    listed = subprocess.run(
        shlex.split("aws s3 ls s3://balde"), env=environment, capture_output=True, check=True
    )
    assert b"8000 texto" in listed.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_quietly(
    serving: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    process, endpoint = serving
    assert httpx.get(f"{endpoint}/health").json() == {"status": "ok"}
    process.send_signal(number)
    assert process.stdout is not None
    assert process.stderr is not None
    greeting = process.stdout.read()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    assert "AWS_CA_BUNDLE=" in greeting
    assert "Stop with Ctrl+C" in greeting


def test_help_is_there_for_every_command() -> None:
    for command in ([], ["serve"], ["clock"], ["notebooks"], ["lab"]):
        done = subprocess.run(
            [sys.executable, "-m", "kinesis_sim", *command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith("usage: python -m kinesis_sim")


def test_outbound_is_a_word_of_its_own_and_off_by_default() -> None:
    from kinesis_sim.__main__ import _parser, _simulator

    for words, open_ in ((["serve"], False), (["serve", "--outbound"], True)):
        assert _simulator(_parser().parse_args([*words, "--clock", "manual"])).outbound is open_


BUSY = """
from kinesis_sim import Simulator
from kinesis_sim.aws.server import run
from kinesis_sim.aws.serving import listen

sim = Simulator(latency=None, delays="instant")


def again():
    sim.clock.schedule(sim.clock.now + 1, again)


again()
listeners = listen(port=0)
print(listeners.endpoint_url, flush=True)
run(sim, listeners)
"""
"""What ``serve`` runs, with something to do every millisecond."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_long_move_between_two_actions(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            clock = f"{process.stdout.readline().strip()}/_kinesis_lab/clock"
            with ThreadPoolExecutor(1) as threads:
                moved = threads.submit(_advanced, clock, "365000d")
                while "moving" not in httpx.get(clock).json():
                    assert not moved.done(), moved.result().text
                process.send_signal(number)
                answer = moved.result()
            assert (answer.status_code, "what is due stays due" in answer.text) == (503, True)
            assert process.stderr.read() == ""
            assert process.wait() == 0
        finally:
            process.kill()


def _advanced(clock: str, by: str) -> httpx.Response:
    return httpx.post(f"{clock}/advance", json={"by": by}, timeout=60)
