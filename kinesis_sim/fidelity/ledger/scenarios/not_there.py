"""Kinesis: what was named is not there, or was named wrongly."""

from __future__ import annotations

from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Stage, raises

BOOK: Book = {}

BY_NAME_OR_ARN = (
    "AddTagsToStream",
    "DecreaseStreamRetentionPeriod",
    "DeleteStream",
    "DescribeStream",
    "DescribeStreamSummary",
    "DisableEnhancedMonitoring",
    "EnableEnhancedMonitoring",
    "GetShardIterator",
    "IncreaseStreamRetentionPeriod",
    "ListShards",
    "ListTagsForStream",
    "MergeShards",
    "PutRecord",
    "PutRecords",
    "RemoveTagsFromStream",
    "SplitShard",
    "StartStreamEncryption",
    "StopStreamEncryption",
    "UpdateMaxRecordSize",
    "UpdateShardCount",
    "UpdateStreamWarmThroughput",
)
BY_ARN = (
    "DeleteResourcePolicy",
    "GetResourcePolicy",
    "ListStreamConsumers",
    "ListTagsForResource",
    "PutResourcePolicy",
    "RegisterStreamConsumer",
    "TagResource",
    "UntagResource",
    "UpdateStreamMode",
    "UpdateStreamRecordDistributionStrategy",
)
BY_CONSUMER = ("DeregisterStreamConsumer", "DescribeStreamConsumer", "SubscribeToShard")
POLICIES = ("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy")


@raises(BOOK, "ResourceNotFoundException", *BY_NAME_OR_ARN, *BY_ARN)
def no_such_stream(stage: Stage, operation: str) -> object:
    """The stream was never created."""
    return stage.call(operation, **stage.address(operation))


@raises(BOOK, "ResourceNotFoundException", *BY_CONSUMER)
def no_such_consumer(stage: Stage, operation: str) -> object:
    """The consumer was never registered."""
    return stage.call(operation, ConsumerARN=f"{stage.arn()}/consumer/leitor:1767225600")


@raises(BOOK, "ResourceNotFoundException", "GetRecords")
def stream_gone_from_under_an_iterator(stage: Stage, operation: str) -> object:
    """The stream is deleted while an iterator still lives."""
    stage.stream()
    iterator = stage.iterator()
    stage.client.delete_stream(StreamName=STREAM)
    stage.sim.advance(minutes=1)
    return stage.call(operation, ShardIterator=iterator)


@raises(BOOK, "InvalidArgumentException", *BY_NAME_OR_ARN)
def neither_name_nor_arn(stage: Stage, operation: str) -> object:
    """The model requires neither StreamName nor StreamARN; the service wants one of them."""
    return stage.call(operation)


@raises(BOOK, "InvalidArgumentException", "DeregisterStreamConsumer", "DescribeStreamConsumer")
def half_a_consumer(stage: Stage, operation: str) -> object:
    """A consumer is its ARN, or the stream's ARN *and* its name."""
    return stage.call(operation, StreamARN=stage.stream())


@raises(
    BOOK,
    "InvalidArgumentException",
    "DeleteResourcePolicy",
    "GetResourcePolicy",
    "ListTagsForResource",
    "UntagResource",
    "UpdateStreamMode",
)
def an_arn_of_nothing(stage: Stage, operation: str) -> object:
    """The ARN has the model's pattern, but is none of a stream or consumer."""
    member = "StreamARN" if stage.takes(operation, "StreamARN") else "ResourceARN"
    return stage.call(operation, **{member: f"{stage.arn()}/more"})


@raises(
    BOOK,
    "ValidationException",
    "CreateStream",
    "DeleteResourcePolicy",
    "GetResourcePolicy",
    "ListTagsForResource",
    "PutResourcePolicy",
    "TagResource",
    "UntagResource",
    "UpdateMaxRecordSize",
    "UpdateStreamMode",
    "UpdateStreamRecordDistributionStrategy",
)
def a_name_out_of_pattern(stage: Stage, operation: str) -> object:
    """What names the stream breaks the model's pattern."""
    for member in ("StreamName", "StreamARN", "ResourceARN"):
        if stage.takes(operation, member):
            name = "meu stream"
            return stage.call(
                operation, **{member: name if member == "StreamName" else stage.arn(name)}
            )
    raise LookupError(f"{operation} names no stream.")


@raises(BOOK, "ValidationException", "UpdateAccountSettings")
def a_status_out_of_its_enum(stage: Stage, operation: str) -> object:
    """The status is neither ENABLED nor DISABLED."""
    return stage.call(operation, MinimumThroughputBillingCommitment={"Status": "MAYBE"})


@raises(BOOK, "AccessDeniedException", *POLICIES)
def the_policy_of_another_account(stage: Stage, operation: str) -> object:
    """Only the owner's account may manage a resource's policy."""
    theirs = stage.arn().replace(stage.sim.account, "999999999999")
    return stage.call(operation, ResourceARN=theirs)


@raises(BOOK, "ExpiredNextTokenException", "ListStreams")
def a_stale_page_of_streams(stage: Stage, operation: str) -> object:
    """A page's token lives 300 seconds."""
    stage.stream("um")
    stage.stream("dois")
    page = stage.call(operation, Limit=1)
    stage.sim.advance(seconds=301)
    return stage.call(operation, NextToken=page["NextToken"])


@raises(BOOK, "ExpiredNextTokenException", "ListShards")
def a_stale_page_of_shards(stage: Stage, operation: str) -> object:
    """A page's token lives 300 seconds."""
    stage.stream(ShardCount=2)
    page = stage.call(operation, StreamName=STREAM, MaxResults=1)
    stage.sim.advance(seconds=301)
    return stage.call(operation, NextToken=page["NextToken"])


@raises(BOOK, "ExpiredNextTokenException", "ListStreamConsumers")
def a_stale_page_of_consumers(stage: Stage, operation: str) -> object:
    """A page's token lives 300 seconds."""
    arn = stage.stream()
    stage.consumer("um")
    stage.consumer("dois")
    page = stage.call(operation, StreamARN=arn, MaxResults=1)
    stage.sim.advance(seconds=301)
    return stage.call(operation, StreamARN=arn, NextToken=page["NextToken"])


@raises(BOOK, "InvalidArgumentException", "ListStreams")
def a_made_up_token(stage: Stage, operation: str) -> object:
    """Page tokens cannot be written by hand."""
    return stage.call(operation, NextToken="next")


@raises(BOOK, "InvalidArgumentException", "ListStreamConsumers")
def a_made_up_token_for_consumers(stage: Stage, operation: str) -> object:
    """Page tokens cannot be written by hand."""
    return stage.call(operation, StreamARN=stage.stream(), NextToken="next")
