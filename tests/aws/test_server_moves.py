"""A long move of the clock over HTTP: others are answered, and it ends when nobody waits for it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from kinesis_sim import Clock, Simulator
from kinesis_sim.aws.control import ask_and_look
from kinesis_sim.aws.moves import Moves
from kinesis_sim.aws.server import Server, start
from kinesis_sim.aws.ticker import Ticker
from kinesis_sim.errors import UsageError
from tests.aws.http_client import connection, instant, post
from tests.loops import run

CLOCK = "/_kinesis_lab/clock"
BODY = b'{"by": "3650d"}'
MOVE = (
    b"POST /_kinesis_lab/clock/advance HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY


def without_end(sim: Simulator) -> None:
    """Have something come due every millisecond."""

    def again() -> None:
        sim.clock.schedule(sim.clock.now + 1, again)

    again()


@pytest.fixture
def server() -> Iterator[Server]:
    sim = instant(limits="off")
    without_end(sim)
    with start(sim) as running:
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.endpoint_url) as made:
        yield made


def moving(http: httpx.Client) -> bool:
    return "moving" in http.get(CLOCK).json()


def test_others_are_answered_and_told_how_far_it_is(server: Server, http: httpx.Client) -> None:
    with connection(server) as bare:
        bare.sendall(MOVE)
        while not moving(http):
            pass
        assert post(http, "ListStreams").status_code == 200
        first = http.get(CLOCK).json()
        while http.get(CLOCK).json()["epochMilliseconds"] == first["epochMilliseconds"]:
            pass
        assert first["moving"]["until"] == "2035-12-30T00:00:00.000Z"
        second = http.post(f"{CLOCK}/advance", json={"by": "1s"})
        assert (second.status_code, "already moving" in second.text) == (400, True)


def test_a_caller_that_leaves_ends_the_move(server: Server, http: httpx.Client) -> None:
    with connection(server) as bare:
        bare.sendall(MOVE)
        while not moving(http):
            pass
    while moving(http):
        pass
    here = http.get(CLOCK).json()["epochMilliseconds"]
    assert http.post(f"{CLOCK}/advance", json={"by": "1s"}).status_code == 200
    assert http.get(CLOCK).json()["epochMilliseconds"] == here + 1000


def test_a_server_that_stops_ends_the_move(server: Server, http: httpx.Client) -> None:
    told: list[str] = []
    failed: list[str] = []

    def command() -> None:
        try:
            ask_and_look(server.endpoint_url, "clock/advance", json.loads(BODY), told.append)
        except UsageError as error:
            failed.append(str(error))

    thread = threading.Thread(target=command)
    thread.start()
    while not told:
        assert thread.is_alive()
        http.get("/health")
    server.stop()
    thread.join()
    assert told[0].endswith("on the way to 2035-12-30T00:00:00.000Z")
    assert "stopped" in failed[0] or "No server" in failed[0]


class Slept:
    """The wall clock of a laptop whose lid is closed for years."""

    def __init__(self) -> None:
        self.ms = 1_767_225_600_000

    def __call__(self) -> int:
        return self.ms


def test_a_laptop_that_slept_catches_up_beside_the_event_loop_and_can_be_stopped() -> None:
    wall = Slept()
    sim = Simulator(clock=Clock.wall(wall), latency=None, delays="instant", limits="off")
    fired: list[str] = []

    def again() -> None:
        fired.append(threading.current_thread().name)
        del fired[:-10]
        sim.clock.schedule(sim.clock.now + 1, again)

    sim.clock.schedule(wall.ms + 60_000, again)
    with start(sim) as server, httpx.Client(base_url=server.endpoint_url) as http:
        assert post(http, "ListStreams").status_code == 200
        assert fired == []
        with ThreadPoolExecutor(1) as threads:
            wall.ms += 20 * 365 * 86_400_000
            late = threads.submit(post, http, "ListStreams")
            while not moving(http):
                pass
            assert http.get("/health").status_code == 200
            before = http.get(CLOCK).json()["epochMilliseconds"]
            assert post(http, "ListStreams").status_code == 200
            while http.get(CLOCK).json()["epochMilliseconds"] == before:
                pass
            server.stop()
            assert late.exception() is not None or late.result().status_code in (500, 503)
    assert all(name.startswith("clock") for name in fired)


def test_a_move_wakes_the_ticker_no_more_often_than_the_event_loop_turns() -> None:
    """Counted: what a move schedules on its way is no flood of calls into the event loop."""
    wall = Slept()
    sim = Simulator(clock=Clock.wall(wall), latency=None, delays="instant", limits="off")
    queued: list[int] = []

    async def moved() -> None:
        loop = asyncio.get_running_loop()
        ticker = asyncio.create_task(Ticker(sim, Moves(sim)).run())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call_soon = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *given: queued.append(1) or call_soon(*given)  # type: ignore
        for at in range(1_000):
            sim.clock.schedule(wall.ms + 10_000 - at, print)
        ticker.cancel()

    run(moved())
    assert len(queued) == 1
