"""Random scripts of calls, native puts, moves and foreign actions, and all that can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import KinesisSimError
from kinesis_sim.streams.stream import Stream

Step = tuple[str, int, int]
STREAMS = ("alpha", "beta")
OTHER = "616161616161"  # no other test may give it buckets or keys
ROLE = "arn:aws:iam::123456789012:role/firehose"
KINDS = (
    "create", "delete", "put", "puts", "native", "split", "merge", "count", "mode", "read", "list",
    "hose", "hose put", "hose native", "metric", "alarm", "metrics", "consumer", "queue", "receive",
    "ack", "retain", "bill", "later", "move", "move", "move", "wrong", "key", "tag",
    "place", "place", "fault", "fault end", "jump", "stopped",
)  # fmt: skip
_step = st.tuples(st.sampled_from(KINDS), st.integers(0, 7), st.integers(0, 100))
PROLOGUES: tuple[list[Step], ...] = (
    [],
    [("create", 0, 3), ("move", 4, 0), ("queue", 0, 0), ("consumer", 0, 0), ("move", 4, 0)],
    [("create", 1, 1), ("move", 4, 0), ("hose", 1, 0), ("move", 4, 0), ("later", 1, 5)],
    [("create", 0, 1), ("hose", 0, 0), ("move", 4, 0), ("alarm", 0, 2), ("metric", 0, 90)],
    [("create", 0, 1), ("place", 1, 0), ("create", 0, 2), ("fault", 0, 40), ("move", 4, 0)],
    [("place", 2, 0), ("create", 1, 1), ("move", 4, 0), ("hose", 1, 0), ("fault", 3, 5)],
)
steps = st.builds(
    lambda prologue, rest: prologue + rest,
    st.sampled_from(PROLOGUES),
    st.lists(_step, max_size=30),
)


class Actor:
    """Does the steps of a script, and remembers what it was told."""

    def __init__(self, sim: Simulator, place: int = 0) -> None:
        self.home = self.sim = sim
        self.went = place
        if place:
            self.place("", place, 0)
        self.told: list[Any] = []
        self.iterators: list[str] = []
        self.receipts: list[Any] = []

    def do(self, step: Step) -> None:
        """One step; an error is an answer, too."""
        kind, which, much = step
        try:
            answer = getattr(self, kind.replace(" ", "_"))(STREAMS[which % 2], which, much)
        except (KinesisSimError, LookupError) as error:
            answer = str(error)
        self.told.append((step, answer))

    def call(self, service: str, operation: str, **request: Any) -> Any:
        return self.sim.gate.call(service, operation, request)

    def arn(self, name: str) -> str:
        return f"arn:aws:kinesis:{self.sim.region}:{self.sim.account}:stream/{name}"

    def place(self, name: str, which: int, much: int) -> Any:
        """Go on in another Region, or another account on the same clock."""
        self.went, places = which, [self.home, "sa-east-1", OTHER]
        found = places[which % 3]
        if found == "sa-east-1":
            found = self.home.in_region(found)
        self.sim = self.home.accounts.of(found) if isinstance(found, str) else found
        return repr(self.sim)

    def fault(self, name: str, which: int, much: int) -> Any:
        kinds = ("throttle", "partial", "slow", "key-outage", "bucket-outage", "lost-answer")
        kind = kinds[which % len(kinds)]
        at = self.sim.clock.now + 1000 * (much % 9)
        return self.sim.faults.add(kind, name, share=much / 100, at=at, lasts="90s").row()

    def fault_end(self, name: str, which: int, much: int) -> Any:
        if which == 0:
            return self.sim.faults.clear()
        return self.sim.faults.end(f"fault-{which}")

    def jump(self, name: str, which: int, much: int) -> Any:
        return self.sim.faults.jump(f"{1 + much}s", at=self.sim.clock.now + 500 * (which % 3)).row()

    def stopped(self, name: str, which: int, much: int) -> Any:
        """A move that somebody stops between two actions, it may be of one instant."""
        left = [1 + much % 7]

        def look() -> bool:
            left[0] -= 1
            if not left[0]:
                self.sim.clock.stop()
            return True

        before, self.sim.clock.before_step = self.sim.clock.before_step, look
        try:
            return str(self.sim.advance(hours=1 + which))
        finally:
            self.sim.clock.before_step = before

    def create(self, name: str, which: int, much: int) -> Any:
        mode = "ON_DEMAND" if much % 3 == 0 else "PROVISIONED"
        more = {} if mode == "ON_DEMAND" else {"ShardCount": 1 + which % 3}
        return self.call(
            "kinesis", "CreateStream", StreamName=name, StreamModeDetails={"StreamMode": mode},
            **more,
        )  # fmt: skip

    def delete(self, name: str, which: int, much: int) -> Any:
        return much % 4 or self.call("kinesis", "DeleteStream", StreamName=name)

    def put(self, name: str, which: int, much: int) -> Any:
        data = bytes([much]) * much
        return self.call("kinesis", "PutRecord", StreamName=name, PartitionKey="ção", Data=data)

    def puts(self, name: str, which: int, much: int) -> Any:
        rows = [{"Data": b"%d" % n, "PartitionKey": f"k{n}"} for n in range(1 + much)]
        return self.call("kinesis", "PutRecords", StreamName=name, Records=rows)

    def native(self, name: str, which: int, much: int) -> Any:
        rows = [(b"native", f"n{n}", None) for n in range(1 + which)]
        return len(self.stream(name).put(rows, self.sim.clock.now))

    def stream(self, name: str) -> Stream:
        return self.sim.streams[name]

    def split(self, name: str, which: int, much: int) -> Any:
        shard = f"shardId-{which:012d}"
        return self.call(
            "kinesis", "SplitShard", StreamName=name, ShardToSplit=shard,
            NewStartingHashKey=str((2**128 // 101) * (much + 1)),
        )  # fmt: skip

    def merge(self, name: str, which: int, much: int) -> Any:
        first, second = f"shardId-{which:012d}", f"shardId-{which + 1:012d}"
        return self.call(
            "kinesis", "MergeShards", StreamName=name, ShardToMerge=first,
            AdjacentShardToMerge=second,
        )  # fmt: skip

    def count(self, name: str, which: int, much: int) -> Any:
        return self.call(
            "kinesis", "UpdateShardCount", StreamName=name, TargetShardCount=1 + which % 4,
            ScalingType="UNIFORM_SCALING",
        )  # fmt: skip

    def mode(self, name: str, which: int, much: int) -> Any:
        mode = ("ON_DEMAND", "PROVISIONED")[which % 2]
        return self.call(
            "kinesis", "UpdateStreamMode", StreamARN=self.arn(name),
            StreamModeDetails={"StreamMode": mode},
        )  # fmt: skip

    def read(self, name: str, which: int, much: int) -> Any:
        if self.iterators and much % 2:
            answer = self.call(
                "kinesis", "GetRecords", ShardIterator=self.iterators[-1], Limit=1 + much
            )
            self.iterators.append(answer.get("NextShardIterator", self.iterators[-1]))
            return answer
        answer = self.call(
            "kinesis", "GetShardIterator", StreamName=name, ShardId=f"shardId-{which % 3:012d}",
            ShardIteratorType=("TRIM_HORIZON", "LATEST")[much % 2],
        )  # fmt: skip
        self.iterators.append(answer["ShardIterator"])
        return answer

    def list(self, name: str, which: int, much: int) -> Any:
        return self.call("kinesis", "ListShards", StreamName=name)

    def hose(self, name: str, which: int, much: int) -> Any:
        more: dict[str, Any] = {"DeliveryStreamType": "DirectPut"}
        if which % 2:
            more = {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {
                    "KinesisStreamARN": self.arn(name),
                    "RoleARN": ROLE,
                },
            }
        destination = {
            "BucketARN": "arn:aws:s3:::not-there",
            "RoleARN": ROLE,
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        }
        return self.call(
            "firehose", "CreateDeliveryStream", DeliveryStreamName=f"hose-{name}",
            ExtendedS3DestinationConfiguration=destination, **more,
        )  # fmt: skip

    def hose_put(self, name: str, which: int, much: int) -> Any:
        rows = [{"Data": b"x" * much} for _ in range(1 + which)]
        return self.call(
            "firehose", "PutRecordBatch", DeliveryStreamName=f"hose-{name}", Records=rows
        )

    def hose_native(self, name: str, which: int, much: int) -> Any:
        return self.sim.firehose[f"hose-{name}"].put([b"y" * much])

    def metric(self, name: str, which: int, much: int) -> Any:
        row = {"MetricName": name, "Value": much / 7, "Unit": "Count"}
        return self.call("cloudwatch", "PutMetricData", Namespace="Own", MetricData=[row])

    def alarm(self, name: str, which: int, much: int) -> Any:
        return self.call(
            "cloudwatch", "PutMetricAlarm", AlarmName=f"alarm-{name}", Namespace="Own",
            MetricName=name, Statistic="Sum", Period=60, EvaluationPeriods=1 + which % 3,
            Threshold=float(much), ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip

    def metrics(self, name: str, which: int, much: int) -> Any:
        return len(self.sim.metrics(None))

    def consumer(self, name: str, which: int, much: int) -> Any:
        return self.call(
            "kinesis", "RegisterStreamConsumer", StreamARN=self.arn(name), ConsumerName=f"c{which}"
        )

    def queue(self, name: str, which: int, much: int) -> Any:
        return self.call(
            "kinesis", "CreateQueue", StreamARN=self.arn(name), QueueName="q",
            StartingPosition={"Type": "TRIM_HORIZON"},
        )  # fmt: skip

    def receive(self, name: str, which: int, much: int) -> Any:
        [queue] = self.queues(name)[:1] or [""]
        answer = self.call(
            "kinesis", "ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=which % 4
        )
        self.receipts += answer["QueueRecords"]
        return answer

    def queues(self, name: str) -> Any:
        return [arn for arn, queue in self.sim.streams.queues.items() if queue.stream.name == name]

    def ack(self, name: str, which: int, much: int) -> Any:
        return [row.get("SequenceNumber") for row in self.receipts[-3:]]

    def retain(self, name: str, which: int, much: int) -> Any:
        return self.call(
            "kinesis", "IncreaseStreamRetentionPeriod", StreamName=name,
            RetentionPeriodHours=25 + which,
        )  # fmt: skip

    def bill(self, name: str, which: int, much: int) -> Any:
        return self.sim.bill().total

    def later(self, name: str, which: int, much: int) -> Any:
        """A foreign action, in the middle of moves to come, that puts, calls and goes on."""
        left = [3]

        def again() -> None:
            try:
                self.native(name, which, much)
                self.put(name, which, much)
            except (KinesisSimError, LookupError):
                pass
            left[0] -= 1
            if left[0]:
                self.sim.clock.schedule(self.sim.clock.now + 1000 * (1 + which), again)

        self.sim.clock.schedule(self.sim.clock.now + 1000 * much, again)

    def move(self, name: str, which: int, much: int) -> Any:
        ms = (1, 1000, 999, 60_000, 61_000, 3_600_000, 7, 40_000)[which] * (1 + much % 20)
        return str(self.sim.advance(milliseconds=ms))

    def wrong(self, name: str, which: int, much: int) -> Any:
        return self.call("kinesis", "PutRecord", StreamName="?", PartitionKey="k", Data=b"")

    def key(self, name: str, which: int, much: int) -> Any:
        self.sim.keys.set_state("alias/aws/kinesis", ("Enabled", "Disabled")[which % 2])
        return self.call(
            "kinesis", "StartStreamEncryption", StreamName=name, EncryptionType="KMS",
            KeyId="alias/aws/kinesis",
        )  # fmt: skip

    def tag(self, name: str, which: int, much: int) -> Any:
        tags = {f"t{which}": "\ud800 ü" if much % 5 == 0 else str(much)}
        return self.call("kinesis", "AddTagsToStream", StreamName=name, Tags=tags)


def portrait(home: Simulator) -> dict[str, Any]:
    """All that can be seen of a simulator and of those on its clock."""
    everywhere = list(home.accounts.all_regions())
    for sim in everywhere:
        sim.bill()
    return {
        "now": home.clock.now,
        "steps": home.clock.steps,
        "due": sorted(row[0] for row in [*home.clock._heap, *home.clock._idle] if _matters(row)),
        **{repr(sim): _looks(sim) for sim in everywhere},
    }


def _looks(sim: Simulator) -> dict[str, Any]:
    return {
        "events": list(sim.events),
        "sums": sim.events.minutes(),
        "bill": [line.row() for line in sim.bill().rows],
        "metrics": sim.metrics(None).to_csv(),
        "faults": [(each.row(), sim.faults.struck(each)) for each in sim.faults],
        "told": [_asked(sim, *question) for question in _questions(sim)],
    }


def _matters(row: Any) -> bool:
    return row[2].action is not None and row[2].slot is None


def _questions(sim: Simulator) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("kinesis", "ListStreams", {}),
        ("kinesis", "DescribeLimits", {}),
        ("firehose", "ListDeliveryStreams", {}),
        ("cloudwatch", "DescribeAlarms", {}),
        ("cloudwatch", "DescribeAlarmHistory", {}),
        ("cloudwatch", "ListMetrics", {}),
    ]
    for stream in sim.streams:
        named = {"StreamName": stream.name}
        found += [
            ("kinesis", "DescribeStreamSummary", named),
            ("kinesis", "DescribeStream", named),
            ("kinesis", "ListShards", named),
            ("kinesis", "ListTagsForStream", named),
            ("kinesis", "ListStreamConsumers", {"StreamARN": stream.arn}),
        ]
    found += [
        ("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": hose.name})
        for hose in sim.firehose
    ]
    return found


def _asked(sim: Simulator, service: str, operation: str, request: dict[str, Any]) -> Any:
    try:
        answer = sim.gate.call(service, operation, request)
    except KinesisSimError as error:
        answer = {"error": str(error)}
    return (operation, answer)


def records(home: Simulator) -> dict[str, list[list[Any]]]:
    """Every record of every shard, in every place."""
    asked: Callable[[Stream], list[list[Any]]] = lambda stream: [  # noqa: E731
        [shard.log.time_at(n) for n in range(shard.log.first, shard.log.end)]
        for shard in stream.shards
    ]
    everywhere = home.accounts.all_regions()
    return {f"{sim} {stream.name}": asked(stream) for sim in everywhere for stream in sim.streams}
