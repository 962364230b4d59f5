"""Reading one shard: polled with GetRecords once a second, or pushed by enhanced fan-out.

Source: facts/data-streams §9 (LD): a stream's ARN as source is polled, sharing the shard's 2 MiB/s
with everybody; a registered consumer's ARN is pushed to. Only what is pushed has KPL aggregates
opened, and one with a user record whose hash lies outside the shard is then dropped and lost, whole
(recorded 2026-09-19, radkawar/stackd, kinesis_hash_range).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from kinesis_sim.account.aggregation import user_records
from kinesis_sim.account.tips import AtTip, Resting
from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings.batch import Record
from kinesis_sim.mappings.ports import MappingPorts

POLL_MS = 1_000
Row = dict[str, Any]
"""A shard as ListShards or ChildShards describe it."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What one look found.

    behind: ms behind the shard's tip; children: set when the shard ended; dropped: user records of
    aggregates that are not the shard's alone.
    """

    records: list[Record]
    behind: int
    ended: bool = False
    children: list[Row] = field(default_factory=list)
    dropped: int = 0


class ShardSource(Protocol):
    """Where a shard's records come from. Raises ServiceError as the operation behind it does."""

    def read(self) -> Portion:
        """The next records, maybe none."""

    def next_at(self) -> int:
        """When to look again (epoch ms)."""

    def rest(self) -> Resting | None:
        """Rest until there is something to find; None for who cannot, or has not read all."""

    def close(self) -> None:
        """Let go of what is open; a later read goes on at the same place."""


@dataclass(slots=True)
class Place:
    """Where in a shard to begin, then to go on.

    start: a starting position; at: its timestamp (epoch ms), for AT_TIMESTAMP; last: the last
    sequence number that was read.
    """

    start: str
    at: int | None = None
    last: str | None = None

    def take(self, records: list[Record]) -> None:
        """Remember the last of some records as read."""
        if records:
            self.last = records[-1]["SequenceNumber"]


class ShardPolling:
    """GetRecords, with an iterator that is opened anew when it is lost."""

    def __init__(self, ports: MappingPorts, stream: str, shard: Row, place: Place) -> None:
        self._ports = ports
        self._shard = {"StreamName": stream, "ShardId": shard["ShardId"]}
        self._place = place
        self._iterator: str | None = None
        self._at_tip = False
        self._tip: AtTip | None = None

    def rest(self) -> AtTip | None:
        """Rest, if the last read found nothing."""
        if self._at_tip and self._iterator is not None and self._tip is None:
            self._tip = self._ports.rests(self._iterator, POLL_MS)
        return self._tip

    def _wake(self) -> None:
        if self._tip is not None:
            tip, self._tip = self._tip, None
            self._iterator = tip.leave()
        self._at_tip = False

    def next_at(self) -> int:
        """One poll a second: Lambda's base rate."""
        return self._ports.clock.now + POLL_MS

    def close(self) -> None:
        """Forget the iterator, which may expire meanwhile."""
        self._wake()
        self._iterator = None

    def read(self) -> Portion:
        """One GetRecords."""
        self._wake()
        if self._iterator is None:
            self._iterator = self._open()
        request = {"ShardIterator": self._iterator, "Limit": 10_000}
        try:
            answer = self._ports.kinesis("GetRecords", request)
        except ServiceError as error:
            if error.code == "ExpiredIteratorException":
                self._iterator = None
            raise
        self._iterator = answer.get("NextShardIterator")
        self._place.take(answer["Records"])
        ended = self._iterator is None
        self._at_tip = not answer["Records"] and not answer["MillisBehindLatest"]
        children = answer.get("ChildShards", [])
        return Portion(answer["Records"], answer["MillisBehindLatest"], ended, children)

    def _open(self) -> str:
        place = self._place
        request: dict[str, Any] = {**self._shard, "ShardIteratorType": place.start}
        if place.last is not None:
            request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            request["StartingSequenceNumber"] = place.last
        elif place.start == "AT_TIMESTAMP":
            request["Timestamp"] = place.at
        return str(self._ports.kinesis("GetShardIterator", request)["ShardIterator"])


class ShardPushing:
    """SubscribeToShard, opened anew every five minutes. wake: called when something is there."""

    def __init__(
        self, ports: MappingPorts, consumer: str, shard: Row, place: Place, wake: Callable[[], None]
    ) -> None:
        self._ports = ports
        self._consumer = consumer
        self._shard = shard
        self._place = place
        self._wake = wake
        self._subscription: Any = None
        self._lull: Any = None

    def next_at(self) -> int:
        """When something may be due, and within a second: batching windows are looked at too."""
        now = self._ports.clock.now
        due = now + POLL_MS if self._subscription is None else self._subscription.next_at()
        return int(min(max(due, now + 1), now + POLL_MS))

    def rest(self) -> Resting | None:
        """Rest, if a heartbeat has just come: nothing but others will."""
        if self._lull is None and self._subscription is not None:
            self._lull = self._subscription.rest(lambda renewals: None)
        lull: Resting | None = self._lull
        return lull

    def _rouse(self) -> None:
        if self._lull is not None:
            lull, self._lull = self._lull, None
            lull.leave()

    def close(self) -> None:
        """End the subscription."""
        self._rouse()
        if self._subscription is not None:
            self._subscription.on_ready = None
            self._subscription.close("consumer went away")
            self._subscription = None

    def read(self) -> Portion:
        """The event that is due, if one is; a subscription whose time is up is renewed at once."""
        self._rouse()
        event = self._next_event()
        if event is None and self._subscription.ended:
            self._subscription = None
            event = self._next_event()
        if event is None:
            return Portion([], 0)
        pushed = event.get("SubscribeToShardEvent")
        if pushed is None:
            [(code, row)] = event.items()
            self._subscription = None
            raise ServiceError(code, row["message"])
        self._place.take(pushed["Records"])
        records = list(self._unpacked(pushed["Records"]))
        kept = [record for record in records if record is not None]
        children = pushed.get("ChildShards", [])
        ended, dropped = "ChildShards" in pushed, len(records) - len(kept)
        return Portion(kept, pushed["MillisBehindLatest"], ended, children, dropped)

    def _next_event(self) -> dict[str, Any] | None:
        if self._subscription is None:
            self._subscription = self._open()
            self._subscription.on_ready = self._wake
        event: dict[str, Any] | None = self._subscription.next_event()
        return event

    def _open(self) -> Any:
        starting: dict[str, Any] = {"Type": self._place.start}
        if self._place.last is not None:
            starting = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._place.last}
        elif self._place.start == "AT_TIMESTAMP":
            starting["Timestamp"] = self._place.at
        request = {
            "ConsumerARN": self._consumer,
            "ShardId": self._shard["ShardId"],
            "StartingPosition": starting,
        }
        return self._ports.kinesis("SubscribeToShard", request)["EventStream"]

    def _unpacked(self, records: list[Record]) -> Iterator[Record | None]:
        """The records with aggregates opened; None for each user record of one that is dropped."""
        span = self._shard["HashKeyRange"]
        first, last = int(span["StartingHashKey"]), int(span["EndingHashKey"])
        for record in records:
            try:
                found = user_records(record["Data"])
            except Exception as error:  # no aggregate that anybody can open is a record as it is
                self._ports.clock.mishaps.note(error, f"consumer {self._consumer}")
                found = None
            if found is None:
                yield record
                continue
            whole = all(first <= user.hash <= last for user in found)
            for user in found:
                own = {**record, "PartitionKey": user.key, "Data": user.data}
                yield own if whole else None
