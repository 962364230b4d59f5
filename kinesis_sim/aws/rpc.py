"""The AWS JSON protocol (and its CBOR twin): POST, ``X-Amz-Target``, one document each way.

Services whose model says so also take Smithy's RPC v2, as the Java SDK speaks it to CloudWatch: the
path names the operation instead, a header the protocol, and an operation without input has no body.

The order of checks and the answers to what is no call at all are those that kinesalite's tests
(test/connection.js) recorded against AWS: a body that does not parse, an operation that is not
known, a signature that is broken, then the operation itself.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.credential import claimed, refuse_malformed
from kinesis_sim.aws.exchange import BODY_LIMIT, Header, Reply, Request, unzipped
from kinesis_sim.aws.push import StreamOpening
from kinesis_sim.aws.waiting import WaitingCall
from kinesis_sim.aws.wire import Convert, Format, format_of
from kinesis_sim.aws.wire.event_stream import CONTENT_TYPE, EventWriter
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Caller
    from kinesis_sim.simulator import Simulator

JSON_TYPE = "application/x-amz-json-1.1"
CBOR_TYPE = "application/x-amz-cbor-1.1"
RPC_V2_TYPE = "application/cbor"
_RPC_V2 = "rpc-v2-cbor"
_RPC_V2_PATH = re.compile(r"/service/(\w+)/operation/(\w+)$")
_OLD_JSON_TYPE = "application/json"
NOT_A_CALL = "Unable to determine service/operation name to be authorized"


@dataclass(frozen=True, slots=True)
class Call:
    """An operation as one wire format carries it.

    read: document → parameters; write: answer → document; empty: AWS answers with no body at all;
    stream: the member that is an event stream, with its shape; zips: its body may come as gzip.
    """

    service: str
    operation: str
    form: Format
    read: Convert
    write: Convert
    empty: bool
    stream: tuple[str, Any] | None
    zips: bool


@lru_cache(maxsize=1024)
def call_of(service: str, operation: str, content_type: str) -> Call | None:
    """The compiled operation, or None when botocore's model has no such one."""
    from kinesis_sim.aws.model import event_stream, service_model

    form, model = format_of(content_type), service_model(service)
    if form is None or operation not in model.operation_names:
        return None
    shapes = model.operation_model(operation)
    output = shapes.output_shape
    found = event_stream(shapes) if shapes.has_event_stream_output else None
    return Call(
        service,
        operation,
        form,
        read=form.reader(shapes.input_shape) if shapes.input_shape else dict,
        write=form.writer(output) if output and not found else dict,
        empty=output is None,
        stream=(found, shapes.get_event_stream_output()) if found else None,
        zips=shapes.request_compression is not None,
    )


@lru_cache(maxsize=8)
def _targets(services: tuple[str, ...], protocols: frozenset[str]) -> dict[str, str]:
    from kinesis_sim.aws.model import service_model

    models = {name: service_model(name).metadata for name in services}
    return {
        row["targetPrefix"]: name
        for name, row in models.items()
        if "targetPrefix" in row and protocols & {row["protocol"], *row.get("protocols", ())}
    }


def _is_rpc_v2(request: Request) -> bool:
    return request.headers.get("smithy-protocol") == _RPC_V2


def _named(request: Request) -> tuple[str, str]:
    """The prefix of a service and the operation that the request names; empty for none."""
    if _is_rpc_v2(request):
        match = _RPC_V2_PATH.search(request.path)
        return (match[1], match[2]) if match else ("", "")
    prefix, _, operation = request.headers.get("x-amz-target", "").partition(".")
    return prefix, operation


def targeted(sim: Simulator, request: Request) -> str | None:
    """The service of ours that the request names by target or path, if the operation is ours."""
    prefix, operation = _named(request)
    protocols = {"smithy-rpc-v2-cbor"} if _is_rpc_v2(request) else {"json"}
    service = _targets(sim.gate.services(), frozenset(protocols)).get(prefix)
    return service if service is not None and sim.gate.answers(service, operation) else None


def answer(
    sim: Simulator, request: Request, request_id: str
) -> Reply | StreamOpening | WaitingCall:
    """Carry out one call.

    The caller holds the simulator's lock. Raises Refused for a body that cannot be unpacked.
    """
    headers = identity(request_id)
    form = _format(request)
    if form is not None and form.content_type == RPC_V2_TYPE:
        headers.append((b"smithy-protocol", _RPC_V2.encode()))
    try:
        return _answer(sim, request, form, headers)
    except ServiceError as error:
        old = _old_code(targeted(sim, request), error)
        return refusal(form or _default_form(request), error, [*headers, *old])


def _format(request: Request) -> Format | None:
    """What the request is written in. The media type of RPC v2 is none of the older protocols'."""
    if _is_rpc_v2(request):
        return format_of(RPC_V2_TYPE)
    return None if request.content_type == RPC_V2_TYPE else format_of(request.content_type)


def _old_code(service: str | None, error: ServiceError) -> list[Header]:
    """See ``model.query_error``."""
    from kinesis_sim.aws.model import query_error, service_model

    rows = query_error(service_model(service), error) if service else {}
    return [(name.encode(), value.encode()) for name, value in rows.items()]


def refusal(form: Format, error: ServiceError, headers: list[Header]) -> Reply:
    """An error as an answer."""
    return Reply(error.status, form.error(error.code, error.message), form.content_type, headers)


def identity(request_id: str) -> list[Header]:
    """The two headers by which AWS finds an exchange again. The second is 72 bytes in base64."""
    digest = sha512(request_id.encode()).digest()
    extended = b64encode(digest + digest[:8])
    return [(b"x-amzn-requestid", request_id.encode()), (b"x-amz-id-2", extended)]


def _answer(
    sim: Simulator, request: Request, form: Format | None, headers: list[Header]
) -> Reply | StreamOpening | WaitingCall:
    if request.method != "POST":
        return not_a_call(headers)
    service = targeted(sim, request)
    name = _named(request)[1]
    if not request.body and not _is_rpc_v2(request):
        form = form or _default_form(request)
        known = service is not None and call_of(service, name, form.content_type)
        raise ServiceError("SerializationException" if known else "UnknownOperationException", "")
    if form is None:
        return _wrong_type(request, service, name, headers)
    call = call_of(service, name, form.content_type) if service else None
    document = _document(request, form, call)
    if call is None:
        raise ServiceError("UnknownOperationException", "")
    refuse_malformed(request)
    return _carry_out(sim, request, call, document, headers)


def _document(request: Request, form: Format, call: Call | None) -> Any:
    body = request.body
    if call is not None and call.zips and request.headers.get("content-encoding") == "gzip":
        body = unzipped(body, BODY_LIMIT)
    document = form.loads(body) if body or not _is_rpc_v2(request) else {}
    if not isinstance(document, dict | list):
        raise ServiceError("SerializationException", "")
    return document


def _carry_out(
    sim: Simulator, request: Request, call: Call, document: Any, headers: list[Header]
) -> Reply | StreamOpening | WaitingCall:
    params = call.read(document)
    result = sim.gate.begin(call.service, call.operation, params, caller(sim.account, request))
    if isinstance(result, dict):
        return written(call, result, headers)
    return WaitingCall(result, lambda answer: written(call, answer, headers))


def written(call: Call, result: dict[str, Any], headers: list[Header]) -> Reply | StreamOpening:
    """The gate's answer as its format writes it."""
    if call.stream is not None:
        writer = EventWriter(call.stream[1], call.form)
        kind = (b"content-type", CONTENT_TYPE.encode())
        source = result[call.stream[0]]
        return StreamOpening(source, [kind, *headers], writer.event, writer.initial())
    body = b"" if call.empty else call.form.dumps(call.write(result))
    return Reply(200, body, call.form.content_type, headers)


def caller(account: str, request: Request) -> Caller:
    """Whoever it is acts as the account's root: signatures are not verified."""
    from kinesis_sim.account.calls import Caller

    credential = claimed(request)
    key = credential.access_key if credential else None
    return Caller(account, f"arn:aws:iam::{account}:root", key, "http")


def _default_form(request: Request) -> Format:
    """AWS answers in CBOR when the request names no format of its own."""
    form = format_of(JSON_TYPE if request.content_type == _OLD_JSON_TYPE else CBOR_TYPE)
    assert form is not None
    return form


def _wrong_type(request: Request, service: str | None, name: str, headers: list[Header]) -> Reply:
    """A body in a media type that the service does not speak."""
    if request.content_type == _OLD_JSON_TYPE:
        return _old_json(request, headers)
    if not service or not name:
        return not_a_call(headers)
    return Reply(404, b"<UnknownOperationException/>\n", "", headers)


def _old_json(request: Request, headers: list[Header]) -> Reply:
    form = format_of(JSON_TYPE)
    assert form is not None
    try:
        form.loads(request.body)
        status, code = 404, "UnknownOperationException"
    except ServiceError:
        status, code = 400, "SerializationException"
    document = {"Output": {"__type": f"com.amazon.coral.service#{code}"}, "Version": "1.0"}
    return Reply(status, form.dumps(document), _OLD_JSON_TYPE, headers)


def not_a_call(headers: list[Header]) -> Reply:
    """What AWS answers to GET, PUT and whatever else names no operation."""
    body = f"<AccessDeniedException>\n  <Message>{NOT_A_CALL}</Message>\n</AccessDeniedException>\n"
    return Reply(403, body.encode(), "", headers)
