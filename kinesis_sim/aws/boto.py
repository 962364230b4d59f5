"""In-process boto3 clients: real ones, answered without a socket, bound to one simulator.

Three hooks on the client's own events, nothing global (measured in ``benchmarks/``):

1. ``before-parameter-build`` keeps the caller's parameters: the body need not be decoded again.
2. ``before-call`` answers. A success goes back parsed. An error, or a streamed answer, is
   remembered in the request's context and botocore goes its normal way …
3. … to ``before-send``, which gives the remembered answer to the first attempt and makes the call
   anew for each retry, so that the SDK's own retry handlers decide. (``request-created`` says whose
   request it is: while one backs off, the clock may fire actions that use the same client.)

Whoever sleeps in botocore (back-off, waiters) moves the simulator's clock instead, and jitter is
drawn from the simulator's seed. Timestamps in answers are in UTC, whatever the machine's zone.
"""

from __future__ import annotations

import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.endpoint
import botocore.exceptions
import botocore.retries.standard
import botocore.retryhandler
import botocore.session
import botocore.waiter
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.parsers import ResponseParserFactory
from botocore.validate import ParamValidationDecorator

from kinesis_sim.account.calls import Answer, Caller, Pending, Pushing
from kinesis_sim.arguments import said
from kinesis_sim.aws import foreign
from kinesis_sim.aws.conversions import inbound, present, timestamps_to
from kinesis_sim.aws.model import event_stream, service_model, shared_loader, streamed
from kinesis_sim.aws.wire import rest_json
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import to_datetime, to_ms
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from kinesis_sim.simulator import Simulator

_IN_PROCESS = Config(
    user_agent="kinesis-lab",
    ignore_configured_endpoint_urls=True,
    account_id_endpoint_mode="disabled",
)
"""An AWS_ENDPOINT_URL is for tools outside; what is in process is answered here. Nobody reads the
User-Agent of a call that never leaves; composing it is a fifth of its cost. Of hosts that begin
with an account's number (DynamoDB's change streams) moto knows nothing."""
_LOOK_MS = 50
"""How often a waiting in-process call looks again on a clock that follows the wall (in its ms)."""
_KEPT = "kinesis_sim.parameters"
_CALL = "kinesis_sim.call"
_CONTENT_TYPE = "application/x-amz-json-1.1"


class Clients:
    """The boto3 clients of one simulator, all from one session of its own."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._session = boto3.Session(botocore_session=_session(sim.region))
        self._time = _SimulatedTime(sim)
        self._random = _SimulatedRandom(sim)
        self._before: dict[str, list[Callable[[], object]]] = {}
        self._kept: dict[str, Any] = {}

    def before_calls(self, service: str, tell: Callable[[], object]) -> None:
        """Call ``tell`` before every call of a service that is moto's."""
        self._before.setdefault(service, []).append(tell)

    @typed
    def make(self, service: str, **options: Any) -> Any:
        """A client of a service, answered by this simulator or, for what it has not, by moto.

        One with another ``region_name`` is of the account in that Region; one with the access key
        of another account (its number, or a key that its IAM or STS gave, such as AssumeRole's) is
        of that account, on the same clock. An ``endpoint_url`` may be one that the service gave out
        itself. Raises UsageError for a Region that AWS does not have, for one account too many, or
        any other endpoint.
        """
        key = options.get("aws_access_key_id")
        owner = self._sim.accounts.named_by(key) if isinstance(key, str) else None
        if owner is not None and owner.account != self._sim.account:
            theirs: Any = owner.clients.make(
                service, **{"region_name": self._sim.region, **options}
            )
            return theirs
        region = options.pop("region_name", None) or self._sim.region
        if region != self._sim.region:
            client: Any = self._sim.in_region(region).clients.make(service, **options)
            return client
        if not self._is_own(service, options.get("endpoint_url")):
            raise UsageError(
                "endpoint_url: sim.client answers in process; for a server use boto3.client itself."
            )
        client = self._made(service, options)
        if service in self._sim.gate.services():
            _Carrier(self._sim, service).attach(client)
            ours = partial(self._sim.gate.answers, service)
            foreign.guard(client, self._sim.account, but=ours)
        else:
            self._leave_to_moto(client)
            client.meta.events.register_first("before-call", lambda **_: self._announce(service))
        return client

    def kept(self, service: str) -> Any:
        """The client of a service that the simulator itself calls with.

        It is made once: that takes longer than many a call.
        """
        client = self._kept.get(service)
        if client is None:
            client = self._kept[service] = self.make(service)
        return client

    def _is_own(self, service: str, endpoint: object) -> bool:
        """Whether an endpoint is none, or one that a service of ours gave out for itself."""
        if endpoint is None:
            return True
        sim = self._sim
        if service not in sim.gate.services() or not isinstance(endpoint, str):
            return False
        return sim.services[service].hosts(urlsplit(endpoint).hostname or "")

    def _announce(self, service: str) -> None:
        for tell in self._before.get(service, ()):
            tell()

    def make_elsewhere(self, service: str) -> Any:
        """A client of a service as moto keeps it, also where the simulator has one of its own."""
        client = self._made(service, {})
        self._leave_to_moto(client)
        return client

    def _made(self, service: str, options: Answer) -> Any:
        options["config"] = _IN_PROCESS.merge(options.pop("config", None) or _IN_PROCESS)
        try:
            client = self._session.client(service, region_name=self._sim.region, **options)
        except botocore.exceptions.UnknownServiceError:
            raise UsageError(
                f"service={said(service)}: boto3 knows no service of that name; s3 and "
                "dynamodb are two that it knows."
            ) from None
        self._wait_on_the_clock(client)
        return client

    def _leave_to_moto(self, client: Any) -> None:
        from kinesis_sim.aws import neighbours

        foreign.guard(client, self._sim.account)
        neighbours.attach(client, self._sim.account, self._sim.egress)

    def _wait_on_the_clock(self, client: Any) -> None:
        endpoint = client._endpoint
        endpoint._needs_retry = types.MethodType(self._needs_retry, endpoint)
        get_waiter = client.get_waiter

        def get_simulated_waiter(waiter_name: str) -> Any:
            waiter = get_waiter(waiter_name)
            wait = _with_globals(_unwrapped(botocore.waiter.Waiter.wait), time=self._time)
            waiter.wait = types.MethodType(wait, waiter)
            return waiter

        client.get_waiter = get_simulated_waiter

    def _needs_retry(self, endpoint: Any, *args: Any, **kwargs: Any) -> Any:
        """botocore's decision to try again; its sleep comes after the draw, as simulated time."""
        delays: list[float] = []
        notebook = types.SimpleNamespace(sleep=delays.append)
        decide = _with_globals(botocore.endpoint.Endpoint._needs_retry, time=notebook)
        with self._random.drawn():
            verdict = decide(endpoint, *args, **kwargs)
        for seconds in delays:
            self._time.sleep(seconds)
        return verdict


@lru_cache(maxsize=4)
def _botocores_own(count: int) -> HierarchicalEmitter:
    """botocore's own handlers, ``count`` of them: to register them is most of a session's cost."""
    events = HierarchicalEmitter()
    botocore.session.Session(event_hooks=events)
    return events


def _session(region: str) -> botocore.session.Session:
    """A botocore session that reads no configuration of the machine's and answers in UTC."""
    session = botocore.session.Session(
        session_vars={"profile": (None, None, None, None)},
        event_hooks=copy(_botocores_own(len(BUILTIN_HANDLERS))),  # moto adds one when it loads
        include_builtin_handlers=False,
    )
    session.register_component("data_loader", shared_loader())
    session.set_config_variable("region", region)
    session.set_credentials("AKIAIOSFODNN7EXAMPLE", "kinesis-lab")
    parsers = ResponseParserFactory()
    parsers.set_parser_defaults(timestamp_parser=_utc)
    session.register_component("response_parser_factory", parsers)
    return session


def _utc(value: Any) -> datetime:
    from botocore.utils import parse_to_aware_datetime

    return to_datetime(to_ms(parse_to_aware_datetime(value)))


class _Carrier:
    """Carries the calls of one client to the gate and the answers back."""

    def __init__(self, sim: Simulator, service: str) -> None:
        self._sim = sim
        self._service = service
        protocol = service_model(service).metadata["protocol"]
        self._kind = rest_json.CONTENT_TYPE if protocol == "rest-json" else _CONTENT_TYPE
        self._caller = Caller(sim.account, f"arn:aws:iam::{sim.account}:root")
        self._sending = threading.local()

    def attach(self, client: Any) -> None:
        """Hook into the client's own events."""
        self._model = client.meta.service_model
        self._validated = isinstance(client._serializer, ParamValidationDecorator)
        events, name = client.meta.events, self._model.service_id.hyphenize()
        events.register_last(f"before-parameter-build.{name}", self._keep)
        events.register_last(f"before-call.{name}", self._answer)
        events.register_first(f"request-created.{name}", self._created)
        events.register_first(f"before-send.{name}", self._send)

    def _keep(self, params: Answer, context: Answer, **_: Any) -> None:
        context[_KEPT] = params

    def _answer(
        self, model: OperationModel, context: Answer, **_: Any
    ) -> tuple[AWSResponse, Answer] | None:
        if not self._sim.gate.answers(self._service, model.name):
            return None
        params = context[_KEPT]
        convert = inbound(model.input_shape)
        plain = params if convert is None else convert(params)
        if not self._validated:
            plain = present(model.input_shape, plain)
        call = context[_CALL] = _Call(model, plain)
        if model.has_event_stream_output or model.has_streaming_output:
            return None
        try:
            answer, headers = self._call(model, plain)
        except ServiceError as error:
            call.refusal = error
            return None
        visit = _to_datetimes(model.service_model.service_name, model.name)
        if visit is not None:
            visit(answer)
        answer["ResponseMetadata"] = {
            "RequestId": headers["x-amzn-requestid"],
            "HTTPStatusCode": model.http.get("responseCode", 200),
            "HTTPHeaders": headers,
            "RetryAttempts": 0,
        }
        return _OK, answer

    def _created(self, request: Any, **_: Any) -> None:
        """An attempt is about to be sent: nothing else runs in this thread until it is."""
        self._sending.call = request.context.get(_CALL)

    def _send(self, request: Any, event_name: str, **_: Any) -> Any:
        call: _Call | None = self._sending.call
        if call is None:
            from kinesis_sim.aws import neighbours

            sim, operation = self._sim, event_name.rpartition(".")[2]
            return neighbours.ask(request, sim.account, self._model, operation, sim.egress)
        model, plain = call.model, call.params
        refusal, call.refusal = call.refusal, None
        try:
            if refusal is not None:
                raise refusal
            answer, headers = self._call(model, plain)
        except ServiceError as error:
            return self._refusal(request.url, model, error)
        if model.has_event_stream_output:
            from kinesis_sim.aws.wire.event_stream import CONTENT_TYPE

            body: Any = _PushedBody(self._sim, model, answer)
            return AWSResponse(request.url, 200, {**headers, "content-type": CONTENT_TYPE}, body)
        source = _coming(model, answer)
        if source is not None:
            told = rest_json.answer(model, answer)
            own = {**headers, **told.headers, "content-type": told.content_type}
            return AWSResponse(request.url, told.status, own, _StreamedBody(self._sim, source))
        if _is_rest(model):
            return _carried(request.url, rest_json.answer(model, answer), headers)
        from kinesis_sim.aws.wire.json import JSON

        document = JSON.dumps(JSON.writer(model.output_shape)(answer))
        return AWSResponse(request.url, 200, headers, _Body(document))

    def _call(self, model: OperationModel, plain: Answer) -> tuple[Answer, dict[str, str]]:
        """One call through the gate.

        It takes its latency of simulated time, also when it is refused.
        """
        sim = self._sim
        with sim.lock:
            sim.clock.catch_up()
            try:
                answer = sim.gate.begin(self._service, model.name, plain, self._caller)
            finally:
                if sim.latency is not None and sim.clock.is_manual:
                    data_plane = sim.services[self._service].data_plane
                    sim.clock.pause(sim.latency.of(model.name in data_plane))
            if isinstance(answer, dict):
                return answer, self._headers()
        found = self._await(answer)
        with sim.lock:
            return found, self._headers()

    def _await(self, pending: Pending) -> Answer:
        """Wait for an answer: a manual clock is moved; others run while the lock is free."""
        clock, lock = self._sim.clock, self._sim.lock
        while True:
            with lock:
                now = clock.catch_up()
                answer = pending.attempt(now)
                if answer is not None:
                    return answer
                if clock.is_firing:
                    return pending.over()
                soonest = pending.look_again(now)
                soonest = min(soonest, clock.next_due() or soonest)
                if clock.is_manual:
                    clock.pause(soonest - now)
                    continue
            clock.rest(min(soonest - now, _LOOK_MS))

    def _headers(self) -> dict[str, str]:
        return {
            "x-amzn-requestid": self._sim.gate.request_id(),
            "date": _http_date(self._sim.clock.now // 1000),
            "content-type": self._kind,
        }

    def _refusal(self, url: str, model: OperationModel, error: ServiceError) -> AWSResponse:
        from kinesis_sim.aws.wire.refusals import refusal

        with self._sim.lock:
            headers = self._headers()
        service = model.service_model
        told = refusal(service, service.resolved_protocol, error, headers["x-amzn-requestid"])
        return _carried(url, told, headers)


@dataclass(slots=True)
class _Call:
    """A call under way. refusal: the error that the first attempt has yet to be told."""

    model: OperationModel
    params: Answer
    refusal: ServiceError | None = None


class _Body:
    """The bytes of an answer, as botocore reads them from a socket."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any, **__: Any) -> bytes:
        content, self._content = self._content, b""
        return content


def _coming(model: OperationModel, answer: Answer) -> Pushing | None:
    """The body of an answer that keeps coming, taken out of it; None when it is there whole."""
    member = streamed(model)
    if member is None or not hasattr(answer.get(member), "next_event"):
        return None
    source: Pushing = answer.pop(member)
    return source


def _is_rest(model: OperationModel) -> bool:
    return bool(model.service_model.metadata["protocol"] == "rest-json")


def _carried(url: str, outgoing: rest_json.Outgoing, headers: dict[str, str]) -> AWSResponse:
    """An answer as if it had come from a socket."""
    own = {**headers, **outgoing.headers, "content-type": outgoing.content_type}
    return AWSResponse(url, outgoing.status, own, _Body(outgoing.body))


class _Comings:
    """What keeps coming of an answer: waiting for the next of it moves the simulated clock."""

    def __init__(self, sim: Simulator, source: Pushing) -> None:
        self._sim, self._source = sim, source

    def _events(self) -> Iterator[Any]:
        while True:
            with self._sim.lock:
                self._sim.clock.catch_up()
                event = self._source.next_event()
            if event is not None:
                yield event
            elif self._source.ended or self._sim.clock.is_firing:
                return  # inside a scheduled action no time passes: what is not there will not come
            else:
                self._wait()

    def _wait(self) -> None:
        clock = self._sim.clock
        with self._sim.lock:
            soonest = min(self._source.next_at(), clock.next_due() or 1 << 62)
            ms = max(1, soonest - clock.now)
        _let_pass(self._sim, ms if clock.is_manual else min(ms, _LOOK_MS))

    def close(self) -> None:
        """The consumer went away."""
        with self._sim.lock:
            self._source.close("consumer went away")


class _PushedBody(_Comings):
    """An answer's event stream as the body of a response."""

    def __init__(self, sim: Simulator, model: OperationModel, answer: Answer) -> None:
        super().__init__(sim, answer[event_stream(model)])
        self._model = model

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """Frames of the event stream, the initial response first."""
        from kinesis_sim.aws.wire.event_stream import EventWriter
        from kinesis_sim.aws.wire.json import JSON

        writer = EventWriter(self._model.get_event_stream_output(), JSON)
        yield writer.initial()
        yield from map(writer.event, self._events())


class _StreamedBody(_Comings):
    """An answer's body that keeps coming, as botocore's StreamingBody reads it."""

    def __init__(self, sim: Simulator, source: Pushing) -> None:
        super().__init__(sim, source)
        self._parts = self._events()
        self._held = bytearray()

    def read(self, amt: int | None = None, *_: Any, **__: Any) -> bytes:
        """So many bytes, or all until it ends."""
        held = self._held
        while amt is None or len(held) < amt:
            part = next(self._parts, None)
            if part is None:
                break
            held += part
        taken = bytes(held if amt is None else held[:amt])
        del held[: len(taken)]
        return taken

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All of it, part by part."""
        yield from self._parts


_OK = AWSResponse("https://kinesis.simulated/", 200, {}, _Body(b""))


@lru_cache(maxsize=4096)
def _to_datetimes(service: str, name: str) -> Callable[[Answer], None] | None:
    """By names: every client has a model of its own, which a cache of models would keep alive."""
    return timestamps_to(_datetime, service_model(service).operation_model(name).output_shape)


@lru_cache(maxsize=4096)
def _datetime(ms: int) -> datetime:
    return to_datetime(ms)


@lru_cache(maxsize=16)
def _http_date(seconds: int) -> str:
    return to_datetime(seconds * 1000).strftime("%a, %d %b %Y %H:%M:%S GMT")


# --- time and chance inside botocore --------------------------------------------------------------


class _SimulatedTime:
    """Stands in for the ``time`` module where botocore sleeps."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    def sleep(self, seconds: float) -> None:
        """Let the simulator's time pass."""
        _let_pass(self._sim, round(seconds * 1000))


def _let_pass(sim: Simulator, ms: int) -> None:
    """A manual clock is moved.

    One that follows the wall is slept on with the lock free, so that others go on. Inside a
    scheduled action time stands still.
    """
    clock = sim.clock
    with sim.lock:
        if clock.is_manual or clock.is_firing:
            clock.pause(ms)
            return
    clock.rest(ms)
    with sim.lock:
        clock.catch_up()


class _SimulatedRandom:
    """Draws the jitter of botocore's back-off from the simulator's seed.

    botocore asks the ``random`` module, which is one for the whole process; it is put into this
    simulator's state for the length of the draw, one thread at a time, and back.
    """

    _drawing = threading.Lock()

    def __init__(self, sim: Simulator) -> None:
        self._state = sim.chance.random("back-off").getstate()

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Meanwhile the module's generator is in this simulator's state."""
        import random

        with self._drawing:
            outside = random.getstate()
            random.setstate(self._state)
            try:
                yield
            finally:
                self._state = random.getstate()
                random.setstate(outside)


def _unwrapped(function: Any) -> Any:
    """The function inside botocore's context decorator."""
    return getattr(function, "__wrapped__", function)


def _with_globals(function: Any, **replaced: Any) -> Any:
    """A copy of a function that sees other names in place of its module's."""
    return types.FunctionType(
        function.__code__,
        {**function.__globals__, **replaced},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
