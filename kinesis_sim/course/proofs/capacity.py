"""Proofs about capacity: scaling, modes, and what they cost."""

from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.workloads.producers.shapes import Bursts, Shape, Steps
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.tide import Tide

STREAM = "pedala-rides"


def two_to_nine() -> tuple[str, ...]:
    """K25: each way is tried; of those that arrive, the one of the fewest calls."""
    ways = {
        "one": [9],
        "two": [4, 9],
        "three": [4, 8, 9],
        "seven": [3, 4, 5, 6, 7, 8, 9],
    }
    able = [way for way, targets in ways.items() if _reaches(targets)]
    return (min(able, key=lambda way: len(ways[way])),)


def _reaches(targets: list[int]) -> bool:
    sim, kinesis = _stream(ShardCount=2)
    try:
        for target in targets:
            kinesis.update_shard_count(
                StreamName=STREAM, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
            )
            sim.advance(minutes=2)
    except kinesis.exceptions.InvalidArgumentException:
        return False
    return True


def which_throttles() -> tuple[str, ...]:
    """K27: twenty minutes at 3 MiB a second, then three minutes of each case."""
    cases: dict[str, tuple[Shape | float, float, int]] = {
        "double": (6, 0, 0),
        "leap": (18, 0, 0),
        "hot": (3, 1, 0),
        "reader": (3, 0, 4),
        "pause": (Steps([(0, 0), (60, 3)]), 0, 0),
    }
    return tuple(case for case, changed in cases.items() if _refused(*changed))


def _refused(height: Shape | float, hot: float, readers: int) -> int:
    sim, _ = _stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert Tide(sim, STREAM, 3).play(minutes=20).refused == 0
    for _reader in range(readers):
        Poller(sim, STREAM, Ages(sim), start="LATEST").start()
    return Tide(sim, STREAM, height, hot=hot).play(minutes=3).refused


def third_switch() -> tuple[str, ...]:
    """K29: three switches in a day, and what is left of stream, shards and records."""
    sim, kinesis = _stream(ShardCount=2)
    Tide(sim, STREAM, 0.01).play(minutes=1)
    stream, kept, refused = sim.streams[STREAM], len(read(sim, STREAM)), False
    for mode in ("ON_DEMAND", "PROVISIONED", "ON_DEMAND"):
        try:
            kinesis.update_stream_mode(StreamARN=stream.arn, StreamModeDetails={"StreamMode": mode})
        except ClientError:
            refused = True
        sim.advance(hours=5)
    happened = {
        "switched": stream.on_demand and len(stream.open_shards) == 2,
        "refused": refused and not stream.on_demand,
        "reset": stream.on_demand and len(stream.open_shards) == 4,
        "emptied": stream.on_demand and len(read(sim, STREAM)) < kept,
    }
    return tuple(option for option, true in happened.items() if true)


def warm_first() -> tuple[str, ...]:
    """K30: each preparation on an account of its own, then the call."""
    return tuple(way for way in ("commit", "mode", "scale", "record") if _warms(way))


def _warms(way: str) -> bool:
    sim, kinesis = _stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    arn = sim.streams[STREAM].arn
    steps = {
        "commit": lambda: kinesis.update_account_settings(
            MinimumThroughputBillingCommitment={"Status": "ENABLED"}
        ),
        "mode": lambda: kinesis.update_stream_mode(
            StreamARN=arn, StreamModeDetails={"StreamMode": "PROVISIONED"}
        ),
        "scale": lambda: kinesis.update_shard_count(
            StreamName=STREAM, TargetShardCount=20, ScalingType="UNIFORM_SCALING"
        ),
        "record": lambda: kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10_240),
    }
    try:
        steps[way]()
        sim.advance(minutes=2)
        kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=20)
        sim.advance(minutes=5)
    except ClientError:
        return False
    return Tide(sim, STREAM, 20).play(minutes=1).refused == 0


def two_loads() -> tuple[str, ...]:
    """K28: each load in both modes for an hour; those that are cheaper provisioned."""
    loads: dict[str, tuple[Shape | float, int]] = {
        "idle": (0, 8),
        "spiky": (Steps([(0, 3.9), (60, 0)]), 4),
        "rare": (Bursts(0, 3.5, every_s=3_600, last_s=20), 4),
        "steady": (0.2, 1),
    }
    return tuple(
        name
        for name, (height, shards) in loads.items()
        if _cost(height, ShardCount=shards)
        < _cost(height, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    )


def _cost(height: Shape | float, **settings: Any) -> Decimal:
    sim, _ = _stream(**settings)
    assert Tide(sim, STREAM, height).play(hours=1).refused == 0
    return sim.bill().total


def _stream(**settings: Any) -> tuple[Simulator, Any]:
    sim = Simulator(delays="instant", latency=None, remember=0)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, **settings)
    sim.advance(minutes=1)
    return sim, kinesis
