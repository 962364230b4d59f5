"""Who calls: producers, pollers, subscribers, lookers-on, reshards, slow and silent ones."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

STREAM = "soak"
THROTTLES = frozenset(
    (
        *("ProvisionedThroughputExceededException", "LimitExceededException"),
        *("ThrottlingException", "ServiceUnavailableException", "ResourceInUseException"),
    )
)
"""Refusals that a busy account meets on AWS as well; a subscription that another took over too."""


@dataclass
class Book:
    """What all clients saw. took: seconds of each call; errors: by code; sent: what was
    acknowledged, with its sequence number; read: what pollers saw."""

    took: list[tuple[str, float]] = field(default_factory=list)
    throttled: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    sent: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    pushed: set[str] = field(default_factory=set)
    reshards: int = 0

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Time a call; count what it was refused with."""
        began = time.monotonic()
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in THROTTLES:
                self.throttled += 1
                time.sleep(0.1)
            else:
                self.errors[f"{name} {code}"] += 1
        except BotoCoreError as error:
            self.errors[f"{name} {type(error).__name__}"] += 1
        self.took.append((name, time.monotonic() - began))


class Clients:
    """Threads that call one endpoint until told to stop."""

    def __init__(self, endpoint: str, seed: int = 0) -> None:
        self.book = Book()
        self.over = threading.Event()
        self._endpoint, self._seed = endpoint, seed
        self._threads: list[threading.Thread] = []

    def client(self, service: str = "kinesis") -> Any:
        return boto3.client(
            service,
            endpoint_url=self._endpoint,
            region_name="us-east-1",
            aws_access_key_id="soak",
            aws_secret_access_key="soak",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=120),
        )

    def start(self, count: int) -> None:
        """So many: two fifths produce, a fifth polls, a fifth looks on, the rest are the others."""
        kinds: list[Callable[[int], None]] = [
            *(self._produce, self._produce, self._poll, self._look_on, self._produce),
            *(self._subscribe, self._produce, self._poll, self._look_on, self._slow),
        ]
        for number in range(count):
            self._begin(kinds[number % len(kinds)], number)
        self._begin(self._reshard, count)
        self._begin(self._silent, count + 1)

    def stop(self) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(130)

    def _begin(self, act: Callable[[int], None], number: int) -> None:
        thread = threading.Thread(target=act, args=(number,), daemon=True)
        self._threads.append(thread)
        thread.start()

    # --- each -------------------------------------------------------------------------------------

    def _produce(self, number: int) -> None:
        kinesis, count = self.client(), 0
        while not self.over.wait(0.05):
            rows = []
            for _ in range(10):
                count += 1
                rows.append({"Data": f"p{number}-{count}\n".encode(), "PartitionKey": f"p{number}"})
            with self.book.call("PutRecords"):
                answer = kinesis.put_records(StreamName=STREAM, Records=rows)
                for row, told in zip(rows, answer["Records"], strict=True):
                    if "SequenceNumber" in told:
                        self.book.sent[row["Data"].decode().strip()] = told["SequenceNumber"]

    def _poll(self, number: int) -> None:
        kinesis, places, known = self.client(), dict[str, str](), set[str]()
        while not self.over.wait(1.0):
            with self.book.call("ListShards"):
                shards = kinesis.list_shards(StreamName=STREAM)["Shards"]
                for shard in {row["ShardId"] for row in shards} - known:
                    with self.book.call("GetShardIterator"):
                        told = kinesis.get_shard_iterator(
                            StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
                        )
                        places[shard] = told["ShardIterator"]
                        known.add(shard)
            for shard, iterator in list(places.items()):
                with self.book.call("GetRecords"):
                    answer = kinesis.get_records(ShardIterator=iterator)
                    self.book.read.update(row["Data"].decode().strip() for row in answer["Records"])
                    places.pop(shard)
                    if answer.get("NextShardIterator"):
                        places[shard] = answer["NextShardIterator"]

    def _subscribe(self, number: int) -> None:
        kinesis = self.client()
        arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
        made = kinesis.register_stream_consumer(
            StreamARN=arn["StreamARN"], ConsumerName=f"c{number}"
        )
        consumer = made["Consumer"]["ConsumerARN"]
        random = Random(self._seed + number)
        while not self.over.wait(6):
            with self.book.call("SubscribeToShard"):
                open_ = kinesis.list_shards(StreamName=STREAM, ShardFilter={"Type": "AT_LATEST"})[
                    "Shards"
                ]
                answer = kinesis.subscribe_to_shard(
                    ConsumerARN=consumer,
                    ShardId=random.choice(open_)["ShardId"],
                    StartingPosition={"Type": "LATEST"},
                )
            began = time.monotonic()
            for event in answer["EventStream"]:
                rows = event["SubscribeToShardEvent"]["Records"]
                self.book.pushed.update(row["Data"].decode().strip() for row in rows)
                if self.over.is_set() or time.monotonic() - began > 30:
                    break
            answer["EventStream"].close()

    def _look_on(self, number: int) -> None:
        kinesis, watch, s3 = self.client(), self.client("cloudwatch"), self.client("s3")
        while not self.over.wait(0.3):
            with self.book.call("DescribeStreamSummary"):
                kinesis.describe_stream_summary(StreamName=STREAM)
            with self.book.call("ListMetrics"):
                watch.list_metrics(Namespace="AWS/Kinesis")
            with self.book.call("PutObject"):
                s3.put_object(Bucket="soak", Key=f"looks/{number}", Body=b"x" * 1_000)

    def _reshard(self, number: int) -> None:
        kinesis, random = self.client(), Random(self._seed)
        while not self.over.wait(5):
            with self.book.call("UpdateShardCount"):
                target = random.choice([3, 4, 5, 6])
                kinesis.update_shard_count(
                    StreamName=STREAM, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
                )
                self.book.reshards += 1

    def _slow(self, number: int) -> None:
        """A caller that sends its body byte by byte, and one that never reads its answer."""
        while not self.over.wait(1):
            with socket.create_connection(self._place()) as bare:
                head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                target = b"X-Amz-Target: Kinesis_20131202.ListStreams\r\n"
                bare.sendall(head + target + b"Content-Type: application/x-amz-json-1.1\r\n\r\n")
                for _ in range(20):
                    if self.over.wait(1):
                        break
                    try:
                        bare.sendall(b" ")
                    except OSError:
                        break

    def _silent(self, number: int) -> None:
        """Twenty connections that say nothing, opened anew when they were closed."""
        while not self.over.is_set():
            held = [socket.create_connection(self._place()) for _ in range(20)]
            self.over.wait(70)
            for bare in held:
                bare.close()

    def _place(self) -> tuple[str, int]:
        url = urlsplit(self._endpoint)
        return url.hostname or "127.0.0.1", url.port or 80
