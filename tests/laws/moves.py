"""Random moves on a stream: choices that any state can follow, made good with what is there now."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.reached import reached

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
ON_DEMAND, PROVISIONED = {"StreamMode": "ON_DEMAND"}, {"StreamMode": "PROVISIONED"}
HOUR = 3_600_000
Move = tuple[str, int]
"""What to do, and a number that chooses among what there is to do it with."""

CHOICE = st.integers(0, 1_000_000)
RESHARDS = st.tuples(st.sampled_from(["split", "merge", "scale"]), CHOICE)
KINDS = ("split", "merge", "scale", "mode", "put", "wait", "retain")
MOVES = st.tuples(st.sampled_from(KINDS), CHOICE)


def simulator(shards: int = 2, **options: Any) -> Simulator:
    """A simulator with stream "s", whose changes take no time."""
    sim = Simulator(**{"latency": None, "delays": "instant", "limits": "off", **options})
    call(sim, "CreateStream", StreamName="s", ShardCount=shards)
    return sim


def call(sim: Simulator, operation: str, **params: Any) -> dict[str, Any]:
    """One call through the gate."""
    return sim.gate.call("kinesis", operation, params)


def make(sim: Simulator, move: Move) -> dict[str, Any]:
    """Make a move; a refusal is an answer too."""
    kind, choice = move
    try:
        operation, params = _asked(sim, kind, choice)
        return call(sim, operation, **params)
    except ServiceError as error:
        return {"code": error.code, "message": error.message}


def made(sim: Simulator, move: Move) -> dict[str, Any]:
    """Make a move, and note its kind as reached when it was not refused."""
    answer = make(sim, move)
    reached(move[0], "code" not in answer)
    return answer


def _asked(sim: Simulator, kind: str, choice: int) -> tuple[str, dict[str, Any]]:
    stream = sim.streams["s"]
    pieces = stream.open_shards
    one = pieces[choice % len(pieces)]
    name = {"StreamName": "s"}
    if kind == "split":
        width = one.hashes.end - one.hashes.start
        at = one.hashes.start + width * (choice % 97 + 1) // 98
        return "SplitShard", {**name, "ShardToSplit": one.id, "NewStartingHashKey": str(at)}
    if kind == "merge":
        other = pieces[(choice + 1) % len(pieces)]
        return "MergeShards", {**name, "ShardToMerge": one.id, "AdjacentShardToMerge": other.id}
    if kind == "scale":
        target = choice % (2 * len(pieces)) + 1
        options = {"TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"}
        return "UpdateShardCount", {**name, **options}
    if kind == "mode":
        mode = PROVISIONED if stream.on_demand else ON_DEMAND
        return "UpdateStreamMode", {"StreamARN": ARN, "StreamModeDetails": mode}
    if kind == "put":
        entry = {"PartitionKey": str(choice % 11), "Data": str(choice).encode()}
        return "PutRecords", {**name, "Records": [entry] * (choice % 3 + 1)}
    if kind == "retain":
        now, hours = stream.settings.retention_hours, 24 + choice % 30
        operation = f"{'In' if hours >= now else 'De'}creaseStreamRetentionPeriod"
        return operation, {**name, "RetentionPeriodHours": hours}
    sim.advance(milliseconds=choice * 97)
    return "DescribeStream", name


def tiles(sim: Simulator) -> bool:
    """Whether the open shards' ranges lie end to end over all of [0, 2**128)."""
    every = call(sim, "ListShards", StreamName="s")["Shards"]
    rows = [row for row in every if "EndingSequenceNumber" not in row["SequenceNumberRange"]]
    edge = 0
    for row in sorted(rows, key=lambda row: int(row["HashKeyRange"]["StartingHashKey"])):
        if int(row["HashKeyRange"]["StartingHashKey"]) != edge:
            return False
        edge = int(row["HashKeyRange"]["EndingHashKey"]) + 1
    return edge == 1 << 128
