"""Splunk as a kind of destination. That 3,600 s is its default retry duration is unverified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.kind import Kind, receiver, secret_named
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings

ACK_TIMEOUT_S = 180
"""The smallest that BC:HECAcknowledgmentTimeoutInSeconds allows; that it is the default is
unverified."""


_ADDRESS = re.compile(r"https://[^/:\s]+(?::\d+)?(?:/.*)?", re.IGNORECASE)


def _first(settings: DestinationSettings) -> Iterator[str]:
    """An address that AWS would post to; the words about the log-in are the model's."""
    if _ADDRESS.fullmatch(settings.block["HECEndpoint"]) is None:
        yield "Invalid HECEndpoint. Supported endpoint format is https://<domain>:<port>."
    manager = settings.block.get("SecretsManagerConfiguration") or {}
    if secret_named(settings.block) and "RoleARN" not in manager:
        yield "SecretsManagerConfiguration.RoleARN is required for a Splunk destination."
    if not secret_named(settings.block) and "HECToken" not in settings.block:
        yield "HECToken is required unless SecretsManagerConfiguration is enabled."


def _adapter(settings: DestinationSettings, links: Links) -> Destination:
    from kinesis_sim.firehose.destinations.splunk.adapter import Splunk, SplunkSettings

    wanted = SplunkSettings.read(settings.block)
    return links.at(wanted.endpoint, Splunk(wanted, links.arn, links.transport, links.secret))


def _down() -> tuple[str, str]:
    from kinesis_sim.firehose.destinations.splunk.answer import verdict_on_trouble
    from kinesis_sim.firehose.destinations.transport import Unreachable

    verdict = verdict_on_trouble(Unreachable("timed out", ""))
    return verdict.code, verdict.message


SPLUNK = Kind(
    name="Splunk",
    block="Splunk",
    metric="Splunk",
    title="Splunk",
    hints=Hints(5 * MIB, 60 * SECOND),
    largest=5 * MIB,
    retry=3_600,
    step=Hints(MIB // 4, 60 * SECOND),
    transforms=10,
    backup=("FailedEventsOnly", "AllEvents"),
    failed="splunk",
    own={"HECAcknowledgmentTimeoutInSeconds": ACK_TIMEOUT_S},
    first=_first,
    adapter=_adapter,
    down=_down,
    breaker=receiver(lambda block: str(block["HECEndpoint"])),
)
KINDS = (SPLUNK,)
