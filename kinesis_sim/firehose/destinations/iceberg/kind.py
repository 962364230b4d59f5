"""Iceberg tables as a kind of destination.

300 s of retries are the guide's (apache-iceberg-stream).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.firehose.kind import Kind

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings

_PREVIEWS = ("TableCreationConfiguration", "SchemaEvolutionConfiguration")


def _first(settings: DestinationSettings) -> Iterator[str]:
    """What botocore calls a preview, without rules that anybody could follow."""
    for name in _PREVIEWS:
        if (settings.block.get(name) or {}).get("Enabled"):
            yield (
                f"{name} is a preview whose rules are not published: Kinesis Lab does not simulate "
                "it. Create the table yourself and leave it out."
            )


def _later(settings: DestinationSettings) -> Iterator[str]:
    if settings.block.get("S3BackupMode") == "AllData":
        yield "S3BackupMode.AllData is not supported for Iceberg as destination."
    tables = settings.block.get("DestinationTableConfigurationList") or ()
    if len(tables) != 1 and settings.transform is None and settings.query is None:
        yield (
            "A single default destination table configuration must be provided when both Lambda "
            "and MetadataExtraction processors are not provided"
        )


def _adapter(settings: DestinationSettings, links: Links) -> Destination:
    from kinesis_sim.firehose.destinations.iceberg.adapter import Iceberg

    return Iceberg(settings.block, links.receivers.lakehouse)


ICEBERG = Kind(
    name="Iceberg",
    block="Iceberg",
    metric="Iceberg",
    title="Iceberg",
    retry=300,
    failed="iceberg",
    changed="S3Configuration",
    one_by_one=True,
    routed=True,
    first=_first,
    later=_later,
    adapter=_adapter,
)
KINDS = (ICEBERG,)
