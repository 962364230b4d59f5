"""What a destination's configuration must be like, beyond what botocore's model can say.

Every rule names its source; the texts are this model's wording unless a row says otherwise. The
first rule broken is the one that is told, in the order of ``check``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.kind import secret_named
from kinesis_sim.firehose.naming.object_names import time_zone
from kinesis_sim.firehose.naming.prefixes import check_prefixes
from kinesis_sim.firehose.processing.deaggregation import splitter
from kinesis_sim.firehose.processing.partitioning import Query
from kinesis_sim.firehose.settings import DestinationSettings, Processor

SMALLEST_COLUMNAR_MB = 64
"""With format conversion or dynamic partitioning (facts/firehose §2)."""
BACKUP_SECONDS = (60, 900)
LAMBDA_MB, LAMBDA_SECONDS = (0.2, 3.0), (0, 900)


def check(settings: DestinationSettings) -> None:
    """Raise InvalidArgumentException for the first thing wrong with a configuration."""
    for rule in (
        _secret,
        settings.kind.first,
        _processors,
        _conversion,
        _partitioning,
        settings.kind.later,
        _backup,
        _prefixes,
    ):
        for text in rule(settings):
            raise refusals.invalid(text)


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


def _secret(settings: DestinationSettings) -> Iterator[str]:
    """A secret that is to be read has an ARN (BC:SecretsManagerConfiguration)."""
    if (
        secret_named(settings.block)
        and "SecretARN" not in (settings.block["SecretsManagerConfiguration"])
    ):
        yield "SecretARN is required when SecretsManagerConfiguration is enabled."


def _processors(settings: DestinationSettings) -> Iterator[str]:
    """Each kind once, with the parameters it cannot do without (facts/firehose §4)."""
    seen: set[str] = set()
    for step in settings.processors:
        if step.type in seen:
            yield f"ProcessingConfiguration has more than one processor of type {step.type}."
        seen.add(step.type)
        yield from _parameters(step)


def _parameters(step: Processor) -> Iterator[str]:
    needed = {
        "Lambda": ("LambdaArn",),
        "MetadataExtraction": ("MetadataExtractionQuery", "JsonParsingEngine"),
        "RecordDeAggregation": ("SubRecordType",),
        "Decompression": ("CompressionFormat",),
        "CloudWatchLogProcessing": ("DataMessageExtraction",),
    }
    for name in needed.get(step.type, ()):
        if name not in step.parameters:
            yield f"Processor {step.type} needs the parameter {name}."
    given = step.parameters
    if step.type == "Lambda":
        yield from _number(given, "BufferSizeInMBs", *LAMBDA_MB)
        yield from _number(given, "BufferIntervalInSeconds", *LAMBDA_SECONDS)
        yield from _number(given, "NumberOfRetries", 0, 300)
    if step.type == "MetadataExtraction" and given["JsonParsingEngine"] != "JQ-1.6":
        yield f"JsonParsingEngine {given['JsonParsingEngine']}: only JQ-1.6 is supported."
    if step.type == "RecordDeAggregation":
        splitter(given["SubRecordType"], given.get("Delimiter"))  # raises by itself
    if step.type == "Decompression" and given["CompressionFormat"] != "GZIP":
        yield f"CompressionFormat {given['CompressionFormat']} of Decompression: only GZIP is."


def _number(given: Any, name: str, low: float, high: float) -> Iterator[str]:
    if name not in given:
        return
    try:
        value = float(given[name])
    except ValueError:
        yield f"{name} {given[name]!r} is no number; give one from {low:g} to {high:g}."
        return
    if not low <= value <= high:
        yield f"{name} {given[name]} is out of range; give a number from {low:g} to {high:g}."


def _conversion(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §5."""
    wanted = settings.conversion
    if wanted is None:
        return
    hints = settings.block.get("BufferingHints") or {}
    if hints.get("SizeInMBs", SMALLEST_COLUMNAR_MB) < SMALLEST_COLUMNAR_MB:
        yield (
            f"BufferingHints.SizeInMBs must be at least {SMALLEST_COLUMNAR_MB} when data format "
            "conversion is enabled."
        )
    if settings.block.get("CompressionFormat", "UNCOMPRESSED") != "UNCOMPRESSED":
        yield (
            "CompressionFormat must be UNCOMPRESSED when data format conversion is enabled: "
            "Parquet and ORC compress inside the file."
        )
    schema = wanted.get("SchemaConfiguration") or {}
    for name in ("RoleARN", "DatabaseName", "TableName"):
        if name not in schema:
            yield f"SchemaConfiguration.{name} is required when data format conversion is enabled."
    yield from _one_of(wanted, "InputFormatConfiguration", "Deserializer")
    yield from _one_of(wanted, "OutputFormatConfiguration", "Serializer")


def _one_of(wanted: Request, section: str, member: str) -> Iterator[str]:
    chosen = (wanted.get(section) or {}).get(member) or {}
    if len(chosen) != 1:
        yield f"{section}.{member} must name exactly one format; it names {len(chosen)}."


def _partitioning(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §2, §3, §4; the first text is AWS's."""
    if settings.query is not None:
        Query(settings.query)  # raises InvalidArgumentException for a query that is none
    if not settings.partitioned:
        if settings.query is not None and not settings.kind.routed:
            yield "MetadataExtraction needs DynamicPartitioningConfiguration to be enabled."
        return
    hints = settings.block.get("BufferingHints") or {}
    if hints.get("SizeInMBs", SMALLEST_COLUMNAR_MB) < SMALLEST_COLUMNAR_MB:
        yield (
            f"BufferingHints.SizeInMBs must be at least {SMALLEST_COLUMNAR_MB} when Dynamic "
            "Partitioning is enabled."
        )
    if hints.get("IntervalInSeconds") == 0:
        yield "Zero buffering (IntervalInSeconds 0) is not available with Dynamic Partitioning."
    if settings.query is None and settings.transform is None:
        yield (
            "Dynamic Partitioning needs keys: a MetadataExtraction processor, a Lambda processor, "
            "or both."
        )


def _backup(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §2, §3."""
    block = settings.block
    own = block.get("S3BackupConfiguration")
    nested = block.get(settings.kind.nested) if not settings.kind.staged else None
    for backup in (own, nested):
        seconds = ((backup or {}).get("BufferingHints") or {}).get("IntervalInSeconds")
        if seconds is not None and not BACKUP_SECONDS[0] <= seconds <= BACKUP_SECONDS[1]:
            yield (
                f"IntervalInSeconds {seconds} of a backup bucket: give a number from "
                f"{BACKUP_SECONDS[0]} to {BACKUP_SECONDS[1]}; zero buffering is for destinations."
            )


def _prefixes(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §3; ``naming`` has the rules and raises by itself."""
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
        check_prefixes(
            backup.get("Prefix"),
            backup.get("ErrorOutputPrefix"),
        )
    time_zone(settings.block.get("CustomTimeZone"))
    yield from ()
