"""Law 5 of the clock in a world where much goes on: whatever is interrupted, nothing is lost.

Hypothesis chooses the moment: the n-th call of a function of the package, at which a signal comes,
or the n-th call of a port, which raises. Afterwards ``advance`` goes on, every tally adds up, and
all that was put arrives everywhere.
"""

from __future__ import annotations

import signal
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dis import get_instructions
from functools import cache
from inspect import CO_GENERATOR
from itertools import count
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kinesis_sim
from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.kcl import KclApplication
from tests.effort import examples

PACKAGE = str(Path(kinesis_sim.__file__).parent)
STREAM, HOSE, BUCKET, ACCOUNT = "s", "d", "lei", "111122220000"
TICK_MS = 600
_NAMES = count()


class World:
    """A stream of two shards under a scheduled producer, read by a mapping, by a Firehose stream
    with a transform, and by a KCL worker."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None, delays="instant", account=ACCOUNT)
        self.sent: list[bytes] = []
        self.mapped: Counter[bytes] = Counter()
        self.worked: Counter[bytes] = Counter()
        self.producing = True
        self.faults: dict[str, int] = {}
        self._break_ports()
        sim = self.sim
        sim.buckets.create(BUCKET)
        sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 2})
        sim.functions.register("work", self._work, duration_ms=40)
        sim.functions.register("same", self._same, duration_ms=30)
        self.mapping = sim.mappings.create(
            EventSourceArn=sim.streams.arn(STREAM),
            FunctionName="work",
            StartingPosition="TRIM_HORIZON",
        )
        self._create_firehose()
        name = f"app-{next(_NAMES)}"  # moto keeps its tables
        self.app = KclApplication(sim, name, STREAM, self._read, keep_failed=True)
        self.app.add_worker()
        self._produce()

    def _break_ports(self) -> None:
        """Ports that raise at a chosen call, as nothing they stand for ever would."""
        owners = {"store": (self.sim.buckets, "write"), "stream": (self.sim.gate, "call")}
        for name, (owner, method) in owners.items():
            setattr(owner, method, self._faulty(name, getattr(owner, method)))

    def _faulty(self, name: str, port: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            left = self.faults.get(name)
            if left is not None and self.sim.clock.is_firing:
                self.faults[name] = left - 1
                if left == 0:
                    raise OSError(f"{name} is not what it was")
            return port(*given)

        return call

    def _create_firehose(self) -> None:
        sim = self.sim
        role = f"arn:aws:iam::{ACCOUNT}:role/firehose"
        step = {"ParameterName": "LambdaArn", "ParameterValue": sim.functions.arn("same")}
        request = {
            "DeliveryStreamName": HOSE,
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {
                "KinesisStreamARN": sim.streams.arn(STREAM),
                "RoleARN": role,
            },
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": f"arn:aws:s3:::{BUCKET}",
                "RoleARN": role,
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 9},
                "ProcessingConfiguration": {
                    "Enabled": True,
                    "Processors": [{"Type": "Lambda", "Parameters": [step]}],
                },
            },
        }
        sim.gate.call("firehose", "CreateDeliveryStream", request)

    # --- what a learner writes ----------------------------------------------------------------

    def _produce(self) -> None:
        sim = self.sim
        if self.producing:
            data = b"%06d;" % len(self.sent)
            sim.streams[STREAM].put([(data, f"k{len(self.sent)}", None)], sim.clock.now)
            self.sent.append(data)
            sim.clock.schedule(sim.clock.now + TICK_MS, self._produce)

    def _work(self, event: dict[str, Any]) -> None:
        for row in event["Records"]:
            self.mapped[b64decode(row["kinesis"]["data"])] += 1

    def _same(self, event: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {"recordId": row["recordId"], "result": "Ok", "data": row["data"]}
            for row in event["records"]
        ]
        return {"records": rows}

    def _read(self, shard: str, records: list[dict[str, Any]]) -> None:
        for record in records:
            self.worked[record["Data"]] += 1

    # --- what must hold -----------------------------------------------------------------------

    def drain(self) -> None:
        self.producing = False
        self.faults.clear()
        self.sim.advance(minutes=2)

    def check(self) -> None:
        sent = set(self.sent)
        hose = self.sim.firehose[HOSE]
        stored = sum(shard.log.end for shard in self.sim.streams[STREAM].shards)
        assert stored == len(self.sent) == len(sent)
        assert set(self.mapped) == sent
        assert set(self.worked) == sent
        assert (hose.held, hose.tally.buffered) == (0, 0)
        assert hose.tally.lost == hose.tally.errors == hose.tally.dropped == 0
        bodies = b"".join(body for _, body in self.sim.buckets.objects(BUCKET))
        landed = Counter(bodies.split(b";"))
        assert set(landed) - {b""} == {each.rstrip(b";") for each in sent}
        assert hose.tally.delivered == sum(landed.values()) - landed[b""]

    def close(self) -> None:
        s3 = self.sim.client("s3")
        for key in self.sim.buckets.keys(BUCKET):
            s3.delete_object(Bucket=BUCKET, Key=key)
        s3.delete_bucket(Bucket=BUCKET)


@contextmanager
def world() -> Iterator[World]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    made = World()
    try:
        yield made
    finally:
        sys.setprofile(None)
        made.close()
        signal.signal(signal.SIGINT, before)


@cache
def _first_yield(code: CodeType) -> int:
    """Where a generator yields for the first time: before that, nobody can throw it away."""
    yields = (each.offset for each in get_instructions(code) if "YIELD" in each.opname)
    return min(yields, default=0)


class After:
    """Sends the signal at the n-th call of a function of the package, and at every n-th after it;
    ``came`` counts them. A generator is one until it has yielded; what it calls always is."""

    def __init__(self, calls: int, times: int) -> None:
        self.calls, self.left, self.times, self.came = calls, calls, times, 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(PACKAGE):
            return
        if frame.f_code.co_flags & CO_GENERATOR and frame.f_lasti >= _first_yield(frame.f_code):
            return  # it may be one that is being thrown away, where nobody hears what is raised
        self.left -= 1
        if self.left <= 0 and self.came < self.times:
            self.left = self.calls
            self.came += 1
            signal.raise_signal(signal.SIGINT)


def run(at: World, seconds: int, profile: After | None = None) -> int:
    """Move on second by second, past every interruption; how many came to the caller."""
    interrupted, end = 0, at.sim.clock.now + 1_000 * seconds
    there = False
    while not there:
        try:
            sys.setprofile(profile)
            at.sim.clock.run_until(end)
            there = True
        except KeyboardInterrupt:
            interrupted += 1
        finally:
            sys.setprofile(None)
        there = there or at.sim.clock.now == end
    return interrupted


def test_the_world_without_interruptions() -> None:
    with world() as at:
        assert run(at, 30) == 0
        at.drain()
        at.check()
        assert len(at.sent) > 40
        assert not at.sim.clock.mishaps.seen
        assert set(at.mapped.values()) == set(at.worked.values()) == {1}


@settings(max_examples=examples(8), deadline=None)
@given(calls=st.integers(1, 20_000), times=st.integers(1, 3))
def test_a_signal_at_any_call_loses_nothing(calls: int, times: int) -> None:
    with world() as at:
        profile = After(calls, times)
        run(at, 30, profile)
        at.drain()
        at.check()
        assert not at.sim.clock.mishaps.seen


def test_the_signal_does_come_to_the_caller() -> None:
    with world() as at:
        profile = After(2_000, 3)
        assert run(at, 30, profile) == profile.came == 3


@settings(max_examples=examples(8), deadline=None)
@given(port=st.sampled_from(["store", "stream"]), call=st.integers(0, 300))
def test_a_port_that_raises_at_any_call_loses_nothing(port: str, call: int) -> None:
    with world() as at:
        at.faults[port] = call
        for _ in range(2):
            with suppress(OSError):  # what a KCL worker meets is its caller's to see
                run(at, 30)
        at.faults.pop(port, None)
        at.drain()
        at.check()


@pytest.mark.parametrize("function", ["work", "same"])
def test_a_function_that_is_interrupted_has_failed_and_is_called_again(function: str) -> None:
    with world() as at:
        called, inner = [0], at.sim.functions._functions[at.sim.functions.arn(function)]

        def interrupting(event: dict[str, Any]) -> Any:
            called[0] += 1
            if called[0] == 1:
                signal.raise_signal(signal.SIGINT)
            return inner(event)

        at.sim.functions._functions[at.sim.functions.arn(function)] = interrupting
        assert run(at, 90) == 1
        at.drain()
        at.check()
