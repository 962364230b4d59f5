"""What Firehose needs of its surroundings: the ports by which anything leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kinesis_sim.account.functions import Functions
from kinesis_sim.account.service import Surroundings
from kinesis_sim.account.storage import Store
from kinesis_sim.account.tips import Rests
from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog
from kinesis_sim.firehose.outcome import Destination
from kinesis_sim.firehose.processing.partitioning import Jq
from kinesis_sim.firehose.settings import DestinationSettings

if TYPE_CHECKING:
    from random import Random

Request = dict[str, Any]
Found = TypeVar("Found")


class Schemas(Protocol):
    """The port to the Glue Data Catalog."""

    def __call__(self, configuration: Request) -> Request:
        """The table of a SchemaConfiguration (Glue's ``Table`` structure). Raises Undelivered."""


class Adapters(Protocol):
    """The port that makes a destination's adapter."""

    def __call__(self, settings: DestinationSettings, stream_arn: str) -> Destination:
        """An adapter for one version of a stream's configuration."""


class Copies(Protocol):
    """The port that makes Redshift's second step."""

    def __call__(
        self, settings: DestinationSettings, stream_arn: str
    ) -> Callable[[str], Destination]:
        """Makes the destination of the records that a manifest (``s3://bucket/key``) names."""


class Log(Protocol):
    """The port to CloudWatch Logs."""

    def __call__(self, group: str, stream: str, at: int, message: Request) -> None:
        """Write one error; a group or stream that is not there swallows it, as on AWS."""


class Engines(Protocol):
    """The port to OpenSearch Service, of which domains are looked up."""

    def __call__(self, arn: str) -> str | None:
        """A domain's engine, such as ``OpenSearch_2.11``; None of one that is not there."""


class OutsideWork(Protocol):
    """The port to work that waits for the world outside."""

    def __call__(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do work without the simulator's lock, and hand its result to done on the clock."""


def at_once(work: Callable[[], Found], done: Callable[[Found], None]) -> None:
    """An errand of somebody who has no threads: done while the caller waits."""
    done(work())


@dataclass(frozen=True, slots=True)
class Outlets:
    """What only Firehose needs of outside: Glue's tables, destinations, domains, Logs."""

    schemas: Schemas
    adapters: Adapters
    copies: Copies
    engines: Engines
    log: Log
    errand: OutsideWork = at_once
    jq: Jq | None = None


@dataclass(frozen=True, slots=True)
class FirehosePorts:
    """What Firehose needs of its surroundings.

    random: a draw of the simulator's seed; request_id: the next UUID; unlock: raises ServiceError
    when a KMS key cannot be used for an action; errand: does what waits for the world outside;
    rests: lets a reader at a data stream's tip rest; jq: runs the queries that can take long.
    """

    clock: Clock
    events: EventLog
    functions: Functions
    kinesis: Callable[[str, Request], Request]
    rests: Rests
    store: Store
    schemas: Schemas
    adapters: Adapters
    copies: Copies
    engines: Engines
    log: Log
    unlock: Callable[[str, str], None]
    request_id: Callable[[], str]
    random: Random
    account: str
    region: str
    errand: OutsideWork = at_once
    jq: Jq | None = None

    @classmethod
    def of(cls, around: Surroundings) -> FirehosePorts:
        """The ports of one account. Its port named "firehose" has the Outlets."""
        outlets: Outlets = around.port("firehose")
        return cls(
            clock=around.clock,
            events=around.events,
            functions=around.functions,
            kinesis=partial(around.call, "kinesis"),
            rests=around.rests,
            store=around.store,
            schemas=outlets.schemas,
            adapters=outlets.adapters,
            copies=outlets.copies,
            engines=outlets.engines,
            log=outlets.log,
            errand=outlets.errand,
            jq=outlets.jq,
            unlock=around.keys.check,
            request_id=around.chance.new_id,
            random=around.chance.random("firehose"),
            account=around.account,
            region=around.region,
        )
