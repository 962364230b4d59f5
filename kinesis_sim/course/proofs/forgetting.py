"""Proofs about what can, and cannot, be taken out of a stream."""

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.read import read

STREAM, HERS, OTHERS = "pedala-rides", "rider-0042", "rider-0107"


def forget_a_rider() -> tuple[str, ...]:
    """K19: two riders' records of ten days; what leaves nothing of one, all of the other?"""
    happened = {
        "delete": _has_operation("DeleteRecord"),
        "overwrite": _only_others_left(_overwritten()),
        "lower": _only_others_left(_lowered()),
    }
    ways = tuple(option for option, true in happened.items() if true)
    return ways or ("key",)  # what cannot be taken out can only be made unreadable


def _has_operation(name: str) -> bool:
    return name in Simulator().client("kinesis").meta.service_model.operation_names


def _ten_days() -> tuple[Simulator, Any]:
    sim = Simulator(delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=720)
    for _day in range(10):
        for rider in (HERS, OTHERS):
            kinesis.put_record(StreamName=STREAM, PartitionKey=rider, Data=b"home address")
        sim.advance(hours=23)
    return sim, kinesis


def _overwritten() -> list[dict[str, Any]]:
    sim, kinesis = _ten_days()
    kinesis.put_record(StreamName=STREAM, PartitionKey=HERS, Data=b"")
    return read(sim, STREAM)


def _lowered() -> list[dict[str, Any]]:
    sim, kinesis = _ten_days()
    kinesis.decrease_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=24)
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=720)
    return read(sim, STREAM)


def _only_others_left(records: list[dict[str, Any]]) -> bool:
    keys = [record["PartitionKey"] for record in records if record["Data"]]
    return HERS not in keys and keys.count(OTHERS) == 10
