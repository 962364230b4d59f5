"""A data stream as source: every shard is read once a second (facts/firehose §1.6).

Laws
1. Reading begins where each shard ends when the Firehose stream is created: records put while it is
   CREATING arrive once it is ACTIVE (CAP docs/firehose). Later shards are read from their
   beginning, after their parents are read to the end.
2. Reads are plain GetRecords: they share the shard's 2 MiB/s and five calls a second with every
   other reader. With full backup on there are two a second.
3. Failed calls are tried again for ever; the place in the shard is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kinesis_sim.account.aggregation import user_records
from kinesis_sim.account.calls import Request
from kinesis_sim.account.tips import AtTip, Told
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.events import SourceIdle, SourceRead, SourceRefused
from kinesis_sim.firehose.metering import billed
from kinesis_sim.firehose.record import Origin, Record
from kinesis_sim.firehose.site import Site
from kinesis_sim.instants import DAY, HOUR

POLL_MS = 1_000
_BEGINNING = "AT_TIMESTAMP"
"""How shards are read, from the Firehose stream's creation on, that have no better mark."""


@dataclass(slots=True)
class _Place:
    """Where the reader is in one shard. after: the last sequence number taken."""

    shard: str
    parents: tuple[str, ...]
    start: str
    iterator: str | None = None
    after: str | None = None
    ended: bool = False
    behind: int = 0
    timer: ScheduledAction | None = None
    at_tip: bool = False
    tip: AtTip | None = None

    def wake(self) -> None:
        """Rest no longer; polls that were skipped count as made."""
        if self.tip is not None:
            tip, self.tip = self.tip, None
            self.iterator = tip.leave()


class StreamSource:
    """Reads one data stream for one Firehose stream.

    take: called with a shard's id and its next records. twice: whether full backup is on.
    """

    def __init__(
        self,
        site: Site,
        arn: str,
        take: Callable[[str, list[Record]], None],
        twice: Callable[[], bool],
    ) -> None:
        self._site = site
        self._arn = arn
        self._take = take
        self._twice = twice
        self._places: dict[str, _Place] = {}
        self._running = False
        self._window = DAY
        self._begins = site.now
        self._over: set[str] = set()

    def mark(self) -> None:
        """Remember where every shard ends now: reading will begin there."""
        for row in self._shards() or ():
            if "EndingSequenceNumber" in row["SequenceNumberRange"]:
                self._over.add(row["ShardId"])
                continue
            place = self._places[row["ShardId"]] = _Place(row["ShardId"], (), _BEGINNING)
            place.iterator = self._iterator(place, "LATEST")

    def start(self) -> None:
        """Begin to read every shard there is, from the places marked."""
        self._running = True
        for place in self._places.values():
            self._plan(place)
        self._discover()

    def stop(self) -> None:
        """Read no more."""
        self._running = False
        for place in self._places.values():
            place.wake()
            if place.timer is not None:
                place.timer.cancel()

    def window(self) -> int:
        """How long the data stream keeps records (ms); as it last said, when it does not answer."""
        try:
            answer = self._site.ports.kinesis("DescribeStreamSummary", {"StreamARN": self._arn})
        except ServiceError:
            return self._window
        self._window = answer["StreamDescriptionSummary"]["RetentionPeriodHours"] * HOUR
        return self._window

    @property
    def behind(self) -> int:
        """KinesisMillisBehindLatest: the largest over its shards (ms)."""
        return max((place.behind for place in self._places.values()), default=0)

    # --- shards -------------------------------------------------------------------------------

    def _discover(self) -> None:
        """Shards that were not marked: they came since, or could not be listed then."""
        rows = self._shards()
        if rows is None:
            self._later(self._discover)
            return
        for row in rows:
            if row["ShardId"] in self._over:
                continue
            parents = (row.get("ParentShardId"), row.get("AdjacentParentShardId"))
            self._know(row["ShardId"], [each for each in parents if each is not None], _BEGINNING)

    def _shards(self) -> list[Request] | None:
        """Every shard there is; None when a call failed."""
        rows: list[Request] = []
        request: Request = {"StreamARN": self._arn}
        while True:
            answer = self._call("ListShards", request)
            if answer is None:
                return None
            rows += answer["Shards"]
            if "NextToken" not in answer:
                return rows
            request = {"NextToken": answer["NextToken"]}

    def _know(self, shard: str, parents: Iterable[str], start: str) -> None:
        if shard not in self._places:
            place = self._places[shard] = _Place(shard, tuple(parents), start)
            self._plan(place)

    def _plan(self, place: _Place) -> None:
        if self._running and not place.ended:
            pause = POLL_MS // 2 if self._twice() else POLL_MS
            clock, ports = self._site.ports.clock, self._site.ports
            at = clock.now + pause
            if not place.at_tip or place.iterator is None:
                place.timer = clock.schedule(at, lambda: self._poll(place))
                return
            place.tip = ports.rests(place.iterator, pause, self._idled(place))
            place.timer = clock.repeat(at, pause, lambda: self._poll(place), place.tip)

    def _idled(self, place: _Place) -> Told:
        """Who tells of the polls of a shard that were skipped."""

        def told(first: int, every: int, count: int) -> None:
            self._site.tell(
                SourceIdle(
                    at=first + (count - 1) * every,
                    stream=self._site.name,
                    shard=place.shard,
                    since=first,
                    every=every,
                    calls=count,
                )
            )

        return told

    def _later(self, action: Callable[[], None]) -> None:
        clock = self._site.ports.clock

        def again() -> None:
            if not self._running:
                return
            try:
                action()
            except BaseException:
                self._later(action)
                raise

        clock.schedule(clock.now + POLL_MS, again)

    # --- reading ------------------------------------------------------------------------------

    def _poll(self, place: _Place) -> None:
        place.wake()
        place.at_tip = False
        try:
            if all(self._places[each].ended for each in place.parents if each in self._places):
                self._read(place)
        except Exception as error:  # the place stays where it was
            self._site.puzzled(error)
        finally:
            self._plan(place)

    def _read(self, place: _Place) -> None:
        place.iterator = place.iterator or self._iterator(place)
        if place.iterator is None:
            return
        answer = self._call("GetRecords", {"ShardIterator": place.iterator, "Limit": 10_000})
        if answer is None:
            return
        place.behind = answer["MillisBehindLatest"]
        rows = answer["Records"]
        place.at_tip = not rows and not place.behind
        self._tell(place, rows)
        if rows:
            self._take(place.shard, [each for row in rows for each in self._opened(place, row)])
            place.after = rows[-1]["SequenceNumber"]
        place.iterator = answer.get("NextShardIterator")
        if place.iterator is None:
            place.ended = True
            for child in answer.get("ChildShards", ()):
                self._know(child["ShardId"], child["ParentShards"], "TRIM_HORIZON")

    def _iterator(self, place: _Place, start: str | None = None) -> str | None:
        """A place to read from. start: other than where the place says."""
        request: Request = {
            "StreamARN": self._arn,
            "ShardId": place.shard,
            "ShardIteratorType": start or place.start,
        }
        if request["ShardIteratorType"] == _BEGINNING and place.after is None:
            request["Timestamp"] = self._begins
        if place.after is not None:
            request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            request["StartingSequenceNumber"] = place.after
        answer = self._call("GetShardIterator", request)
        return None if answer is None else str(answer["ShardIterator"])

    def _opened(self, place: _Place, row: Request) -> list[Record]:
        """A record, or the user records of an aggregate."""
        arrived, number = row["ApproximateArrivalTimestamp"], row["SequenceNumber"]
        try:
            users = user_records(row["Data"])
        except Exception as error:  # no aggregate that anybody can open is a record as it is
            self._site.puzzled(error)
            users = None
        parts = (
            [(row["PartitionKey"], row["Data"])]
            if users is None
            else [(user.key, user.data) for user in users]
        )
        return [
            Record(data, arrived, origin=Origin(place.shard, key, number, index, arrived))
            for index, (key, data) in enumerate(parts)
        ]

    def _call(self, operation: str, request: Request) -> Request | None:
        try:
            return self._site.ports.kinesis(operation, request)
        except ServiceError as error:
            self._site.tell(
                SourceRefused(
                    at=self._site.now,
                    stream=self._site.name,
                    operation=operation,
                    code=error.code,
                )
            )
            if error.code == "ExpiredIteratorException":
                for place in self._places.values():
                    if place.iterator == request.get("ShardIterator"):
                        place.iterator = None
            return None

    def _tell(self, place: _Place, rows: list[Request]) -> None:
        sizes = [len(row["Data"]) for row in rows]
        self._site.tell(
            SourceRead(
                at=self._site.now,
                stream=self._site.name,
                shard=place.shard,
                records=len(rows),
                bytes=sum(sizes),
                billed_bytes=billed(sizes),
                behind=place.behind,
            )
        )
