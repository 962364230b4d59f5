"""Several accounts behind one server: an access key of twelve digits is the number of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator, UsageError
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import instant
from tests.effort import examples

OWN, OTHER = "410987654331", "410987654332"
ABROAD = "sa-east-1"
SECRET = b"only the owner reads this"
ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
NUMBERS = count(1)


class Callers:
    """Clients of a server by the access key that they sign with."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self.server, self._stack = server, stack
        self._made: dict[tuple[str, str, str], Any] = {}

    def __call__(
        self, key: str, service: str = "kinesis", region: str = "us-east-1", secret: str = "x"
    ) -> Any:
        named = key, service, region
        if named not in self._made:
            made = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.server.endpoint_url,
                config=ONCE,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
            )
            self._made[named] = made
            self._stack.callback(made.close)
        return self._made[named]


@pytest.fixture
def sim() -> Simulator:
    return instant(account=OWN, limits="off")


@pytest.fixture
def callers(sim: Simulator) -> Iterator[Callers]:
    with ExitStack() as stack:
        yield Callers(stack.enter_context(start(sim)), stack)


def names(kinesis: Any) -> list[str]:
    return list(kinesis.list_streams()["StreamNames"])


def test_a_key_of_twelve_digits_names_its_account(callers: Callers) -> None:
    callers(OTHER).create_stream(StreamName="s", ShardCount=1)
    told = callers(OTHER).describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert told["StreamARN"] == f"arn:aws:kinesis:us-east-1:{OTHER}:stream/s"
    for key in ("AKIDEXAMPLE", "test", OWN, OTHER[:-1], f"{OTHER}1", "AKIA" + OTHER):
        assert names(callers(key)) == [], key
        assert callers(key, "sts").get_caller_identity()["Account"] == OWN, key
    assert callers(OTHER, "sts").get_caller_identity()["Account"] == OTHER


def test_each_account_has_its_regions_and_all_share_the_clock(
    sim: Simulator, callers: Callers
) -> None:
    callers(OTHER, region=ABROAD).create_stream(StreamName="la", ShardCount=1)
    assert names(callers(OTHER)) == names(callers("k", region=ABROAD)) == []
    assert names(callers(OTHER, region=ABROAD)) == ["la"]
    assert [each.account for each in sim.accounts] == [OWN, OTHER]
    assert {each.clock for each in sim.accounts.all_regions()} == {sim.clock}
    url = f"{callers.server.endpoint_url}/_kinesis_lab/bill"
    sim.advance(hours=730)
    own, other = (httpx.get(url, params={"account": key}).json() for key in (OWN, OTHER))
    assert own["total"] == "0"
    assert {row["region"] for row in other["rows"]} == {ABROAD}
    assert httpx.get(url).json() == own
    refused = httpx.get(url, params={"account": "x"})
    assert refused.status_code == 400
    assert "twelve digits" in refused.json()["message"]


def test_a_key_that_iam_gave_is_its_accounts(callers: Callers) -> None:
    iam = callers(OTHER, "iam")
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"]
    callers(OTHER).create_stream(StreamName="s", ShardCount=1)
    assert names(callers(key)) == ["s"]
    assert callers(key, "sts").get_caller_identity()["Account"] == OTHER


def test_signatures_are_verified_in_the_keys_own_account() -> None:
    sim = instant(account="410987654333")
    with ExitStack() as stack:
        callers = Callers(stack.enter_context(start(sim, verify_signatures=True)), stack)
        with pytest.raises(ClientError, match="security token"):
            names(callers(OTHER))
        iam = callers(OTHER, "iam")
        iam.create_user(UserName="bia")
        made = iam.create_access_key(UserName="bia")["AccessKey"]
        key, secret = made["AccessKeyId"], made["SecretAccessKey"]
        callers(key, secret=secret).create_stream(StreamName="s", ShardCount=1)
        assert [len(each.streams.streams) for each in sim.accounts] == [0, 1]
        with pytest.raises(ClientError, match="signature we calculated"):
            names(callers(key, region=ABROAD, secret="wrong"))


def test_nobody_makes_accounts_without_end(sim: Simulator, callers: Callers) -> None:
    sim.accounts.most = 2
    for number in range(2):
        assert names(callers(f"90000000000{number}")) == []
    for service, ask in (("kinesis", "list_streams"), ("s3", "list_buckets")):
        with pytest.raises(ClientError, match="one more than the 2") as refused:
            getattr(callers("900000000009", service), ask)()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert names(callers("900000000001")) == []
    sim.accounts.most = 0
    callers("AKIDEXAMPLE").create_stream(StreamName="s", ShardCount=1)
    assert names(callers("900000000001")) == ["s"]


def test_a_server_keeps_sixteen_accounts_besides_its_own() -> None:
    accounts = Simulator(account=OWN).accounts
    for number in range(16):
        accounts.of(f"{number:012}")
    with pytest.raises(UsageError, match="one more than the 16"):
        accounts.of(OTHER)


def test_faults_are_one_accounts_in_one_region(sim: Simulator, callers: Callers) -> None:
    url = f"{callers.server.endpoint_url}/_kinesis_lab/faults"
    whose = {"account": OTHER, "region": ABROAD}
    planned = httpx.post(url, params=whose, json={"kind": "throttle", "target": "*"})
    assert planned.json()["id"] == "fault-1"
    assert httpx.get(url).json()["faults"] == []
    assert len(httpx.get(url, params=whose).json()["faults"]) == 1
    callers(OTHER).create_stream(StreamName="s", ShardCount=1)
    for region, fails in (("us-east-1", False), (ABROAD, True)):
        kinesis = callers(OTHER, region=region)
        if fails:
            kinesis.create_stream(StreamName="s", ShardCount=1)
            with pytest.raises(ClientError, match="Rate exceeded"):
                kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")
        else:
            kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")


# --- what one account does is nothing to another, over HTTP ------------------------------------

STEPS = st.lists(st.integers(0, 17), min_size=1, max_size=8)


def _stranger(callers: Callers, key: str, owner: dict[str, str]) -> list[Any]:
    """Everything that a stranger may try by the names and ARNs of the owner's."""
    kinesis, s3 = callers(key), callers(key, "s3")
    stream, bucket = {"StreamARN": owner["stream"]}, {"Bucket": owner["bucket"]}
    role = f"arn:aws:iam::{key}:role/r"
    return [
        lambda: kinesis.describe_stream(**stream),
        lambda: kinesis.put_record(**stream, PartitionKey="k", Data=b"x"),
        lambda: kinesis.get_records(ShardIterator=owner["iterator"]),
        lambda: kinesis.delete_stream(**stream),
        lambda: kinesis.register_stream_consumer(**stream, ConsumerName="c"),
        lambda: kinesis.list_shards(**stream),
        lambda: s3.get_object(**bucket, Key="k")["Body"].read(),
        lambda: s3.list_objects_v2(**bucket),
        lambda: s3.put_object(**bucket, Key="k", Body=b"x"),
        lambda: s3.delete_object(**bucket, Key="k"),
        lambda: s3.delete_bucket(**bucket),
        lambda: s3.create_bucket(**bucket),
        lambda: callers(key, "sns").publish(TopicArn=owner["topic"], Message="x"),
        lambda: callers(key, "sqs").send_message(QueueUrl=owner["queue"], MessageBody="x"),
        lambda: callers(key, "cloudwatch").delete_alarms(AlarmNames=["a"]),
        lambda: callers(key, "cloudwatch").describe_alarms()["MetricAlarms"],
        lambda: callers(key, "firehose").create_delivery_stream(
            DeliveryStreamName="d",
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={
                "KinesisStreamARN": owner["stream"],
                "RoleARN": role,
            },
            ExtendedS3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": f"arn:aws:s3:::{owner['bucket']}",
            },
        ),
        lambda: callers(key, "lambda").create_event_source_mapping(
            EventSourceArn=owner["stream"], FunctionName="f", StartingPosition="TRIM_HORIZON"
        ),
    ]


def _owned(callers: Callers, key: str, bucket: str) -> dict[str, str]:
    kinesis, s3 = callers(key), callers(key, "s3")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=SECRET)
    shard = {"StreamName": "s", "ShardId": "shardId-000000000000"}
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=SECRET)
    callers(key, "cloudwatch").put_metric_alarm(
        AlarmName="a",
        Namespace="AWS/Kinesis",
        MetricName="IncomingRecords",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1e9,
        ComparisonOperator="GreaterThanThreshold",
    )
    return {
        "bucket": bucket,
        "stream": f"arn:aws:kinesis:us-east-1:{key}:stream/s",
        "iterator": kinesis.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ],
        "topic": callers(key, "sns").create_topic(Name="t")["TopicArn"],
        "queue": callers(key, "sqs").create_queue(QueueName="q")["QueueUrl"],
    }


def _state(callers: Callers, sim: Simulator, key: str, owner: dict[str, str]) -> str:
    """All that an owner sees, measures and pays."""
    account = sim.accounts.of(key)
    queue = callers(key, "sqs").get_queue_attributes(
        QueueUrl=owner["queue"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    rows = [
        list(account.events),
        [line.row() for line in account.bill().rows],
        account.metrics(None).to_csv(),
        account.buckets.read(owner["bucket"], "k").decode(),
        account.buckets.keys(owner["bucket"]),
        queue["Attributes"],
        [
            alarm["AlarmName"]
            for alarm in callers(key, "cloudwatch").describe_alarms()["MetricAlarms"]
        ],
    ]
    return json.dumps(rows, default=str)


@given(STEPS)
@settings(max_examples=examples(3))
def test_an_account_sees_changes_and_pays_nothing_of_anothers(steps: list[int]) -> None:
    _try_all(steps)


def test_everything_is_tried_once() -> None:
    _try_all(list(range(18)))


def _tried(attempt: Any) -> tuple[int, str]:
    """The status of an answer, and all that it says."""
    try:
        return 200, repr(attempt())
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], str(error)


def _try_all(steps: list[int]) -> None:
    number = next(NUMBERS)
    owner, stranger = f"{610_000_000_000 + number}", f"{620_000_000_000 + number}"
    sim = instant(account=f"{630_000_000_000 + number}")
    with ExitStack() as stack:
        callers = Callers(stack.enter_context(start(sim)), stack)
        owned = _owned(callers, owner, f"bau-das-contas-{number}")
        before = _state(callers, sim, owner, owned)
        attempts = _stranger(callers, stranger, owned)
        for step in steps:
            status, said = _tried(attempts[step])
            assert status < 500, step
            assert SECRET.decode() not in said, step
        assert _state(callers, sim, owner, owned) == before


@pytest.mark.parametrize("is_used", [True, False], ids=["used", "never used"])
def test_the_keys_of_an_assumed_role_are_of_its_account(callers: Callers, is_used: bool) -> None:
    account = f"41098765434{int(is_used)}"
    if is_used:
        callers(account).create_stream(StreamName="theirs", ShardCount=1)
    callers(OWN).create_stream(StreamName="ours", ShardCount=1)
    role = f"arn:aws:iam::{account}:role/reader"
    keys = callers(OWN, "sts").assume_role(RoleArn=role, RoleSessionName="reads")["Credentials"]
    key = keys["AccessKeyId"]
    assert names(callers(key)) == (["theirs"] if is_used else [])
    told = callers(key, "sts", secret=keys["SecretAccessKey"]).get_caller_identity()
    assert told["Arn"] == f"arn:aws:sts::{account}:assumed-role/reader/reads"
    assert names(callers(f"ASIA{key[4:][::-1]}")) == ["ours"], "a key that nobody gave"


def test_in_process_the_keys_of_an_assumed_role_are_of_its_account_too() -> None:
    sim, account = instant(account="410987654361"), "410987654362"
    sim.client("kinesis").create_stream(StreamName="ours", ShardCount=1)
    role = f"arn:aws:iam::{account}:role/reader"
    told = sim.client("sts").assume_role(RoleArn=role, RoleSessionName="reads")["Credentials"]
    keys = {
        "aws_access_key_id": told["AccessKeyId"],
        "aws_secret_access_key": told["SecretAccessKey"],
        "aws_session_token": told["SessionToken"],
    }
    for region in (None, "eu-west-1"):
        theirs = sim.client("kinesis", region_name=region, **keys)
        assert names(theirs) == []
        theirs.create_stream(StreamName="theirs", ShardCount=1)
        [arn] = [row["StreamARN"] for row in theirs.list_streams()["StreamSummaries"]]
        assert arn == f"arn:aws:kinesis:{region or 'us-east-1'}:{account}:stream/theirs"
        who = sim.client("sts", region_name=region, **keys).get_caller_identity()["Arn"]
        assert who == f"arn:aws:sts::{account}:assumed-role/reader/reads"
        firehose = sim.client("firehose", region_name=region, **keys)
        assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []
    assert names(sim.client("kinesis")) == ["ours"]
    named = sim.client("kinesis", aws_access_key_id=account, aws_secret_access_key="any")
    assert names(named) == ["theirs"]
    back = sim.accounts.of(account).client(
        "kinesis", **(keys | {"aws_access_key_id": "AKIDNOBODYS"})
    )
    assert names(back) == ["theirs"], "a key that nobody gave means the client's own account"
    sim.advance(hours=1)
    assert sim.accounts.of(account).bill().total > 0
    assert len(sim.bill().rows) == 1


def test_a_role_of_one_account_too_many_is_refused() -> None:
    sim = instant(
        account=OWN,
        limits="off",
    )
    sim.accounts.most = 1
    with ExitStack() as stack:
        callers = Callers(stack.enter_context(start(sim)), stack)
        callers(OTHER).create_stream(StreamName="s", ShardCount=1)
        role = "arn:aws:iam::410987654349:role/reader"
        keys = callers(OWN, "sts").assume_role(RoleArn=role, RoleSessionName="reads")["Credentials"]
        with pytest.raises(ClientError, match="one more than the 1 that this server keeps"):
            callers(keys["AccessKeyId"]).list_streams()
