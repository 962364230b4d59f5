"""A page of our own on this machine, and what is wished on it: the one server for all such pages.

Laws
1. It listens on the loopback address only, behind the same door as the endpoint for AWS clients: a
   page of another site gets nothing and changes nothing. A wish is JSON, which no form can send.
2. It sends its own few files; no stranger can frame an answer, nor does one load anything from
   elsewhere or get sniffed.
3. One wish at a time is granted, off the event loop; the others wait.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ClassVar

from kinesis_sim.aws.bodies import Bodies, discard
from kinesis_sim.aws.connection import Connections
from kinesis_sim.aws.door import Door
from kinesis_sim.aws.exchange import (
    ExchangeRefused,
    Gone,
    Header,
    Receive,
    Reply,
    Request,
    Send,
    opened,
)
from kinesis_sim.aws.serving import Listeners, http_config, listen, stop_on_signal
from kinesis_sim.mishaps import Mishaps

HOST = "127.0.0.1"
GRACE_SECONDS = 2


class LocalPage:
    """The ASGI application of a page; one overrides ``file`` and ``granted``."""

    styles: ClassVar[str] = "'self'"
    """Where its styles may come from, as the content security policy says it."""
    frames: ClassVar[str] = "'none'"
    """What it may frame, and what may frame it."""
    largest_wish: ClassVar[int] = 65_536
    """Bytes."""

    def __init__(self) -> None:
        self._door, self._bodies = Door(), Bodies()
        self._one_at_a_time = asyncio.Lock()
        self._mishaps = Mishaps()

    def file(self, path: str) -> Reply | None:
        """What is sent for a path; None where there is nothing. Called in a thread."""
        raise NotImplementedError

    def granted(self, wish: Any) -> Reply:
        """Do what the page asks, given as JSON says it; called in a thread, one at a time."""
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """ASGI's entry."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        request = opened(scope)
        try:
            reply = await self._reply(request, receive)
        except Gone:
            return
        except ExchangeRefused as refusal:
            reply = refused(refusal.status, refusal.message)
        except Exception as error:
            self._mishaps.note(error, "a request to the page")
            reply = refused(500, "This went wrong on our side; nothing that was kept is lost.")
        finally:
            self._bodies.release(request)
        reply.headers.extend(self._safe())
        await reply.send(send)

    async def _reply(self, request: Request, receive: Receive) -> Reply:
        why = self._door.refusal(request)
        if why is not None:
            await discard(request, receive)
            return refused(403, why)
        if request.method == "POST" and request.path == "/wish":
            await self._bodies.read(request, receive, self.largest_wish)
            return await self._wished(request)
        await discard(request, receive)
        if request.method not in ("GET", "HEAD"):
            return refused(405, f"{request.method} is not answered here.")
        if request.path == "/health":
            return Reply(200, b'{"status":"ok"}', "application/json")
        found = await asyncio.to_thread(self.file, request.path)
        return found or refused(404, "There is nothing here; the page is at /.")

    async def _wished(self, request: Request) -> Reply:
        if request.content_type != "application/json":
            return refused(415, "A wish is JSON, and says so.")
        try:
            wish = json.loads(request.body)
        except (ValueError, RecursionError):
            return refused(400, "A wish is JSON, and this is none.")
        async with self._one_at_a_time:
            return await asyncio.to_thread(self.granted, wish)

    def _safe(self) -> list[Header]:
        policy = (
            f"default-src 'none'; script-src 'self'; style-src {self.styles}; img-src data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; "
            f"frame-src {self.frames}; frame-ancestors {self.frames}"
        )
        return [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cache-control", b"no-store"),
        ]


def refused(status: int, why: str) -> Reply:
    """A refusal in one sentence."""
    return Reply(status, json.dumps({"message": why}).encode(), "application/json")


def answered(data: Any) -> Reply:
    """An answer as JSON."""
    return Reply(200, json.dumps(data).encode(), "application/json")


async def _serve(page: LocalPage, listeners: Listeners, stop: asyncio.Event) -> None:
    connections = Connections(page, http_config())
    try:
        await connections.open(listeners.plain)
        await stop.wait()
    finally:
        await connections.close(GRACE_SECONDS)


def run_page(
    page: LocalPage, listeners: Listeners, ready: Callable[[], None] | None = None
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM. ready: called when the signals are heard."""

    async def until_signal() -> None:
        stop = stop_on_signal()
        if ready is not None:
            ready()
        await _serve(page, listeners, stop)

    asyncio.run(until_signal())


class PageServer:
    """The page in a background thread, until ``stop()`` or the end of a ``with`` block.

    url: where it is. port: 0 takes a free one; UsageError for one that is in use.
    """

    def __init__(self, page: LocalPage, port: int = 0) -> None:
        listeners = listen(HOST, port)
        self.url = listeners.endpoint_url
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        run = self._run(page, listeners)
        self._thread = threading.Thread(target=lambda: asyncio.run(run), daemon=True)
        self._thread.start()
        self._loop, self._stop = self._ready.result()

    def stop(self) -> None:
        """Stop answering and wait until all is closed."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self, page: LocalPage, listeners: Listeners) -> None:
        stop = asyncio.Event()
        self._ready.set_result((asyncio.get_running_loop(), stop))
        await _serve(page, listeners, stop)

    def __enter__(self) -> PageServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
