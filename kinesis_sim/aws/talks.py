"""Calls whose request is a stream, over HTTP: named by a path that botocore's model lacks.

Bytes go by a POST, whose headers say what is asked; messages by a WebSocket, whose query does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kinesis_sim.aws import rest
from kinesis_sim.aws.credential import CredentialScope, refuse_malformed
from kinesis_sim.aws.exchange import Reply, Request
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.push import StreamOpening
from kinesis_sim.aws.rpc import caller, identity
from kinesis_sim.aws.sigv4 import Verifier
from kinesis_sim.aws.wire import rest_json
from kinesis_sim.aws.wire.routes import fields
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.account.service import Talk
    from kinesis_sim.simulator import Simulator


def named(
    sim: Simulator, request: Request, credential: CredentialScope | None
) -> tuple[str, str] | None:
    """The service of ours, and the call of it, that a request opens; None for none.

    The path tells, before anything of the body is read: of the services that it is signed for, or
    else of those that are in use.
    """
    if request.method != "POST":
        return None
    found = _at(sim, request.path.rstrip("/"), credential)
    return next((named for named, talk in found if not talk.messages), None)


def of_messages(
    sim: Simulator, request: Request, credential: CredentialScope | None
) -> tuple[str, str] | None:
    """The service of ours, and the call of it, that a WebSocket opens; None for none.

    Of several at one path it is the one of which the query says most.
    """
    query = dict(fields(request.query))
    found = [row for row in _at(sim, request.path, credential) if row[1].messages]
    whole = [row for row in found if all(member in query for member in row[1].members)]
    best = max(whole, key=lambda row: len(row[1].members), default=None)
    best = best or min(found, key=lambda row: len(row[1].members), default=None)
    return None if best is None else best[0]


def _at(
    sim: Simulator, path: str, credential: CredentialScope | None
) -> list[tuple[tuple[str, str], Talk]]:
    """What may be opened at a path, by the names of service and call."""
    services = tuple(sim.services)
    if credential is not None:
        services = rest.services(sim.gate.services()).get(credential.service, ())
    return [
        ((service, name), talk)
        for service in services
        for name, talk in sim.services[service].talks.items()
        if talk.path == path
    ]


def asked(sim: Simulator, talk: tuple[str, str], request: Request) -> dict[str, str]:
    """What a call asks, by the members that its service knows."""
    service, name = talk
    found = sim.services[service].talks[name]
    said = dict(fields(request.query)) if found.messages else request.headers
    return {member: said[key] for key, member in found.members.items() if key in said}


def refusal(talk: tuple[str, str] | None, error: ServiceError, request_id: str) -> Reply:
    """An error as an answer; the connection ends with it. talk: None when it is nobody's."""
    headers = identity(request_id)
    if talk is None:
        said = json.dumps({"message": error.message}).encode()
        kind = [(b"x-amzn-errortype", error.code.encode())]
        return Reply(error.status, said, "application/json", [*headers, *kind])
    told = rest_json.refusal(service_model(talk[0]), error)
    headers += rest.heads(told)
    return Reply(told.status, told.body, told.content_type, [*headers, (b"connection", b"close")])


def answer(
    sim: Simulator,
    talk: tuple[str, str],
    request: Request,
    request_id: str,
    verifier: Verifier | None = None,
) -> Reply | StreamOpening:
    """Open the conversation. The caller holds the simulator's lock.

    The body is taken as it comes, whatever ``x-amz-content-sha256`` says of it. verifier: looks at
    the signature, which covers what is said of the body, not the body; None for nobody.
    """
    service, name = talk
    headers = identity(request_id)
    try:
        refuse_malformed(request)
        if verifier is not None:
            verifier.check(request, streams=True)
        params = asked(sim, talk, request)
        source = sim.gate.converse(service, name, params, caller(sim.account, request))
    except ServiceError as error:
        return refusal(talk, error, request_id)
    kind = (b"content-type", rest_json.CONTENT_TYPE.encode())
    return StreamOpening(source, [kind, *headers], talking=True)
