"""Whose call is next: no client freezes the others, or fills the server with untaken answers."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, StreamEnded, StreamReset
from hypercorn.asyncio.worker_context import EventWrapper

from kinesis_sim.aws import multiplex, turns
from kinesis_sim.aws.connection import Connection
from kinesis_sim.aws.exchange import Gone, Reply
from kinesis_sim.aws.multiplex import PatientBuffer
from kinesis_sim.aws.server import start
from kinesis_sim.aws.turns import CallTurns, ClientLine, UntakenParts, UntakenReply
from kinesis_sim.streams.events import RecordsPushed
from tests.aws.http_client import client, connection, consumer_of, instant
from tests.loops import run


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(turns, "STUCK_SECONDS", -1)


def test_connections_take_turns_one_call_between_two_looks_at_the_sockets() -> None:
    async def order() -> list[str]:
        server, told = CallTurns(), list[str]()

        async def call(name: str, line: ClientLine) -> None:
            await server.next(line, reads=True)
            told.append(name)

        busy, idle = ClientLine(), ClientLine()
        calls = [call(f"busy {number}", busy) for number in range(5)]
        await asyncio.gather(*calls, call("idle", idle))
        return told

    assert run(order()) == ["busy 0", "busy 1", "idle", "busy 2", "busy 3", "busy 4"]


def test_a_call_whose_client_has_gone_is_not_carried_out() -> None:
    async def gone() -> None:
        line = ClientLine()
        line.left = True
        await CallTurns().next(line, reads=False)

    with pytest.raises(Gone):
        run(gone())


def test_who_takes_nothing_gets_no_more_answers_until_it_does() -> None:
    async def held_back() -> tuple[bool, bool]:
        server, line = CallTurns(own=10), ClientLine()
        first = UntakenReply(server, line)
        first.count(Reply(body=bytes(11)))
        second = asyncio.create_task(server.next(line, reads=False))
        await server.next(ClientLine(), reads=True)
        before = second.done()
        first.over()
        await second
        return before, second.done()

    assert run(held_back()) == (False, True)


def test_who_takes_nothing_while_others_wait_for_room_is_closed() -> None:
    async def closed() -> tuple[list[str], int]:
        server, told = CallTurns(all_together=10), list[str]()

        def close() -> None:
            told.append("stuck")
            stuck.over()

        stuck = UntakenReply(server, ClientLine(close))
        stuck.count(Reply(body=bytes(11)))
        await server.next(ClientLine(), reads=False)  # what only writes waits for nobody
        told.append("write")
        await server.next(ClientLine(), reads=True)
        told.append("read")
        return told, server._untaken

    assert run(closed()) == (["write", "stuck", "read"], 0)


def test_a_large_answer_leaves_in_parts_and_whole() -> None:
    async def written() -> list[Any]:
        sent, waiting = list[Any](), UntakenReply(CallTurns(), ClientLine())
        reply = Reply(body=bytes(600_000))

        async def send(message: Any) -> None:
            sent.append(message)

        waiting.count(reply)
        await waiting.send(reply, send)
        waiting.over()
        return sent

    head, *parts = run(written())
    assert (b"content-length", b"600000") in head["headers"]
    assert [len(part["body"]) for part in parts] == [262_144, 262_144, 75_712]
    assert [part["more_body"] for part in parts] == [True, True, False]


def test_answers_to_a_window_of_nothing_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "OWN", 1_000)
    calls = list[str]()
    sim = instant(limits="off")
    sim.gate.watch(lambda operation, asked, answer: calls.append(operation))
    with start(sim) as server, connection(server) as bare, client(server) as kinesis:
        peer = H2Connection()
        peer.initiate_connection()
        peer.update_settings({4: 0})  # INITIAL_WINDOW_SIZE
        head = [(":method", "POST"), (":path", "/"), (":scheme", "http"),
                (":authority", "localhost"), ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", "Kinesis_20131202.DescribeLimits")]  # fmt: skip
        for number in range(1, 100, 2):
            peer.send_headers(number, head)
            peer.send_data(number, b"{}", end_stream=True)
        bare.sendall(peer.data_to_send())
        while "DescribeLimits" not in calls:
            kinesis.list_streams()
        for _ in range(60):  # each is a turn of another connection
            kinesis.list_streams()
    assert calls.count("DescribeLimits") < 50


HEAD = [(":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", "localhost"),
        ("content-type", "application/x-amz-json-1.1")]  # fmt: skip
LIMITS = [*HEAD, ("x-amz-target", "Kinesis_20131202.DescribeLimits")]


def _asked(peer: H2Connection, number: int, *, resets: bool = True) -> bytes:
    peer.send_headers(number, LIMITS)
    peer.send_data(number, b"{}", end_stream=True)
    if resets:
        peer.reset_stream(number)
    return peer.data_to_send()


def test_what_is_reset_before_its_turn_is_not_carried_out_and_leaves_nobody_busy() -> None:
    calls = list[str]()
    sim = instant(limits="off")
    sim.gate.watch(lambda operation, asked, answer: calls.append(operation))
    connected = list[Any]()
    seen = Connection.__init__

    def made(self: Any, *arguments: Any) -> None:
        seen(self, *arguments)
        connected.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "__init__", made)
        with start(sim) as server, connection(server) as bare, client(server) as kinesis:
            kinesis.list_streams()
            peer = H2Connection()
            peer.initiate_connection()
            bare.sendall(peer.data_to_send() + _asked(peer, 1))
            for number in range(3, 41, 2):  # each on its own: asked first, and then reset
                bare.sendall(_asked(peer, number))
            bare.sendall(_asked(peer, 41, resets=False))
            while not any(isinstance(told, StreamEnded) for told in _heard(peer, bare)):
                pass
            kinesis.list_streams()
            [speaks_h2] = [each for each in connected if multiplex.is_idle(each.protocol.protocol)]
            assert speaks_h2.idle
            assert not speaks_h2.protocol.protocol.streams
            assert len(speaks_h2.protocol.protocol.stream_buffers) <= 1
    assert calls.count("DescribeLimits") == 1


def test_who_resets_most_of_what_it_asks_is_told_to_calm_down_and_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(multiplex, "RESETS_MOST", 20)
    with start(instant(limits="off")) as server, connection(server) as bare:
        peer = H2Connection()
        peer.initiate_connection()
        # at once: what the server has not read when it closes would take its last word away
        bare.sendall(b"".join(_asked(peer, number) for number in range(1, 101, 2)))
        told = list[Any]()
        while not any(isinstance(each, ConnectionTerminated) for each in told):
            told += _heard(peer, bare)
        [end] = [each for each in told if isinstance(each, ConnectionTerminated)]
        assert end.error_code == ErrorCodes.ENHANCE_YOUR_CALM


def test_who_resets_less_than_half_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplex, "RESETS_MOST", 5)
    with start(instant(limits="off")) as server, connection(server) as bare:
        peer = H2Connection()
        peer.initiate_connection()
        for number in range(1, 81, 2):
            bare.sendall(_asked(peer, number, resets=number % 3 == 0))
        ended = 0
        while ended < 27:
            ended += sum(isinstance(each, StreamEnded) for each in _heard(peer, bare))


def _heard(peer: H2Connection, bare: socket.socket) -> list[Any]:
    data = bare.recv(65_536)
    assert data
    return list(peer.receive_data(data))


def test_a_part_is_made_when_there_is_room_and_who_takes_nothing_loses_its_answer_alone() -> None:
    async def made() -> tuple[list[str], bool, int]:
        server, told, line = CallTurns(all_together=10), list[str](), ClientLine()

        def close() -> None:
            told.append("stuck")
            stuck.over()

        stuck = UntakenParts(server, line, ClientLine(close))
        await stuck.room()
        stuck.count(bytes(11))
        other = UntakenParts(server, line, ClientLine())
        assert not other.has_room
        await other.room()
        told.append("other")
        return told, line.left, server._untaken

    assert run(made()) == (["stuck", "other"], False, 0)


def test_nobody_adds_to_a_stream_whose_window_is_used_up() -> None:
    async def pushed() -> list[int]:
        buffer = PatientBuffer(EventWrapper)
        adds = asyncio.create_task(buffer.push(bytes(40_000)))
        lengths = list[int]()
        for window in (0, 16_384, 0, 16_384):
            lengths.append(len(await buffer.pop(window)))
            await asyncio.sleep(0)
            lengths.append(int(adds.done()))
        return lengths

    assert run(pushed()) == [0, 0, 16_384, 0, 0, 0, 16_384, 1]


@pytest.mark.parametrize("most", [turns.ALL_TOGETHER, 1_000])
def test_subscribers_that_take_nothing_have_one_event_kept_and_are_let_go_for_readers(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(turns, "ALL_TOGETHER", most)
    sim = instant(limits="off")
    with start(sim) as server, connection(server) as bare, client(server) as kinesis:
        document = {
            "ConsumerARN": consumer_of(kinesis, "pushed"),
            "ShardId": "shardId-000000000000",
            "StartingPosition": {"Type": "TRIM_HORIZON"},
        }
        for _ in range(3):
            records = [{"Data": b"x" * 1_000_000, "PartitionKey": "k"}] * 9
            kinesis.put_records(StreamName="pushed", Records=records)
        pushed, peer = list[RecordsPushed](), H2Connection()
        sim.events.subscribe(pushed.append, RecordsPushed)
        peer.initiate_connection()
        head = [(":method", "POST"), (":path", "/"), (":scheme", "http"),
                (":authority", "localhost"), ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", "Kinesis_20131202.SubscribeToShard")]  # fmt: skip
        peer.send_headers(1, head)
        peer.send_data(1, json.dumps(document).encode(), end_stream=True)
        bare.sendall(peer.data_to_send())
        while not pushed:
            kinesis.list_streams()
        for _ in range(20):  # reads: they wait for room, which is there once it is let go of
            kinesis.list_streams()
        kinesis.put_record(StreamName="pushed", Data=b"more", PartitionKey="k")
        kinesis.list_streams()
        assert len(pushed) == 1
        if most < turns.OWN:
            told = list[type]()
            while StreamReset not in told:
                told += [type(event) for event in peer.receive_data(bare.recv(65_536))]
            peer.ping(b"12345678")  # the connection goes on
            bare.sendall(peer.data_to_send())
            assert bare.recv(65_536)
