"""Calls in AWS's query protocol, which older SDKs speak to CloudWatch: Action, Version, XML."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from kinesis_sim.aws.credential import claimed
from kinesis_sim.aws.exchange import Reply, Request
from kinesis_sim.aws.rpc import caller, identity
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

FORM_TYPE = "application/x-www-form-urlencoded"
XML_TYPE = "text/xml"
_MOST_FIELDS = 50_000
Fields = list[tuple[str, str]]


def fields_of(request: Request) -> Fields:
    """The form fields of a POST, or of a GET's query string; empty for anything else."""
    if request.method == "GET":
        text = request.query
    elif request.method == "POST" and request.content_type == FORM_TYPE:
        text = request.body.decode("utf-8", "replace")
    else:
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


@lru_cache(maxsize=8)
def _versions(services: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Our services that speak the protocol, by API version and signing name."""
    from kinesis_sim.aws.model import service_model

    rows = {name: service_model(name).metadata for name in services}
    return {
        (row["apiVersion"], row.get("signingName", row["endpointPrefix"])): name
        for name, row in rows.items()
        if "query" in (row["protocol"], *row.get("protocols", ()))
    }


def named(sim: Simulator, request: Request) -> tuple[str, str, Fields] | None:
    """The service of ours, the operation and the fields of a request; None if it is not for us.

    An unsigned request is told by its version alone.
    """
    fields = fields_of(request)
    given = dict(fields[:_MOST_FIELDS])
    action, version = given.get("Action", ""), given.get("Version", "")
    credential = claimed(request)
    for (known, signed), service in _versions(sim.gate.services()).items():
        ours = version == known and (credential is None or credential.service == signed)
        if ours and sim.gate.answers(service, action):
            return service, action, fields
    return None


def answer(sim: Simulator, call: tuple[str, str, Fields], request: Request, number: str) -> Reply:
    """Carry out one call. number: the request's id. The caller holds the simulator's lock."""
    from kinesis_sim.aws.model import service_model
    from kinesis_sim.aws.wire import query as wire

    service, operation, fields = call
    model = service_model(service)
    namespace = model.metadata["xmlNamespace"]
    headers = identity(number)
    try:
        shapes = model.operation_model(operation) if operation in model.operation_names else None
        if shapes is None:
            raise ServiceError("InvalidAction", f"{service} has no operation {operation}.")
        params = wire.read(wire.tree(fields), shapes.input_shape) if shapes.input_shape else {}
        result = sim.gate.call(service, operation, params, caller(sim.account, request))
    except ServiceError as error:
        body = wire.refusal(error, namespace, number)
        return Reply(error.status, body, XML_TYPE, headers)
    body = wire.answer(operation, shapes.output_shape, result, namespace, number)
    return Reply(200, body, XML_TYPE, headers)


def failure(error: ServiceError, number: str) -> Reply:
    """An error in XML, for callers of whom no more is known than that they speak no JSON."""
    from xml.sax.saxutils import escape

    told = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    body = f"<Error>{told}<RequestId>{number}</RequestId></Error>\n"
    return Reply(error.status, body.encode(), XML_TYPE, identity(number))
