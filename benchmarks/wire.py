"""A bare socket that replays signed requests: what a server costs without a client's own work."""

from __future__ import annotations

import socket
from functools import cache
from typing import Any
from urllib.parse import urlsplit

CONTENT = b"content-length:"


class Captured(Exception):
    """Carries a request out of boto3, signed and ready to send."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request


def client(port: int) -> Any:
    """A boto3 client of the server at a port, which does not try again."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "kinesis",
        endpoint_url=f"http://127.0.0.1:{port}",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=300),
    )


def signed(port: int, operation: str, **params: Any) -> bytes:
    """The bytes of a request as boto3 would send them."""
    try:
        getattr(_signer(port), operation)(**params)
    except Captured as caught:
        return _bytes(caught.request)
    raise AssertionError("boto3 sent nothing")


@cache
def _signer(port: int) -> Any:
    """A client that sends nothing: what it was about to send is raised."""

    def capture(request: Any, **_: Any) -> None:
        raise Captured(request)

    signer = client(port)
    signer.meta.events.register_first("before-send.kinesis", capture)
    return signer


def _bytes(request: Any) -> bytes:
    place = urlsplit(request.url)
    headers = {"Host": place.netloc}
    for name, value in request.headers.items():
        headers[name] = value if isinstance(value, str) else value.decode()
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = request.body if isinstance(request.body, bytes) else request.body.encode()
    return f"{request.method} {place.path or '/'} HTTP/1.1\r\n{head}\r\n".encode() + body


class Wire:
    """One connection to a server, opened again when the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; the status and the body of its answer."""
        fresh = self._socket is None
        try:
            return self._exchange(request)
        except OSError:
            self.close()
            if fresh:
                raise
            return self._exchange(request)

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=300)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, rest = self._head()
        status = int(head.split(b" ", 2)[1])
        lines = head.lower().split(b"\r\n")
        if b"transfer-encoding: chunked" in lines:
            body = self._chunked(rest)
        else:
            body = self._sized(rest, next((x for x in lines if x.startswith(CONTENT)), None))
        if b"connection: close" in lines or head.startswith(b"HTTP/1.0"):
            self.close()
        return status, body

    def _receive(self) -> bytes:
        assert self._socket is not None
        part = self._socket.recv(1 << 18)
        if not part:
            raise ConnectionResetError("the server closed the connection")
        return part

    def _head(self) -> tuple[bytes, bytes]:
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += self._receive()
        head, _, rest = seen.partition(b"\r\n\r\n")
        return head, rest

    def _sized(self, rest: bytes, header: bytes | None) -> bytes:
        parts, missing = [rest], int((header or b"0:0").partition(b":")[2]) - len(rest)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return b"".join(parts)

    def _chunked(self, seen: bytes) -> bytes:
        parts = []
        while True:
            while b"\r\n" not in seen:
                seen += self._receive()
            length, _, seen = seen.partition(b"\r\n")
            size = int(length.partition(b";")[0], 16) + 2
            while len(seen) < size:
                seen += self._receive()
            parts.append(seen[: size - 2])
            seen = seen[size:]
            if size == 2:
                return b"".join(parts)

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
