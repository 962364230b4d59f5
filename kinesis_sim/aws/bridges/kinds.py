"""CloudFormation's types besides the streams, each a row: what makes, changes and removes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.aws.bridges import applications, monitoring, readers, schemas, shapes, video
from kinesis_sim.aws.bridges.application_parts import PARTS
from kinesis_sim.aws.bridges.properties import typed
from kinesis_sim.aws.bridges.settling import Settling, Step
from kinesis_sim.errors import ServiceError

Properties = dict[str, Any]
CUSTOM_NAMED = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
    "Rename {} and update the stack again."
)
"""The words that users quote (awsdocs/aws-cloudformation-user-guide issue 927, 2021)."""


class MadeOther(Settling):
    """A resource of one of ``KINDS`` as moto's CloudFormation keeps it.

    name: its physical id; attributes: what GetAtt gives.
    """

    row: StackKind
    attribute_names: frozenset[str] = frozenset()

    def __init__(
        self, name: str, attributes: dict[str, Any], properties: Properties, region: str
    ) -> None:
        super().__init__()
        self.name, self.attributes, self.properties = name, attributes, properties
        self.region = region

    def status(self) -> str | None:
        """Its status; ACTIVE where its type has no states."""
        row = type(self).row
        if row.status is None:
            return "ACTIVE"
        return row.status(self.name, self.properties, self.region)

    def delete(self, account: str, region: str) -> None:
        """Remove it, as moto asks a stack's resources to: it knows what functions stood for."""
        type(self).row.delete(self.name, self.properties, self.region)

    @property
    def physical_resource_id(self) -> str:
        """What Ref gives."""
        return self.name

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt has it."""
        return attr in cls.attribute_names

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Fn::GetAtt."""
        if attribute_name in self.attributes:
            return str(self.attributes[attribute_name])
        raise no_attribute()


def no_attribute() -> Exception:
    """What moto tells of an attribute that a resource has not."""
    from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

    return UnformattedGetAttTemplateException()


@dataclass(frozen=True, slots=True)
class StackKind:
    """How resources of a type are made, changed and removed.

    update: changes one at once, or gives steps to be taken one by one, each while ``status`` is
    ACTIVE. attributes: what GetAtt may ask for besides the schema's read-only
    properties; named_by: the property that names them, empty for none.
    """

    create: Callable[[str, Properties, str], tuple[str, Properties]]
    update: Callable[[str, Properties, Properties, str], Sequence[Step] | None]
    delete: Callable[[str, Properties, str], None]
    status: Callable[[str, Properties, str], str | None] | None = None
    attributes: frozenset[str] = frozenset()
    named_by: str = ""


def _always_another(*_: Any) -> None:
    """The update of what every change makes anew."""


KINDS: dict[str, StackKind] = {
    readers.CONSUMER: StackKind(
        create=lambda _, asked, region: readers.create_consumer(asked, region),
        update=_always_another,
        delete=lambda arn, _, region: readers.delete_consumer(arn, region),
        attributes=frozenset(readers.CONSUMER_ATTRIBUTES),
    ),
    readers.POLICY: StackKind(
        create=lambda _, asked, region: (readers.put_policy(asked, region), {}),
        update=lambda _, before, after, region: readers.change_policy(after, region),
        delete=lambda arn, _, region: readers.delete_policy(arn, region),
    ),
    readers.MAPPING: StackKind(
        create=lambda _, asked, region: readers.create_mapping(_mapping(asked), region),
        update=lambda uuid, before, after, region: readers.update_mapping(
            uuid, _mapping(before), _mapping(after), region
        ),
        delete=lambda uuid, _, region: readers.delete_mapping(uuid, region),
    ),
    monitoring.ALARM: StackKind(
        create=lambda name, asked, region: monitoring.put_alarm(name, _alarm(asked), region),
        update=lambda name, before, after, region: monitoring.change_alarm(
            name, _alarm(after), region
        ),
        delete=lambda name, _, region: monitoring.delete_alarm(name, region),
        named_by="AlarmName",
    ),
    monitoring.LOG_STREAM: StackKind(
        create=monitoring.create_log_stream,
        update=_always_another,
        delete=monitoring.delete_log_stream,
        named_by="LogStreamName",
    ),
    video.STREAM: StackKind(
        create=video.create_stream,
        update=video.update_stream,
        delete=video.delete_stream,
        status=video.stream_status,
        named_by="Name",
    ),
    video.CHANNEL: StackKind(
        create=video.create_channel,
        update=video.update_channel,
        delete=video.delete_channel,
        status=video.channel_status,
        named_by="Name",
    ),
    applications.APPLICATION: StackKind(
        create=applications.create,
        update=applications.update,
        delete=applications.delete,
        status=applications.status,
        named_by="ApplicationName",
    ),
    applications.OLDER: StackKind(
        create=applications.create_older,
        update=applications.update_older,
        delete=applications.delete_older,
        status=applications.status,
        named_by="ApplicationName",
    ),
} | {
    kind: StackKind(part.create, part.update, part.delete, part.status)
    for kind, part in PARTS.items()
}


def _alarm(properties: Properties) -> Properties:
    return dict(typed("cloudwatch", "PutMetricAlarm", properties))


def _mapping(properties: dict[str, Any]) -> dict[str, Any]:
    return dict(typed("lambda", "CreateEventSourceMapping", properties))


def class_of(kind: str, found: Any) -> Any:
    """A class as moto wants it, of one of ``KINDS``. found: moto's own classes."""
    from moto.core.common_models import CloudFormationModel

    row = KINDS[kind]

    def created(
        cls: Any, /, resource_name: str, cloudformation_json: Any, account_id: str,
        region_name: str, **more: Any,
    ) -> Any:  # fmt: skip
        asked = cloudformation_json.get("Properties", {})
        shapes.check(kind, str(more.get("LogicalId", resource_name)), asked)
        properties = dict(schemas.typed(kind, asked))
        if kind == readers.MAPPING and not readers.is_ours(properties):
            return found(kind).create_from_cloudformation_json(
                resource_name, cloudformation_json, account_id, region_name, **more
            )
        name, told = row.create(resource_name, properties, region_name)
        return cls(name, told, properties, region_name)

    def updated(
        cls: Any, original_resource: Any, new_resource_name: str, cloudformation_json: Any,
        account_id: str, region_name: str,
    ) -> Any:  # fmt: skip
        if not isinstance(original_resource, cls):
            return found(kind).update_from_cloudformation_json(
                original_resource, new_resource_name, cloudformation_json, account_id, region_name
            )
        before: Properties = original_resource.properties
        shapes.check(kind, original_resource.logical_resource_id, cloudformation_json["Properties"])
        after = dict(schemas.typed(kind, cloudformation_json["Properties"]))
        if schemas.is_made_anew(kind, before, after):
            if row.named_by in before and before[row.named_by] == after.get(row.named_by):
                raise ServiceError("ValidationError", CUSTOM_NAMED.format(before[row.named_by]))
            fresh = created(cls, new_resource_name, cloudformation_json, account_id, region_name)
            row.delete(original_resource.name, before, region_name)
            return fresh
        original_resource.refused, original_resource.properties = None, after
        steps = row.update(original_resource.name, before, after, region_name)
        original_resource.take(steps or ())
        return original_resource

    return type(
        kind.rpartition("::")[2],
        (MadeOther, CloudFormationModel),
        {
            "row": row,
            "attribute_names": row.attributes | schemas.attributes(kind),
            "cloudformation_name_type": staticmethod(lambda: row.named_by),
            "cloudformation_type": staticmethod(lambda: kind),
            "create_from_cloudformation_json": classmethod(created),
            "update_from_cloudformation_json": classmethod(updated),
        },
    )
