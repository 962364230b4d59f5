"""Laws of limits: what shards take and give, checked by brute force over random loads."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.streams.limits import MIB, ReadMeter, ShardLimits
from kinesis_sim.streams.stream import Stream
from tests.laws.moves import call, simulator

SECOND = 1_000
RECORDS, BYTES = 12, 600
SMALL = {"streams.shard_write_records": RECORDS, "streams.shard_write_bytes": BYTES}
LOADS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 7, 90, 100, 333, 500, 999, 1_000, 1_001, 2_500]),  # ms later
        st.lists(st.tuples(st.integers(0, 200), st.sampled_from("abcdef")), max_size=9),
    ),
    max_size=40,
)


def stored_by_shard(
    sim: Simulator, loads: list[tuple[int, list[tuple[int, str]]]]
) -> dict[int, list[tuple[int, int]]]:
    """Puts the loads; (time, bytes) of every record that each shard accepted."""
    stream: Stream = sim.streams["s"]
    accepted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for later, records in loads:
        sim.advance(milliseconds=later)
        now = sim.clock.now
        placed = stream.put([(bytes(size), key, None) for size, key in records], now)
        for (shard, number), (size, _) in zip(placed, records, strict=True):
            if number is not None:
                accepted[shard.index].append((now, size + 1))
    return accepted


def windows(rows: list[tuple[int, int]], span: int = SECOND) -> list[list[int]]:
    """The sizes of what lies in each span (half open) that begins with an accepted record."""
    return [[size for at, size in rows if start <= at < start + span] for start, _ in rows]


@settings(max_examples=150)
@given(LOADS, st.integers(1, 3))
def test_no_shard_ever_accepts_more_than_its_limit_over_any_second(
    loads: list[tuple[int, list[tuple[int, str]]]], shards: int
) -> None:
    sim = simulator(shards, limits=SMALL)
    for rows in stored_by_shard(sim, loads).values():
        for sizes in windows(rows):
            assert len(sizes) <= RECORDS
            assert sum(sizes) <= BYTES


@settings(max_examples=100)
@given(LOADS)
def test_a_shard_refuses_only_what_would_break_its_limit(
    loads: list[tuple[int, list[tuple[int, str]]]],
) -> None:
    """The law above is not kept by refusing too much: every refusal is needed."""
    sim = simulator(1, limits=SMALL)
    stream, kept = sim.streams["s"], list[tuple[int, int]]()
    for later, records in loads:
        sim.advance(milliseconds=later)
        now = sim.clock.now
        placed = stream.put([(bytes(size), key, None) for size, key in records], now)
        for (_, number), (size, _) in zip(placed, records, strict=True):
            recent = [row for at, row in kept if at > now - SECOND]
            fits = len(recent) < RECORDS and sum(recent) + size + 1 <= BYTES
            assert fits == (number is not None)
            if fits:
                kept.append((now, size + 1))


@settings(max_examples=80)
@given(LOADS, st.integers(1, 3))
def test_what_put_records_reports_is_what_is_stored(
    loads: list[tuple[int, list[tuple[int, str]]]], shards: int
) -> None:
    sim = simulator(shards, limits=SMALL)
    reported: list[tuple[str, str, bytes]] = []
    number = failed = 0
    for later, records in loads:
        sim.advance(milliseconds=later)
        if not records:
            continue
        rows: list[dict[str, Any]] = [
            {"PartitionKey": key, "Data": f"{number + i} ".encode() + bytes(size)}
            for i, (size, key) in enumerate(records)
        ]
        number += len(rows)
        answer = call(sim, "PutRecords", StreamName="s", Records=rows)
        assert answer["FailedRecordCount"] == sum("ErrorCode" in row for row in answer["Records"])
        failed += answer["FailedRecordCount"]
        for row, told in zip(rows, answer["Records"], strict=True):
            if "ErrorCode" in told:
                assert told["ErrorCode"] == "ProvisionedThroughputExceededException"
                assert "SequenceNumber" not in told
            else:
                reported.append((told["ShardId"], told["SequenceNumber"], row["Data"]))
    assert sorted(reported) == sorted(everything(sim))
    assert len(reported) + failed == number


def everything(sim: Simulator) -> list[tuple[str, str, bytes]]:
    """Shard, sequence number and data of every record, as GetRecords gives them."""
    sim.advance(minutes=2)  # so that no read is throttled
    found = []
    for shard in sim.streams["s"].shards:
        answer = call(
            sim,
            "GetShardIterator",
            StreamName="s",
            ShardId=shard.id,
            ShardIteratorType="TRIM_HORIZON",
        )
        rows = call(sim, "GetRecords", ShardIterator=answer["ShardIterator"])["Records"]
        found += [(shard.id, row["SequenceNumber"], row["Data"]) for row in rows]
    return found


# --- large records --------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 4_000), st.sampled_from([1_000, 500_000, 3 * MIB, 9 * MIB])),
        max_size=25,
    )
)
def test_large_records_draw_on_a_bucket_that_refills_at_the_shards_rate(
    loads: list[tuple[int, int]],
) -> None:
    """Facts §4.2: bursts of up to 10 MiB, while the average stays 1 MiB a second."""
    sim = simulator(1, limits="on")
    call(
        sim,
        "UpdateMaxRecordSize",
        StreamARN=sim.streams["s"].arn,
        MaxRecordSizeInKiB=10_240,
    )
    accepted = stored_by_shard(sim, [(later, [(size, "a")]) for later, size in loads])
    rows = accepted.get(0, [])
    small = [(at, size) for at, size in rows if size <= MIB]
    assert all(sum(sizes) <= MIB for sizes in windows(small))
    for start, _ in rows:
        for end, _ in rows:
            if end >= start:
                taken = sum(size for at, size in rows if start <= at <= end)
                assert taken <= 10 * MIB + (end - start) * MIB // SECOND + 1


# --- reads ----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 10 * MIB)), max_size=60))
def test_a_shard_answers_five_reads_a_second_and_pauses_after_large_ones(
    reads: list[tuple[int, int]],
) -> None:
    limits = ShardLimits(1_000, MIB, 10 * MIB, 5, 2 * MIB, 5, 1)
    meter, now = ReadMeter(limits), 0
    answered: list[tuple[int, int]] = []
    for later, size in reads:
        now += later
        if meter.admit(now):
            meter.took(now, size)
            answered.append((now, size))
    for sizes in windows(answered):
        assert len(sizes) <= 5
        assert sum(sizes[:-1]) < 2 * MIB  # once 2 MiB are out, the second is over
    for at, size in answered:
        pause = size * SECOND // (2 * MIB) if size > 2 * MIB else 0
        assert not [later for later, _ in answered if at < later < at + pause]


# --- on demand ------------------------------------------------------------------------------------

POINTS = 64
EVENLY = [(1 << 128) // POINTS * n for n in range(POINTS)]
SHARD = 100_000  # bytes a second
GROWTH = {
    "streams.shard_write_bytes": SHARD,
    "streams.on_demand_split_bytes": SHARD * 500_000 / 1_048_576,
    "streams.on_demand_split_minutes": 1,
}


def on_demand() -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits=GROWTH)
    mode = {"StreamMode": "ON_DEMAND"}
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "StreamModeDetails": mode})
    return sim


def write(sim: Simulator, rate: float, seconds: int) -> int:
    """Put so many bytes a second, spread evenly over the hash space; how many were refused."""
    stream, throttled = sim.streams["s"], 0
    entries = [(bytes(int(rate / POINTS) - 1), "k", place) for place in EVENLY]
    for _ in range(seconds):
        sim.advance(seconds=1)
        throttled += sum(n is None for _, n in stream.put(entries, sim.clock.now))
    return throttled


SETTLED = 181  # seconds: a minute to be seen busy, one until the split, and some to spare
GROWTHS = st.lists(st.floats(0.1, 2.0), min_size=1, max_size=4)


@settings(max_examples=15)
@given(st.floats(0.1, 1), GROWTHS)
def test_on_demand_never_throttles_below_its_documented_growth(
    first: float, growths: list[float]
) -> None:
    """Up to the start capacity at once, and up to double the peak after every 15 minutes (here:
    three; facts §4.3)."""
    sim, peak = on_demand(), first * 4 * SHARD
    assert write(sim, peak, SETTLED) == 0
    for growth in growths:
        rate = min(growth * peak, POINTS / 2 * SHARD)  # finer than the points no load is even
        assert write(sim, rate, SETTLED) == 0
        peak = max(peak, rate)


@settings(max_examples=15)
@given(st.floats(0.2, 1), st.floats(1.0, 1.9), st.floats(1.02, 3))
def test_on_demand_always_throttles_what_jumps_beyond_its_shards(
    first: float, growth: float, beyond: float
) -> None:
    """Sooner than it can split it has the shards it has; those are fewer than 4.2 times the peak
    asked for, and never more than the start capacity below that."""
    sim, peak = on_demand(), first * 4 * SHARD
    write(sim, peak, SETTLED)
    peak *= growth
    write(sim, peak, SETTLED)
    shards = len(sim.streams["s"].open_shards)
    assert shards <= max(4, 4.2 * peak / SHARD)
    assert write(sim, beyond * shards * SHARD + POINTS, 5) > 0


def test_the_events_say_what_was_refused() -> None:
    sim = simulator(1, limits=SMALL)
    stored_by_shard(sim, [(0, [(10, "a")] * 20)])
    [event] = sim.events.of(RecordsPut)
    assert (event.shares[0].records, event.shares[0].throttled) == (RECORDS, 20 - RECORDS)


def test_limits_off_refuse_nothing() -> None:
    sim = simulator(1)
    assert len(stored_by_shard(sim, [(0, [(200, "a")] * 5_000)])[0]) == 5_000


def test_put_record_is_refused_where_put_records_reports() -> None:
    sim = simulator(1, limits={"streams.shard_write_records": 1})
    request: dict[str, Any] = {"StreamName": "s", "PartitionKey": "k", "Data": b""}
    call(sim, "PutRecord", **request)
    with pytest.raises(ServiceError, match="Rate exceeded for shard shardId-000000000000") as told:
        call(sim, "PutRecord", **request)
    assert told.value.code == "ProvisionedThroughputExceededException"
