"""What people believe of Lambda and streams (facts/data-streams §10), each row shown to be wrong.

Named after their rows, like those of ``tests/streams``, which counts them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.mappings.sources import Event, mapped, put, quick, stored, texts


def test_row_49_lambda_retries_a_bad_record_until_it_expires() -> None:
    """It does not skip it: the shard stands still until the record's retention is over."""
    sim = quick()
    done: list[str] = []

    def charge(event: Event) -> None:
        if "poison" in texts(event):
            raise ValueError("cannot charge")
        done.extend(texts(event))

    mapping = mapped(sim, charge, BatchSize=1)
    put(sim, "poison")
    sim.advance(hours=1)
    put(sim, "behind it")
    sim.advance(hours=22)
    assert (done, mapping.counts.given_up) == ([], 0)
    assert mapping.behind >= 23 * 3_600_000
    sim.advance(hours=1, minutes=2)
    assert (done, mapping.counts.expired) == (["behind it"], 1)


@pytest.mark.parametrize(
    "cure",
    [
        {"MaximumRetryAttempts": 2},
        {"MaximumRecordAgeInSeconds": 60},
        {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 1, "BatchSize": 10},
    ],
)
def test_retries_age_and_bisecting_are_the_cures_of_row_49(cure: dict[str, Any]) -> None:
    sim = quick()
    done: list[str] = []

    def charge(event: Event) -> None:
        if "poison" in texts(event):
            raise ValueError("cannot charge")
        done.extend(texts(event))

    mapping = mapped(sim, charge, **{"BatchSize": 1, **cure})
    put(sim, "poison")
    sim.advance(seconds=1)
    put(sim, "behind it")
    sim.advance(seconds=90)
    put(sim, "later")
    sim.advance(minutes=3)
    assert done[-1] == "later"
    assert mapping.counts.given_up >= 1
    assert stored(sim) == 3


def test_row_50_the_mapping_polls_nobody_writes_polling_code_and_nobody_pushes() -> None:
    """The function holds no reading code, and the mapping's GetRecords are on the stream's bill."""
    sim = quick()
    calls: list[Event] = []
    mapped(sim, calls.append)
    sim.advance(seconds=10)
    assert sum(sim.metrics(metric="GetRecords.Success")["Sum"]) == 11  # once a second
    assert calls == []
    put(sim, "one")
    assert calls == []  # a put alone calls nobody
    sim.advance(seconds=1)
    assert [texts(event) for event in calls] == [["one"]]


def test_row_51_a_failure_message_says_where_the_records_are_not_what_they_are() -> None:
    sim = quick(account="400000000051")
    queues, topics = sim.client("sqs"), sim.client("sns")
    url = queues.create_queue(QueueName="falhas")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{sim.account}:falhas"
    topic = topics.create_topic(Name="falhas")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    def fail(event: Event) -> None:
        raise ValueError("cannot charge")

    mapping = mapped(
        sim,
        fail,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    put(sim, "the secret amount")
    sim.advance(seconds=5)
    sim.mappings.update(mapping.uuid, DestinationConfig={"OnFailure": {"Destination": topic}})
    put(sim, "the secret amount")
    sim.advance(seconds=5)
    found = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in found]
    records = [json.loads(body["Message"]) if "Message" in body else body for body in bodies]
    assert len(records) == 2
    for record in records:
        assert "secret" not in json.dumps(record)
        assert "Records" not in json.dumps(record)
        again = sim.client("kinesis").get_shard_iterator(
            StreamName=mapping.terms.stream,
            ShardId=record["KinesisBatchInfo"]["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=record["KinesisBatchInfo"]["startSequenceNumber"],
        )["ShardIterator"]
        read = sim.client("kinesis").get_records(ShardIterator=again, Limit=1)
        assert read["Records"][0]["Data"] == b"the secret amount"


def test_what_the_kcl_needs_of_row_46_a_mapping_does_not() -> None:
    """No lease table: a mapping keeps its own place, and DynamoDB is never asked."""
    sim = quick(account="400000000046")
    calls: list[Event] = []
    mapped(sim, calls.append, shards=2)
    put(sim, "one")
    sim.advance(minutes=1)
    assert len(calls) == 1
    assert sim.client("dynamodb").list_tables()["TableNames"] == []
