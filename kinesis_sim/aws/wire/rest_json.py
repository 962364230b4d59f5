"""AWS's REST-JSON protocol: a method and a path name an operation, a status and a document answer.

Everything is read from botocore's model: the path's template, which members travel in the path, in
the query string, in headers or as the whole body, the status of an answer, the members of an error
(Smithy specification, "AWS restJson1"). What a service makes of it is not known here.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.mistypes import wrong_type
from kinesis_sim.aws.wire import Convert
from kinesis_sim.aws.wire.json import JSON, write_moment
from kinesis_sim.aws.wire.routes import Incoming, fields
from kinesis_sim.aws.wire.shapes import mistyped, moment, unreadable
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import to_datetime, to_ms

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

CONTENT_TYPE = "application/json"
ERROR_HEADER = "x-amzn-errortype"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer as HTTP carries it."""

    status: int
    headers: dict[str, str]
    body: bytes
    content_type: str = CONTENT_TYPE


# --- requests -------------------------------------------------------------------------------------


def read(operation: OperationModel, labels: Mapping[str, str], incoming: Incoming) -> Any:
    """The plain parameters of a request. Raises ServiceError (SerializationException)."""
    shape = operation.input_shape
    if shape is None:
        return {}
    found = _read_body(shape, incoming.body)
    query = fields(incoming.query)
    for name, member in shape.members.items():
        place, key = member.serialization.get("location"), _key(name, member)
        if place == "uri":
            found[name] = _scalar(member, labels[key], "iso8601")
        elif place == "querystring":
            _put(found, name, _of_query(member, key, query))
        elif place == "header":
            _put(found, name, _of_header(member, incoming.headers.get(key.lower())))
        elif place == "headers":
            _put(found, name, _of_headers(key.lower(), incoming.headers))
    return found


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        found[name] = value


def _key(name: str, member: Shape) -> str:
    return str(member.serialization.get("name", name))


def _read_body(shape: StructureShape, body: bytes) -> dict[str, Any]:
    """The members that the body holds: one of them whole, or all that are in no other place."""
    payload = shape.serialization.get("payload")
    if payload is None:
        found: dict[str, Any] = _body_reader(shape)(_document(body))
        inside = [name for name, member in shape.members.items() if not _located(member)]
        return {name: found[name] for name in inside if name in found}
    member = shape.members[payload]
    if not body:
        return {}
    if member.type_name == "blob":
        return {payload: body}
    if member.type_name == "string":
        return {payload: _text(body)}
    return {payload: JSON.reader(member)(_document(body))}


@lru_cache(maxsize=1024)
def _body_reader(shape: StructureShape) -> Convert:
    return JSON.reader(shape)


def _located(member: Shape) -> bool:
    return "location" in member.serialization


def _document(body: bytes) -> Any:
    return JSON.loads(body) if body.strip() else {}


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise unreadable() from None


def _of_query(member: Shape, key: str, query: list[tuple[str, str]]) -> Any:
    if member.type_name == "map":
        return {name: _of_query(member.value, name, query) for name in dict(query)} or None
    texts = [value for name, value in query if name == key]
    if member.type_name == "list":
        return [_scalar(member.member, text, "iso8601") for text in texts] or None
    return _scalar(member, texts[-1], "iso8601") if texts else None


def _of_header(member: Shape, text: str | None) -> Any:
    if text is None:
        return None
    if member.serialization.get("jsonvalue"):
        return _unpacked(text)
    if member.type_name == "list":
        parts = [part.strip() for part in text.split(",")]
        return [_scalar(member.member, part, "rfc822") for part in parts]
    return _scalar(member, text, "rfc822")


def _unpacked(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        raise mistyped("string", text) from None


def _of_headers(prefix: str, headers: Mapping[str, str]) -> dict[str, str] | None:
    found = {name[len(prefix) :]: text for name, text in headers.items() if name.startswith(prefix)}
    return found or None


def _scalar(shape: Shape, text: str, moments: str) -> Any:
    """A text outside the body as what its shape says. moments: how a timestamp is written there."""
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
        if shape.type_name == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if shape.type_name == "timestamp":
            return _moment(text, shape.serialization.get("timestampFormat", moments))
        if shape.type_name == "blob":
            return b64decode(text, validate=True)
    except (ValueError, KeyError, TypeError, UsageError):
        raise ServiceError("SerializationException", wrong_type(shape.type_name, text)) from None
    return text


def _moment(text: str, form: str) -> int:
    if form == "unixTimestamp":
        return moment(float(text) * 1000, text)
    if form == "rfc822":
        return to_ms(parsedate_to_datetime(text))
    return to_ms(text)


# --- answers --------------------------------------------------------------------------------------


def answer(operation: OperationModel, value: dict[str, Any]) -> Outgoing:
    """An answer of plain values, as it goes out."""
    shape = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    if shape is None:
        return Outgoing(status, {}, b"", "")
    headers: dict[str, str] = {}
    for name, member in shape.members.items():
        place, item = member.serialization.get("location"), value.get(name)
        if item is None:
            continue
        if place == "statusCode":
            status = int(item)
        elif place == "header":
            headers[_key(name, member).lower()] = _written(member, item)
        elif place == "headers":
            prefix = _key(name, member).lower()
            headers |= {prefix + key.lower(): str(text) for key, text in item.items()}
    body, kind = _write_body(shape, value)
    return Outgoing(status, headers, body, headers.pop("content-type", kind))


def _write_body(shape: StructureShape, value: dict[str, Any]) -> tuple[bytes, str]:
    payload = shape.serialization.get("payload")
    if payload is None:
        inside = [name for name, member in shape.members.items() if not _located(member)]
        document = {name: value[name] for name in inside if value.get(name) is not None}
        return JSON.dumps(_body_writer(shape)(document)), CONTENT_TYPE
    item, member = value.get(payload), shape.members[payload]
    if item is None:
        return b"", ""
    if member.type_name in ("blob", "string"):
        raw = item if isinstance(item, bytes) else str(item).encode()
        return raw, CONTENT_TYPE if member.type_name == "blob" else "text/plain"
    return JSON.dumps(JSON.writer(member)(item)), CONTENT_TYPE


@lru_cache(maxsize=1024)
def _body_writer(shape: StructureShape) -> Convert:
    return JSON.writer(shape)


def _written(member: Shape, item: Any) -> str:
    """A value as text outside the body."""
    if member.serialization.get("jsonvalue"):
        return b64encode(str(item).encode()).decode()
    if member.type_name == "list":
        return ",".join(_written(member.member, one) for one in item)
    if member.type_name == "boolean":
        return "true" if item else "false"
    if member.type_name == "timestamp":
        return _dated(item, member.serialization.get("timestampFormat", "rfc822"))
    if member.type_name == "blob":
        return b64encode(item).decode()
    return str(item)


def _dated(ms: int, form: str) -> str:
    if form == "unixTimestamp":
        return str(write_moment(ms))
    if form == "iso8601":
        return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return format_datetime(to_datetime(ms // 1000 * 1000), usegmt=True)


# --- errors ---------------------------------------------------------------------------------------


def refusal(service: ServiceModel, error: ServiceError) -> Outgoing:
    """An error: its code in a header, its text under the name that its shape has for it.

    A shape with a member ``Type`` gets "User" or "Service", as Lambda writes it (AWS-recorded
    answers in localstack's test_lambda_api.snapshot.json). A code without a shape of its own, such
    as ValidationException, says ``message``.
    """
    members = _error_members(service, error.code)
    named = next((name for name in members if name.lower() == "message"), "message")
    document = {named: error.message} if error.message else {}
    if "Type" in members:
        document = {"Type": "Service" if error.fault else "User", **document}
    return Outgoing(error.status, {ERROR_HEADER: error.code}, JSON.dumps(document))


def _error_members(service: ServiceModel, code: str) -> Iterable[str]:
    shapes = service.error_shapes
    found = next(
        (shape for shape in shapes if shape.name == code or shape.error_code == code), None
    )
    return () if found is None else tuple(found.members)
