"""Answers that keep coming, over HTTP: each part leaves when it is there, until the end.

Their source says when there is something to send; here it is only carried. It ends by itself, with
the client's connection, or with the server. In a conversation the request comes meanwhile: neither
direction waits for the other, so that a client may send all before it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import get_ident
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.exchange import Header, Receive, Send
from kinesis_sim.aws.safety import safe
from kinesis_sim.errors import NotKept
from kinesis_sim.instants import LAST

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Conversation, Pushing
    from kinesis_sim.aws.moves import Moves
    from kinesis_sim.aws.turns import UntakenParts
    from kinesis_sim.simulator import Simulator

SEND_SECONDS = 60
"""How long a client may take nothing of what is pushed to it."""
LINGER_SECONDS = 5
"""How long the rest of a request is still taken, and thrown away, when its answer has ended.

A connection that is closed on a client that still sends is reset, and takes the answer with it."""


def as_it_is(part: bytes) -> bytes:
    """How a body in parts is written."""
    return part


@dataclass(frozen=True, slots=True)
class StreamOpening:
    """An answer that keeps coming. write: makes bytes of what comes; initial: what comes first.

    talking: the source is a conversation, which takes what the client goes on to send.
    """

    source: Any
    headers: list[Header]
    write: Callable[[Any], bytes] = as_it_is
    initial: bytes = b""
    talking: bool = False


class Carrier:
    """What a server carries at the moment, each source for as long as it has something to send."""

    def __init__(self, sim: Simulator, moves: Moves) -> None:
        self._sim = sim
        self._moves = moves
        self._open: set[Pushing] = set()

    def close(self) -> None:
        """End them all: the server stops."""
        with self._sim.lock:
            for source in tuple(self._open):
                source.close("server stopped")

    @contextmanager
    def carried(self, source: Pushing, parts: UntakenParts) -> Iterator[None]:
        """Within it a source is carried; a client that went away or takes nothing ends it."""
        self._open.add(source)
        try:
            with suppress(ConnectionError, NotKept):
                yield
        except TimeoutError:
            parts.drop()
        finally:
            parts.over()
            self._open.discard(source)
            with self._sim.lock:
                source.close("connection closed")

    async def pump(
        self,
        ready: Ready,
        write: Callable[[Any], bytes],
        give: Callable[[bytes], Awaitable[None]],
    ) -> None:
        """Give what there is, whenever there is something, until the source or client ends.

        write: makes bytes of an event. Between the look for room and the count nothing is awaited.
        """
        source = ready.source
        while not (ready.gone or ready.parts.is_over):
            ready.event.clear()
            if ready.waits:
                await ready.parts.room()
            await self._moves.catch_up()
            if ready.waits and not ready.parts.has_room:
                continue
            with self._sim.lock:
                self._sim.clock.catch_up()
                event = source.next_event()
                over, alarm = event is None and source.ended, None
                at = LAST if event is not None or over else source.next_at()
                if at < LAST:  # an entry of the clock's that is never due would stay for ever
                    alarm = self._sim.clock.alarm(at, ready.wake)
            if event is not None:
                part, event = write(event), None
                ready.parts.count(part)
                await safe(self._sim)
                await ready.parts.send(part, give)
            elif over:
                return
            else:
                await ready.event.wait()
                if alarm is not None:
                    alarm.cancel()

    async def take(self, source: Conversation, part: bytes | None, *, last: bool = False) -> None:
        """Hand on what a client said, None for nothing. last: it has said all."""
        await self._moves.catch_up()
        with self._sim.lock:
            self._sim.clock.catch_up()
            if part is not None and not source.ended:
                source.take(part)
            if last and not source.ended:
                source.finish()


class Pushes(Carrier):
    """The answers that keep coming."""

    async def carry(
        self, opening: StreamOpening, receive: Receive, send: Send, parts: UntakenParts
    ) -> None:
        """Send one from its beginning to its end. parts: what of it waits for its client."""
        ready = Ready(opening.source, parts, waits=not opening.talking)
        hears = self._listen(ready, receive) if opening.talking else ready.watch(receive)
        watcher = asyncio.create_task(hears)

        async def give(part: bytes) -> None:
            await _send_part(send, part)

        try:
            with self.carried(opening.source, parts):
                start = {"type": "http.response.start", "status": 200, "headers": opening.headers}
                await send(start)
                await _send_part(send, opening.initial)
                await self.pump(ready, opening.write, give)
                if opening.talking and not ready.gone:
                    heard = asyncio.create_task(ready.heard.wait())
                    await asyncio.wait({heard}, timeout=LINGER_SECONDS)
                if not ready.gone:
                    await send({"type": "http.response.body", "body": b""})
        finally:
            watcher.cancel()

    async def _listen(self, ready: Ready, receive: Receive) -> None:
        """Hand on what the client says, and notice that it went away."""
        source: Conversation = ready.source
        while (message := await receive())["type"] != "http.disconnect":
            part, more = message.get("body", b""), message.get("more_body", False)
            await self.take(source, part or None, last=not more)
            if not more:
                ready.heard.set()
                ready.event.set()
            await self._held_back(source)
        ready.heard.set()
        ready.leave()

    async def _held_back(self, source: Conversation) -> None:
        """Leave the rest with the client until the source wants it; only time that runs is waited.

        A socket that is not read from slows its client down.
        """
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(over.set)

        with self._sim.lock:
            clock, at = self._sim.clock, source.takes_at()
            if clock.is_manual or at <= clock.now:
                return
            alarm = clock.alarm(at, wake)
        try:
            await over.wait()
        finally:
            alarm.cancel()


class Ready:
    """Wakes the task that carries one answer, from whichever thread the news comes.

    parts: what of it waits for its client. waits: whether it waits for room in turn; what a client
    says itself is answered at once. heard: set when the client has said all; gone: whether it is.
    """

    def __init__(self, source: Any, parts: UntakenParts, *, waits: bool) -> None:
        self.source, self.parts, self.waits = source, parts, waits
        self.heard = asyncio.Event()
        self.event = asyncio.Event()
        self.gone = False
        self._loop, self._thread = asyncio.get_running_loop(), get_ident()
        source.on_ready = self.wake

    def wake(self) -> None:
        """There may be something to send."""
        if get_ident() == self._thread:
            self.event.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.event.set)

    async def watch(self, receive: Receive) -> None:
        """Notice that the client went away."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.leave()

    def leave(self) -> None:
        """The client went away."""
        self.gone = True
        self.parts.left()
        self.event.set()


async def _send_part(send: Send, part: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": part, "more_body": True})
