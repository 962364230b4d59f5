"""What a destination's configuration must be like, beyond what botocore's model can say.

Creation and update are held to the same rules. Words: facts/firehose §1.7, what
CreateDeliveryStream was recorded answering; the rest is this model's wording and says so. The
first rule broken is the one that is told, in the order of ``check``, which AWS's answers do not
contradict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.conversion.requirements import SMALLEST_COLUMNAR_MB, conversion
from kinesis_sim.firehose.kind import secret_named
from kinesis_sim.firehose.naming.prefixes import check_prefixes
from kinesis_sim.firehose.naming.time_zones import time_zone
from kinesis_sim.firehose.ports import Engines, FirehosePorts
from kinesis_sim.firehose.processing.partitioning import Query
from kinesis_sim.firehose.processing.requirements import steps
from kinesis_sim.firehose.settings import DestinationSettings

BACKUP_SECONDS = (60, 900)
_HAS_TYPES = re.compile(r"Elasticsearch_[1-6]\.")


def check(settings: DestinationSettings, ports: FirehosePorts) -> None:
    """Raise InvalidArgumentException for the first thing wrong with a configuration.

    ports: of the stream, whose Region keys and secrets share, and whose account its roles; domains
    are looked up by them. Raises AccessDeniedException for a role of another account.
    """
    for rule in (
        _logging,
        _keys,
        settings.kind.first,
        steps,
        conversion,
        _partitioning,
        settings.kind.later,
        _backup,
        _prefixes,
    ):
        for text in rule(settings):
            raise refusals.invalid(text)
    for text in (*_regions(settings, ports.region), *_types(settings, ports.engines)):
        raise refusals.invalid(text)
    check_roles(settings.block, ports.account)
    for step in settings.processors:
        check_roles({"RoleARN": step.parameters.get("RoleArn")}, ports.account)


def check_roles(block: Request, account: str) -> None:
    """Raise AccessDeniedException for a role that is of another account.

    Recorded of a destination's role and of a schema's (facts/firehose/1.7/role-in-another-account);
    those of buckets, backups, secrets, sources and steps are held to the first.
    """
    for name, value in block.items():
        if isinstance(value, dict):
            check_roles(value, account)
        if name == "RoleARN" and value and value.split(":")[4] != account:
            raise refusals.foreign_role(account, schema="DatabaseName" in block)


def check_hints(block: Request) -> None:
    """Both of them or neither (BC:CreateDeliveryStream).

    block: as it was given, its defaults not filled in yet. Raises InvalidArgumentException.
    """
    for each in (block, *block.values()):
        wanted = each.get("BufferingHints") if isinstance(each, dict) else None
        if wanted is not None and len(wanted) == 1:
            (given,) = wanted
            other = "SizeInMBs" if given == "IntervalInSeconds" else "IntervalInSeconds"
            raise refusals.invalid(
                f"BufferingHints has {given} but no {other}: give a value for both of them, or for "
                "neither."
            )


def _s3_blocks(settings: DestinationSettings) -> Iterator[Request]:
    """The destination's own bucket, then that of its backup."""
    yield settings.s3
    backup = settings.block.get("S3BackupConfiguration")
    if backup is not None:
        yield backup


def _logging(settings: DestinationSettings) -> Iterator[str]:
    """Of the destination itself and of its buckets."""
    for block in (settings.block, *_s3_blocks(settings)):
        wanted = block.get("CloudWatchLoggingOptions") or {}
        if wanted.get("Enabled") and not wanted.get("LogGroupName"):
            yield "CloudWatch Log Group Name is required if CloudWatch Logging is enabled"


def _keys(settings: DestinationSettings) -> Iterator[str]:
    """A secret that is to be read has an ARN; a bucket is encrypted in one way."""
    block = settings.block
    if secret_named(block) and "SecretARN" not in block["SecretsManagerConfiguration"]:
        yield "Invalid secret ARN: null"
    for s3 in _s3_blocks(settings):
        if len(s3["EncryptionConfiguration"]) != 1:
            yield "Exactly one of NoEncryptionConfig or KMSEncryptionConfig must be specified"


def _regions(settings: DestinationSettings, region: str) -> Iterator[str]:
    """A bucket is taken to be in the stream's Region (model's choice)."""
    secret = (settings.block.get("SecretsManagerConfiguration") or {}).get("SecretARN")
    if secret is not None and _region(secret) != region:
        yield (
            "Cross-region secrets are not allowed. Please provide a secret in the same region as "
            "firehose"
        )
    for s3 in _s3_blocks(settings):
        key = (s3["EncryptionConfiguration"].get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
        if key is not None and _region(key) != region:
            yield (
                f"KMS Key {key} does not exist in the same region as the S3 bucket. KMS Key "
                f"region: {_region(key)}. S3 Bucket Region: {region}"
            )


def _types(settings: DestinationSettings, engines: Engines) -> Iterator[str]:
    """A domain that knows no types takes no name of one.

    Recorded of OpenSearch 2.11 (facts/firehose/1.7/type-name); a domain that is not there, or is
    known by its endpoint alone, is not asked.
    """
    if not settings.block.get("TypeName") or "DomainARN" not in settings.block:
        return
    engine = engines(settings.block["DomainARN"])
    if engine is not None and not _HAS_TYPES.match(engine):
        yield (
            "Types are deprecated in Elasticsearch version 7+ and all OpenSearch versions. "
            "TypeName must be empty."
        )


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _partitioning(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §1.7, §2."""
    if not settings.partitioned:
        return
    hints = settings.block.get("BufferingHints") or {}
    if hints.get("SizeInMBs", SMALLEST_COLUMNAR_MB) < SMALLEST_COLUMNAR_MB:
        yield (
            f"BufferingHints.SizeInMBs must be at least {SMALLEST_COLUMNAR_MB} when Dynamic "
            "Partitioning is enabled."
        )
    if hints.get("IntervalInSeconds") == 0:
        yield "Zero buffering (IntervalInSeconds 0) is not available with Dynamic Partitioning."
    if not settings.processors:
        yield "Processing Configuration is not enabled when DataPartitioning is enabled"
    if settings.query is None and settings.transform is None:
        yield (
            "Dynamic Partitioning needs keys: a MetadataExtraction processor, a Lambda processor, "
            "or both."
        )


def _backup(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §2, §3; CAP docs/firehose has the words of the interval."""
    block = settings.block
    own = block.get("S3BackupConfiguration")
    nested = block.get(settings.kind.nested) if not settings.kind.staged else None
    for backup in (own, nested):
        seconds = ((backup or {}).get("BufferingHints") or {}).get("IntervalInSeconds")
        if seconds is not None and not BACKUP_SECONDS[0] <= seconds <= BACKUP_SECONDS[1]:
            yield (
                f"S3 backup buffering interval must be between {BACKUP_SECONDS[0]} and "
                f"{BACKUP_SECONDS[1]} seconds."
            )


def _prefixes(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §1.7, §3; ``naming`` has the rules and raises by itself."""
    check_prefixes(
        settings.s3.get("Prefix"),
        settings.s3.get("ErrorOutputPrefix"),
        partitioned=settings.partitioned,
        query_keys=() if settings.query is None else Query(settings.query).names,
        function=settings.transform is not None,
        redshift=settings.kind.staged,
    )
    backup = settings.block.get("S3BackupConfiguration")
    if backup is not None:
        check_prefixes(backup.get("Prefix"), backup.get("ErrorOutputPrefix"))
    time_zone(settings.block.get("CustomTimeZone"))
    yield from ()
