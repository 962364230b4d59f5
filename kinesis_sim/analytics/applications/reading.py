"""A data stream as a source: every shard is read once a second, from a place that can be kept.

Laws
1. A shard is read after its parents are read to the end; places survive in ``positions``.
2. Reads are plain GetRecords: they share the shard's 2 MiB/s and five calls a second with every
   other reader. A failed call is tried again a second later, from the same place.
3. At a shard's tip it rests until something arrives.

Flink's connector polls five times a second by itself; once a second is the model's choice, which
leaves the other readers of a shard their calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Surroundings
from kinesis_sim.account.tips import AtTip
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND

POLL_MS = SECOND
MOST = 10_000
ENDED = "ended"
Take = Callable[[str, list[Request]], None]


@dataclass(slots=True)
class _Place:
    """Where one shard is read. after: the last sequence number taken, or ENDED."""

    shard: str
    parents: tuple[str, ...]
    start: Request
    after: str | None = None
    iterator: str | None = None
    behind: int = 0
    timer: ScheduledAction | None = None
    tip: AtTip | None = None

    def wake(self) -> None:
        """Rest no longer; polls that were skipped count as made."""
        if self.tip is not None:
            tip, self.tip = self.tip, None
            self.iterator = tip.leave()


class StreamReader:
    """Reads one stream. take: called with a shard and its next records, as GetRecords tells them.

    name: the stream's. start: how shards are read of which nothing was kept: a ShardIteratorType
    and what belongs to it. failed: called with the reason when taking raises.
    """

    def __init__(
        self,
        around: Surroundings,
        name: str,
        start: Request,
        take: Take,
        failed: Callable[[Exception], None],
    ) -> None:
        self._around, self.name, self._start = around, name, start
        self._take, self._failed = take, failed
        self._places: dict[str, _Place] = {}
        self._kept: dict[str, str] = {}
        self._runs = False

    @property
    def positions(self) -> dict[str, str]:
        """How far each shard was read: a sequence number, or ENDED."""
        told = {name: place.after for name, place in self._places.items() if place.after}
        return {**self._kept, **told}

    @property
    def shards(self) -> list[str]:
        """The shards that it reads or has read."""
        return list(self._places)

    @property
    def behind(self) -> int:
        """How far it is behind the newest record, over all shards (ms)."""
        return max((place.behind for place in self._places.values()), default=0)

    def begin(self, kept: Mapping[str, str] | None = None) -> None:
        """Read, from where it was left. Raises ServiceError for a stream that is not there."""
        self._kept, self._runs = dict(kept or {}), True
        for row in self._shards():
            parents = (row.get("ParentShardId"), row.get("AdjacentParentShardId"))
            known = tuple(str(each) for each in parents if each is not None)
            self._know(row["ShardId"], known, self._start)
        if self._start["ShardIteratorType"] == "LATEST":
            for place in self._places.values():
                place.iterator = place.iterator or self._iterator(place)

    def stop(self) -> None:
        """Read no more."""
        self._runs = False
        for place in self._places.values():
            place.wake()
            if place.timer is not None:
                place.timer.cancel()

    def _shards(self) -> list[Request]:
        rows: list[Request] = []
        request: Request = {"StreamName": self.name}
        while True:
            answer = self._around.call("kinesis", "ListShards", request)
            rows += answer["Shards"]
            if "NextToken" not in answer:
                return rows
            request = {"NextToken": answer["NextToken"]}

    def _know(self, shard: str, parents: tuple[str, ...], start: Request) -> None:
        if shard not in self._places:
            place = self._places[shard] = _Place(shard, parents, start, self._kept.get(shard))
            self._plan(place)

    def _plan(self, place: _Place) -> None:
        if not self._runs or place.after == ENDED:
            return
        clock = self._around.clock
        at = clock.now + POLL_MS
        if place.tip is None:
            place.timer = clock.schedule(at, lambda: self._poll(place))
        else:
            place.timer = clock.repeat(at, POLL_MS, lambda: self._poll(place), place.tip)

    def _poll(self, place: _Place) -> None:
        place.wake()
        try:
            parents = (self._places[each] for each in place.parents if each in self._places)
            if all(parent.after == ENDED for parent in parents):
                self._read(place)
        except ServiceError as error:
            if error.code == "ExpiredIteratorException":
                place.iterator = None
        except Exception as error:  # whatever the code makes of a record is the job's failure
            self._failed(error)
        finally:
            self._plan(place)

    def _read(self, place: _Place) -> None:
        place.iterator = place.iterator or self._iterator(place)
        asked = {"ShardIterator": place.iterator, "Limit": MOST}
        answer = self._around.call("kinesis", "GetRecords", asked)
        rows, place.behind = answer["Records"], answer["MillisBehindLatest"]
        place.iterator = answer.get("NextShardIterator")
        if rows:
            place.after = rows[-1]["SequenceNumber"]
            self._take(place.shard, rows)
        if place.iterator is None:
            place.after = ENDED
            for child in answer.get("ChildShards", ()):
                trim: Request = {"ShardIteratorType": "TRIM_HORIZON"}
                self._know(child["ShardId"], tuple(child["ParentShards"]), trim)
        elif not rows and not place.behind:
            place.tip = self._around.rests(place.iterator, POLL_MS)

    def _iterator(self, place: _Place) -> str:
        request: Request = {"StreamName": self.name, "ShardId": place.shard, **place.start}
        if place.after is not None:
            request = {
                "StreamName": self.name,
                "ShardId": place.shard,
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": place.after,
            }
        answer: Any = self._around.call("kinesis", "GetShardIterator", request)
        return str(answer["ShardIterator"])
