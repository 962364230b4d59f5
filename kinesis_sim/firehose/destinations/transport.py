"""HTTP on its way out: to a receiver in this process, or to a real endpoint.

A URL whose host has a receiver goes to that receiver. Everything else is real HTTP(S), and only to
this machine unless ``outbound`` is set: whoever may call CreateDeliveryStream chooses the URL, and
must not thereby make the simulator connect anywhere (``addresses``). No redirect is followed.

Time: what a receiver says it took (``took_ms``) is simulated time. A real endpoint's wall time is
not: the simulator stands still while it waits, so such an answer took 0 ms of simulated time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from kinesis_sim.clock import Clock
from kinesis_sim.firehose.destinations.addresses import choose, is_loopback
from kinesis_sim.firehose.destinations.tape import asked
from kinesis_sim.units import KIB, MIB

if TYPE_CHECKING:
    from ssl import SSLContext

    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

Reason = Literal[
    "refused", "timed out", "reset", "tls", "too large", "not allowed", "bad header", "bad url"
]
"""Why there is no answer. timed out and reset: the endpoint may have taken what was sent."""

LARGEST_ANSWER = MIB
"""Bytes of an answer's body that are read unless the request allows more."""
PATIENCE_MS = 10_000
"""Wall time that a real endpoint gets at most (the model's choice)."""
_PIECE = 64 * KIB


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request. timeout_ms: how long an answer may take; largest_answer: bytes of body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout_ms: int
    largest_answer: int = LARGEST_ANSWER

    def header(self, name: str) -> str | None:
        """A header's value; names are case-insensitive."""
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back. took_ms: simulated time."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_ms: int = 0

    def header(self, name: str) -> str | None:
        """A header's value; names are case-insensitive."""
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer. message: one sentence; took_ms: simulated time until that was clear."""

    reason: Reason
    message: str = ""
    took_ms: int = 0


class Receiver(Protocol):
    """What answers within this process."""

    def __call__(self, request: HttpRequest, now: int) -> HttpAnswer | Unreachable:
        """Answer one request that arrives at ``now`` (epoch ms)."""


def header(headers: Mapping[str, str], name: str) -> str | None:
    """The value of a header whatever its case, or None."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


def host_of(url: str) -> str:
    """The host that a URL names, in lower case; empty when it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@dataclass
class Transport:
    """Sends requests. hosts: receivers of this process by host name, in lower case.

    outbound: whether hosts other than this machine may be spoken to. authority: a PEM file of
    certificates to trust besides the system's, e.g. a self-signed one. patience_ms: wall time that
    a real endpoint gets at most.
    """

    hosts: Mapping[str, Receiver] = field(default_factory=dict)
    outbound: bool = False
    authority: Path | None = None
    patience_ms: int = PATIENCE_MS
    _tls: SSLContext | None = field(default=None, init=False, repr=False)

    def send(self, request: HttpRequest, now: int) -> HttpAnswer | Unreachable:
        """Send once, at ``now`` (epoch ms). Never raises for what the other side does."""
        for name, value in request.headers.items():
            if not (value.isascii() and value.isprintable()):
                return Unreachable("bad header", f"{name} has characters that no header may have.")
        if any(each in name for name in request.headers for each in "\r\n\0: "):
            return Unreachable("bad header", "A header's name has characters that none may have.")
        receiver = self.hosts.get(host_of(request.url))
        if receiver is not None:
            return _within_limits(receiver(request, now), request)
        return asked(lambda: self._speak(request))

    def is_abroad(self, url: str) -> bool:
        """Whether a request to a URL leaves this process, and so may take its time."""
        host = host_of(url)
        return host not in self.hosts and (self.outbound or is_loopback(host))

    def _speak(self, request: HttpRequest) -> HttpAnswer | Unreachable:
        from urllib3.exceptions import LocationParseError
        from urllib3.util import parse_url

        try:
            target = parse_url(request.url)
        except LocationParseError:
            return _no_url(request.url)
        if target.scheme not in ("http", "https") or not target.host:
            return _no_url(request.url)
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            addresses, why = choose(target.host, port, outbound=self.outbound)
        except OSError:
            return Unreachable("refused", f"{target.host} has no address.")
        named = target.host if target.port is None else f"{target.host}:{target.port}"
        headers = {**request.headers, "Host": named}
        found = Unreachable("not allowed", why)
        for address in addresses:
            pool = self._pool(target.scheme, str(address), port, target.host.strip("[]"))
            answer = self._exchange(request, pool, headers, target.request_uri)
            if isinstance(answer, HttpAnswer) or answer.reason != "refused":
                return answer
            found = answer
        return found

    def _pool(self, scheme: str, address: str, port: int, name: str) -> HTTPConnectionPool:
        """A connection to an address that was looked up, under the name that it has."""
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

        if scheme == "http":
            return HTTPConnectionPool(address, port)
        return HTTPSConnectionPool(
            address, port, ssl_context=self._context(), server_hostname=name, assert_hostname=name
        )

    def _exchange(
        self, request: HttpRequest, pool: HTTPConnectionPool, headers: dict[str, str], path: str
    ) -> HttpAnswer | Unreachable:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        patience_ms = min(request.timeout_ms, self.patience_ms)
        deadline = Clock.wall().now + patience_ms
        with pool:
            try:
                response = pool.urlopen(
                    request.method, path, body=request.body, headers=headers,
                    retries=False, redirect=False, timeout=Timeout(total=patience_ms / 1000),
                    preload_content=False, decode_content=False,
                )  # fmt: skip
                return _read(response, request.largest_answer, deadline)
            except HTTPError as error:
                return _trouble(error)

    def _context(self) -> SSLContext:
        import ssl

        if self._tls is None:
            self._tls = ssl.create_default_context()
            if self.authority is not None:
                self._tls.load_verify_locations(self.authority)
        return self._tls


def _within_limits(
    answer: HttpAnswer | Unreachable, request: HttpRequest
) -> HttpAnswer | Unreachable:
    if isinstance(answer, Unreachable):
        late = answer.reason == "timed out"
        return replace(answer, took_ms=request.timeout_ms) if late else answer
    if answer.took_ms > request.timeout_ms:
        return Unreachable("timed out", "The answer took too long.", request.timeout_ms)
    if len(answer.body) > request.largest_answer:
        return _too_large(request.largest_answer, answer.took_ms)
    return answer


def _read(response: BaseHTTPResponse, limit: int, deadline: int) -> HttpAnswer | Unreachable:
    """The answer, whose body must be there by ``deadline`` (epoch ms of the wall)."""
    wall, parts, size = Clock.wall(), list[bytes](), 0
    while size <= limit and (part := response.read1(min(_PIECE, limit + 1 - size))):
        parts.append(part)
        size += len(part)
        if wall.now > deadline:
            response.close()
            return Unreachable("timed out", "There was no answer in time.")
    body = b"".join(parts)
    response.close()
    if len(body) > limit:
        return _too_large(limit)
    if response.length_remaining:  # fewer bytes came than the answer announced
        return _broken()
    return HttpAnswer(response.status, dict(response.headers), body)


def _trouble(error: Exception) -> Unreachable:
    from urllib3.exceptions import NewConnectionError, SSLError, TimeoutError

    if isinstance(error, NewConnectionError):  # before TimeoutError, of which it is a kind
        return Unreachable("refused", "The connection was refused.")
    if isinstance(error, TimeoutError):
        return Unreachable("timed out", "There was no answer in time.")
    if isinstance(error, SSLError):
        return Unreachable("tls", "The certificate was not trusted or TLS was not spoken.")
    return _broken()


def _broken() -> Unreachable:
    return Unreachable("reset", "The connection broke before the answer was whole.")


def _too_large(limit: int, took_ms: int = 0) -> Unreachable:
    return Unreachable("too large", f"The answer is larger than {limit:,} bytes.", took_ms)


def _no_url(url: str) -> Unreachable:
    return Unreachable("bad url", f"{url!r} is no HTTP address; write https://host/path.")
