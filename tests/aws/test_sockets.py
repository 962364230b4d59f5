"""Signaling over real WebSockets: handshakes, signatures, and strangers who mean no good."""

from __future__ import annotations

import json
import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import websocket
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start
from kinesis_sim.video.signaling.events import SignalingPeerChanged, SignalPassed
from tests.aws.http_client import client, connection, instant, until_closed

CHANNEL = "doorbell"
KEYS = ("AKIAIOSFODNN7EXAMPLE", "example-secret-key")


@pytest.fixture
def sim() -> Simulator:
    return instant()


@pytest.fixture
def server(sim: Simulator) -> Iterator[Server]:
    with start(sim) as server:
        yield server


def channel(server: Server) -> tuple[str, str]:
    """A channel's ARN, and the address of its WebSocket."""
    with client(server, "kinesisvideo") as video:
        arn = video.create_signaling_channel(ChannelName=CHANNEL)["ChannelARN"]
        found = video.get_signaling_channel_endpoint(
            ChannelARN=arn,
            SingleMasterChannelEndpointConfiguration={"Protocols": ["WSS"], "Role": "MASTER"},
        )
    return arn, found["ResourceEndpointList"][0]["ResourceEndpoint"]


def address(base: str, arn: str, viewer: str | None = None) -> str:
    said = {"X-Amz-ChannelARN": arn, **({} if viewer is None else {"X-Amz-ClientId": viewer})}
    return f"{base}/?{urlencode(said, quote_via=quote)}"


def signed(url: str, keys: tuple[str, str] = KEYS, seconds: int = 299) -> str:
    """The address as botocore signs it, which knows no ws."""
    request = AWSRequest("GET", url.replace("ws://", "http://"))
    SigV4QueryAuth(Credentials(*keys), "kinesisvideo", "us-east-1", expires=seconds).add_auth(
        request
    )
    return str(request.url).replace("http://", "ws://")


@contextmanager
def opened(*urls: str, **options: Any) -> Iterator[list[Any]]:
    with ExitStack() as stack:
        found = []
        for url in urls:
            made = websocket.create_connection(url, timeout=20, **options)
            stack.callback(made.shutdown)
            found.append(made)
        yield found


def refusal(url: str, **options: Any) -> tuple[int, str, str]:
    """Status, code and message of a refused handshake."""
    with pytest.raises(websocket.WebSocketBadStatusException) as error, opened(url, **options):
        pass
    headers, body = error.value.resp_headers, error.value.resp_body
    (text,) = json.loads(body).values()  # called as the error's shape calls it
    return error.value.status_code, headers["x-amzn-errortype"], text


def offer(text: str = "offer", **more: str) -> str:
    payload = b64encode(json.dumps(text).encode()).decode()
    return json.dumps({"action": "SDP_OFFER", "messagePayload": payload, **more})


def test_master_and_viewer_talk_through_the_server(server: Server) -> None:
    arn, base = channel(server)
    assert base == server.endpoint_url.replace("http", "ws")
    with opened(signed(address(base, arn)), signed(address(base, arn, "ana"))) as (master, ana):
        ana.send(offer())
        got = json.loads(master.recv())
        assert (got["messageType"], got["senderClientId"]) == ("SDP_OFFER", "ana")
        master.send(offer("back", recipientClientId="ana"))
        assert "senderClientId" not in json.loads(ana.recv())
        master.send(offer(recipientClientId="a b", correlationId="id-1"))
        told = json.loads(master.recv())
        assert told["statusResponse"]["correlationId"] == "id-1"


def test_the_newest_master_wins_and_the_first_is_closed(server: Server) -> None:
    arn, base = channel(server)
    with opened(address(base, arn), address(base, arn)) as (first, second):
        assert first.recv_data() == (websocket.ABNF.OPCODE_CLOSE, struct.pack("!H", 1001))
        second.ping()


def test_what_was_sent_before_the_master_came_is_there(server: Server, sim: Simulator) -> None:
    arn, base = channel(server)
    with opened(address(base, arn, "ana")) as (ana,):
        ana.send(offer("first"))
        ana.send(offer("second", correlationId="x"))
        until(sim, lambda: sim.video.channels[CHANNEL].waiting == 2)
        with sim.lock:
            sim.advance(seconds=59)
        with opened(address(base, arn)) as (master,):
            assert [json.loads(master.recv())["messageType"] for _ in range(2)] == ["SDP_OFFER"] * 2


def until(sim: Simulator, true: Callable[[], object]) -> None:
    """Wait until the server's thread has brought something about: events tell of every step.

    It is looked at under the simulator's lock, so that no step falls between a look and the wait.
    """
    stepped = threading.Event()
    with sim.lock:
        end = sim.events.subscribe(lambda _: stepped.set(), SignalingPeerChanged, SignalPassed)
    try:
        while True:
            with sim.lock:
                stepped.clear()
                if true():
                    return
            assert stepped.wait(timeout=60), "it never came"
    finally:
        with sim.lock:
            end()


def test_the_clock_ends_connections(server: Server, sim: Simulator) -> None:
    arn, base = channel(server)
    with opened(address(base, arn)) as (master,):
        until(sim, lambda: sim.video.channels[CHANNEL].master)
        with sim.lock:
            sim.advance(minutes=10)
        assert master.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    assert sim.video.channels[CHANNEL].master is None


def test_who_leaves_is_gone(server: Server, sim: Simulator) -> None:
    arn, base = channel(server)
    with opened(address(base, arn, "ana")):
        until(sim, lambda: "ana" in sim.video.channels[CHANNEL].viewers)
    until(sim, lambda: not sim.video.channels[CHANNEL].viewers)


def test_stopping_the_server_closes_them(sim: Simulator) -> None:
    with start(sim) as server:
        arn, base = channel(server)
        master = websocket.create_connection(address(base, arn), timeout=20)
    assert master.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    master.shutdown()


# --- who is let in --------------------------------------------------------------------------------


def test_refusals_are_answers_to_the_handshake(server: Server) -> None:
    arn, base = channel(server)
    assert refusal(address(base, arn + "0"))[:2] == (404, "ResourceNotFoundException")
    assert refusal(address(base, arn, "AWS_me"))[:2] == (400, "InvalidArgumentException")
    assert refusal(f"{base}/")[:2] == (400, "InvalidArgumentException")
    assert refusal(f"{base}/elsewhere")[:2] == (404, "ResourceNotFoundException")
    assert refusal(f"{address(base, arn)}&X-Amz-Algorithm=x")[:2] == (
        400,
        "IncompleteSignatureException",
    )
    assert refusal(address(base, arn), origin="http://evil.example")[0] == 403
    assert refusal(address(base, arn), host="evil.example")[0] == 403
    with opened(address(base, arn), origin="http://localhost:8888"):
        pass


def test_an_address_that_is_over_opens_nothing(server: Server, sim: Simulator) -> None:
    arn, base = channel(server)
    url = signed(address(base, arn))
    with opened(url):
        pass
    date = url.partition("X-Amz-Date=")[2][:16]
    with sim.lock:
        sim.run_until(datetime.strptime(date, "%Y%m%dT%H%M%S%z"))
        sim.advance(seconds=298)
    with opened(url):
        pass
    with sim.lock:
        sim.advance(seconds=1)
    status, code, message = refusal(url)
    assert (status, code) == (403, "AccessDeniedException")
    assert "for 299 seconds" in message


@pytest.mark.parametrize("seconds", ["0", "x", "604801", "9999999"])
def test_a_time_that_is_none_is_refused(server: Server, seconds: str) -> None:
    """Seven days are the longest that Signature Version 4 has."""
    arn, base = channel(server)
    url = signed(address(base, arn)).replace("X-Amz-Expires=299", f"X-Amz-Expires={seconds}")
    assert refusal(url)[:2] == (403, "AccessDeniedException")


def test_signatures_are_verified_when_the_server_is_asked_to(sim: Simulator) -> None:
    iam = sim.client("iam")
    iam.create_user(UserName="doorbell-ana")
    made = iam.create_access_key(UserName="doorbell-ana")["AccessKey"]
    keys = (made["AccessKeyId"], made["SecretAccessKey"])
    arn = sim.client("kinesisvideo").create_signaling_channel(ChannelName=CHANNEL)["ChannelARN"]
    with start(sim, verify_signatures=True) as server:
        url = address(server.endpoint_url.replace("http", "ws"), arn, "ana")
        good = signed(url, keys)
        with opened(good) as (ana,):
            ana.send(offer())
        for bad, code in (
            (url, "MissingAuthenticationTokenException"),
            (signed(url), "UnrecognizedClientException"),
            (signed(url, (keys[0], "another")), "InvalidSignatureException"),
            (good.replace("=ana", "=bia"), "InvalidSignatureException"),
        ):
            assert refusal(bad)[:2] == (403, code)


# --- strangers ------------------------------------------------------------------------------------


def test_no_message_is_longer_than_may_be(server: Server) -> None:
    arn, base = channel(server)
    with opened(address(base, arn)) as (stranger,):
        stranger.send("x" * 200_000)
        assert stranger.recv_data() == (websocket.ABNF.OPCODE_CLOSE, struct.pack("!H", 1009))


def test_compression_is_not_taken(server: Server) -> None:
    arn, base = channel(server)
    url = address(base, arn)
    with opened(url, header={"Sec-WebSocket-Extensions": "permessage-deflate"}) as (peer,):
        assert "sec-websocket-extensions" not in peer.headers


STRANGE = [
    b"\x81\xfe\xff\xff",  # begins a frame and says no more
    b"\xff" * 40,
    b"\x81\x85\0\0\0\0\xff\xfe\xfd\xfc\xfb",  # text that is no UTF-8
    b"\x81\x01a",  # not masked
    b"\x01\x81\0\0\0\0a" * 30_000,  # fragments without end
    b"\x88\x81\0\0\0\0a",
]


@pytest.mark.parametrize("garbage", STRANGE, ids=range(len(STRANGE)))
def test_strange_frames_end_only_their_own_connection(server: Server, garbage: bytes) -> None:
    arn, base = channel(server)
    target = "/?" + address(base, arn, "stranger").partition("?")[2]
    with opened(address(base, arn), address(base, arn, "ana")) as (master, ana):
        with connection(server) as bare:
            bare.sendall(
                f"GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            assert b" 101 " in bare.recv(4096)
            with suppress(OSError):  # it may hang up before it has heard all
                bare.sendall(garbage)
                bare.shutdown(socket.SHUT_WR)
                until_closed(bare)
        ana.send(offer())
        assert json.loads(master.recv())["senderClientId"] == "ana"


def test_an_alexa_offer_waits_for_the_masters_answer(server: Server) -> None:
    arn, base = channel(server)
    answers: list[str] = []
    with opened(address(base, arn)) as (master,):
        import threading

        def call() -> None:
            with client(server, "kinesis-video-signaling") as api:
                said = api.send_alexa_offer_to_master(
                    ChannelARN=arn, SenderClientId="alexa", MessagePayload="aGk="
                )
                answers.append(said["Answer"])

        caller = threading.Thread(target=call)
        caller.start()
        assert json.loads(master.recv())["senderClientId"] == "alexa"
        master.send(
            json.dumps(
                {
                    "action": "SDP_ANSWER",
                    "messagePayload": "eWVz",
                    "recipientClientId": "alexa",
                }
            )
        )
        caller.join(timeout=30)
    assert answers == ["eWVz"]
