"""Reads a data stream shard by shard with GetRecords, and remembers where it is.

Shards are read one after the other at each look, so that a shard's backlog comes in whole before
the next one's: what Flink's connector does with many threads, made an order that repeats (the
model's choice). Children are read once their parents are read to the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.tips import AtTip
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.errors import ServiceError

Record = dict[str, Any]
Take = Callable[[str, Record], None]
MOST_RECORDS = 10_000
_PASSING = ("ProvisionedThroughputExceededException", "LimitExceededException")


@dataclass(slots=True)
class ReadPlace:
    """Where the reader is in a shard. after: the last sequence number taken; behind: in ms.

    start, since: where it begins before any was. LATEST is so for its first iterator only; it is
    the instant of that from then on, or each new look would pass over what has come since.
    """

    parents: tuple[str, ...]
    start: str
    since: int | None = None
    after: str | None = None
    ended: bool = False
    behind: int = 0
    iterator: str | None = None
    at_tip: bool = False
    tip: AtTip | None = None


class AllAtTip:
    """Shards at whose tips a reader stands: it rests until something comes to one of them."""

    def __init__(self, tips: list[AtTip]) -> None:
        self._tips = tips

    def quiet(self, at: int) -> bool:
        """Whether a look at ``at`` (epoch ms) would find nothing anywhere."""
        return all(tip.quiet(at) for tip in self._tips)

    def skip(self, first: int, every: int, count: int) -> None:
        """Remember looks that were skipped."""
        for tip in self._tips:
            tip.skip(first, every, count)


class StreamReader:
    """start: LATEST, TRIM_HORIZON or AT_TIMESTAMP; since: its epoch ms; limit: records a look.

    ended: never, for a stream has no end. every: how often it is looked at is the table's to say.
    """

    def __init__(
        self,
        ports: AnalyticsPorts,
        stream: str,
        take: Take,
        *,
        start: str = "LATEST",
        since: int | None = None,
        limit: int = MOST_RECORDS,
    ) -> None:
        self._ports = ports
        self.stream = stream
        self._take = take
        self._start = start
        self._since = since
        self._limit = limit
        self.places: dict[str, ReadPlace] = {}
        self.ended = False
        self.every: int | None = None

    def begin(self) -> None:
        """Find the shards, and where each is to be read from. Raises ServiceError."""
        self._discover(self._start)
        for shard, place in self.places.items():
            if place.iterator is None and self._open_to(place):
                place.iterator = self._iterator(shard, place)

    def look(self) -> int:
        """Read each shard once; how many records came. A throttled shard is left for later."""
        number = 0
        for shard, place in list(self.places.items()):
            if not place.ended and self._open_to(place):
                number += self._look_at(shard, place)
        return number

    def rest(self, every: int) -> AllAtTip | None:
        """Rest at the tips of all shards, if it stands there; every: ms between two looks."""
        open_ones = [place for place in self.places.values() if not place.ended]
        if not open_ones or not all(place.at_tip and place.iterator for place in open_ones):
            return None
        tips = []
        for place in open_ones:
            place.tip = self._ports.rests(str(place.iterator), every)
            tips.append(place.tip)
        return AllAtTip(tips)

    def wake(self) -> None:
        """Rest no longer; looks that were skipped count as made."""
        for place in self.places.values():
            if place.tip is not None:
                tip, place.tip = place.tip, None
                place.iterator = tip.leave()

    @property
    def behind(self) -> int:
        """Milliseconds behind the tip, of the shard that is furthest behind."""
        return max((place.behind for place in self.places.values()), default=0)

    # --- snapshots ------------------------------------------------------------------------------

    def positions(self) -> dict[str, dict[str, Any]]:
        """Where it is in each shard."""
        return {
            shard: {
                "after": place.after,
                "ended": place.ended,
                "start": place.start,
                "since": place.since,
            }
            for shard, place in self.places.items()
        }

    def go_to(self, positions: dict[str, dict[str, Any]]) -> None:
        """Go on from positions; shards that are not among them are read from their beginning."""
        self.places = {}
        self._discover("TRIM_HORIZON")
        for shard, kept in positions.items():
            if shard in self.places:
                place = self.places[shard]
                place.after, place.ended = kept["after"], kept["ended"]
                place.start, place.since = kept["start"], kept["since"]

    # --- shards ---------------------------------------------------------------------------------

    def _discover(self, start: str) -> None:
        request: dict[str, Any] = {"StreamName": self.stream}
        while True:
            answer = self._ports.call("kinesis", "ListShards", request)
            for shard in answer["Shards"]:
                self._know(shard, start)
            if not answer.get("NextToken"):
                return
            request = {"NextToken": answer["NextToken"]}

    def _know(self, shard: dict[str, Any], start: str) -> None:
        name = shard["ShardId"]
        if name in self.places:
            return
        parents = [shard.get("ParentShardId"), shard.get("AdjacentParentShardId")]
        closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
        place = ReadPlace(tuple(one for one in parents if one), start, self._since)
        place.ended = closed and start == "LATEST"
        self.places[name] = place

    def _open_to(self, place: ReadPlace) -> bool:
        known = [self.places[parent] for parent in place.parents if parent in self.places]
        return all(parent.ended for parent in known)

    def _look_at(self, shard: str, place: ReadPlace) -> int:
        try:
            answer = self._answer(shard, place)
        except ServiceError as error:
            if error.code in _PASSING or error.fault:
                return 0
            raise
        place.iterator = answer.get("NextShardIterator")
        place.behind = answer.get("MillisBehindLatest", 0)
        place.at_tip = not answer["Records"] and not place.behind
        for record in answer["Records"]:
            self._take(shard, record)
            place.after = record["SequenceNumber"]
        if place.iterator is None:
            place.ended = True
            self._discover("TRIM_HORIZON")
        return len(answer["Records"])

    def _answer(self, shard: str, place: ReadPlace) -> dict[str, Any]:
        """What GetRecords answers; an iterator that is too old is replaced by one of the place."""
        if place.iterator is not None:
            try:
                return self._records(place.iterator)
            except ServiceError as error:
                if error.code != "ExpiredIteratorException":
                    raise
                place.iterator = None
        place.iterator = self._iterator(shard, place)
        return self._records(place.iterator)

    def _records(self, iterator: str) -> dict[str, Any]:
        request = {"ShardIterator": iterator, "Limit": self._limit}
        return self._ports.call("kinesis", "GetRecords", request)

    def _iterator(self, shard: str, place: ReadPlace) -> str:
        now = self._ports.clock.now
        request: dict[str, Any] = {
            "StreamName": self.stream,
            "ShardId": shard,
            "ShardIteratorType": place.start,
        }
        if place.after is not None:
            request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            request["StartingSequenceNumber"] = place.after
        elif place.start == "AT_TIMESTAMP":
            request["Timestamp"] = place.since
        iterator = str(self._ports.call("kinesis", "GetShardIterator", request)["ShardIterator"])
        if place.start == "LATEST":
            place.start, place.since = "AT_TIMESTAMP", now
        return iterator
