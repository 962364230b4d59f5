"""What neither Kinesis Lab nor moto has: one error for every service, in that service's protocol.

In process and over HTTP the code is the same, UnknownOperationException, and so is the text: AWS
answers so to operations that it does not know, and a caller's ``except ClientError`` holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kinesis_sim.aws.credential import CredentialScope
from kinesis_sim.aws.exchange import Reply, Request
from kinesis_sim.aws.model import service_model, shared_loader
from kinesis_sim.aws.query import FORM_TYPE, fields_of
from kinesis_sim.aws.wire.refusals import refusal
from kinesis_sim.aws.wire.routes import Incoming, routed
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.model import ServiceModel

CODE = "UnknownOperationException"
_WHOLLY = re.compile(r"The \w+ action has not been implemented")
"""How moto says that it has nothing of an operation; everything else is about a part of one."""
_RPC_V2 = re.compile(r"/operation/(\w+)$")


def unsupported(service: str, operation: str, gap: str = "") -> ServiceError:
    """The error. service: botocore's name; gap: what moto says that it lacks, if only that."""
    if gap and not _WHOLLY.fullmatch(gap):
        return ServiceError(CODE, f"moto does not have all of {operation} of {service}: {gap}")
    return ServiceError(CODE, f"Neither Kinesis Lab nor moto has {operation} of {service}.")


def answer(
    request: Request,
    credential: CredentialScope | None,
    modules: Collection[str],
    request_id: str,
    gap: str = "",
    error: ServiceError | None = None,
) -> Reply:
    """The error for a request over HTTP, told in the protocol that it came in.

    modules: moto's names of the services that it may be for. error: another one than that neither
    Kinesis Lab nor moto has the operation.
    """
    from kinesis_sim.aws.rpc import identity

    model, operation = operation_of(request, credential, modules)
    if model is not None:
        error = error or unsupported(model.service_name, operation, gap)
        outgoing = refusal(model, _protocol(model, request), error, request_id)
    else:
        signed = credential.service if credential is not None else ""
        service = repr(signed) if signed else "of this request"
        text = f"This endpoint has no service {service}: neither Kinesis Lab nor moto has it."
        if signed and next(_candidates(signed, modules), None) is not None:
            text = (
                f"This request names no operation of {service}: look at its action, path, version."
            )
        error = error or ServiceError(CODE, text)
        protocol = "query" if _is_xml(request) else "json"
        outgoing = refusal(service_model("sns"), protocol, error, request_id)
    headers = [*identity(request_id), (b"x-amzn-errortype", error.code.encode())]
    headers += [
        (name.encode(), text.encode())
        for name, text in outgoing.headers.items()
        if name.lower() != "x-amzn-errortype"
    ]
    return Reply(outgoing.status, outgoing.body, outgoing.content_type, headers)


def operation_of(
    request: Request, credential: CredentialScope | None, modules: Collection[str]
) -> tuple[ServiceModel | None, str]:
    """The service and the operation that a request over HTTP is; None and "" when none is told."""
    signed = credential.service if credential is not None else ""
    for model in _candidates(signed, modules):
        operation = _operation(model, request)
        if operation is not None:
            return model, operation
    return None, ""


def _is_xml(request: Request) -> bool:
    return request.content_type == FORM_TYPE or request.content_type.endswith("xml")


def _candidates(signed: str, modules: Collection[str]) -> Iterator[ServiceModel]:
    """The services that a request may be for: by the name it is signed for, and by moto's."""
    wanted = {_plain(name) for name in modules}
    stem = _plain(signed)
    names = shared_loader().list_available_services("service-2")
    near = [name for name in names if stem and _plain(name).startswith(stem)]
    near += [name for name in names if _plain(name) in wanted and name not in near]
    for name in near:
        model = service_model(name)
        if not signed or signed == model.signing_name or _plain(name) in wanted:
            yield model


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _operation(model: ServiceModel, request: Request) -> str | None:
    """The operation of a service that a request is; None when it is none of its own."""
    target = request.headers.get("x-amz-target")
    rest = model.metadata["protocol"] in ("rest-json", "rest-xml")
    name: str | None = None
    if target is not None:
        prefix, _, name = target.rpartition(".")
        if prefix != model.metadata.get("targetPrefix"):
            return None
    elif "smithy-protocol" in request.headers:
        found = _RPC_V2.search(request.path)
        name = found[1] if found else None
    elif not rest:
        given = dict(fields_of(request))
        name = given.get("Action") if given.get("Version") == model.api_version else None
    else:
        path = _path(model, request)
        parts = Incoming(request.method, path, request.query, request.headers, request.body)
        call = routed(model, parts)
        name = call[0] if call is not None else None
    return name if name in model.operation_names else None


def _path(model: ServiceModel, request: Request) -> str:
    """The path as S3's model has it: the bucket leads it, also where the host names it."""
    path = request.target.partition("?")[0]
    if model.service_name != "s3":
        return path
    first, *more = request.host.split(".")
    in_host = bool(more) and not first.isdecimal() and not first.startswith("s3")
    return f"/{first}{path}".rstrip("/") if in_host else path


def _protocol(model: ServiceModel, request: Request) -> str:
    """The protocol of a service that a request came in: some have two."""
    own: str = model.metadata["protocol"]
    if own in ("rest-json", "rest-xml", "ec2"):
        return own
    if "smithy-protocol" in request.headers:
        return "smithy-rpc-v2-cbor"
    return "json" if "x-amz-target" in request.headers else "query"
