"""A pipeline as flows: rates and backlogs per shard, in steps of seconds.

What is calm is computed for many steps at once; only while a shard is asked for more than it takes,
or somebody waits, does the computation go step by step. Limits hold per step: what is uneven
within a step, or random, is smoothed. Resharding takes effect on the next full minute.
On-demand shards split as ``streams/ondemand.py`` has it, under the ceiling of its ``growth``; that
shards merge once their peak is forgotten, after 30 days, is left out here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kinesis_sim.account.delays import Delays
from kinesis_sim.account.quotas import Limits
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.instants import MINUTE, to_ms
from kinesis_sim.streams.growth import Growth, RecordThroughput, shard_throughput
from kinesis_sim.workloads.pipeline.result import Result
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.producer import Producer
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop

try:
    import numpy as np
except ImportError:
    raise MissingPackage('Flows need numpy: pip install "kinesis-lab[lab]"') from None

from kinesis_sim.workloads.pipeline.acceptance import NO_END, SLACK, Acceptance, fill
from kinesis_sim.workloads.pipeline.block import Block, producer_rows, shard_columns
from kinesis_sim.workloads.pipeline.fluid import Fluid
from kinesis_sim.workloads.pipeline.fluid_backoff import Retrying, Workers
from kinesis_sim.workloads.pipeline.fluid_limited import Limited
from kinesis_sim.workloads.pipeline.layout import Layout, Spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kinesis_sim.workloads.pipeline.pipeline import Pipeline, Progress

    Array = NDArray[np.float64]
    Places = NDArray[np.intp]

_CHUNK_MINUTES = 60


def flow(pipeline: Pipeline, minutes: int, step_s: int, progress: Progress | None) -> Result:
    """Compute a pipeline for so many minutes."""
    if step_s < 1 or 60 % step_s:
        raise UsageError(f"step_s={step_s}: give a divisor of 60 seconds, 1 to 60.")
    if pipeline.consumers:
        raise UsageError("Flows have no consumers: use run(), or leave them out of the pipeline.")
    run = _Flow(pipeline, minutes, step_s)
    while run.minute < minutes:
        run.chunk()
        if progress is not None:
            progress(run.minute, minutes)
    return run.result()


class _Flow:
    """A computation under way."""

    def __init__(self, pipeline: Pipeline, minutes: int, step_s: int) -> None:
        self._pipeline, self._minutes, self._dt = pipeline, minutes, step_s
        self._steps = 60 // step_s
        self._limits = Limits(pipeline.limits, pipeline.region)
        self._begin = to_ms(pipeline.start)
        start = self._limits["streams.on_demand_start_shards"]
        first = start if pipeline.on_demand else pipeline.shards or 1
        self._layout = Layout.even(first)
        self._spreads = [Spread(producer.load.keys) for producer in pipeline.producers]
        self._fluids = [_fluid(producer, first, step_s) for producer in pipeline.producers]
        self._share()
        self.minute = 0
        self._due = _scalings(pipeline)
        self._flagged: set[int] = set()
        self._blocks: list[Block] = []
        self._growth = Growth(self._limits, first) if pipeline.on_demand else None
        throttling = self._limits.throttling
        self._most = shard_throughput(self._limits) if throttling else NO_END

    def _share(self) -> None:
        self._parts = [spread.over(self._layout) for spread in self._spreads]

    # --- time ---------------------------------------------------------------------------------

    def chunk(self) -> None:
        """The minutes up to the next change of shards, an hour at most."""
        self._reshard()
        last = min([self._minutes, self.minute + self._longest(), *self._due])
        block = self._block(last - self.minute)
        rates = self._rates(self.minute, last)
        ceilings = [self._ceiling(minute) for minute in range(self.minute, last)]
        busy = np.flatnonzero(self._calm(rates, block, ceilings))
        if len(busy):
            self._stormy(rates, block, busy, ceilings)
        self._blocks.append(block)
        self._watch(block)
        self.minute = last

    def _longest(self) -> int:
        """An on-demand shard is split so many minutes after it was seen busy, never sooner.

        What is written counts as a peak some minutes later.
        """
        if self._growth is None:
            return _CHUNK_MINUTES
        waits = ("streams.on_demand_split_minutes", "streams.on_demand_growth_minutes")
        return min(_CHUNK_MINUTES, *(max(1, self._limits[wait]) for wait in waits))

    def _ceiling(self, minute: int) -> RecordThroughput:
        """What the stream as a whole takes a second."""
        if self._growth is None or not self._limits.throttling:
            return NO_END
        return self._growth.ceiling(minute)

    def _rates(self, first: int, last: int) -> Array:
        """Records a second, by producer and step."""
        step, begin = self._dt * 1000, self._begin
        at = range(begin + first * MINUTE, begin + last * MINUTE, step)
        loads = [producer.load for producer in self._pipeline.producers]
        return np.array([[load.mean_rate(t, t + step, begin) for t in at] for load in loads])

    def _block(self, minutes: int) -> Block:
        delays = [each.delay_ms for each in self._fluids]
        return Block(self.minute, minutes, self._layout.numbers, delays)

    # --- calm water ---------------------------------------------------------------------------

    def _calm(
        self, rates: Array, block: Block, ceilings: list[RecordThroughput]
    ) -> NDArray[np.bool_]:
        """Have all shards store all they are offered, but those that cannot: tells which.

        Where the whole stream may be full, none is calm.
        """
        shape = (rates.shape[1], len(self._layout))
        records, size = np.zeros(shape), np.zeros(shape)
        pass_on = True
        for rate, parts, each in zip(rates, self._parts, self._fluids, strict=True):
            offered = np.outer(rate, parts)
            count, bulk = each.weight(offered)
            records += offered * count
            size += offered * bulk
            pass_on &= each.passes(float(rate.max(initial=0.0))) and each.idle
        busy: NDArray[np.bool_] = np.any(fill(records, size, self._most) > SLACK, axis=0)
        for each in self._fluids:
            np.logical_or(busy, each.waiting > 0, out=busy)
        if not pass_on or self._full(records, size, busy, ceilings):
            busy[:] = True
        calm = np.array([parts[~busy].sum() for parts in self._parts])
        records[:, busy] = size[:, busy] = 0
        block.calm(rates * calm[:, None], records, size, self._dt)
        return busy

    def _full(
        self,
        records: Array,
        size: Array,
        busy: NDArray[np.bool_],
        ceilings: list[RecordThroughput],
    ) -> bool:
        """Whether a ceiling may be met: by what is offered, or by busy shards at their limits."""
        if self._growth is None or not self._limits.throttling:
            return False
        tight = min(each.records for each in ceilings), min(each.bytes for each in ceilings)
        sums = []
        for values, most, least in zip((records, size), self._most, tight, strict=True):
            calm = values[:, ~busy].sum(axis=1).max(initial=0.0)
            sums.append(calm + most * busy.sum() > SLACK * least)
        whole = fill(records.sum(axis=1), size.sum(axis=1), RecordThroughput(*tight))
        return any(sums) and bool(busy.any() or (whole > SLACK).any())

    # --- storms -------------------------------------------------------------------------------

    def _stormy(
        self, rates: Array, block: Block, busy: Places, ceilings: list[RecordThroughput]
    ) -> None:
        """Step by step, for the shards at these places."""
        parts = [part[busy] for part in self._parts]
        acceptance = Acceptance(self._fluids, len(busy), self._dt, self._most)
        for each in self._fluids:
            each.narrow(busy)
        sums = [part.sum() for part in parts]
        for step, column in enumerate(rates.T):
            minute = step // self._steps
            weights = []
            for each, rate, part in zip(self._fluids, column, parts, strict=True):
                each.offer(rate * part * self._dt)
                weights.append(each.weight(rate * part))
            p = acceptance.find(weights, ceilings[minute])
            for number, each in enumerate(self._fluids):
                offered = column[number] * sums[number] * self._dt
                block.add(number, minute, busy, offered, each.settle(p), weights[number])
                block.waiting[number, minute] = each.waiting.sum()
        for each in self._fluids:
            each.widen(busy, len(self._layout))

    # --- shards -------------------------------------------------------------------------------

    def _watch(self, block: Block) -> None:
        """On demand: note what was written, and busy shards, to be split once the delay is over."""
        if self._growth is None:
            return
        records, size = block.records / 60, block.bytes / 60
        for minute, (count, bulk) in enumerate(zip(records.sum(1), size.sum(1), strict=True)):
            self._growth.remember(self.minute + minute, RecordThroughput(float(count), float(bulk)))
        busy = (records > self._limits["streams.on_demand_split_records"]) | (
            size > self._limits["streams.on_demand_split_bytes"]
        )
        delay = self._limits["streams.on_demand_split_minutes"]
        for minute, place in np.argwhere(busy).tolist():
            number = self._layout.numbers[place]
            if number not in self._flagged:
                self._flagged.add(number)
                due = self.minute + minute + 1 + delay
                self._due.setdefault(due, []).append(partial(self._split, number))

    def _split(self, number: int, layout: Layout) -> Layout:
        self._flagged.discard(number)
        if number not in layout.numbers or len(layout) >= self._limits.of_region(
            "streams.on_demand_ceiling"
        ):
            return layout
        return layout.split(number)

    def _reshard(self) -> None:
        before = self._layout
        for due in sorted(minute for minute in self._due if minute <= self.minute):
            for change in self._due.pop(due):
                self._layout = change(self._layout)
        if self._layout is before:
            return
        moves = before.moves(self._layout)
        for each in self._fluids:
            each.reshape(moves)
        self._share()

    def result(self) -> Result:
        """What the book says."""
        names = [producer.name for producer in self._pipeline.producers]
        return Result(
            level="flow",
            stream=self._pipeline.stream,
            rows=[row for block in self._blocks for row in block.rows()],
            producers=producer_rows(names, self._blocks),
            shard_columns=lambda: shard_columns(self._blocks, self._most),
        )


def _scalings(pipeline: Pipeline) -> dict[int, list[Callable[[Layout], Layout]]]:
    """When UpdateShardCount is done, on the next full minute, and what it does."""
    delay = -(-Delays.of(pipeline.delays)["streams.update_shard_count"] // MINUTE)
    return {
        minute + delay: [partial(Layout.scaled, count=target)]
        for minute, target in pipeline.scaling.items()
    }


def _fluid(producer: Producer, shards: int, dt: float) -> Fluid:
    """The fluid of a producer; UsageError for a kind that has none."""
    if isinstance(producer, Batcher):
        return Retrying(producer, shards, dt, retries=producer.retries)
    if isinstance(producer, SdkLoop):
        return Workers(producer, shards, dt)
    if isinstance(producer, Kpl):
        return Limited(producer, shards, dt)
    raise UsageError(f"{producer.name}: flows know Batcher, SdkLoop and Kpl; use run() for others.")
