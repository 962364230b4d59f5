"""Proofs about readers: fan-out, KCL workers, queues and channels, and what each may do."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import (
    KEY,
    ON_DEMAND,
    STREAM,
    came_true,
    iterator,
    put,
    refusal,
    simulator,
    stream,
    takes,
)
from kinesis_sim.instants import DAY
from kinesis_sim.units import MIB
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.drip import Drip


def when_fanout() -> tuple[str, ...]:
    """R02: the oldest that a record gets before it is handled; who needs what polling has not."""
    pushed, polled = _oldest(fan_out=True), _oldest(fan_out=False)
    needs = {"alert": 100, "nightly": DAY, "single": 5_000, "replay": DAY}
    return came_true({who: pushed <= ms < polled for who, ms in needs.items()})


def _oldest(*, fan_out: bool) -> int:
    """The age (ms) at which the oldest record of a minute was handed over."""
    sim, _ = stream()
    ages = Ages(sim)
    if fan_out:
        Subscriber(sim, STREAM, ages, start="LATEST").start()
    else:
        Poller(sim, STREAM, ages, start="LATEST").start()
    sim.advance(minutes=1)
    Drip(sim, STREAM, 100, size=10_000)
    sim.advance(minutes=1)
    return ages.oldest


def too_many_at_once() -> tuple[str, ...]:
    """R03: eight registrations at once, then the rest a little later."""
    sim, kinesis = stream(delays="realistic")
    sim.advance(minutes=1)
    arn = sim.streams[STREAM].arn

    def register(number: int) -> str:
        sim.advance(milliseconds=250)  # five calls a second are another limit
        return refusal(
            kinesis.register_stream_consumer, StreamARN=arn, ConsumerName=f"reader-{number}"
        )

    at_once = [register(number) for number in range(8)]
    sim.advance(minutes=1)
    later = [register(number) for number in range(5, 10)]
    return came_true(
        {
            "creating": [bool(code) for code in at_once] == [False] * 5 + [True] * 3
            and not any(later),
            "five": any(later),
            "shards": bool(at_once[1]),
            "kms": "KMSAccessDeniedException" in at_once,
        }
    )


def goes_quiet() -> tuple[str, ...]:
    """R04: one subscription, a record a second for six minutes; and what brings the rest."""
    sim, kinesis = stream()
    arn = sim.streams[STREAM].arn
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")
    sim.advance(minutes=1)
    named = {"ConsumerARN": consumer["Consumer"]["ConsumerARN"], "ShardId": "shardId-000000000000"}
    put(kinesis, b"first")

    def subscribe(**start: Any) -> list[dict[str, Any]]:
        answer = kinesis.subscribe_to_shard(**named, StartingPosition=start)
        return [event["SubscribeToShardEvent"] for event in answer["EventStream"]]

    begin = sim.clock.now
    events = subscribe(Type="TRIM_HORIZON")
    lasted = sim.clock.now - begin
    put(kinesis, b"second")
    number = events[-1]["ContinuationSequenceNumber"]
    sim.advance(seconds=10)
    again = subscribe(Type="AFTER_SEQUENCE_NUMBER", SequenceNumber=number)
    status = kinesis.describe_stream_consumer(ConsumerARN=named["ConsumerARN"])
    data = [row["Data"] for event in again for row in event["Records"]]
    return came_true(
        {
            "renew": lasted <= 300_000 and data == [b"second"],
            "register": status["ConsumerDescription"]["ConsumerStatus"] != "ACTIVE",
            "ack": "Acknowledge" in kinesis.meta.service_model.operation_names,
            "iterator": takes(kinesis, "SubscribeToShard", "ShardIterator"),
        }
    )


def big_gulp() -> tuple[str, ...]:
    """R07: 10 MiB in one call; when the next one is answered."""
    sim, kinesis = stream()
    for _ in range(11):
        put(kinesis, bytes(MIB - len(KEY)))
        sim.advance(seconds=2)
    full = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert sum(len(row["Data"]) for row in full["Records"]) > 9 * MIB
    seconds = 0
    while refusal(kinesis.get_records, ShardIterator=iterator(kinesis)):
        sim.advance(seconds=1)
        seconds += 1
    about = {"second": 1, "five": 5, "minute": 60}
    return came_true({name: abs(seconds - each) <= 0.5 for name, each in about.items()})


def more_workers() -> tuple[str, ...]:
    """R05: four shards, four workers and four more; who works, and on what."""
    sim, _ = stream(4)
    ages = Ages(sim)
    application = KclApplication(sim, "trips", STREAM, ages)
    workers = [application.add_worker() for _ in range(4)]
    sim.advance(seconds=90)
    workers += [application.add_worker() for _ in range(4)]
    sim.advance(seconds=90)
    Drip(sim, STREAM, 100)
    sim.advance(minutes=1)
    held = Counter(shard for worker in workers for shard in worker.shards)
    busy = sum(bool(worker.shards) for worker in workers)
    return came_true(
        {
            "nothing": busy == 4 and set(held.values()) == {1},
            "double": busy == 8,
            "half": ages.repeated > 0,
            "splits": len(sim.streams[STREAM].open_shards) > 4,
        }
    )


def same_name() -> tuple[str, ...]:
    """R06: two programs under one application name, two shards, a minute of records."""
    sim, _ = stream(2)
    billing, statistics = Ages(sim), Ages(sim)
    for name, handler in (("billing", billing), ("statistics", statistics)):
        KclApplication(sim, "pedala", STREAM, handler).add_worker(name)
    sim.advance(minutes=3)
    billing.clear()
    statistics.clear()
    drip = Drip(sim, STREAM, 100)
    sim.advance(minutes=1)
    drip.stop()
    sim.advance(seconds=10)
    seen = [set(ages.seen) for ages in (billing, statistics)]
    return came_true(
        {
            "share": 0 < len(seen[0]) < drip.sent and len(seen[0] | seen[1]) == drip.sent,
            "twice": billing.repeated > 0,
            "fine": len(seen[0]) == len(seen[1]) == drip.sent,
        }
    )


def other_account() -> tuple[str, ...]:
    """R17: what a stream's policy says after it was set, and which services could share one."""
    sim, kinesis = stream()
    arn = sim.streams[STREAM].arn
    reader = "arn:aws:iam::999988887777:root"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": reader},
                "Action": ["kinesis:GetRecords", "kinesis:GetShardIterator"],
                "Resource": arn,
            }
        ],
    }
    refused = refusal(kinesis.put_resource_policy, ResourceARN=arn, Policy=json.dumps(policy))
    kept = json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"] or "{}")
    allowed = [row["Principal"]["AWS"] for row in kept.get("Statement", [])]
    return came_true(
        {
            "policy": not refused and allowed == [reader],
            "peering": takes(kinesis, "CreateStream", "VpcConfiguration"),
        }
    )


def work_queue() -> tuple[str, ...]:
    """R21: two jobs, of which one is acknowledged; and a queue on a provisioned stream."""
    sim, kinesis = stream(on_demand=True)
    queue = _queue(sim, kinesis)
    put(kinesis, b"one", b"two")
    taken = kinesis.receive_queue_records(QueueARN=queue, WaitTimeSeconds=1)["QueueRecords"]
    done = [{"ReceiptHandle": taken[0]["ReceiptHandle"]}]
    kinesis.acknowledge_queue_records(QueueARN=queue, Entries=done)
    sim.advance(seconds=31)
    again = kinesis.receive_queue_records(QueueARN=queue, WaitTimeSeconds=1)["QueueRecords"]
    kept = len(read(sim, STREAM))
    sim.advance(hours=25)
    late = kinesis.receive_queue_records(QueueARN=queue, WaitTimeSeconds=1)["QueueRecords"]
    other, plain = stream()
    source = [{"StreamARN": other.streams[STREAM].arn}]
    refused = refusal(plain.create_queue, QueueName="jobs", StreamConfigurationList=source)
    return came_true(
        {
            "back": [row["RecordId"] for row in again] == [taken[1]["RecordId"]],
            "stays": kept == 2,
            "provisioned": not refused,
            "longer": bool(late),
        }
    )


def _queue(sim: Simulator, kinesis: Any) -> str:
    source = [{"StreamARN": sim.streams[STREAM].arn}]
    made = kinesis.create_queue(QueueName="jobs", StreamConfigurationList=source)
    sim.advance(minutes=1)
    return str(made["QueueDescription"]["QueueARN"])


def no_firehose() -> tuple[str, ...]:
    """R22: which of the needs a channel's settings have no word for."""
    sim = simulator()
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, **ON_DEMAND)
    said = str(_members(kinesis, "CreateChannel"))
    return came_true(
        {
            "transform": "Lambda" not in said and "Processing" not in said,
            "gzip": "CompressionType" not in said,
            "bucket": "BucketARN" not in said,
        }
    )


def _members(client: Any, operation: str) -> list[str]:
    """The names of an operation's parameters, nested ones too."""

    def names(shape: Any) -> list[str]:
        found = list(getattr(shape, "members", {}))
        return found + [
            name for each in getattr(shape, "members", {}).values() for name in names(each)
        ]

    return names(client.meta.service_model.operation_model(operation).input_shape)
