"""The ASGI application: one endpoint for Kinesis, every other AWS service, and the laboratory.

Who may come in is the door's to say, and who is meant is decided before anything is read:
``/health`` and ``/_kinesis_lab/…`` by their paths, our services by X-Amz-Target, by method and path
or by the service in the credential scope, all others by the latter (they go to moto, see
``neighbours``); only a form's Action and Version are looked for in the body.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import pages, query, rest, rpc, talks, unsupported
from kinesis_sim.aws.bodies import Bodies, discard
from kinesis_sim.aws.control import CONTROL_PATH, ControlApi
from kinesis_sim.aws.credential import CredentialScope, claimed, not_a_region
from kinesis_sim.aws.door import Door, grant
from kinesis_sim.aws.exchange import (
    BODY_LIMIT,
    ExchangeRefused,
    Gone,
    Receive,
    Reply,
    Request,
    Send,
    opened,
)
from kinesis_sim.aws.moves import Moves
from kinesis_sim.aws.neighbours import Neighbours, body_limit
from kinesis_sim.aws.outside import may_change
from kinesis_sim.aws.push import Pushes, StreamOpening
from kinesis_sim.aws.safety import safe
from kinesis_sim.aws.sigv4 import Verifier
from kinesis_sim.aws.sockets import Sockets
from kinesis_sim.aws.turns import CallTurns, UntakenParts, UntakenReply
from kinesis_sim.aws.waiting import WaitingCall, settled
from kinesis_sim.aws.wire import format_of
from kinesis_sim.errors import MissingPackage, NotKept, ServiceError, UsageError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_LOG = logging.getLogger("kinesis_sim.server")


class Application:
    """Answers HTTP requests: ``sim`` is the account of whoever names none, in the default Region.

    own_names: our host names, besides local ones. verifier: looks at the signatures of calls to our
    services; None for a server that takes every caller.
    """

    def __init__(
        self, sim: Simulator, own_names: Iterable[str] = (), verifier: Verifier | None = None
    ) -> None:
        self._sim = sim
        self._verifier = verifier
        self._door = Door(own_names)
        self._bodies = Bodies()
        self._turns = CallTurns()
        self._neighbours = Neighbours()
        self.moves = Moves(sim)
        self._control = ControlApi(sim, self.moves)
        self.pushes = Pushes(sim, self.moves)
        self._sockets = Sockets(sim, self.moves, self._door, self._meant, verifier, self._turns)

    def close(self) -> None:
        """End what would otherwise go on: open subscriptions and worker threads."""
        self.moves.close()
        self.pushes.close()
        self._sockets.close()
        self._neighbours.close()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """ASGI's entry."""
        if scope["type"] == "http":
            await self._exchange(opened(scope), receive, send)
        else:
            await self._sockets.carry(opened(scope), receive, send)

    async def _exchange(self, request: Request, receive: Receive, send: Send) -> None:
        waiting = UntakenReply(self._turns, request.line)
        try:
            reply = await self._answered(request, receive, waiting)
            if "origin" in request.headers and self._invites(request):
                reply.headers.extend(grant(request))
            if isinstance(reply, StreamOpening):
                parts = UntakenParts(self._turns, request.line, request.lane)
                await self.pushes.carry(reply, receive, send, parts)
            else:
                await waiting.send(reply, send)
        except Gone:
            return
        finally:
            waiting.over()

    async def _answered(
        self, request: Request, receive: Receive, waiting: UntakenReply
    ) -> Reply | StreamOpening:
        """What a request is answered with, whatever happens. Raises Gone."""
        reply: Reply | StreamOpening | WaitingCall
        with self._sim.lock:
            request_id = self._sim.gate.request_id()
        try:
            reply = await self._admitted(request, receive, request_id)
            if isinstance(reply, WaitingCall):
                meant = self._meant(claimed(request))
                result = await settled(meant, self.moves, reply.pending, receive)
                reply = reply.write(result)
            if isinstance(reply, Reply):
                waiting.count(reply)
            await safe(self._sim)
            return reply
        except Gone:
            raise
        except NotKept as trouble:
            reply = _failure(request, trouble, request_id)
        except ServiceError as unheard:
            reply = self._unheard(request, unheard, request_id)
        except ExchangeRefused as refused:
            error = ServiceError(refused.code, refused.message, refused.status)
            reply = _failure(request, error, request_id)
        except MissingPackage as missing:  # whoever calls is told what to install, and where
            text = f"The server lacks a package. {missing}"
            reply = _failure(request, ServiceError("InternalFailure", text, 500), request_id)
        except Exception as error:
            text = self._sim.clock.mishaps.note(error, f"request {request_id}")
            _LOG.error("Request %s failed: %s", request_id, text)
            reply = _failure(request, ServiceError("InternalFailure", "", 500), request_id)
        finally:
            self._bodies.release(request)
        return reply

    async def _admitted(
        self, request: Request, receive: Receive, request_id: str
    ) -> Reply | StreamOpening | WaitingCall:
        if "transfer-encoding" in request.headers and "content-length" in request.headers:
            return _ambiguous(request, request_id)
        why = self._door.refusal(request)
        if why is not None:
            await discard(request, receive)
            return _failure(request, ServiceError("AccessDeniedException", why, 403), request_id)
        preflight = self._door.preflight(request) if self._invites(request) else None
        return preflight or await self._reply(request, receive, request_id)

    async def _reply(
        self, request: Request, receive: Receive, request_id: str
    ) -> Reply | StreamOpening | WaitingCall:
        credential = claimed(request)
        if credential is None and request.path == "/health" and request.method in ("GET", "HEAD"):
            return Reply(200, b'{"status":"ok"}', "application/json")
        if request.path.startswith(CONTROL_PATH):
            await self._bodies.read(request, receive, BODY_LIMIT)
            return await self._control.answer(request, receive)
        talk = talks.named(self._sim, request, credential)
        if talk is not None:
            await self.moves.catch_up()
            with self._sim.lock:
                self._sim.clock.catch_up()
                verify = self._verifier
                return talks.answer(self._meant(credential), talk, request, request_id, verify)
        page = await self._page(request, receive)
        if page is not None:
            return page
        rest_call = rest.named(self._sim, request, credential)
        if rest_call is not None:
            await self._bodies.read(request, receive, BODY_LIMIT)
            await self._turn(request)
            with self._sim.lock:
                self._sim.clock.catch_up()
                self._verify(request)
                return rest.answer(self._meant(credential), rest_call, request, request_id)
        if self._is_ours(request, credential):
            await self._bodies.read(request, receive, BODY_LIMIT)
            await self._turn(request)
            with self._sim.lock:
                self._sim.clock.catch_up()
                self._verify(request)
                return rpc.answer(self._meant(credential), request, request_id)
        await self._bodies.read(request, receive, body_limit(request, credential))
        call = query.named(self._sim, request)
        if call is not None:
            await self._turn(request)
            with self._sim.lock:
                self._sim.clock.catch_up()
                self._verify(request)
                return query.answer(self._meant(credential), call, request, request_id)
        await self._next(request)
        account = self._sim if credential is None else self._owner(credential)
        return await self._neighbours.answer(account, request, credential, request_id)

    async def _turn(self, request: Request) -> None:
        """Wait until a call may be carried out, now."""
        await self._next(request)
        await self.moves.catch_up()

    async def _next(self, request: Request) -> None:
        """Wait for a request's turn. Raises Gone when nobody wants its answer any more."""
        if request.line is not None:
            await self._turns.next(request.line, reads=not may_change(request))
        if request.lane is not None and request.lane.left:
            raise Gone("The client has reset the stream.")

    async def _page(self, request: Request, receive: Receive) -> Reply | None:
        """What lies at an address that a service of ours gave out."""
        if request.method not in ("GET", "HEAD") or "authorization" in request.headers:
            return None
        await self.moves.catch_up()
        with self._sim.lock:
            self._sim.clock.catch_up()
            found = pages.answer(self._sim, request)
        if found is not None:
            await self._bodies.read(request, receive, BODY_LIMIT)
        return found

    def _verify(self, request: Request) -> None:
        """Raise ServiceError (403) for a call that is not signed as it must be, if it must."""
        if self._verifier is not None:
            self._verifier.check(request)

    def _meant(self, credential: CredentialScope | None) -> Simulator:
        """The account that a call's key is of, in the Region that it is signed for.

        Unsigned calls get the default. Raises ServiceError, in AWS's words, for what is no Region,
        and for one account too many.
        """
        if credential is None:
            return self._sim
        account = self._owner(credential)
        if credential.region == account.region:
            return account
        try:
            return account.in_region(credential.region)
        except UsageError:
            raise not_a_region(credential) from None

    def _owner(self, credential: CredentialScope) -> Simulator:
        """The account that a call's key is of, in the default Region."""
        return self._sim.accounts.of_key(credential.access_key)

    def _is_ours(self, request: Request, credential: CredentialScope | None) -> bool:
        if rpc.targeted(self._sim, request) is not None:
            return True
        if credential is not None:
            ours = self._sim.gate.services()
            return credential.service in ours and credential.service not in rest.services(ours)
        return not self._neighbours.recognise(request)

    def _unheard(self, request: Request, error: ServiceError, request_id: str) -> Reply:
        """A refusal before any service heard of the call, in the protocol that it came in."""
        if rpc.targeted(self._sim, request) is not None:
            return _failure(request, error, request_id)
        return unsupported.answer(request, claimed(request), (), request_id, error=error)

    def _invites(self, request: Request) -> bool:
        """Whether a page may read the answer: one of our own, and not the laboratory's."""
        return self._door.is_own_origin(request) and not request.path.startswith(CONTROL_PATH)


def _ambiguous(request: Request, request_id: str) -> Reply:
    """The answer to a request of two lengths, after which nothing is read (RFC 9112, 6.1).

    A proxy in front of us may have taken the other one, and what follows for part of the body.
    """
    text = "A request has a Content-Length or a Transfer-Encoding, not both."
    reply = _failure(request, ServiceError("BadRequestException", text), request_id)
    reply.headers.append((b"connection", b"close"))
    return reply


def _failure(request: Request, error: ServiceError, request_id: str) -> Reply:
    form = format_of(request.content_type)
    if form is None and error.status == 403:  # S3's and the query protocol's callers read XML
        return query.failure(error, request_id)
    form = form or format_of(rpc.JSON_TYPE)
    assert form is not None
    return rpc.refusal(form, error, rpc.identity(request_id))
