"""Snowflake as a kind of destination.

Where guide and API text differ on its hints the guide's are taken, unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.kind import Kind, login
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings

_COLUMNS = {
    "VARIANT_CONTENT_MAPPING": ("ContentColumnName",),
    "VARIANT_CONTENT_AND_METADATA_MAPPING": ("ContentColumnName", "MetaDataColumnName"),
}


def _first(settings: DestinationSettings) -> Iterator[str]:
    block = settings.block
    yield from login(block, "User", "PrivateKey")
    option = block.get("DataLoadingOption", "JSON_MAPPING")
    for column in _COLUMNS.get(option, ()):
        if column not in block:
            yield f"DataLoadingOption {option} needs {column}."


def _adapter(settings: DestinationSettings, links: Links) -> Destination:
    from kinesis_sim.firehose.destinations.snowflake.adapter import Snowflake

    return Snowflake(
        settings.block,
        links.receivers.snowflakes.__getitem__,
        stream=links.arn.rpartition("/")[2],
        source=links.source,
        secret=links.secret,
    )


SNOWFLAKE = Kind(
    name="Snowflake",
    block="Snowflake",
    metric="Snowflake",
    title="Snowflake",
    hints=Hints(MIB, 0),
    retry=60,
    step=Hints(MIB // 4, 30 * SECOND),
    failed="snowflake",
    one_by_one=True,
    first=_first,
    adapter=_adapter,
)
KINDS = (SNOWFLAKE,)
