"""Whose fault it is that moto failed at a request: its sender's, where the body is no such request.

moto reads bodies as they come; AWS looks at them first. So when moto has failed, and only then, the
body is held against botocore's model: what does not fit it gets the answer that AWS gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError, ParserCreate

from kinesis_sim.aws import validation
from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.wire.json import JSON
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.model import ServiceModel

_DEEPEST = 100
_NO_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
    "been aborted or completed."
)
_MALFORMED = "The XML you provided was not well-formed or did not validate against our published"


def misfit(
    model: ServiceModel, operation: str, request: Request, failed: Exception
) -> ServiceError | None:
    """What is wrong with a request; None when it is as it should be.

    failed: what moto raised.
    """
    protocol = model.metadata["protocol"]
    named = "x-amz-target" in request.headers
    shape = model.operation_model(operation).input_shape
    if protocol == "rest-xml":
        return _misfit_xml(shape, request, failed)
    if shape is None or not (named or protocol == "rest-json"):
        return None
    return _misfit_json(model, operation, request)


def _misfit_json(model: ServiceModel, operation: str, request: Request) -> ServiceError | None:
    named = "x-amz-target" in request.headers
    shape = model.operation_model(operation).input_shape
    try:
        document = JSON.loads(request.body or b"{}")
        if not isinstance(document, dict):
            return ServiceError("SerializationException", "The body has to be a JSON object.")
        given = JSON.reader(shape)(document)
        if named:  # in REST, members lie in the path and in headers as well
            validation.check(model.operation_model(operation), given)
    except ServiceError as error:
        return error
    required = [] if named else shape.required_members
    inside = [name for name in required if not shape.members[name].serialization.get("location")]
    missing = [name for name in inside if name not in given]
    if missing:
        return ServiceError("ValidationException", f"The body lacks {', '.join(missing)}.")
    return None


def _misfit_xml(shape: Any, request: Request, failed: Exception) -> ServiceError | None:
    if isinstance(failed, KeyError) and "uploadId=" in request.query:
        return ServiceError("NoSuchUpload", _NO_UPLOAD, 404)
    root = _wanted(shape)
    if not isinstance(failed, ExpatError) and (not root or not request.body):
        return None
    try:
        if _root(request.body) == root and not isinstance(failed, ExpatError):
            return None
    except (ExpatError, _Hostile):
        pass
    return ServiceError("MalformedXML", f"{_MALFORMED} schema")


def _wanted(shape: Any) -> str:
    """The root of the document that an operation takes; empty where it takes none."""
    if shape is None:
        return ""
    payload = shape.serialization.get("payload")
    if payload is None:
        inside = [each for each in shape.members.values() if "location" not in each.serialization]
        return str(shape.serialization.get("name", "")) if inside else ""
    member = shape.members[payload]
    return str(member.serialization.get("name", "")) if member.type_name == "structure" else ""


class _Hostile(Exception):
    """Entities, or more elements within one another than a document of AWS's has."""


def _root(body: bytes) -> str:
    """The name of a document's root. Raises ExpatError, _Hostile."""
    names: list[str] = []
    depth = [0]

    def begun(name: str, _: object) -> None:
        names[:] = names or [name]
        depth[0] += 1
        if depth[0] > _DEEPEST:
            raise _Hostile

    def over(_: str) -> None:
        depth[0] -= 1

    def declared(*_: object) -> None:
        raise _Hostile

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begun, over
    parser.EntityDeclHandler = declared
    parser.Parse(body, True)
    return names[0].rpartition(":")[2]
