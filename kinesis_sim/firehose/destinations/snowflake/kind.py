"""Snowflake as a kind of destination.

Where guide and API text differ on its hints the guide's are taken, unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.kind import Kind, secret_named
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings

_CONTENT, _BOTH = "VARIANT_CONTENT_MAPPING", "VARIANT_CONTENT_AND_METADATA_MAPPING"


def _first(settings: DestinationSettings) -> Iterator[str]:
    """Who logs in, as what role, into which columns."""
    block = settings.block
    if not secret_named(block):
        for name in ("PrivateKey", "User"):
            if name not in block:
                yield f"{name} must be provided."
    role = block.get("SnowflakeRoleConfiguration") or {}
    if role.get("Enabled") and "SnowflakeRole" not in role:
        yield "Must provide SnowflakeRole when SnowflakeRoleConfiguration is enabled."
    yield from _columns(block)


def _columns(block: Request) -> Iterator[str]:
    """Columns and loading option go together.

    AWS writes MetadataColumnName for its member MetaDataColumnName. Of a content mapping without
    its column, and of a metadata column alone, the words are by analogy.
    """
    option = block.get("DataLoadingOption", "JSON_MAPPING")
    content, metadata = "ContentColumnName" in block, "MetaDataColumnName" in block
    when = "when Data Loading Option is"
    if option == _BOTH and not (content and metadata):
        yield f"Must provide ContentColumnName and MetadataColumnName {when} {option}."
    if option == _CONTENT and not content:
        yield f"Must provide ContentColumnName {when} {option}."
    if content and option not in (_CONTENT, _BOTH):
        yield f"Can't configure ContentColumnName {when} not {_CONTENT} or {_BOTH}"
    if metadata and option != _BOTH:
        yield f"Can't configure MetadataColumnName {when} not {_BOTH}"


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
    refused="DeliveryToS3",
    one_by_one=True,
    first=_first,
    adapter=_adapter,
)
KINDS = (SNOWFLAKE,)
