"""A pipeline played record by record: every record is put into the stream, tick by tick."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kinesis_sim.events import Event
from kinesis_sim.instants import MINUTE
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.streams.stream import Stream
from kinesis_sim.workloads.pipeline.attendance import AtWork, consumer_total
from kinesis_sim.workloads.pipeline.cost import Costs
from kinesis_sim.workloads.pipeline.result import Columns, Result, Row
from kinesis_sim.workloads.producers.producer import TICK_MS, ProducerCounts, Sender

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.pipeline.pipeline import Pipeline, PipelineReader, Progress

_DELTAS = ("offered", "stored", "throttled", "retried", "lost")


def play(
    pipeline: Pipeline, sim: Simulator | None, minutes: int, progress: Progress | None
) -> Result:
    """Run a pipeline for so many minutes, in this simulator or in one of its own."""
    own = sim is None
    if sim is None:
        sim = _own(pipeline)
    with sim.lock:
        stream = _stream(pipeline, sim)
    run = _Run(pipeline, sim, stream, own)
    for minute in range(minutes):
        with sim.lock:
            run.minute(minute)
        if progress is not None:
            progress(minute + 1, minutes)
    return run.result()


def _own(pipeline: Pipeline) -> Simulator:
    """A simulator with the stream ACTIVE, on a full minute of its clock; it remembers no inputs."""
    from kinesis_sim.simulator import Simulator

    limits = pipeline.limits
    sim = Simulator(
        start=pipeline.start,
        seed=pipeline.seed,
        region=pipeline.region,
        limits=limits if isinstance(limits, str) else dict(limits),
        delays=pipeline.delays,
        remember=0,
    )
    _stream(pipeline, sim)
    return sim


def _stream(pipeline: Pipeline, sim: Simulator) -> Stream:
    """The stream of this name, created and waited for where there is none yet."""
    name = pipeline.stream
    if name in sim.streams.streams:
        return sim.streams[name]
    params: dict[str, Any] = {"StreamName": name}
    if pipeline.on_demand:
        params["StreamModeDetails"] = {"StreamMode": "ON_DEMAND"}
    else:
        params["ShardCount"] = pipeline.shards or 1
    if pipeline.max_record_kib != 1024:
        params["MaxRecordSizeInKiB"] = pipeline.max_record_kib
    sim.gate.call("kinesis", "CreateStream", params)
    stream = sim.streams[name]
    while not stream.usable:
        sim.clock.advance(1_000)
    return stream


class _Run:
    """A run under way."""

    def __init__(self, pipeline: Pipeline, sim: Simulator, stream: Stream, own: bool) -> None:
        self._pipeline, self._sim, self._stream = pipeline, sim, stream
        self._readers: list[PipelineReader] = [
            consumer.start(sim, stream.name) for consumer in pipeline.consumers
        ]
        if own:
            sim.run_until(-(-sim.clock.now // MINUTE) * MINUTE)
        self._begin = begin = sim.clock.now
        self._senders = [
            producer.start(stream, random.Random(f"{pipeline.seed}/producer/{number}"), begin)
            for number, producer in enumerate(pipeline.producers)
        ]
        self._costs = Costs(sim, stream.name) if pipeline.consumers else None
        self._shards = len(stream.open_shards)
        self._before = _sums(self._senders)
        self._rows: list[Row] = []
        self._consumer_rows: list[Row] = []
        self._shares = _ShardMinutes(sim, stream.name, begin)

    def minute(self, number: int) -> None:
        target = self._pipeline.scaling.get(number)
        if target is not None:
            self._scale(target)
        clock, senders, readers = self._sim.clock, list(self._senders), self._readers
        start = self._begin + number * MINUTE
        for now in range(start + TICK_MS, start + MINUTE + 1, TICK_MS):
            if now == start + MINUTE:  # what changes on the full minute belongs to the next
                self._shards = len(self._stream.open_shards)
            clock.run_until(now)
            for sender in senders:
                sender.tick(now)
            senders.append(senders.pop(0))  # nobody always comes first to what room there is
            for reader in readers:
                reader.tick(now)
        self._close(number)

    def _scale(self, target: int) -> None:
        params = {"TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"}
        name = {"StreamName": self._stream.name}
        self._sim.gate.call("kinesis", "UpdateShardCount", {**name, **params})

    def _close(self, number: int) -> None:
        after = _sums(self._senders)
        row: Row = {"minute": number}
        row.update({name: after[name] - self._before[name] for name in _DELTAS})
        waited = after["waited"] - self._before["waited"]
        row["buffered"] = sum(sender.buffered for sender in self._senders)
        row["bytes"] = self._shares.bytes_in(number)
        row["shards"] = self._shards
        row["latency_ms"] = waited / row["stored"] if row["stored"] else 0.0
        self._rows.append(row)
        self._before = after
        for reader in self._readers:
            self._consumer_rows.append(
                {"minute": number, "consumer": reader.name, **reader.minute()}
            )

    def result(self) -> Result:
        """End it: its consumers stop, their registrations for fan-out end."""
        self._shares.end()
        at_work = [reader for reader in self._readers if isinstance(reader, AtWork)]
        costs = {} if self._costs is None else self._costs.end(at_work)
        for reader in at_work:
            reader.end()
        producers = [
            {"producer": s.name, **asdict(s.counts), "lost": s.counts.lost, "buffered": s.buffered}
            for s in self._senders
        ]
        return Result(
            level="records",
            stream=self._stream.name,
            rows=self._rows,
            producers=producers,
            shard_columns=self._shares.columns,
            consumer_rows=self._consumer_rows,
            consumer_totals=[
                consumer_total(self._consumer_rows, reader.name, costs.get(reader.name))
                for reader in self._readers
            ],
            sim=self._sim,
        )


def _sums(senders: list[Sender]) -> dict[str, int]:
    names = (*(field for field in ProducerCounts.__slots__), "lost")
    return {name: sum(getattr(sender.counts, name) for sender in senders) for name in names}


class _ShardMinutes:
    """What each shard stored and refused in each minute: a fold over the stream's events."""

    def __init__(self, sim: Simulator, stream: str, begin: int) -> None:
        self._stream, self._begin = stream, begin
        self._cells: dict[tuple[int, int], list[int]] = {}
        self._limits = sim.streams.shard_limits
        self.end: Callable[[], None] = sim.events.subscribe(self._hear, RecordsPut)

    def _hear(self, event: Event) -> None:
        if not isinstance(event, RecordsPut) or event.stream != self._stream:
            return
        minute = max(0, event.at - self._begin - 1) // MINUTE  # a tick ends what led up to it
        for share in event.shares:
            cell = self._cells.get((minute, share.shard))
            if cell is None:
                cell = self._cells[minute, share.shard] = [0, 0, 0]
            cell[0] += share.records
            cell[1] += share.bytes
            cell[2] += share.throttled

    def bytes_in(self, minute: int) -> int:
        """Bytes stored in a minute, keys counted."""
        return sum(cell[1] for (at, _), cell in self._cells.items() if at == minute)

    def columns(self) -> Columns:
        """See Result.shards."""
        cells = sorted(self._cells.items())
        most = self._limits
        return {
            "minute": [minute for (minute, _), _ in cells],
            "shard": [shard for (_, shard), _ in cells],
            "records": [cell[0] for _, cell in cells],
            "bytes": [cell[1] for _, cell in cells],
            "throttled": [cell[2] for _, cell in cells],
            "utilisation": [
                max(cell[0] / most.write_records, cell[1] / most.write_bytes) / 60 if most else 0.0
                for _, cell in cells
            ],
        }
