"""Connections: hypercorn's protocol machines for HTTP/1.1 and HTTP/2 on sockets of our own.

hypercorn's ``serve`` would do, but for one fault (0.18): a connection that the client has closed
stays open until its idle time is over, and every call of the AWS CLI is a connection. Its parts are
used here instead, with a reading loop that ends when the client does, answers that leave in one
piece, and streams that outlive a client's GOAWAY.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.ws_stream import WebsocketBuffer

from kinesis_sim.aws import multiplex
from kinesis_sim.aws.exchange import LANE, LINE
from kinesis_sim.aws.turns import ClientLine
from kinesis_sim.clock import processor_seconds

if TYPE_CHECKING:
    from hypercorn.config import Config
    from hypercorn.protocol.h2 import H2Protocol
    from wsproto.events import Message

_CHUNK = 256 * 1024
_LEAST_CHUNK = 4 * 1024
_PREFACE = 24
"""Bytes with which a client begins HTTP/2: read alone, so that bounds are there before frames."""
_TURN_SECONDS = 0.01
"""Of processor time: what one connection's bytes may take before all others have a turn."""
_SMALL = 16 * 1024
_BACKLOG = 512
_TLS_HANDSHAKE_SECONDS = 10
_LINGER_SECONDS = 10
KEPT_SECONDS = 3600
"""How long a connection that has had an answer may be silent, while there is room."""
_MOST = 10_000
_OTHERS = 64
"""File handles left for all but connections."""
_LOG = logging.getLogger("kinesis_sim.server")


class Connection(TCPServer):
    """One client's connection, in whichever version of HTTP it speaks."""

    line: ClientLine
    idle = True
    _served = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._held = bytearray()
        self._resets: set[asyncio.Task[None]] = set()

    def drop(self) -> None:
        """Close at once: its place is needed."""
        self.writer.transport.abort()

    def end(self, stream: Any) -> None:
        """End one exchange at once: of HTTP/2 its stream, of what has no streams the connection."""
        protocol = multiplex.carrier(stream)
        if protocol is None:
            self.drop()
            return
        task = self.loop.create_task(self._reset(protocol, stream.stream_id))
        self._resets.add(task)
        task.add_done_callback(self._resets.discard)

    async def _reset(self, protocol: H2Protocol, stream_id: int) -> None:
        """Reset a stream; a client that does not even take the word of it is closed."""
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                await multiplex.reset(protocol, stream_id)
        except TimeoutError:
            self.drop()

    async def _idle_timeout(self) -> None:
        """Wait for the next request.

        A client that has had an answer may keep its connection for long, so that it hardly ever
        sends a request to one that is being closed.
        """
        patience = KEPT_SECONDS if self._served else self.config.keep_alive_timeout
        with suppress(TimeoutError):
            await asyncio.wait_for(self.context.terminated.wait(), patience)
        await asyncio.shield(self._initiate_server_close())

    async def protocol_send(self, event: Event) -> None:
        """Carry out what the protocol asks for; nobody waits for a client that has left."""
        if isinstance(event, RawData) and self.writer.transport.is_closing():
            self.line.left = True  # asyncio would complain of every piece that it cannot send
        elif isinstance(event, RawData) and len(event.data) < _SMALL:
            self._hold(event.data)
            await self._patience()
        elif not (self.line.left and isinstance(event, Updated)):
            if isinstance(event, Updated):
                self.idle, self._served = event.idle, self._served or not event.idle
            self._release()
            await super().protocol_send(event)

    def _hold(self, data: bytes) -> None:
        """Keep a small piece until the task at hand pauses: head and body leave as one."""
        if not self._held:
            self.loop.call_soon(self._release)
        self._held += data
        if len(self._held) >= _SMALL:
            self._release()

    async def _patience(self) -> None:
        """Wait while the client does not take what it was sent."""
        try:
            await self.writer.drain()
        except (ConnectionError, RuntimeError):
            await self.protocol.handle(Closed())

    def _release(self) -> None:
        if self._held:
            held, self._held = self._held, bytearray()
            if not self.writer.transport.is_closing():
                self.writer.write(held)

    async def _close(self) -> None:
        """Close when all is sent; a client that takes nothing any more is not waited for long."""
        impatience = self.loop.call_later(_LINGER_SECONDS, self.writer.transport.abort)
        try:
            await super()._close()
        finally:
            impatience.cancel()

    async def _read_data(self) -> None:
        """Hand on what comes, by turns with all other connections.

        A chunk of a film is taken in no time; of the smallest frames, 20,000 fit into as much, and
        their machine takes them all before anybody else is heard. So less is read of who gives
        that much to do.
        """
        most = _PREFACE
        try:
            while data := await self.reader.read(most):
                begun = processor_seconds()
                multiplex.let_streams_end(self.protocol.protocol)
                multiplex.bound_resets(self.protocol.protocol)
                await self.protocol.handle(RawData(data))
                if not self.idle and multiplex.is_idle(self.protocol.protocol):
                    await self.protocol_send(Updated(idle=True))  # what was asked was reset
                if most == _PREFACE:
                    most = _CHUNK // 4
                elif processor_seconds() - begun > _TURN_SECONDS:
                    most = max(_LEAST_CHUNK, most // 4)
                else:
                    most = min(_CHUNK, most * 2)
                await asyncio.sleep(0)
        except OSError:  # reset by the client, or its TLS broke
            pass
        self.line.left = True
        await self.protocol.handle(Closed())
        await self.idle_task.stop()


class _Bounded(WebsocketBuffer):
    """A message of a WebSocket in the making, of which no more is kept than may come.

    hypercorn's own (0.18) grows with every piece that follows one that was too much. One that is
    too long is handed on as neither text nor bytes.
    """

    def extend(self, event: Message[Any]) -> None:
        """Take the next piece of the message."""
        self.length += len(event.data)
        if self.length <= self.max_length:
            super().extend(event)
            self.length -= len(event.data)

    def to_message(self) -> dict[str, Any]:
        """The message as ASGI has it."""
        if self.length > self.max_length:
            return {"type": "websocket.receive", "bytes": None, "text": None}
        return super().to_message()


class _Wrapper(ASGIWrapper):
    """Hands a connection's requests on; WebSockets without compression, with bounded messages.

    wsproto inflates whatever a read brought at once: a few KiB may become hundreds of MiB.
    """

    connection: Connection

    async def __call__(self, scope: Any, receive: Any, send: Any, *more: Any) -> None:
        """ASGI's entry, as hypercorn calls it."""
        stream = send.__self__
        scope[LINE] = self.connection.line
        scope[LANE] = ClientLine(lambda: self.connection.end(stream))
        protocol = multiplex.carrier(stream)
        if protocol is not None:
            multiplex.be_patient(protocol, stream.stream_id)
            multiplex.tell_of_end(stream, scope[LANE].leave)
            scope[LANE].left = stream.closed
        if scope["type"] == "websocket":
            stream.handshake.extensions = None
            stream.buffer = _Bounded(stream.config.websocket_max_message_size)
        await super().__call__(scope, receive, send, *more)


class Connections:
    """All connections of one server. application: the ASGI application that answers them."""

    def __init__(self, application: Any, config: Config) -> None:
        self._application = application
        self._config = config
        self._context = WorkerContext(None)
        self._servers: list[asyncio.Server] = []
        self._tasks: dict[asyncio.Task[None], Connection] = {}
        self._most = most_connections()

    async def open(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Take connections from a listening socket."""
        patience = None if tls is None else _TLS_HANDSHAKE_SECONDS
        server = await asyncio.start_server(
            self._connected,
            sock=listener,
            backlog=_BACKLOG,
            limit=_CHUNK,
            ssl=tls,
            ssl_handshake_timeout=patience,
        )
        self._servers.append(server)

    async def close(self, grace: float) -> None:
        """Take no more, close idle ones, give the others ``grace`` seconds, then end them."""
        for server in self._servers:
            server.close()
        await self._context.terminated.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                self._tasks[task].drop()
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        line = ClientLine()
        application = _Wrapper(self._application)
        connection = Connection(application, loop, self._config, self._context, {}, reader, writer)
        connection.line, line.drop = line, connection.drop
        application.connection = connection
        self._make_room()
        task = asyncio.create_task(self._talk(connection))
        self._tasks[task] = connection
        task.add_done_callback(self._tasks.pop)

    def _make_room(self) -> None:
        """File handles are few: the oldest connection that nobody uses goes for a new one."""
        if len(self._tasks) >= self._most:
            idle = next((each for each in self._tasks.values() if each.idle), None)
            if idle is not None:
                idle.idle = False  # it is going: the next one in need takes another
                idle.drop()

    async def _talk(self, connection: Connection) -> None:
        try:
            await connection
        except Exception as error:  # the client broke the protocol; it is gone, the server is not
            _LOG.warning("A connection was closed: %r", _innermost(error))


def most_connections() -> int:
    """How many connections the process's file handles have room for."""
    try:
        import resource
    except ImportError:  # Windows, whose sockets are no file handles
        return _MOST
    handles = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if handles == resource.RLIM_INFINITY else max(8, min(_MOST, handles - _OTHERS))


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
