"""Kinesis: a busy stream, a quota that is used up, a setting that a mode does not have."""

from __future__ import annotations

from kinesis_sim.account.encryption import KINESIS_ALIAS
from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Stage, raises

BOOK: Book = {}
KMS = {"EncryptionType": "KMS", "KeyId": KINESIS_ALIAS}
ON_DEMAND = {"StreamMode": "ON_DEMAND"}
PROVISIONED = {"StreamMode": "PROVISIONED"}


# --- busy ----------------------------------------------------------------------------------------


@raises(
    BOOK,
    "ResourceInUseException",
    "DecreaseStreamRetentionPeriod",
    "DisableEnhancedMonitoring",
    "EnableEnhancedMonitoring",
    "IncreaseStreamRetentionPeriod",
    "ListShards",
    "MergeShards",
    "RegisterStreamConsumer",
    "SplitShard",
    "StartStreamEncryption",
    "StopStreamEncryption",
    "UpdateMaxRecordSize",
    "UpdateShardCount",
    "UpdateStreamMode",
    "UpdateStreamRecordDistributionStrategy",
    "UpdateStreamWarmThroughput",
)
def a_stream_still_creating(stage: Stage, operation: str) -> object:
    """Control calls wait for ACTIVE, a list of shards too; a new stream takes seconds to be so."""
    stage.client.create_stream(StreamName=STREAM, ShardCount=1)
    return stage.call(operation, **stage.address(operation), **stage.shards(operation))


@raises(BOOK, "ResourceInUseException", "CreateStream")
def a_name_taken(stage: Stage, operation: str) -> object:
    """A stream's name is unique in its account and Region."""
    stage.stream()
    return stage.call(operation, StreamName=STREAM, ShardCount=1)


@raises(BOOK, "ResourceInUseException", "DeleteStream")
def a_stream_with_consumers(stage: Stage, operation: str) -> object:
    """A stream with registered consumers goes only with EnforceConsumerDeletion."""
    stage.stream()
    stage.consumer()
    return stage.call(operation, StreamName=STREAM)


# --- quotas --------------------------------------------------------------------------------------


@raises(BOOK, "LimitExceededException", "CreateStream")
def more_shards_than_the_account_may_have(stage: Stage, operation: str) -> object:
    """The account's shard quota is met before any shard is made."""
    return stage.call(operation, StreamName=STREAM, ShardCount=100_000_000_000)


@raises(BOOK, "LimitExceededException", "SplitShard")
def one_shard_too_many(stage: Stage, operation: str) -> object:
    """The account's shard quota is used up."""
    stage.stream(ShardCount=stage.sim.limits.of_region("streams.shards_per_account"))
    half = {"ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "2"}
    return stage.call(operation, StreamName=STREAM, **half)


@raises(BOOK, "LimitExceededException", "UpdateShardCount")
def more_than_a_stream_is_scaled_to(stage: Stage, operation: str) -> object:
    """No call scales a stream beyond 10,000 shards."""
    most = stage.sim.limits["streams.shards_per_stream"]
    stage.stream(ShardCount=most // 2 + 1)
    return stage.call(operation, StreamName=STREAM, TargetShardCount=most + 1)


@raises(BOOK, "LimitExceededException", "RegisterStreamConsumer")
def a_sixth_consumer_at_once(stage: Stage, operation: str) -> object:
    """Five consumers of a stream can be CREATING at once."""
    arn = stage.stream()
    for number in range(5):
        stage.call(operation, StreamARN=arn, ConsumerName=f"leitor{number}")
    return stage.call(operation, StreamARN=arn, ConsumerName="leitor5")


@raises(BOOK, "LimitExceededException", "StartStreamEncryption")
def encryption_started_too_often(stage: Stage, operation: str) -> object:
    """Encryption can be started 25 times in 24 hours."""
    stage.stream()
    for _ in range(25):
        _switch_encryption(stage)
    return stage.call(operation, StreamName=STREAM, **KMS)


@raises(BOOK, "LimitExceededException", "StopStreamEncryption")
def encryption_stopped_too_often(stage: Stage, operation: str) -> object:
    """Encryption can be stopped 25 times in 24 hours; each start needs a day of its own here."""
    stage.stream()
    stage.client.start_stream_encryption(StreamName=STREAM, **KMS)
    stage.sim.advance(days=1)
    for _ in range(24):
        _stop(stage)
        stage.client.start_stream_encryption(StreamName=STREAM, **KMS)
        stage.sim.advance(seconds=10)
    _stop(stage)
    stage.client.start_stream_encryption(StreamName=STREAM, **KMS)
    stage.sim.advance(seconds=10)
    return stage.call(operation, StreamName=STREAM, **KMS)


def _switch_encryption(stage: Stage) -> None:
    stage.client.start_stream_encryption(StreamName=STREAM, **KMS)
    stage.sim.advance(seconds=10)
    _stop(stage)


def _stop(stage: Stage) -> None:
    stage.client.stop_stream_encryption(StreamName=STREAM, **KMS)
    stage.sim.advance(seconds=10)


@raises(BOOK, "LimitExceededException", "UpdateStreamMode")
def a_third_switch_of_mode(stage: Stage, operation: str) -> object:
    """A stream's mode can be switched twice in 24 hours."""
    arn = stage.stream()
    for mode in (ON_DEMAND, PROVISIONED):
        stage.client.update_stream_mode(StreamARN=arn, StreamModeDetails=mode)
        stage.sim.advance(minutes=1)
    return stage.call(operation, StreamARN=arn, StreamModeDetails=ON_DEMAND)


@raises(BOOK, "LimitExceededException", "UpdateStreamWarmThroughput")
def warmer_than_allowed(stage: Stage, operation: str) -> object:
    """Warm throughput has a ceiling of 10 GiB/s."""
    _commit(stage)
    stage.on_demand_stream()
    return stage.call(operation, StreamName=STREAM, WarmThroughputMiBps=10_241)


@raises(BOOK, "LimitExceededException", "PutResourcePolicy")
def a_policy_too_long(stage: Stage, operation: str) -> object:
    """A policy has a largest size."""
    return stage.call(operation, ResourceARN=stage.stream(), Policy=" " * 20_481)


# --- what does not go together -------------------------------------------------------------------


@raises(BOOK, "InvalidArgumentException", "CreateStream")
def automatic_distribution_without_on_demand(stage: Stage, operation: str) -> object:
    """Only on-demand streams can choose the shard for the producer."""
    return stage.call(operation, StreamName=STREAM, RecordDistributionStrategy="AUTO")


@raises(BOOK, "InvalidArgumentException", "UpdateStreamRecordDistributionStrategy")
def automatic_distribution_of_a_provisioned_stream(stage: Stage, operation: str) -> object:
    """Only on-demand streams can choose the shard for the producer."""
    return stage.call(operation, StreamARN=stage.stream(), RecordDistributionStrategy="AUTO")


@raises(BOOK, "InvalidArgumentException", "RegisterStreamConsumer", "TagResource")
def a_tag_with_a_semicolon(stage: Stage, operation: str) -> object:
    """Tags have letters, digits, white space and a few marks."""
    member = "StreamARN" if stage.takes(operation, "StreamARN") else "ResourceARN"
    return stage.call(operation, **{member: stage.stream()}, Tags={"equipe;nome": "dados"})


@raises(BOOK, "ResourceInUseException", "PutResourcePolicy")
def a_policy_of_a_consumer_still_creating(stage: Stage, operation: str) -> object:
    """A consumer takes a policy once it is ACTIVE."""
    arn = stage.client.register_stream_consumer(StreamARN=stage.stream(), ConsumerName="leitor")
    return stage.call(operation, ResourceARN=arn["Consumer"]["ConsumerARN"], Policy="{}")


@raises(BOOK, "InvalidArgumentException", "PutResourcePolicy")
def a_policy_that_is_no_json(stage: Stage, operation: str) -> object:
    """A policy is a JSON document."""
    return stage.call(operation, ResourceARN=stage.stream(), Policy="allow everything")


@raises(BOOK, "InvalidArgumentException", "UpdateAccountSettings")
def a_commitment_still_needed(stage: Stage, operation: str) -> object:
    """The commitment stays while a stream has warm throughput."""
    _commit(stage)
    stage.on_demand_stream()
    stage.client.update_stream_warm_throughput(StreamName=STREAM, WarmThroughputMiBps=100)
    stage.sim.advance(days=2)
    return stage.call(operation, MinimumThroughputBillingCommitment={"Status": "DISABLED"})


@raises(BOOK, "ValidationException", "MergeShards", "SplitShard", "UpdateShardCount")
def resharding_an_on_demand_stream(stage: Stage, operation: str) -> object:
    """Who pays on demand leaves the number of shards to AWS."""
    stage.on_demand_stream()
    return stage.call(operation, StreamName=STREAM, **stage.shards(operation))


@raises(BOOK, "ValidationException", "UpdateStreamWarmThroughput")
def warm_throughput_of_a_provisioned_stream(stage: Stage, operation: str) -> object:
    """Only on-demand streams have warm throughput."""
    stage.stream()
    return stage.call(operation, StreamName=STREAM)


def _commit(stage: Stage) -> None:
    stage.client.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
