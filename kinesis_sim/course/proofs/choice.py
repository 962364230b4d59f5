"""Proofs about which service fits: what each can do with the same few messages."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import (
    KEY,
    STREAM,
    came_true,
    put,
    refusal,
    shard_ids,
    simulator,
    stream,
    takes,
)
from kinesis_sim.instants import DAY, SECOND
from kinesis_sim.units import MIB
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.hose import only_weighed


def four_teams() -> tuple[str, ...]:
    """C02: a stream and a queue with five orders, four readers now and a fifth a day later."""
    sim, kinesis = stream()
    put(kinesis, *_orders(5))
    seen = [[row["Data"] for row in read(sim, STREAM)] for _team in range(4)]
    sim.advance(hours=23)
    seen.append([row["Data"] for row in read(sim, STREAM)])
    url, sqs = _fifo(simulator())
    for number, order in enumerate(_orders(5)):
        _send(sqs, url, order, str(number))
    taken = [_received(sqs, url) for _team in range(5)]
    return came_true(
        {
            "stream": all(each == _orders(5) for each in seen),
            "queue": all(len(each) == 5 for each in taken),
            "firehose": _can_be_read(sim, "firehose"),
            "table": False,  # needs changes for every team: its scan, and the order by hand
        }
    )


def no_order_twice() -> tuple[str, ...]:
    """C03: three orders, the second sent twice; who hands on each once, in order."""
    orders = _orders(3)
    sent = [orders[0], orders[1], orders[1], orders[2]]
    sim, kinesis = stream()
    put(kinesis, *sent)
    url, sqs = _fifo(sim)
    for order in sent:
        _send(sqs, url, order, order.decode())
    standard = sqs.create_queue(QueueName="standard")["QueueUrl"]
    for order in sent:
        sqs.send_message(QueueUrl=standard, MessageBody=order.decode())
    return came_true(
        {
            "stream": [row["Data"] for row in read(sim, STREAM)] == orders,
            "fifo": _received(sqs, url) == orders,
            "standard": Counter(_received(sqs, standard)) == Counter(orders),
            "sns": len(_published(sim, sent)) == len(orders),
        }
    )


def one_notice() -> tuple[str, ...]:
    """C04: which service's sending call reaches three queues and a phone."""
    sim = simulator()
    reached = [_published(sim, [b"stolen"], queue=f"system-{n}") for n in range(3)]
    protocols = json.dumps(_shape(sim, "sns", "Subscribe", "Protocol"))
    return came_true(
        {
            "sns": all(each == [b"stolen"] for each in reached) and "sms" in protocols,
            "sqs": takes(sim.client("sqs"), "SendMessage", "PhoneNumber"),
            "kinesis": takes(sim.client("kinesis"), "PutRecord", "PhoneNumber"),
            "athena": "Publish" in sim.client("athena").meta.service_model.operation_names,
        }
    )


def by_content() -> tuple[str, ...]:
    """C05: two rules on a bus, by a field of the events; what reaches the target of each."""
    sim = simulator()
    events, sqs = sim.client("events"), sim.client("sqs")
    urls = {kind: _target(events, sqs, kind) for kind in ("late", "lost")}
    for kind in ("late", "lost", "late", "fine"):
        detail = json.dumps({"state": kind})
        events.put_events(Entries=[{"Source": "pedala", "DetailType": "bike", "Detail": detail}])
    found = {kind: len(_received(sqs, url)) for kind, url in urls.items()}
    destinations = sim.client("firehose").meta.service_model.operation_model("CreateDeliveryStream")
    return came_true(
        {
            "eventbridge": found == {"late": 2, "lost": 1},
            "lambda": takes(sim.client("kinesis"), "PutRecord", "EventPattern"),
            "firehose": "EventPattern" in destinations.input_shape.members,
            "sqs": takes(sqs, "ReceiveMessage", "EventPattern"),
        }
    )


def changes_for_a_year() -> tuple[str, ...]:
    """C08: what keeps a change for eleven months."""
    sim, kinesis = stream()
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=8_760)
    put(kinesis, b"change")
    sim.advance(days=335)
    return came_true(
        {"kds": bool(read(sim, STREAM)), "sqs": _queue_keeps(sim, 335 * DAY // SECOND)}
    )


def nightly_files() -> tuple[str, ...]:
    """C12: what an idle day costs in both modes; a way that is idle 23 hours may not cost then."""
    idle = {}
    for name, on_demand in (("provisioned", False), ("ondemand", True)):
        sim, _ = stream(on_demand=on_demand)
        sim.advance(hours=23)
        idle[name] = sim.bill().total
    assert idle["provisioned"] > 0
    return came_true({"ondemand": idle["ondemand"] == 0}) or ("datasync",)


def within_seconds() -> tuple[str, ...]:
    """C13: how long after it was put an event can be read, by a stream and by Firehose's bucket."""
    sim, kinesis = stream()
    put(kinesis, b"rental")
    sim.advance(seconds=2)
    seen = bool(read(sim, STREAM))
    hose = simulator()
    only_weighed(hose)
    _lake(hose)
    hose.firehose["lake"].put([b"rental"])
    hose.advance(seconds=2)
    return came_true({"stream": seen, "firehose": hose.firehose["lake"].tally.delivered > 0})


def lake_of_clicks() -> tuple[str, ...]:
    """C14: clicks in a bucket within about five minutes, with no reader of one's own."""
    sim = simulator()
    only_weighed(sim)
    _lake(sim)
    sim.firehose["lake"].put([b"click"] * 100)
    sim.advance(minutes=6)
    alone, kinesis = stream()
    put(kinesis, b"click")
    alone.advance(minutes=6)
    return came_true(
        {
            "firehose": sim.firehose["lake"].tally.delivered == 100,
            "kcl": not read(alone, STREAM),  # without an application the record stays there
            "sqs": "StartQueryExecution" in sim.client("sqs").meta.service_model.operation_names,
        }
    )


def burst_to_database() -> tuple[str, ...]:
    """C16: a hundred writes at once, of which a database takes twenty a second; what is lost."""
    sim = simulator()
    sqs = sim.client("sqs")
    url = sqs.create_queue(QueueName="writes")["QueueUrl"]
    for first in range(0, 100, 10):
        entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(first, first + 10)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    written: set[bytes] = set()
    for _second in range(5):
        written |= {*_received(sqs, url), *_received(sqs, url)}
        sim.advance(seconds=1)
    left = 100
    for _attempt in range(1 + 3):  # each client on its own, all at the same moments
        left -= 20
    return came_true({"queue": len(written) == 100, "retry": left == 0})


def in_ten_minutes() -> tuple[str, ...]:
    """C17: which sending call takes a delay of 600 s, and holds the message back for so long."""
    sim = simulator()
    sqs = sim.client("sqs")
    url = sqs.create_queue(QueueName="reminders")["QueueUrl"]
    calls = {
        "kds": ("kinesis", "PutRecord"),
        "firehose": ("firehose", "PutRecord"),
        "sns": ("sns", "Publish"),
        "sqs": ("sqs", "SendMessage"),
    }
    able = [
        option
        for option, (service, operation) in calls.items()
        if takes(sim.client(service), operation, "DelaySeconds")
    ]
    sqs.send_message(QueueUrl=url, MessageBody="remind", DelaySeconds=600)
    return tuple(option for option in able if not _received(sqs, url))


def five_mebibytes() -> tuple[str, ...]:
    """C18: which service takes 5 MiB in one message, its limit raised as far as it goes."""
    sim, kinesis = stream()
    arn = sim.streams[STREAM].arn
    record = {"StreamName": STREAM, "PartitionKey": KEY, "Data": bytes(5 * MIB)}
    assert refusal(kinesis.put_record, **record) == "ValidationException"
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10_240)
    sim.advance(minutes=1)
    only_weighed(sim)
    firehose = _lake(sim)
    one = {"DeliveryStreamName": "lake", "Record": {"Data": bytes(5 * MIB)}}
    sqs = sim.client("sqs")
    larger = {"MaximumMessageSize": str(5 * MIB)}
    return came_true(
        {
            "kds": not refusal(kinesis.put_record, **record),
            "firehose": not refusal(firehose.put_record, **one),
            "sqs": not refusal(sqs.create_queue, QueueName="large", Attributes=larger),
        }
    )


def six_weeks() -> tuple[str, ...]:
    """C19: what keeps messages unread for six weeks, in order."""
    sim, kinesis = stream()
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=43 * 24)
    put(kinesis, *_orders(3))
    sim.advance(days=42)
    kept = [row["Data"] for row in read(sim, STREAM)] == _orders(3)
    queue = _queue_keeps(sim, 42 * DAY // SECOND)  # standard or FIFO, the limit is the same
    return came_true({"kds": kept, "fifo": queue, "standard": queue})


def exactly_once_sums() -> tuple[str, ...]:
    """C20: a function that fails once in the middle of a batch; the sum after each change."""
    sums = {
        "idempotent": _summed(idempotent=True),
        "fewer": _summed(BatchSize=10),
        "retries": _summed(MaximumRetryAttempts=0),
        "fifo": _summed(in_order=True),
    }
    return came_true({option: summed == 60 * 10 for option, summed in sums.items()})


def _summed(*, idempotent: bool = False, in_order: bool = False, **settings: int) -> int:
    """The total of sixty payments of ten, after the function broke down on the eighth it saw."""
    sim, kinesis = stream()
    noted: set[str] = set()
    seen: list[int] = []

    def add(event: dict[str, Any]) -> None:
        for row in event["Records"]:
            number = row["kinesis"]["sequenceNumber"]
            if not (idempotent and number in noted):
                seen.append(10)
                noted.add(number)
            if len(seen) == 8 and "broken" not in noted:
                noted.add("broken")
                raise RuntimeError("out of memory")

    before: dict[str, str] = {}
    for number in range(60):
        stored = kinesis.put_record(
            StreamName=STREAM, PartitionKey=KEY, Data=b"%d" % number, **before
        )
        if in_order:
            before = {"SequenceNumberForOrdering": stored["SequenceNumber"]}
    sim.functions.register("totals", add)
    sim.client("lambda").create_event_source_mapping(
        EventSourceArn=sim.streams[STREAM].arn,
        FunctionName="totals",
        StartingPosition="TRIM_HORIZON",
        **settings,
    )
    sim.advance(minutes=5)
    return sum(seen)


def one_order_for_all() -> tuple[str, ...]:
    """C21: entries of six branches, on one shard and on ten; where one sequence comes back."""
    branches = [f"branch-{number % 6}" for number in range(30)]
    ways = {
        "one": (1, branches),
        "branch": (10, branches),
        "random": (10, [f"key-{number}" for number in range(30)]),
    }
    return came_true({way: _in_one_sequence(*setting) for way, setting in ways.items()})


def _in_one_sequence(shards: int, keys: list[str]) -> bool:
    """Whether one shard has every entry, in the order in which they were written."""
    sim, kinesis = stream(shards)
    for number, key in enumerate(keys):
        put(kinesis, b"%02d" % number, key=key)
    found = [
        [int(row["Data"]) for row in read(sim, STREAM, shards=[shard])]
        for shard in shard_ids(kinesis)
    ]
    return list(range(len(keys))) in found


def thirty_readers() -> tuple[str, ...]:
    """C22: each change, then thirty registrations."""
    return came_true({way: _registers_thirty(way) for way in ("advantage", "shards", "retention")})


def _registers_thirty(way: str) -> bool:
    sim, kinesis = stream(on_demand=way == "advantage")
    arn = sim.streams[STREAM].arn
    if way == "advantage":
        kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    elif way == "shards":
        kinesis.update_shard_count(
            StreamName=STREAM, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        )
    else:
        kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=168)
    sim.advance(minutes=1)
    for number in range(30):
        if refusal(
            kinesis.register_stream_consumer, StreamARN=arn, ConsumerName=f"reader-{number}"
        ):
            return False
        sim.advance(seconds=30)
    return True


# --- what the services around are asked -----------------------------------------------------------


def _orders(count: int) -> list[bytes]:
    return [f"order-{number}".encode() for number in range(count)]


def _fifo(sim: Simulator) -> tuple[str, Any]:
    sqs = sim.client("sqs")
    attributes = {"FifoQueue": "true"}
    return str(sqs.create_queue(QueueName="orders.fifo", Attributes=attributes)["QueueUrl"]), sqs


def _send(sqs: Any, url: str, body: bytes, once: str) -> None:
    sqs.send_message(
        QueueUrl=url,
        MessageBody=body.decode(),
        MessageGroupId="customer",
        MessageDeduplicationId=once,
    )


def _received(sqs: Any, url: str) -> list[bytes]:
    """What a receiver gets, deleting it."""
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    for message in answer.get("Messages", []):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"].encode() for message in answer.get("Messages", [])]


def _published(sim: Simulator, messages: list[bytes], queue: str = "billing") -> list[bytes]:
    """What a queue that subscribes to a standard topic gets of it."""
    sns, sqs = sim.client("sns"), sim.client("sqs")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=_arn(sqs, url), Attributes=raw)
    for message in messages:
        sns.publish(TopicArn=topic, Message=message.decode())
    return _received(sqs, url)


def _target(events: Any, sqs: Any, kind: str) -> str:
    """A queue behind a rule for events whose state is ``kind``."""
    url = str(sqs.create_queue(QueueName=f"bikes-{kind}")["QueueUrl"])
    pattern = json.dumps({"source": ["pedala"], "detail": {"state": [kind]}})
    events.put_rule(Name=kind, EventPattern=pattern)
    events.put_targets(Rule=kind, Targets=[{"Id": "1", "Arn": _arn(sqs, url)}])
    return url


def _arn(sqs: Any, url: str) -> str:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])


def _queue_keeps(sim: Simulator, seconds: int) -> bool:
    """Whether a queue can be told to keep messages for so long, by the service's description."""
    said = _shape(sim, "sqs", "CreateQueue", "Attributes")
    [most] = re.findall(r"MessageRetentionPeriod</code>.*?to ([0-9,]+) seconds", said)[:1]
    return seconds <= int(most.replace(",", ""))


def _can_be_read(sim: Simulator, service: str) -> bool:
    names = sim.client(service).meta.service_model.operation_names
    return any(name.startswith(("GetRecords", "Receive")) for name in names)


def _shape(sim: Simulator, service: str, operation: str, member: str) -> str:
    """What a service's description says of a parameter."""
    model = sim.client(service).meta.service_model.operation_model(operation)
    return str(model.input_shape.members[member].documentation)


def _lake(sim: Simulator) -> Any:
    """A Firehose stream to S3 with the default buffer."""
    firehose = sim.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName="lake",
        ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
            "BucketARN": "arn:aws:s3:::lake",
        },
    )
    sim.advance(minutes=1)
    return firehose
