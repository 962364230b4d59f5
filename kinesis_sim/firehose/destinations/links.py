"""What an adapter, and whoever breaks a destination, may reach outside of Firehose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.firehose.destinations.abroad import Abroad
from kinesis_sim.firehose.destinations.credential import SecretPort
from kinesis_sim.firehose.destinations.transport import Transport
from kinesis_sim.firehose.outcome import Destination
from kinesis_sim.mishaps import Mishaps

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.iceberg.lakehouse import Lakehouse
    from kinesis_sim.firehose.destinations.receiver import Receiver
    from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
    from kinesis_sim.firehose.destinations.snowflake.account import SnowflakeAccount


class Places(Protocol):
    """Everything within this process that Firehose can deliver to, beside S3; by host."""

    @property
    def hosts(self) -> Mapping[str, Receiver]:
        """Receivers that speak HTTP."""

    @property
    def warehouses(self) -> Mapping[str, Warehouse]:
        """Redshift clusters."""

    @property
    def snowflakes(self) -> Mapping[str, SnowflakeAccount]:
        """Snowflake accounts."""

    @property
    def lakehouse(self) -> Lakehouse:
        """The account's Iceberg tables."""

    def connect(self, host: str) -> Warehouse:
        """The warehouse at a host. Raises LookupError when nothing answers there."""


class FaultyBuckets(Protocol):
    """Buckets that can be made to refuse."""

    def refused(self, name: str) -> Any:
        """The code that a bucket answers with; nothing when it takes what comes."""

    def refuse(self, name: str, code: str) -> None:
        """Have it answer every put with a code."""

    def accept(self, name: str) -> None:
        """Have it take what comes."""


class Outside(Protocol):
    """Where data goes: the account's buckets, and everything else."""

    @property
    def buckets(self) -> FaultyBuckets:
        """The account's S3."""

    @property
    def receivers(self) -> Places:
        """The rest."""


@dataclass(frozen=True, slots=True)
class Links:
    """What an adapter works with.

    arn: of its Firehose stream; source: the name of the data stream that it reads, "" for Direct
    PUT. mishaps: where errors that nobody expected are noted.
    """

    arn: str
    source: str
    transport: Transport
    secret: SecretPort
    receivers: Places
    mishaps: Mishaps

    def at(self, url: str, adapter: Destination) -> Destination:
        """An adapter that asks a URL: in errands, while that is not of this process."""
        return Abroad(adapter, self.transport, url, self.mishaps)
