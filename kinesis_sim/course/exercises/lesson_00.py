"""The checks of lesson 00."""

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed

STREAM, KEY = "meu-stream", "chave2"


def put_one(answer: Any, sim: Simulator) -> Verdict:
    """``answer`` is the receipt of a record with the partition key "chave2" that the stream still
    holds."""
    if not isinstance(answer, dict) or "SequenceNumber" not in answer:
        return not_yet("no-receipt")
    shard, sequence = answer["ShardId"], answer["SequenceNumber"]
    keys = {record["SequenceNumber"]: record["PartitionKey"] for record in _records(sim, shard)}
    if sequence not in keys:
        return not_yet("not-there")
    if keys[sequence] != KEY:
        return not_yet("other-key", key=keys[sequence])
    return passed(sequence=sequence, shard=shard)


def _records(sim: Simulator, shard: str) -> list[dict[str, Any]]:
    kinesis = sim.client("kinesis")
    iterator = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    records: list[dict[str, Any]] = kinesis.get_records(ShardIterator=iterator["ShardIterator"])[
        "Records"
    ]
    return records
