"""Configuration blocks of destinations: their defaults, what an update changes, what is described.

Source: facts/firehose §1.3, §2 and botocore's firehose shapes.
"""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.kind import LAKE, Kind
from kinesis_sim.firehose.processing.defaults import processing
from kinesis_sim.firehose.settings import conversion, hints_of, partitioned
from kinesis_sim.units import MIB

CONVERSION_SIZE = Hints(128 * MIB, 300_000)
"""Default size with format conversion (facts/firehose §2)."""
PARTITIONING_SIZE = Hints(64 * MIB, 300_000)
"""Default size with dynamic partitioning: the smallest allowed (model's choice)."""
PARTITIONING_RETRY_S = 300
"""What AWS fills in (localstack/localstack, snapshot of test_firehose, 2022-09-14)."""
_SECRETS = frozenset({"Password", "PrivateKey", "KeyPassphrase", "AccessKey"})
_DESCRIBED = {
    "S3Configuration": "S3DestinationDescription",
    "S3BackupConfiguration": "S3BackupDescription",
    "VpcConfiguration": "VpcConfigurationDescription",
}
_UPDATES = {"S3Update": "S3Configuration", "S3BackupUpdate": "S3BackupConfiguration"}
_MERGED = frozenset(
    {
        *_UPDATES.values(),
        "BufferingHints",
        "CloudWatchLoggingOptions",
        "DataFormatConversionConfiguration",
        "DynamicPartitioningConfiguration",
        "SchemaConfiguration",
    }
)
"""Blocks that an update changes member by member; of others it says all (facts/firehose §1.3)."""


def filled(kind: Kind, block: Request) -> Request:
    """A configuration with the defaults that DescribeDeliveryStream shows."""
    full = dict(block)
    if kind.nested:
        full[kind.nested] = _filled_s3(block[kind.nested], LAKE)
        if not kind.staged:
            full["BufferingHints"] = _told(hints_of(block, kind.hints))
        full.setdefault("RetryOptions", {"DurationInSeconds": kind.retry})
        full.setdefault("CloudWatchLoggingOptions", {"Enabled": False})
    else:
        full = _filled_s3(block, _s3_default(kind, block))
    full.setdefault("S3BackupMode", kind.backup[0])
    if "DynamicPartitioningConfiguration" in full:
        full["DynamicPartitioningConfiguration"] = {
            "RetryOptions": {"DurationInSeconds": PARTITIONING_RETRY_S},
            **full["DynamicPartitioningConfiguration"],
        }
    if "ProcessingConfiguration" in full:
        role = full.get("RoleARN") or full[kind.nested]["RoleARN"]
        full["ProcessingConfiguration"] = processing(
            full["ProcessingConfiguration"], role, kind.step
        )
    if "S3BackupConfiguration" in full:
        full["S3BackupConfiguration"] = _filled_s3(full["S3BackupConfiguration"], LAKE)
    return {**full, **{name: value for name, value in kind.own.items() if name not in full}}


def _s3_default(kind: Kind, block: Request) -> Hints:
    if partitioned(block):
        return PARTITIONING_SIZE
    return kind.hints if conversion(block) is None else CONVERSION_SIZE


def _filled_s3(block: Request, hints: Hints) -> Request:
    return {
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": False},
        **block,
        "BufferingHints": _told(hints_of(block, hints)),
    }


def _told(hints: Hints) -> dict[str, int]:
    return {"SizeInMBs": hints.size // MIB, "IntervalInSeconds": hints.interval // 1_000}


def merged(current: Request, update: Request) -> Request:
    """A configuration with an update of the same type: what the update does not say is kept.

    Steps of processing are replaced as a whole: those that are not named again are gone, and only
    whether they are switched on is kept (CAP docs/firehose; floci-io/floci pull request 3375).
    """
    new = dict(current)
    for name, value in update.items():
        target = _UPDATES.get(name, name)
        before = current.get(target) or {}
        if target in _MERGED:
            new[target] = merged(before, value)
        elif target == "ProcessingConfiguration":
            new[target] = {"Enabled": before.get("Enabled", False), **value}
        else:
            new[target] = value
    return new


def fresh(update: Request) -> Request:
    """What an update of another type makes: nothing is kept (facts/firehose §1.3)."""
    return {_UPDATES.get(name, name): value for name, value in update.items()}


def description(block: Request) -> Request:
    """A configuration as it is described: without secrets, under the names of descriptions."""
    told: Request = {}
    for name, value in block.items():
        if name in _SECRETS:
            continue
        shown = _DESCRIBED.get(name, name)
        told[shown] = description(value) if isinstance(value, dict) else value
        if name == "VpcConfiguration":
            told[shown]["VpcId"] = "vpc-00000000"
    return told
