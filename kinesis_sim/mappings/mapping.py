"""An event source mapping: reads each shard of a stream and calls a function with batches.

Laws
1. Batches of a shard (of a lane of it, with a ParallelizationFactor) run one after another, in
order.
2. A failed batch blocks its lane until it succeeds, is given up, or its records leave the stream.
3. Giving up tells the failure destination where the batch is; the records stay in the stream.
4. Records with one partition key are in one lane, so their order holds with any factor.
5. A child shard begins when its parents are processed to their ends.

Source: facts/data-streams §9 (LD, LO, BL, LS). The states are those of botocore's
EventSourceMappingConfiguration.State; how long each lasts is in ``delays.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import MINUTE
from kinesis_sim.mappings.ports import MappingPorts
from kinesis_sim.mappings.results import MappingCounts, Results
from kinesis_sim.mappings.settings import MappingSettings
from kinesis_sim.mappings.shard import MappedShard
from kinesis_sim.mappings.source import Row
from kinesis_sim.mappings.states import MAPPING, MappingState
from kinesis_sim.mappings.terms import MappedStream, Terms
from kinesis_sim.states import Life

SETTLED = (MappingState.ENABLED, MappingState.DISABLED)
"""The states that last until somebody changes them."""
STOPPED = (MappingState.DISABLING, MappingState.DISABLED, MappingState.DELETING)
"""The states in which no batch begins."""


class Mapping:
    """One mapping of a stream to a function: its life, and the shards it reads.

    ``terms`` are what they work by, ``results`` what comes of that; neither knows the mapping.
    """

    def __init__(
        self,
        uuid: str,
        origin: MappedStream,
        function: tuple[str, str],
        settings: MappingSettings,
        ports: MappingPorts,
    ) -> None:
        self.terms = Terms(uuid, origin, settings)
        self.coming: MappingSettings | None = None
        self.terms.call(function)
        self.ports = ports
        self.results = Results(self.terms, ports.clock, ports.events)
        self.life = Life(MAPPING)
        self.changed_at = ports.clock.now
        self.tags: dict[str, str] = {}
        self._shards: dict[str, MappedShard] = {}

    @property
    def uuid(self) -> str:
        """Its name."""
        return self.terms.uuid

    @property
    def result(self) -> str:
        """What came of the last invocation."""
        return self.results.result

    @property
    def counts(self) -> MappingCounts:
        """What it did so far."""
        return self.results.counts

    @property
    def settings(self) -> MappingSettings:
        """The settings that hold now."""
        return self.terms.settings

    @property
    def asked(self) -> MappingSettings:
        """The settings as they are shown: those of an update before they hold.

        Recorded 2026-09-22 (radkawar/stackd, lambda/filter_kms_native).
        """
        return self.coming or self.settings

    @property
    def state(self) -> MappingState | None:
        """Its state; None once it is gone."""
        return self.life.state

    @property
    def enabled(self) -> bool:
        """Whether batches are read and sent: in Enabled, and while an Enabled one is Updating."""
        return self.terms.on

    @property
    def behind(self) -> int:
        """Age of the oldest record that is read but not processed, or MillisBehindLatest (ms)."""
        now = self.ports.clock.now
        return max((shard.behind(now) for shard in self._shards.values()), default=0)

    # --- states -------------------------------------------------------------------------------

    def step(self, why: str) -> None:
        """Take a step of its life now.

        Disabling and deleting stop what would begin next; a batch that is under way is finished,
        places are kept. Once it is settled, LastModified names the minute only, as recorded
        (radkawar/stackd, testdata/aws/lambda/kinesis_source.json).
        """
        state = self.life.step(why)
        if state in SETTLED:
            self.changed_at -= self.changed_at % MINUTE
        elif state is not MappingState.DELETING:
            self.changed_at = self.ports.clock.now
        if state is MappingState.ENABLED:
            self._begin()
        elif state in STOPPED:
            self._stop()

    def _begin(self) -> None:
        """Read; shards that are there begin where the settings say, later ones at their start."""
        self.terms.on = True
        first = not self._shards
        try:
            rows = self.ports.kinesis("ListShards", {"StreamName": self.terms.stream})["Shards"]
        except ServiceError as error:
            self.results.read_failed(str(error))
            return
        for row in rows:
            self.know(row, self.settings.start if first else "TRIM_HORIZON")
        for shard in self._shards.values():
            shard.wake()

    def _stop(self) -> None:
        self.terms.on = False
        for shard in self._shards.values():
            shard.rest()

    # --- shards -------------------------------------------------------------------------------

    def know(self, row: Row, start: str) -> None:
        """Take a shard on, once."""
        name = row["ShardId"]
        if name not in self._shards:
            self._shards[name] = MappedShard(
                self.terms,
                self.ports,
                self.results,
                row,
                start,
                may_begin=self._are_done,
                child=lambda child: self.know(child, "TRIM_HORIZON"),
            )
            if self.enabled:
                self._shards[name].wake()

    def _are_done(self, names: Iterable[str]) -> bool:
        """Whether the shards of these names are processed to their ends, as far as known."""
        return all(self._shards[name].done for name in names if name in self._shards)
