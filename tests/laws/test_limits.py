"""Laws of limits: what shards take and give, checked by brute force over random loads."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams.events import CeilingChanged, RecordsPut
from kinesis_sim.streams.growth import Peak, RecordThroughput
from kinesis_sim.streams.limits import ReadMeter, ShardLimits
from kinesis_sim.streams.stream import Stream
from kinesis_sim.units import KIB, MIB
from tests.effort import examples
from tests.laws.moves import call, simulator
from tests.reached import reached, reaches

SECOND = 1_000
RECORDS, BYTES = 12, 600
SMALL = {"streams.shard_write_records": RECORDS, "streams.shard_write_bytes": BYTES}
SMALL_AND_LARGE = st.one_of(st.integers(0, 20), st.integers(0, 200))
"""Bytes of records of which a second takes RECORDS, and of some that fill it sooner."""
LOADS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 7, 90, 100, 333, 500, 999, 1_000, 1_001, 2_500]),  # ms later
        # Small ones, of which a second takes twelve, and some that fill it with bytes.
        st.lists(
            st.tuples(
                st.one_of(st.integers(0, 20), st.integers(0, 200)), st.sampled_from("abcdef")
            ),
            max_size=9,
        ),
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


@reaches("throttled by records", "throttled by bytes")
@settings(max_examples=examples(150))
@given(LOADS, st.integers(1, 3))
def test_no_shard_ever_accepts_more_than_its_limit_over_any_second(
    loads: list[tuple[int, list[tuple[int, str]]]], shards: int
) -> None:
    sim = simulator(shards, limits=SMALL)
    for rows in stored_by_shard(sim, loads).values():
        for sizes in windows(rows):
            assert len(sizes) <= RECORDS
            assert sum(sizes) <= BYTES
            reached("throttled by records", len(sizes) == RECORDS)
            reached("throttled by bytes", sum(sizes) > BYTES - 100)


@reaches("refused", "stored")
@settings(max_examples=examples(100))
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
            reached("stored" if fits else "refused")
            if fits:
                kept.append((now, size + 1))


@reaches("refused", "stored", "several shards")
@settings(max_examples=examples(80))
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
    reached("refused", failed)
    reached("stored", reported)
    reached("several shards", len({shard for shard, *_ in reported}) > 1)


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


@reaches("a burst above the rate", "refused")
@settings(max_examples=examples(40))
@given(
    st.lists(
        st.tuples(st.integers(0, 4_000), st.sampled_from([1_000, 500_000, 3 * MIB, 9 * MIB])),
        max_size=25,
    )
)
def test_large_records_draw_on_a_bucket_that_refills_at_the_shards_rate(
    loads: list[tuple[int, int]],
) -> None:
    """Bursts of up to 10 MiB, the average stays 1 MiB a second (facts/data-streams §4.2).

    Small records draw on it as well: batches of 2 MiB of them were recorded, none refused.
    """
    sim = simulator(1, limits="on")
    call(
        sim,
        "UpdateMaxRecordSize",
        StreamARN=sim.streams["s"].arn,
        MaxRecordSizeInKiB=10_240,
    )
    accepted = stored_by_shard(sim, [(later, [(size, "a")]) for later, size in loads])
    rows = accepted.get(0, [])
    reached("a burst above the rate", any(sum(sizes) > 2 * MIB for sizes in windows(rows)))
    reached("refused", len(rows) < len(loads))
    for start, _ in rows:
        for end, _ in rows:
            if end >= start:
                taken = sum(size for at, size in rows if start <= at <= end)
                assert taken <= 10 * MIB + (end - start) * MIB // SECOND + 1


# --- reads ----------------------------------------------------------------------------------------


WINDOW_FULL, PAUSED, FIVE = "2 MiB within a second", "pause after a large one", "five calls"
SIZES = st.one_of(
    st.integers(0, 64 * KIB), st.integers(300 * KIB, 900 * KIB), st.integers(0, 10 * MIB)
)
"""Five small ones, some that fill a second together, and some that are worth several."""


@reaches(WINDOW_FULL, PAUSED, FIVE)
@example([(0, 900 * KIB)] * 3 + [(0, 0)])
@example([(0, 10 * MIB), (700, 0), (700, 0)])
@given(st.lists(st.tuples(st.one_of(st.integers(0, 150), st.integers(0, 700)), SIZES), max_size=60))
def test_a_shard_answers_five_reads_and_two_mebibytes_a_second_and_pauses_after_large_ones(
    reads: list[tuple[int, int]],
) -> None:
    """Refused is just what has to be: five calls or 2 MiB within the second that ends now, or time
    that an answer of more has still to pay for."""
    limits = ShardLimits(1_000, MIB, 10 * MIB, 5, 2 * MIB, 5, 1)
    meter, now, paid = ReadMeter(limits), 0, 0
    answered: list[tuple[int, int]] = []
    for later, size in reads:
        now += later
        recent = [taken for at, taken in answered if at > now - SECOND]
        pausing, full, calls = now < paid, sum(recent) >= 2 * MIB, len(recent) >= 5
        reached(PAUSED, pausing and not full)
        reached(WINDOW_FULL, full and not pausing and not calls)
        reached(FIVE, calls and not pausing and not full)
        assert meter.admit(now) == (not (pausing or full or calls))
        if not (pausing or full or calls):
            meter.took(now, size)
            answered.append((now, size))
            paid = now + size * SECOND // (2 * MIB) if size > 2 * MIB else paid


# --- on demand ------------------------------------------------------------------------------------

POINTS = 64
EVENLY = [(1 << 128) // POINTS * n for n in range(POINTS)]
SHARD = RecordThroughput(POINTS, POINTS * 1_600)  # a second
START, MOST = 4, 16  # shards at first, and those that random loads are worth at most
GROWTH_MINUTES = 3
GROWTH = {
    "streams.shard_write_records": SHARD.records,
    "streams.shard_write_bytes": SHARD.bytes,
    "streams.on_demand_split_records": SHARD.records / 2,
    "streams.on_demand_split_bytes": SHARD.bytes * 500_000 / 1_048_576,
    "streams.on_demand_split_minutes": 1,
    "streams.on_demand_growth_minutes": GROWTH_MINUTES,
}
UNITS = st.sampled_from(["records", "bytes"])


def on_demand(**changes: float) -> Simulator:
    limits = {**GROWTH, **{f"streams.on_demand_{name}": v for name, v in changes.items()}}
    sim = Simulator(latency=None, delays="instant", limits=limits)
    mode = {"StreamMode": "ON_DEMAND"}
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "StreamModeDetails": mode})
    return sim


class Even:
    """Writes spread evenly over the hash space, each second as much, in whole shards' worth."""

    def __init__(self, sim: Simulator, unit: str) -> None:
        self._sim, self._unit, self._turn = sim, unit, 0

    def second(self, worth: int) -> tuple[float, int]:
        """Write for a second; what was stored in shards' worth, and how many were refused."""
        self._sim.advance(seconds=1)
        self._turn += 1  # whom a full stream refuses is another one each second
        places = [EVENLY[(self._turn * 7 + n * 29) % POINTS] for n in range(POINTS)]
        if self._unit == "records":
            entries = [(b"", "k", place) for place in places * worth]
        else:
            size = worth * SHARD.bytes // POINTS
            entries = [(bytes(int(size) - 1), "k", place) for place in places * bool(worth)]
        answers = self._sim.streams["s"].put(entries, self._sim.clock.now)
        refused = sum(number is None for _, number in answers)
        each = 1 / POINTS if self._unit == "records" else worth / POINTS
        return (len(entries) - refused) * each, refused

    def seconds(self, worth: int, count: int) -> int:
        """Write as much for some seconds; how many records were refused."""
        return sum(self.second(worth)[1] for _ in range(count))


def documented(stored: dict[int, float], minute: int) -> float:
    """What fits in a minute, in shards' worth: double the highest earlier minute that began 15
    minutes ago (here: three) or longer, and never less than at the start (facts/data-streams
    §4.3)."""
    known = (rate for at, rate in stored.items() if at <= minute - GROWTH_MINUTES)
    return max(START, 2 * max(known, default=0) / 60)


PHASES = st.lists(st.tuples(st.integers(0, MOST), st.integers(1, 300)), min_size=2, max_size=5)
CLIMB = [(4, 240), (8, 240), (16, 240)]


@reaches("refused", "beyond the start")
@settings(max_examples=examples(15))
@example("bytes", CLIMB)
@example("records", CLIMB)
@given(UNITS, PHASES)
def test_on_demand_never_throttles_below_its_documented_growth_and_always_beyond(
    unit: str, phases: list[tuple[int, int]]
) -> None:
    """Whatever came before, and however many shards there are: in each second an even load is
    stored up to the ceiling, and the rest of it is refused."""
    sim, stored = on_demand(), defaultdict[int, float](float)
    load, begin, stream = Even(sim, unit), sim.clock.now, sim.streams["s"]
    for worth, seconds in phases:
        one = 1 / POINTS if unit == "records" else worth / POINTS  # of its records
        for _ in range(seconds):
            minute = (sim.clock.now - begin + SECOND) // (60 * SECOND)
            most = documented(stored, minute)
            fitted, refused = load.second(worth)
            stored[minute] += fitted
            assert fitted <= most + 1e-9
            assert (
                fitted >= min(worth, most) - one * len(stream.open_shards) - 1e-9
            )  # whole records
            assert (refused > 0) == (worth > most + 1e-9)
            reached("refused", refused)
            reached("beyond the start", fitted > START)


WAIT = (GROWTH_MINUTES + 1) * 60
"""Seconds: until the first whole minute of a new rate counts as a peak."""


@reaches("a peak forgotten", "a peak too young")
@settings(max_examples=examples(25))
@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 400)), min_size=20, max_size=60),
    st.integers(1, 40),
    st.integers(1, 60),
)
def test_the_ceiling_is_double_the_highest_minute_of_the_right_age(
    rows: list[tuple[int, float]], age: int, memory: int
) -> None:
    """The sliding peak against a look at every minute."""
    peak, minute, seen = Peak(), 0, list[tuple[int, float]]()
    for later, rate in rows:
        minute += later
        if later:
            peak.remember(minute, rate)
            seen.append((minute, rate))
        first, last = minute - memory, minute - age
        inside = [rate for at, rate in seen if first <= at <= last]
        assert peak.settle(first, last) == max(inside, default=0)
        reached("a peak forgotten", any(at < first for at, _ in seen))
        reached("a peak too young", any(at > last for at, _ in seen))
        recent = [rate for at, rate in seen if at >= max(first, minute - 5)]
        assert peak.since(max(first, minute - 5)) == max(recent, default=0)


def ceiling(sim: Simulator) -> float:
    """What the stream as a whole takes, in shards' worth of bytes."""
    whole = sim.streams["s"].whole
    assert whole is not None
    return whole.most[1] / SHARD.bytes


def test_a_peak_is_forgotten_after_thirty_days() -> None:
    sim = on_demand(memory_days=1)
    Even(sim, "bytes").seconds(4, WAIT)
    assert ceiling(sim) == pytest.approx(8)
    sim.advance(hours=23)
    assert ceiling(sim) == pytest.approx(8)
    sim.advance(hours=1.1)
    assert ceiling(sim) == START
    told = [event.bytes / SHARD.bytes for event in sim.events.of(CeilingChanged)]
    assert (told[0], max(told), told[-1]) == (4, 8, 4)


def test_the_shards_of_a_switched_stream_are_capacity_at_once() -> None:
    sim = simulator(12, limits=GROWTH)
    arn = sim.streams["s"].arn
    switch = {"StreamARN": arn, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    call(sim, "UpdateStreamMode", **switch)
    sim.advance(minutes=1)
    assert ceiling(sim) == 12
    assert Even(sim, "bytes").seconds(8, 60) == 0
    call(sim, "UpdateStreamMode", **(switch | {"StreamModeDetails": {"StreamMode": "PROVISIONED"}}))
    sim.advance(minutes=1)
    assert sim.streams["s"].whole is None


def test_the_regions_ceiling_caps_growth() -> None:
    sim = on_demand(ceiling=6)
    Even(sim, "bytes").seconds(4, WAIT)
    assert ceiling(sim) == 6


def test_keys_count_under_the_ceiling_too() -> None:
    """A call whose data alone would fit: what it stores is what fits with its keys."""
    limits = {"streams.on_demand_ceiling": 2, "streams.shard_write_bytes": 10_000}
    growth = {"streams.on_demand_split_bytes": 5_000, "streams.shard_burst_bytes": 10_000_000}
    sim = Simulator(latency=None, delays="instant", limits={**limits, **growth})
    mode = {"StreamMode": "ON_DEMAND"}
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "StreamModeDetails": mode})
    stream = sim.streams["s"]
    assert stream.whole is not None
    most = stream.whole.most[1]
    entries = [(bytes(10), f"{n:0200}", EVENLY[n % POINTS]) for n in range(150)]
    assert 10 * len(entries) < most < 210 * len(entries) < 40_000
    stored = [number for _, number in stream.put(entries, sim.clock.now) if number is not None]
    assert len(stored) == most // 210


def test_double_is_one_row_of_the_table() -> None:
    sim = on_demand(growth_percent=300)
    Even(sim, "bytes").seconds(4, WAIT)
    assert ceiling(sim) == pytest.approx(12)


def test_limits_off_put_no_ceiling_on_a_stream() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    mode = {"StreamMode": "ON_DEMAND"}
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "StreamModeDetails": mode})
    assert sim.streams["s"].whole is None
    assert Even(sim, "records").seconds(500, 3) == 0


def test_large_records_draw_on_their_shards_and_not_on_the_ceiling() -> None:
    """Ten MiB at once into a stream of four MiB a second (facts/data-streams §4.2)."""
    sim = Simulator(latency=None, delays="instant")
    mode = {"StreamMode": "ON_DEMAND"}
    large = {"StreamModeDetails": mode, "MaxRecordSizeInKiB": 10_240}
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", **large})
    stream = sim.streams["s"]
    entries = [(bytes(9 * MIB), "k", place) for place in EVENLY[:: POINTS // 4]]
    assert all(number for _, number in stream.put(entries, sim.clock.now))


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
