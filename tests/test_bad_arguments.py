"""The native face given what cannot be meant: one sentence of UsageError, and all is as it was."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.latency import Latency
from kinesis_sim.clock import Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.watch import Watch
from kinesis_sim.workloads.autoscaling import Autoscaling
from kinesis_sim.workloads.capture import captured
from kinesis_sim.workloads.pipeline import consumers
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.producers.agent import Agent
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import WeightedKeys, hot_key, uniform_keys, zipf_keys
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load, Recorded
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop
from kinesis_sim.workloads.producers.shapes import Bursts, Constant, Daily, Ramp, Steps
from kinesis_sim.workloads.readers.bookmark import Bookmark
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.queue_consumer import QueueConsumer
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.drip import Drip
from kinesis_sim.workloads.scenes.hose import Hose
from kinesis_sim.workloads.scenes.tide import Tide

NAN, INF = math.nan, math.inf
NUMBERS: list[Any] = [NAN, INF, -INF, -1, "soon", True]
"""What is no count, no rate and no duration."""
DURATIONS: list[Any] = [*NUMBERS, 1e300, 10**18, 10**400, None]
INSTANTS: list[Any] = [
    *[NAN, INF, 1.5, None, True, "soon", "", "2026-01-01", datetime(2026, 1, 1)],  # noqa: DTZ001
    *[10**18, 10**400, -1, "9999-01-01T00:00:00Z", "10000-01-01T00:00:00Z", [], b"2026"],
]
Made = Callable[[Simulator, Any], object]
LOAD = Load(1.0)


def _named(make: Callable[..., object], name: str, *given: Any) -> Made:
    return lambda sim, value: make(
        *(sim if each is SIM else each for each in given), **{name: value}
    )


SIM = object()
WORKER = SimpleNamespace(name="w", crash=print)
IDLER: Any = SimpleNamespace(quiet=lambda at: True, skip=print)
NO_RECORDS: list[Any] = [
    *(None, 5, "x", [5], [b"x"], [("x", "k", None)], [(b"x", 5, None)], [(b"x", "k", "h")]),
    *([(b"x", "k", -1)], [(b"x", "k", 2**128)], [(b"x", "k", True)], [(b"x", "k")]),
    [(b"good", "k", None), ("text", "k", None)],
]
NO_BLOBS: list[Any] = [None, 5, NAN, b"x", "x", ["x"], [b"good", None], [b"good", "x"], {b"x": 1}]
FACE: dict[str, tuple[Made, list[Any]]] = {
    "Clock(start)": (lambda sim, value: Clock(value), INSTANTS),
    "Clock(rate)": (lambda sim, value: Clock(rate=value), [*NUMBERS, None]),
    "clock.advance": (lambda sim, value: sim.clock.advance(value), DURATIONS),
    "clock.run_until": (lambda sim, value: sim.clock.run_until(value), INSTANTS),
    "clock.schedule": (lambda sim, value: sim.clock.schedule(value, print), [NAN, INF, 1.5, None]),
    "clock.schedule(action)": (lambda sim, value: sim.clock.schedule(5, value), [None, 7, "f"]),
    "clock.after": (lambda sim, value: sim.clock.after(value, print), [NAN, INF, 1.5, None, "x"]),
    "clock.after(action)": (lambda sim, value: sim.clock.after(0, value), [None, 7, "f", []]),
    "clock.alarm": (lambda sim, value: sim.clock.alarm(value, print), [NAN, INF, 1.5, None, "x"]),
    "clock.repeat(at)": (
        lambda sim, value: sim.clock.repeat(value, 1000, print, IDLER),
        [NAN, INF, 1.5, None, "x", []],
    ),
    "clock.repeat(every)": (
        lambda sim, value: sim.clock.repeat(sim.clock.now, value, print, IDLER),
        [NAN, INF, 1.5, None, "x", 0, -1],
    ),
    "clock.repeat(action)": (
        lambda sim, value: sim.clock.repeat(sim.clock.now, 1000, value, IDLER),
        [None, 7, "f"],
    ),
    "clock.repeat(idler)": (
        lambda sim, value: sim.clock.repeat(sim.clock.now, 1000, print, value),
        [None, 7, "f", print, SimpleNamespace(quiet=print)],
    ),
    "clock.begin_at": (lambda sim, value: sim.clock.begin_at(value), [None, "x", NAN, 10**18, []]),
    "clock.pause": (lambda sim, value: sim.clock.pause(value), [NAN, INF, None, "soon", True]),
    "Watch(every)": (lambda sim, value: Watch(every=value), [*NUMBERS, None, 0, 1.5]),
    "Simulator(start)": (lambda sim, value: Simulator(start=value), INSTANTS),
    "Simulator(seed)": (lambda sim, value: Simulator(seed=value), [NAN, None, "x", 1.5]),
    "Simulator(account)": (lambda sim, value: Simulator(account=value), [None, 123456789012, ""]),
    "Simulator(clock)": (lambda sim, value: Simulator(clock=value), [None, 5, "sun"]),
    "Simulator(delays)": (lambda sim, value: Simulator(delays=value), [None, 5, "slow"]),
    "Simulator(limits)": (lambda sim, value: Simulator(limits=value), [5, "some", True]),
    "Latency(data)": (lambda sim, value: Latency(data=value), DURATIONS),
    "Latency(control)": (lambda sim, value: Latency(control=value), DURATIONS),
    "stream.put(entries)": (
        lambda sim, value: sim.streams["s"].put(value, sim.clock.now),
        NO_RECORDS,
    ),
    "functions.arn": (lambda sim, value: sim.functions.arn(value), [None, 5, NAN, b"f", []]),
    "functions.locate": (lambda sim, value: sim.functions.locate(value), [None, 5, NAN, b"f", []]),
    **{
        f"functions.{name}": (
            lambda sim, value, name=name, more=more: getattr(sim.functions, name)(value, *more),
            [None, 5, NAN, b"f", [], {}, "nobody"],
        )
        for name, more in {"invoke": [{}], "settings": [], "begin": [], "end": []}.items()
    },
    "faults.check(name)": (
        lambda sim, value: sim.faults.check(value, "kinesis", []),
        [None, 5, NAN, [], {}, "x"],
    ),
    "faults.check(service)": (
        lambda sim, value: sim.faults.check("throttle", value, ["PutRecord"]),
        [None, 5, NAN, [], {}, "x", "s3"],
    ),
    "faults.check(operations)": (
        lambda sim, value: sim.faults.check("throttle", "kinesis", value),
        [None, 5, NAN, [5], {}, "PutRecord", ["PutPony"]],
    ),
    "faults.check(function)": (
        lambda sim, value: sim.faults.check("function-error", "", value),
        [["Invoke"]],
    ),
    "faults.crash(process)": (lambda sim, value: sim.faults.crash(value), [None, 5, "w", NAN, []]),
    "faults.crash(restart)": (
        lambda sim, value: sim.faults.crash(WORKER, restart=value),
        [5, NAN, "w", []],
    ),
    "faults.crash(at)": (
        lambda sim, value: sim.faults.crash(WORKER, at=value),
        [NAN, INF, 1.5, "soon", 10**18, "10000-01-01T00:00:00Z", []],
    ),
    "stream.put(now)": (
        lambda sim, value: sim.streams["s"].put([(b"x", "k", None)], value),
        [*DURATIONS, 1.5],
    ),
    **{
        f"show.{name}": (
            lambda sim, value, name=name: getattr(sim.show, name)(value),
            [None, 5, NAN, "nobody", [], b"s"],
        )
        for name in (
            *("buffer", "capacity", "delivery", "heat", "history", "live", "live_buffer"),
            *("live_delivery", "live_capacity", "live_retention", "readers", "retention", "shards"),
        )
    },
    "show.control_room": (lambda sim, value: sim.show.control_room(value), [5, NAN, "x", b"s"]),
    "run_until": (lambda sim, value: sim.run_until(value), INSTANTS),
    "metrics(period)": (lambda sim, value: sim.metrics(period=value), [*NUMBERS, 0, 61, None]),
    **{
        f"advance({unit})": (
            _named(lambda sim, **given: sim.advance(**given), unit, SIM),
            DURATIONS,
        )
        for unit in ("days", "hours", "minutes", "seconds", "milliseconds")
    },
    **{
        f"functions.register({name})": (
            _named(lambda sim, **given: sim.functions.register("f", print, **given), name, SIM),
            [NAN, INF, -1, "soon", True],
        )
        for name in ("duration_ms", "timeout_s", "memory_mb", "concurrency")
    },
    **{
        f"KclApplication({name})": (
            _named(KclApplication, name, SIM, "a", "s", print),
            [*NUMBERS, None],
        )
        for name in ("checkpoint_every", "work_ms", "idle_ms")
    },
    **{
        f"Poller({name})": (_named(Poller, name, SIM, "s", print), [*NUMBERS, None])
        for name in ("every_ms", "limit", "work_ms")
    },
    "Subscriber(work_ms)": (_named(Subscriber, "work_ms", SIM, "s", print), [*NUMBERS, None]),
    **{
        f"QueueConsumer({name})": (_named(QueueConsumer, name, SIM, "s", print), [*NUMBERS, None])
        for name in ("workers", "work_ms", "visibility_s", "max_receives")
    },
    **{
        f"Bookmark.every({name})": (
            _named(lambda sim, **given: Bookmark(sim, "s", "b").every(**given), name, SIM),
            DURATIONS,
        )
        for name in ("hours", "minutes")
    },
    "Bookmark.every(until)": (
        lambda sim, value: Bookmark(sim, "s", "b").every(hours=1, until=value),
        [NAN, INF, 1.5, True, "soon"],
    ),
    **{
        f"Drip({name})": (
            lambda sim, value, name=name: Drip(sim, "s", **{"every_ms": 1, name: value}),
            [*NUMBERS, None, 0],
        )
        for name in ("every_ms", "size", "keys")
    },
    "Load(arriving)": (lambda sim, value: Load(value), [*NUMBERS, None]),
    "Load(size)": (lambda sim, value: Load(1.0, size=value), [*NUMBERS, None]),
    "Constant": (lambda sim, value: Constant(value), [*NUMBERS, None]),
    "Daily": (lambda sim, value: Daily(value), [*NUMBERS, None]),
    "Ramp": (lambda sim, value: Ramp(1, 2, value), [*NUMBERS, None, 0]),
    "Steps": (lambda sim, value: Steps([(value, 1.0)]), [NAN, INF, -1, "x", None]),
    "Bursts": (lambda sim, value: Bursts(1, 2, every_s=value), [*NUMBERS, None, 0]),
    "Recorded(faster)": (lambda sim, value: Recorded([], faster=value), [*NUMBERS, None, 0]),
    "uniform_keys": (lambda sim, value: uniform_keys(value), [*NUMBERS, None, 0, 1.5]),
    "zipf_keys": (lambda sim, value: zipf_keys(10, value), [*NUMBERS, None]),
    "hot_key": (lambda sim, value: hot_key(value), [*NUMBERS, None, 2]),
    "WeightedKeys": (lambda sim, value: WeightedKeys(["a"], [value]), [*NUMBERS, None]),
    **{
        f"Batcher({name})": (_named(Batcher, name, LOAD), [*NUMBERS, None])
        for name in ("batch", "linger_ms", "retries", "base_ms", "cap_ms", "buffer", "call_ms")
    },
    **{
        f"SdkLoop({name})": (_named(SdkLoop, name, LOAD), [*NUMBERS, None])
        for name in ("workers", "attempts", "base_ms", "cap_ms", "call_ms", "buffer")
    },
    **{
        f"Kpl({name})": (_named(Kpl, name, LOAD), [*NUMBERS, None])
        for name in (
            *("aggregation_max_size", "collection_max_count", "collection_max_size"),
            *("record_max_buffered_time", "record_ttl", "rate_limit", "call_ms"),
        )
    },
    **{
        f"Agent({name})": (_named(Agent, name, "x.log"), [*NUMBERS, None])
        for name in ("max_buffer_age_millis", "max_buffer_records", "base_ms", "cap_ms")
    },
    **{
        f"{kind.__name__}({name})": (_named(kind, name), [*NUMBERS, None])
        for kind, names in {
            consumers.Polling: ("every_ms", "limit", "work_ms"),
            consumers.KclFleet: ("workers", "checkpoint_every", "idle_ms", "work_ms"),
            consumers.FanOut: ("work_ms",),
            consumers.QueueWorkers: ("workers", "work_ms", "visibility_s", "max_receives"),
            consumers.LambdaFunction: ("batch_size", "window_s", "parallel", "work_ms"),
        }.items()
        for name in names
    },
    "Pipeline(shards)": (lambda sim, v: Pipeline(producers=[SdkLoop(LOAD)], shards=v), NUMBERS),
    **{
        f"Autoscaling({name})": (_named(Autoscaling, name, SIM, "s"), [*NUMBERS, None])
        for name in ("target_utilisation", "cooldown_minutes", "up_minutes", "fewest", "most")
    },
    "Agent(checkpoint)": (_named(Agent, "checkpoint", "x.log"), NUMBERS),
    "Simulator(region)": (lambda sim, value: Simulator(region=value), [None, 5, "", "US", NAN]),
    "Pipeline(scaling: target)": (
        lambda sim, value: Pipeline(producers=[SdkLoop(LOAD)], scaling={1: value}),
        [*NUMBERS, None, 0, 1.5],
    ),
    "Pipeline(scaling: minute)": (
        lambda sim, value: Pipeline(producers=[SdkLoop(LOAD)], scaling={value: 1}),
        [*NUMBERS, None, 1.5],
    ),
    "Pipeline(max_record_kib)": (
        lambda sim, value: Pipeline(producers=[SdkLoop(LOAD)], max_record_kib=value),
        [*NUMBERS, None, 1500.5],
    ),
    **{
        f"Pipeline.run({name})": (
            _named(Pipeline(producers=[SdkLoop(LOAD)]).run, name),
            DURATIONS,
        )
        for name in ("hours", "minutes")
    },
    "Hose": (lambda sim, value: Hose(sim, "d", value), [*NUMBERS, None]),
    "Tide": (lambda sim, value: Tide(sim, "s", value), [*NUMBERS, None]),
}


@pytest.fixture(scope="module")
def sim() -> Simulator:
    made = Simulator(latency=None, delays="instant")
    made.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    return made


@pytest.mark.parametrize("name", FACE)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(
    sim: Simulator, name: str
) -> None:
    make, bad = FACE[name]
    wrong: list[str] = []
    for value in bad:
        before = (sim.clock.now, sim.clock.next_due(), len(sim.events), repr(sim))
        try:
            made = make(sim, value)
        except UsageError as error:
            if "\n" in str(error) or len(str(error)) > 300 or not str(error).endswith("."):
                wrong.append(f"{str(value)[:20]}: {error}")
        except Exception as error:
            wrong.append(f"{str(value)[:20]}: {type(error).__name__} {str(error)[:60]}")
        else:
            wrong.append(f"{str(value)[:20]}: {type(made).__name__}")
        assert (sim.clock.now, sim.clock.next_due(), len(sim.events), repr(sim)) == before
    assert wrong == []


@pytest.mark.parametrize("remember", [0, 1_000])
def test_what_are_no_records_is_not_taken_in_part(remember: int) -> None:
    """Also where no inputs are kept, and from what a learner put on the clock."""
    sim = Simulator(latency=None, delays="instant", remember=remember)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    role, bucket = f"arn:aws:iam::{sim.account}:role/r", "arn:aws:s3:::bkt"
    s3 = {"RoleARN": role, "BucketARN": bucket}
    given = {"DeliveryStreamName": "d", "S3DestinationConfiguration": s3}
    sim.gate.call("firehose", "CreateDeliveryStream", given)
    stream, hose = sim.streams["s"], sim.firehose["d"]
    refused: list[Any] = []

    def attempt() -> None:
        for entries in NO_RECORDS:
            with pytest.raises(UsageError):
                stream.put(entries, sim.clock.now)
        for blobs in NO_BLOBS:
            with pytest.raises(UsageError):
                hose.put(blobs)
        refused.append(sim.clock.now)

    attempt()
    sim.clock.schedule(sim.clock.now + 5, attempt)
    sim.advance(milliseconds=5)
    assert len(refused) == 2
    assert sum(shard.log.end for shard in stream.shards) == 0
    assert hose.put([b"good"]) == [1]


def test_a_crash_that_is_refused_leaves_the_simulator_as_it_can_be_saved(tmp_path: Path) -> None:
    sim = Simulator(latency=None)
    with pytest.raises(UsageError):
        sim.faults.crash(WORKER, at="soon")
    assert sim.save(tmp_path / "saved") > 0


@pytest.mark.parametrize("at", ["Infinity", "-Infinity", "NaN", "1e308", "1" + "0" * 400, "null"])
@pytest.mark.parametrize("fields", [{}, {"key": "partitionKey", "time": "at"}])
def test_a_captured_time_that_is_none_is_one_sentence_or_skipped(
    tmp_path: Path, fields: dict[str, str], at: str
) -> None:
    path = tmp_path / "traffic.ndjson"
    line = '{"at":%s,"partitionKey":"k","data":"eA=="}\n'
    path.write_text(line % at + line % 1_767_225_600_000)
    with pytest.raises(UsageError, match=r"line 1: .*Mend the line"):
        list(captured(path, **fields))
    (kept,) = captured(path, skip_broken=True, **fields)
    assert kept.at == 1_767_225_600_000


@pytest.fixture
def much_recursion() -> Iterator[None]:
    """As notebooks have it, and more: Python reads values too deep for a library in C."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("body", [rb'{"a":"\ud800"}', b'{"a":' * 5_000 + b"1" + b"}" * 5_000])
def test_a_query_over_hostile_objects_is_one_sentence(body: bytes, much_recursion: None) -> None:
    sim = Simulator(latency=None, account="111133330000")
    sim.buckets.create("hostil")
    sim.buckets.write("hostil", "a.json", body)
    try:
        with pytest.raises(UsageError) as raised:
            sim.query("select * from 's3://hostil/'")
        assert "\n" not in str(raised.value)
    finally:
        s3 = sim.client("s3")
        s3.delete_object(Bucket="hostil", Key="a.json")
        s3.delete_bucket(Bucket="hostil")
