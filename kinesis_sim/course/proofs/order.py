"""Proofs about the order of records."""

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.read import read

STREAM, KEY = "pedala-telemetry", "bike-0042"


def middle_refused() -> tuple[str, ...]:
    """K08: a small, a large and a small record on a busy shard; the large one again later."""
    sim = Simulator(delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.put_record(StreamName=STREAM, PartitionKey=KEY, Data=bytes(300_000))
    records = [{"PartitionKey": KEY, "Data": data} for data in (b"a", b"b" * 900_000, b"c")]
    answer = kinesis.put_records(StreamName=STREAM, Records=records)
    refused = [
        record
        for record, entry in zip(records, answer["Records"], strict=True)
        if "ErrorCode" in entry
    ]
    assert refused == [records[1]], "the question is about a middle record that was refused"
    sim.advance(seconds=1)
    kinesis.put_records(StreamName=STREAM, Records=refused)
    return tuple(record["Data"][:1].decode() for record in read(sim, STREAM)[1:])
