"""A pipeline as flows: rates and backlogs per shard, in steps of seconds.

What is calm is computed for many steps at once; only while a shard is asked for more than it takes,
or somebody waits, does the computation go step by step. Limits hold per step: what is uneven
within a step, or random, is smoothed. Resharding takes effect on the next full minute.
On-demand shards split as ``streams/ondemand.py`` has it; that peaks are forgotten after 30 days is
left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from kinesis_sim.account.quotas import Limits
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.instants import MINUTE, to_ms
from kinesis_sim.streams.delays import Delays
from kinesis_sim.streams.ondemand import FEWEST_SHARDS
from kinesis_sim.workloads.result import Result

try:
    import numpy as np
except ImportError:
    raise MissingPackage('Flows need numpy: pip install "kinesis-lab[lab]"') from None

from kinesis_sim.workloads.block import Block, producer_rows, shard_columns
from kinesis_sim.workloads.fluid import fluid
from kinesis_sim.workloads.layout import Layout, Spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kinesis_sim.workloads.pipeline import Pipeline, Progress

    Array = NDArray[np.float64]

_CHUNK_MINUTES = 60
_HALVINGS = 14  # of the interval in which an acceptance is sought: 1 / 16,384
_SLACK = 1 + 1e-9  # rounding must not make a full shard an overloaded one


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
        first = FEWEST_SHARDS if pipeline.on_demand else pipeline.shards or 1
        self._layout = Layout.even(first)
        self._spreads = [Spread(producer.load.keys) for producer in pipeline.producers]
        self._fluids = [fluid(producer, first, step_s) for producer in pipeline.producers]
        self._share()
        self.minute = 0
        self._due = _scalings(pipeline)
        self._flagged: set[int] = set()
        self._blocks: list[Block] = []

    @property
    def _most(self) -> tuple[float, float]:
        """Records and bytes that a shard takes a second."""
        if not self._limits.throttling:
            return np.inf, np.inf
        limits = self._limits
        return limits["streams.shard_write_records"], limits["streams.shard_write_bytes"]

    def _share(self) -> None:
        self._parts = [spread.over(self._layout) for spread in self._spreads]

    # --- time ---------------------------------------------------------------------------------

    def chunk(self) -> None:
        """The minutes up to the next change of shards, an hour at most."""
        self._reshard()
        last = min([self._minutes, self.minute + self._longest(), *self._due])
        rates = self._rates(self.minute, last)
        calm = not any(each.waiting.any() for each in self._fluids)
        block = (self._calm(rates) if calm else None) or self._stormy(rates)
        self._blocks.append(block)
        self._watch(block)
        self.minute = last

    def _longest(self) -> int:
        """An on-demand shard is split so many minutes after it was seen busy, never sooner."""
        if not self._pipeline.on_demand:
            return _CHUNK_MINUTES
        return min(_CHUNK_MINUTES, max(1, self._limits["streams.on_demand_split_minutes"]))

    def _rates(self, first: int, last: int) -> Array:
        """Records a second, by producer and step, at the middle of each step."""
        step = self._dt * 1000
        at = range(self._begin + first * MINUTE + step // 2, self._begin + last * MINUTE, step)
        loads = [producer.load for producer in self._pipeline.producers]
        return np.array([[load.rate(instant, self._begin) for instant in at] for load in loads])

    # --- calm water ---------------------------------------------------------------------------

    def _calm(self, rates: Array) -> Block | None:
        """Store all that is offered; None when some shard or producer cannot do that."""
        shape = (rates.shape[1], len(self._layout))
        records, size = np.zeros(shape), np.zeros(shape)
        for rate, parts, each in zip(rates, self._parts, self._fluids, strict=True):
            if not each.passes(float(rate.max(initial=0.0))):
                return None
            offered = np.outer(rate, parts)
            count, bulk = each.weight(offered)
            records += offered * count
            size += offered * bulk
        most_records, most_bytes = self._most
        if (records > most_records).any() or (size > most_bytes).any():
            return None
        block = self._block(rates.shape[1] // self._steps)
        block.calm(rates * self._dt, records * self._dt, size * self._dt)
        return block

    # --- storms -------------------------------------------------------------------------------

    def _stormy(self, rates: Array) -> Block:
        """Step by step."""
        block = self._block(rates.shape[1] // self._steps)
        for step, column in enumerate(rates.T):
            weights = []
            for each, rate, parts in zip(self._fluids, column, self._parts, strict=True):
                each.offer(rate * parts * self._dt)
                weights.append(each.weight(rate * parts))
            p = self._acceptance(weights)
            settled = [each.settle(p) for each in self._fluids]
            block.step(step // self._steps, column * self._dt, settled, weights)
            block.wait(step // self._steps, [float(each.waiting.sum()) for each in self._fluids])
        return block

    def _block(self, minutes: int) -> Block:
        delays = [each.delay_ms for each in self._fluids]
        return Block(self.minute, minutes, self._layout.numbers, delays)

    def _acceptance(self, weights: Sequence[tuple[Array, Array]]) -> Array:
        """The part of attempts that each shard accepts: 1, or what its limits leave."""
        low, high = np.zeros(len(self._layout)), np.ones(len(self._layout))
        over = self._over(high, weights)
        if not over.any():
            return high
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            too_much = self._over(middle, weights)
            high = np.where(too_much, middle, high)
            low = np.where(too_much, low, middle)
        return np.where(over, low, 1.0)

    def _over(self, p: Array, weights: Sequence[tuple[Array, Array]]) -> NDArray[np.bool_]:
        """Whether shards would store more than they may at this acceptance."""
        records, size = np.zeros(len(self._layout)), np.zeros(len(self._layout))
        for each, (count, bulk) in zip(self._fluids, weights, strict=True):
            stored = p * each.attempts(p)
            records += stored * count
            size += stored * bulk
        most_records, most_bytes = (most * self._dt * _SLACK for most in self._most)
        # Records are not cut: a second's bytes are filled with whole ones, of the mean size.
        mean = size / np.maximum(records, 1e-12) * self._dt
        whole = most_bytes - np.mod(most_bytes, np.maximum(mean, 1e-12))
        over: NDArray[np.bool_] = (records > most_records) | (
            size > np.where(mean > 0, whole, most_bytes)
        )
        return over

    # --- shards -------------------------------------------------------------------------------

    def _watch(self, block: Block) -> None:
        """On demand: note busy shards, to be split once the delay is over."""
        if not self._pipeline.on_demand:
            return
        busy = block.bytes / 60 > self._limits["streams.on_demand_split_bytes"]
        delay = self._limits["streams.on_demand_split_minutes"]
        for minute, place in np.argwhere(busy).tolist():
            number = self._layout.numbers[place]
            if number not in self._flagged:
                self._flagged.add(number)
                due = self.minute + minute + 1 + delay
                self._due.setdefault(due, []).append(partial(self._split, number))

    def _split(self, number: int, layout: Layout) -> Layout:
        self._flagged.discard(number)
        if number not in layout.numbers or len(layout) >= self._limits.on_demand_shards:
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
    delay = -(-Delays.named(pipeline.delays).update_shard_count // MINUTE)
    return {
        minute + delay: [partial(Layout.scaled, count=target)]
        for minute, target in pipeline.scaling.items()
    }
