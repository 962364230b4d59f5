"""A Lambda function that charges rides, and cannot read one of them: what blocks a shard."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from typing import Any

from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.scenes.drip import Drip

STREAM, FUNCTION, QUEUE = "pedala-payments", "billing", "billing-failures"
PAYMENTS, POISON = 300, 137
GARBAGE = b"\x00\x00 no payment"
STUCK_MINUTES = 10
Event = dict[str, Any]


class Charging:
    """A Lambda handler: charges each payment once, whatever comes twice, and fails on garbage.

    partial: report the first record that cannot be read instead of raising. charged: payment
    numbers, each with how often it came; invocations: records per call; windows: payments counted
    in each tumbling window, where the mapping has some.
    """

    def __init__(self, *, partial: bool = False) -> None:
        self.partial = partial
        self.charged: Counter[int] = Counter()
        self.invocations: list[int] = []
        self.windows: list[int] = []

    def __call__(self, event: Event) -> Event:
        """Handle a batch, record after record."""
        self.invocations.append(len(event["Records"]))
        for row in event["Records"]:
            try:
                self.charged[json.loads(b64decode(row["kinesis"]["data"]))["number"]] += 1
            except ValueError:
                return self._refuse(row["kinesis"]["sequenceNumber"])
        return {"batchItemFailures": [], **self._counted(event)}

    def _counted(self, event: Event) -> Event:
        """The state to hand to the next call of a tumbling window."""
        if "state" not in event:
            return {}
        count = event["state"].get("count", 0) + len(event["Records"])
        if event["isFinalInvokeForWindow"]:
            self.windows.append(count)
        return {"state": {"count": count}}

    def _refuse(self, number: str) -> Event:
        if not self.partial:
            raise ValueError("this is no payment")
        return {"batchItemFailures": [{"itemIdentifier": number}]}


class Blocked:
    """An account whose billing stands still: 300 payments on one shard, number 137 is garbage.

    The mapping has Lambda's own settings, and has tried for ten minutes. uuid: the mapping's;
    queue_arn: of an empty SQS queue beside it; billing: the function.
    """

    def __init__(self) -> None:
        self.sim = sim = Simulator(start="2026-01-01T08:00:00Z", latency=None, delays="instant")
        self.billing = Charging()
        sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
        sim.functions.register(FUNCTION, self.billing)
        queues = sim.client("sqs")
        queues.delete_queue(QueueUrl=queues.create_queue(QueueName=QUEUE)["QueueUrl"])
        self.queue_url = queues.create_queue(QueueName=QUEUE)["QueueUrl"]  # an empty one
        self.queue_arn = f"arn:aws:sqs:{sim.region}:{sim.account}:{QUEUE}"
        mapping = sim.client("lambda").create_event_source_mapping(
            EventSourceArn=sim.streams[STREAM].arn,
            FunctionName=FUNCTION,
            StartingPosition="TRIM_HORIZON",
        )
        self.uuid = mapping["UUID"]
        put_payments(sim)
        sim.advance(minutes=STUCK_MINUTES)

    def report_failures(self) -> None:
        """Have the function say where it failed, instead of raising; what came before is done."""
        self.billing.partial = True
        self.billing.charged.clear()
        self.sim.client("lambda").update_event_source_mapping(
            UUID=self.uuid, FunctionResponseTypes=["ReportBatchItemFailures"]
        )

    def failures(self) -> list[dict[str, Any]]:
        """What lies in the queue, as read from the messages; they stay there."""
        answer = self.sim.client("sqs").receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def a_minute_of_payments(**settings: Any) -> Charging:
    """Sixty payments, one a second, and what a mapping with ``settings`` made of all of them."""
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    charging = Charging()
    sim.functions.register(FUNCTION, charging)
    sim.mappings.create(
        EventSourceArn=sim.streams[STREAM].arn,
        FunctionName=FUNCTION,
        StartingPosition="TRIM_HORIZON",
        **settings,
    )
    drip = Drip(sim, STREAM, every_ms=1_000)
    sim.advance(seconds=59)  # the first payment comes at once
    drip.stop()
    sim.advance(minutes=1)  # a batch that is still waiting for its window goes out
    return charging


def put_payments(sim: Simulator, count: int = PAYMENTS, poison: int | None = POISON) -> None:
    """Put numbered payments under twenty keys; number ``poison`` is garbage."""
    rows = [json.dumps({"number": number}).encode() for number in range(count)]
    if poison is not None:
        rows[poison] = GARBAGE
    records = [(row, f"rider-{number % 20:02d}", None) for number, row in enumerate(rows)]
    sim.streams[STREAM].put(records, sim.clock.now)
