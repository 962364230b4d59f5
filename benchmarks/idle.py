"""A year in which nothing happens, to each kind of reader of a stream of ten shards."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

from benchmarks.report import Table, goal
from benchmarks.rounds import progress
from kinesis_sim import Simulator
from kinesis_sim.aws.control import ask
from kinesis_sim.aws.server import start
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.leases import free_name
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.queue_consumer import QueueConsumer
from kinesis_sim.workloads.readers.subscriber import Subscriber, registered

STREAM, SHARDS, DAYS = "idle", 10, 365
MOST_S = 2.0
_ROLE = "arn:aws:iam::123456789012:role/idle"


def _take(*_: object) -> None:
    """What a reader does with records that never come."""


def _poller(sim: Simulator) -> None:
    Poller(sim, STREAM, _take).start()


def _subscriber(sim: Simulator) -> None:
    Subscriber(sim, STREAM, _take).start()


def _fleet(sim: Simulator, retrieval: str) -> None:
    name = free_name(sim, "idle")
    app = KclApplication(sim, name, STREAM, _take, retrieval=retrieval)
    app.add_worker("one")
    app.add_worker("two")


def _mapping(sim: Simulator, source: str) -> None:
    sim.functions.register("idle", _take)
    sim.mappings.create(EventSourceArn=source, FunctionName="idle", StartingPosition="LATEST")


def _firehose(sim: Simulator) -> None:
    source = {"KinesisStreamARN": sim.streams[STREAM].arn, "RoleARN": _ROLE}
    sim.gate.call(
        "firehose",
        "CreateDeliveryStream",
        {
            "DeliveryStreamName": "idle",
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": source,
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": "arn:aws:s3:::nowhere",
                "RoleARN": _ROLE,
            },
        },
    )


READERS: dict[str, Callable[[Simulator], None]] = {
    "none": lambda sim: None,
    "a polling consumer": _poller,
    "KCL, two workers, polling": lambda sim: _fleet(sim, "polling"),
    "KCL, two workers, fan-out": lambda sim: _fleet(sim, "fan-out"),
    "a fan-out consumer": _subscriber,
    "a Lambda mapping, polled": lambda sim: _mapping(sim, sim.streams[STREAM].arn),
    "a Lambda mapping, pushed to": lambda sim: _mapping(sim, registered(sim, STREAM, "idle")),
    "a Firehose stream": _firehose,
    "five workers on a queue": lambda sim: QueueConsumer(sim, STREAM, _take, workers=5).start(),
}


def settled(reader: str) -> Simulator:
    """A simulator with a stream and a reader that has found nothing for a while."""
    sim = Simulator(delays="instant", latency=None)
    request: dict[str, Any] = {"StreamName": STREAM, "ShardCount": SHARDS}
    sim.gate.call("kinesis", "CreateStream", request)
    if "queue" in reader:
        mode = {"StreamMode": "ON_DEMAND"}
        arn = sim.streams[STREAM].arn
        sim.gate.call("kinesis", "UpdateStreamMode", {"StreamARN": arn, "StreamModeDetails": mode})
    READERS[reader](sim)
    sim.advance(minutes=1)
    return sim


def run() -> None:
    """Measure and print. One turn each: nothing is warm in a lesson either."""
    head = ["reader", "in process, CPU s", "over HTTP, s", "metrics and bill of it, CPU s"]
    table = Table(f"{DAYS} days of {SHARDS} idle shards", head)
    worst = 0.0
    for reader in READERS:
        progress(f"idle: {reader}")
        inside, asked = _in_process(settled(reader))
        outside = _over_http(settled(reader))
        worst = max(worst, inside, outside)
        table.add(reader, f"{inside:.2f}", f"{outside:.2f}", f"{asked:.2f}")
    progress("")
    table.remarks.append(
        "The clock is moved by `sim.advance`, and by the server's control API (its first call "
        f"included). Goal: s, whatever the reader {goal(worst, at_most=MOST_S)} ({worst:.2f})."
    )
    table.show()


def _in_process(sim: Simulator) -> tuple[float, float]:
    begun = process_time()
    sim.advance(days=DAYS)
    moved = process_time()
    sim.metrics(None, period=86_400)
    sim.bill()
    return moved - begun, process_time() - moved


def _over_http(sim: Simulator) -> float:
    with start(sim) as server:
        begun = perf_counter()
        ask(server.endpoint_url, "clock/advance", {"by": f"{DAYS}d"})
        return perf_counter() - begun
