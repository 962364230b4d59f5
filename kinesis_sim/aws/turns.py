"""Whose call is next, and how much of the answers waits for those who do not take them.

A connection of HTTP/2 brings a hundred calls at once, each of which may be answered with 13 MB that
nobody takes (a window of nothing, RFC 9113, 6.9). So that no client can freeze or fill the server:

1. Between two looks at the sockets one call is carried out, and connections take turns.
2. A connection that has more than so much to take gets no further answer until it has taken some.
3. Beyond so much for all connections together, what reads waits; and whoever has taken nothing
   for a while meanwhile is closed.
4. Nobody's call is carried out once its connection is gone.
5. The parts of an answer that keeps coming count with the answers. None is made before there is
   room, and whoever takes nothing of it meanwhile loses that answer alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
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
    """One connection, or one exchange of it, as others wait for it.

    drop: closes it. left: whether its client is gone.

    untaken: bytes of answers that it has still to take; moved_at: when it last took some, by the
    loop's time.
    """

    def __init__(self, drop: Callable[[], None] = _nothing) -> None:
        self.drop = drop
        self.left = False
        self.untaken = 0
        self.moved_at = 0.0

    def leave(self) -> None:
        """Its client is gone, or wants no answer any more."""
        self.left = True


class CallTurns:
    """The calls and answers of one server, by connection.

    own, all_together: bytes of answers that may be untaken, by one connection and by all.
    """

    def __init__(self, own: int | None = None, all_together: int | None = None) -> None:
        self._own = OWN if own is None else own
        self._most = ALL_TOGETHER if all_together is None else all_together
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
                await self._eases()
            await self._turn(line)
            if line.left:
                raise Gone("The client went away.")
            if not self._is_full(line, reads=reads):
                return

    @property
    def has_room(self) -> bool:
        """Whether more may be made for those who read."""
        return self._untaken <= self._most

    async def room(self, line: ClientLine, lane: ClientLine) -> None:
        """Wait for a turn of a connection's at which more may be made for an exchange of it.

        A client that leaves ends the wait.
        """
        while True:
            while not (lane.left or self.has_room):
                await self._eases()
            await self._turn(line)
            if lane.left or self.has_room:
                return

    async def _eases(self) -> None:
        """Wait a little for others to take something; see that they do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._eased.wait()
        self._drop_stuck()

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


class UntakenParts:
    """An answer that keeps coming, part by part.

    line: its connection. lane: it alone; None where nobody has to wait.
    """

    def __init__(self, turns: CallTurns, line: ClientLine | None, lane: ClientLine | None) -> None:
        self._turns, self._line, self._lane = turns, line, lane
        self._size = 0

    @property
    def is_over(self) -> bool:
        """Whether its client is gone, or was let go of."""
        return self._lane is not None and self._lane.left

    @property
    def has_room(self) -> bool:
        """Whether a part may be made now."""
        return self._lane is None or self._turns.has_room

    async def room(self) -> None:
        """Wait until a part may be made."""
        if self._line is not None and self._lane is not None:
            await self._turns.room(self._line, self._lane)

    def count(self, part: bytes) -> None:
        """The next part is there, and takes room until it was sent."""
        if self._lane is not None:
            self._size += len(part)
            self._turns.count(self._lane, len(part))

    async def send(self, part: bytes, write: Callable[[bytes], Awaitable[None]]) -> None:
        """Write it in pieces, as fast as its client takes them."""
        for at in range(0, len(part), _PART):
            if self.is_over:
                break
            await write(part[at : at + _PART])
            if self._lane is not None:
                self._lane.moved_at = asyncio.get_running_loop().time()
        self.over()

    def over(self) -> None:
        """All was taken, or never will be."""
        if self._lane is not None:
            size, self._size = self._size, 0
            self._turns.count(self._lane, -size)

    def left(self) -> None:
        """The client went away: nobody waits for room any more."""
        if self._lane is not None:
            self._lane.left = True

    def drop(self) -> None:
        """End it: its client takes nothing."""
        if self._lane is not None and not self._lane.left:
            self._lane.left = True
            self._lane.drop()
