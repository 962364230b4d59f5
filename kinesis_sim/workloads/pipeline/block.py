"""What flows came to over some minutes with the same shards: sums by producer, by minute, by shard.

User records are counted per producer and minute, Kinesis records and bytes per minute and shard.
Per-shard numbers are kept in single precision: a thousand shards over a week are ten million cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kinesis_sim.workloads.pipeline.fluid import Settled
from kinesis_sim.workloads.pipeline.result import Columns, Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_FIELDS = ("offered", "sent", "stored", "throttled", "retried", "expired", "dropped")


class Block:
    """Minutes from ``first`` on. numbers: of the shards. delays: ms, per producer."""

    def __init__(
        self, first: int, minutes: int, numbers: Sequence[int], delays: Sequence[float]
    ) -> None:
        self.first, self.numbers = first, tuple(numbers)
        self._delays = np.array(delays)
        self.by_producer = {name: np.zeros((len(delays), minutes)) for name in _FIELDS}
        self.waiting = np.zeros((len(delays), minutes))
        self._waited = np.zeros(minutes)  # seconds, added up over stored records
        self._bulk = np.zeros(minutes)
        shape = (minutes, len(self.numbers))
        self.records = np.zeros(shape, np.float32)
        self.bytes = np.zeros(shape, np.float32)
        self.throttled = np.zeros(shape, np.float32)

    def calm(self, offered: Array, records: Array, size: Array, dt: int) -> None:
        """All of this was stored, a second, in steps of ``dt`` seconds.

        offered: by producer and step; the rest by step and shard.
        """
        minutes = len(self._bulk)
        users = offered.reshape(len(self._delays), minutes, -1).sum(axis=2) * dt
        for name in ("offered", "sent", "stored"):
            self.by_producer[name] += users
        self.records += records.reshape(minutes, -1, len(self.numbers)).sum(axis=1) * dt
        by_shard = size.reshape(minutes, -1, len(self.numbers)).sum(axis=1) * dt
        self.bytes += by_shard
        self._bulk += by_shard.sum(axis=1)

    def add(
        self,
        number: int,
        minute: int,
        places: NDArray[np.intp],
        offered: float,
        settled: Settled,
        weight: tuple[Array, Array],
    ) -> None:
        """One step of one producer in a minute.

        places: of the shards that ``settled`` is about; weight: Kinesis records and bytes of a user
        record there.
        """
        sums = self.by_producer
        sums["offered"][number, minute] += offered
        stored, throttled = _sum(settled.stored), _sum(settled.throttled)
        sums["sent"][number, minute] += stored + throttled
        sums["stored"][number, minute] += stored
        sums["throttled"][number, minute] += throttled
        sums["retried"][number, minute] += _sum(settled.retried)
        sums["expired"][number, minute] += _sum(settled.expired)
        sums["dropped"][number, minute] += _sum(settled.dropped)
        size = settled.stored * weight[1]
        self.records[minute, places] += settled.stored * weight[0]
        self.throttled[minute, places] += settled.throttled * weight[0]
        self.bytes[minute, places] += size
        self._bulk[minute] += _sum(size)
        self._waited[minute] += _sum(settled.waited)

    def rows(self) -> Iterator[Row]:
        """A row per minute, see Result."""
        sums = {name: values.sum(axis=0) for name, values in self.by_producer.items()}
        stored = self.by_producer["stored"]
        delayed = (stored * self._delays[:, None]).sum(axis=0) + 1000 * self._waited
        for minute in range(len(self._bulk)):
            row: Row = {"minute": self.first + minute}
            for name in ("offered", "stored", "throttled", "retried"):
                row[name] = float(sums[name][minute])
            row["lost"] = float(sums["expired"][minute] + sums["dropped"][minute])
            row["buffered"] = float(self.waiting[:, minute].sum())
            row["bytes"] = float(self._bulk[minute])
            row["shards"] = len(self.numbers)
            kept = sums["stored"][minute]
            row["latency_ms"] = float(delayed[minute] / kept) if kept else 0.0
            yield row


def _sum(values: Array) -> float:
    """The sum over shards; a lone one, as a hot key's is, needs no adding up."""
    return float(values.item() if len(values) == 1 else values.sum())


def producer_rows(names: Sequence[str], blocks: Sequence[Block]) -> list[Row]:
    """A row of totals per producer."""
    rows = []
    for number, name in enumerate(names):
        row: Row = {"producer": name}
        for what in _FIELDS:
            row[what] = float(sum(block.by_producer[what][number].sum() for block in blocks))
        row["lost"] = row["expired"] + row["dropped"]
        row["buffered"] = float(blocks[-1].waiting[number, -1])
        rows.append(row)
    return rows


def shard_columns(blocks: Sequence[Block], most: tuple[float, float]) -> Columns:
    """A row per minute and shard, see Result. most: records and bytes a second of a shard."""
    found: dict[str, list[NDArray[np.generic]]] = {}
    for block in blocks:
        minutes, shards = block.records.shape
        load = np.maximum(block.records / (60 * most[0]), block.bytes / (60 * most[1]))
        columns = {
            "minute": np.repeat(np.arange(block.first, block.first + minutes), shards),
            "shard": np.tile(np.array(block.numbers), minutes),
            "records": block.records.ravel(),
            "bytes": block.bytes.ravel(),
            "throttled": block.throttled.ravel(),
            "utilisation": load.ravel(),
        }
        for name, values in columns.items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in found.items()}  # type: ignore[misc]
