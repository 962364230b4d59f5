"""A configuration in its three forms: as it is asked for, as it is changed, and as it is described.

Describe writes ``Inputs`` as ``InputDescriptions``, Update as ``InputUpdates`` with a member
``NamePrefixUpdate`` in each. One application keeps its configuration as it is described; what comes
in is translated, so that create, update and rollback follow the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_sim.account.calls import Request

_DESCRIBED = {
    "SqlApplicationConfiguration": "SqlApplicationConfigurationDescription",
    "Inputs": "InputDescriptions",
    "InputProcessingConfiguration": "InputProcessingConfigurationDescription",
    "InputLambdaProcessor": "InputLambdaProcessorDescription",
    "KinesisStreamsInput": "KinesisStreamsInputDescription",
    "KinesisFirehoseInput": "KinesisFirehoseInputDescription",
    "Outputs": "OutputDescriptions",
    "KinesisStreamsOutput": "KinesisStreamsOutputDescription",
    "KinesisFirehoseOutput": "KinesisFirehoseOutputDescription",
    "LambdaOutput": "LambdaOutputDescription",
    "ReferenceDataSources": "ReferenceDataSourceDescriptions",
    "S3ReferenceDataSource": "S3ReferenceDataSourceDescription",
    "FlinkApplicationConfiguration": "FlinkApplicationConfigurationDescription",
    "CheckpointConfiguration": "CheckpointConfigurationDescription",
    "MonitoringConfiguration": "MonitoringConfigurationDescription",
    "ParallelismConfiguration": "ParallelismConfigurationDescription",
    "EnvironmentProperties": "EnvironmentPropertyDescriptions",
    "PropertyGroups": "PropertyGroupDescriptions",
    "ApplicationCodeConfiguration": "ApplicationCodeConfigurationDescription",
    "CodeContent": "CodeContentDescription",
    "ApplicationSnapshotConfiguration": "ApplicationSnapshotConfigurationDescription",
    "ApplicationSystemRollbackConfiguration": "ApplicationSystemRollbackConfigurationDescription",
    "VpcConfigurations": "VpcConfigurationDescriptions",
    "ZeppelinApplicationConfiguration": "ZeppelinApplicationConfigurationDescription",
    "CatalogConfiguration": "CatalogConfigurationDescription",
    "GlueDataCatalogConfiguration": "GlueDataCatalogConfigurationDescription",
    "DeployAsApplicationConfiguration": "DeployAsApplicationConfigurationDescription",
    "CustomArtifactsConfiguration": "CustomArtifactsConfigurationDescription",
    "MavenReference": "MavenReferenceDescription",
    "ApplicationEncryptionConfiguration": "ApplicationEncryptionConfigurationDescription",
    "CloudWatchLoggingOptions": "CloudWatchLoggingOptionDescriptions",
}
_CODE_PLACE = "S3ApplicationCodeLocationDescription"
_PLURALS = {
    "EnvironmentPropertyUpdates": "EnvironmentProperties",
    "SubnetIdUpdates": "SubnetIds",
    "SecurityGroupIdUpdates": "SecurityGroupIds",
}
_WHOLE = frozenset({"RecordFormatUpdate", "ReferenceSchemaUpdate", "DestinationSchemaUpdate"})
"""Updates that bring a whole structure, whose members are named as ever."""
IDS = ("InputId", "OutputId", "ReferenceId", "VpcConfigurationId", "CloudWatchLoggingOptionId")
"""What a part of a list is known by."""
WITH_IDS = {
    "InputDescriptions": "InputId",
    "OutputDescriptions": "OutputId",
    "ReferenceDataSourceDescriptions": "ReferenceId",
    "VpcConfigurationDescriptions": "VpcConfigurationId",
    "CloudWatchLoggingOptionDescriptions": "CloudWatchLoggingOptionId",
}


def described(asked: Mapping[str, Any], inside: str = "") -> Request:
    """A configuration as it is asked for, as it is described. Values are copied."""
    return {
        _described_name(name, inside): _described_value(name, value)
        for name, value in asked.items()
    }


def _described_name(name: str, inside: str) -> str:
    if name == "S3ContentLocation":
        return _CODE_PLACE if inside == "CodeContent" else "S3ContentLocationDescription"
    return _DESCRIBED.get(name, name)


def _described_value(name: str, value: Any) -> Any:
    if name in ("PropertyMap", "InputSchema", "ReferenceSchema", "DestinationSchema"):
        return _copied(value)
    if isinstance(value, Mapping):
        return described(value, name)
    if isinstance(value, list):
        return [_described_value(name, each) for each in value]
    return value


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def asked(update: Mapping[str, Any]) -> Request:
    """What an update changes, as it would be asked for."""
    return {_asked_name(name): _asked_value(name, value) for name, value in update.items()}


def _asked_name(name: str) -> str:
    if name in _PLURALS:
        return _PLURALS[name]
    if name.endswith("Updates"):
        return name.removesuffix("Updates") + "s"
    return name.removesuffix("Update")


def _asked_value(name: str, value: Any) -> Any:
    if name in _WHOLE or name in ("PropertyGroups", "CustomArtifactsConfigurationUpdate"):
        return _copied(value)
    if isinstance(value, Mapping):
        return asked(value)
    if isinstance(value, list):
        return [_asked_value(name, each) for each in value]
    return value


def merged(
    standing: Mapping[str, Any], change: Mapping[str, Any], missing: Callable[[str, str], Exception]
) -> Request:
    """A description with a change in it: parts with an id are met by it, other lists are replaced.

    missing: makes the error for an id that is not there, of its member and value.
    """
    made = dict(standing)
    for name, value in change.items():
        old = made.get(name)
        if name in WITH_IDS and isinstance(value, list):
            made[name] = _parts(list(old or []), value, WITH_IDS[name], missing)
        elif isinstance(value, Mapping) and isinstance(old, Mapping) and name != "PropertyMap":
            made[name] = merged(old, value, missing)
        else:
            made[name] = _copied(value)
    return made


def _parts(
    standing: list[Request],
    changes: list[Request],
    member: str,
    missing: Callable[[str, str], Exception],
) -> list[Request]:
    places = {part[member]: at for at, part in enumerate(standing)}
    made = list(standing)
    for change in changes:
        if change.get(member) not in places:
            raise missing(member, str(change.get(member)))
        at = places[change[member]]
        made[at] = merged(made[at], change, missing)
    return made
