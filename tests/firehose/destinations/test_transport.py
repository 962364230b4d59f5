"""Where a request goes, where it may not go, and what comes back of it."""

from __future__ import annotations

import socket
import threading
from contextlib import nullcontext, suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from kinesis_sim.aws.certificate import Certificate
from kinesis_sim.firehose.destinations import addresses
from kinesis_sim.firehose.destinations.addresses import choose, is_forbidden, is_loopback
from kinesis_sim.firehose.destinations.transport import (
    HttpAnswer,
    HttpRequest,
    Transport,
    Unreachable,
)
from tests.firehose.destinations.wire import NOW, behind_https


def request(url: str, **headers: str) -> HttpRequest:
    return HttpRequest("POST", url, headers, b"body", 1000)


def echo(asked: HttpRequest, now: int) -> HttpAnswer:
    return HttpAnswer(200, {"X-Seen": asked.header("x-asked") or ""}, asked.body)


def reason(found: HttpAnswer | Unreachable) -> str:
    assert isinstance(found, Unreachable)
    return found.reason


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_real_endpoint_gets_ten_seconds_unless_told_otherwise() -> None:
    assert Transport().patience_ms == 10_000


def test_a_host_with_a_receiver_is_answered_in_process() -> None:
    found = Transport({"a.example": echo}).send(request("https://A.example:99/x"), NOW)
    assert found == HttpAnswer(200, {"X-Seen": ""}, b"body")


@pytest.mark.parametrize(
    "host",
    ["example.com", "10.0.0.1", "169.254.169.254", "0.0.0.0", "0x7f000001", "127.1", "[fe80::1]",
     "localhost.example.com", "127.0.0.1.example.com"],
)  # fmt: skip
def test_no_other_machine_is_spoken_to(host: str) -> None:
    found = Transport().send(request(f"https://{host}/x"), NOW)
    assert isinstance(found, Unreachable)
    assert found.reason == "not allowed"
    assert found.message.endswith(
        "is not this machine, and the simulator delivers to no other: make a receiver for "
        f"{host}, use a loopback address, or allow other hosts with outbound=True."
    )


@pytest.mark.parametrize(
    "trick", ["https://127.0.0.1\\@example.com/", "https://127.0.0.1@example.com/"]
)
def test_a_host_cannot_be_hidden(trick: str) -> None:
    assert reason(Transport().send(request(trick), NOW)) in ("not allowed", "bad url", "refused")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::7f00:1]", "[::2]"])
def test_what_goes_by_a_translator_leaves_this_machine(host: str) -> None:
    assert not is_loopback(host)
    assert choose(host, 1, outbound=False)[0] == []


def test_outbound_opens_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not loopback by its looks, and a port that nobody listens on."""
    names(monkeypatch, "127.0.0.1")
    found = Transport(outbound=True).send(request("http://example.com:1/"), NOW)
    assert reason(found) == "refused"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "nothing", "https://", "https://[", "https://a b/"]
)
def test_what_is_no_url_is_said_to_be_none(url: str) -> None:
    assert reason(Transport().send(request(url), NOW)) in ("bad url", "not allowed")


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "é", "\0"])
def test_a_header_cannot_smuggle(value: str) -> None:
    found = Transport({"a.example": echo}).send(request("https://a.example", **{"X-A": value}), NOW)
    assert reason(found) == "bad header"


def test_a_closed_port_refuses() -> None:
    assert reason(Transport().send(request(f"http://127.0.0.1:{free_port()}/"), NOW)) == "refused"


def test_a_silent_port_times_out_at_no_simulated_cost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        found = Transport(patience_ms=20).send(request(url), NOW)
    assert reason(found) == "timed out"
    assert found.took_ms == 0


def test_https_with_a_trusted_certificate(certificate: Certificate) -> None:
    with behind_https(echo, certificate) as address:
        found = Transport(authority=certificate.path).send(
            request(f"{address}/x", **{"X-Asked": "1"}), NOW
        )
    assert isinstance(found, HttpAnswer)
    assert (found.status, found.body, found.header("x-seen")) == (200, b"body", "1")


def test_https_with_a_certificate_of_nobody(certificate: Certificate) -> None:
    with behind_https(echo, certificate) as address:
        assert reason(Transport().send(request(address), NOW)) == "tls"


def test_a_broken_connection(certificate: Certificate) -> None:
    def gone(asked: HttpRequest, now: int) -> Unreachable:
        return Unreachable("reset")

    with behind_https(gone, certificate) as address:
        found = Transport(authority=certificate.path).send(request(address), NOW)
    assert reason(found) == "reset"


def test_an_answer_shorter_than_it_says(certificate: Certificate) -> None:
    def half(asked: HttpRequest, now: int) -> HttpAnswer:
        return HttpAnswer(200, {"Content-Length": "10"}, b"half")

    with behind_https(half, certificate) as address:
        found = Transport(authority=certificate.path).send(request(address), NOW)
    assert reason(found) == "reset"


def test_redirects_are_not_followed(certificate: Certificate) -> None:
    def elsewhere(asked: HttpRequest, now: int) -> HttpAnswer:
        return HttpAnswer(302, {"Location": "https://127.0.0.1:1/", "Content-Length": "0"}, b"")

    with behind_https(elsewhere, certificate) as address:
        found = Transport(authority=certificate.path).send(request(address), NOW)
    assert isinstance(found, HttpAnswer)
    assert found.status == 302


def test_an_answer_larger_than_wanted(certificate: Certificate) -> None:
    small = replace(request("https://a.example"), largest_answer=3)
    assert reason(Transport({"a.example": echo}).send(small, NOW)) == "too large"
    with behind_https(echo, certificate) as address:
        found = Transport(authority=certificate.path).send(replace(small, url=address), NOW)
    assert reason(found) == "too large"


def test_simulated_time_counts_against_the_time_out() -> None:
    def slow(asked: HttpRequest, now: int) -> HttpAnswer:
        return HttpAnswer(200, {}, b"", took_ms=1001)

    found = Transport({"a.example": slow}).send(request("https://a.example"), NOW)
    assert (reason(found), found.took_ms) == ("timed out", 1000)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.170.2", "fe80::1", "::ffff:169.254.169.254", "2002:a9fe:a9fe::",
     "64:ff9b::169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "0.0.0.0",
     "::", "224.0.0.1", "ff02::1", "192.0.0.192", "64:ff9b:1::a9fe:a9fe", "::ffff:0:a9fe:a9fe",
     "2001:0:1:1::5601:5601"],
)  # fmt: skip
def test_metadata_and_link_local_are_never_spoken_to(address: str) -> None:
    assert is_forbidden(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    found = Transport(outbound=True).send(request(f"http://{host}/latest/meta-data/"), NOW)
    assert isinstance(found, Unreachable)
    assert (found.reason, "nothing is ever sent there" in found.message) == ("not allowed", True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "52.94.236.248", "2600::1"])
def test_other_addresses_are_a_matter_of_outbound(address: str) -> None:
    assert not is_forbidden(ip_address(address))


def names(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """Have every name lead to these addresses."""
    rows = [(0, 0, 0, "", (each, 0)) for each in found]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: rows)


def test_a_name_is_judged_by_every_address_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "203.0.113.5", "169.254.169.254")
    found, why = choose("metadata.example.com", 80, outbound=True)
    assert found == []
    assert "metadata.example.com is 169.254.169.254" in why


def test_localhost_is_this_machine_whatever_the_system_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, "203.0.113.5")
    assert choose("localhost", 80, outbound=False)[0] == []


def test_an_endpoint_that_drips_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def drip() -> None:
            client, _ = listener.accept()
            with client, suppress(OSError):
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while True:
                    client.sendall(b"x")
                    client.recv(0)

        thread = threading.Thread(target=drip)
        thread.start()
        transport = Transport(patience_ms=50)
        url = f"http://127.0.0.1:{port}/"
        found = transport.send(replace(request(url), largest_answer=1 << 30), NOW)
        thread.join()
    assert reason(found) in ("timed out", "reset")


class Waits(Transport):
    """Notes for how long (s) a connection would be waited for, and has none."""

    def _pool(self, scheme: str, address: str, port: int, name: str) -> Any:
        pool = nullcontext(self)
        pool.urlopen = self._noted  # type: ignore[attr-defined]
        return pool

    def _noted(self, *_: object, timeout: Timeout, **more: object) -> None:
        self.waited = timeout.total
        raise HTTPError


@pytest.mark.parametrize(("asked_ms", "seconds"), [(3_000, 3), (180_000, 10)])
def test_an_endpoint_gets_ten_seconds_of_the_wall_at_most(asked_ms: int, seconds: int) -> None:
    way = Waits()
    way.send(replace(request("http://127.0.0.1/"), timeout_ms=asked_ms), NOW)
    assert way.waited == seconds
