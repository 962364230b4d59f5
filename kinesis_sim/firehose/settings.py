"""A destination's configuration, read once: from a request's block to what the delivery needs.

Source: facts/firehose §1.3, §2 to §6 and botocore's firehose shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.compression import default_extension
from kinesis_sim.firehose.kinds import EXTENDED_S3, S3, Kind
from kinesis_sim.firehose.naming.object_names import Naming, naming
from kinesis_sim.units import MIB

Block = dict[str, Any]
LogPlace = tuple[str, str]
"""A group and a stream of CloudWatch Logs."""
DESTINATION_LOG = "DestinationDelivery"
"""The stream of a destination's errors; a backup's is BackupDelivery (facts/firehose §7)."""
CONVERSION_SIZE = Hints(128 * MIB, 300_000)
"""Default size with format conversion (facts/firehose §2)."""
PARTITIONING_SIZE = Hints(64 * MIB, 300_000)
"""Default size with dynamic partitioning: the smallest allowed (model's choice)."""
_SECRETS = frozenset({"Password", "PrivateKey", "KeyPassphrase"})
_DESCRIBED = {
    "S3Configuration": "S3DestinationDescription",
    "S3BackupConfiguration": "S3BackupDescription",
    "VpcConfiguration": "VpcConfigurationDescription",
}
_UPDATES = {"S3Update": "S3Configuration", "S3BackupUpdate": "S3BackupConfiguration"}


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
    """Where objects go, and under which names. log: where its own errors are logged, as
    ``Settings.log``; that of a backup is BackupDelivery unless it says otherwise."""

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
        cls, block: Block, hints: Hints | None = None, log_stream: str = "BackupDelivery"
    ) -> Bucket:
        """Read an S3 configuration. log_stream: of its errors, unless it says otherwise."""
        return cls(
            name=str(block["BucketARN"]).rpartition(":::")[2],
            prefix=block.get("Prefix"),
            error_prefix=block.get("ErrorOutputPrefix"),
            hints=hints or hints_of(block, Hints(5 * MIB, 300_000)),
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


@dataclass(frozen=True, slots=True)
class Settings:
    """One version of a stream's destination. block: its configuration with every default filled
    in."""

    kind: Kind
    block: Block

    @property
    def s3(self) -> Block:
        """The S3 block: the destination itself, or where failures and backups go."""
        return self.block if not self.kind.nested else self.block[self.kind.nested]

    @property
    def hints(self) -> Hints:
        """Of the destination's buffer. Redshift's is its S3 step's."""
        return hints_of(self.s3 if self.kind.staged else self.block, self.kind.default)

    @property
    def bucket(self) -> Bucket:
        """Where data goes (S3), is staged (Redshift), or ends up after failures (all others)."""
        if not self.kind.nested:
            return Bucket.of(self.block, self.hints, DESTINATION_LOG)
        return Bucket.of(self.s3)

    @property
    def backup(self) -> Bucket | None:
        """Where a copy of every source record goes; None when none is kept."""
        mode = self.block.get("S3BackupMode", self.kind.backup[0])
        if mode != self.kind.backup[1]:
            return None
        own = self.block.get("S3BackupConfiguration")
        return Bucket.of(own if own is not None else self.s3)

    @property
    def processors(self) -> tuple[Processor, ...]:
        """The steps that are switched on, in the request's order."""
        wanted = self.block.get("ProcessingConfiguration") or {}
        if not wanted.get("Enabled", False):
            return ()
        return tuple(map(_processor, wanted.get("Processors", ())))

    def processor(self, kind: str) -> Processor | None:
        """The step of a type, if it is switched on."""
        return next((step for step in self.processors if step.type == kind), None)

    @property
    def transform(self) -> Transform | None:
        """The Lambda step, if there is one (defaults: facts/firehose §2, BufferSizeInMBs)."""
        step = self.processor("Lambda")
        if step is None or "LambdaArn" not in step.parameters:
            return None
        small = self.kind.name in ("Splunk", "Snowflake")
        size = float(step.parameters.get("BufferSizeInMBs", 0.25 if small else 1))
        seconds = step.parameters.get(
            "BufferIntervalInSeconds", 30 if self.kind.name == "Snowflake" else 60
        )
        return Transform(
            _unversioned(step.parameters["LambdaArn"]),
            Hints(round(size * MIB), int(seconds) * 1_000),
            int(step.parameters.get("NumberOfRetries", 3)),
        )

    @property
    def query(self) -> str | None:
        """The jq query of MetadataExtraction."""
        step = self.processor("MetadataExtraction")
        return None if step is None else step.parameters.get("MetadataExtractionQuery")

    @property
    def delimited(self) -> bool:
        """Whether a new line is put after each record. OpenSearch, Snowflake and Iceberg take
        records one by one, so it changes nothing there."""
        one_by_one = self.kind.name in (
            "OpenSearch",
            "OpenSearchServerless",
            "Snowflake",
            "Iceberg",
        )
        return self.processor("AppendDelimiterToRecord") is not None and not one_by_one

    @property
    def subnets(self) -> int:
        """Subnets of the VPC that it delivers into; 0 for none."""
        return len((self.block.get("VpcConfiguration") or {}).get("SubnetIds", ()))

    @property
    def partitioned(self) -> bool:
        """Whether dynamic partitioning is on."""
        return bool((self.block.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))

    @property
    def conversion(self) -> Block | None:
        """The format conversion, when it is on (``Enabled`` is true unless said otherwise)."""
        wanted: Block | None = self.block.get("DataFormatConversionConfiguration")
        return wanted if wanted is not None and wanted.get("Enabled", True) else None

    @property
    def retry_seconds(self) -> int:
        """How long the destination is tried."""
        wanted = self.block.get("RetryOptions") or {}
        return int(wanted.get("DurationInSeconds", self.kind.retry or 0))

    @property
    def log(self) -> LogPlace | None:
        """CloudWatch Logs' group and stream for errors, when logging is on."""
        return _log(self.block, DESTINATION_LOG)

    def descriptions(self) -> Block:
        """The members of DestinationDescription that tell it. S3 is told in both its forms."""
        told = _described(self.block)
        if self.kind not in (S3, EXTENDED_S3):
            return {self.kind.description: told}
        plain = {name: told[name] for name in _PLAIN_S3 if name in told}
        return {S3.description: plain, EXTENDED_S3.description: told}


_PLAIN_S3 = (
    "RoleARN",
    "BucketARN",
    "Prefix",
    "ErrorOutputPrefix",
    "BufferingHints",
    "CompressionFormat",
    "EncryptionConfiguration",
    "CloudWatchLoggingOptions",
)


def _log(block: Block, stream: str) -> LogPlace | None:
    wanted = block.get("CloudWatchLoggingOptions") or {}
    if not (wanted.get("Enabled") and wanted.get("LogGroupName")):
        return None
    return wanted["LogGroupName"], wanted.get("LogStreamName") or stream


def _format(block: Block) -> str:
    """ "Parquet" or "ORC" with format conversion, else ""."""
    wanted = block.get("DataFormatConversionConfiguration") or {}
    if not wanted or not wanted.get("Enabled", True):
        return ""
    chosen = (wanted.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
    return "ORC" if "OrcSerDe" in chosen else "Parquet"


def hints_of(block: Block, default: Hints) -> Hints:
    """BufferingHints of a block in bytes and milliseconds, with the defaults for what is not
    said."""
    wanted = block.get("BufferingHints") or {}
    size, interval = wanted.get("SizeInMBs"), wanted.get("IntervalInSeconds")
    return Hints(
        default.size if size is None else size * MIB,
        default.interval if interval is None else interval * 1_000,
    )


def filled(kind: Kind, block: Block) -> Block:
    """A configuration with the defaults that DescribeDeliveryStream shows."""
    full = dict(block)
    if kind.nested:
        full[kind.nested] = _filled_s3(block[kind.nested], Hints(5 * MIB, 300_000))
        if not kind.staged:
            full["BufferingHints"] = _told(hints_of(block, kind.default))
        full.setdefault("RetryOptions", {"DurationInSeconds": kind.retry})
        full.setdefault("CloudWatchLoggingOptions", {"Enabled": False})
    else:
        full = _filled_s3(block, _s3_default(kind, block))
    full.setdefault("S3BackupMode", kind.backup[0])
    if "S3BackupConfiguration" in full:
        full["S3BackupConfiguration"] = _filled_s3(
            full["S3BackupConfiguration"], Hints(5 * MIB, 300_000)
        )
    if kind.name == "Splunk":
        full.setdefault("HECAcknowledgmentTimeoutInSeconds", 180)
    if kind.name == "OpenSearch":
        full.setdefault("IndexRotationPeriod", "OneDay")
    return full


def _s3_default(kind: Kind, block: Block) -> Hints:
    settings = Settings(kind, block)
    if settings.partitioned:
        return PARTITIONING_SIZE
    return CONVERSION_SIZE if settings.conversion is not None else kind.default


def _filled_s3(block: Block, hints: Hints) -> Block:
    return {
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": False},
        **block,
        "BufferingHints": _told(hints_of(block, hints)),
    }


def _told(hints: Hints) -> dict[str, int]:
    return {"SizeInMBs": hints.size // MIB, "IntervalInSeconds": hints.interval // 1_000}


def merged(current: Block, update: Block) -> Block:
    """A configuration with an update of the same type: what the update does not say is kept."""
    new = dict(current)
    for name, value in update.items():
        target = _UPDATES.get(name, name)
        nested = target.startswith("S3") and isinstance(value, dict)
        new[target] = {**current.get(target, {}), **value} if nested else value
    return new


def fresh(update: Block) -> Block:
    """What an update of another type makes: nothing is kept (facts/firehose §1.3)."""
    return {_UPDATES.get(name, name): value for name, value in update.items()}


def _processor(step: Block) -> Processor:
    rows = step.get("Parameters", ())
    return Processor(step["Type"], {row["ParameterName"]: row["ParameterValue"] for row in rows})


def _unversioned(arn: str) -> str:
    """A function's ARN without its version or alias: there is one version of a Python function."""
    return ":".join(arn.split(":")[:7])


def _described(block: Block) -> Block:
    told: Block = {}
    for name, value in block.items():
        if name in _SECRETS:
            continue
        shown = _DESCRIBED.get(name, name)
        told[shown] = _described(value) if isinstance(value, dict) else value
        if name == "VpcConfiguration":
            told[shown]["VpcId"] = "vpc-00000000"
        if name == "EndpointConfiguration":
            told[shown].pop("AccessKey", None)
    return told
