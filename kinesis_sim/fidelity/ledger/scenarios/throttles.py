"""Kinesis: too much in one second."""

from __future__ import annotations

from contextlib import suppress

from kinesis_sim.account.quotas import rate_name
from kinesis_sim.fidelity.ledger.scenarios.not_there import BY_ARN, BY_CONSUMER, BY_NAME_OR_ARN
from kinesis_sim.fidelity.ledger.scenarios.records import subscribe
from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Stage, raises

BOOK: Book = {}


@raises(
    BOOK,
    "LimitExceededException",
    "AddTagsToStream",
    "DecreaseStreamRetentionPeriod",
    "DeleteResourcePolicy",
    "DeleteStream",
    "DeregisterStreamConsumer",
    "DescribeAccountSettings",
    "DescribeLimits",
    "DescribeStream",
    "DescribeStreamConsumer",
    "DescribeStreamSummary",
    "DisableEnhancedMonitoring",
    "EnableEnhancedMonitoring",
    "GetResourcePolicy",
    "IncreaseStreamRetentionPeriod",
    "ListShards",
    "ListStreamConsumers",
    "ListStreams",
    "ListTagsForStream",
    "MergeShards",
    "RemoveTagsFromStream",
    "UpdateAccountSettings",
)
def called_too_often(stage: Stage, operation: str) -> object:
    """Control calls have a rate per second; calls that fail for another reason count as well."""
    from botocore.exceptions import ClientError

    named: dict[str, str] = {}
    if operation in BY_CONSUMER:
        named = {"ConsumerARN": f"{stage.arn()}/consumer/leitor:1767225600"}
    elif operation in BY_NAME_OR_ARN + BY_ARN:
        named = stage.address(operation)
    most = stage.sim.limits[rate_name("streams", operation)]
    for _ in range(most):
        with suppress(ClientError):
            stage.call(operation, **named)
    return stage.call(operation, **named)


@raises(BOOK, "ProvisionedThroughputExceededException", "GetRecords")
def a_sixth_read(stage: Stage, operation: str) -> object:
    """A shard answers five reads a second, all readers together."""
    stage.stream()
    iterator = stage.iterator()
    for _ in range(5):
        stage.call(operation, ShardIterator=iterator)
    return stage.call(operation, ShardIterator=iterator)


@raises(BOOK, "ProvisionedThroughputExceededException", "GetShardIterator")
def a_sixth_iterator(stage: Stage, operation: str) -> object:
    """A shard gives out five iterators a second."""
    stage.stream()
    latest = {"ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"}
    for _ in range(5):
        stage.call(operation, StreamName=STREAM, **latest)
    return stage.call(operation, StreamName=STREAM, **latest)


@raises(BOOK, "ProvisionedThroughputExceededException", "PutRecord")
def one_record_too_many(stage: Stage, operation: str) -> object:
    """A shard takes 1,000 records a second."""
    stage.stream()
    records = [{"Data": b"", "PartitionKey": "chave1"}] * 500
    for _ in range(2):
        stage.client.put_records(StreamName=STREAM, Records=records)
    return stage.call(operation, StreamName=STREAM, PartitionKey="chave1")


@raises(BOOK, "LimitExceededException", "SubscribeToShard")
def two_subscriptions_in_a_second(stage: Stage, operation: str) -> object:
    """A consumer may call once a second for each shard."""
    stage.stream()
    consumer = stage.consumer()
    subscribe(stage, operation, consumer, "LATEST")
    return subscribe(stage, operation, consumer, "LATEST")
