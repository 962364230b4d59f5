"""The same 200 odd calls for any backend of a boto3 client, and its answers made comparable.

Run as a module it plays the script against moto, in a process of its own, and prints the answers:
``python -m tests.peers.script``. What differs by nature (ids, numbers, tokens, times) is replaced
by its kind; where it appears stays.
"""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, datetime
from typing import Any

HALF, QUARTER, TOP = 1 << 127, 1 << 126, (1 << 128) - 1
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream"
PAST, FUTURE = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
ON_DEMAND, PROVISIONED = {"StreamMode": "ON_DEMAND"}, {"StreamMode": "PROVISIONED"}
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",' + (
    f'"Action":"kinesis:GetRecords","Resource":"{ARN}/n"}}]}}'
)


def shard(index: int) -> str:
    return f"shardId-{index:012d}"


class Play:
    """Asks a client and keeps what it said."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.answers: list[tuple[str, Any]] = []

    def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call of the script; whatever it ends with is an answer."""
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(**params)
        except Exception as error:
            answer = getattr(error, "response", None) or {"Error": {"Code": type(error).__name__}}
        answer = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        answer.pop("message", None)
        number = len(self.answers) + 1
        self.answers.append((f"{number:03} {operation}", comparable(answer)))
        return answer

    def token(self, stream: str, index: int, kind: str, **options: Any) -> str:
        """GetShardIterator, and its token or something that is none."""
        place = {"ShardId": shard(index), "ShardIteratorType": kind, **options}
        return str(
            self.ask("get_shard_iterator", StreamName=stream, **place).get("ShardIterator", "-")
        )

    def read(self, stream: str, index: int, kind: str = "TRIM_HORIZON", **options: Any) -> str:
        """GetShardIterator, GetRecords; the next iterator."""
        answer = self.ask("get_records", ShardIterator=self.token(stream, index, kind, **options))
        return str(answer.get("NextShardIterator", "-"))

    def put(self, stream: str, data: str, key: str = "k", **options: Any) -> str:
        """PutRecord; the record's sequence number."""
        entry = {"PartitionKey": key, "Data": data.encode(), **options}
        return str(self.ask("put_record", StreamName=stream, **entry).get("SequenceNumber", "0"))


def play(client: Any) -> list[tuple[str, Any]]:
    """The whole script; each call's name with its comparable answer."""
    this = Play(client)
    for part in (
        streams,
        records,
        iterators,
        reshards,
        settings,
        consumers,
        labels,
        endings,
        oddities,
    ):
        part(this)
    return this.answers


def streams(this: Play) -> None:
    ask = this.ask
    ask("describe_limits")
    ask("list_streams")
    ask("create_stream", StreamName="a", ShardCount=3, Tags={"x": "1"})
    ask("create_stream", StreamName="a", ShardCount=3)
    ask("create_stream", StreamName="b", ShardCount=1)
    ask("create_stream", StreamName="d", StreamModeDetails=ON_DEMAND)
    ask("create_stream", StreamName="n", ShardCount=1)
    ask("create_stream", StreamName="p", StreamModeDetails=PROVISIONED, ShardCount=2)
    for name in "abdnp":
        ask("describe_stream_summary", StreamName=name)
    ask("describe_stream", StreamName="a")
    ask("describe_stream", StreamName="a", Limit=1)
    ask("describe_stream", StreamName="a", Limit=1, ExclusiveStartShardId=shard(0))
    ask("describe_stream", StreamARN=f"{ARN}/a")
    ask("describe_stream", StreamName="nobody")
    ask("describe_stream_summary", StreamARN=f"{ARN}/nobody")
    ask("describe_stream_summary")
    ask("list_streams")
    page = ask("list_streams", Limit=2)
    ask("list_streams", NextToken=page.get("NextToken", "-"))
    ask("list_streams", ExclusiveStartStreamName="b")
    ask("list_streams", NextToken="no token")
    ask("describe_limits")
    ask("describe_account_settings")


def records(this: Play) -> None:
    ask, put = this.ask, this.put
    for key in "abef":
        put("a", key, key)
    put("a", "low", ExplicitHashKey="0")
    put("a", "high", ExplicitHashKey=str(TOP - 1))
    put("a", "too high", ExplicitHashKey=str(TOP + 1))
    put("nobody", "x")
    number = put("b", "one")
    put("b", "two", SequenceNumberForOrdering=number)
    put("b", "")
    put("b", "x" * ((1 << 20) - 1))
    ask("put_record", StreamARN=f"{ARN}/b", PartitionKey="k", Data=b"by ARN")
    ask("put_record", StreamName="b", PartitionKey="k" * 256, Data=b"long key")
    ask("put_record", StreamName="b", PartitionKey="k" * 257, Data=b"too long a key")
    ask("put_record", StreamName="b", Data=b"no key")
    entries = [{"Data": str(n).encode(), "PartitionKey": str(n)} for n in range(500)]
    ask("put_records", StreamName="a", Records=entries[:10])
    ask("put_records", StreamName="a", Records=entries[:1], StreamARN=f"{ARN}/a")
    ask("put_records", StreamName="a", Records=[*entries, entries[0]])
    ask("put_records", StreamName="nobody", Records=entries[:1])
    ask("put_records", StreamName="a", Records=[{**entries[0], "ExplicitHashKey": str(TOP + 1)}])
    big = {"Data": bytes(1 << 20), "PartitionKey": "k"}
    ask("put_records", StreamName="p", Records=[{**big, "Data": bytes(900_000)}] * 5)
    ask("put_records", StreamName="p", Records=[big])
    ask("put_records", StreamName="p", Records=[{**big, "Data": bytes(900_000)}] * 12)


def iterators(this: Play) -> None:
    ask, read = this.ask, this.read
    for index in range(3):
        read("a", index)
    read("a", 0, "LATEST")
    answer = ask("get_records", ShardIterator=this.token("b", 0, "TRIM_HORIZON"), Limit=1)
    following = str(answer.get("NextShardIterator", "-"))
    ask("get_records", ShardIterator=following, Limit=1)
    number = answer.get("Records", [{}])[0].get("SequenceNumber", "0")
    read("b", 0, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)
    read("b", 0, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number)
    read("b", 0, "AT_TIMESTAMP", Timestamp=PAST)
    this.token("b", 0, "AT_TIMESTAMP", Timestamp=FUTURE)
    this.token("b", 0, "AT_TIMESTAMP")
    this.token("b", 0, "AT_SEQUENCE_NUMBER")
    this.token("b", 0, "LATEST", StartingSequenceNumber=number)
    this.token("b", 0, "AT_SEQUENCE_NUMBER", StartingSequenceNumber="7")
    this.token("a", 1, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)
    this.token("b", 9, "LATEST")
    this.token("nobody", 0, "LATEST")
    ask("get_shard_iterator", StreamName="b", ShardId="first", ShardIteratorType="LATEST")
    ask("get_shard_iterator", StreamName="b", ShardId="0", ShardIteratorType="LATEST")
    ask("get_shard_iterator", StreamName="b", ShardId=shard(0), ShardIteratorType="NEWEST")
    ask("get_records", ShardIterator="no iterator")
    ask("get_records", ShardIterator=following, Limit=10_001)
    ask("get_records", ShardIterator=following, DryRun=True)


def reshards(this: Play) -> None:
    ask = this.ask
    p = {"StreamName": "p"}
    open_token = this.token("p", 0, "TRIM_HORIZON")
    for key in (0, QUARTER, HALF, TOP):
        ask("split_shard", **p, ShardToSplit=shard(0), NewStartingHashKey=str(key))
    ask("split_shard", **p, ShardToSplit=shard(0), NewStartingHashKey=str(QUARTER))
    ask("split_shard", **p, ShardToSplit=shard(9), NewStartingHashKey=str(QUARTER))
    ask("split_shard", StreamName="nobody", ShardToSplit=shard(0), NewStartingHashKey="5")
    ask("list_shards", **p)
    ask("get_records", ShardIterator=open_token, Limit=1)
    closed = this.token("p", 0, "LATEST")
    ask("get_records", ShardIterator=closed)
    for low, high in ((2, 1), (1, 2), (3, 1), (9, 1), (3, 3)):
        ask("merge_shards", **p, ShardToMerge=shard(low), AdjacentShardToMerge=shard(high))
    ask("list_shards", **p)
    ask("list_shards", **p, ExclusiveStartShardId=shard(1))
    page = ask("list_shards", **p, MaxResults=2)
    ask("list_shards", NextToken=page.get("NextToken", "-"))
    ask("list_shards", **p, NextToken=page.get("NextToken", "-"))
    ask("list_shards", NextToken="no token")
    for kind in ("AT_LATEST", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON"):
        ask("list_shards", **p, ShardFilter={"Type": kind})
    ask("list_shards", **p, ShardFilter={"Type": "AFTER_SHARD_ID", "ShardId": shard(2)})
    ask("list_shards", **p, ShardFilter={"Type": "FROM_TIMESTAMP", "Timestamp": PAST})
    ask("list_shards", **p, ShardFilter={"Type": "AT_TIMESTAMP"})
    ask("list_shards", StreamName="nobody")
    for stream, target in (("a", 6), ("a", 3), ("a", 4), ("a", 9), ("a", 1), ("d", 8), ("b", 2)):
        scaling = {"TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"}
        ask("update_shard_count", StreamName=stream, **scaling)
    for name in "ab":
        ask("list_shards", StreamName=name, ShardFilter={"Type": "AT_LATEST"})
        ask("describe_stream_summary", StreamName=name)


def settings(this: Play) -> None:
    ask = this.ask
    b = {"StreamName": "b"}
    for hours in (24, 48, 23, 8_760, 8_761, 72):
        ask("increase_stream_retention_period", **b, RetentionPeriodHours=hours)
    for hours in (72, 8_760, 20, 24):
        ask("decrease_stream_retention_period", **b, RetentionPeriodHours=hours)
    key = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    ask("stop_stream_encryption", **b, **key)
    ask("start_stream_encryption", **b, **{**key, "KeyId": "alias/not-there"})
    ask("start_stream_encryption", **b, **key)
    this.put("b", "secret")
    ask("put_records", **b, Records=[{"Data": b"secret", "PartitionKey": "k"}])
    this.read("b", 1)
    this.read("b", 2)
    ask("describe_stream_summary", **b)
    ask("stop_stream_encryption", **b, **key)
    some = ["OutgoingBytes", "IncomingBytes"]
    ask("enable_enhanced_monitoring", **b, ShardLevelMetrics=some)
    ask("enable_enhanced_monitoring", **b, ShardLevelMetrics=["ALL"])
    ask("disable_enhanced_monitoring", **b, ShardLevelMetrics=some)
    ask("disable_enhanced_monitoring", **b, ShardLevelMetrics=["ALL"])
    ask("update_stream_mode", StreamARN=f"{ARN}/b", StreamModeDetails=ON_DEMAND)
    ask("split_shard", **b, ShardToSplit=shard(1), NewStartingHashKey=str(QUARTER))
    ask("update_stream_mode", StreamARN=f"{ARN}/b", StreamModeDetails=PROVISIONED)
    ask("update_stream_mode", StreamARN=f"{ARN}/b", StreamModeDetails=ON_DEMAND)
    ask("update_max_record_size", StreamARN=f"{ARN}/b", MaxRecordSizeInKiB=2_048)
    ask("update_stream_warm_throughput", **b, WarmThroughputMiBps=5)


def consumers(this: Play) -> None:
    ask = this.ask
    c = {"StreamARN": f"{ARN}/a", "ConsumerName": "c"}
    ask("list_stream_consumers", StreamARN=f"{ARN}/a")
    made = ask("register_stream_consumer", **c).get("Consumer", {}).get("ConsumerARN", ARN)
    ask("register_stream_consumer", **c)
    ask("register_stream_consumer", **{**c, "ConsumerName": "tagged"}, Tags={"x": "1"})
    ask("register_stream_consumer", **{**c, "StreamARN": f"{ARN}/nobody"})
    ask("describe_stream_consumer", **c)
    ask("describe_stream_consumer", ConsumerARN=made)
    ask("describe_stream_consumer", **{**c, "ConsumerName": "nobody"})
    ask("list_stream_consumers", StreamARN=f"{ARN}/a")
    ask("list_stream_consumers", StreamARN=f"{ARN}/a", MaxResults=1)
    ask("describe_stream_summary", StreamName="a")
    ask("delete_stream", StreamName="a")
    ask("deregister_stream_consumer", **c)
    ask("deregister_stream_consumer", **{**c, "ConsumerName": "nobody"})
    ask("list_stream_consumers", StreamARN=f"{ARN}/a")


def labels(this: Play) -> None:
    ask = this.ask
    ask("list_tags_for_stream", StreamName="n")
    ask("add_tags_to_stream", StreamName="n", Tags={"b": "2", "a": "1"})
    ask("add_tags_to_stream", StreamName="n", Tags={"a": "3"})
    ask("list_tags_for_stream", StreamName="n")
    ask("list_tags_for_stream", StreamName="n", Limit=1)
    ask("list_tags_for_stream", StreamName="n", ExclusiveStartTagKey="a")
    ask("remove_tags_from_stream", StreamName="n", TagKeys=["a", "never"])
    ask("list_tags_for_resource", ResourceARN=f"{ARN}/n")
    ask("tag_resource", ResourceARN=f"{ARN}/n", Tags={"r": "1"})
    ask("untag_resource", ResourceARN=f"{ARN}/n", TagKeys=["b"])
    ask("list_tags_for_stream", StreamName="n")
    ask("add_tags_to_stream", StreamName="n", Tags={f"k{n}": "v" for n in range(60)})
    ask("add_tags_to_stream", StreamName="nobody", Tags={"a": "1"})
    ask("get_resource_policy", ResourceARN=f"{ARN}/n")
    ask("put_resource_policy", ResourceARN=f"{ARN}/n", Policy=POLICY)
    ask("get_resource_policy", ResourceARN=f"{ARN}/n")
    ask("put_resource_policy", ResourceARN=f"{ARN}/n", Policy="{")
    ask("delete_resource_policy", ResourceARN=f"{ARN}/n")
    ask("delete_resource_policy", ResourceARN=f"{ARN}/n")


def endings(this: Play) -> None:
    ask = this.ask
    token = this.token("n", 0, "TRIM_HORIZON")
    ask("delete_stream", StreamName="n")
    ask("delete_stream", StreamName="n")
    ask("get_records", ShardIterator=token)
    ask("create_stream", StreamName="n", ShardCount=1)
    ask("get_records", ShardIterator=token)
    ask("delete_stream", StreamName="a", EnforceConsumerDeletion=True)
    ask("list_streams")


def oddities(this: Play) -> None:
    """Calls after which the two no longer hold the same."""
    ask, put = this.ask, this.put
    ask("create_stream", StreamName="bare")
    ask("create_stream", StreamName="auto", ShardCount=1, RecordDistributionStrategy="AUTO")
    ask("create_stream", StreamName="no spaces", ShardCount=1)
    ask("create_stream", StreamName="large", ShardCount=100_001)
    put("n", "at the very top", ExplicitHashKey=str(TOP))
    put("n", "ordered after nothing", SequenceNumberForOrdering="1")
    put("n", "x" * ((1 << 20) + 1))
    ask("put_record", StreamName="n", PartitionKey="k", Data=b"dry", DryRun=True)
    ask("split_shard", StreamName="n", ShardToSplit=shard(0), NewStartingHashKey="1")
    ask("split_shard", StreamName="d", ShardToSplit=shard(0), NewStartingHashKey=str(QUARTER // 2))


# --- comparable -----------------------------------------------------------------------------------

_OPAQUE = {"SequenceNumber", "StartingSequenceNumber", "EndingSequenceNumber"}
_OPAQUE |= {"ShardIterator", "NextShardIterator", "NextToken", "RecordId"}


def comparable(value: Any, name: str = "") -> Any:
    """The answer with what differs by nature replaced by its kind."""
    if isinstance(value, dict):
        return {key: comparable(inside, key) for key, inside in value.items()}
    if name.endswith("ShardLevelMetrics"):
        return sorted(value)
    if isinstance(value, list):
        return [comparable(inside, name) for inside in value]
    if isinstance(value, datetime):
        return "<time>"
    if isinstance(value, bytes):
        return value.decode("latin-1") if len(value) < 100 else f"<{len(value)} bytes>"
    if name in _OPAQUE and value:
        return f"<{name}>"
    if name == "MillisBehindLatest":
        return "<behind>" if value else 0
    if isinstance(value, str):
        return re.sub(r"(/consumer/[^:]+:)\d+", r"\1<time>", value)
    return value


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """The places at which two comparable answers differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        return [
            place
            for name in names
            for place in differences(one.get(name), other.get(name), f"{path}.{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return [p for left, right in pairs for p in differences(left, right, f"{path}[]")]
    shown = re.sub(r"^\.((Delivery)?StreamDescription(Summary)?\.(Destinations\[\]\.)?)?", "", path)
    return [] if one == other else [shown]


def main() -> None:
    import boto3
    from moto import mock_aws

    os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
    with mock_aws():
        answers = play(boto3.client("kinesis", region_name="us-east-1"))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
