"""Tags of event source mappings; those of functions and of moto's mappings are moto's.

Recorded: localstack, test_lambda_api.snapshot.json (TestLambdaTag, 2025-11-25).
"""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings import refusals
from kinesis_sim.mappings.catalog import MappingCatalog
from kinesis_sim.mappings.mapping import Mapping

_MAPPING = ":event-source-mapping:"


def tag_resource(lambdas: MappingCatalog, request: Request) -> Request:
    """Put tags on a mapping; a key that is there is overwritten. Raises as ``list_tags``."""
    mapping = _ours(lambdas, request["Resource"])
    if mapping is None:
        return lambdas.ports.lambda_elsewhere("TagResource", request)
    mapping.tags.update(request["Tags"])
    return {}


def untag_resource(lambdas: MappingCatalog, request: Request) -> Request:
    """Take tags away; a key that is not there is none. Raises as ``list_tags``."""
    mapping = _ours(lambdas, request["Resource"])
    if mapping is None:
        return lambdas.ports.lambda_elsewhere("UntagResource", request)
    for key in request["TagKeys"]:
        mapping.tags.pop(key, None)
    return {}


def list_tags(lambdas: MappingCatalog, request: Request) -> Request:
    """A mapping's tags. Raises ResourceNotFoundException for a mapping that is not there."""
    mapping = _ours(lambdas, request["Resource"])
    if mapping is None:
        return lambdas.ports.lambda_elsewhere("ListTags", request)
    return {"Tags": dict(mapping.tags)}


def _ours(lambdas: MappingCatalog, arn: str) -> Mapping | None:
    """The mapping that an ARN names; None for what moto may have."""
    place, kind, uuid = arn.partition(_MAPPING)
    if not kind:
        return None
    found = lambdas.mappings.get(uuid)
    ports = lambdas.ports
    if found is not None and place == f"arn:aws:lambda:{ports.region}:{ports.account}":
        return found
    try:
        ports.lambda_elsewhere("GetEventSourceMapping", {"UUID": uuid})
    except ServiceError:
        raise refusals.not_found(f"Event source mapping not found: {arn}") from None
    return None
