"""The laws of a stream, whatever is done to it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.hashing import hash_key
from tests.effort import examples
from tests.laws.moves import (
    ARN,
    HOUR,
    KINDS,
    MOVES,
    RESHARDS,
    Move,
    call,
    made,
    make,
    simulator,
    tiles,
)
from tests.reached import reached, reaches

SHARDS = st.integers(1, 7)


@reaches(*KINDS)
@given(SHARDS, st.lists(MOVES, max_size=25))
def test_open_shards_tile_the_hash_space(shards: int, moves: list[Move]) -> None:
    sim = simulator(shards)
    assert tiles(sim)
    for move in moves:
        made(sim, move)
        assert tiles(sim), move


@reaches("split", "merge", "scale")
@settings(max_examples=examples(40))
@given(SHARDS, st.lists(RESHARDS, max_size=8))
def test_open_shards_tile_while_a_change_is_under_way(shards: int, moves: list[Move]) -> None:
    sim = Simulator(latency=None, limits="off")
    call(sim, "CreateStream", StreamName="s", ShardCount=shards)
    sim.advance(seconds=15)
    for move in moves:
        made(sim, move)
        while (due := sim.clock.next_due()) is not None:
            assert tiles(sim)
            sim.run_until(due)
        assert tiles(sim)


@reaches("split", "merge", "scale", "read after its parents")
@given(SHARDS, st.lists(st.one_of(RESHARDS, st.just(("put", 0))), max_size=30))
@example(6, [("scale", 31), ("put", 0)])  # all borders lie in one instant
def test_order_per_key_survives_reshards_when_parents_are_read_first(
    shards: int, moves: list[Move]
) -> None:
    sim, put = simulator(shards), 0
    keys = [str(key) for key in range(13)]
    for move in moves:
        if move[0] == "put":
            entries = [{"PartitionKey": key, "Data": str(put).encode()} for key in keys]
            call(sim, "PutRecords", StreamName="s", Records=entries)
            put += 1
        else:
            made(sim, move)
        sim.advance(milliseconds=300)
    sim.advance(minutes=1)  # the last reshard settles: its parents end
    read: dict[str, list[int]] = {key: [] for key in keys}
    for record in walk(sim):
        read[record["PartitionKey"]].append(int(record["Data"]))
    shards_with_records = {shard.id for shard in sim.streams["s"].shards if shard.log.end}
    reached("read after its parents", len(shards_with_records) > shards)
    assert read == {key: list(range(put)) for key in keys}


def walk(sim: Simulator) -> list[dict[str, Any]]:
    """Every record, read as a consumer must: from the first shards on, children after all parents,
    found through ChildShards alone."""
    first = {"Type": "AT_TRIM_HORIZON"}
    rows = call(sim, "ListShards", StreamName="s", ShardFilter=first)["Shards"]
    waiting: dict[str, set[str]] = {row["ShardId"]: set() for row in rows}
    done: set[str] = set()
    records: list[dict[str, Any]] = []
    while waiting:
        shard = next(name for name, parents in waiting.items() if parents <= done)
        del waiting[shard]
        mine, children = drain(sim, shard)
        records += mine
        done.add(shard)
        for child in children:
            waiting[child["ShardId"]] = set(child["ParentShards"])
    return records


def drain(sim: Simulator, shard: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A shard's records from the horizon on, three at a time, and the children at its end."""
    start = {"ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    token = call(sim, "GetShardIterator", StreamName="s", **start)["ShardIterator"]
    records: list[dict[str, Any]] = []
    while True:
        answer = call(sim, "GetRecords", ShardIterator=token, Limit=3)
        records += answer["Records"]
        if "NextShardIterator" not in answer:
            return records, answer["ChildShards"]
        if not answer["Records"] and not answer["MillisBehindLatest"]:
            return records, []
        token = answer["NextShardIterator"]


@reaches("a child of one", "a child of two", "a shard without children")
@given(SHARDS, st.lists(MOVES, max_size=30))
def test_what_list_shards_says_of_parents_is_what_child_shards_say(
    shards: int, moves: list[Move]
) -> None:
    sim = simulator(shards)
    for move in moves:
        make(sim, move)
    listed = {row["ShardId"]: row for row in call(sim, "ListShards", StreamName="s")["Shards"]}
    for name, row in listed.items():
        _, children = drain(sim, name)
        reached("a shard without children", not children)
        for child in children:
            reached("a child of two" if len(child["ParentShards"]) == 2 else "a child of one")
            told = listed[child["ShardId"]]
            parents = [told.get("ParentShardId"), told.get("AdjacentParentShardId")]
            assert child["ParentShards"] == [parent for parent in parents if parent]
            assert name in parents
            assert child["HashKeyRange"] == told["HashKeyRange"]
        assert bool(children) == ("EndingSequenceNumber" in row["SequenceNumberRange"])


PAUSES = st.sampled_from([0, 1, 500, 1_000, HOUR, 5 * HOUR, 23 * HOUR, 24 * HOUR - 1, 24 * HOUR])
KEEPING = st.lists(st.tuples(PAUSES, st.none() | st.sampled_from([24, 25, 30, 48])), max_size=25)


@reaches("trimmed", "kept", "retention raised", "retention lowered")
@given(KEEPING)
def test_nothing_older_than_retention_is_readable_and_nothing_younger_is_lost(
    steps: list[tuple[int, int | None]],
) -> None:
    sim, hours = simulator(1), 24
    alive: list[int] = []  # arrival times of what a reader must find
    for pause, retention in steps:
        sim.advance(milliseconds=pause)
        before, alive = alive, kept(alive, sim.clock.now, hours)
        reached("trimmed", len(alive) < len(before))
        reached("kept", alive)
        if retention is not None:
            reached("retention raised", retention > hours)
            reached("retention lowered", retention < hours)
            way = "In" if retention >= hours else "De"
            operation = f"{way}creaseStreamRetentionPeriod"
            call(sim, operation, StreamName="s", RetentionPeriodHours=retention)
            hours = retention
            alive = kept(alive, sim.clock.now, hours)
        else:
            call(sim, "PutRecord", StreamName="s", PartitionKey="k", Data=b"")
            alive.append(sim.clock.now)
        records, _ = drain(sim, "shardId-000000000000")
        assert [record["ApproximateArrivalTimestamp"] for record in records] == alive


def kept(times: list[int], now: int, hours: int) -> list[int]:
    return [at for at in times if now - at <= hours * HOUR]


@reaches("two in a shard", "a child of a parent that is kept")
@given(SHARDS, st.lists(st.one_of(MOVES, st.just(("put", 2))), max_size=40))
def test_sequence_numbers_rise_within_a_shard_and_from_parent_to_child(
    shards: int, moves: list[Move]
) -> None:
    sim = simulator(shards)
    last: dict[str, int] = {}
    for move in moves:
        answer = make(sim, move)
        for row in answer.get("Records", []):
            number, name = int(row["SequenceNumber"]), row["ShardId"]
            assert len(row["SequenceNumber"]) == 56
            assert number > last.get(name, 0)
            reached("two in a shard", name in last)
            last[name] = number
    rows = call(sim, "ListShards", StreamName="s")["Shards"]
    ranges = {row["ShardId"]: row["SequenceNumberRange"] for row in rows}
    for row in rows:
        start = int(row["SequenceNumberRange"]["StartingSequenceNumber"])
        for member in ("ParentShardId", "AdjacentParentShardId"):
            parent = ranges.get(row.get(member, ""))
            if parent is not None:
                reached("a child of a parent that is kept")
                assert start > int(parent["EndingSequenceNumber"])
    for name, number in last.items():
        if name in ranges:
            assert int(ranges[name]["StartingSequenceNumber"]) < number
            assert number < int(ranges[name].get("EndingSequenceNumber", number + 1))


@settings(max_examples=examples(40))
@given(SHARDS, st.lists(MOVES, max_size=25), st.integers(0, 3))
def test_the_same_calls_at_the_same_times_rebuild_the_same_state(
    shards: int, moves: list[Move], seed: int
) -> None:
    assert told(shards, moves, seed) == told(shards, moves, seed)


def told(shards: int, moves: list[Move], seed: int) -> bytes:
    """Every answer, every event and all that can be read afterwards, as bytes."""
    sim = simulator(shards, seed=seed)
    answers: list[Any] = [make(sim, move) for move in moves]
    answers.append(call(sim, "DescribeStream", StreamName="s"))
    answers.append(call(sim, "DescribeStreamSummary", StreamARN=ARN))
    answers.append(
        [drain(sim, row["ShardId"]) for row in answers[-2]["StreamDescription"]["Shards"]]
    )
    answers.append([repr(event) for event in sim.events])
    answers.append(sim.gate.request_id())
    return json.dumps(answers, default=lambda blob: blob.hex()).encode()


@given(st.text(min_size=1, max_size=256), st.integers(1, 300))
def test_a_key_lands_in_the_one_shard_whose_range_holds_its_hash(key: str, shards: int) -> None:
    sim = simulator(shards)
    row = call(sim, "PutRecord", StreamName="s", PartitionKey=key, Data=b"")
    owners = [s.id for s in sim.streams["s"].open_shards if hash_key(key) in s.hashes]
    assert owners == [row["ShardId"]]
