"""Proofs about monitoring: which metric moves, and where a reason can be read."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.account.calls import Request
from kinesis_sim.course.proofs.bench import KEY, STREAM, came_true, put, simulator, stream
from kinesis_sim.instants import HOUR
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.click_lake import ClickLake, hints, processing, processor
from kinesis_sim.workloads.scenes.drip import Drip


def metric(sim: Simulator, name: str, statistic: str = "Sum", **dimensions: Any) -> list[float]:
    """A metric of the stream, minute by minute; empty when it has no data."""
    frame = sim.metrics("AWS/Kinesis", metric=name, StreamName=STREAM, **dimensions)
    return [] if frame.empty else [float(value) for value in frame[statistic]]


def fanout_lag() -> tuple[str, ...]:
    """M01: a subscriber that was away for half a minute; the metrics that tell of it."""
    sim, kinesis = stream()
    for _second in range(30):
        put(kinesis, bytes(900_000))
        sim.advance(seconds=1)
    Subscriber(sim, STREAM, Ages(sim), name="slow").start()
    sim.advance(minutes=2)
    lag = metric(sim, "SubscribeToShardEvent.MillisBehindLatest", "Maximum", ConsumerName="slow")
    assert not metric(sim, "GetRecords.IteratorAgeMilliseconds", "Maximum")
    return came_true(
        {
            "behind": bool(lag) and max(lag) > 10_000,
            "incoming": sum(metric(sim, "IncomingRecords")) > 30,
            "write": any(metric(sim, "WriteProvisionedThroughputExceeded")),
            "latency": any(metric(sim, "GetRecords.Latency", "Maximum")),
        }
    )


def puts_refused() -> tuple[str, ...]:
    """M02: three hundred records of 10 KB at once on one shard."""
    sim, kinesis = stream()
    entries = [{"PartitionKey": KEY, "Data": bytes(10_000)}] * 300
    failed = kinesis.put_records(StreamName=STREAM, Records=entries)["FailedRecordCount"]
    assert failed
    sim.advance(minutes=1)
    return came_true(
        {
            "write": any(metric(sim, "WriteProvisionedThroughputExceeded")),
            "read": any(metric(sim, "ReadProvisionedThroughputExceeded")),
            "age": any(metric(sim, "GetRecords.IteratorAgeMilliseconds", "Maximum")),
            "success": any(metric(sim, "GetRecords.Success")),
        }
    )


def six_pollers() -> tuple[str, ...]:
    """M03: six pollers of small records; without records; and five."""
    six, empty, five = (_refused_reads(*case) for case in ((6, 20), (6, 0), (5, 20)))
    slow = _refused_reads(6, 20, every_ms=2_000)
    return came_true(
        {
            "calls": six > 0 and empty > 0 and five == 0,
            "bytes": six > 0 and empty == 0,
            "consumers": slow > 0,
            "iterators": slow > 0,
        }
    )


def _refused_reads(pollers: int, size: int, every_ms: int = 1_000) -> float:
    sim, _ = stream()
    for number in range(pollers):
        Poller(sim, STREAM, Ages(sim), name=f"p-{number}", every_ms=every_ms).start()
        sim.advance(milliseconds=every_ms // pollers)
    if size:
        Drip(sim, STREAM, every_ms=1_000, size=size)
    sim.advance(minutes=1)
    return sum(metric(sim, "ReadProvisionedThroughputExceeded"))


def which_shard() -> tuple[str, ...]:
    """M04: one busy key on four shards; what tells the shards apart."""
    sim, kinesis = stream(4)
    name = "WriteProvisionedThroughputExceeded"
    kinesis.enable_enhanced_monitoring(StreamName=STREAM, ShardLevelMetrics=[name])
    sim.advance(minutes=1)
    for _second in range(10):
        entries = [{"PartitionKey": KEY, "Data": bytes(4_000)}] * 500
        kinesis.put_records(StreamName=STREAM, Records=entries)
        sim.advance(seconds=1)
    sim.advance(minutes=1)
    shards = [shard.id for shard in sim.streams[STREAM].open_shards]
    by_shard = [sum(metric(sim, name, ShardId=shard)) for shard in shards]
    written = sum(metric(sim, "IncomingBytes"))
    assert written < 10 * 4 * 1_000_000 / 2
    return came_true({"enhanced": sorted(by_shard)[-1] > 0 == sum(sorted(by_shard)[:-1])})


def half_a_day() -> tuple[str, ...]:
    """M05: a reader that stopped; which alarm rings, and while nothing is lost yet."""
    sim, kinesis = stream()
    put(kinesis, b"first")
    begin = sim.clock.now
    rings: dict[str, int] = {}
    lost = 0
    for _ in range(27 * 2):
        sim.advance(minutes=30)
        age = sim.clock.now - begin
        for name, hours in {"zero": 0, "half": 12, "full": 25}.items():
            if age > hours * HOUR:
                rings.setdefault(name, sim.clock.now)
        lost = lost or (0 if read(sim, STREAM) else sim.clock.now)
    in_time = {name: at < lost for name, at in rings.items()}
    return came_true({"half": in_time["half"], "full": in_time["full"]})


def why_failed() -> tuple[str, ...]:
    """M07: a function that fails for good; the log, the rows, and what else there is."""
    sim = simulator()
    lake = ClickLake(sim)
    logs = sim.client("logs")
    logs.create_log_group(logGroupName="/aws/kinesisfirehose/pipe")
    logs.create_log_stream(
        logGroupName="/aws/kinesisfirehose/pipe", logStreamName="DestinationDelivery"
    )

    def fails(event: Request) -> Request:
        raise RuntimeError("no such column")

    arn = sim.functions.register("fails", fails)
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="pipe",
        ExtendedS3DestinationConfiguration=lake.settings(
            Prefix="data/",
            ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
            CloudWatchLoggingOptions={
                "Enabled": True,
                "LogGroupName": "/aws/kinesisfirehose/pipe",
                "LogStreamName": "DestinationDelivery",
            },
            **hints(5, 60),
            **processing(processor("Lambda", LambdaArn=arn)),
        ),
    )
    lake.wait("pipe")
    answer = sim.client("firehose").put_record(DeliveryStreamName="pipe", Record={"Data": b"click"})
    sim.advance(minutes=30)
    rows = b"".join(body for _, body in sim.buckets.objects(lake.bucket, "errors/"))
    return came_true(
        {
            "both": bool(_events(logs)) and b"errorMessage" in rows,
            "metric": "Error" in str(answer),
            "header": "ErrorCode" in answer,
        }
    )


def _events(logs: Any) -> list[Any]:
    answer = logs.get_log_events(
        logGroupName="/aws/kinesisfirehose/pipe", logStreamName="DestinationDelivery"
    )
    return list(answer["events"])
