"""Whatever goes wrong on purpose, nothing that was acknowledged is lost.

Random fault plans over a world with a producer, KCL workers, an event source mapping, and Firehose
streams to S3 and to an endpoint.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.faults.events import FaultStruck
from kinesis_sim.workloads.readers.kcl import KclApplication
from tests.effort import examples
from tests.firehose.calls import bucket, hints

ACCOUNTS = count(640_000_000_001)
STREAM = "pedidos"
SELDOM = {"bucket-outage": 1.0, "destination-outage": 1.0, "function-error": 0.6} | {
    "function-delay": 1.0
}
"""Shares of what is tried only a few times in four minutes."""
SHARE = st.sampled_from([0.1, 0.5, 1.0])
PLANS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(("throttle", STREAM), ("throttle", "shard"), ("expired-iterator", STREAM)),
                *(("internal-error", "*"), ("api-throttle", STREAM), ("unavailable", "*")),
                *(("lost-answer", STREAM), ("partial", STREAM), ("partial", "shard")),
                *(("slow", STREAM), ("key-outage", "*"), ("bucket-outage", "*")),
                *(("destination-outage", "painel"), ("function-error", "cobrar")),
                *(("function-delay", "cobrar"), ("crash", ""), ("clock-jump", "")),
            ]
        ),
        SHARE,
        st.integers(0, 200),
        st.integers(5, 240),
    ),
    min_size=1,
    max_size=6,
)


class World:
    """One encrypted stream, a writer, and four kinds of readers."""

    def __init__(self, account: str = "") -> None:
        account = account or f"{next(ACCOUNTS):012d}"
        self.sim = sim = Simulator(latency=None, delays="instant", account=account)
        self.kinesis = sim.client("kinesis")
        self.kinesis.create_stream(StreamName=STREAM, ShardCount=2)
        self.kinesis.start_stream_encryption(
            StreamName=STREAM, EncryptionType="KMS", KeyId="alias/aws/kinesis"
        )
        self.lake = f"lago-{account}"
        sim.buckets.create(self.lake)
        self.seen: dict[str, set[int]] = {"kcl": set(), "lambda": set()}
        self.app = KclApplication(sim, "leitor", STREAM, self._process, keep_failed=True)
        self.workers = [self.app.add_worker(), self.app.add_worker()]
        sim.functions.register("cobrar", self._charge)
        sim.mappings.create(
            EventSourceArn=sim.streams[STREAM].arn,
            FunctionName="cobrar",
            StartingPosition="TRIM_HORIZON",
        )
        self._deliver()
        self.next, self.acknowledged = 0, set[int]()

    def _deliver(self) -> None:
        firehose, source = self.sim.client("firehose"), self.sim.streams[STREAM].arn
        own = {"RoleARN": f"arn:aws:iam::{self.sim.account}:role/firehose"}
        errors = {"ErrorOutputPrefix": "erros/"}
        lake = bucket(self.lake, **hints(1, 60), Prefix="dados/", **errors, **own)
        reading = {
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": source, **own},
        }
        firehose.create_delivery_stream(
            DeliveryStreamName="lago", ExtendedS3DestinationConfiguration=lake, **reading
        )
        self.receiver = self.sim.receivers.http("painel")
        backup = bucket(self.lake, **hints(1, 60), ErrorOutputPrefix="fora/", **own)
        self.endpoint = {
            "EndpointConfiguration": {"Url": self.receiver.url, "Name": "painel"},
            "S3Configuration": backup,
            "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
            "RetryOptions": {"DurationInSeconds": 120},
        }
        firehose.create_delivery_stream(
            DeliveryStreamName="painel",
            HttpEndpointDestinationConfiguration=self.endpoint,
            **reading,
        )

    def _process(self, shard: str, records: list[dict[str, Any]]) -> None:
        self.seen["kcl"] |= {int(record["Data"]) for record in records}

    def _charge(self, event: dict[str, Any]) -> None:
        from base64 import b64decode

        self.seen["lambda"] |= {int(b64decode(row["kinesis"]["data"])) for row in event["Records"]}

    def put(self) -> None:
        """One batch, as the SDK sends it; what is not acknowledged is the producer's to keep."""
        numbers = range(self.next, self.next + 10)
        self.next += 10
        entries = [{"Data": b"%d\n" % n, "PartitionKey": f"k{n % 7}"} for n in numbers]
        try:
            answer = self.kinesis.put_records(StreamName=STREAM, Records=entries)
        except ClientError:
            return
        self.acknowledged |= {
            number
            for number, row in zip(numbers, answer["Records"], strict=True)
            if "SequenceNumber" in row
        }

    def plan(self, kind: str, target: str, share: float, at: int, seconds: int) -> None:
        """Plan one fault, ``at`` seconds from now, for some seconds."""
        faults, begins = self.sim.faults, self.sim.clock.now + at * 1_000
        lasts = f"{seconds}s"
        if kind == "crash":
            worker = self.workers[at % 2]
            faults.crash(worker, restart=self._restart(worker.name), at=begins, lasts=lasts)
        elif kind == "clock-jump":
            faults.jump(f"{seconds}s", at=begins)
        elif target == "shard":
            part = f"shardId-{at % 2:012d}"
            faults.add(kind, STREAM, part=part, share=share, at=begins, lasts=lasts)
        else:
            faults.add(kind, target, share=share, at=begins, lasts=lasts)

    def _restart(self, name: str) -> Any:
        def restart() -> None:
            if not self.app.workers[name].alive:
                self.app.add_worker(name)

        return restart

    def delivered(self, prefix: str) -> set[int]:
        """The numbers in the objects under a prefix."""
        objects = self.sim.buckets.objects(self.lake, prefix)
        return {int(line) for _, body in objects for line in body.split()}

    def sent(self) -> set[int]:
        """The numbers that the endpoint took, or that went to the backup instead."""
        from base64 import b64decode

        found = {int(record) for record in self.receiver.records}
        for _, body in self.sim.buckets.objects(self.lake, "fora/"):
            rows = map(json.loads, body.splitlines())
            found |= {int(b64decode(row["rawData"])) for row in rows}
        return found

    def run(self) -> None:
        """Write for four minutes, then leave everybody time to catch up."""
        for _ in range(24):
            self.put()
            self.sim.advance(seconds=10)
        self.sim.faults.clear()
        self.sim.advance(minutes=30)


def check(world: World) -> None:
    assert world.seen["kcl"] >= world.acknowledged
    assert world.seen["lambda"] >= world.acknowledged
    assert world.delivered("dados/") >= world.acknowledged
    assert world.sent() >= world.acknowledged
    for name in ("lago", "painel"):
        tally = world.sim.firehose[name].tally
        assert (tally.lost, tally.buffered) == (0, 0)


@given(PLANS)
@settings(max_examples=examples(6))
def test_nothing_acknowledged_is_lost_under_any_plan(plan: list[Any]) -> None:
    world = World()
    for (kind, target), share, at, seconds in plan:
        world.plan(kind, target, share, at, seconds)
    world.run()
    check(world)


def test_every_kind_at_once_strikes_and_loses_nothing() -> None:
    world = World("649999999999")  # what is drawn follows from the account
    for index, (kind, target) in enumerate(
        [
            *(("throttle", "shard"), ("expired-iterator", STREAM), ("internal-error", "*")),
            *(("lost-answer", STREAM), ("partial", STREAM), ("slow", STREAM)),
            *(("key-outage", "*"), ("bucket-outage", "*"), ("destination-outage", "painel")),
            *(("function-error", "cobrar"), ("function-delay", "cobrar"), ("crash", "")),
            *(("clock-jump", ""), ("api-throttle", STREAM), ("unavailable", STREAM)),
        ]
    ):
        world.plan(kind, target, SELDOM.get(kind, 0.3), index, 180)
    world.run()
    check(world)
    struck = {event.kind for event in world.sim.events.of(FaultStruck)}
    assert len(struck) == 15
    assert len(world.acknowledged) > 50


def test_two_runs_of_one_plan_are_alike() -> None:
    def run() -> tuple[Any, ...]:
        sim = Simulator(latency=None, delays="instant")
        sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
        sim.faults.add("partial", STREAM, share=0.5, lasts="5m")
        records = [{"Data": b"x", "PartitionKey": str(n)} for n in range(50)]
        request = {"StreamName": STREAM, "Records": records}
        answer = sim.gate.call("kinesis", "PutRecords", request)
        return answer["FailedRecordCount"], [row.get("ErrorCode") for row in answer["Records"]]

    assert run() == run()
    assert 0 < run()[0] < 50
