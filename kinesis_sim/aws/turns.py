"""Whose call is next, and how much of the answers waits for those who do not take them.

A connection of HTTP/2 brings a hundred calls at once, each of which may be answered with 13 MB that
nobody takes (a window of nothing, RFC 9113, 6.9). So that no client can freeze or fill the server:

1. Between two looks at the sockets one call is carried out, and connections take turns.
2. A connection that has more than so much to take gets no further answer until it has taken some.
3. Beyond so much for all connections together, what reads waits; and whoever has taken nothing
   for a while meanwhile is closed.
4. Nobody's call is carried out once its connection is gone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from kinesis_sim.aws.exchange import Gone, Reply, Send
from kinesis_sim.units import KIB, MIB

OWN = 16 * MIB
"""Bytes of answers that one connection may leave untaken before it gets more."""
ALL_TOGETHER = 256 * MIB
"""Bytes of answers that may be untaken over all connections before what reads waits."""
STUCK_SECONDS = 2
"""How long a connection may take nothing while others wait for room."""
_LOOK_SECONDS = 0.25
_PART = 256 * KIB


def _nothing() -> None:
    pass


class ClientLine:
    """One connection, as others wait for it. drop: closes it. left: whether its client is gone.

    untaken: bytes of answers that it has still to take; moved_at: when it last took some, by the
    loop's time.
    """

    def __init__(self, drop: Callable[[], None] = _nothing) -> None:
        self.drop = drop
        self.left = False
        self.untaken = 0
        self.moved_at = 0.0


class CallTurns:
    """The calls and answers of one server, by connection.

    own, all_together: bytes of answers that may be untaken, by one connection and by all.
    """

    def __init__(self, own: int | None = None, all_together: int = ALL_TOGETHER) -> None:
        self._own, self._most = OWN if own is None else own, all_together
        self._waiting: dict[ClientLine, deque[asyncio.Future[None]]] = {}
        self._taken = False
        self._untaken = 0
        self._eased = asyncio.Event()
        self._takers: dict[ClientLine, None] = {}

    async def next(self, line: ClientLine, *, reads: bool) -> None:
        """Wait for the turn of a connection's call. reads: its answer may be large.

        Raises Gone when the client left meanwhile.
        """
        while True:
            while not line.left and self._is_full(line, reads=reads):
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._eased.wait()
                self._drop_stuck()
            await self._turn(line)
            if line.left:
                raise Gone("The client went away.")
            if not self._is_full(line, reads=reads):
                return

    def _is_full(self, line: ClientLine, *, reads: bool) -> bool:
        return line.untaken > self._own or (reads and self._untaken > self._most)

    # --- turns --------------------------------------------------------------------------------

    async def _turn(self, line: ClientLine) -> None:
        loop = asyncio.get_running_loop()
        if not self._taken:  # nobody is before us
            self._taken = True
            loop.call_soon(self._go_on)
            return
        mine: asyncio.Future[None] = loop.create_future()
        self._waiting.setdefault(line, deque()).append(mine)
        await mine

    def _go_on(self) -> None:
        """Let the next one have its turn: of the connection that has waited longest for one."""
        while self._waiting:
            line = next(iter(self._waiting))
            queue = self._waiting.pop(line)
            mine = queue.popleft()
            if queue:
                self._waiting[line] = queue
            if not mine.done():
                mine.set_result(None)
                asyncio.get_running_loop().call_soon(self._go_on)
                return
        self._taken = False

    # --- answers ------------------------------------------------------------------------------

    def count(self, line: ClientLine, size: int) -> None:
        """An answer of so many bytes is there; a negative number takes it away again."""
        if not line.untaken:
            line.moved_at = asyncio.get_running_loop().time()
        was_full = self._is_full(line, reads=True)
        line.untaken += size
        self._untaken += size
        if was_full and size < 0:  # who waits for room may look again
            self._eased.set()
            self._eased = asyncio.Event()
        if line.untaken:
            self._takers[line] = None
        else:
            self._takers.pop(line, None)

    def _drop_stuck(self) -> None:
        """Close the connections that have taken nothing for long, if others wait for room."""
        if self._untaken <= self._most:
            return
        now = asyncio.get_running_loop().time()
        for line in tuple(self._takers):
            if not line.left and now - line.moved_at > STUCK_SECONDS:
                line.left = True
                with suppress(RuntimeError):
                    line.drop()


class UntakenReply:
    """One answer on its way. line: its connection; None for one that nobody has to wait for."""

    def __init__(self, turns: CallTurns, line: ClientLine | None) -> None:
        self._turns, self._line = turns, line
        self._size = 0

    def count(self, reply: Reply) -> None:
        """The answer is there, and takes room until it is ``over``."""
        if self._line is not None:
            self._size = len(reply.body)
            self._turns.count(self._line, self._size)

    def over(self) -> None:
        """It was taken, or never will be."""
        if self._line is not None:
            self._turns.count(self._line, -self._size)

    async def send(self, reply: Reply, send: Send) -> None:
        """Write it, as fast as its client takes it."""
        body, line = reply.body, self._line
        if line is None or len(body) <= _PART:
            await reply.send(send)
            return
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.head})
        for at in range(0, len(body), _PART):
            more = at + _PART < len(body)
            part = {"type": "http.response.body", "body": body[at : at + _PART], "more_body": more}
            await send(part)
            line.moved_at = asyncio.get_running_loop().time()
            if line.left:
                return
