"""An account never sees, reads, bills or slows another's: what one does changes nothing for the
other, to the byte, whatever it asks for and however it names it."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.streams.events import RecordsRead
from tests.alarm import ALARM
from tests.effort import examples

NUMBERS = count(1)
SECRET = b"only the owner reads this"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("describe stream", "put", "read", "delete stream", "subscribe", "policy"),
                *("get object", "list objects", "put object", "delete object", "delete bucket"),
                *("create bucket", "deliver", "publish", "topic", "queue", "table", "firehose"),
                *("map", "invoke", "alarms", "fault", "experiment", "advance", "token"),
            ]
        ),
        st.integers(1, 50),
    ),
    min_size=1,
    max_size=15,
)


class Owner:
    """One account with a little of everything."""

    def __init__(self, account: str, name: str) -> None:
        self.sim = sim = Simulator(account=account, latency=None, delays="instant", seed=1)
        self.name = name
        self.kinesis, self.s3 = sim.client("kinesis"), sim.client("s3")
        self.kinesis.create_stream(StreamName="s", ShardCount=1)
        self.kinesis.put_record(StreamName="s", PartitionKey="k", Data=SECRET)
        shard = {"StreamName": "s", "ShardId": "shardId-000000000000"}
        told = self.kinesis.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")
        self.iterator = told["ShardIterator"]
        self.stream = sim.streams["s"].arn
        self.s3.create_bucket(Bucket=name)
        self.s3.put_object(Bucket=name, Key="k", Body=SECRET)
        self.topic = sim.client("sns").create_topic(Name="t")["TopicArn"]
        self.queue = sim.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        self.function = sim.functions.register("f", lambda event: SECRET.decode())
        sim.client("cloudwatch").put_metric_alarm(**ALARM)

    def state(self) -> str:
        """All that the owner sees, events and bill included."""
        sim = self.sim
        rows = [
            sim.now.isoformat(),
            repr(sim.bill()),
            [repr(event) for event in sim.events if not isinstance(event, RecordsRead)],
            self.kinesis.get_records(ShardIterator=self.iterator)["Records"],
            self.s3.list_objects_v2(Bucket=self.name)["Contents"],
            self.s3.get_object(Bucket=self.name, Key="k")["Body"].read(),
            [row["Name"] for row in self.s3.list_buckets()["Buckets"]],
            sim.client("sqs").receive_message(QueueUrl=self.queue).get("Messages", []),
            len(sim.faults),
        ]
        return json.dumps(rows, default=str)


class Stranger:
    """Another account of the process, that tries everything by name and ARN of the owner's."""

    def __init__(self, account: str, owner: Owner) -> None:
        self.sim = Simulator(account=account, latency=None, delays="instant", seed=1)
        self.owner, self.refused = owner, 0
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, operation: str, **request: Any) -> str:
        if service not in self._clients:
            self._clients[service] = self.sim.client(service)
        try:
            answer = getattr(self._clients[service], operation)(**request)
        except ClientError as error:
            self.refused += 1
            return str(error)
        body = answer.get("Body") or answer.get("Payload")
        return repr(answer) + (repr(body.read()) if body is not None else "")

    def step(self, what: str, value: int) -> str:
        """Try something; what was answered."""
        owner, stream, sim = self.owner, self.owner.stream, self.sim
        bucket = {"Bucket": owner.name}
        if what in _CALLS:
            return self.ask(*_CALLS[what], **_REQUESTS[what](owner))
        if what == "deliver":
            try:
                sim.buckets.write(owner.name, f"x{value}", b"x")
            except Undelivered as error:
                return str(error)
            raise AssertionError("an object was delivered into another account's bucket")
        if what == "fault":
            sim.faults.add("throttle", "*", share=1)
            sim.faults.add("bucket-outage", "*")
            return ""
        if what == "advance":
            sim.advance(hours=value)
            return ""
        if what == "create bucket":
            said = self.ask("s3", "create_bucket", **bucket)
            assert "BucketAlreadyExists" in said
            return said
        return self.ask("fis", "create_experiment_template", **_experiment(stream))


_CALLS = {
    "describe stream": ("kinesis", "describe_stream"),
    "put": ("kinesis", "put_record"),
    "read": ("kinesis", "get_records"),
    "delete stream": ("kinesis", "delete_stream"),
    "subscribe": ("kinesis", "register_stream_consumer"),
    "policy": ("kinesis", "get_resource_policy"),
    "token": ("kinesis", "list_shards"),
    "get object": ("s3", "get_object"),
    "list objects": ("s3", "list_objects_v2"),
    "put object": ("s3", "put_object"),
    "delete object": ("s3", "delete_object"),
    "delete bucket": ("s3", "delete_bucket"),
    "publish": ("sns", "publish"),
    "topic": ("sns", "get_topic_attributes"),
    "queue": ("sqs", "send_message"),
    "table": ("dynamodb", "scan"),
    "firehose": ("firehose", "create_delivery_stream"),
    "map": ("lambda", "create_event_source_mapping"),
    "invoke": ("lambda", "invoke"),
    "alarms": ("cloudwatch", "describe_alarms"),
}
_REQUESTS: dict[str, Any] = {
    "describe stream": lambda o: {"StreamARN": o.stream},
    "put": lambda o: {"StreamARN": o.stream, "PartitionKey": "k", "Data": b"x"},
    "read": lambda o: {"ShardIterator": o.iterator},
    "delete stream": lambda o: {"StreamARN": o.stream},
    "subscribe": lambda o: {"StreamARN": o.stream, "ConsumerName": "c"},
    "policy": lambda o: {"ResourceARN": o.stream},
    "token": lambda o: {"StreamARN": o.stream},
    "get object": lambda o: {"Bucket": o.name, "Key": "k"},
    "list objects": lambda o: {"Bucket": o.name},
    "put object": lambda o: {"Bucket": o.name, "Key": "k", "Body": b"x"},
    "delete object": lambda o: {"Bucket": o.name, "Key": "k"},
    "delete bucket": lambda o: {"Bucket": o.name},
    "publish": lambda o: {"TopicArn": o.topic, "Message": "x"},
    "topic": lambda o: {"TopicArn": o.topic},
    "queue": lambda o: {"QueueUrl": o.queue, "MessageBody": "x"},
    "table": lambda o: {"TableName": "leases"},
    "firehose": lambda o: {
        "DeliveryStreamName": "d",
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {
            "KinesisStreamARN": o.stream,
            "RoleARN": f"arn:aws:iam::66{o.sim.account[2:]}:role/r",
        },
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": f"arn:aws:iam::66{o.sim.account[2:]}:role/r",
            "BucketARN": f"arn:aws:s3:::{o.name}",
        },
    },
    "map": lambda o: {
        "EventSourceArn": o.stream,
        "FunctionName": o.function,
        "StartingPosition": "TRIM_HORIZON",
    },
    "invoke": lambda o: {"FunctionName": o.function},
    "alarms": lambda o: {},
}


def _experiment(stream: str) -> dict[str, Any]:
    action = "aws:kinesis:stream-provisioned-throughput-exception"
    parameters = {"duration": "PT5M", "percentage": "100"}
    return {
        "description": "x",
        "stopConditions": [{"source": "none"}],
        "roleArn": "arn:aws:iam::111111111111:role/r",
        "targets": {
            "t": {
                "resourceType": "aws:kinesis:stream",
                "resourceArns": [stream],
                "selectionMode": "ALL",
            }
        },
        "actions": {
            "a": {"actionId": action, "parameters": parameters, "targets": {"Streams": "t"}}
        },
    }


def owner_and_stranger() -> tuple[Owner, Stranger]:
    number = next(NUMBERS)
    owner = Owner(f"{650_000_000_000 + number:012d}", f"cofre-{number}")
    return owner, Stranger(f"{660_000_000_000 + number:012d}", owner)


@given(STEPS)
@settings(max_examples=examples(5))
def test_what_one_account_does_is_nothing_to_another(steps: list[tuple[str, int]]) -> None:
    owner, stranger = owner_and_stranger()
    before = owner.state()
    for what, value in steps:
        said = stranger.step(what, value)
        assert SECRET.decode() not in said, what
    assert owner.state() == before


def test_everything_is_tried_once() -> None:
    owner, stranger = owner_and_stranger()
    before = owner.state()
    for what in (*_CALLS, "deliver", "create bucket", "experiment", "fault", "advance", *_CALLS):
        assert SECRET.decode() not in stranger.step(what, 30), what
    assert stranger.refused > 30
    assert owner.state() == before
