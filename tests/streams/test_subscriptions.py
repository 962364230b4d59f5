"""SubscribeToShard (facts/data-streams §4.1): pushed records, five minutes, take-over, resuming."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import islice, pairwise
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.journal.answers import TakenStream
from kinesis_sim.streams.fanout import HEARTBEAT_MS
from kinesis_sim.units import MIB
from tests.streams.calls import ACCOUNT, create, put, refused, shard, split

KMS = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


@pytest.fixture
def consumer(kinesis: Any) -> str:
    """The ARN of consumer c of stream s, which has one shard."""
    arn = create(kinesis)
    answer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
    return str(answer["Consumer"]["ConsumerARN"])


def subscribe(kinesis: Any, consumer: str, kind: str = "TRIM_HORIZON", **place: Any) -> Any:
    answer = kinesis.subscribe_to_shard(
        ConsumerARN=consumer,
        ShardId=place.pop("ShardId", shard(0)),
        StartingPosition={"Type": kind, **place},
    )
    return answer["EventStream"]


def native(sim: Simulator, consumer: str, kind: str = "TRIM_HORIZON") -> TakenStream:
    """The subscription as the server holds it, which keeps account of what is taken."""
    params = {"ConsumerARN": consumer, "ShardId": "0", "StartingPosition": {"Type": kind}}
    answer = sim.gate.call("kinesis", "SubscribeToShard", params)["EventStream"]
    assert isinstance(answer, TakenStream)
    return answer


def data(event: dict[str, Any]) -> list[str]:
    return [record["Data"].decode() for record in event["SubscribeToShardEvent"]["Records"]]


def test_stored_records_are_pushed_at_once(kinesis: Any, consumer: str) -> None:
    numbers = [put(kinesis, value)["SequenceNumber"] for value in "ab"]
    event = next(iter(subscribe(kinesis, consumer)))
    assert data(event) == ["a", "b"]
    inside = event["SubscribeToShardEvent"]
    assert inside["ContinuationSequenceNumber"] == numbers[-1]
    assert inside["MillisBehindLatest"] == 0
    assert "ChildShards" not in inside


def test_a_new_record_is_pushed_when_it_arrives(sim: Simulator, consumer: str) -> None:
    subscription = native(sim, consumer, "LATEST")
    woken: list[int] = []
    subscription.on_ready = lambda: woken.append(sim.clock.now)
    first = subscription.next_event()
    assert first is not None
    assert data(first) == []
    assert subscription.next_event() is None
    sim.advance(milliseconds=70)
    sim.streams["s"].put([(b"x", "k", None)], sim.clock.now)
    assert woken == [sim.clock.now]
    event = subscription.next_event()
    assert event is not None
    assert data(event) == ["x"]
    assert subscription.next_event() is None


def test_other_streams_wake_nobody(sim: Simulator, kinesis: Any, consumer: str) -> None:
    create(kinesis, "other")
    subscription = native(sim, consumer, "LATEST")
    subscription.next_event()
    woken: list[int] = []
    subscription.on_ready = lambda: woken.append(1)
    put(kinesis, "x", name="other")
    assert woken == []


def test_waiting_for_an_idle_shard_moves_the_simulated_clock(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    began = sim.clock.now
    seen = []
    for event in subscribe(kinesis, consumer, "LATEST"):
        assert data(event) == []
        seen.append(sim.clock.now - began)
    assert seen == list(range(0, 300_000, HEARTBEAT_MS))
    assert sim.clock.now - began == 300_000


def test_a_subscription_ends_after_five_minutes_to_the_millisecond(
    sim: Simulator, consumer: str
) -> None:
    subscription = native(sim, consumer, "LATEST")
    sim.advance(milliseconds=299_999)
    assert subscription.next_event() is not None
    assert not subscription.ended
    sim.advance(milliseconds=1)
    assert subscription.next_event() is None
    assert subscription.ended


def test_records_put_while_waiting_come_in_order(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    stream = sim.streams["s"]

    def arrive(turn: int) -> None:
        stream.put([(str(turn).encode(), "k", None)], sim.clock.now)

    for turn in range(10):
        sim.clock.schedule(sim.clock.now + 1_000 * turn + 500, partial(arrive, turn))
    found: list[str] = []
    for event in subscribe(kinesis, consumer, "LATEST"):
        found += data(event)
        if len(found) == 10:
            break
    assert found == [str(turn) for turn in range(10)]
    assert sim.now.second == 9


def test_a_call_within_five_seconds_of_a_success_is_refused(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    subscribe(kinesis, consumer)
    sim.advance(milliseconds=4_999)
    with refused(
        "ResourceInUseException",
        f"Another active subscription exists for this consumer: {ACCOUNT}:s:{shard(0)}:c",
    ):
        subscribe(kinesis, consumer)


def test_a_later_call_takes_the_subscription_over(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    put(kinesis, "x")
    old = iter(subscribe(kinesis, consumer))
    assert data(next(old)) == ["x"]
    sim.advance(milliseconds=5_000)
    new = iter(subscribe(kinesis, consumer))
    with pytest.raises(EventStreamError) as caught:
        next(old)
    assert caught.value.response["Error"]["Code"] == "ResourceInUseException"
    assert "Another active subscription" in caught.value.response["Error"]["Message"]
    assert data(next(new)) == ["x"]


def test_a_refused_call_leaves_the_clock_of_the_five_seconds_alone(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    subscribe(kinesis, consumer)
    sim.advance(milliseconds=4_000)
    with refused("ResourceInUseException"):
        subscribe(kinesis, consumer)
    sim.advance(milliseconds=1_000)
    subscribe(kinesis, consumer)


def test_consumers_and_shards_do_not_disturb_each_other(sim: Simulator, kinesis: Any) -> None:
    arn = create(kinesis, shards=2)
    consumers = [
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=name)["Consumer"]
        for name in ("c", "d")
    ]
    put(kinesis, "x", ExplicitHashKey="0")
    for made in consumers:
        streams = [subscribe(kinesis, made["ConsumerARN"], ShardId=shard(i)) for i in (0, 1)]
        assert [data(next(iter(stream))) for stream in streams] == [["x"], []]


def test_a_consumer_resumes_where_it_stopped(sim: Simulator, kinesis: Any, consumer: str) -> None:
    for value in "abc":
        put(kinesis, value)
    event = next(iter(subscribe(kinesis, consumer)))
    place = event["SubscribeToShardEvent"]["ContinuationSequenceNumber"]
    put(kinesis, "d")
    sim.advance(seconds=5)
    again = subscribe(kinesis, consumer, "AFTER_SEQUENCE_NUMBER", SequenceNumber=place)
    assert data(next(iter(again))) == ["d"]


def test_an_idle_subscription_gives_a_place_to_resume_too(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    event = next(iter(subscribe(kinesis, consumer, "LATEST")))
    place = event["SubscribeToShardEvent"]["ContinuationSequenceNumber"]
    put(kinesis, "a")
    sim.advance(seconds=5)
    again = subscribe(kinesis, consumer, "AFTER_SEQUENCE_NUMBER", SequenceNumber=place)
    assert data(next(iter(again))) == ["a"]


def test_a_latest_subscription_resumes_after_what_it_skipped(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    put(kinesis, "skipped")
    event = next(iter(subscribe(kinesis, consumer, "LATEST")))
    place = event["SubscribeToShardEvent"]["ContinuationSequenceNumber"]
    put(kinesis, "a")
    sim.advance(seconds=5)
    again = subscribe(kinesis, consumer, "AFTER_SEQUENCE_NUMBER", SequenceNumber=place)
    assert data(next(iter(again))) == ["a"]


@pytest.mark.parametrize(
    ("kind", "found"),
    [("TRIM_HORIZON", ["a", "b"]), ("AT_TIMESTAMP", ["b"]), ("LATEST", [])],
)
def test_where_a_subscription_starts(
    sim: Simulator, kinesis: Any, consumer: str, kind: str, found: list[str]
) -> None:
    put(kinesis, "a")
    sim.advance(seconds=1)
    put(kinesis, "b")
    place = {"Timestamp": sim.now} if kind == "AT_TIMESTAMP" else {}
    assert data(next(iter(subscribe(kinesis, consumer, kind, **place)))) == found


def test_a_place_of_the_future_is_refused(sim: Simulator, kinesis: Any, consumer: str) -> None:
    with refused("InvalidArgumentException"):
        subscribe(kinesis, consumer, "AT_TIMESTAMP", Timestamp=sim.now + timedelta(seconds=1))


def test_a_closed_shard_is_pushed_to_its_end_with_its_children(kinesis: Any, consumer: str) -> None:
    put(kinesis, "x")
    events = iter(subscribe(kinesis, consumer))
    assert data(next(events)) == ["x"]
    split(kinesis, 0, 1 << 127)
    last = next(events)["SubscribeToShardEvent"]
    assert last["Records"] == []
    assert [child["ShardId"] for child in last["ChildShards"]] == [shard(1), shard(2)]
    assert "ContinuationSequenceNumber" not in last
    assert list(events) == []


def test_a_consumer_must_be_active(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = create(kinesis)
    slow.advance(seconds=15)
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    with refused("ResourceInUseException") as answer:
        subscribe(kinesis, made["ConsumerARN"])
    assert answer.message == (
        f"Consumer c with creation timestamp {slow.clock.now // 1000} under stream: s , account "
        f"{ACCOUNT} is not in ACTIVE status."
    )


def test_who_is_not_there(kinesis: Any, consumer: str) -> None:
    with refused("ResourceNotFoundException"):
        subscribe(kinesis, consumer.replace("/c:", "/d:"))
    with refused("ResourceNotFoundException"):
        subscribe(kinesis, consumer, ShardId=shard(9))


def test_a_deregistered_consumer_is_served_until_its_subscription_ends(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    """Recorded 2026-09-19 (radkawar/stackd, testdata/aws/kinesis/efo_termination.json)."""
    put(kinesis, "before")
    began = sim.clock.now
    events = iter(subscribe(kinesis, consumer))
    assert data(next(events)) == ["before"]
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    with refused("ResourceNotFoundException"):
        kinesis.describe_stream_consumer(ConsumerARN=consumer)
    put(kinesis, "after")
    assert data(next(events)) == ["after"]
    assert all(data(event) == [] for event in events)
    assert sim.clock.now - began == 300_000


def test_deleting_the_stream_ends_a_former_consumer_s_subscription(
    kinesis: Any, consumer: str
) -> None:
    events = iter(subscribe(kinesis, consumer))
    next(events)
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    kinesis.delete_stream(StreamName="s")
    assert list(events) == []


def test_deleting_the_stream_ends_a_subscription(kinesis: Any, consumer: str) -> None:
    events = iter(subscribe(kinesis, consumer))
    next(events)
    kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    assert list(events) == []


def test_a_key_that_cannot_be_used_any_more_ends_it_with_an_event(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    events = iter(subscribe(kinesis, consumer))
    next(events)
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    put(kinesis, "secret")
    sim.keys.set_state("alias/aws/kinesis", "Disabled")
    with pytest.raises(EventStreamError) as caught:
        next(events)
    assert caught.value.response["Error"]["Code"] == "KMSDisabledException"


def test_pushed_records_say_that_they_were_encrypted(kinesis: Any, consumer: str) -> None:
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    put(kinesis, "secret")
    event = next(iter(subscribe(kinesis, consumer)))["SubscribeToShardEvent"]
    assert event["Records"][0]["EncryptionType"] == "KMS"


def test_a_closed_event_stream_hears_no_more(sim: Simulator, kinesis: Any, consumer: str) -> None:
    listeners = len(sim.events._listeners)
    stream = subscribe(kinesis, consumer)
    assert len(sim.events._listeners) == listeners + 1
    assert len(list(islice(stream, 2))) == 2
    stream.close()
    assert len(sim.events._listeners) == listeners


def test_a_subscriptions_length_and_take_over_are_rows_of_the_table() -> None:
    limits = {"streams.subscription_seconds": 20, "streams.take_over_seconds": 10}
    sim = Simulator(latency=None, delays="instant", limits=limits)
    kinesis = sim.client("kinesis")
    arn = create(kinesis)
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    first = native(sim, made["ConsumerARN"])
    sim.advance(seconds=9)
    with pytest.raises(ServiceError, match="Another active subscription"):
        native(sim, made["ConsumerARN"])
    sim.advance(seconds=1)
    second = native(sim, made["ConsumerARN"])
    assert first.ended
    sim.advance(milliseconds=19_999)
    assert second.next_event() is not None
    assert not second.ended
    sim.advance(milliseconds=1)
    assert second.next_event() is None
    assert second.ended


@pytest.mark.parametrize(
    ("size", "events"),
    [(655_360, [12, 12, 1]), (921_600, [8, 8, 1]), (499_900, [15, 15, 1])],
)
def test_an_event_carries_seven_and_a_half_mebibytes_of_data_as_recorded(
    size: int, events: list[int]
) -> None:
    """radkawar/stackd, testdata/aws/kinesis/efo_frame_budget.json, 2026-09-19."""
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    asked = {"StreamARN": create(kinesis), "ConsumerName": "c"}
    consumer = kinesis.register_stream_consumer(**asked)["Consumer"]["ConsumerARN"]
    payload = bytes(size)
    for each in range(sum(events)):
        kinesis.put_record(StreamName="s", PartitionKey=f"C-{each:04}", Data=payload)
        sim.advance(seconds=2)
    start, seen = sim.clock.now, []
    for event in subscribe(kinesis, consumer):
        seen.append((sim.clock.now - start, len(event["SubscribeToShardEvent"]["Records"])))
        if len(seen) == len(events):
            break
    assert [records for _, records in seen] == events
    paces = [now - before for (before, _), (now, _) in pairwise(seen)]
    [first, second] = [records * (size + 6) * 1000 // (2 * MIB) for records in events[:-1]]
    assert paces == [first - 2_250, second]  # 4.5 MiB ahead


def test_a_backlog_is_pushed_as_fast_as_recorded() -> None:
    """Group A of efo_frame_budget: 30 MiB after 9.0 s, 80 MiB after 34.8 s."""
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    asked = {"StreamARN": create(kinesis), "ConsumerName": "c"}
    consumer = kinesis.register_stream_consumer(**asked)["Consumer"]["ConsumerARN"]
    for each in range(128):
        kinesis.put_record(StreamName="s", PartitionKey=f"A-{each:04}", Data=bytes(655_360))
        sim.advance(seconds=1.3)
    seen: dict[int, float] = {}
    start, total = sim.clock.now, 0
    for event in subscribe(kinesis, consumer):
        total += len(event["SubscribeToShardEvent"]["Records"])
        seen[total] = (sim.clock.now - start) / 1000
        if total == 128:
            break
    assert seen[48] == pytest.approx(9.0, abs=0.01)
    assert seen[128] == pytest.approx(34.8, abs=0.5)
    assert len(seen) == 11


def test_an_event_without_records_has_a_later_number_each_time(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    """radkawar/stackd, testdata/aws/kinesis/efo_backlog.json, 2026-09-19: the second moves on."""
    stored = put(kinesis, "a")["SequenceNumber"]
    numbers: list[int] = []
    for event in subscribe(kinesis, consumer):
        numbers.append(int(event["SubscribeToShardEvent"]["ContinuationSequenceNumber"]))
        if len(numbers) == 4:
            break
    assert numbers[0] == int(stored)
    assert [(now - before) >> 36 for before, now in pairwise(numbers)] == [5, 5, 5]
    place = {"SequenceNumber": str(numbers[-1])}
    put(kinesis, "b")
    again = subscribe(kinesis, consumer, "AFTER_SEQUENCE_NUMBER", **place)
    assert data(next(iter(again))) == ["b"]
