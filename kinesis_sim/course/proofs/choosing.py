"""Proofs about which service fits: the same events through each of them."""

from collections import Counter
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.read import read

STREAM = "pedala-orders"
EVENTS = [f"order {number}" for number in range(5)]
ACCOUNT = "444455556666"  # moto keeps one state per account: proofs have theirs to themselves


def three_applications() -> tuple[str, ...]:
    """K01: who gives every event, in order, to two readers now and to a third a week later?"""
    happened = {
        "topic": _topic()[2] == EVENTS,
        "queue": all(seen == EVENTS for seen in _queue()),
        "stream": all(seen == EVENTS for seen in _stream()),
        "bus": _bus() == EVENTS,
    }
    return tuple(option for option, true in happened.items() if true)


def ten_workers() -> tuple[str, ...]:
    """C01: who gives each job to one worker, and has it no more when it is done?

    Three do for ten.
    """
    worked = {"stream": _stream(), "topic": _topic()[:2], "queue": _queue()}
    shared = {
        option: Counter(job for seen in everyone for job in seen) == Counter(EVENTS)
        for option, everyone in worked.items()
    }
    return tuple(
        option for option, once in (shared | {"firehose": _hands_out("firehose")}).items() if once
    )


def _hands_out(service: str) -> bool:
    """Whether a service has an operation that gives a message to who asks for one."""
    operations = _simulator().client(service).meta.service_model.operation_names
    return any(name.startswith(("Get", "Receive")) for name in operations)


def _simulator() -> Simulator:
    return Simulator(account=ACCOUNT, delays="instant")


def _stream() -> list[list[str]]:
    sim = _simulator()
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=8760)
    for event in EVENTS:
        kinesis.put_record(StreamName=STREAM, PartitionKey="order", Data=event.encode())
    two = [_texts(read(sim, STREAM)) for _reader in range(2)]
    sim.advance(days=7)
    return [*two, _texts(read(sim, STREAM))]


def _texts(records: list[dict[str, Any]]) -> list[str]:
    return [record["Data"].decode() for record in records]


def _queue() -> list[list[str]]:
    """What three readers get of a queue, each deleting what it has received."""
    sqs = _simulator().client("sqs")
    queue = _new_queue(sqs, "orders")
    for event in EVENTS:
        sqs.send_message(QueueUrl=queue, MessageBody=event)
    return [_received(sqs, queue, most) for most in (2, 10, 10)]


def _topic() -> list[list[str]]:
    """What two subscribers get of a topic, and one that comes later."""
    sim = _simulator()
    sqs, sns = sim.client("sqs"), sim.client("sns")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sns.delete_topic(TopicArn=topic)  # with the subscribers that an earlier proof left
    topic = sns.create_topic(Name="orders")["TopicArn"]
    queues = [_new_queue(sqs, f"subscriber-{number}") for number in range(3)]
    for queue in queues[:2]:
        _subscribe(sqs, sns, topic, queue)
    for event in EVENTS:
        sns.publish(TopicArn=topic, Message=event)
    _subscribe(sqs, sns, topic, queues[2])
    return [_received(sqs, queue, 10) for queue in queues]


def _subscribe(sqs: Any, sns: Any, topic: str, queue: str) -> None:
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=_arn(sqs, queue),
        Attributes={"RawMessageDelivery": "true"},
    )


def _bus() -> list[str]:
    """What a rule that is made later gets of a bus."""
    sim = _simulator()
    sqs, events = sim.client("sqs"), sim.client("events")
    queue = _new_queue(sqs, "late-rule")
    for event in EVENTS:
        entry = {"Source": "pedala", "DetailType": event, "Detail": "{}"}
        events.put_events(Entries=[entry])
    events.put_rule(Name="orders", EventPattern='{"source": ["pedala"]}')
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": _arn(sqs, queue)}])
    return _received(sqs, queue, 10)


def _new_queue(sqs: Any, name: str) -> str:
    """An empty queue: one that an earlier proof left is taken away first."""
    for url in sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", []):
        sqs.delete_queue(QueueUrl=url)
    return str(sqs.create_queue(QueueName=name)["QueueUrl"])


def _arn(sqs: Any, queue: str) -> str:
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])


def _received(sqs: Any, queue: str, most: int) -> list[str]:
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=most)
    messages = answer.get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]
