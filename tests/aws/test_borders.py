"""What one account has moto send to an ARN of another's arrives nowhere, whoever sends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.bridges.borders import is_foreign
from tests.alarm import ALARM

SENDER, OWNER = "671000000001", "672000000002"
PATTERN = json.dumps({"source": ["x"]})
Send = Callable[["World"], object]


class World:
    """Two accounts; the owner has what the sender names, and the sender a queue of that name."""

    def __init__(self) -> None:
        self.sender, self.owner = (
            Simulator(account=account, latency=None, delays="instant")
            for account in (SENDER, OWNER)
        )
        for sim in (self.sender, self.owner):
            for queue in sim.client("sqs").list_queues().get("QueueUrls", ()):
                sim.client("sqs").delete_queue(QueueUrl=queue)
            sim.client("sqs").create_queue(QueueName="q")
            sim.client("sns").create_topic(Name="t")
            sim.client("events").create_event_bus(Name=self._fresh(sim, "bus"))
        self.owner.client("sns").subscribe(
            TopicArn=self.arn("sns", "t"), Protocol="sqs", Endpoint=self.arn("sqs", "q")
        )
        events = self.owner.client("events")
        events.put_rule(Name="r", EventBusName="bus", EventPattern=PATTERN)
        target = {"Id": "1", "Arn": self.arn("sqs", "q")}
        events.put_targets(Rule="r", EventBusName="bus", Targets=[target])

    @staticmethod
    def _fresh(sim: Simulator, bus: str) -> str:
        events = sim.client("events")
        for row in events.list_event_buses(NamePrefix=bus)["EventBuses"]:
            for rule in events.list_rules(EventBusName=row["Name"])["Rules"]:
                events.remove_targets(Rule=rule["Name"], EventBusName=row["Name"], Ids=["1"])
                events.delete_rule(Name=rule["Name"], EventBusName=row["Name"])
            events.delete_event_bus(Name=row["Name"])
        return bus

    def arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:us-east-1:{OWNER}:{name}"

    def client(self, service: str) -> Any:
        return self.sender.client(service)

    def heard(self) -> list[str]:
        """What came into either queue."""
        found = list[str]()
        for sim in (self.owner, self.sender):
            sqs = sim.client("sqs")
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            rows = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            found += [row["Body"] for row in rows]
        return found


def _target(at: World, arn: str) -> None:
    events = at.client("events")
    events.put_rule(Name="r", EventPattern=PATTERN)
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(Entries=[{"Source": "x", "DetailType": "d", "Detail": "{}"}])


def _subscription(at: World) -> None:
    sns = at.client("sns")
    topic = sns.create_topic(Name="mine")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=at.arn("sqs", "q"))
    sns.publish(TopicArn=topic, Message="x")


def _notification(at: World, kind: str, member: str, arn: str) -> None:
    s3, bucket = at.client("s3"), {"Bucket": "fronteira-671"}
    s3.create_bucket(**bucket)
    try:
        told = {kind: [{member: arn, "Events": ["s3:ObjectCreated:*"]}]}
        with pytest.raises(ClientError, match="Unable to validate the following destination"):
            s3.put_bucket_notification_configuration(**bucket, NotificationConfiguration=told)
        s3.put_object(**bucket, Key="k", Body=b"x")
        s3.delete_object(**bucket, Key="k")
    finally:
        s3.delete_bucket(**bucket)


def _alarm(at: World) -> None:
    watch = at.client("cloudwatch")
    watch.put_metric_alarm(**ALARM, AlarmActions=[at.arn("sns", "t")])
    watch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": 5}])
    at.sender.advance(minutes=3)
    assert watch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"


def _log(at: World) -> None:
    owned, logs = at.owner.client("logs"), at.client("logs")
    for client, group in ((owned, "theirs"), (logs, "ours")):
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="s")
    try:
        with pytest.raises(ClientError, match="it is of another account"):
            logs.put_subscription_filter(
                logGroupName="ours",
                filterName="f",
                filterPattern="",
                destinationArn=at.arn("logs", "log-group:theirs:*"),
            )
        row = {"timestamp": 1_767_225_600_000, "message": "m"}
        logs.put_log_events(logGroupName="ours", logStreamName="s", logEvents=[row])
        assert owned.get_log_events(logGroupName="theirs", logStreamName="s")["events"] == []
    finally:
        owned.delete_log_group(logGroupName="theirs")
        logs.delete_log_group(logGroupName="ours")


WAYS: dict[str, Send] = {
    "a subscription": _subscription,
    "a rule to a queue": lambda at: _target(at, at.arn("sqs", "q")),
    "a rule to a bus": lambda at: _target(at, at.arn("events", "event-bus/bus")),
    "a rule to a topic": lambda at: _target(at, at.arn("sns", "t")),
    "a bucket to a topic": lambda at: _notification(
        at, "TopicConfigurations", "TopicArn", at.arn("sns", "t")
    ),
    "a bucket to a queue": lambda at: _notification(
        at, "QueueConfigurations", "QueueArn", at.arn("sqs", "q")
    ),
    "a bucket to a function": lambda at: _notification(
        at, "LambdaFunctionConfigurations", "LambdaFunctionArn", at.arn("lambda", "function:f")
    ),
    "an alarm": _alarm,
    "a log group": _log,
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_arrives_in_another_account(way: str) -> None:
    world = World()
    WAYS[way](world)
    assert world.heard() == []


def test_within_an_account_it_arrives() -> None:
    world = World()
    world.owner.client("sns").publish(TopicArn=world.arn("sns", "t"), Message="own")
    (body,) = world.heard()
    assert json.loads(body)["Message"] == "own"


def test_contacts_of_an_account_are_its_own() -> None:
    world = World()
    with pytest.raises(ClientError, match="is not authorized to do this for account"):
        world.client("account").put_alternate_contact(
            AccountId=OWNER,
            AlternateContactType="BILLING",
            EmailAddress="x@example.com",
            Name="n",
            PhoneNumber="+1",
            Title="t",
        )


@pytest.mark.parametrize(
    ("arn", "foreign"),
    [
        (f"arn:aws:sqs:us-east-1:{OWNER}:q", True),
        (f"arn:aws-us-gov:sqs:us-gov-west-1:{OWNER}:q", True),
        (f"arn:aws:sqs:us-east-1:{SENDER}:q", False),
        ("arn:aws:s3:::bucket", False),
        ("https://example.com", False),
        (None, False),
    ],
)
def test_an_arn_says_whose_it_is(arn: str | None, foreign: bool) -> None:
    assert is_foreign(arn, SENDER) is foreign
