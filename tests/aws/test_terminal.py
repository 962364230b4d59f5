"""``put`` and ``tail`` at a terminal, against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start


@pytest.fixture
def server() -> Iterator[Server]:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName="linhas", ShardCount=2)
    with start(sim) as running:
        yield running


def command(server: Server, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kinesis_sim", *words, "--endpoint-url", server.endpoint_url],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_is_put_comes_out_of_tail(server: Server) -> None:
    done = command(server, "put", "linhas", text="um\ndois\n\ntrês\n")
    assert (done.returncode, done.stderr) == (0, "3 records stored in linhas.\n")
    lines = command(server, "tail", "linhas").stdout.splitlines()
    assert sorted(json.loads(line)["data"] for line in lines) == ["dois", "três", "um"]


def test_a_key_keeps_lines_together_and_in_order(server: Server) -> None:
    command(server, "put", "linhas", "--key", "k", text="\n".join(map(str, range(40))))
    rows = [json.loads(line) for line in command(server, "tail", "linhas").stdout.splitlines()]
    assert [row["data"] for row in rows] == [str(number) for number in range(40)]
    assert {row["partitionKey"] for row in rows} == {"k"}


def test_what_a_terminal_would_obey_is_written_out(server: Server) -> None:
    """A record that clears the screen, or turns the text around, only shows that it would."""
    hostile = "a\x1b[2Jb\x9b2Jc\u202ed"
    command(server, "put", "linhas", "--key", "k\x9bm", text=hostile)
    told = command(server, "tail", "linhas").stdout
    assert told.rstrip("\n").isprintable()
    assert json.loads(told)["data"] == hostile
    assert json.loads(told)["partitionKey"] == "k\x9bm"


def test_serve_can_write_down_its_traffic(tmp_path: Path) -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName="linhas", ShardCount=1)
    path = tmp_path / "traffic.ndjson"
    with sim.capture(path), start(sim) as running:
        command(running, "put", "linhas", text="um\n")
    [row] = map(json.loads, path.read_text("utf-8").splitlines())
    assert (row["stream"], row["partitionKey"]) == ("linhas", "um")


def test_mistakes_get_one_sentence(server: Server) -> None:
    done = command(server, "tail", "nenhum")
    assert done.returncode == 2
    assert "Stream nenhum under account 123456789012 not found." in done.stderr
    assert "Traceback" not in done.stderr
