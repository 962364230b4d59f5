"""Queues: the laws at the top of ``streams/queues.py``, over random histories, and the edges."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator


def a_queue(sim: Simulator, **attributes: Any) -> tuple[Any, str]:
    """A client and the ARN of an ACTIVE queue ``fila`` on the on-demand stream ``pedala-rides``."""
    kinesis = sim.client("kinesis")
    mode = {"StreamMode": "ON_DEMAND"}
    kinesis.create_stream(StreamName="pedala-rides", StreamModeDetails=mode)
    queue = kinesis.create_queue(
        QueueName="fila",
        StreamConfigurationList=[{"StreamARN": sim.streams.arn("pedala-rides")}],
        QueueAttributes=attributes,
    )
    return kinesis, queue["QueueDescription"]["QueueARN"]


def put(kinesis: Any, *keys: str) -> None:
    for key in keys:
        kinesis.put_record(StreamName="pedala-rides", PartitionKey=key, Data=key.encode())


def receive(kinesis: Any, arn: str, **more: Any) -> list[dict[str, Any]]:
    return list(
        kinesis.receive_queue_records(QueueARN=arn, WaitTimeSeconds=1, **more)["QueueRecords"]
    )


def handles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"ReceiptHandle": row["ReceiptHandle"]} for row in rows]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 8)),
        st.tuples(st.just("receive"), st.integers(1, 10)),
        st.tuples(st.just("acknowledge"), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.integers(1, 45)),
    ),
    max_size=30,
)


@given(STEPS)
def test_no_record_is_visible_twice_and_none_is_lost(steps: list[tuple[str, int]]) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    kinesis, arn = a_queue(sim, DeadLetterConfiguration={"TargetType": "NONE"})
    written: set[bytes] = set()
    done: set[bytes] = set()
    out: dict[str, tuple[float, dict[str, Any]]] = {}
    for what, amount in steps:
        if what == "put":
            keys = [f"bike-{len(written) + n}" for n in range(amount)]
            put(kinesis, *keys)
            written |= {key.encode() for key in keys}
        elif what == "receive":
            asked = sim.clock.now
            for row in receive(kinesis, arn, Limit=amount):
                hidden_until, _ = out.get(row["RecordId"], (0.0, {}))
                assert sim.clock.now >= hidden_until, "received while in flight"
                assert row["Data"] not in done, "received after it was acknowledged"
                out[row["RecordId"]] = (sim.clock.now + 30_000, row)
            assert sim.clock.now - asked <= 1000
        elif what == "acknowledge" and out:
            _, row = out[sorted(out)[amount % len(out)]]
            answer = kinesis.acknowledge_queue_records(QueueARN=arn, Entries=handles([row]))
            assert bool(answer["Successful"]) is (row["Data"] not in done)
            done.add(row["Data"])
        else:
            sim.advance(seconds=amount)
    sim.advance(seconds=31)
    left: set[bytes] = set()
    while rows := receive(kinesis, arn):
        left |= {row["Data"] for row in rows}
    assert left == written - done


@given(st.integers(1, 5), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6))
def test_what_is_never_acknowledged_ends_on_the_dead_side(most: int, keys: list[str]) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    dead = {"TargetType": "BUILT_IN", "MaxReceiveCount": most}
    kinesis, arn = a_queue(sim, DeadLetterConfiguration=dead)
    put(kinesis, *keys)
    counts = []
    for _ in range(most):
        counts.append({row["ReceiveCount"] for row in receive(kinesis, arn)})
        sim.advance(seconds=30)
    assert counts == [{number} for number in range(1, most + 1)]
    assert receive(kinesis, arn) == []
    rows = kinesis.receive_dead_letter_queue_records(QueueARN=arn)["QueueRecords"]
    assert sorted(row["Data"].decode() for row in rows) == sorted(keys)
    restored = kinesis.restore_dead_letter_queue_records(QueueARN=arn, Entries=handles(rows))
    assert restored["Failed"] == []
    assert {row["ReceiveCount"] for row in receive(kinesis, arn)} == {1}


@given(st.integers(0, 2), st.booleans())
def test_nothing_outlives_the_retention(receives: int, dead: bool) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    most = {"TargetType": "BUILT_IN", "MaxReceiveCount": 1} if dead else {"TargetType": "NONE"}
    kinesis, arn = a_queue(sim, DeadLetterConfiguration=most)
    put(kinesis, "bike-0042")
    rows: list[dict[str, Any]] = []
    for _ in range(receives):
        rows = receive(kinesis, arn) or rows
        sim.advance(seconds=31)
    sim.run_until("2026-01-02T00:00:00.001Z")
    assert receive(kinesis, arn) == []
    wait = {"QueueARN": arn, "WaitTimeSeconds": 1}
    assert kinesis.receive_dead_letter_queue_records(**wait)["QueueRecords"] == []
    if rows:
        answer = kinesis.acknowledge_queue_records(QueueARN=arn, Entries=handles(rows))
        assert answer["Failed"][0]["ErrorCode"] == "ResourceNotFoundException"
    assert set(sim.streams.queues[arn].counts(sim.clock.now).values()) == {0}


def test_a_receive_waits_for_a_record_on_the_clock(sim: Simulator) -> None:
    kinesis, arn = a_queue(sim)
    late = sim.client("kinesis")
    sim.clock.after(4_000, lambda: put(late, "bike-0042"))
    before = sim.clock.now
    rows = kinesis.receive_queue_records(QueueARN=arn)["QueueRecords"]
    assert [row["Data"] for row in rows] == [b"bike-0042"]
    assert sim.clock.now - before == 4_000
    assert kinesis.receive_queue_records(QueueARN=arn)["QueueRecords"] == []
    assert sim.clock.now - before == 13_000


def test_visibility_can_be_stretched_and_given_up(sim: Simulator) -> None:
    kinesis, arn = a_queue(sim)
    put(kinesis, "bike-0042")
    [row] = receive(kinesis, arn, VisibilityTimeoutSeconds=5)
    entry = {"ReceiptHandle": row["ReceiptHandle"], "VisibilityTimeoutSeconds": 60}
    kinesis.update_queue_records_visibility(QueueARN=arn, Entries=[entry])
    sim.advance(seconds=55)
    assert receive(kinesis, arn) == []
    entry["VisibilityTimeoutSeconds"] = 0
    kinesis.update_queue_records_visibility(QueueARN=arn, Entries=[entry])
    [again] = receive(kinesis, arn)
    assert (again["RecordId"], again["ReceiveCount"]) == (row["RecordId"], 2)
    assert again["ReceiptHandle"] != row["ReceiptHandle"]
    stale = kinesis.acknowledge_queue_records(QueueARN=arn, Entries=handles([row]))
    assert stale["Failed"][0]["ErrorCode"] == "ResourceNotFoundException"


def test_acknowledging_leaves_the_stream_and_other_queues_alone(sim: Simulator) -> None:
    kinesis, arn = a_queue(sim)
    source = [{"StreamARN": sim.streams.arn("pedala-rides")}]
    other = kinesis.create_queue(QueueName="outra", StreamConfigurationList=source)
    put(kinesis, "bike-0042")
    [row] = receive(kinesis, arn)
    kinesis.acknowledge_queue_records(QueueARN=arn, Entries=handles([row]))
    [same] = receive(kinesis, other["QueueDescription"]["QueueARN"])
    assert same["RecordId"] == row["RecordId"]
    assert sum(shard.log.end for shard in sim.streams["pedala-rides"].shards) == 1


@pytest.mark.parametrize(
    ("starting", "keys"),
    [
        ({"Type": "LATEST"}, ["later"]),
        ({"Type": "TRIM_HORIZON"}, ["early", "later", "noon"]),
        ({"Type": "AT_TIMESTAMP", "Timestamp": "2026-01-01T12:00:00Z"}, ["later", "noon"]),
    ],
)
def test_a_queue_starts_where_it_is_told(
    sim: Simulator, starting: dict[str, str], keys: list[str]
) -> None:
    kinesis, _ = a_queue(sim)
    put(kinesis, "early")
    sim.run_until("2026-01-01T12:00:00Z")
    put(kinesis, "noon")
    sim.advance(hours=1)
    source = {"StreamARN": sim.streams.arn("pedala-rides"), "StartingPosition": starting}
    made = kinesis.create_queue(QueueName="q", StreamConfigurationList=[source])
    put(kinesis, "later")
    rows = receive(kinesis, made["QueueDescription"]["QueueARN"])
    assert sorted(row["Data"].decode() for row in rows) == keys


def test_records_in_flight_have_a_limit() -> None:
    sim = Simulator(latency=None, delays="instant", limits={"streams.queue_in_flight": 3})
    kinesis, arn = a_queue(sim)
    put(kinesis, "a", "b", "c", "d")
    assert len(receive(kinesis, arn)) == 3
    with pytest.raises(ClientError, match="3 records in flight") as refused:
        receive(kinesis, arn)
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"


def test_a_stream_with_queues_stays_what_it_is(sim: Simulator) -> None:
    kinesis, arn = a_queue(sim)
    stream = sim.streams.arn("pedala-rides")
    with pytest.raises(kinesis.exceptions.ResourceInUseException, match="has queues"):
        kinesis.delete_stream(StreamName="pedala-rides")
    with pytest.raises(kinesis.exceptions.ResourceInUseException, match="has queues"):
        kinesis.update_stream_mode(
            StreamARN=stream, StreamModeDetails={"StreamMode": "PROVISIONED"}
        )
    kinesis.delete_queue(QueueARN=arn)
    kinesis.delete_stream(StreamName="pedala-rides")


def test_queues_count_as_consumers() -> None:
    sim = Simulator(latency=None, delays="instant", limits={"streams.consumers": 2})
    kinesis, _ = a_queue(sim)
    stream = sim.streams.arn("pedala-rides")
    kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="leitor")
    with pytest.raises(kinesis.exceptions.LimitExceededException, match="at most 2"):
        kinesis.create_queue(QueueName="q", StreamConfigurationList=[{"StreamARN": stream}])
    assert (
        kinesis.describe_stream_summary(StreamARN=stream)["StreamDescriptionSummary"]["QueueCount"]
        == 1
    )
