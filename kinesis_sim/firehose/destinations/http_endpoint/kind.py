"""An HTTP endpoint as a kind of destination.

Where guide and API text differ on its hints the guide's are taken, unverified; so is the default
retry duration of 300 s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.kind import Kind, receiver
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings


def _first(settings: DestinationSettings) -> Iterator[str]:
    """Attributes have names of their own."""
    request = settings.block.get("RequestConfiguration") or {}
    seen: set[str] = set()
    for attribute in request.get("CommonAttributes") or ():
        name = attribute["AttributeName"]
        if name in seen:
            yield f"Http Endpoint Common Attributes have duplicate name {name}."
        seen.add(name)


def _adapter(settings: DestinationSettings, links: Links) -> Destination:
    from kinesis_sim.firehose.destinations.http_endpoint.adapter import (
        HttpEndpoint,
        HttpEndpointSettings,
    )

    wanted = HttpEndpointSettings.read(settings.block)
    return links.at(wanted.url, HttpEndpoint(wanted, links.arn, links.transport, links.secret))


def _down() -> tuple[str, str]:
    from kinesis_sim.firehose.destinations.http_endpoint.answer import verdict_on_trouble
    from kinesis_sim.firehose.destinations.transport import Unreachable

    verdict = verdict_on_trouble(Unreachable("refused", ""))
    return verdict.code, verdict.message


HTTP_ENDPOINT = Kind(
    name="HttpEndpoint",
    block="HttpEndpoint",
    metric="HttpEndpoint",
    title="HTTP endpoint",
    hints=Hints(5 * MIB, 60 * SECOND),
    largest=64 * MIB,
    retry=300,
    backup_changes="freely",  # botocore names no rule for it
    failed="http",
    first=_first,
    adapter=_adapter,
    down=_down,
    breaker=receiver(lambda block: str(block["EndpointConfiguration"]["Url"])),
)
KINDS = (HTTP_ENDPOINT,)
