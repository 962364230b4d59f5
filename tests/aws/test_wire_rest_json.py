"""REST-JSON against botocore's own serialiser and parser: what they write we read, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from kinesis_sim.aws import model
from kinesis_sim.aws.conversions import inbound
from kinesis_sim.aws.wire import rest_json
from kinesis_sim.aws.wire.routes import Incoming, routed
from kinesis_sim.errors import ServiceError

SERVICES = (
    "lambda",
    "iot",
    "kinesis-video-archived-media",
    "kinesis-video-media",
    "kinesis-video-signaling",
    "kinesisvideo",
    "pipes",
    "schemas",
)
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DEEPEST = 3


def operations() -> Iterator[Any]:
    for service in SERVICES:
        described = model.service_model(service)
        for name in described.operation_names:
            yield pytest.param(described.operation_model(name), id=f"{service} {name}")


def sample(shape: Shape, deep: int = 0) -> Any:
    """A value with all members, as a boto3 caller would give it."""
    kind = shape.type_name
    if kind == "structure":
        most = 1 if getattr(shape, "is_tagged_union", False) else None
        members = [*shape.members.items()][:most] if deep < DEEPEST or most else []
        return {
            name: sample(member, deep + 1)
            for name, member in members
            if not getattr(member, "is_document_type", False)
            and not member.serialization.get("eventstream")
        }
    if kind == "list":
        return [sample(shape.member, deep + 1)]
    if kind == "map":
        return {"some-key": sample(shape.value, deep + 1)}
    values = {"boolean": True, "timestamp": MOMENT, "blob": b"\x00{bytes}"}
    numbers = {"integer": 7, "long": 2**40, "float": 0.5, "double": 0.25}
    return {**values, **numbers}.get(kind, "a b/ç:?&=")


def incoming(operation: OperationModel, params: Any) -> Incoming:
    """The request as botocore writes it."""
    made = create_serializer("rest-json", include_validation=False).serialize_to_request(
        params, operation
    )
    url = urlsplit(made["url_path"])
    text = urlencode(made["query_string"] or {}, doseq=True)
    headers = {name.lower(): str(value) for name, value in made["headers"].items()}
    body = made["body"]
    written = body.encode() if isinstance(body, str) else bytes(body or b"")
    query = "&".join(part for part in (url.query, text) if part)
    return Incoming(made["method"], url.path, query, headers, written)


def plain(shape: Shape | None, value: Any) -> Any:
    convert = inbound(shape)
    return value if convert is None else convert(value)


@pytest.mark.parametrize("operation", [*operations()])
def test_what_botocore_writes_is_read(operation: OperationModel) -> None:
    shape = operation.input_shape
    params = {} if shape is None else sample(shape)
    request = incoming(operation, params)
    found = routed(operation.service_model, request)
    assert found is not None
    assert found[0] == operation.name
    assert rest_json.read(operation, found[1], request) == plain(shape, params)


@pytest.mark.parametrize("operation", [*operations()])
def test_what_we_write_botocore_reads(operation: OperationModel) -> None:
    shape = operation.output_shape
    if shape is not None and operation.get_event_stream_output() is not None:
        return
    value = {} if shape is None else plain(shape, sample(shape))
    outgoing = rest_json.answer(operation, value)
    response = {
        "headers": HeadersDict({**outgoing.headers, "content-type": outgoing.content_type}),
        "status_code": outgoing.status,
        "body": outgoing.body,
        "context": {"operation_name": operation.name},
    }
    parsed = create_parser("rest-json").parse(response, shape)
    del parsed["ResponseMetadata"]
    assert plain(shape, parsed) == value


def lambdas() -> ServiceModel:
    return model.service_model("lambda")


@pytest.mark.parametrize(
    ("path", "operation", "labels"),
    [
        ("GET /2015-03-31/functions", "ListFunctions", {}),
        ("GET /2015-03-31/functions/", "ListFunctions", {}),
        ("GET /2015-03-31/functions/a%3Ab", "GetFunction", {"FunctionName": "a:b"}),
        ("POST /2015-03-31/functions/f/invocations", "Invoke", {"FunctionName": "f"}),
        ("PUT /2015-03-31/functions/f/invocations", None, {}),
        ("POST /2015-03-31/functions//invocations", None, {}),
        ("GET /", None, {}),
    ],
)
def test_routes(path: str, operation: str | None, labels: dict[str, str]) -> None:
    method, _, where = path.partition(" ")
    found = routed(lambdas(), Incoming(method, where, "", {}, b""))
    assert found == (None if operation is None else (operation, labels))


def test_a_fixed_query_tells_operations_apart() -> None:
    described = model.service_model("apigateway")
    request = Incoming("PUT", "/restapis", "mode=import", {}, b"")
    assert routed(described, Incoming("POST", "/restapis", "", {}, b"")) is not None
    found = routed(described, Incoming("POST", "/restapis", "mode=import", {}, b""))
    assert found == ("ImportRestApi", {})
    assert routed(described, request) is None


@pytest.mark.parametrize(
    ("operation", "query", "body", "said"),
    [
        ("CreateEventSourceMapping", "", b"{", ""),
        ("CreateEventSourceMapping", "", b"[]", "Start of list found"),
        ("CreateEventSourceMapping", "", b'{"BatchSize": "1"}', "java.lang.String"),
        ("ListEventSourceMappings", "MaxItems=many", b"", "java.lang.String"),
    ],
)
def test_what_cannot_be_read_is_refused(operation: str, query: str, body: bytes, said: str) -> None:
    request = Incoming("POST", "", query, {}, body)
    with pytest.raises(ServiceError, match=f"SerializationException: .*{said}"):
        rest_json.read(lambdas().operation_model(operation), {}, request)


def test_members_of_the_path_are_not_taken_from_the_body() -> None:
    operation = lambdas().operation_model("UpdateEventSourceMapping")
    request = Incoming("PUT", "", "", {}, b'{"UUID": "theirs", "BatchSize": 3, "Unknown": 1}')
    assert rest_json.read(operation, {"UUID": "ours"}, request) == {"UUID": "ours", "BatchSize": 3}


@pytest.mark.parametrize(
    ("error", "status", "document"),
    [
        (
            ServiceError("ResourceNotFoundException", "none", 404),
            404,
            b'{"Type":"User","Message":"none"}',
        ),
        (
            ServiceError("ServiceException", "ours", 500),
            500,
            b'{"Type":"Service","Message":"ours"}',
        ),
        (ServiceError("ValidationException", "bad"), 400, b'{"message":"bad"}'),
        (ServiceError("SerializationException", ""), 400, b"{}"),
    ],
)
def test_errors_are_as_their_shapes_say(error: ServiceError, status: int, document: bytes) -> None:
    outgoing = rest_json.refusal(lambdas(), error)
    assert (outgoing.status, outgoing.body) == (status, document)
    assert outgoing.headers == {"x-amzn-errortype": error.code}
