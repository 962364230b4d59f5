"""S3, by its two names: the plain block of old, and the extended one that has everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.kind import BACKUP_NEEDED, Kind

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import FaultyBuckets, Outside
    from kinesis_sim.firehose.settings import DestinationSettings

_PLAIN = (
    "RoleARN",
    "BucketARN",
    "Prefix",
    "ErrorOutputPrefix",
    "BufferingHints",
    "CompressionFormat",
    "EncryptionConfiguration",
    "CloudWatchLoggingOptions",
)


@dataclass(frozen=True, slots=True)
class BucketSwitch:
    """A bucket that answers SlowDown."""

    buckets: FaultyBuckets
    name: str

    @property
    def broken(self) -> bool:
        """Whether it refuses what comes."""
        return bool(self.buckets.refused(self.name))

    def turn(self, breaking: bool) -> None:
        """Have it refuse, or accept."""
        if breaking:
            self.buckets.refuse(self.name, "SlowDown")
        else:
            self.buckets.accept(self.name)


def _later(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §3: a backup is taken without anything that changes the records."""
    enabled = settings.block.get("S3BackupMode") == "Enabled"
    if enabled and settings.block.get("S3BackupConfiguration") is None:
        yield BACKUP_NEEDED


def _described(told: Request) -> Request:
    """In both forms."""
    plain = {name: told[name] for name in _PLAIN if name in told}
    return {S3.description: plain, EXTENDED_S3.description: told}


def _breaker(settings: DestinationSettings, outside: Outside) -> BucketSwitch:
    return BucketSwitch(outside.buckets, settings.bucket.name)


def _called(block: Request) -> str:
    return str(block["BucketARN"]).rpartition(":::")[2]


def _s3(block: str) -> Kind:
    return Kind(
        name="S3",
        block=block,
        metric="S3",
        title="S3",
        backup=("Disabled", "Enabled"),
        nested="",
        refused="DeliveryToS3",
        later=_later,
        called=_called,
        described=_described,
        breaker=_breaker,
    )


S3, EXTENDED_S3 = _s3("S3"), _s3("ExtendedS3")
KINDS = (EXTENDED_S3, S3)
