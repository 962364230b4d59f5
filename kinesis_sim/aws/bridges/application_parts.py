"""CloudFormation's outputs, reference tables and logging options of an application, made here.

Each is a type of its own of AWS::KinesisAnalyticsV2 or AWS::KinesisAnalytics. Ref and the Id of
Fn::GetAtt give the id that the application has it by (Ref's text is the model's choice).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kinesis_sim.aws.bridges import applications
from kinesis_sim.aws.bridges.applications import NEW, OLD, change, described
from kinesis_sim.aws.bridges.latecomers import NotYet
from kinesis_sim.aws.bridges.settling import Step, until_free
from kinesis_sim.aws.bridges.updates import as_update, nested
from kinesis_sim.errors import ServiceError

Properties = dict[str, Any]
_SQL = "SqlApplicationConfiguration"


@dataclass(frozen=True, slots=True)
class ApplicationPart:
    """A part of an application. member: what the template and the API call it; id: what names it.

    operation: what its calls are named after; told: where an application's description has them;
    updates: where UpdateApplication changes them.
    """

    service: str
    member: str
    id: str
    operation: str
    told: tuple[str, ...]
    updates: tuple[str, ...]

    def create(self, _: str, asked: Properties, region: str) -> tuple[str, Properties]:
        """Add it: its id, twice. Raises NotYet while the application is on its way."""
        name = asked["ApplicationName"]
        had = self._ids(name, region)
        try:
            told = {self.member: asked[self.member]}
            change(self.service, name, f"AddApplication{self.operation}", told, region)
        except ServiceError as error:
            if error.code != "ResourceInUseException":
                raise
            raise NotYet(f"Application {name}") from error
        (own,) = self._ids(name, region) - had
        return own, {"Id": own}

    def update(self, own: str, before: Properties, after: Properties, region: str) -> list[Step]:
        """What changes it: one step, or none."""
        if before[self.member] == after[self.member]:
            return []
        name = after["ApplicationName"]
        wanted = as_update(self.service, self.updates, after[self.member])
        request = nested(self.updates, [{self.id: own, **wanted}])
        return [lambda: change(self.service, name, "UpdateApplication", request, region)]

    def status(self, _: str, asked: Properties, region: str) -> str | None:
        """That of its application."""
        return applications.status(asked["ApplicationName"], asked, region)

    def delete(self, own: str, asked: Properties, region: str) -> None:
        """Take it away once its application is free; nothing where it, or that, is gone."""
        name, verb = asked["ApplicationName"], f"DeleteApplication{self.operation}"

        def take() -> None:
            if own in self._ids(name, region):
                change(self.service, name, verb, {self.id: own}, region)

        until_free(take, verb)

    def _ids(self, name: str, region: str) -> set[str]:
        found: Any = described(self.service, name, region)
        for member in self.told:
            found = found.get(member, {})
        return {row[self.id] for row in found or ()}


_TOLD = ("ApplicationConfigurationDescription", f"{_SQL}Description")
_UPDATED = ("ApplicationConfigurationUpdate", f"{_SQL}Update")
_OUTPUT = ("Output", "OutputId", "Output")
_REFERENCE = ("ReferenceDataSource", "ReferenceId", "ReferenceDataSource")
_LOGGING = ("CloudWatchLoggingOption", "CloudWatchLoggingOptionId", "CloudWatchLoggingOption")


def _part(service: str, names: tuple[str, str, str]) -> ApplicationPart:
    member = names[0]
    told: tuple[str, ...] = (f"{member}Descriptions",)
    updates: tuple[str, ...] = (f"{member}Updates",)
    if service == OLD:
        updates = ("ApplicationUpdate", *updates)
    elif names is not _LOGGING:
        told, updates = (*_TOLD, *told), (*_UPDATED, *updates)
    return ApplicationPart(service, *names, told, updates)


PARTS = {
    "AWS::KinesisAnalyticsV2::ApplicationOutput": _part(NEW, _OUTPUT),
    "AWS::KinesisAnalyticsV2::ApplicationReferenceDataSource": _part(NEW, _REFERENCE),
    "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption": _part(NEW, _LOGGING),
    "AWS::KinesisAnalytics::ApplicationOutput": _part(OLD, _OUTPUT),
    "AWS::KinesisAnalytics::ApplicationReferenceDataSource": _part(OLD, _REFERENCE),
}
"""By CloudFormation's type."""
