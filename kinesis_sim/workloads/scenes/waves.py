"""Waves of load on streams: provisioned, on demand, scaled by an alarm; and their price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from botocore.exceptions import ClientError

from kinesis_sim.arguments import number, said
from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.words import Speaking, spoken
from kinesis_sim.workloads.autoscaling import Autoscaling
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.shapes import Shape, Steps
from kinesis_sim.workloads.scenes.feed import Fed
from kinesis_sim.workloads.scenes.tide import Tide

MINUTE, HOUR = 60, 3_600  # seconds, as shapes want them
ON_DEMAND = {"StreamMode": "ON_DEMAND"}
SPIKE_SHARDS = 4
MOST_TRIED, MOST_STEADY, MOST_SPIKE = 99, 10, 100
"""Shards that are tried, and MiB a second for hours or minutes, at most (the model's choice)."""


@dataclass(frozen=True, slots=True)
class ModePrice(Speaking):
    """Six hours of a load in USD, on a stream provisioned for its height and on demand."""

    provisioned: float
    on_demand: float

    @property
    def saves(self) -> bool:
        """Whether on-demand costs less."""
        return self.on_demand < self.provisioned

    def said(self) -> str:
        """Both, the provisioned one first."""
        return spoken("workloads").fill("modes", first=self.provisioned, second=self.on_demand)


class Waves:
    """The waves of one account, each on a stream of its own."""

    @typed
    def __init__(self, sim: Simulator) -> None:
        self._sim, self._kinesis = sim, sim.client("kinesis")

    def morning(self, stream: str, shards: int) -> Fed:
        """Three hours on a fixed number of shards: 1, 2, 3.5 and 0.5 MiB a second."""
        self._kinesis.create_stream(StreamName=stream, ShardCount=shards)
        self._sim.run_until("2026-01-01T07:00:00Z")
        wave = Steps([(0, 1), (30 * MINUTE, 2), (HOUR, 3.5), (2 * HOUR, 0.5)])
        return Tide(self._sim, stream, wave).play(hours=3)

    def app(self, stream: str) -> Tide:
        """An on-demand stream and the app's day: 3 MiB a second, its double, calm, and a match."""
        self._kinesis.create_stream(StreamName=stream, StreamModeDetails=ON_DEMAND)
        self._sim.advance(minutes=1)
        rise = [(0, 3), (30 * MINUTE, 4.5), (35 * MINUTE, 6)]
        return Tide(self._sim, stream, Steps([*rise, (50 * MINUTE, 2), (60 * MINUTE, 20)]))

    def first_refused_scaling(self, stream: str, targets: Sequence[int]) -> tuple[int, str]:
        """Which call of UpdateShardCount, to these targets in turn, is refused, and by what."""
        for call, target in enumerate(cycle(targets), start=1):
            try:
                self._kinesis.update_shard_count(
                    StreamName=stream, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
                )
            except ClientError as error:
                return call, str(error.response["Error"]["Code"])
            self._sim.advance(minutes=2)
        raise AssertionError("cycle() does not end")

    def with_autoscaling(self, stream: str, use: float) -> Fed:
        """Two hours of a wave on two shards and an alarm that scales above this use of them."""
        self._kinesis.create_stream(StreamName=stream, ShardCount=2)
        self._sim.advance(minutes=1)
        robot = Autoscaling(self._sim, stream, target_utilisation=use, cooldown_minutes=10)
        swell = Tide(self._sim, stream, Steps([(0, 1), (10 * MINUTE, 3.5), (60 * MINUTE, 0.5)]))
        fed = swell.play(hours=2)
        robot.stop()
        return fed


@typed
def fewest_shards(per_second: int, size: int) -> int:
    """The smallest number of shards that refuses nothing of an even load in a minute."""
    producer = Batcher(Load(per_second, FreshKeys(), size), retries=0)
    for shards in range(1, MOST_TRIED + 1):
        calm = Pipeline(producers=[producer], shards=shards).flow(minutes=1)
        if calm.totals["throttled"] < 1:
            return shards
    raise UsageError(
        f"per_second={said(per_second)} of {said(size)} bytes: "
        f"{MOST_TRIED} shards refuse some of it; give fewer or smaller records."
    )


@typed
def price_of_modes(*, steady: float = 0, spike: float = 0) -> ModePrice:
    """Six hours of an even load, or of five minutes and silence (MiB a second), in both modes."""
    number("steady", steady, least=0, most=MOST_STEADY)
    number("spike", spike, least=0, most=MOST_SPIKE)
    height: Shape | float = Steps([(0, spike), (5 * MINUTE, 0)]) if spike else steady
    shards = SPIKE_SHARDS if spike else 1
    return ModePrice(
        _six_hours(height, {"ShardCount": shards}),
        _six_hours(height, {"StreamModeDetails": ON_DEMAND}),
    )


def _six_hours(height: Shape | float, made: dict[str, object]) -> float:
    sim = Simulator()
    sim.client("kinesis").create_stream(StreamName="load", **made)
    sim.advance(minutes=1)
    Tide(sim, "load", height).play(hours=6)
    return float(sim.bill().total)


@typed
def morning_ahead(lang: str) -> Any:
    """The widget of a morning forty minutes old, on two shards, with its wave still to come."""
    sim = Simulator(start="2026-01-01T06:59:00Z")
    sim.show.lang = lang
    sim.client("kinesis").create_stream(StreamName="pedala-docks", ShardCount=2)
    sim.run_until("2026-01-01T07:00:00Z")
    rise = [(0, 1), (30 * MINUTE, 1.8), (60 * MINUTE, 3.6), (75 * MINUTE, 5.5)]
    tide = Tide(sim, "pedala-docks", Steps([*rise, (120 * MINUTE, 0.8)]))
    tide.play(minutes=40)
    return sim.show.live_capacity(tide, hours=3)
