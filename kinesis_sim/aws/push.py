"""Event streams over HTTP: events leave when they are there, for as long as the stream lasts.

Its source says when there is something to send; here it is only carried. It ends by itself, with
the client's connection, or with the server.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kinesis_sim.aws.exchange import Receive, Send
from kinesis_sim.aws.rpc import StreamOpening
from kinesis_sim.aws.safety import safe
from kinesis_sim.aws.wire.event_stream import CONTENT_TYPE, EventWriter
from kinesis_sim.errors import NotKept

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Pushing
    from kinesis_sim.aws.moves import Moves
    from kinesis_sim.simulator import Simulator

SEND_SECONDS = 60
"""How long a client may refuse to take what is pushed to it."""


class Pushes:
    """The event streams that this server carries at the moment."""

    def __init__(self, sim: Simulator, moves: Moves) -> None:
        self._sim = sim
        self._moves = moves
        self._open: set[Pushing] = set()

    def close(self) -> None:
        """End them all: the server stops."""
        with self._sim.lock:
            for source in tuple(self._open):
                source.close("server stopped")

    async def carry(self, opening: StreamOpening, receive: Receive, send: Send) -> None:
        """Send an event stream from its initial response to its end."""
        source = opening.source
        assert opening.call.stream is not None
        writer = EventWriter(opening.call.stream[1], opening.call.form)
        self._open.add(source)
        ready = _Ready(source)
        watcher = asyncio.create_task(ready.watch(receive))
        try:
            headers = [(b"content-type", CONTENT_TYPE.encode()), *opening.headers]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _send_part(send, writer.initial())
            await self._pump(ready, writer, send)
            if not ready.gone:
                await send({"type": "http.response.body", "body": b""})
        except (TimeoutError, ConnectionError, NotKept):
            pass
        finally:
            watcher.cancel()
            self._open.discard(source)
            with self._sim.lock:
                source.close("connection closed")

    async def _pump(self, ready: _Ready, writer: EventWriter, send: Send) -> None:
        source = ready.source
        while not ready.gone:
            ready.event.clear()
            await self._moves.catch_up()
            with self._sim.lock:
                self._sim.clock.catch_up()
                event = source.next_event()
                alarm = None
                if event is None and not source.ended:
                    alarm = self._sim.clock.alarm(source.next_at(), ready.wake)
            if event is not None:
                await safe(self._sim)
                await _send_part(send, writer.event(event))
            elif alarm is None:
                return
            else:
                await ready.event.wait()
                alarm.cancel()


class _Ready:
    """Wakes the task that carries one event stream, from whichever thread the news comes."""

    def __init__(self, source: Pushing) -> None:
        self.source = source
        self.event = asyncio.Event()
        self.gone = False
        self._loop = asyncio.get_running_loop()
        source.on_ready = self.wake

    def wake(self) -> None:
        """There may be something to send."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.event.set)

    async def watch(self, receive: Receive) -> None:
        """Notice that the client went away."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self.event.set()


async def _send_part(send: Send, part: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": part, "more_body": True})
