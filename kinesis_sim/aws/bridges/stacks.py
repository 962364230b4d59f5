"""CloudFormation's data streams and Firehose streams: made, changed and removed here.

Properties are those of AWS::Kinesis::Stream and AWS::KinesisFirehose::DeliveryStream; what neither
creation nor an update here knows is refused by name. A stack is in progress until its streams are
ACTIVE and as the template has them, and until what can only be made on an ACTIVE stream is made
(``latecomers``); a deleted one is gone at once (the model's choice: AWS waits for that too).
Consumers, policies and mappings are in ``readers``, alarms and log streams in ``monitoring``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from kinesis_sim.aws.bridges import latecomers, schemas, shapes, stack_lives
from kinesis_sim.aws.bridges.delivery import ask, asking
from kinesis_sim.aws.bridges.kinds import CUSTOM_NAMED, KINDS, class_of, no_attribute
from kinesis_sim.aws.bridges.labels import HOSES, STREAMS, retag, tags_of
from kinesis_sim.aws.bridges.properties import typed
from kinesis_sim.aws.bridges.settling import Settling, unless_gone
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

STREAM, DELIVERY_STREAM = "AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream"
_NOT_MADE = ("RecordDistributionStrategy",)
"""Of a data stream's properties: botocore's model does not know it."""


class Made(Settling):
    """A stream as moto's CloudFormation keeps it. name: its physical id; type: its type."""

    def __init__(self, name: str, kind: str, region: str) -> None:
        super().__init__()
        self.name, self.type, self.region, self.arn = name, kind, region, ""

    def status(self) -> str | None:
        """Its status; None when it is not there. Read past the API, whose rate is the caller's."""
        place = asking().regions.of(self.region)
        streams = place.streams if self.type == STREAM else place.firehose
        stream = streams.streams.get(self.name)
        return None if stream is None or stream.status is None else stream.status.value

    def failure(self) -> ServiceError | None:
        """What became of a creation that failed after its call: a key that may not be used.

        CloudFormation says that it did not stabilize (its guide's troubleshooting page); why is
        this model's to say.
        """
        if self.status() != "CREATING_FAILED":
            return None
        stream = asking().regions.of(self.region).firehose.streams[self.name]
        why = (stream.failure or {}).get("Details", "its creation failed")
        return ServiceError(
            "NotStabilized",
            f"Resource of type '{self.type}' with identifier '{self.name}' did not stabilize: "
            f"{why}",
        )

    @property
    def physical_resource_id(self) -> str:
        """What Ref gives."""
        return self.name

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt has it."""
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Fn::GetAtt."""
        if attribute_name == "Arn":
            return self.arn
        raise no_attribute()


def build() -> None:
    """Have moto's CloudFormation know these types by this file."""
    from moto.cloudformation import parsing
    from moto.core.common_models import CloudFormationModel

    found, named = parsing.resource_class_from_type, parsing.resource_name_property_from_type
    classes = {
        STREAM: _class(STREAM, "Name", _create_stream, _update_stream, _delete_stream),
        DELIVERY_STREAM: _class(
            DELIVERY_STREAM, "DeliveryStreamName", _create_hose, _update_hose, _delete_hose
        ),
    }
    classes |= {kind: class_of(kind, found) for kind in KINDS}
    assert issubclass(classes[STREAM], CloudFormationModel)
    stack_lives.build()
    module: Any = parsing
    module.resource_class_from_type = lambda kind: classes.get(kind) or found(kind)
    module.resource_name_property_from_type = lambda kind: (
        classes[kind].cloudformation_name_type() if kind in classes else named(kind)
    )


def _class(kind: str, name: str, create: Any, update: Any, delete: Any) -> Any:
    """A class as moto wants it; what it makes are ``Made``. name: the property that names them."""
    from moto.core.common_models import CloudFormationModel

    def created(
        cls: Any, /, resource_name: str, cloudformation_json: Any, account_id: str,
        region_name: str, **more: Any,
    ) -> Any:  # fmt: skip
        asked = cloudformation_json.get("Properties", {})
        shapes.check(kind, str(more.get("LogicalId", resource_name)), asked)
        properties = dict(asked)
        own = str(properties.get(name) or resource_name)
        made = cls(own, kind, region_name)
        made.properties = properties
        made.arn = create(made, properties)
        return made

    def updated(
        cls: Any, original_resource: Any, new_resource_name: str, cloudformation_json: Any,
        account_id: str, region_name: str,
    ) -> Any:  # fmt: skip
        shapes.check(kind, original_resource.logical_resource_id, cloudformation_json["Properties"])
        properties = dict(cloudformation_json["Properties"])
        before = original_resource.properties
        own = str(properties.get(name) or original_resource.name)
        unnamed, had = ({**each, name: None} for each in (properties, before))
        if schemas.is_made_anew(kind, had, unnamed):
            own = new_resource_name
            if own == original_resource.name:
                raise ServiceError("ValidationError", CUSTOM_NAMED.format(own))
        if own != original_resource.name:
            fresh = created(cls, own, cloudformation_json, account_id, region_name)
            delete(original_resource.name, region_name)
            return fresh
        original_resource.properties = properties
        update(original_resource, before, properties)
        return original_resource

    def deleted(
        cls: Any, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        delete(resource_name, region_name)

    return type(
        kind.rpartition("::")[2],
        (Made, CloudFormationModel),
        {
            "properties": {},
            "cloudformation_name_type": staticmethod(lambda: name),
            "cloudformation_type": staticmethod(lambda: kind),
            "create_from_cloudformation_json": classmethod(created),
            "update_from_cloudformation_json": classmethod(updated),
            "delete_from_cloudformation_json": classmethod(deleted),
        },
    )


# --- AWS::Kinesis::Stream -------------------------------------------------------------------------


def _create_stream(made: Made, properties: dict[str, Any]) -> str:
    for unknown in properties.keys() & set(_NOT_MADE):
        raise ServiceError(CODE, f"Kinesis Lab does not make a {STREAM} with {unknown}.")
    _check_warm(properties)
    asked: dict[str, Any] = {"StreamName": made.name}
    if "StreamModeDetails" in properties:
        asked["StreamModeDetails"] = properties["StreamModeDetails"]
    for number in ("ShardCount", "MaxRecordSizeInKiB", "WarmThroughputMiBps"):
        if number in properties:
            asked[number] = int(properties[number])
    if properties.get("Tags"):
        asked["Tags"] = tags_of(properties)
    ask("kinesis", "CreateStream", asked, made.region)
    made.when_active(lambda: _settle(made, {}, properties))
    summary = ask("kinesis", "DescribeStreamSummary", {"StreamName": made.name}, made.region)
    return str(summary["StreamDescriptionSummary"]["StreamARN"])


def _update_stream(made: Made, before: dict[str, Any], after: dict[str, Any]) -> None:
    name, region = made.name, made.region
    made.refused = None
    retag(STREAMS, made.arn, before, after, region)
    mode = after.get("StreamModeDetails")
    if mode is not None and mode != before.get("StreamModeDetails"):
        told = {"StreamARN": made.arn, "StreamModeDetails": mode}
        ask("kinesis", "UpdateStreamMode", told, region)
    count = after.get("ShardCount")
    if count is not None and count != before.get("ShardCount"):
        asked = {
            "StreamName": name,
            "TargetShardCount": int(count),
            "ScalingType": "UNIFORM_SCALING",
        }
        made.when_active(lambda: ask("kinesis", "UpdateShardCount", asked, region))
    _check_warm(after)
    warm = after.get("WarmThroughputMiBps")
    if warm is not None and warm != before.get("WarmThroughputMiBps"):
        told_warm = {"StreamARN": made.arn, "WarmThroughputMiBps": int(warm)}
        made.when_active(lambda: ask("kinesis", "UpdateStreamWarmThroughput", told_warm, region))
    size, was = (int(each.get("MaxRecordSizeInKiB") or 1024) for each in (after, before))
    if size != was:
        largest = {"StreamARN": made.arn, "MaxRecordSizeInKiB": size}
        made.when_active(lambda: ask("kinesis", "UpdateMaxRecordSize", largest, region))
    made.when_active(lambda: _settle(made, before, after))


def _check_warm(properties: dict[str, Any]) -> None:
    """What the type's handler asks before the API does (recorded: cdk-preflight, 2026-09-06)."""
    mode = (properties.get("StreamModeDetails") or {}).get("StreamMode")
    if "WarmThroughputMiBps" in properties and mode != "ON_DEMAND":
        raise ServiceError(
            "InvalidRequest", "WarmThroughputMiBps can only be set for ON_DEMAND streams"
        )


def _settle(made: Made, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Retention, encryption and monitoring: one change, and the rest when that is done."""
    hours, was = (int(each.get("RetentionPeriodHours") or 24) for each in (after, before))
    key, had = (each.get("StreamEncryption") or {} for each in (after, before))
    wanted, watched = (set(each.get("DesiredShardLevelMetrics") or ()) for each in (after, before))
    if "ALL" in wanted and len(wanted) > 1:  # recorded: cdk-preflight, 2026-09-06
        raise ServiceError(
            "InvalidRequest", "DesiredShardLevelMetrics cannot have ALL with other metric names"
        )
    steps: list[tuple[str, dict[str, Any]]] = []
    if hours != was:
        way = "Increase" if hours > was else "Decrease"
        steps.append((f"{way}StreamRetentionPeriod", {"RetentionPeriodHours": hours}))
    if key != had:
        verb, told = ("Start", key) if key else ("Stop", had)
        asked = {"EncryptionType": told["EncryptionType"], "KeyId": told["KeyId"]}
        steps.append((f"{verb}StreamEncryption", asked))
    if watched - wanted:
        gone = {"ShardLevelMetrics": sorted(watched - wanted)}
        steps.append(("DisableEnhancedMonitoring", gone))
    if wanted - watched:
        steps.append(("EnableEnhancedMonitoring", {"ShardLevelMetrics": sorted(wanted - watched)}))
    made.take([partial(_asked, made, *step) for step in steps])


def _asked(made: Made, operation: str, request: dict[str, Any]) -> None:
    ask("kinesis", operation, {"StreamName": made.name, **request}, made.region)


def _delete_stream(name: str, region: str) -> None:
    unless_gone(
        "kinesis", "DeleteStream", {"StreamName": name, "EnforceConsumerDeletion": True}, region
    )


# --- AWS::KinesisFirehose::DeliveryStream ---------------------------------------------------------

_ENCRYPTION = "DeliveryStreamEncryptionConfigurationInput"


def _create_hose(made: Made, properties: dict[str, Any]) -> str:
    asked = {**_hose(properties), "DeliveryStreamName": made.name}
    _await_source(made, asked)
    return str(ask("firehose", "CreateDeliveryStream", asked, made.region)["DeliveryStreamARN"])


def _await_source(made: Made, asked: dict[str, Any]) -> None:
    """Raise NotYet while the data stream that it reads is not there to be read."""
    arn = asked.get("KinesisStreamSourceConfiguration", {}).get("KinesisStreamARN")
    if arn is None or asked.get("DeliveryStreamType") != "KinesisStreamAsSource":
        return
    told = ask("kinesis", "DescribeStreamSummary", {"StreamARN": arn}, made.region)
    if told["StreamDescriptionSummary"]["StreamStatus"] == "CREATING":
        raise latecomers.NotYet(f"Stream {arn.rpartition('/')[2]}")


def _hose(properties: dict[str, Any]) -> dict[str, Any]:
    """The request: the template's members are the API's, with numbers as text here and there."""
    asked = {key: value for key, value in properties.items() if key != "DeliveryStreamName"}
    return dict(typed("firehose", "CreateDeliveryStream", asked))


def _update_hose(made: Made, before: dict[str, Any], after: dict[str, Any]) -> None:
    name, region = made.name, made.region
    had, wanted = _hose(before), _hose(after)
    changed = sorted(key for key in had.keys() | wanted.keys() if had.get(key) != wanted.get(key))
    blocks = [key for key in changed if key.endswith("DestinationConfiguration")]
    others = [key for key in changed if key not in (*blocks, "Tags", _ENCRYPTION)]
    if others or len(blocks) > 1:
        what = (others or blocks)[0]
        raise ServiceError(CODE, f"Kinesis Lab does not change {what} of a {DELIVERY_STREAM}.")
    retag(HOSES, name, before, after, region)
    if _ENCRYPTION in changed:
        _encrypt(name, wanted.get(_ENCRYPTION), region)
    if blocks:
        _redirect(name, blocks[0], dict(wanted[blocks[0]]), region)


def _encrypt(name: str, key: dict[str, Any] | None, region: str) -> None:
    """Start a Firehose stream's encryption, or stop it where the template has none any more."""
    asked: dict[str, Any] = {"DeliveryStreamName": name}
    if key is None:
        ask("firehose", "StopDeliveryStreamEncryption", asked, region)
        return
    asked["DeliveryStreamEncryptionConfigurationInput"] = key
    ask("firehose", "StartDeliveryStreamEncryption", asked, region)


def _redirect(name: str, block: str, update: dict[str, Any], region: str) -> None:
    """Change what a Firehose stream delivers to, and how. update: the block's new content."""
    told = ask("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": name}, region)
    described = told["DeliveryStreamDescription"]
    for member in [key for key in update if key.endswith("S3Configuration")]:
        update[member.replace("Configuration", "Update")] = update.pop(member)
    if "S3BackupConfiguration" in update:
        update["S3BackupUpdate"] = update.pop("S3BackupConfiguration")
    request = {
        "DeliveryStreamName": name,
        "CurrentDeliveryStreamVersionId": described["VersionId"],
        "DestinationId": described["Destinations"][0]["DestinationId"],
        block.replace("Configuration", "Update"): update,
    }
    ask("firehose", "UpdateDestination", request, region)


def _delete_hose(name: str, region: str) -> None:
    unless_gone("firehose", "DeleteDeliveryStream", {"DeliveryStreamName": name}, region)
