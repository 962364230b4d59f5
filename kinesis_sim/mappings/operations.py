"""Lambda's operations that are answered here.

Event source mappings of Kinesis, and the functions that are registered with ``sim.functions``, to
be seen and invoked.

Everything else of Lambda is moto's. So are mappings of SQS queues and DynamoDB streams, which are
told by their EventSourceArn, and by UUIDs that are not ours; mappings of other sources are refused
by name.
"""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings import refusals
from kinesis_sim.mappings.catalog import MappingCatalog
from kinesis_sim.mappings.filter_key import as_read
from kinesis_sim.mappings.invocation import invoke
from kinesis_sim.mappings.labels import list_tags, tag_resource, untag_resource
from kinesis_sim.mappings.mapping import Mapping
from kinesis_sim.mappings.paging import page
from kinesis_sim.mappings.registered import (
    get_function,
    get_function_configuration,
    list_functions,
)
from kinesis_sim.mappings.settings import refuse_others_members

__all__ = [
    "create_event_source_mapping",
    "delete_event_source_mapping",
    "get_event_source_mapping",
    "get_function",
    "get_function_configuration",
    "invoke",
    "list_event_source_mappings",
    "list_functions",
    "list_tags",
    "tag_resource",
    "untag_resource",
    "update_event_source_mapping",
]
_MOST_A_PAGE = 100
"""However many MaxItems asks for (botocore ListEventSourceMappingsRequest.MaxItems)."""
_FILTERS = ("EventSourceArn", "FunctionName")
_MOTOS = ("sqs", "dynamodb")
_SOURCES = ("self-managed Kafka", "kafka", "mq", "rds")
"""What AWS reads besides (Lambda guide, event source mappings)."""


def create_event_source_mapping(lambdas: MappingCatalog, request: Request) -> Request:
    """Map a stream, or a registered consumer of one, to a function; see MappingCatalog.create."""
    service = _service(request)
    if service in _MOTOS:
        _refuse_destinations(service, request)
        return _created_elsewhere(lambdas, request)
    if service not in ("", "kinesis"):
        if service not in _SOURCES:
            raise refusals.no_source(request["EventSourceArn"])
        refuse_others_members({"DestinationConfig": request.get("DestinationConfig", {})})
        raise refusals.invalid(
            f"Kinesis Lab maps Kinesis streams, and moto keeps mappings of SQS queues and DynamoDB "
            f"streams; a source of {service} can be had from neither."
        )
    return row(lambdas.create(**request))


def _refuse_destinations(service: str, request: Request) -> None:
    """What moto takes without a word: a queue's mapping has none, a stream's no OnSuccess.

    Recorded for a queue's OnSuccess (localstack, test_event_source_mapping_exceptions).
    """
    wanted = {name for name, to in request.get("DestinationConfig", {}).items() if to}
    if wanted - ({"OnFailure"} if service == "dynamodb" else set()):
        raise refusals.others_member("DestinationConfig")


def _created_elsewhere(lambdas: MappingCatalog, request: Request) -> Request:
    try:
        return lambdas.ports.lambda_elsewhere("CreateEventSourceMapping", request)
    except ServiceError as error:
        found = lambdas.ports.functions.locate(request["FunctionName"])
        if error.code != "ResourceNotFoundException" or found is None:
            raise
        if found[0] in lambdas.ports.functions:
            raise refusals.invalid(
                f"Mappings of {_service(request)} are moto's, which knows functions that were made "
                f"with CreateFunction; {request['FunctionName']} is a Python function of Kinesis "
                "Lab, and those can be mapped to Kinesis streams only."
            ) from None
        if error.message.startswith("Function not found"):
            raise refusals.no_function() from None
        raise


def _service(request: Request) -> str:
    """The service of the event source; empty for none at all."""
    if request.get("EventSourceArn"):
        return str(request["EventSourceArn"].split(":")[2])
    return "self-managed Kafka" if "SelfManagedEventSource" in request else ""


def get_event_source_mapping(lambdas: MappingCatalog, request: Request) -> Request:
    """One mapping. Raises ResourceNotFoundException."""
    if request["UUID"] not in lambdas.mappings:
        return _motos(lambdas, request)
    found = lambdas.find(request["UUID"])
    return as_read(found, row(found))


def _motos(lambdas: MappingCatalog, request: Request) -> Request:
    """A mapping that moto keeps.

    moto changes and deletes what it has not without a word, so this is asked first. Raises
    ResourceNotFoundException.
    """
    return lambdas.ports.lambda_elsewhere("GetEventSourceMapping", {"UUID": request["UUID"]})


def update_event_source_mapping(lambdas: MappingCatalog, request: Request) -> Request:
    """Change a mapping; see MappingCatalog.update."""
    if request["UUID"] not in lambdas.mappings:
        _motos(lambdas, request)
        return lambdas.ports.lambda_elsewhere("UpdateEventSourceMapping", request)
    more = {name: value for name, value in request.items() if name != "UUID"}
    changed = lambdas.update(request["UUID"], **more)
    return as_read(changed, row(changed))


def delete_event_source_mapping(lambdas: MappingCatalog, request: Request) -> Request:
    """Delete a mapping; see MappingCatalog.delete."""
    if request["UUID"] not in lambdas.mappings:
        _motos(lambdas, request)
        return lambdas.ports.lambda_elsewhere("DeleteEventSourceMapping", request)
    deleted = lambdas.delete(request["UUID"])
    return as_read(deleted, row(deleted))


def list_event_source_mappings(lambdas: MappingCatalog, request: Request) -> Request:
    """Mappings of a function or a source, or all, at most 100 a page; ours, then moto's.

    A function or source that is not there has none, and filters that a key encrypts are not listed
    (recorded; the second 2026-09-22, radkawar/stackd, filter_kms_native). Raises
    InvalidParameterValueException for a Marker of no answer to this question (model's wording).
    """
    source, name = request.get("EventSourceArn"), request.get("FunctionName")
    found = [_listed(m) for m in lambdas.mappings.values() if _matches(lambdas, m, source, name)]
    if source is None or _service(request) in _MOTOS:
        asked: Request = {key: request[key] for key in _FILTERS if key in request}
        found += lambdas.ports.lambda_elsewhere("ListEventSourceMappings", asked)[
            "EventSourceMappings"
        ]
    return page("EventSourceMappings", found, request, _MOST_A_PAGE, "UUID")


def _listed(mapping: Mapping) -> Request:
    shown = row(mapping)
    if shown.get("KMSKeyArn"):
        shown.pop("FilterCriteria", None)
    return shown


def _matches(
    lambdas: MappingCatalog, mapping: Mapping, source: str | None, name: str | None
) -> bool:
    if source is not None and mapping.terms.origin.arn != source:
        return False
    if name is None:
        return True
    function = lambdas.ports.functions.locate(name)
    return (
        function is not None
        and mapping.terms.callee == function[0]
        and function[1] in ("", "$LATEST")  # no mapping of ours is of another version or an alias
    )


def row(mapping: Mapping) -> Request:
    """A mapping as the API shows it.

    After a failure LastProcessingResult goes on where AWS's "PROBLEM: Function call failed" ends,
    with the cause.
    """
    ports, told = mapping.ports, mapping.results
    shown = f"PROBLEM: {told.problem}: {told.result}" if told.problem else told.result
    place = f"arn:aws:lambda:{ports.region}:{ports.account}"
    return {
        "UUID": mapping.uuid,
        **mapping.asked.row(),
        "EventSourceArn": mapping.terms.origin.arn,
        "FunctionArn": mapping.terms.function,
        "LastModified": mapping.changed_at,
        "LastProcessingResult": shown,
        "State": mapping.life.name if mapping.state else "Deleting",
        "StateTransitionReason": "User action",
        "EventSourceMappingArn": f"{place}:event-source-mapping:{mapping.uuid}",
    }
