"""CloudFormation's types besides the streams, each a row: what makes, changes and removes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinesis_sim.aws.bridges import monitoring, readers, shapes
from kinesis_sim.aws.bridges.properties import typed

Properties = dict[str, Any]


class MadeOther:
    """A resource of one of ``KINDS`` as moto's CloudFormation keeps it.

    name: its physical id; attributes: what GetAtt gives.
    """

    attribute_names: frozenset[str] = frozenset()

    def __init__(self, name: str, attributes: dict[str, Any], properties: dict[str, Any]) -> None:
        self.name, self.attributes, self.properties = name, attributes, properties

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
    """How resources of a type are made, changed and removed. attributes: what GetAtt may ask for.

    named_by: the property that names them, empty for none; anew: those whose change makes another.
    """

    create: Callable[[str, Properties, str], tuple[str, Properties]]
    update: Callable[[str, Properties, Properties, str], Any]
    delete: Callable[[str, Properties, str], None]
    anew: tuple[str, ...]
    attributes: frozenset[str] = frozenset()
    named_by: str = ""


KINDS: dict[str, StackKind] = {
    readers.CONSUMER: StackKind(
        create=lambda _, asked, region: readers.create_consumer(asked, region),
        update=readers.update_consumer,
        delete=lambda arn, _, region: readers.delete_consumer(arn, region),
        anew=readers.MADE_ANEW[readers.CONSUMER],
        attributes=frozenset(readers.CONSUMER_ATTRIBUTES),
    ),
    readers.POLICY: StackKind(
        create=lambda _, asked, region: (readers.put_policy(asked, region), {}),
        update=lambda _, before, after, region: readers.put_policy(after, region),
        delete=lambda arn, _, region: readers.delete_policy(arn, region),
        anew=readers.MADE_ANEW[readers.POLICY],
    ),
    readers.MAPPING: StackKind(
        create=lambda _, asked, region: readers.create_mapping(_mapping(asked), region),
        update=lambda uuid, before, after, region: readers.update_mapping(
            uuid, _mapping(before), _mapping(after), region
        ),
        delete=lambda uuid, _, region: readers.delete_mapping(uuid, region),
        anew=readers.MADE_ANEW[readers.MAPPING],
        attributes=frozenset({"Id", "EventSourceMappingArn"}),
    ),
    monitoring.ALARM: StackKind(
        create=lambda name, asked, region: monitoring.put_alarm(name, _alarm(asked), region),
        update=lambda name, before, after, region: monitoring.put_alarm(
            name, _alarm(after), region
        ),
        delete=lambda name, _, region: monitoring.delete_alarm(name, region),
        anew=monitoring.MADE_ANEW[monitoring.ALARM],
        attributes=frozenset({"Arn"}),
        named_by="AlarmName",
    ),
    monitoring.LOG_STREAM: StackKind(
        create=monitoring.create_log_stream,
        update=lambda name, before, after, region: None,
        delete=monitoring.delete_log_stream,
        anew=monitoring.MADE_ANEW[monitoring.LOG_STREAM],
        named_by="LogStreamName",
    ),
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
        properties = dict(asked)
        if kind == readers.MAPPING and not readers.is_ours(properties):
            return found(kind).create_from_cloudformation_json(
                resource_name, cloudformation_json, account_id, region_name, **more
            )
        name, told = row.create(resource_name, properties, region_name)
        return cls(name, told, properties)

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
        after = dict(cloudformation_json["Properties"])
        if any(before.get(name) != after.get(name) for name in row.anew):
            fresh = created(cls, new_resource_name, cloudformation_json, account_id, region_name)
            row.delete(original_resource.name, before, region_name)
            return fresh
        row.update(original_resource.name, before, after, region_name)
        original_resource.properties = after
        return original_resource

    def deleted(
        cls: Any, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        row.delete(resource_name, dict(cloudformation_json.get("Properties", {})), region_name)

    return type(
        kind.rpartition("::")[2],
        (MadeOther, CloudFormationModel),
        {
            "attribute_names": row.attributes,
            "cloudformation_name_type": staticmethod(lambda: row.named_by),
            "cloudformation_type": staticmethod(lambda: kind),
            "create_from_cloudformation_json": classmethod(created),
            "update_from_cloudformation_json": classmethod(updated),
            "delete_from_cloudformation_json": classmethod(deleted),
        },
    )
