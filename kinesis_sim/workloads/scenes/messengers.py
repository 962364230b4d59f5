"""One event through SQS, SNS and EventBridge: what a reader gets who comes when one has read it."""

from __future__ import annotations

from typing import Any

from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator

EVENT = "unlocked"
LATE = "late-reader"


@typed
def from_queue(sim: Simulator) -> list[Any]:
    """A worker takes the message and deletes it, as SQS wants it; then another one asks."""
    sqs = sim.client("sqs")
    queue = sqs.create_queue(QueueName="pedala-work")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=EVENT)
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return list(sqs.receive_message(QueueUrl=queue).get("Messages", []))


@typed
def from_topic(sim: Simulator) -> list[Any]:
    """A standard SNS topic publishes; then somebody subscribes and looks."""
    sns = sim.client("sns")
    topic = sns.create_topic(Name="pedala-news")["TopicArn"]
    sns.publish(TopicArn=topic, Message=EVENT)
    url, arn = _late_queue(sim)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    found = sim.client("sqs").receive_message(QueueUrl=url).get("Messages", [])
    sns.delete_topic(TopicArn=topic)
    return list(found)


@typed
def from_bus(sim: Simulator) -> list[Any]:
    """An EventBridge bus without an archive gets an event; then somebody makes a rule and looks."""
    bus = sim.client("events")
    bus.put_events(Entries=[{"Source": "pedala", "DetailType": "unlock", "Detail": "{}"}])
    url, arn = _late_queue(sim)
    bus.put_rule(Name="late", EventPattern='{"source": ["pedala"]}')
    bus.put_targets(Rule="late", Targets=[{"Id": "1", "Arn": arn}])
    found = sim.client("sqs").receive_message(QueueUrl=url).get("Messages", [])
    bus.remove_targets(Rule="late", Ids=["1"])
    return list(found)


def _late_queue(sim: Simulator) -> tuple[str, str]:
    """URL and ARN of the queue of a reader who comes late."""
    url: str = sim.client("sqs").create_queue(QueueName=LATE)["QueueUrl"]
    return url, f"arn:aws:sqs:{sim.region}:{sim.account}:{LATE}"
