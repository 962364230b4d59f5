"""The bodies of requests: read once it is known who is meant, within limits, and let go of at once.

One body has a limit that depends on who is meant; all that are in memory together have one, too. A
client that comes when it is used up is asked to come again, as S3 asks (SlowDown).
"""

from __future__ import annotations

from kinesis_sim.aws.exchange import ExchangeRefused, Receive, Request, next_part, too_large
from kinesis_sim.units import MIB

ALL_TOGETHER = 512 * MIB
"""Bytes of bodies in memory at a time, over all requests (the model's choice)."""
DISCARDED = 64 * MIB
"""What is read of a body that nobody wants, so that its sender gets to read the answer."""


class Bodies:
    """Reads bodies. most: bytes in memory at a time."""

    def __init__(self, most: int = ALL_TOGETHER) -> None:
        self._most = most
        self._held = 0

    async def read(self, request: Request, receive: Receive, limit: int) -> None:
        """Read a body whole, into the request.

        Raises Refused when it is over ``limit``, when too many are being read, or when it stalls;
        Gone when it is cut off.
        """
        declared = announced(request)
        if declared > limit:
            await discard(request, receive)
            raise too_large(limit)
        self._take(request, declared)
        parts: list[bytes] = []
        size = 0
        while True:
            message = await next_part(receive)
            part = message.get("body", b"")
            size += len(part)
            if size <= limit:
                self._take(request, size)
                parts.append(part)
            else:
                parts.clear()
                self.release(request)
                if size > max(limit, DISCARDED) or not message.get("more_body"):
                    raise too_large(limit)
            if not message.get("more_body"):
                request.body = parts[0] if len(parts) == 1 else b"".join(parts)
                return

    def release(self, request: Request) -> None:
        """The request is over: forget its body."""
        self._held -= request.held
        request.held, request.body = 0, b""

    def _take(self, request: Request, size: int) -> None:
        """Count ``size`` bytes of a body, before they are there or while they come."""
        more = size - request.held
        if more <= 0:
            return
        if self._held + more > self._most:
            raise ExchangeRefused(503, "SlowDown", "Please reduce your request rate.")
        self._held += more
        request.held = size


async def discard(request: Request, receive: Receive) -> None:
    """Read a body without keeping it; one that is too long is left unread."""
    size = announced(request)
    if size > DISCARDED:
        return
    while True:
        message = await next_part(receive)
        size += len(message.get("body", b""))
        if size > 2 * DISCARDED or not message.get("more_body"):
            return


def announced(request: Request) -> int:
    """The Content-Length; 0 when there is none."""
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() and len(declared) < 20 else 0
