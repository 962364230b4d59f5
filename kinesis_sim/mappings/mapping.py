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

from dataclasses import dataclass

from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings.ports import Ports
from kinesis_sim.mappings.settings import MappingSettings
from kinesis_sim.mappings.shard import MappedShard
from kinesis_sim.mappings.source import Row
from kinesis_sim.mappings.states import MAPPING, MappingState
from kinesis_sim.states import Life

NOTHING_YET = "No records processed"
STOPPED = (MappingState.DISABLING, MappingState.DISABLED, MappingState.DELETING)
"""The states in which no batch begins."""


@dataclass(slots=True)
class Counts:
    """What a mapping did so far. filtered: records that no pattern passed, which is processed;
    dropped: user records of KPL aggregates that belong to another shard."""

    invocations: int = 0
    errors: int = 0
    records: int = 0
    filtered: int = 0
    dropped: int = 0
    given_up: int = 0
    expired: int = 0
    throttled_reads: int = 0
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a mapping reads. arn: as it was given; consumer: its ARN, for enhanced fan-out."""

    stream: str
    arn: str
    consumer: str | None = None


class Mapping:
    """One mapping of a stream to a function.

    ``uuid`` names it; ``function`` is the ARN as it was asked for, ``callee`` the one that is
    called, without qualifier; ``result`` is what came of the last invocation.
    """

    def __init__(
        self,
        uuid: str,
        origin: Origin,
        function: tuple[str, str],
        settings: MappingSettings,
        ports: Ports,
    ) -> None:
        self.uuid = uuid
        self.stream, self.source_arn, self.consumer = origin.stream, origin.arn, origin.consumer
        self.settings = settings
        self.ports = ports
        self.life = Life(MAPPING)
        self.counts = Counts()
        self.changed_at = ports.clock.now
        self.result = NOTHING_YET
        self.problem = ""
        self.call(function)
        self._on = False
        self._shards: dict[str, MappedShard] = {}

    def call(self, function: tuple[str, str]) -> None:
        """Call this function from now on. function: its ARN, and a qualifier or nothing."""
        self.callee, qualifier = function
        self.function = f"{self.callee}:{qualifier}" if qualifier else self.callee

    def call_failed(self, why: str) -> None:
        """Note why the last invocation failed. The problem is in AWS's words."""
        self.problem, self.result = "Function call failed", why
        self.counts.errors += 1
        self.counts.last_error = why

    def read_failed(self, why: str) -> None:
        """Note why the stream could not be read. The problem is in the model's words."""
        self.problem, self.result = "Stream read failed", why
        self.counts.last_error = why

    def processed(self, records: int) -> None:
        """Note records that are dealt with successfully."""
        self.problem, self.result = "", "OK"
        self.counts.records += records

    @property
    def state(self) -> MappingState | None:
        """Its state; None once it is gone."""
        return self.life.state

    @property
    def enabled(self) -> bool:
        """Whether batches are read and sent: in Enabled, and while an Enabled one is Updating."""
        return self._on

    @property
    def behind(self) -> int:
        """Age of the oldest record that is read but not processed, or MillisBehindLatest (ms)."""
        now = self.ports.clock.now
        return max((shard.behind(now) for shard in self._shards.values()), default=0)

    # --- states -------------------------------------------------------------------------------

    def step(self, why: str) -> None:
        """Take a step of its life now. Disabling and deleting stop what would begin next; a batch
        that is under way is finished, places are kept."""
        state = self.life.step(why)
        self.changed_at = self.ports.clock.now
        if state is MappingState.ENABLED:
            self._begin()
        elif state in STOPPED:
            self._stop()

    def _begin(self) -> None:
        """Read; shards that are there begin where the settings say, later ones at their start."""
        self._on = True
        first = not self._shards
        try:
            rows = self.ports.kinesis("ListShards", {"StreamName": self.stream})["Shards"]
        except ServiceError as error:
            self.read_failed(str(error))
            return
        for row in rows:
            self.know(row, self.settings.start if first else "TRIM_HORIZON")
        for shard in self._shards.values():
            shard.wake()

    def _stop(self) -> None:
        self._on = False
        for shard in self._shards.values():
            shard.rest()

    # --- shards -------------------------------------------------------------------------------

    def know(self, row: Row, start: str) -> None:
        """Take a shard on, once."""
        name = row["ShardId"]
        if name not in self._shards:
            self._shards[name] = MappedShard(self, row, start)
            if self.enabled:
                self._shards[name].wake()

    def may_begin(self, shard: MappedShard) -> bool:
        """Whether the shard's parents are all processed to their ends."""
        return all(self._shards[p].done for p in shard.parents if p in self._shards)
