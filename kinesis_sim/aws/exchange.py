"""One HTTP exchange as the rest of the package sees it: a request that has been read, and a reply.

A client that pauses too long in the middle of its body gets an answer, not our memory (see also
``bodies``).
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.units import MIB

_HOST = re.compile(r"(?:\[([0-9a-f:.%]*)\]|([^\s\[\]/?#@\\:]*))(?::[0-9]*)?")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

LINE = "kinesis_lab.line"
"""Where an ASGI scope of our own server names its connection."""
LANE = "kinesis_lab.lane"
"""Where it names the exchange alone: of several on one connection, each has its own."""
BODY_LIMIT = 24 * MIB
"""For Kinesis: 10 MiB of records are 13.4 MiB in base64; the rest is room for keys in escapes."""
BODY_SECONDS = 30
"""How long a client may pause in the middle of a body."""


class Gone(KinesisSimError):
    """The client went away before its request was complete."""


class ExchangeRefused(KinesisSimError):
    """The exchange ends with this HTTP status because the body cannot be read."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class Request:
    """A request. headers: names in lower case, values as text; query: as it came, without the "?".

    target: path and query as they came, nothing decoded. local: the address of ours that the
    connection came in by. held: bytes that its body is counted with (see ``bodies``). line: the
    connection (see ``turns``); None for one that nobody else has to wait for. lane: this exchange
    alone, of those that the connection carries; None likewise.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    scheme: str = "http"
    target: str = "/"
    local: str = ""
    body: bytes = b""
    held: int = 0
    line: Any = None
    lane: Any = None

    @property
    def content_type(self) -> str:
        """The media type without its parameters; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip()

    @property
    def host(self) -> str:
        """The name that the client called us by, without the port.

        What has not the form of a host and a port (RFC 9110, 7.2) is given back as it is.
        """
        name = self.headers.get("host", "").lower()
        found = _HOST.fullmatch(name)
        return name if found is None else found[1] or found[2]


@dataclass(slots=True)
class Reply:
    """An answer. content_type: empty for none."""

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: list[Header] = field(default_factory=list)

    async def send(self, send: Send) -> None:
        """Write the answer."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.head})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def head(self) -> list[Header]:
        """All headers, those of the body included."""
        head = list(self.headers)
        if self.content_type:
            head.append((b"content-type", self.content_type.encode("latin-1")))
        if not any(name == b"content-length" for name, _ in head):
            head.append((b"content-length", b"%d" % len(self.body)))
        return head


def opened(scope: MutableMapping[str, Any]) -> Request:
    """The request of an ASGI scope, body not yet read; repeated headers are joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query = scope["query_string"].decode("latin-1")
    raw_path, host = _path(scope["raw_path"].decode("latin-1"))
    path, _ = _path(scope["path"])
    if host is not None:
        headers["host"] = host
    server = scope.get("server") or ("", None)
    return Request(
        method=scope.get("method", "GET"),  # a WebSocket's handshake has no other
        path=path,
        query=query,
        headers=headers,
        scheme={"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"]),
        target=f"{raw_path}?{query}" if query else raw_path,
        local=server[0],
        line=scope.get(LINE),
        lane=scope.get(LANE),
    )


def _path(target: str) -> tuple[str, str | None]:
    """A path without the origin that a target in absolute form begins with (RFC 9112, 3.2.2).

    And the host of that origin, which counts instead of the header's, if there is one. AWS's Java
    client writes its targets so.
    """
    scheme, found, rest = target.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        return target, None
    host, _, path = rest.partition("/")
    return f"/{path}", host


def unzipped(body: bytes, limit: int) -> bytes:
    """What a body holds that came as gzip. Raises Refused when over ``limit`` or broken."""
    machine = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        found = machine.decompress(body, limit)
    except zlib.error:
        raise ExchangeRefused(400, "SerializationException", "") from None
    if machine.unconsumed_tail:
        raise too_large(limit)
    if not machine.eof:
        raise ExchangeRefused(400, "SerializationException", "")
    return found


async def next_part(receive: Receive) -> MutableMapping[str, Any]:
    """The next piece of a body. Raises Refused when it stalls, Gone when the client left."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
    except TimeoutError:
        raise ExchangeRefused(
            408, "RequestTimeout", f"The request's body paused for over {BODY_SECONDS} seconds."
        ) from None
    if message["type"] == "http.disconnect":
        raise Gone("The client went away.")
    return message


def too_large(limit: int) -> ExchangeRefused:
    """The answer to a body of over ``limit`` bytes."""
    return ExchangeRefused(
        413, "RequestEntityTooLarge", f"The request's body is longer than {limit} bytes."
    )
