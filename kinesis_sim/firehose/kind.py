"""A kind of destination: everything that is so for it and not for the others.

Each stands in ``destinations/<name>/kind.py``; ``kinds`` lists them. Sources: botocore's firehose
shapes for the names; facts/firehose §2, §3 and §6 for the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose import error_rows
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.firehose.outcome import INTERNAL
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.links import Links, Outside
    from kinesis_sim.firehose.destinations.switch import Switch
    from kinesis_sim.firehose.outcome import Destination
    from kinesis_sim.firehose.settings import DestinationSettings

STEP = Hints(MIB, 60 * SECOND)
"""Buffering hints of a Lambda step, unless said otherwise."""
Rule = Callable[["DestinationSettings"], Iterator[str]]
"""What a configuration must be like: the texts of what is wrong with it."""
LAKE = Hints(5 * MIB, 300 * SECOND)
"""Buffering hints of whatever is written to S3, unless said otherwise."""


BACKUP_NEEDED = "S3 backup destination configuration is required when enabling S3 backup."
"""CreateDeliveryStream's own words (facts/firehose §1.7)."""


def unanswered() -> tuple[str, str]:
    """Firehose's code and text for what has none of its own (facts/firehose §7)."""
    return INTERNAL, "Delivery failed due to an internal error."


def no_rule(settings: DestinationSettings) -> Iterator[str]:
    """Nothing is wrong."""
    return iter(())


def nowhere(settings: DestinationSettings, outside: Outside) -> Switch | None:
    """There is nothing that could be broken."""
    return None


def receiver(
    address: Callable[[Request], str],
) -> Callable[[DestinationSettings, Outside], Switch | None]:
    """The receiver at the URL that a block names, if one of this process answers there."""

    def switch(settings: DestinationSettings, outside: Outside) -> Switch | None:
        from kinesis_sim.firehose.destinations.switch import receiver_at

        return receiver_at(address(settings.block), outside.receivers.hosts)

    return switch


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Kind:
    """One kind of destination.

    name: the same for kinds that are one destination under two names. title: as people call it.
    block: the middle of its members' names (``<block>DestinationConfiguration``). metric: what
    follows ``DeliveryTo``.

    hints: of its buffer; largest: bytes that it may hold. retry: the default retry duration in
    seconds, None for S3, which is tried as long as records live; steps: whether its pauses are all
    alike. step: hints of its Lambda step; transforms: invocations of that in flight per shard.

    backup: the values of S3BackupMode, the default first; the second backs everything up. switch of
    backup: whether an update may set the second for good, or anything, or nothing. failed: the
    error output type of what was not delivered. nested: its S3 block, changed: the same in an
    update; staged: whether batches pass through S3. copied, refused: what metrics of its bucket
    begin with, for a backup of everything and for failed records; one with a point is all that
    there is (facts/firehose/7/buckets).

    own: defaults of its own members, as they are described. one_by_one: whether it takes records
    apart, so that no delimiter is put between them. routed: whether MetadataExtraction routes its
    records. apart: whether an update may change it only for one that is apart, too.

    first, later: its own rules, before and after those for all. called: the bucket, index or table
    of a block. described: its members of DestinationDescription. adapter, copies: make what
    delivers; copies is for what is staged. breaker: what breaks and mends it. down:
    code and text of a try that nobody answers.
    """

    name: str
    block: str
    metric: str
    title: str
    hints: Hints = LAKE
    largest: int = 128 * MIB
    retry: int | None = None
    steps: bool = False
    step: Hints = STEP
    transforms: int = 5
    backup: tuple[str, str] = ("FailedDataOnly", "AllData")
    backup_changes: Literal["for good", "freely", "never"] = "for good"
    failed: error_rows.Kind | None = None
    nested: str = "S3Configuration"
    changed: str = "S3Update"
    staged: bool = False
    copied: str = "BackupToS3"
    refused: str = "DeliveryToS3.Success"
    own: Mapping[str, Any] = field(default_factory=dict)
    one_by_one: bool = False
    routed: bool = False
    apart: bool = False
    first: Rule = no_rule
    later: Rule = no_rule
    called: Callable[[Request], str] = lambda block: ""
    described: Callable[[Request], Request] | None = None
    adapter: Callable[[DestinationSettings, Links], Destination] | None = None
    copies: Callable[[DestinationSettings, Links], Callable[[str], Destination]] | None = None
    breaker: Callable[[DestinationSettings, Outside], Switch | None] = nowhere
    down: Callable[[], tuple[str, str]] = unanswered

    @property
    def configuration(self) -> str:
        """Its member of CreateDeliveryStream."""
        return f"{self.block}DestinationConfiguration"

    @property
    def update(self) -> str:
        """Its member of UpdateDestination."""
        return f"{self.block}DestinationUpdate"

    @property
    def description(self) -> str:
        """Its member of DestinationDescription."""
        return f"{self.block}DestinationDescription"

    def descriptions(self, told: Request) -> Request:
        """The members of DestinationDescription that tell a block."""
        return {self.description: told} if self.described is None else self.described(told)


def secret_named(block: Request) -> bool:
    """Whether a secret is to be read for the log-in."""
    return bool((block.get("SecretsManagerConfiguration") or {}).get("Enabled", False))
