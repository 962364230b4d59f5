"""Proofs of questions whose numbers are drawn: streams, consumers, Lambda.

Each says what every option would be by its own rule, runs the simulator with the numbers drawn, and
returns the options that the run agrees with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Any

from kinesis_sim.course.drawing import Drawing
from kinesis_sim.course.proofs.bench import KEY, STREAM, iterator, put, refusal, stream
from kinesis_sim.instants import HOUR, SECOND
from kinesis_sim.streams.stream import Entry
from kinesis_sim.units import KIB, MIB
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.drip import Drip

SPACE = 1 << 128


def agreeing(told: Mapping[str, float], truth: float, within: float = 0) -> tuple[str, ...]:
    """The options whose number is what the run gave."""
    return tuple(option for option, number in told.items() if abs(number - truth) <= within)


def drawing(told: Mapping[str, float], truth: float, within: float = 0, **more: float) -> Drawing:
    """The key by a run, and what fills the options' blanks: told by option id."""
    return Drawing(agreeing(told, truth, within), {**told, **more})


def _evenly(count: int, size: int) -> list[Entry]:
    """So many records, spread evenly over the hash space."""
    return [(bytes(size), "k", SPACE * number // count) for number in range(count)]


def _refused(entries: list[Entry], shards: int = 1) -> int:
    """How many of a second's records a stream refuses."""
    sim, _ = stream(shards)
    stored = sim.streams[STREAM].put(entries, sim.clock.now)
    return sum(number is None for _, number in stored)


def _fewest(entries: list[Entry], candidates: list[int]) -> int:
    """The fewest of some numbers of shards that take all."""
    return next(shards for shards in sorted(candidates) if not _refused(entries, shards))


def room_for_bytes(records: int, kb: int) -> Drawing:
    """K04: a second of that load on each number of shards."""
    count, size = ceil(records / 1_000), ceil(records * kb / 1_024)
    told = {"both": max(count, size), "count": count, "sum": count + size, "twice": 2 * size}
    entries = _evenly(records, kb * KIB - 1)
    return drawing(told, _fewest(entries, [*told.values(), max(count, size) - 1]))


def room_for_count(records: int, bytes: int) -> Drawing:
    """K05: a second of that load on each number of shards."""
    count = records // 1_000
    size = ceil(records * bytes / MIB)
    told = {"count": count, "size": size, "half": count // 2, "twice": 2 * count}
    return drawing(told, _fewest(_evenly(records, bytes), [*told.values(), count - 1]))


def too_many(records: int, bytes: int) -> Drawing:
    """K02: the records that one shard refuses of them."""
    told = {"over": records - 1_000, "none": 0, "half": records // 2, "all": records}
    return drawing(told, _refused(_evenly(records, bytes)))


def too_heavy(records: int, kb: int) -> Drawing:
    """K02: the records that one shard refuses of them."""
    over = records - MIB // (kb * KIB + 1)
    told = {"over": over, "none": 0, "half": records // 2, "all": records}
    return drawing(told, _refused(_evenly(records, kb * KIB)))


def fewest_calls(records: int, kb: int) -> Drawing:
    """K14: the calls that each rule wants; the fewest that are all taken."""
    count, size = ceil(records / 500), ceil(records * (kb * KIB + 1) / (10 * MIB))
    told = {"count": count, "size": size, "sum": count + size, "twice": 2 * max(count, size)}
    _, kinesis = stream(1, limits="off")
    able = [calls for calls in told.values() if _all_taken(kinesis, records, kb, calls)]
    return drawing(told, min(able))


def _all_taken(kinesis: Any, records: int, kb: int, calls: int) -> bool:
    """Whether the largest of so many even calls is taken."""
    entry = {"PartitionKey": "k", "Data": bytes(kb * KIB)}
    batch = [entry] * ceil(records / calls)
    return not refusal(kinesis.put_records, StreamName=STREAM, Records=batch)


def what_is_left(high: int, low: int) -> Drawing:
    """K18: a record an hour, and the retention lowered; what can be read."""
    sim, kinesis = stream()
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=high)
    begin = sim.clock.now
    for hour in range(high):
        sim.clock.run_until(begin + hour * HOUR + HOUR // 2)
        sim.streams[STREAM].put([(b"ride", KEY, None)], sim.clock.now)
    sim.clock.run_until(begin + high * HOUR)
    assert len(read(sim, STREAM)) == high
    kinesis.decrease_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=low)
    sim.advance(seconds=1)
    told = {"low": low, "high": high, "gone": high - low, "none": 0}
    return drawing(told, len(read(sim, STREAM)))


def at_most(shards: int) -> Drawing:
    """K25: each count, on a stream of its own; the largest that is taken."""
    told = {"double": 2 * shards, "more": shards + 1, "triple": 3 * shards, "tenfold": 10 * shards}
    able = [target for target in (*told.values(), 2 * shards + 1) if _scales(shards, target)]
    return drawing(told, max(able))


def _scales(shards: int, target: int) -> bool:
    _, kinesis = stream(shards)
    return not refusal(
        kinesis.update_shard_count,
        StreamName=STREAM,
        TargetShardCount=target,
        ScalingType="UNIFORM_SCALING",
    )


def how_many_calls(shards: int, target: int) -> Drawing:
    """K25: as many as are needed when each call sets the largest count that is taken."""
    sim, kinesis = stream(shards)
    calls, now = 0, shards
    while now < target:
        assert not _scales(now, 2 * now + 1), "more than double would need fewer calls"
        now = min(2 * now, target)
        kinesis.update_shard_count(
            StreamName=STREAM, TargetShardCount=now, ScalingType="UNIFORM_SCALING"
        )
        sim.advance(minutes=1)
        calls += 1
    assert len(sim.streams[STREAM].open_shards) == target
    doubling = ceil_log(target, shards)
    told = {"doubling": doubling, "one": 1, "each": target - shards, "slow": doubling + 2}
    return drawing(told, calls)


def ceil_log(target: int, start: int) -> int:
    """How often ``start`` has to be doubled to reach ``target``."""
    return next(times for times in range(64) if start << times >= target)


def standing_by(workers: int, shards: int) -> Drawing:
    """R05: workers without a shard after a minute and a half."""
    sim, _ = stream(shards)
    application = KclApplication(sim, "trips", STREAM, Ages(sim))
    running = [application.add_worker() for _ in range(workers)]
    sim.advance(seconds=90)
    told = {"idle": workers - shards, "none": 0, "most": workers - 1, "all": workers}
    return drawing(told, sum(not worker.shards for worker in running))


def long_pause(mib: int) -> Drawing:
    """R07: so many MiB in one call; the seconds until the next one is answered."""
    sim, kinesis = stream()
    for _ in range(mib):
        put(kinesis, bytes(MIB - len(KEY)))
        sim.advance(seconds=2)
    place = iterator(kinesis)
    first = kinesis.get_records(ShardIterator=place)
    assert len(first["Records"]) == mib
    begin = sim.clock.now
    while refusal(kinesis.get_records, ShardIterator=place):
        sim.clock.run_until(sim.clock.now + SECOND // 4)
    told = {"half": mib // 2, "one": 1, "full": mib, "minute": 60}
    return drawing(told, (sim.clock.now - begin) / SECOND, within=0.5)


def at_once(shards: int, factor: int) -> Drawing:
    """R08: a thousand records of as many keys; the calls that end at the same instant."""
    sim, _ = stream(shards)
    ended: Counter[int] = Counter()
    sim.functions.register(
        "busy", lambda event: ended.update([sim.clock.now]), duration_ms=2 * SECOND
    )
    sim.streams[STREAM].put(_named(1_000), sim.clock.now)
    sim.advance(seconds=2)
    sim.mappings.create(
        EventSourceArn=sim.streams[STREAM].arn,
        FunctionName="busy",
        StartingPosition="TRIM_HORIZON",
        ParallelizationFactor=factor,
        BatchSize=5,
    )
    sim.advance(seconds=8)
    told = {"product": shards * factor, "sum": shards + factor}
    truth = max(ended.values())
    key = agreeing({**told, "shards": shards, "factor": factor}, truth)
    return Drawing(key, told)


def _named(count: int) -> list[Entry]:
    return [(b"x", f"key-{number:04d}", None) for number in range(count)]


def how_full(rate: int, window: int, batch: int) -> Drawing:
    """R12: five windows of that load; the records of a typical call."""
    sim, _ = stream()
    sizes: list[int] = []
    sim.functions.register("billing", lambda event: sizes.append(len(event["Records"])))
    sim.mappings.create(
        EventSourceArn=sim.streams[STREAM].arn,
        FunctionName="billing",
        StartingPosition="TRIM_HORIZON",
        BatchSize=batch,
        MaximumBatchingWindowInSeconds=window,
    )
    Drip(sim, STREAM, every_ms=SECOND // rate)
    sim.advance(seconds=5 * window + 5)
    typical = sorted(sizes[1:])[len(sizes[1:]) // 2]
    numbers = {"window": rate * window, "batch": batch, "both": rate * window + batch, "rate": rate}
    fills = {"by_window": rate * window, "both": rate * window + batch}
    return Drawing(agreeing(numbers, typical, within=rate), fills)
