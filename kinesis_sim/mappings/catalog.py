"""The event source mappings of one account in one Region."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings.mapping import Mapping, Ports
from kinesis_sim.mappings.settings import MappingSettings, invalid

_STREAM_ARN = re.compile(r"arn:[\w-]+:kinesis:[^:]*:\d{12}:stream/([^/]+)")


class MappingCatalog:
    """All mappings by UUID. new_uuid: where UUIDs come from."""

    def __init__(self, ports: Ports, new_uuid: Callable[[], str]) -> None:
        self.ports = ports
        self.mappings: dict[str, Mapping] = {}
        self._new_uuid = new_uuid

    def create(self, **request: Any) -> Mapping:
        """Make a mapping of a stream to a function that is registered with ``sim.functions``.

        request: the members of Lambda's CreateEventSourceMapping; timestamps in epoch ms.

        Raises InvalidParameterValueException, ResourceNotFoundException for the function or stream,
        ResourceConflictException for a second mapping of the same two.
        """
        arn = request.get("EventSourceArn", "")
        match = _STREAM_ARN.fullmatch(arn)
        if match is None:
            raise invalid(f"Kinesis Lab maps data streams only, and {arn!r} is not one's ARN.")
        function = self.ports.functions.arn(request["FunctionName"])
        if function not in self.ports.functions:
            raise not_found(f"Function not found: {function}")
        if "StartingPosition" not in request:
            raise invalid("1 validation error detected: StartingPosition is required for Kinesis.")
        stream = self._stream(match[1])
        if any(m.function == function and m.stream_arn == arn for m in self.mappings.values()):
            raise ServiceError(
                "ResourceConflictException",
                f"An event source mapping with event source {arn} and function {function} already "
                "exists.",
                409,
            )
        settings = MappingSettings.of(request)
        mapping = Mapping(self._new_uuid(), stream, arn, function, settings, self.ports)
        self.mappings[mapping.uuid] = mapping
        if request.get("Enabled", True):
            mapping.enable()
        return mapping

    def _stream(self, name: str) -> str:
        try:
            self.ports.kinesis("DescribeStreamSummary", {"StreamName": name})
        except ServiceError as error:
            raise invalid(f"Stream not found: {name} ({error.code}).") from None
        return name

    def find(self, uuid: str) -> Mapping:
        """A mapping by its UUID. Raises ResourceNotFoundException."""
        mapping = self.mappings.get(uuid)
        if mapping is None:
            raise not_found("The resource you requested does not exist.")
        return mapping


def not_found(message: str) -> ServiceError:
    """Lambda's ResourceNotFoundException (HTTP 404)."""
    return ServiceError("ResourceNotFoundException", message, 404)
