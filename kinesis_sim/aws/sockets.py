"""Conversations of messages, over WebSockets: neither direction waits for the other.

The handshake's address says what is opened, and is signed like one (``presigned``); a refusal is an
answer to it, in the service's protocol. Pings, fragments and the closing are hypercorn's; a message
of over 128 KiB closes the connection, as does a client that takes nothing for a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import presigned, talks
from kinesis_sim.aws.credential import CredentialScope, claimed, refuse_malformed
from kinesis_sim.aws.exchange import Receive, Reply, Request, Send
from kinesis_sim.aws.push import SEND_SECONDS, Carrier, Ready, as_it_is
from kinesis_sim.aws.rpc import caller, identity
from kinesis_sim.aws.turns import CallTurns, UntakenParts
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Conversation
    from kinesis_sim.aws.door import Door
    from kinesis_sim.aws.moves import Moves
    from kinesis_sim.aws.sigv4 import Verifier
    from kinesis_sim.simulator import Simulator

GOING_AWAY, TOO_BIG = 1001, 1009
"""Codes of a closing (RFC 6455, 7.4.1). Which one AWS closes with is not said: model's choice."""


class Sockets(Carrier):
    """The WebSockets which this server carries at the moment.

    meant: the account in the Region that a call is signed for. verifier: looks at the
    signatures of addresses; None for a server that takes every caller.
    """

    def __init__(
        self,
        sim: Simulator,
        moves: Moves,
        door: Door,
        meant: Callable[[CredentialScope | None], Simulator],
        verifier: Verifier | None,
        turns: CallTurns,
    ) -> None:
        super().__init__(sim, moves)
        self._turns = turns
        self._door, self._meant, self._verifier = door, meant, verifier

    async def carry(self, request: Request, receive: Receive, send: Send) -> None:
        """Answer a handshake, and carry what follows to its end."""
        await receive()
        with self._sim.lock:
            request_id = self._sim.gate.request_id()
        talk = None
        try:
            why = self._door.refusal(request)
            if why is not None:
                raise ServiceError("AccessDeniedException", why, 403)
            credential = claimed(request)
            talk = talks.of_messages(self._sim, request, credential)
            if talk is None:
                raise ServiceError("ResourceNotFoundException", "No WebSocket is served here.", 404)
            await self._moves.catch_up()
            with self._sim.lock:
                self._sim.clock.catch_up()
                source = self._opened(talk, request, credential)
        except ServiceError as error:
            await _refuse(talks.refusal(talk, error, request_id), send)
            return
        await send({"type": "websocket.accept", "headers": identity(request_id)})
        parts = UntakenParts(self._turns, request.line, request.lane)
        await self._talk(source, receive, send, parts)

    def _opened(
        self, talk: tuple[str, str], request: Request, credential: CredentialScope | None
    ) -> Conversation:
        refuse_malformed(request)
        presigned.check(request, self._sim.clock.now)
        if self._verifier is not None:
            self._verifier.check(request)
        sim = self._meant(credential)
        service, name = talk
        params = talks.asked(sim, talk, request)
        return sim.gate.converse(service, name, params, caller(sim.account, request))

    async def _talk(
        self, source: Conversation, receive: Receive, send: Send, parts: UntakenParts
    ) -> None:
        ready = Ready(source, parts, waits=False)
        listener = asyncio.create_task(self._listen(ready, receive))

        async def give(message: bytes) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "websocket.send", "text": message.decode()})

        try:
            with self.carried(source, parts):
                await self.pump(ready, as_it_is, give)
                if not ready.gone:
                    await send({"type": "websocket.close", "code": _code(listener)})
        finally:
            listener.cancel()

    async def _listen(self, ready: Ready, receive: Receive) -> int:
        """Hand on what the client says until it leaves or says too much; the code to close with."""
        source: Conversation = ready.source
        code = GOING_AWAY
        while (message := await receive())["type"] == "websocket.receive":
            part = _part(message)
            if part is None:
                code = TOO_BIG
                break
            await self.take(source, part)
            ready.event.set()
        else:
            ready.leave()
        with self._sim.lock:
            if not source.ended:
                source.finish()
        ready.event.set()
        return code


def _code(listener: asyncio.Task[int]) -> int:
    """What to close with: what the listener says, if it has an opinion."""
    return listener.result() if listener.done() and not listener.cancelled() else GOING_AWAY


def _part(message: Any) -> bytes | None:
    """A message's bytes; None for one that was too long to be kept."""
    text, data = message.get("text"), message.get("bytes")
    if text is not None:
        return str(text).encode("utf-8", "surrogatepass")
    return None if data is None else bytes(data)


async def _refuse(reply: Reply, send: Send) -> None:
    start = {"type": "websocket.http.response.start", "status": reply.status, "headers": reply.head}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": reply.body})
