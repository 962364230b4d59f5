"""In-process clients, each in a process of its own: moto patches botocore, so nobody shares one.

``python -m benchmarks.contestants ours|boto3|moto`` reads lines ``operation seconds`` and answers
each with the processor seconds that one call cost: who else uses the machine hardly matters then.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from benchmarks import workload

MOST_CALLS = 250
"""Calls of one turn: a simulated second passes between calls, and an iterator lives for 300."""


Pause = Callable[[], object]


class Contestant:
    """A boto3 client and what it is asked to do.

    pause: called between calls that a shard's limits allow once a second, outside the time.
    """

    def __init__(self, client: Any, pause: Pause = lambda: None) -> None:
        self._client = client
        self._pauses = {"put_records": pause, "get_records": pause}
        self._batch = workload.batch()

    def turn(self, operation: str, seconds: float) -> float:
        """Call for about this long; returns the processor seconds that one call cost."""
        call = getattr(self, f"_{operation}")()
        pause = self._pauses.get(operation, lambda: None)
        spent, calls = 0.0, 0
        while not calls or (spent < seconds and calls < MOST_CALLS):
            pause()
            start = process_time()
            answer = call()
            spent += process_time() - start
            calls += 1
        assert not answer.get("FailedRecordCount"), "a benchmark of refusals says nothing"
        return spent / calls

    def _put_records(self) -> Callable[[], Any]:
        put, records = self._client.put_records, self._batch
        return lambda: put(StreamName=workload.PUT_STREAM, Records=records)

    def _put_record(self) -> Callable[[], Any]:
        put, record = self._client.put_record, self._batch[0]
        return lambda: put(StreamName=workload.PUT_STREAM, **record)

    def _get_records(self) -> Callable[[], Any]:
        get, token = self._client.get_records, workload.iterator(self._client)
        assert len(get(ShardIterator=token, Limit=workload.READ)["Records"]) == workload.READ
        return lambda: get(ShardIterator=token, Limit=workload.READ)


def ours() -> Contestant:
    """A Simulator as learners make it: calls take simulated time, and shards have their limits."""
    from kinesis_sim import Simulator

    sim = Simulator()
    client = sim.client("kinesis")
    workload.prepare(client)
    sim.advance(minutes=1)
    client.increase_stream_retention_period(
        StreamName=workload.READ_STREAM, RetentionPeriodHours=8760
    )
    sim.advance(minutes=1)

    def second() -> None:
        sim.advance(seconds=1)

    workload.fill(client, second)
    return Contestant(client, second)


def boto3() -> Contestant:
    """boto3 alone: every call is answered at ``before-call`` with an answer made beforehand."""
    import boto3 as real
    from botocore.awsrequest import AWSResponse

    client = real.client("kinesis", region_name=workload.REGION)
    canned, http = _canned(), AWSResponse("https://kinesis.example/", 200, {}, None)

    def answer(model: Any, **_: Any) -> tuple[Any, Any]:
        return http, canned[model.name]

    client.meta.events.register("before-call.kinesis", answer)
    return Contestant(client)


def _canned() -> dict[str, dict[str, Any]]:
    from datetime import UTC, datetime

    number = "49659410000000000000000000000000000000000000000000000002"
    placed = {"SequenceNumber": number, "ShardId": "shardId-000000000000"}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    row = {"SequenceNumber": number, "ApproximateArrivalTimestamp": at}
    records = [row | record for record in workload.batch(count=workload.READ)]
    meta = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}}
    rows = [dict(placed) for _ in range(workload.BATCH)]
    return {
        "PutRecord": placed | meta,
        "PutRecords": {"FailedRecordCount": 0, "Records": rows} | meta,
        "GetShardIterator": {"ShardIterator": "A" * 180} | meta,
        "GetRecords": {"Records": records, "NextShardIterator": "A" * 180} | meta,
    }


def moto() -> Contestant:
    """moto's ``mock_aws``."""
    import boto3 as real
    from moto import mock_aws

    mock_aws().start()
    client = real.client("kinesis", region_name=workload.REGION)
    workload.prepare(client)
    workload.fill(client)
    return Contestant(client)


MAKERS: dict[str, Callable[[], Contestant]] = {"ours": ours, "boto3": boto3, "moto": moto}


class Remote:
    """A contestant in a process of its own."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contestants", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=workload.environment(),
        )

    def turn(self, operation: str, seconds: float) -> float:
        """As Contestant.turn, over there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(operation, seconds, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def main() -> None:
    contestant = MAKERS[sys.argv[1]]()
    for line in sys.stdin:
        operation, seconds = line.split()
        print(contestant.turn(operation, float(seconds)), flush=True)


if __name__ == "__main__":
    main()
