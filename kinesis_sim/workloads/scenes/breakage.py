"""Faults of a Firehose stream's surroundings: its destination and its transform, to break and mend.

What is broken is the surroundings themselves (the bucket, the receiver, the warehouse, the
function), so a cell and a button see the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.opensearch import domain_endpoint

if TYPE_CHECKING:
    from kinesis_sim.account.functions import Functions
    from kinesis_sim.aws.buckets import Buckets
    from kinesis_sim.firehose.destinations.receivers.receiver import Receiver
    from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
    from kinesis_sim.firehose.settings import Block, Settings
    from kinesis_sim.simulator import Simulator

PARTS = ("destination", "transform")


class Breakage:
    """Breaks and mends the "destination" and the "transform" of one stream.

    A bucket answers SlowDown, a warehouse is paused, a receiver answers 503, a function raises.
    UsageError when there is no such stream.
    """

    def __init__(self, sim: Simulator, stream: str) -> None:
        self._sim, self._stream = sim, sim.firehose[stream]

    def can(self, part: str) -> bool:
        """Whether there is something here that could be broken."""
        return self._switch(part) is not None

    def broken(self, part: str) -> bool:
        """Whether a part is broken now."""
        switch = self._switch(part)
        return switch is not None and switch.broken

    def toggle(self, part: str) -> bool:
        """Break what works, mend what is broken; True when it is broken now.

        UsageError for a part that is not there.
        """
        switch = self._switch(part)
        if switch is None:
            raise UsageError(f"{self._stream.name} has no {part} that could be broken here.")
        with self._sim.lock:
            breaking = not switch.broken
            switch.turn(breaking)
        return breaking

    def _switch(self, part: str) -> _Switch | None:
        settings = self._stream.settings
        if part == "transform":
            step, functions = settings.transform, self._sim.functions
            known = step is not None and step.function in functions
            return _Function(functions, step.function) if step is not None and known else None
        return self._place(settings) if part == "destination" else None

    def _place(self, settings: Settings) -> _Switch | None:
        if settings.kind.name == "S3":
            return _Bucket(self._sim.buckets, settings.bucket.name)
        receivers = self._sim.receivers
        if settings.kind.name == "Redshift":
            address = settings.block["ClusterJDBCURL"].removeprefix("jdbc:")
            warehouse = receivers.warehouses.get(urlsplit(address).hostname or "")
            return None if warehouse is None else _Warehouse(warehouse)
        host = urlsplit(_address(settings.block)).hostname or ""
        return _Receiver(receivers.hosts[host]) if host in receivers.hosts else None


def _address(block: Block) -> str:
    """The URL in a destination's block; empty when there is none."""
    if "DomainARN" in block:
        return domain_endpoint(block["DomainARN"])
    endpoint = block.get("EndpointConfiguration", {}).get("Url", "")
    names = ("ClusterEndpoint", "CollectionEndpoint", "HECEndpoint")
    return next((str(block[name]) for name in names if name in block), str(endpoint))


# --- what can be switched -------------------------------------------------------------------------


class _Switch(Protocol):
    @property
    def broken(self) -> bool: ...

    def turn(self, breaking: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class _Function:
    functions: Functions
    arn: str

    @property
    def broken(self) -> bool:
        return self.functions.failing(self.arn)

    def turn(self, breaking: bool) -> None:
        (self.functions.fail if breaking else self.functions.mend)(self.arn)


@dataclass(frozen=True, slots=True)
class _Bucket:
    buckets: Buckets
    name: str

    @property
    def broken(self) -> bool:
        return bool(self.buckets.refused(self.name))

    def turn(self, breaking: bool) -> None:
        if breaking:
            self.buckets.refuse(self.name, "SlowDown")
        else:
            self.buckets.accept(self.name)


@dataclass(frozen=True, slots=True)
class _Warehouse:
    warehouse: Warehouse

    @property
    def broken(self) -> bool:
        return self.warehouse.state != "available"

    def turn(self, breaking: bool) -> None:
        self.warehouse.state = "paused" if breaking else "available"


@dataclass(frozen=True, slots=True)
class _Receiver:
    receiver: Receiver

    @property
    def broken(self) -> bool:
        return self.receiver.broken

    def turn(self, breaking: bool) -> None:
        if breaking:
            self.receiver.fail(503, None, "Service Unavailable")
        else:
            self.receiver.mend()
