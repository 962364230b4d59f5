"""botocore's service models: the contract, read at run time and never copied.

Which operations, shapes and errors a service has comes from here. What a caller's parameters look
like as plain values (``inbound``) and where an answer holds instants (``timestamps_to``) is
compiled from the same shapes in ``conversions``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kinesis_sim.aws.conversions import inbound, timestamps_to

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.model import OperationModel, ServiceModel, StructureShape

    from kinesis_sim.errors import ServiceError

__all__ = [
    "declared_errors",
    "event_stream",
    "inbound",
    "operation",
    "operations",
    "query_error",
    "service_model",
    "shared_loader",
    "streamed",
    "timestamps_to",
]


@cache
def shared_loader() -> Loader:
    """The one botocore data loader of this process.

    Give it to every botocore session (``session.register_component("data_loader",
    shared_loader())``): it remembers what it has parsed, so the client and the gate read each
    service's JSON once between them.
    """
    from botocore.loaders import create_loader

    loader: Loader = create_loader()
    return loader


@cache
def service_model(service: str) -> ServiceModel:
    """The newest botocore model of a service, e.g. ``"kinesis"``.

    S3's is read for itself: its clients take the bucket out of the paths of what they share, one
    operation at a time. Raises botocore.exceptions.UnknownServiceError for a name botocore has no
    data for.
    """
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    loader = create_loader() if service == "s3" else shared_loader()
    description = loader.load_service_model(service, "service-2", None)
    return ServiceModel(description, service_name=service)


def operations(service: str) -> tuple[str, ...]:
    """The names of a service's operations, in botocore's (alphabetical) order."""
    return tuple(service_model(service).operation_names)


def operation(service: str, name: str) -> OperationModel:
    """The model of one operation; raises botocore.model.OperationNotFoundError."""
    return service_model(service).operation_model(name)


def event_stream(operation: OperationModel) -> str:
    """The member of an operation's answer that is an event stream; the operation must have one."""
    member = operation.get_event_stream_output()
    members = operation.output_shape.members.items()
    name: str = next(name for name, one in members if one is member)
    return name


def streamed(operation: OperationModel) -> str | None:
    """The member of an operation's answer that keeps coming: events, or a body in parts."""
    if operation.has_event_stream_output:
        return event_stream(operation)
    if not operation.has_streaming_output:
        return None
    payload: str = operation.output_shape.serialization["payload"]
    return payload


@lru_cache(maxsize=4096)
def declared_errors(service: str, name: str) -> tuple[str, ...]:
    """The error codes that the model declares for an operation, in the model's order."""
    return tuple(_code(shape) for shape in operation(service, name).error_shapes)


def query_error(service: ServiceModel, error: ServiceError) -> dict[str, str]:
    """The header by which a service that once spoke the query protocol tells the error's old code.

    Empty for services whose model does not say ``awsQueryCompatible``.
    """
    if "awsQueryCompatible" not in service.metadata:
        return {}
    from kinesis_sim.aws.wire.query import query_code

    side = "Receiver" if error.status >= 500 else "Sender"
    return {"x-amzn-query-error": f"{query_code(error.code)};{side}"}


def _code(shape: StructureShape) -> str:
    code: str = shape.metadata.get("error", {}).get("code") or shape.name
    return code
