"""What a DataFormatConversionConfiguration must be like, in CreateDeliveryStream's own words.

Words: facts/firehose §1.7; order: floci-io/floci pull request 3236 (probed 2026-09-07): the
bucket's compression, the size of its buffer, the three blocks, then what is in them. An Enabled
that is not given counts as true; with false nothing of this is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.naming.date_patterns import WrongPattern, date_pattern
from kinesis_sim.firehose.settings import DestinationSettings

SMALLEST_COLUMNAR_MB = 64
"""With format conversion or dynamic partitioning (facts/firehose §2)."""
_BLOCKS = ("InputFormatConfiguration", "OutputFormatConfiguration", "SchemaConfiguration")


def conversion(settings: DestinationSettings) -> Iterator[str]:
    """What is wrong with a conversion that is switched on."""
    wanted = settings.conversion
    if wanted is None:
        return
    if settings.block.get("CompressionFormat", "UNCOMPRESSED") != "UNCOMPRESSED":
        yield (
            "The S3 destination's compression format must be set to UNCOMPRESSED when data format "
            "conversion is enabled. To enable compression within the converted output format, set "
            "the appropriate serialization option in the output format configuration."
        )
    hints = settings.block.get("BufferingHints") or {}
    if hints.get("SizeInMBs", SMALLEST_COLUMNAR_MB) < SMALLEST_COLUMNAR_MB:
        yield (
            f"BufferingHints.SizeInMBs must be at least {SMALLEST_COLUMNAR_MB} when data format "
            "conversion is enabled."
        )
    for name in _BLOCKS:
        if wanted.get(name) is None:
            yield f"{name} must not be null"
    yield from _one_of(wanted, "InputFormatConfiguration", "Deserializer")
    yield from _one_of(wanted, "OutputFormatConfiguration", "Serializer")
    yield from _schema(wanted["SchemaConfiguration"])
    yield from _formats(wanted)


def _one_of(wanted: Request, section: str, member: str) -> Iterator[str]:
    chosen = wanted[section].get(member) or {}
    if not chosen:
        yield f"{member} must not be null"
    if len(chosen) > 1:
        yield f"More than one {member.lower()} specified. Only one may be chosen."


def _schema(schema: Request) -> Iterator[str]:
    """By analogy with the blocks: these words are not on record."""
    for name in ("RoleARN", "DatabaseName", "TableName"):
        if name not in schema:
            yield f"{name} must not be null"


def _formats(wanted: Request) -> Iterator[str]:
    """Letters of times are those that prefixes have; ``millis`` is a word of its own."""
    hive = wanted["InputFormatConfiguration"]["Deserializer"].get("HiveJsonSerDe") or {}
    given = hive.get("TimestampFormats") or ()
    for text in given:
        try:
            if text != "millis":
                date_pattern(text)
        except WrongPattern:
            yield (
                "Invalid deserializer option(s): One or more SerDe options are invalid for "
                "org.apache.hcatalog.data.JsonSerDe: [Key: timestamp.formats Value: "
                f"{','.join(given)}]"
            )
