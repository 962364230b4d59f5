"""Calls in AWS's REST-JSON protocol over HTTP: the method and the path name the operation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Address, Answer, Pending
from kinesis_sim.aws.credential import CredentialScope, refuse_malformed
from kinesis_sim.aws.exchange import Header, Reply, Request
from kinesis_sim.aws.model import service_model, streamed
from kinesis_sim.aws.push import StreamOpening
from kinesis_sim.aws.rpc import caller, identity
from kinesis_sim.aws.waiting import WaitingCall
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
def services(ours: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Those of our services that speak REST-JSON, by their signing names, which some share."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ours:
        row = service_model(name).metadata
        if row["protocol"] == "rest-json":
            signed = row.get("signingName", row["endpointPrefix"])
            found[signed] = (*found.get(signed, ()), name)
    return found


def named(sim: Simulator, request: Request, credential: CredentialScope | None) -> RestCall | None:
    """The call that a request makes to a service of ours; None if it is for somebody else.

    An unsigned request is told by its path alone. An operation that the service leaves to moto is
    somebody else's.
    """
    known = services(sim.gate.services())
    if credential is None:
        meant = tuple(name for names in known.values() for name in names)
    else:
        meant = known.get(credential.service, ())
    calls = [_call(sim, service, request) for service in meant]
    found = next((call for call in calls if call is not None and call.operation is not None), None)
    if found is not None or credential is None or None in calls:
        return found
    return calls[0] if calls else None


def _call(sim: Simulator, service: str, request: Request) -> RestCall | None:
    found = routed(service_model(service), _incoming(request))
    if found is None:
        return RestCall(service, None, {})
    operation, labels = found
    return RestCall(service, operation, labels) if sim.gate.answers(service, operation) else None


def _incoming(request: Request) -> Incoming:
    path = request.target.partition("?")[0]
    return Incoming(request.method, path, request.query, request.headers, request.body)


def answer(
    sim: Simulator, call: RestCall, request: Request, request_id: str
) -> Reply | StreamOpening | WaitingCall:
    """Carry out one call. The caller holds the simulator's lock."""
    try:
        result = _carried_out(sim, call, request)
    except ServiceError as error:
        return _reply(rest_json.refusal(service_model(call.service), error), request_id)
    if isinstance(result, dict):
        return _written(call, request, request_id, result)
    return WaitingCall(result, lambda found: _written(call, request, request_id, found))


def _reply(outgoing: Outgoing, request_id: str) -> Reply:
    headers = identity(request_id) + heads(outgoing)
    return Reply(outgoing.status, outgoing.body, outgoing.content_type, headers)


def heads(outgoing: Outgoing) -> list[Header]:
    """The headers of an answer."""
    return [(name.encode(), text.encode("latin-1")) for name, text in outgoing.headers.items()]


def _carried_out(sim: Simulator, call: RestCall, request: Request) -> Answer | Pending:
    """The answer, or what it is to be waited for."""
    if call.operation is None:
        raise ServiceError("UnknownOperationException", "", 404)
    refuse_malformed(request)
    operation = service_model(call.service).operation_model(call.operation)
    params = rest_json.read(operation, call.labels, _incoming(request))
    who = caller(sim.account, request)
    return sim.gate.begin(call.service, call.operation, params, who)


def _written(
    call: RestCall, request: Request, request_id: str, result: Answer
) -> Reply | StreamOpening:
    """An answer as it is written, with its body if that keeps coming."""
    operation = service_model(call.service).operation_model(call.operation or "")
    member = streamed(operation)
    if member is None or not hasattr(result.get(member), "next_event"):
        return _reply(rest_json.answer(operation, placed(result, request)), request_id)
    rest = {name: value for name, value in result.items() if name != member}
    outgoing = rest_json.answer(operation, rest)
    outgoing.headers["content-type"] = outgoing.content_type
    return StreamOpening(result[member], identity(request_id) + heads(outgoing))


def placed(value: Any, request: Request) -> Any:
    """An answer whose addresses lead to where the client found us."""
    if isinstance(value, Address):
        return value.at(f"{request.scheme}://{request.headers.get('host', request.host)}")
    if isinstance(value, dict):
        return {name: placed(item, request) for name, item in value.items()}
    return [placed(item, request) for item in value] if isinstance(value, list) else value
