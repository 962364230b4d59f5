"""A destination's configuration, read once: from a request's block to what the delivery needs.

Source: facts/firehose §1.3, §2 to §6 and botocore's firehose shapes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.compression import default_extension
from kinesis_sim.firehose.kind import LAKE, Kind
from kinesis_sim.firehose.naming.object_names import Naming, naming
from kinesis_sim.units import MIB

LogPlace = tuple[str, str]
"""A group and a stream of CloudWatch Logs."""
DESTINATION_LOG = "DestinationDelivery"
"""The stream of a destination's errors; a backup's is BackupDelivery (facts/firehose §7)."""


@dataclass(frozen=True, slots=True)
class Processor:
    """One step of ProcessingConfiguration: its type and its parameters, all texts."""

    type: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transform:
    """The Lambda step. function: an ARN; retries: after the first invocation."""

    function: str
    hints: Hints
    retries: int = 3


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where objects go, and under which names.

    log: where its own errors are logged, as ``DestinationSettings.log``; that of a backup is
    BackupDelivery unless it says otherwise.
    """

    name: str
    prefix: str | None
    error_prefix: str | None
    hints: Hints
    compression: str
    extension: str | None = None
    time_zone: str | None = None
    converted: str = ""
    log: LogPlace | None = None

    @classmethod
    def of(
        cls, block: Request, hints: Hints | None = None, log_stream: str = "BackupDelivery"
    ) -> Bucket:
        """Read an S3 configuration. log_stream: of its errors, unless it says otherwise."""
        return cls(
            name=str(block["BucketARN"]).rpartition(":::")[2],
            prefix=block.get("Prefix"),
            error_prefix=block.get("ErrorOutputPrefix"),
            hints=hints or hints_of(block, LAKE),
            compression=block.get("CompressionFormat", "UNCOMPRESSED"),
            extension=block.get("FileExtension") or None,
            time_zone=block.get("CustomTimeZone") or None,
            converted=_format(block),
            log=_log(block, log_stream),
        )

    def naming(self, stream: str, version: int) -> Naming:
        """How its objects are called."""
        return naming(
            stream,
            version,
            prefix=self.prefix,
            error_prefix=self.error_prefix,
            custom_time_zone=self.time_zone,
            extension=self.extension or default_extension(self.compression, self.converted),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationSettings:
    """One version of a stream's destination.

    block: its configuration with every default filled in. s3: the S3 block: the destination itself,
    or where failures and backups go. hints: of the destination's buffer; Redshift's is its S3
    step's. bucket: where data goes (S3), is staged (Redshift), or ends up after failures (all
    others). backup: where a copy of every source record goes; None when none is kept.

    processors: the steps that are switched on, in the request's order; transform: the Lambda step;
    query: the jq query of MetadataExtraction; delimited: whether a new line is put between
    records. subnets: of the VPC that it delivers into. partitioned: whether dynamic partitioning is
    on. conversion: of formats, when it is on. retry_seconds: how long the destination is tried.
    log: CloudWatch Logs' group and stream for errors, when logging is on.
    """

    kind: Kind
    block: Request
    s3: Request
    hints: Hints
    bucket: Bucket
    backup: Bucket | None
    processors: tuple[Processor, ...]
    transform: Transform | None
    query: str | None
    delimited: bool
    subnets: int
    partitioned: bool
    conversion: Request | None
    retry_seconds: int
    log: LogPlace | None

    @classmethod
    def of(cls, kind: Kind, block: Request) -> DestinationSettings:
        """Read a block whose defaults are filled in.

        It need not be right: ``requirements`` looks at what this says.
        """
        s3 = block[kind.nested] if kind.nested else block
        hints = hints_of(s3 if kind.staged else block, kind.hints)
        steps = _processors(block)
        types = {step.type: step.parameters for step in reversed(steps)}
        return cls(
            kind=kind,
            block=block,
            s3=s3,
            hints=hints,
            bucket=Bucket.of(s3) if kind.nested else Bucket.of(block, hints, DESTINATION_LOG),
            backup=_backup(kind, block, s3),
            processors=steps,
            transform=_transform(kind, types.get("Lambda", {})),
            query=types.get("MetadataExtraction", {}).get("MetadataExtractionQuery"),
            delimited="AppendDelimiterToRecord" in types and not kind.one_by_one,
            subnets=len((block.get("VpcConfiguration") or {}).get("SubnetIds", ())),
            partitioned=partitioned(block),
            conversion=conversion(block),
            retry_seconds=_retry_seconds(kind, block),
            log=_log(block, DESTINATION_LOG),
        )

    def processor(self, kind: str) -> Processor | None:
        """The step of a type, if it is switched on."""
        return next((step for step in self.processors if step.type == kind), None)


def partitioned(block: Request) -> bool:
    """Whether a block has dynamic partitioning on."""
    return bool((block.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))


def conversion(block: Request) -> Request | None:
    """A block's format conversion, when it is on (``Enabled`` is true unless said otherwise)."""
    wanted: Request | None = block.get("DataFormatConversionConfiguration")
    return wanted if wanted is not None and wanted.get("Enabled", True) else None


def hints_of(block: Request, default: Hints) -> Hints:
    """BufferingHints of a block in bytes and milliseconds, defaults filled in."""
    wanted = block.get("BufferingHints") or {}
    size, interval = wanted.get("SizeInMBs"), wanted.get("IntervalInSeconds")
    return Hints(
        default.size if size is None else size * MIB,
        default.interval if interval is None else interval * 1_000,
    )


def _backup(kind: Kind, block: Request, s3: Request) -> Bucket | None:
    mode = block.get("S3BackupMode", kind.backup[0])
    if mode != kind.backup[1]:
        return None
    own = block.get("S3BackupConfiguration")
    return Bucket.of(own if own is not None else s3)


def _processors(block: Request) -> tuple[Processor, ...]:
    wanted = block.get("ProcessingConfiguration") or {}
    if not wanted.get("Enabled", False):
        return ()
    return tuple(map(_processor, wanted.get("Processors", ())))


def _processor(step: Request) -> Processor:
    rows = step.get("Parameters", ())
    return Processor(step["Type"], {row["ParameterName"]: row["ParameterValue"] for row in rows})


def _transform(kind: Kind, given: Mapping[str, str]) -> Transform | None:
    """The Lambda step (defaults: facts/firehose §2, BufferSizeInMBs)."""
    if "LambdaArn" not in given:
        return None
    size = _number(given, "BufferSizeInMBs", kind.step.size / MIB)
    seconds = _number(given, "BufferIntervalInSeconds", kind.step.interval / 1_000)
    return Transform(
        _unversioned(given["LambdaArn"]),
        Hints(round(size * MIB), int(seconds) * 1_000),
        int(_number(given, "NumberOfRetries", 3)),
    )


def _number(given: Mapping[str, str], name: str, default: float) -> float:
    """A parameter; the default for a text that ``requirements`` will not let pass."""
    try:
        value = float(given.get(name, default))
    except ValueError:
        return default
    return value if math.isfinite(value) else default


def _retry_seconds(kind: Kind, block: Request) -> int:
    wanted = block.get("RetryOptions") or {}
    return int(wanted.get("DurationInSeconds", kind.retry or 0))


def _unversioned(arn: str) -> str:
    """A function's ARN without its version or alias: there is one version of a Python function."""
    return ":".join(arn.split(":")[:7])


def _log(block: Request, stream: str) -> LogPlace | None:
    wanted = block.get("CloudWatchLoggingOptions") or {}
    if not (wanted.get("Enabled") and wanted.get("LogGroupName")):
        return None
    return wanted["LogGroupName"], wanted.get("LogStreamName") or stream


def _format(block: Request) -> str:
    """ "Parquet" or "ORC" with format conversion, else ""."""
    wanted = conversion(block)
    if not wanted:
        return ""
    chosen = (wanted.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
    return "ORC" if "OrcSerDe" in chosen else "Parquet"
