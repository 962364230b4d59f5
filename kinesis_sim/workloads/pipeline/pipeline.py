"""A whole scenario in a few lines: producers into a stream, for simulated minutes to days.

``run`` plays it record by record through the stream itself; ``flow`` computes rates and backlogs as
arrays, for capacity plans over days and thousands of shards. Both take the same description and
give the same kind of result; they agree within 2 % on throughput and throttles where loads are
steady over a flow's step and below a shard's limits or well above them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.account.quotas import Limits
from kinesis_sim.arguments import number, whole
from kinesis_sim.clock import DEFAULT_START
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import LAST, MINUTE
from kinesis_sim.workloads.pipeline.result import Result
from kinesis_sim.workloads.producers.producer import Producer

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Progress = Callable[[int, int], None]
"""Called with the minutes done and the minutes in all."""
DAY_MINUTES = 24 * 60
MOST_MINUTES = LAST // MINUTE
"""Minutes that the calendar has."""
MODES = {"provisioned": "PROVISIONED", "on-demand": "ON_DEMAND"}


class PipelineReader(Protocol):
    """A consumer at work. It is looked at after the producers of each tick."""

    @property
    def name(self) -> str:
        """What it is called in results."""

    def tick(self, now: int) -> None:
        """Do what is due up to ``now`` (epoch ms)."""

    def minute(self) -> dict[str, float]:
        """What the result keeps of the minute that ends now: iterator age, lag, duplicates …"""


class ConsumerPlan(Protocol):
    """The description of a consumer. A ``name`` that two of them share is refused."""

    def start(self, sim: Simulator, stream: str) -> PipelineReader:
        """A reader of the stream that starts now; until it can, time may pass on the clock."""


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Producers, a stream, and what happens to its capacity.

    shards: of a provisioned stream (1); mode="on-demand" has none to choose. scaling: minute →
    target of an UpdateShardCount in that minute. limits, delays: as for Simulator. max_record_kib:
    above 1,024 the stream takes large records. consumers: see ``consumers``; they begin before the
    first minute, and end with the run. Raises UsageError for what AWS would not allow.
    """

    producers: Sequence[Producer]
    stream: str = "pedala-rides"
    shards: int | None = None
    mode: str = "provisioned"
    scaling: Mapping[int, int] = field(default_factory=dict)
    consumers: Sequence[ConsumerPlan] = ()
    max_record_kib: int = 1024
    seed: int = 0
    start: str = DEFAULT_START
    region: str = "us-east-1"
    limits: Mapping[str, float] | str = "on"
    delays: Any = "realistic"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UsageError(f"mode={self.mode!r}: choose {' or '.join(map(repr, MODES))}.")
        if self.on_demand and (self.shards is not None or self.scaling):
            raise UsageError(
                "mode='on-demand': AWS decides about shards; leave out shards, scaling."
            )
        if self.shards is not None and (self.shards is True or not isinstance(self.shards, int)):
            whole("shards", self.shards, least=1)
        if self.shards is not None and not self.shards >= 1:
            raise UsageError(f"shards={self.shards!r}: a stream has one shard or more, whole ones.")
        whole("max_record_kib", self.max_record_kib)
        if not 1024 <= self.max_record_kib <= 10_240:
            raise UsageError(
                f"max_record_kib={self.max_record_kib}: give 1024 to 10240 "
                "(Data Streams Developer Guide, Large records)."
            )
        if not self.producers:
            raise UsageError("producers=[]: give at least one, or nothing will happen.")
        names = [getattr(consumer, "name", None) for consumer in self.consumers]
        twice = {name for name in names if name is not None and names.count(name) > 1}
        if twice:
            raise UsageError(
                f"Two consumers are called {min(twice)!r}: give each a name= of its own."
            )
        self._check_scaling()

    def _check_scaling(self) -> None:
        """UpdateShardCount: double or half at most, ten a day (facts/data-streams §2.5)."""
        count, called = self.shards or 1, list[int]()
        most = Limits(self.limits, self.region)["streams.scalings_per_day"]
        for minute, target in self.scaling.items():
            whole("scaling: minute", minute, least=0)
            whole("scaling: target", target, least=1)
        for minute, target in sorted(self.scaling.items()):
            if not math.ceil(count / 2) <= target <= 2 * count or target < 1:
                raise UsageError(
                    f"scaling={{{minute}: {target}}}: UpdateShardCount goes from {count} shards to "
                    f"{math.ceil(count / 2)} at least and {2 * count} at most "
                    "(API reference, UpdateShardCount)."
                )
            called = [*(at for at in called if minute - at < DAY_MINUTES), minute]
            if len(called) > most:
                raise UsageError(
                    f"scaling={{{minute}: {target}}} would be call {len(called)} in 24 hours: "
                    f"UpdateShardCount may be called {most} times in them "
                    "(API reference, UpdateShardCount)."
                )
            count = target

    @property
    def on_demand(self) -> bool:
        """Whether AWS decides how many shards there are."""
        return self.mode == "on-demand"

    def run(
        self,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        sim: Simulator | None = None,
        progress: Progress | None = None,
    ) -> Result:
        """Play it record by record, in ticks of 100 ms.

        sim: an account to play it in; a stream of this name that exists there is used as it is.
        Its clock moves, so that alarms, functions and other readers of the account do their work
        meanwhile. Without one the pipeline brings its own, which remembers nothing to be saved, and
        starts on a full minute.
        """
        from kinesis_sim.workloads.pipeline.play import play

        return play(self, sim, whole_minutes(minutes, hours, days), progress)

    def flow(
        self,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        step_s: int = 10,
        progress: Progress | None = None,
    ) -> Result:
        """Compute it as rates and backlogs, in steps of ``step_s`` seconds (a divisor of 60).

        Raises MissingPackage without numpy; UsageError for consumers, which flows do not have.
        """
        from kinesis_sim.workloads.pipeline.flow import flow

        return flow(self, whole_minutes(minutes, hours, days), step_s, progress)


def whole_minutes(minutes: float, hours: float, days: float) -> int:
    """The length of a run; UsageError unless it is a whole minute or more, within the calendar."""
    for name, value in (("minutes", minutes), ("hours", hours), ("days", days)):
        number(name, value, least=0, most=MOST_MINUTES)
    total = minutes + 60 * (hours + 24 * days)
    if not 1 <= total <= MOST_MINUTES or total != int(total):
        raise UsageError(f"A run of {total:g} minutes: give a whole number of them, 1 or more.")
    return int(total)
