"""A mix of load, played into a stream of its own: half a minute of one producer.

Model's choices: the hot key is one of a thousand and one; a rush is six seconds at three times the
average and everything else at half of it; who tries again does so three times, at once or after
waits as the SDK's own (up to 1, 2 and 4 s with full jitter; facts/data-streams §9, BR).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.show.heat.fold import HeatMap, heat_map
from kinesis_sim.show.kit.settings import Settings
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import hot_key
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.producer import TICK_MS, ProducerCounts
from kinesis_sim.workloads.producers.shapes import Constant, Shape, Steps

STREAM = "pedala-clicks"
LENGTH_S = 30
RUSH_S = (10, 16)
TRIES = 4
STEPS: dict[str, tuple[Any, ...]] = {
    "rate": (100, 250, 500, 750, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000),
    "size": (20, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 25_000, 50_000),
    "hot": tuple(range(0, 101, 10)),
    "shards": tuple(range(1, 9)),
    "rhythm": ("even", "rush"),
    "retry": ("none", "at-once", "back-off"),
}
"""What each control can be set to."""


@dataclass(frozen=True)
class Mix(Settings):
    """One setting of the mixer.

    rate: records per second on average; size: bytes of data; hot: percent of the records under one
    key; shards; rhythm: "even" or "rush"; retry: "none", "at-once" or "back-off". Raises UsageError
    for what the mixer cannot be set to.
    """

    called = "mixer"
    steps = STEPS

    rate: int = 3_000
    size: int = 200
    hot: int = 50
    shards: int = 4
    rhythm: str = "even"
    retry: str = "none"

    @property
    def shape(self) -> Shape:
        """Records per second over the run."""
        if self.rhythm == "even":
            return Constant(self.rate)
        start, end = RUSH_S
        return Steps([(0, self.rate / 2), (start, self.rate * 3), (end, self.rate / 2)])

    @property
    def producer(self) -> Batcher:
        """The producer that sends the mix."""
        load = Load(self.shape, hot_key(self.hot / 100), self.size)
        again = TRIES - 1
        if self.retry == "none":
            return Batcher(load, retries=0)
        if self.retry == "at-once":
            return Batcher(load, retries=again, base_ms=0, jitter=False)
        return Batcher(load, retries=again, base_ms=SECOND)


@dataclass(frozen=True)
class Mixed:
    """What a mix gave: the map of its half minute, and what the producer counted."""

    heat: HeatMap
    counts: ProducerCounts
    buffered: int


@lru_cache(maxsize=64)
def mixed(mix: Mix) -> Mixed:
    """Play a mix. The same mix gives the same result."""
    sim = Simulator(latency=None, delays="instant", remember=0)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=mix.shards)
    stream, begin = sim.streams[STREAM], sim.clock.now + MINUTE
    sender = mix.producer.start(stream, random.Random("mixer"), begin - TICK_MS)
    for now in range(begin, begin + LENGTH_S * SECOND, TICK_MS):
        sim.run_until(now)
        sender.tick(now)
    sim.run_until(begin + LENGTH_S * SECOND)
    heat = heat_map(sim.show.history(STREAM), sim.streams.shard_limits)
    return Mixed(heat, sender.counts, sender.buffered)
