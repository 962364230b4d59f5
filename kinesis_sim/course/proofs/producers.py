"""Proofs about producers: limits, partial failure, record sizes, aggregation."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.producer import Producer
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.feed import feed

STREAM = "pedala-clicks"
Entries = list[dict[str, Any]]


def _stream(shards: int = 1) -> tuple[Simulator, Any]:
    sim = Simulator(delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=shards)
    return sim, kinesis


def one_second() -> tuple[str, ...]:
    """K02: five loads, each within one second on a shard of its own; who is refused nothing."""
    loads = {
        "tiny": (1_200, 100),
        "small": (900, 1_000),
        "even": (1_000, 900),
        "middle": (300, 4_000),
        "large": (20, 100_000),
    }
    return tuple(option for option, load in loads.items() if not _refused(*load))


def _refused(count: int, size: int) -> int:
    sim, _ = _stream()
    arrivals = [Arrival(f"key-{n:04d}", bytes(size), 0) for n in range(count)]
    return feed(sim, STREAM, arrivals).refused


def fewest_shards() -> int:
    """K05: the fewest shards that take 8,000 records of 64 bytes a second."""
    producer = Batcher(Load(8_000, FreshKeys(), size=64), retries=0)
    for shards in range(1, 33):
        result = Pipeline(producers=[producer], shards=shards).flow(minutes=1)
        if not result.totals["throttled"]:
            return shards
    raise AssertionError("no number of shards takes the load")


def after_a_partial_failure() -> tuple[str, ...]:
    """K13: what four reactions to a partial failure leave lost and stored twice."""
    reactions: dict[str, Callable[[Entries, Entries], Entries]] = {
        "nothing": lambda _sent, _told: [],
        "everything": lambda sent, _told: sent,
        "last": lambda sent, told: sent[-sum("ErrorCode" in row for row in told) :],
        "failed": lambda sent, told: [
            entry for entry, row in zip(sent, told, strict=True) if "ErrorCode" in row
        ],
    }
    return tuple(option for option, again in reactions.items() if _each_once(again))


def _each_once(again: Callable[[Entries, Entries], Entries]) -> bool:
    """Whether every entry of a call that fails in part is stored once in the end.

    One large entry in the middle finds no room, so that it is neither the first nor the last.
    """
    sim, kinesis = _stream()
    kinesis.put_record(StreamName=STREAM, PartitionKey="before", Data=bytes(300_000))
    sizes = [10, 10, 800_000, 10, 10]
    sent = [{"PartitionKey": f"key-{n}", "Data": bytes(size)} for n, size in enumerate(sizes)]
    told = kinesis.put_records(StreamName=STREAM, Records=sent)["Records"]
    sim.advance(seconds=2)
    if entries := again(sent, told):
        kinesis.put_records(StreamName=STREAM, Records=entries)
    stored = Counter(record["PartitionKey"] for record in read(sim, STREAM))
    return all(stored[entry["PartitionKey"]] == 1 for entry in sent)


def two_mebibytes() -> tuple[str, ...]:
    """K15: which of four changes lets a record of 2 MiB in."""
    changes: dict[str, Callable[[Any, str], Any]] = {
        "shards": lambda kinesis, _arn: kinesis.update_shard_count(
            StreamName=STREAM, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        ),
        "setting": lambda kinesis, arn: kinesis.update_max_record_size(
            StreamARN=arn, MaxRecordSizeInKiB=10 * 1024
        ),
        "on-demand": lambda kinesis, arn: kinesis.update_stream_mode(
            StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"}
        ),
        "batch": lambda _kinesis, _arn: None,
    }
    return tuple(option for option, change in changes.items() if _fits(change, option))


def _fits(change: Callable[[Any, str], Any], option: str) -> bool:
    sim, kinesis = _stream()
    change(kinesis, sim.streams[STREAM].arn)
    sim.advance(minutes=5)
    record = {"PartitionKey": "video", "Data": bytes(2 * MIB)}
    try:
        if option == "batch":
            answer = kinesis.put_records(StreamName=STREAM, Records=[record])
            return not answer["FailedRecordCount"]
        kinesis.put_record(StreamName=STREAM, **record)
    except ClientError:
        return False
    return True


def many_small_records() -> tuple[str, ...]:
    """K33: four producers, one shard, 1,500 records of 100 bytes a second; who gets all stored."""
    load = Load(1_500, FreshKeys(), size=100)
    producers: dict[str, Producer] = {
        "threads": SdkLoop(load, workers=20),
        "collect": Kpl(load, aggregation=False),
        "aggregate": Kpl(load),
        "patience": Batcher(load, base_ms=SECOND, retries=3),
    }
    return tuple(option for option, producer in producers.items() if _all_stored(producer))


def _all_stored(producer: Producer) -> bool:
    totals = Pipeline(producers=[producer], shards=1).run(minutes=1).totals
    return bool(totals["stored"] == totals["offered"])
