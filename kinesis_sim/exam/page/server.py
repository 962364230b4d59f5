"""The page's server: loopback only, behind the same door as the endpoint for AWS clients.

It sends four files and answers ``POST /wish``. A page of another site gets nothing, and can change
nothing: a wish is JSON, which no form can send, and the door reads Origin, Referer and Host.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from html import escape
from pathlib import Path
from string import Template
from typing import Any

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
from kinesis_sim.aws.serving import Listeners, http_config, listen
from kinesis_sim.course.item import Item
from kinesis_sim.course.progress import OutOfReach
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.exam.booth import Booth
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.widget import ExamDesk
from kinesis_sim.exam.words import ExamWords
from kinesis_sim.show.kit.words import Words

HERE = Path(__file__).parent
LARGEST_WISH = 16_384  # bytes
MOST_SEATS = 50
"""Windows that are remembered at a time; one that comes back later begins in the hall."""
GRACE_SECONDS = 2
_LOG = logging.getLogger("kinesis_sim.exam")
SAFE: list[Header] = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
"""No answer can be framed, sniffed, or load anything from elsewhere."""


class ExamPage:
    """The ASGI application. record: what is kept; now: the learner's time (epoch ms).

    bank: the questions, all of the course's unless given.
    """

    def __init__(
        self,
        record: ExamRecord,
        now: Callable[[], int],
        lang: str = "en",
        bank: Sequence[Item] | None = None,
    ) -> None:
        self._record, self._now, self._lang, self._bank = record, now, lang, bank
        self._seats: OrderedDict[tuple[str, str], Booth] = OrderedDict()
        self._door, self._bodies = Door(), Bodies()
        self._one_at_a_time = asyncio.Lock()

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
        except ExchangeRefused as refused:
            reply = _refused(refused.status, refused.message)
        except Exception:
            _LOG.exception("A request failed.")
            reply = _refused(500, "This went wrong on our side; nothing that was kept is lost.")
        finally:
            self._bodies.release(request)
        reply.headers.extend(SAFE)
        await reply.send(send)

    async def _reply(self, request: Request, receive: Receive) -> Reply:
        why = self._door.refusal(request)
        if why is not None:
            await discard(request, receive)
            return _refused(403, why)
        if request.method == "POST" and request.path == "/wish":
            await self._bodies.read(request, receive, LARGEST_WISH)
            return await self._wished(request)
        await discard(request, receive)
        if request.method not in ("GET", "HEAD"):
            return _refused(405, f"{request.method} is not answered here.")
        return self._file(request.path)

    def _file(self, path: str) -> Reply:
        if path == "/health":
            return Reply(200, b'{"status":"ok"}', "application/json")
        lang = self._lang if path == "/" else path.removeprefix("/")
        if lang in LANGUAGES:
            return Reply(200, _page(lang).encode(), "text/html; charset=utf-8")
        if path == "/exam.js":
            return Reply(200, str(ExamDesk._esm).encode(), "text/javascript; charset=utf-8")
        if path == "/page.js":
            text = HERE.joinpath("page.js").read_bytes()
            return Reply(200, text, "text/javascript; charset=utf-8")
        if path == "/exam.css":
            own = HERE.joinpath("page.css").read_text("utf-8")
            return Reply(200, f"{ExamDesk._css}{own}".encode(), "text/css; charset=utf-8")
        return _refused(404, "There is nothing here; the exam is at /.")

    async def _wished(self, request: Request) -> Reply:
        if request.content_type != "application/json":
            return _refused(415, "A wish is JSON, and says so.")
        try:
            data = json.loads(request.body)
            seat, lang = data["seat"], data["lang"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return _refused(400, "A wish is an object with seat, lang and wish.")
        if not isinstance(seat, str) or len(seat) > 64 or lang not in LANGUAGES:
            return _refused(400, "A wish is an object with seat, lang and wish.")
        async with self._one_at_a_time:  # a proof takes a second or two, and others wait
            booth = self._booth(seat, lang)
            try:
                told = await asyncio.to_thread(self._told, booth, data.get("wish"))
            except OutOfReach as error:
                return _refused(503, error.said(lang))
        return Reply(200, json.dumps(told).encode(), "application/json")

    def _told(self, booth: Booth, wish: Any) -> dict[str, Any]:
        booth.wish(wish, self._now())
        silence = Words("kit", booth.words.lang).say("silent")
        labels = booth.views.labels()
        return {"labels": labels, "silence": silence, "view": booth.view(self._now())}

    def _booth(self, seat: str, lang: str) -> Booth:
        key = (seat, lang)
        if key not in self._seats:
            self._seats[key] = Booth(self._record, lang, self._bank, linked=False)
        self._seats.move_to_end(key)
        while len(self._seats) > MOST_SEATS:
            self._seats.popitem(last=False)
        return self._seats[key]


def _page(lang: str) -> str:
    words = ExamWords(lang)
    text = HERE.joinpath("exam.html").read_text("utf-8")
    return Template(text).substitute(lang=lang, title=escape(words.say("title")))


def _refused(status: int, why: str) -> Reply:
    return Reply(status, json.dumps({"message": why}).encode(), "application/json")


async def serve_page(page: ExamPage, listeners: Listeners, stop: asyncio.Event) -> None:
    """Answer until ``stop`` is set."""
    connections = Connections(page, http_config())
    try:
        await connections.open(listeners.plain)
        await stop.wait()
    finally:
        await connections.close(GRACE_SECONDS)


def run_page(page: ExamPage, listeners: Listeners) -> None:
    """Serve in the foreground until SIGINT or SIGTERM."""

    async def until_signal() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, stop.set)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        await serve_page(page, listeners, stop)

    asyncio.run(until_signal())


class PageServer:
    """The page in a background thread, until ``stop()`` or the end of a ``with`` block.

    url: where it is. port: 0 takes a free one; UsageError for one that is in use.
    """

    def __init__(self, page: ExamPage, port: int = 0) -> None:
        listeners = listen("127.0.0.1", port)
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

    async def _run(self, page: ExamPage, listeners: Listeners) -> None:
        stop = asyncio.Event()
        self._ready.set_result((asyncio.get_running_loop(), stop))
        await serve_page(page, listeners, stop)

    def __enter__(self) -> PageServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
