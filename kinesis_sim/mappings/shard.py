"""One shard of a mapping: reads ahead a little, filters, and feeds its lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kinesis_sim.account.tips import Resting
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings.batch import Record
from kinesis_sim.mappings.filters import Pattern, passes
from kinesis_sim.mappings.lane import FunctionLane
from kinesis_sim.mappings.ports import MappingPorts
from kinesis_sim.mappings.progress import ShardProgress
from kinesis_sim.mappings.results import Results
from kinesis_sim.mappings.source import Place, Portion, Row, ShardPolling, ShardPushing, ShardSource
from kinesis_sim.mappings.terms import Terms


class MappedShard:
    """A shard as a mapping reads it, with the lanes it feeds.

    row: as ListShards has it; start: where reading begins. may_begin: whether shards of these names
    are processed to their ends; child: called with the row of each shard that follows this one.
    """

    def __init__(
        self,
        terms: Terms,
        ports: MappingPorts,
        results: Results,
        row: Row,
        start: str,
        *,
        may_begin: Callable[[tuple[str, ...]], bool],
        child: Callable[[Row], None],
    ) -> None:
        self.name: str = row["ShardId"]
        self.parents = parents_of(row)
        self.ended = False
        self._terms, self._ports, self._results = terms, ports, results
        self._may_begin, self._child = may_begin, child
        self._progress = ShardProgress(lambda number: results.moved(self.name, number))
        self.lanes = self._new_lanes()
        self._source = self._opened(row, start)
        self._behind = 0
        self._due: ScheduledAction | None = None
        self._tip: Resting | None = None

    def _opened(self, row: Row, start: str) -> ShardSource:
        origin, ports = self._terms.origin, self._ports
        place = Place(start, self._terms.settings.start_at)
        if origin.consumer is None:
            return ShardPolling(ports, origin.stream, row, place)
        return ShardPushing(ports, origin.consumer, row, place, self.wake)

    def _new_lanes(self) -> list[FunctionLane]:
        return [
            FunctionLane(self._terms, self._ports, self._results, self.name, self._settle)
            for _ in range(self._terms.settings.parallel)
        ]

    @property
    def done(self) -> bool:
        """Read to the end of a closed shard, and all of it processed."""
        return self.ended and all(lane.idle for lane in self.lanes)

    def behind(self, now: int) -> int:
        """How far this shard's processing is behind (ms)."""
        ages = [lane.oldest(now) for lane in self.lanes]
        return max(self._behind if not self.ended else 0, *ages)

    def wake(self) -> None:
        """Look now, and from here on whenever the source says."""
        self._look_at(self._ports.clock.now)

    def rest(self) -> None:
        """Let go of what is open; the place is kept."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._source.close()

    def _look_at(self, at: int) -> None:
        if self._due is not None:
            if self._due.action is not None and self._due.at <= at:
                return
            self._due.cancel()
        self._due = self._ports.clock.schedule(at, self._look)

    def _look(self) -> None:
        self._due = None
        if not self._terms.on:
            return
        try:
            self._lay_lanes_anew()
            if not self.ended and self._may_begin(self.parents) and self._hungry():
                self._read()
            for lane in self.lanes:
                lane.look()
        except Exception as error:
            self._broken(error)
        finally:
            if not self.done and not self._rests():
                self._look_at(self._source.next_at())

    def _broken(self, error: Exception) -> None:
        """A read that failed as no read does: noted, and tried again."""
        self._results.read_failed(self._results.mishap(error))

    # --- resting ------------------------------------------------------------------------------

    def _rests(self) -> bool:
        """Rest when nothing is under way and the last read found nothing at the tip."""
        self._tip = self._source.rest() if self._idle else None
        if self._tip is None:
            return False
        if self._due is not None:
            self._due.cancel()
        clock, at = self._ports.clock, self._source.next_at()
        self._due = clock.repeat(at, at - clock.now, self._look, self)
        return True

    @property
    def _idle(self) -> bool:
        alike = len(self.lanes) == self._terms.settings.parallel
        return alike and all(lane.idle for lane in self.lanes)

    def quiet(self, at: int) -> bool:
        """Whether a look at ``at`` (epoch ms) would find nothing to read and nothing to do."""
        return self._tip is not None and self._idle and self._tip.quiet(at)

    def skip(self, first: int, every: int, count: int) -> None:
        """Looks that were skipped."""
        if self._tip is not None:
            self._tip.skip(first, every, count)

    # --- reading ------------------------------------------------------------------------------

    def _hungry(self) -> bool:
        most = 2 * self._terms.settings.batch_size
        return all(len(lane.backlog.waiting) < most and not lane.held for lane in self.lanes)

    def _read(self) -> None:
        try:
            portion = self._source.read()
        except ServiceError as error:
            self._refused(error)
            return
        self._behind = portion.behind
        self._results.counts.dropped += portion.dropped
        self._progress.add(portion.records)
        if self._share_out(portion.records):
            self._settle()
        if portion.ended:
            self._end(portion)

    def _settle(self) -> None:
        self._progress.settle(lane.front for lane in self.lanes)

    def _end(self, portion: Portion) -> None:
        self.ended = True
        self._source.close()
        for child in portion.children:
            self._child(child)

    def _refused(self, error: ServiceError) -> None:
        if error.code in ("ProvisionedThroughputExceededException", "LimitExceededException"):
            self._results.counts.throttled_reads += 1
            return
        self.ended = error.code == "ResourceNotFoundException"
        self._results.read_failed(str(error))

    def _share_out(self, records: Iterable[Record]) -> bool:
        """Put records into lanes by their keys; what no filter passes counts as processed.

        Returns whether there was any such.
        """
        patterns, filtered = self._terms.settings.patterns, 0
        for record in records:
            if self._passes(patterns, record):
                self._lane_of(record).backlog.waiting.append(record)
            else:
                filtered += 1
        self._results.counts.filtered += filtered
        return filtered > 0

    def _passes(self, patterns: tuple[Pattern, ...], record: Record) -> bool:
        """Data that no pattern can read passes none, like data that is no JSON."""
        try:
            return passes(patterns, record)
        except Exception as error:
            self._results.mishap(error)
            return False

    def _lane_of(self, record: Record) -> FunctionLane:
        key: str = record.get("PartitionKey") or record["SequenceNumber"]
        return self.lanes[sum(key.encode()) % len(self.lanes)]

    def _lay_lanes_anew(self) -> None:
        """After a change of ParallelizationFactor: wait for what runs, then share out again."""
        if len(self.lanes) == self._terms.settings.parallel:
            return
        for lane in self.lanes:
            lane.held = True
        if any(lane.busy for lane in self.lanes):
            return
        left = [record for lane in self.lanes for record in lane.emptied()]
        self.lanes = self._new_lanes()
        for record in sorted(left, key=lambda record: int(record["SequenceNumber"])):
            self._lane_of(record).backlog.waiting.append(record)


def parents_of(row: Row) -> tuple[str, ...]:
    """The parents that a shard's row names, in either of the API's forms."""
    listed = row.get("ParentShards")
    found = listed or (row.get("ParentShardId"), row.get("AdjacentParentShardId"))
    return tuple(parent for parent in found if parent is not None)
