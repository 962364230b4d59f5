"""What moto would send over the network on a simulator's behalf: held to the same rule as Firehose.

SNS posts to http and https subscribers, EventBridge to API destinations, API Gateway calls its
integrations, and Lambda, Batch and others start containers through Docker; all of them use the
``requests`` package. While moto works for a simulator, and only then, in that thread and in those
that moto starts, what ``requests`` would send is judged here. It may go to receivers of this
process, to this machine, and with ``outbound`` to others, but never to a machine's metadata (see
``firehose.destinations.addresses``). Containers start with ``outbound`` only. E-mail and text
messages go nowhere: moto has no way to send them.

Who needs no answer gets none: messages of SNS and events are errands, so that a silent subscriber
keeps nobody waiting. What may not go is told in the log, once for each host and cause.
"""

from __future__ import annotations

import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from types import FrameType
from typing import TYPE_CHECKING, Any

from kinesis_sim.firehose.destinations.transport import (
    HttpAnswer,
    HttpRequest,
    Transport,
    Unreachable,
    host_of,
)
from kinesis_sim.mishaps import MOST_CAUSES
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

    from kinesis_sim.simulator import Simulator

PATIENCE_MS = 10_000
_LARGEST_ANSWER = 10 * MIB
_ANSWERS_NOBODY_READS = ("moto.sns.", "moto.events.")
_WEB = ("http://", "https://")
NO_CONTAINERS = "Containers are started with outbound=True (serve --outbound) only."
_LOG = logging.getLogger("kinesis_sim.egress")
_current: ContextVar[Egress | None] = ContextVar("kinesis_sim_egress", default=None)
_last: weakref.ref[Egress] | None = None
"""Whom moto worked for last; what a thread of moto's own sends is taken for theirs."""


def current() -> Egress | None:
    """The way out of the simulator that moto works for in this thread."""
    return _current.get()


class Egress:
    """The way out for one simulator's neighbours."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._told: set[tuple[str, str]] = set()

    @contextmanager
    def only_way_out(self) -> Iterator[None]:
        """Have all that ``requests`` sends in this thread pass here."""
        global _last
        _guard()
        _last = weakref.ref(self)
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @property
    def sim(self) -> Simulator:
        """Whose neighbours they are."""
        return self._sim

    @property
    def outbound(self) -> bool:
        """Whether more than this machine may be spoken to."""
        return self._sim.outbound

    def send(self, prepared: PreparedRequest) -> Response:
        """Send what may go. Raises requests.ConnectionError when there is no answer to give."""
        request = _request(prepared)
        if not request.url.startswith(_WEB):
            return _response(prepared, Unreachable("not allowed", NO_CONTAINERS))
        if self._sim.errands.replaying:  # it was sent when it happened
            return _response(prepared, HttpAnswer(200, {}, b""))
        transport = Transport(self._sim.receivers.hosts, outbound=self._sim.outbound)
        if _needs_answer():
            return _response(prepared, self._speak(transport, request))
        if transport.is_abroad(request.url):
            self._sim.errands.tell(lambda: self._speak(transport, request))
        else:
            self._speak(transport, request)
        return _response(prepared, HttpAnswer(200, {}, b""))

    def _speak(self, transport: Transport, request: HttpRequest) -> HttpAnswer | Unreachable:
        answer = transport.send(request, self._sim.clock.now)
        if isinstance(answer, Unreachable):
            self.unsent(host_of(request.url), answer.message, "unreachable")
        return answer

    def unsent(self, place: str, why: str, cause: str = "") -> None:
        """Tell the log that a place (a host, an ARN) got nothing: once for each cause.

        cause: what of ``why`` is the same every time, such as an error's code; by default all.
        """
        told = place, cause or why
        if told not in self._told and len(self._told) < MOST_CAUSES:
            self._told.add(told)
            _LOG.warning("Nothing was sent to %s: %s", place, why)


@cache
def _guard() -> None:
    """Have ``requests`` ask whether somebody watches the way out. Without, all is as it was."""
    from requests import Session

    send: Callable[..., Response] = Session.send

    def guarded(self: Session, request: PreparedRequest, **options: Any) -> Response:
        egress = _current.get() or _motos_thread()
        is_web = str(request.url).startswith(_WEB)
        if egress is None or (egress.outbound and not is_web):
            return send(self, request, **options)
        return egress.send(request)

    Session.send = guarded  # type: ignore[method-assign]


def _motos_thread() -> Egress | None:
    """The way out of a thread that moto started: an executing state machine, a job of Batch."""
    if _last is None or threading.current_thread() is threading.main_thread():
        return None
    return _last() if _part_of_moto() else None


def _needs_answer() -> bool:
    """Whether the part of moto that sends reads the answer."""
    return not _part_of_moto().startswith(_ANSWERS_NOBODY_READS)


def _part_of_moto() -> str:
    """The module of moto whose code is calling; empty when none is."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("moto."):
            return module
        frame = frame.f_back
    return ""


def _request(prepared: PreparedRequest) -> HttpRequest:
    body: Any = prepared.body or b""
    text = body.encode() if isinstance(body, str) else bytes(body)
    headers = {str(name): str(value) for name, value in prepared.headers.items()}
    return HttpRequest(
        str(prepared.method), str(prepared.url), headers, text, PATIENCE_MS, _LARGEST_ANSWER
    )


def _response(prepared: PreparedRequest, answer: HttpAnswer | Unreachable) -> Response:
    from requests import ConnectionError, Response

    if isinstance(answer, Unreachable):
        raise ConnectionError(answer.message, request=prepared)
    made = Response()
    made.status_code, made.url, made.request = answer.status, str(prepared.url), prepared
    made.headers.update(answer.headers)
    made.raw = BytesIO(answer.body)
    return made
