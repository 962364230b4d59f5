"""An error as each of AWS's protocols writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from kinesis_sim.aws.wire import query, rest_json
from kinesis_sim.aws.wire.cbor import RPC_V2
from kinesis_sim.aws.wire.json import JSON, JSON_1_0
from kinesis_sim.aws.wire.rest_json import Outgoing
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.model import ServiceModel

XML_TYPE = "text/xml"


def refusal(model: ServiceModel, protocol: str, error: ServiceError, request_id: str) -> Outgoing:
    """The answer that tells an error. protocol: as botocore names it, one that the service has."""
    if protocol == "rest-json":
        return rest_json.refusal(model, error)
    if protocol == "smithy-rpc-v2-cbor":
        body = RPC_V2.error(error.code, error.message)
        headers = {"smithy-protocol": "rpc-v2-cbor", **_old_code(model, error)}
        return Outgoing(error.status, headers, body, RPC_V2.content_type)
    if protocol == "json":
        form = JSON_1_0 if model.metadata.get("jsonVersion") == "1.0" else JSON
        body = form.error(error.code, error.message)
        return Outgoing(error.status, _old_code(model, error), body, form.content_type)
    return Outgoing(error.status, {}, _xml(model, protocol, error, request_id), XML_TYPE)


def _old_code(model: ServiceModel, error: ServiceError) -> dict[str, str]:
    from kinesis_sim.aws.model import query_error

    return query_error(model, error)


def _xml(model: ServiceModel, protocol: str, error: ServiceError, request_id: str) -> bytes:
    """The query protocol's document, which REST services with XML write too.

    EC2 and S3 have their own.
    """
    told = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "ec2":
        inside = f"<Errors><Error>{told}</Error></Errors><RequestID>{request_id}</RequestID>"
        return f"<Response>{inside}</Response>\n".encode()
    if model.signing_name == "s3":
        return f"<Error>{told}<RequestId>{request_id}</RequestId></Error>\n".encode()
    return query.refusal(error, model.metadata.get("xmlNamespace", ""), request_id)
