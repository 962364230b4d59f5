"""The customer's key over a mapping's filters: when Lambda may write and read them.

Recorded 2026-09-22 (radkawar/stackd, lambda/filter_kms_native), of a queue's mapping: what an
answer says in place of filters that cannot be read, and which updates have to read them. How a key
is refused that cannot write them is on no record: the model says it likewise. Batches go on with
the filters that are there, whatever becomes of the key (model's choice).
"""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.account.identifiers import uuid_of
from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings.mapping import Mapping
from kinesis_sim.mappings.ports import MappingPorts
from kinesis_sim.mappings.refusals import invalid, key_trouble
from kinesis_sim.mappings.settings import MappingSettings

_KEPT = ("FilterCriteria", "KMSKeyArn", "FunctionName")
"""What an update names when its filters are encrypted anew."""


def check_key(
    ports: MappingPorts, settings: MappingSettings, request: Request, was: MappingSettings | None
) -> None:
    """Raise InvalidParameterValueException when the key keeps a mapping's filters from a change.

    settings: as they will be; was: as they are, None for a new mapping. Filters that a request does
    not name are read with the key that they have, to be written with the one that they get.
    """
    if was is not None and not any(request.get(name) is not None for name in _KEPT):
        return
    if was is not None and request.get("FilterCriteria") is None:
        trouble = _trouble(ports, was, "Decrypt")
        if trouble is not None:
            raise invalid(trouble["Message"])
    trouble = _trouble(ports, settings, "GenerateDataKey")
    if trouble is not None:
        raise invalid(trouble["Message"])


def as_read(mapping: Mapping, row: Request) -> Request:
    """A row as an answer has it that must read the filters: with FilterCriteriaError if it cannot.

    ErrorCode is KMS's, without the prefix that Kinesis gives it.
    """
    trouble = _trouble(mapping.ports, mapping.asked, "Decrypt")
    if trouble is None:
        return row
    seen = {name: value for name, value in row.items() if name != "FilterCriteria"}
    return {**seen, "FilterCriteriaError": trouble}


def _trouble(ports: MappingPorts, settings: MappingSettings, action: str) -> Request | None:
    key = settings.kept.get("KMSKeyArn")
    if not key:
        return None
    try:
        ports.unlock(key, action)
    except ServiceError as error:
        call = uuid_of(f"{action}/{key}/{ports.clock.now}")
        return key_trouble(error, action, call)
    return None
