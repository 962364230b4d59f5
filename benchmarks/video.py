"""Media: PutMedia beside bare copies, natively and over HTTP; acknowledgements, MP4, memory."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from benchmarks.report import Table, goal
from benchmarks.rounds import Spread, interleave, ratio
from kinesis_sim import Simulator
from kinesis_sim.aws.server import start
from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import MediaTrack
from kinesis_sim.video.packaging import mp4
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import put, upload

MB = 1_000_000
PIECE = 1 << 16
FRAMES, FRAME = 30, 33_000
"""Of a fragment of two seconds: about a megabyte, four megabits a second."""
FRAGMENTS, REPACKAGED, CAMERAS = 32, 60, 10
TRACK = MediaTrack(1, 1, "V_MPEG4/ISO/AVC", b"\1\x42\0\x1e", "video", width=1_280, height=720)
NAME = "camera"
BARE_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def run(rounds: int) -> None:
    """Measure and print."""
    media = film(FRAGMENTS)
    _natively(rounds, media)
    _over_http(rounds, media)
    _first_acknowledgement(max(rounds, 20))
    _repackaged(rounds)
    _memory()
    _cameras(rounds)


def film(fragments: int, begin: int = 0) -> bytes:
    """So many fragments of a megabyte: nothing in them is a picture."""
    frame = bytes(FRAME)
    blocks = [(1, 2_000 * place // FRAMES, place == 0, frame) for place in range(FRAMES)]
    parts = (matroska.cluster(2_000 * (begin + at), blocks) for at in range(fragments))
    return matroska.header([TRACK]) + b"".join(parts)


def simulator(hours: int = 24, streams: int = 1) -> Simulator:
    """With streams ``camera0`` and so on, which keep their media so many hours."""
    sim = Simulator(delays="instant", latency=None, limits="off", remember=0)
    for number in range(streams):
        sim.client("kinesisvideo").create_stream(
            StreamName=f"{NAME}{number}", DataRetentionInHours=hours
        )
    return sim


def pieces(media: bytes) -> Iterator[bytes]:
    """As they come from a socket."""
    return (media[at : at + PIECE] for at in range(0, len(media), PIECE))


def _natively(rounds: int, media: bytes) -> None:
    said = {
        "StreamName": f"{NAME}0",
        "FragmentTimecodeType": "RELATIVE",
        "ProducerStartTimestamp": "0",
    }

    def ours() -> float:
        sim = simulator()
        connection = sim.gate.converse("kinesisvideo", "PutMedia", said)
        begin = process_time()
        for piece in pieces(media):
            connection.take(piece)
        connection.finish()
        cost = process_time() - begin
        assert len(list(sim.video[f"{NAME}0"].archive)) == FRAGMENTS
        return cost

    def copied() -> float:
        begin, kept = process_time(), bytearray()
        for piece in pieces(media):
            kept += piece
        whole = bytes(kept)
        cost = process_time() - begin
        assert len(whole) == len(media)
        return cost

    costs = interleave("PutMedia natively", {"PutMedia": ours, "bare copy": copied}, rounds)
    table = _speeds("Video: PutMedia natively, fragments of 1 MB", costs, len(media))
    speed = len(media) / MB / costs["PutMedia"].median
    table.remarks.append(f"Goal: MB/s {goal(speed, at_least=200)}.")
    table.show()


def _over_http(rounds: int, media: bytes) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces(media)) + LAST_CHUNK

    def timed(url: str) -> float:
        begin = perf_counter()
        with _put_media(url) as connection:
            sending = threading.Thread(target=connection.sendall, args=(chunks,))
            sending.start()
            heard = _all(connection)
            sending.join()
        cost = perf_counter() - begin
        assert heard.startswith(b"HTTP/1.1 200")
        return cost

    def ours() -> float:
        sim = simulator()
        with start(sim) as server:
            cost = timed(server.endpoint_url)
        assert len(list(sim.video[f"{NAME}0"].archive)) == FRAGMENTS
        return cost

    def copied(server: Callable[[], AbstractContextManager[str]]) -> float:
        with server() as url:
            return timed(url)

    same, bare = "a bare copy by the same HTTP server", "a thread that receives into memory"
    turns = {"PutMedia": ours, same: lambda: copied(_hypercorn), bare: lambda: copied(_copying)}
    costs = interleave("PutMedia over HTTP", turns, rounds)
    table = _speeds("Video: PutMedia over HTTP, fragments of 1 MB", costs, len(media))
    times = {name: ratio(costs["PutMedia"], costs[name]) for name in (same, bare)}
    best = {name: min(costs["PutMedia"].values) / min(costs[name].values) for name in (same, bare)}
    table.remarks.append(
        f"PutMedia takes {times[same].text('.1f')} times {same}: goal "
        f"{goal(times[same].median, at_most=2)}; {times[bare].text('.1f')} times {bare}."
    )
    table.remarks.append(f"The fastest of each: {best[same]:.1f} and {best[bare]:.1f} times.")
    table.show()


def _speeds(title: str, costs: dict[str, Spread], size: int) -> Table:
    table = Table(title, ["what", "MB/s"])
    for name, cost in costs.items():
        table.add(name, cost.map(lambda seconds: size / MB / seconds).text())
    return table


@contextmanager
def _put_media(url: str) -> Iterator[socket.socket]:
    """A connection on which PutMedia's head was sent."""
    place = urlsplit(url)
    head = (
        "POST /putMedia HTTP/1.1",
        f"host: {place.netloc}",
        "transfer-encoding: chunked",
        f"x-amzn-stream-name: {NAME}0",
        "x-amzn-fragment-timecode-type: RELATIVE",
        "x-amzn-producer-start-timestamp: 0",
        "connection: close",
    )
    with socket.create_connection((place.hostname or "", place.port or 80)) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in (*head, "")).encode())
        yield connection


def _all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(PIECE), b""))


@contextmanager
def _copying() -> Iterator[str]:
    """The address of a server that keeps what comes, and answers when the last chunk has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                kept = bytearray()
                while not kept.endswith(LAST_CHUNK):
                    kept += connection.recv(PIECE)
                connection.sendall(BARE_HEAD)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@contextmanager
def _hypercorn() -> Iterator[str]:
    """The address of a server like ours, whose application keeps the body and answers."""
    ended: list[Callable[[], None]] = []
    there, listening = threading.Event(), socket.create_server(("127.0.0.1", 0))

    async def copy(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        kept, more = bytearray(), True
        while more:
            event = await receive()
            kept += event.get("body", b"")
            more = event.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def serve() -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        ended.append(lambda: loop.call_soon_threadsafe(over.set) and None)
        config = Config()
        config.bind, config.loglevel = [f"fd://{listening.fileno()}"], "WARNING"
        there.set()
        await hypercorn_serve(copy, config, shutdown_trigger=over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    there.wait()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    ended[0]()
    thread.join()


def _first_acknowledgement(times: int) -> None:
    media = film(1)
    begin = matroska.header([TRACK])
    first = media[: len(begin) + 1_000]
    waits = []
    for _ in range(times):
        with start(simulator()) as server, _put_media(server.endpoint_url) as connection:
            connection.sendall(b"%x\r\n%s\r\n" % (len(begin), begin))
            rest = first[len(begin) :]
            sent = perf_counter()
            connection.sendall(b"%x\r\n%s\r\n" % (len(rest), rest))
            heard = b""
            while b"BUFFERING" not in heard:
                heard += connection.recv(PIECE)
            waits.append(1_000 * (perf_counter() - sent))
    wait = Spread(tuple(waits))
    table = Table("Video: from a cluster's first byte to its first acknowledgement", ["ms"])
    table.add(wait.text(".1f"))
    table.remarks.append(f"Goal: ms {goal(wait.median, at_most=5)}, on an idle machine.")
    table.show()


def _repackaged(rounds: int) -> None:
    sim = simulator()
    put(sim, f"{NAME}0", b"".join(DockCamera(7).media(0, seconds=2 * REPACKAGED)))
    fragments = list(sim.video[f"{NAME}0"].archive)
    assert len(fragments) == REPACKAGED

    def ours() -> float:
        begin = process_time()
        for number, fragment in enumerate(fragments):
            [track] = playable(fragment.header.tracks)
            mp4.init(track)
            mp4.segment(number, 2_000 * number, samples(fragment, track))
        return process_time() - begin

    cost = interleave("packaging", {"packaging": ours}, rounds)["packaging"]
    title = f"Video: {REPACKAGED} fragments of the dock camera as fragmented MP4"
    table, cost = Table(title, ["ms"]), cost.map(lambda seconds: 1_000 * seconds)
    table.add(cost.text(".1f"))
    table.remarks.append(f"Goal: ms {goal(cost.median, at_most=1_000)}.")
    table.show()


def _memory() -> None:
    """Half a gigabyte within a minute, without retention: what is there at most."""
    sim = simulator(hours=0)
    archive = sim.video[f"{NAME}0"].archive
    most = 0
    for number in range(0, 512, FRAGMENTS):
        put(sim, f"{NAME}0", film(FRAGMENTS, number))
        most = max(most, archive.bytes)
        sim.advance(seconds=3)
    allowed = sim.limits["video.buffer_bytes"] / MB
    table = Table("Video: kept without retention while 512 MB come in", ["MB at most"])
    table.add(f"{most / MB:,.0f}")
    table.remarks.append(f"Goal: MB {goal(most / MB, at_most=allowed)}.")
    table.show()


def _cameras(rounds: int) -> None:
    media = b"".join(DockCamera(7).media(0, seconds=24))

    def turn(cameras: int) -> float:
        sim = simulator(streams=cameras)
        with start(sim) as server:
            url, found = server.endpoint_url, []
            threads = [
                threading.Thread(
                    target=lambda name: found.append(upload(url, name, pieces(media))),
                    args=(f"{NAME}{number}",),
                )
                for number in range(cameras)
            ]
            begin = perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            cost = perf_counter() - begin
        assert [len(acks) for acks in found] == [36] * cameras
        return cost

    cases = {"one": lambda: turn(1), f"{CAMERAS} at once": lambda: turn(CAMERAS)}
    costs = interleave("cameras", cases, rounds)
    table = Table("Video: 24 s of the dock camera over HTTP, all acknowledged", ["cameras", "ms"])
    for name, cost in costs.items():
        table.add(name, cost.map(lambda seconds: 1_000 * seconds).text())
    times = ratio(costs[f"{CAMERAS} at once"], costs["one"])
    table.remarks.append(f"All at once take {times.text('.1f')} times one.")
    table.show()
