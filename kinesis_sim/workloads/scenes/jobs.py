"""Repair jobs in an on-demand stream, asked by a queue, by another reader, and by a channel."""

from __future__ import annotations

from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.queue_consumer import QueueConsumer
from kinesis_sim.workloads.readers.reader import Record

STREAM, QUEUE, BIKE, BUCKET = "pedala-jobs", "repairs", "bike-0042", "pedala-archive"
WORK_MS, HOURS_OF_WORK = 1_000, 10
FRESHNESS_S = 300


class Jobs:
    """A stream of numbered jobs of one bike, and two workers that share a queue on it.

    done: the numbers of finished jobs, in the order in which they were finished.
    """

    @typed
    def __init__(self, sim: Simulator, workers: int = 2) -> None:
        self.sim, self.stream = sim, STREAM
        self.done: list[int] = []
        self._kinesis, self._failing = sim.client("kinesis"), {0: 0}
        mode = {"StreamMode": "ON_DEMAND"}
        self._kinesis.create_stream(StreamName=STREAM, StreamModeDetails=mode)
        sim.advance(seconds=30)
        self.queue = QueueConsumer(
            sim, STREAM, self._repair, name=QUEUE, workers=workers, work_ms=WORK_MS
        ).start()

    def put(self, *numbers: int, fails: int = 0, times: int = 0) -> list[int]:
        """Put jobs and give the workers ten minutes; what was finished meanwhile, in order.

        fails: the number of a job at which its worker breaks down, so many ``times``.
        """
        self._failing = {fails: times}
        before = len(self.done)
        for number in numbers:
            self._kinesis.put_record(
                StreamName=STREAM, PartitionKey=BIKE, Data=str(number).encode()
            )
        self.sim.advance(minutes=10)
        return self.done[before:]

    def dead_letters(self) -> list[int]:
        """The numbers of the jobs that were given up."""
        return [int(record["Data"]) for record in self.queue.dead_letters()]

    def archived(self, *numbers: int) -> list[int]:
        """Put a channel to S3 on the stream, then jobs; the jobs that lie in S3 ten minutes on."""
        sim = self.sim
        sim.buckets.create(BUCKET)
        place = {"BucketARN": f"arn:aws:s3:::{BUCKET}", "ExpectedBucketOwner": sim.account}
        told = {"RecordFormatType": "STRING"}
        self._kinesis.create_channel(
            ChannelName="archive",
            ServiceExecutionRoleARN=f"arn:aws:iam::{sim.account}:role/archive",
            StreamConfigurationList=[
                {"StreamARN": sim.streams[STREAM].arn, "RecordConfiguration": told}
            ],
            S3DestinationConfiguration={
                "StorageConfiguration": {**place, "CompressionType": "NONE"},
                "DataFreshnessInSeconds": FRESHNESS_S,
            },
        )
        sim.advance(minutes=1)
        before = set(sim.buckets.keys(BUCKET))
        self.put(*numbers)
        new = [key for key in sim.buckets.keys(BUCKET) if key not in before]
        lines = [line for key in new for line in sim.buckets.read(BUCKET, key).split()]
        return sorted(int(line) for line in lines)

    def _repair(self, queue: str, records: list[Record]) -> None:
        for record in records:
            number = int(record["Data"])
            if self._failing.get(number, 0) > 0:
                self._failing[number] -= 1
                raise ValueError(f"the tool broke at job {number}")
            self.done.append(number)


@typed
def a_queue(sim: Simulator, stream: str) -> str:
    """An on-demand stream with a queue on it, both ready; the queue's ARN."""
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=stream, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    sim.advance(seconds=30)
    source = [{"StreamARN": sim.streams[stream].arn}]
    made = kinesis.create_queue(QueueName=stream, StreamConfigurationList=source)
    sim.advance(seconds=30)
    return str(made["QueueDescription"]["QueueARN"])


@typed
def put_jobs(sim: Simulator, stream: str, *bikes: str) -> None:
    """Put a repair job for each of these bikes."""
    for bike in bikes:
        sim.client("kinesis").put_record(StreamName=stream, PartitionKey=bike, Data=b"repair")
