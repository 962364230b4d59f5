"""What waits for the world outside holds neither the lock nor the server; time waits in a move."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import start
from kinesis_sim.errors import MoveStopped
from kinesis_sim.firehose.destinations import transport
from kinesis_sim.firehose.events import DeliveryTried
from tests.aws.http_client import client, instant, post

ROLE = "arn:aws:iam::123456789012:role/firehose"


def endpoint(port: int, retry: int = 0) -> dict[str, Any]:
    """A destination on this machine, with a backup bucket."""
    return {
        "EndpointConfiguration": {"Url": f"https://127.0.0.1:{port}/"},
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        "RetryOptions": {"DurationInSeconds": retry},
        "S3Configuration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::spare"},
    }


def deliver_to(firehose: Any, s3: Any, port: int, retry: int = 0) -> None:
    s3.create_bucket(Bucket="spare")
    firehose.create_delivery_stream(
        DeliveryStreamName="out", HttpEndpointDestinationConfiguration=endpoint(port, retry)
    )
    firehose.put_record(DeliveryStreamName="out", Record={"Data": b"x"})


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """An endpoint that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_silent_endpoint_keeps_nobody_waiting(silent: socket.socket) -> None:
    with start(instant()) as server:
        with client(server, "firehose") as firehose, client(server, "s3") as s3:
            deliver_to(firehose, s3, silent.getsockname()[1])
        sim, done = server.simulator, threading.Event()

        def move() -> None:
            httpx.post(
                f"{server.endpoint_url}/_kinesis_lab/clock/advance", json={"by": "1h"}, timeout=60
            )
            done.set()

        thread = threading.Thread(target=move)
        thread.start()
        with silent.accept()[0], httpx.Client(base_url=server.endpoint_url) as http:
            assert http.get("/health").status_code == 200
            assert post(http, "ListStreams").status_code == 200
            clock = http.get("/_kinesis_lab/clock").json()
            assert clock["moving"]["until"] > clock["now"]
            assert not done.is_set()
            assert sim.errands.out == 1
        thread.join()  # the connection is closed: an answer of a kind
        assert sim.firehose["out"].tally.errors == 1


def test_time_stands_still_while_a_real_endpoint_is_asked(sim: Simulator) -> None:
    """Nobody listens there: each try takes no time, and retries come when they should."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        deliver_to(sim.client("firehose"), sim.client("s3"), port, retry=30)
        sim.advance(minutes=10)
    ours = [each for each in sim.events.of(DeliveryTried) if each.destination != "S3"]
    assert len(ours) > 3
    assert ours[-1].at - ours[0].at == pytest.approx(30_000, abs=1)
    assert sim.firehose["out"].tally.errors == 1


def test_a_move_that_waits_can_be_stopped(sim: Simulator, silent: socket.socket) -> None:
    deliver_to(sim.client("firehose"), sim.client("s3"), silent.getsockname()[1])
    begun = sim.clock.now

    def stop() -> None:
        with silent.accept()[0]:
            assert sim.clock.stop()
            stopped.wait()

    stopped = threading.Event()
    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(MoveStopped):
        sim.advance(hours=1)
    stopped.set()
    thread.join()
    assert sim.clock.now - begun == 60_000
    sim.advance(hours=1)
    assert sim.firehose["out"].tally.errors == 1


def test_a_fault_of_ours_fails_the_records_and_nothing_else(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(transport.Transport, "send", fail)
    deliver_to(sim.client("firehose"), sim.client("s3"), 1)
    sim.advance(hours=1)
    assert sim.firehose["out"].tally.errors == 1
    assert caplog.text.count("RuntimeError: broken") == 1
