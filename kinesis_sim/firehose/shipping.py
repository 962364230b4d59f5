"""Batches on their way out: to S3, or to a destination that has an adapter.

Laws
1. S3 is tried until it takes the object or the records are too old (facts/firehose §6: 24 hours for
   Direct PUT, the source's retention otherwise); then they are lost, and counted as lost.
2. Another destination is tried for its retry duration. What it never took goes to the error output
   in S3; so does, at once, what no further try could help.
3. A record of a batch is tried again only if it failed.
4. When the destination fails and the error output does so, too, delivery pauses (facts/firehose
   §6): the batch is not given up until there is a place for it, or its records are too old.
5. While the key of what lies at rest cannot be used, nothing is tried: everything waits, until it
   is too old (facts/firehose §9).

Model's choices: tries of S3 are 5 s apart at first, then twice as far each time, 5 min at most; a
paused delivery is tried, and a key asked for, every 5 min. Records too old are let go at a try, and
the last of a batch the moment it is too old: not at a try for each, of which a full buffer would
make thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.buffering import BufferLane, Shipment
from kinesis_sim.firehose.compression import CONTENT_ENCODINGS
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.firehose.outcome import Answer, Destination, Errand, Failure, Outcome, Waiting
from kinesis_sim.firehose.patience import Patience
from kinesis_sim.firehose.settings import Bucket, DestinationSettings
from kinesis_sim.firehose.site import Site, size, weight

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 5_000, 300_000

Body = Callable[[Shipment], bytes]
"""Makes an object's body of a batch; records that cannot be in it leave the batch."""
Key = Callable[[Shipment], str]
"""Names a batch's object."""


@dataclass(slots=True)
class _Parcel:
    """What a batch became: made once, kept over all tries."""

    key: str = ""
    body: bytes | None = None


@dataclass(slots=True)
class ObjectShipping:
    """Writes batches to a bucket as objects.

    kind: of the objects, as in ``ObjectWritten``. counted: whether these are the records of the
    tally, and not a copy of them. settled: told of every object with its key and records. metric:
    what its CloudWatch metrics begin with. packed: whether the body is compressed as the bucket
    says.
    """

    site: Site
    bucket: Bucket
    kind: str
    key: Key
    body: Body
    settled: Callable[[str, Shipment], None]
    counted: bool = True
    metric: str = "DeliveryToS3"
    packed: bool = False

    def send(self, lane: BufferLane, shipment: Shipment) -> None:
        """Write a batch, now and until that is done."""
        self._try(lane, shipment, _Parcel())

    def _try(self, lane: BufferLane, shipment: Shipment, parcel: _Parcel) -> None:
        before = len(shipment.records)
        self.site.expire(shipment, self.counted)
        if len(shipment.records) < before:
            parcel.body = None
        try:
            self._write(shipment, parcel)
        except Undelivered as error:
            self._again(lane, shipment, parcel, error)
            return
        lane.done(shipment)

    def _write(self, shipment: Shipment, parcel: _Parcel) -> None:
        """One try; a batch of which nothing is left is done."""
        if shipment.records and parcel.body is None:
            parcel.body = self.body(shipment)
        if not shipment.records or parcel.body is None:
            return
        shipment.attempt += 1
        parcel.key = parcel.key or self.key(shipment)
        self.site.unlock()
        encoding = CONTENT_ENCODINGS.get(self.bucket.compression, "") if self.packed else ""
        self.site.store(self.bucket.name, parcel.key, parcel.body, encoding)
        self._written(shipment, parcel.key, len(parcel.body))
        self.settled(parcel.key, shipment)

    def _again(
        self, lane: BufferLane, shipment: Shipment, parcel: _Parcel, error: Undelivered
    ) -> None:
        site = self.site
        pause = min(FIRST_PAUSE_MS * 2 ** min(shipment.attempt - 1, 16), LONGEST_PAUSE_MS)
        again = min(site.now + pause, shipment.newest + site.window())
        self._tell(shipment, delivered=0, code=error.code, message=error.message, again_at=again)
        site.complain(
            self.bucket.log, error.code, error.message, f"arn:aws:s3:::{self.bucket.name}"
        )
        lane.later(again, shipment, lambda: self._try(lane, shipment, parcel))

    def _written(self, shipment: Shipment, key: str, stored: int) -> None:
        self._tell(shipment, delivered=len(shipment.records))
        self.site.tell(
            ObjectWritten(
                at=self.site.now,
                stream=self.site.name,
                bucket=self.bucket.name,
                key=key,
                kind=self.kind,
                records=len(shipment.records),
                bytes=shipment.bytes,
                size=stored,
                oldest=shipment.oldest,
                lane=shipment.lane,
            )
        )

    def _tell(
        self,
        shipment: Shipment,
        *,
        delivered: int,
        code: str = "",
        message: str = "",
        again_at: int | None = None,
    ) -> None:
        self.site.tried(
            shipment,
            "S3",
            delivered=delivered,
            failed=len(shipment.records) - delivered,
            bytes=shipment.bytes if delivered else 0,
            came=weight(shipment.records) if delivered else 0,
            metric=self.metric,
            oldest=shipment.oldest,
            code=code,
            message=message,
            again_at=again_at,
            backup=self.kind not in ("data", "staging"),
        )


@dataclass(slots=True)
class EndpointShipping:
    """Hands batches to a destination's adapter.

    give_up: takes failures that will not be tried again, with the tries they had. blocked: whether
    the error output cannot take them now.
    """

    site: Site
    settings: DestinationSettings
    destination: Destination
    patience: Patience
    give_up: Callable[[Sequence[Failure], int], None]
    blocked: Callable[[], bool]

    def broken(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        """Records for which the adapter, or what is around it, raised."""
        self.give_up(self.site.broke(shipment, error, self.settings.log), shipment.attempt)

    def send(self, lane: BufferLane, shipment: Shipment) -> None:
        """Hand a batch over, now and for as long as its retry duration lasts."""
        shipment.request_id = self.site.ports.request_id()
        self._try(lane, shipment)

    def _try(self, lane: BufferLane, shipment: Shipment) -> None:
        self.site.expire(shipment, counted=True)
        if not shipment.records:
            lane.done(shipment)
            return
        try:
            self.site.unlock()
        except Undelivered as error:
            self._locked(lane, shipment, error)
            return
        shipment.attempt += 1
        now = shipment.began = self.site.now
        answer = self.destination.deliver(shipment.records, shipment.request_id, now)
        self._take(lane, shipment, answer)

    def _take(self, lane: BufferLane, shipment: Shipment, answer: Answer) -> None:
        clock = self.site.ports.clock
        if isinstance(answer, Errand):
            self._run(lane, shipment, answer.work)
        elif isinstance(answer, Waiting):
            look = answer.look
            lane.later(answer.at, shipment, lambda: self._take(lane, shipment, look(clock.now)))
        elif answer.took_ms > 0:
            at = clock.now + answer.took_ms
            lane.later(at, shipment, lambda: self._over(lane, shipment, answer))
        else:
            self._over(lane, shipment, answer)

    def _run(self, lane: BufferLane, shipment: Shipment, work: Callable[[], Answer]) -> None:
        """Have an errand run; what it raises is the batch's, once it is back."""

        def tried() -> Answer | Exception:
            try:
                return work()
            except Exception as error:
                return error

        def back(found: Answer | Exception) -> None:
            lane.attend(shipment, lambda: self._back(lane, shipment, found))

        self.site.ports.errand(tried, back)

    def _back(self, lane: BufferLane, shipment: Shipment, found: Answer | Exception) -> None:
        if isinstance(found, Exception):
            raise found
        self._take(lane, shipment, found)

    def _over(self, lane: BufferLane, shipment: Shipment, outcome: Outcome) -> None:
        """A try is over: count it, give up what is hopeless, and plan the rest."""
        site = self.site
        lost = [each.record for each in outcome.failures if each.lost]
        hopeless = [each for each in outcome.failures if not (each.lost or each.retry)]
        again = [each for each in outcome.failures if each.retry and not each.lost]
        pause = self.patience.pause(shipment) if again else None
        if again and pause is None and self.blocked():
            pause = LONGEST_PAUSE_MS
        self._tell(shipment, outcome, None if pause is None else site.now + pause)
        site.tally.delivered += outcome.delivered
        shipment.records = [each.record for each in again]  # what is accounted for has left it
        if lost:
            site.lose("refused", lost, shipment.lane)
        if hopeless:
            self.give_up(hopeless, shipment.attempt)
        if pause is not None:
            self._plan(lane, shipment, again, pause)
            return
        shipment.records = []
        if again:
            self.give_up(again, shipment.attempt)
        lane.done(shipment)

    def _locked(self, lane: BufferLane, shipment: Shipment, error: Undelivered) -> None:
        """No try: neither the destination nor the retry duration knows of it."""
        failures = [Failure(each, error.code, error.message) for each in shipment.records]
        site = self.site
        again = min(site.now + LONGEST_PAUSE_MS, shipment.newest + site.window())
        self._tell(shipment, Outcome(0, failures), again)
        lane.later(again, shipment, lambda: self._try(lane, shipment))

    def _plan(
        self, lane: BufferLane, shipment: Shipment, failures: Sequence[Failure], pause: int
    ) -> None:
        shipment.records = [each.record for each in failures]
        shipment.bytes = size(shipment.records)
        shipment.waited += pause
        lane.later(self.site.now + pause, shipment, lambda: self._try(lane, shipment))

    def _tell(self, shipment: Shipment, outcome: Outcome, again_at: int | None) -> None:
        kind = self.settings.kind
        first = outcome.failures[0] if outcome.failures else None
        failed = size([each.record for each in outcome.failures])
        self.site.tried(
            shipment,
            kind.metric,
            delivered=outcome.delivered,
            failed=len(outcome.failures),
            bytes=shipment.bytes - failed,
            came=shipment.bytes - failed,
            metric=f"DeliveryTo{kind.metric}",
            oldest=shipment.oldest,
            code="" if first is None else first.code,
            message="" if first is None else first.message,
            again_at=again_at,
            took_ms=self.site.now - shipment.began,
            failed_bytes=failed,
        )
        if first is not None:
            self.site.complain(self.settings.log, first.code, first.message, kind.name)
