"""Redshift as a kind of destination: staged in S3, then copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.kind import BACKUP_NEEDED, Kind, secret_named

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links, Outside
    from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings


@dataclass(frozen=True, slots=True)
class WarehouseSwitch:
    """A warehouse that is paused."""

    warehouse: Warehouse

    @property
    def broken(self) -> bool:
        """Whether it takes no COPY."""
        return self.warehouse.state != "available"

    def turn(self, breaking: bool) -> None:
        """Pause it, or resume it."""
        self.warehouse.state = "paused" if breaking else "available"


def _first(settings: DestinationSettings) -> Iterator[str]:
    """The words are for the password alone (facts/firehose §1.7), those for the user by analogy."""
    if secret_named(settings.block):
        return
    for name in ("Password", "Username"):
        if name not in settings.block:
            yield f"Redshift Database {name} is required for Redshift Destination"


def _later(settings: DestinationSettings) -> Iterator[str]:
    """See facts/firehose §2, §3.

    That CopyOptions say how the objects are compressed is left to COPY, which has an error of its
    own where they do not (facts/firehose §6).
    """
    block = settings.block
    enabled = block.get("S3BackupMode") == "Enabled"
    if enabled and block.get("S3BackupConfiguration") is None:
        yield BACKUP_NEEDED
    compression = settings.s3.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in ("UNCOMPRESSED", "GZIP"):
        yield (
            "Only the following compression formats are allowed when using Redshift: "
            "[UNCOMPRESSED, GZIP]"
        )


def _copies(settings: DestinationSettings, links: Links) -> Callable[[str], Destination]:
    from kinesis_sim.firehose.destinations.redshift.adapter import Redshift

    return Redshift(settings.block, links.receivers.connect, links.secret).copying


def _breaker(settings: DestinationSettings, outside: Outside) -> WarehouseSwitch | None:
    address = settings.block["ClusterJDBCURL"].removeprefix("jdbc:")
    warehouse = outside.receivers.warehouses.get(urlsplit(address).hostname or "")
    return None if warehouse is None else WarehouseSwitch(warehouse)


def _called(block: Request) -> str:
    return str(block["CopyCommand"]["DataTableName"])


def _down() -> tuple[str, str]:
    from kinesis_sim.firehose.destinations.redshift.codes import MESSAGES

    return "Redshift.ConnectionFailed", MESSAGES["ConnectionFailed"]


REDSHIFT = Kind(
    name="Redshift",
    block="Redshift",
    metric="Redshift",
    title="Redshift",
    retry=3_600,
    steps=True,
    backup=("Disabled", "Enabled"),
    staged=True,
    refused="DeliveryToS3",
    first=_first,
    later=_later,
    called=_called,
    copies=_copies,
    down=_down,
    breaker=_breaker,
)
KINDS = (REDSHIFT,)
