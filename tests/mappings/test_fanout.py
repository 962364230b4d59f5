"""A registered consumer as source: pushed records, de-aggregation, resharding, new turns."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import UserRecord, aggregate
from kinesis_sim.mappings.mapping import Mapping
from kinesis_sim.mappings.operations import row
from kinesis_sim.streams.events import RecordsPushed, RecordsRead
from tests.mappings.sources import FUNCTION, STREAM, Event, mapped, put, quick, texts

HALF = 1 << 127


def fanned_out(sim: Simulator, function: Any, *, shards: int = 1, **more: Any) -> Mapping:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=shards)
    arn = kinesis.register_stream_consumer(
        StreamARN=sim.streams.arn(STREAM), ConsumerName="lambda"
    )["Consumer"]["ConsumerARN"]
    sim.functions.register(FUNCTION, function)
    request = {"EventSourceArn": arn, "FunctionName": FUNCTION, "StartingPosition": "TRIM_HORIZON"}
    return sim.mappings.create(**{**request, **more})


def test_records_are_pushed_and_nobody_polls() -> None:
    sim = quick()
    seen: list[Event] = []
    mapping = fanned_out(sim, seen.append)
    sim.advance(seconds=2)
    put(sim, "one")
    sim.advance(milliseconds=1)
    assert [texts(event) for event in seen] == [["one"]]
    assert seen[0]["Records"][0]["eventSourceARN"] == mapping.terms.origin.arn
    assert mapping.terms.origin.arn == mapping.terms.origin.consumer
    assert not any(isinstance(event, RecordsRead) for event in sim.events)
    assert any(isinstance(event, RecordsPushed) for event in sim.events)


def test_a_subscription_is_opened_anew_and_nothing_is_lost_or_sent_twice() -> None:
    sim = quick()
    seen: list[str] = []
    fanned_out(sim, lambda event: seen.extend(texts(event)))
    wanted = [str(minute) for minute in range(20)]
    for text in wanted:
        put(sim, text)
        sim.advance(minutes=1)
    assert seen == wanted


def test_children_come_after_their_parents() -> None:
    sim = quick()
    seen: list[str] = []
    fanned_out(sim, lambda event: seen.extend(texts(event)), BatchSize=1)
    put(sim, "before")
    sim.client("kinesis").split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(HALF)
    )
    put(sim, "after")
    sim.advance(minutes=1)
    assert seen == ["before", "after"]


def test_a_deregistered_consumer_is_named() -> None:
    sim = quick()
    mapping = fanned_out(sim, lambda event: None)
    sim.advance(seconds=2)
    sim.client("kinesis").deregister_stream_consumer(ConsumerARN=mapping.terms.origin.consumer)
    sim.advance(minutes=5)  # its subscription's end
    put(sim, "one")
    sim.advance(minutes=1)
    assert mapping.counts.invocations == 0
    assert "Consumer lambda" in row(mapping)["LastProcessingResult"]
    assert row(mapping)["LastProcessingResult"].startswith("PROBLEM: Stream read failed: ")


def aggregated(sim: Simulator, *records: UserRecord, key: str) -> None:
    sim.streams[STREAM].put([(aggregate(records), key, None)], sim.clock.now)


def test_fan_out_opens_aggregates_and_loses_those_with_a_record_of_another_shard() -> None:
    """Whole, the shard's own user records too (facts/data-streams §9, 9/lambda-kpl)."""
    sim = quick()
    seen: list[Event] = []
    mapping = fanned_out(sim, seen.append, shards=2)
    own = UserRecord("a", b"own", explicit_hash=0)
    stray = UserRecord("b", b"stray", explicit_hash=HALF)
    for users in ([own, stray, own], [own]):
        sim.streams[STREAM].put([(aggregate(users), "a", 0)], sim.clock.now)
    sim.advance(seconds=5)
    assert [texts(event) for event in seen] == [["own"]]
    assert seen[0]["Records"][0]["kinesis"]["partitionKey"] == "a"
    assert mapping.counts.dropped == 3


def test_polling_hands_aggregates_over_unopened() -> None:
    sim = quick()
    seen: list[Event] = []
    mapped(sim, seen.append)
    aggregated(sim, UserRecord("a", b"1"), UserRecord("b", b"2"), key="outer")
    sim.advance(seconds=5)
    [row] = seen[0]["Records"]
    assert row["kinesis"]["partitionKey"] == "outer"


def test_mixed_keys_in_an_aggregate_go_one_lane_without_fan_out_and_their_own_with_it() -> None:
    """So that without it, order per user key is nobody's promise (facts/data-streams §9)."""
    for make, batches in ((mapped, 1), (fanned_out, 2)):
        sim = quick()
        seen: list[Event] = []
        make(sim, seen.append, ParallelizationFactor=2)
        aggregated(sim, UserRecord("a", b"1"), UserRecord("b", b"2"), key="outer")
        sim.advance(seconds=5)
        assert len(seen) == batches
