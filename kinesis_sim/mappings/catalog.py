"""The event source mappings of one account in one Region."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND
from kinesis_sim.mappings import refusals
from kinesis_sim.mappings.filter_key import check_key
from kinesis_sim.mappings.mapping import SETTLED, Mapping
from kinesis_sim.mappings.ports import MappingPorts
from kinesis_sim.mappings.settings import MappingSettings, refuse_others_members
from kinesis_sim.mappings.states import MappingState
from kinesis_sim.mappings.terms import MappedStream
from kinesis_sim.signatures import faced

_SOURCE = re.compile(r"arn:[\w-]+:kinesis:[^:]*:\d{12}:stream/([\w.-]+)(/consumer/[\w.-]+:\d+)?")


@faced
class MappingCatalog:
    """All mappings by UUID, in the order of their creation. new_uuid: where UUIDs come from."""

    def __init__(self, ports: MappingPorts, new_uuid: Callable[[], str]) -> None:
        self.ports = ports
        self.mappings: dict[str, Mapping] = {}
        self._new_uuid = new_uuid

    def create(self, **request: Any) -> Mapping:
        """Make a mapping of a stream to a function that is registered with ``sim.functions``.

        request: the members of Lambda's CreateEventSourceMapping; timestamps in epoch ms. The
        mapping reads once it is Enabled, after a while (see ``delays.toml``); so LATEST means the
        stream's tip at that time.

        Raises InvalidParameterValueException for settings, function or stream,
        ResourceConflictException for a second mapping of the same two; in AWS's words and order of
        checks where recorded (localstack, snapshots of test_lambda_api and
        test_lambda_integration_kinesis; radkawar/stackd, testdata/aws/lambda/kinesis_source.json).
        """
        refuse_others_members(request)
        arn = request.get("EventSourceArn") or ""
        match = _SOURCE.fullmatch(arn)
        if match is None:
            raise refusals.invalid("Unrecognized event source.")
        if request.get("StartingPosition") is None:
            raise refusals.no_start()
        settings = MappingSettings.of(request)
        function = self._function(request["FunctionName"])
        origin = self._origin(arn, match)
        self._refuse_far(settings.destination)
        self._refuse_future(settings)
        self._refuse_second(arn, function[0])
        check_key(self.ports, settings, request, None)
        mapping = Mapping(self._new_uuid(), origin, function, settings, self.ports)
        mapping.tags.update(request.get("Tags") or {})
        self.mappings[mapping.uuid] = mapping
        self._settle(mapping, request.get("Enabled", True))
        return mapping

    def update(self, uuid: str, **request: Any) -> Mapping:
        """Change a mapping.

        request: the members of UpdateEventSourceMapping. New settings hold from when it is Enabled
        (or Disabled) again, and are shown from now on; until then the old ones do.

        Raises ResourceNotFoundException, ResourceInUseException while another change is under way,
        InvalidParameterValueException.
        """
        mapping = self._settled(uuid, "update")
        refuse_others_members(request)
        settings = MappingSettings.of(request, mapping.settings)
        name = request.get("FunctionName")
        function = None if name is None else self._function(name)
        self._refuse_far(settings.destination)
        check_key(self.ports, settings, request, mapping.asked)
        was = mapping.state is MappingState.ENABLED
        on = request.get("Enabled", was)
        switches = {(False, True): "enable", (True, False): "disable"}
        mapping.step(switches.get((was, on), "change"))
        mapping.coming = settings

        def changed() -> None:
            mapping.terms.settings, mapping.coming = settings, None
            if function is not None:
                mapping.terms.call(function)

        self._settle(mapping, on, changed)
        return mapping

    def delete(self, uuid: str) -> Mapping:
        """Delete a mapping: it stops now, and is gone after a while (see ``delays.toml``).

        Raises ResourceNotFoundException, ResourceInUseException while a change is under way.
        """
        mapping = self._settled(uuid, "delete")
        mapping.step("DeleteEventSourceMapping")
        self.ports.clock.after(self.ports.off_ms, lambda: self._gone(uuid))
        return mapping

    def find(self, uuid: str) -> Mapping:
        """A mapping by its UUID. Raises ResourceNotFoundException."""
        mapping = self.mappings.get(uuid)
        if mapping is None:
            raise refusals.no_mapping()
        return mapping

    def _gone(self, uuid: str) -> None:
        self.mappings.pop(uuid).step("deleted")

    def _settle(
        self, mapping: Mapping, on: bool, changed: Callable[[], None] = lambda: None
    ) -> None:
        def settled() -> None:
            changed()
            mapping.step("enabled" if on else "disabled")

        self.ports.clock.after(self.ports.on_ms if on else self.ports.off_ms, settled)

    def _settled(self, uuid: str, verb: str) -> Mapping:
        mapping = self.find(uuid)
        if mapping.state not in SETTLED:
            raise refusals.in_use(verb)
        return mapping

    def _function(self, name: str) -> tuple[str, str]:
        """The ARN and qualifier of a registered function."""
        functions = self.ports.functions
        found = functions.locate(name)
        if found is not None and found[0] in functions and found[1] in ("", "$LATEST"):
            return found
        if found is not None and found[0] not in functions and self.is_elsewhere(found[0]):
            raise refusals.not_runnable(found[0])
        raise refusals.no_function()

    def refuse_foreign(self, name: str, action: str) -> None:
        """Raise ServiceError for another account's or Region's function, as AWS refuses it."""
        found = self.ports.functions.elsewhere(name)
        if found is None:
            return
        account, region, arn = found
        if account != self.ports.account:
            raise refusals.not_allowed(self.ports.account, action, arn)
        raise refusals.not_reachable(region, self.ports.region)

    def is_elsewhere(self, arn: str) -> bool:
        """Whether moto has a function."""
        try:
            self.ports.lambda_elsewhere("GetFunctionConfiguration", {"FunctionName": arn})
        except ServiceError:
            return False
        return True

    def _refuse_far(self, destination: str | None) -> None:
        """A queue or topic is of the function's Region; a bucket's ARN names none."""
        region = "" if destination is None else destination.split(":")[3]
        if destination is not None and region not in ("", self.ports.region):
            raise refusals.far_destination(destination)

    def _origin(self, arn: str, match: re.Match[str]) -> MappedStream:
        stream, consumer = match[1], match[2]
        stream_arn = arn.removesuffix(consumer or "")
        if arn.split(":")[3] != self.ports.region:
            raise refusals.other_region(self.ports.region)
        try:
            found = self.ports.kinesis("DescribeStreamSummary", {"StreamARN": stream_arn})
        except ServiceError:
            raise refusals.invalid(f"Stream not found: {stream_arn}") from None
        if consumer is not None:
            self._refuse_no_consumer(arn)
        if found["StreamDescriptionSummary"]["StreamStatus"] == "UPDATING":
            raise refusals.not_active(arn)
        return MappedStream(stream, arn, None if consumer is None else arn)

    def _refuse_no_consumer(self, arn: str) -> None:
        try:
            self.ports.kinesis("DescribeStreamConsumer", {"ConsumerARN": arn})
        except ServiceError:
            raise refusals.invalid(f"Stream consumer not found: {arn}") from None

    def _refuse_future(self, settings: MappingSettings) -> None:
        now = self.ports.clock.now
        if settings.start_at is not None and settings.start_at // SECOND * SECOND > now:
            raise refusals.not_yet(settings.start_at // SECOND * SECOND, now)

    def _refuse_second(self, arn: str, function: str) -> None:
        for other in self.mappings.values():
            if other.terms.callee == function and other.terms.origin.arn == arn:
                raise refusals.mapped_already(arn, function.rpartition(":")[2], other.uuid)
