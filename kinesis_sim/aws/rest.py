"""Calls in AWS's REST-JSON protocol over HTTP: the method and the path name the operation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kinesis_sim.aws.credential import CredentialScope, refuse_malformed
from kinesis_sim.aws.exchange import Reply, Request
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.rpc import caller, identity
from kinesis_sim.aws.wire import rest_json
from kinesis_sim.aws.wire.rest_json import Outgoing
from kinesis_sim.aws.wire.routes import Incoming, routed
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


@dataclass(frozen=True, slots=True)
class RestCall:
    """A call to a service of ours. operation: None when the path names none."""

    service: str
    operation: str | None
    labels: dict[str, str]


@lru_cache(maxsize=8)
def services(ours: tuple[str, ...]) -> dict[str, str]:
    """Those of our services that speak REST-JSON, by their signing names."""
    models = {name: service_model(name).metadata for name in ours}
    return {
        row.get("signingName", row["endpointPrefix"]): name
        for name, row in models.items()
        if row["protocol"] == "rest-json"
    }


def named(sim: Simulator, request: Request, credential: CredentialScope | None) -> RestCall | None:
    """The call that a request makes to a service of ours; None if it is for somebody else.

    An unsigned request is told by its path alone. An operation that the service leaves to moto is
    somebody else's.
    """
    known = services(sim.gate.services())
    if credential is not None:
        service = known.get(credential.service)
        return None if service is None else _call(sim, service, request)
    for service in known.values():
        call = _call(sim, service, request)
        if call is not None and call.operation is not None:
            return call
    return None


def _call(sim: Simulator, service: str, request: Request) -> RestCall | None:
    found = routed(service_model(service), _incoming(request))
    if found is None:
        return RestCall(service, None, {})
    operation, labels = found
    return RestCall(service, operation, labels) if sim.gate.answers(service, operation) else None


def _incoming(request: Request) -> Incoming:
    path = request.target.partition("?")[0]
    return Incoming(request.method, path, request.query, request.headers, request.body)


def answer(sim: Simulator, call: RestCall, request: Request, request_id: str) -> Reply:
    """Carry out one call. The caller holds the simulator's lock."""
    model = service_model(call.service)
    try:
        outgoing = _carry_out(sim, call, request)
    except ServiceError as error:
        outgoing = rest_json.refusal(model, error)
    headers = identity(request_id)
    headers += [(name.encode(), text.encode()) for name, text in outgoing.headers.items()]
    return Reply(outgoing.status, outgoing.body, outgoing.content_type, headers)


def _carry_out(sim: Simulator, call: RestCall, request: Request) -> Outgoing:
    if call.operation is None:
        raise ServiceError("UnknownOperationException", "", 404)
    refuse_malformed(request)
    operation = service_model(call.service).operation_model(call.operation)
    params = rest_json.read(operation, call.labels, _incoming(request))
    result = sim.gate.call(call.service, call.operation, params, caller(sim.account, request))
    return rest_json.answer(operation, result)
