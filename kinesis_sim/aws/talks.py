"""Calls whose request is a stream, over HTTP: named by a path that botocore's model lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.aws import rest
from kinesis_sim.aws.credential import CredentialScope, refuse_malformed
from kinesis_sim.aws.exchange import Reply, Request
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.push import StreamOpening
from kinesis_sim.aws.rpc import caller, identity
from kinesis_sim.aws.sigv4 import Verifier
from kinesis_sim.aws.wire import rest_json
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
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
    services = tuple(sim.services)
    if credential is not None:
        services = rest.services(sim.gate.services()).get(credential.service, ())
    for service in services:
        for name, talk in sim.services[service].talks.items():
            if talk.path == request.path.rstrip("/"):
                return service, name
    return None


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
        members = sim.services[service].talks[name].members
        params = {
            member: request.headers[header]
            for header, member in members.items()
            if header in request.headers
        }
        source = sim.gate.converse(service, name, params, caller(sim.account, request))
    except ServiceError as error:
        told = rest_json.refusal(service_model(service), error)
        headers += rest.heads(told)
        return Reply(
            told.status, told.body, told.content_type, [*headers, (b"connection", b"close")]
        )
    kind = (b"content-type", rest_json.CONTENT_TYPE.encode())
    return StreamOpening(source, [kind, *headers], talking=True)
