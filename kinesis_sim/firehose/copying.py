"""Redshift's second step: what is staged in S3 is loaded with COPY, one manifest at a time.

Laws
1. The next COPY starts when the one before it has ended (facts/firehose §2).
2. A COPY is tried for the retry duration, every five minutes; then its manifest is written under
   ``errors/``, and its data stays where it was staged (facts/firehose §6).

That a manifest names one staged object, and the keys ``manifests/<key>`` and
``errors/manifests/<key>``, are the model's choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.buffering import Broken, BufferLane, Hints, Send, Shipment
from kinesis_sim.firehose.outcome import Answer, Destination, Failure, Outcome
from kinesis_sim.firehose.patience import Patience
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.firehose.shipping import EndpointShipping, ObjectShipping
from kinesis_sim.firehose.site import Site, size

AT_ONCE = Hints(0, 1)
"""A batch is complete when it is staged: nothing waits in a buffer."""


@dataclass(slots=True)
class CopyShipping:
    """Loads staged objects.

    copying: the destination of the records that a manifest (``s3://bucket/key``) names.
    """

    site: Site
    settings: DestinationSettings
    bucket: str
    copying: Callable[[str], Destination]
    patience: Patience
    lanes: dict[str, BufferLane] = field(default_factory=dict)

    def add(self, key: str, records: Sequence[Record]) -> None:
        """Load an object that was just staged."""
        self._put("copy", self._copy, self._broken, key, records)

    def _put(
        self, name: str, send: Send, broken: Broken, key: str, records: Sequence[Record]
    ) -> None:
        """Queue a batch, whose lane is the key of its object."""
        lane = self.lanes.get(name)
        if lane is None:
            clock = self.site.ports.clock
            lane = self.lanes[name] = BufferLane(
                name, AT_ONCE, 0, clock, send, broken, divisible=False
            )
        lane.put(Shipment(list(records), size(records), key, name, self.site.now))

    def _copy(self, lane: BufferLane, shipment: Shipment) -> None:
        EndpointShipping(
            self.site,
            self.settings,
            _Copy(self, shipment.lane),
            self.patience,
            lambda failures, attempts: self._give_up(shipment.lane, failures),
            lambda: "errors" in self.lanes and bool(self.lanes["errors"].under_way),
        ).send(lane, shipment)

    def _broken(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        """A manifest names one object, so its records fail together."""
        failures = self.site.broke(shipment, error, self.settings.log)
        self._give_up(shipment.lane, failures)

    def _give_up(self, key: str, failures: Sequence[Failure]) -> None:
        first = failures[0]
        self.site.failed("errors", first.code, first.message, len(failures))
        shipping = ObjectShipping(
            self.site,
            self.settings.bucket,
            "errors",
            lambda shipment: f"errors/manifests/{shipment.lane}",
            lambda shipment: self.manifest(shipment.lane),
            self._skipped,
        )
        records = [failure.record for failure in failures]
        self._put("errors", shipping.send, self.site.forgo, key, records)

    def _skipped(self, key: str, shipment: Shipment) -> None:
        self.site.tally.errors += len(shipment.records)

    def manifest(self, key: str) -> bytes:
        """The manifest of one staged object, as COPY reads it."""
        entry = {"url": f"s3://{self.bucket}/{key}", "mandatory": True}
        return json.dumps({"entries": [entry]}).encode()


@dataclass(frozen=True, slots=True)
class _Copy:
    """A Destination: writes the manifest of a staged object, then has it copied."""

    shipping: CopyShipping
    key: str

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Answer:
        shipping, place = self.shipping, f"manifests/{self.key}"
        try:
            shipping.site.store(shipping.bucket, place, shipping.manifest(self.key))
        except Undelivered as error:
            return Outcome(0, [Failure(each, error.code, error.message) for each in records])
        load = shipping.copying(f"s3://{shipping.bucket}/{place}")
        return load.deliver(records, request_id, now)
