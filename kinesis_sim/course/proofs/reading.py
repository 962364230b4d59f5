"""Proofs about where a reader starts."""

from datetime import timedelta
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.read import read

STREAM = "pedala-rides"
AN_HOUR = timedelta(hours=1)


def second_application() -> tuple[str, ...]:
    """K20: a hundred records before 12:00, read by one application; at 12:30 another begins."""
    sim, kinesis = _stream("2026-01-05T10:00:00Z")
    for number in range(100):
        sim.advance(minutes=1)
        _put(kinesis, number)
    sim.run_until("2026-01-05T12:00:00Z")
    every = _numbers(read(sim, STREAM))
    sim.run_until("2026-01-05T12:30:00Z")
    second = _numbers(read(sim, STREAM))
    newer = _numbers(read(sim, STREAM, start=sim.now))
    happened = {
        "all": second == every == list(range(100)),
        "nothing": not second,
        "newer": second == newer,
        "half": len(second) == len(every) // 2,
    }
    return tuple(option for option, true in happened.items() if true)


def latest() -> int:
    """K21: ten records, an iterator of type LATEST, five more: how many it reads."""
    _sim, kinesis = _stream()
    for number in range(10):
        _put(kinesis, number)
    [shard] = kinesis.list_shards(StreamName=STREAM)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
    )
    for number in range(5):
        _put(kinesis, number)
    return len(kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"])


def one_hour_again() -> tuple[str, ...]:
    """K20: a record a minute for five hours; which start gives the last hour and no more."""
    sim, kinesis = _stream()
    for number in range(300):
        sim.advance(minutes=1)
        _put(kinesis, number)
    sim.advance(seconds=30)
    last_hour = list(range(240, 300))
    starts = {
        "trim-horizon": read(sim, STREAM),
        "at-timestamp": read(sim, STREAM, start=sim.now - AN_HOUR),
        "latest": read(sim, STREAM, start="LATEST"),
    }
    right = [option for option, found in starts.items() if _numbers(found) == last_hour]
    return tuple(right or ["resend"])


def _stream(start: str = "2026-01-05T00:00:00Z") -> tuple[Simulator, Any]:
    sim = Simulator(start=start, delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    return sim, kinesis


def _put(kinesis: Any, number: int) -> None:
    kinesis.put_record(StreamName=STREAM, PartitionKey="station-09", Data=b"%d" % number)


def _numbers(records: list[dict[str, Any]]) -> list[int]:
    return [int(record["Data"]) for record in records]
