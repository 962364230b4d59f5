"""The control API, the command line's clock, and the ticker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from kinesis_sim import Clock
from kinesis_sim.__main__ import main
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant


@pytest.fixture
def server() -> Iterator[Server]:
    with start(instant()) as running:
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.endpoint_url}/_kinesis_lab/clock") as made:
        yield made


def test_the_clock_is_read_and_moved(http: httpx.Client) -> None:
    assert http.get("").json() == {
        "now": "2026-01-01T00:00:00.000Z",
        "epochMilliseconds": 1767225600000,
        "rate": 0,
    }
    assert http.post("/advance", json={"by": "1h30m"}).json()["now"] == "2026-01-01T01:30:00.000Z"
    moved = http.post("/run-until", json={"at": "2026-01-02T00:00:00Z"})
    assert moved.json()["epochMilliseconds"] == 1767312000000


def test_moving_the_clock_changes_states() -> None:
    with start(instant(delays="realistic")) as server, client(server) as kinesis:
        kinesis.create_stream(StreamName="s", ShardCount=1)
        summary = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
        assert summary["StreamStatus"] == "CREATING"
        httpx.post(f"{server.endpoint_url}/_kinesis_lab/clock/advance", json={"by": "60s"})
        summary = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
        assert summary["StreamStatus"] == "ACTIVE"


@pytest.mark.parametrize(
    ("path", "document", "says"),
    [
        ("/advance", {"by": "soon"}, "is no duration"),
        ("/advance", {"by": "999999999999d"}, "ends with the year 9998"),
        ("/advance", {}, 'needs "by"'),
        ("/advance", {"by": 5}, 'needs "by"'),
        ("/run-until", {"at": "2025-01-01T00:00:00Z"}, "only runs forward"),
        ("/run-until", {"at": "tomorrow"}, "is no date"),
        ("/run-until", {"at": "2026-02-01T00:00:00"}, "no time zone"),
        ("/run-until", [], "no JSON object"),
    ],
)
def test_moves_that_make_no_sense(
    http: httpx.Client, path: str, document: object, says: str
) -> None:
    answer = http.post(path, json=document)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_pages_in_a_browser_cannot_move_the_clock(http: httpx.Client) -> None:
    body = b'{"by": "1h"}'
    form = {"content-type": "text/plain"}
    assert http.post("/advance", content=body, headers=form).status_code == 415
    json = {"content-type": "application/json"}
    rebound = http.post("/advance", content=body, headers=json | {"host": "evil.example:4567"})
    assert rebound.status_code == 403
    foreign = http.post("/advance", content=body, headers=json | {"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert http.get("").json()["now"] == "2026-01-01T00:00:00.000Z"


def test_other_paths_and_methods(http: httpx.Client, server: Server) -> None:
    assert http.get("/advance").status_code == 405
    assert httpx.get(f"{server.endpoint_url}/_kinesis_lab/").status_code == 404


def test_the_command_moves_the_clock(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    there = ["--endpoint-url", server.endpoint_url]
    assert main(["clock", "now", *there]) == 0
    assert main(["clock", "advance", "25h", *there]) == 0
    assert main(["clock", "run-until", "2026-01-03T00:00:00Z", *there]) == 0
    assert capsys.readouterr().out.split() == [
        "2026-01-01T00:00:00.000Z",
        "2026-01-02T01:00:00.000Z",
        "2026-01-03T00:00:00.000Z",
    ]


def test_the_command_finds_the_endpoint_as_aws_tools_do(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint_url)
    assert main(["clock", "now"]) == 0
    assert capsys.readouterr().out == "2026-01-01T00:00:00.000Z\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clock", "now", "--endpoint-url", "http://127.0.0.1:9"], "No server answers at"),
        (["clock", "now", "--endpoint-url", "file:///etc/passwd"], "is no endpoint"),
        (["serve", "--clock", "fast"], "give wall, manual or a rate"),
        (["serve", "--clock", "-1"], "a rate is more than 0"),
        (["serve", "--account", "1"], "twelve digits"),
        (["serve", "--port", "99999"], "cannot be opened"),
        (["lab", "--folder", "notebooks"], "holds the course itself"),
    ],
)
def test_mistakes_get_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_taken_port_gets_one_sentence(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    port = server.endpoint_url.rpartition(":")[2]
    assert main(["serve", "--no-tls", "--port", port]) == 2
    assert "is in use" in capsys.readouterr().err


def test_the_ticker_fires_what_is_due_without_any_call() -> None:
    sim = instant(clock=Clock("2026-01-01T00:00:00Z", rate=100_000), delays="realistic")
    fired: list[str] = []
    done = threading.Event()
    with start(sim):
        with sim.lock:
            sim.clock.schedule(sim.clock.now + 3_600_000, done.set)
            sim.clock.schedule(sim.clock.now + 60_000, lambda: fired.append("earlier"))
        assert done.wait(timeout=60)
    assert fired == ["earlier"]
