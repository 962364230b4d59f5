"""Consumers in pipelines: what each was handed, its lag, its duplicates and its cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.errors import ServiceError
from kinesis_sim.workloads.pipeline.attendance import CONSUMER_COLUMNS
from kinesis_sim.workloads.pipeline.consumers import (
    FanOut,
    KclFleet,
    LambdaFunction,
    Polling,
    QueueWorkers,
)
from kinesis_sim.workloads.pipeline.pipeline import ConsumerPlan, Pipeline
from kinesis_sim.workloads.pipeline.result import Result
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.shapes import Steps

ALL = (Polling(), KclFleet(workers=2), FanOut(), LambdaFunction())
ACCOUNTS = iter(range(310_000_000_000, 311_000_000_000))


def run(*consumers: ConsumerPlan, minutes: int = 2, rate: Any = 20, **options: Any) -> Result:
    """A run in an account of its own, where every record is stored."""
    sim = Simulator(account=f"{next(ACCOUNTS):012d}", latency=None, delays="instant")
    mode = options.pop("mode", "PROVISIONED")
    request: dict[str, Any] = {"StreamName": "s", "StreamModeDetails": {"StreamMode": mode}}
    if mode == "PROVISIONED":
        request["ShardCount"] = options.pop("shards", 2)
    sim.client("kinesis").create_stream(**request)
    plan = Pipeline(producers=[Batcher(Load(rate))], stream="s", consumers=consumers, **options)
    return plan.run(minutes=minutes, sim=sim)


def total(result: Result, name: str) -> dict[str, Any]:
    [row] = [row for row in result.consumer_totals if row["consumer"] == name]
    return row


def test_every_kind_of_consumer_keeps_up_and_is_told_minute_by_minute() -> None:
    result = run(*ALL)
    table = result.consumers
    assert tuple(table.columns) == CONSUMER_COLUMNS
    assert table[["minute", "consumer"]].values.tolist() == [
        [minute, consumer.name] for minute in (0, 1) for consumer in ALL
    ]
    for consumer in ALL:
        row = total(result, consumer.name)
        # What came in the last moments is on its way: a poll's interval, or a worker's idle time.
        once = row["records"] - row["duplicates"]
        assert result.totals["stored"] - 40 <= once <= result.totals["stored"]
        # The second worker steals a shard from the first, and begins at its last checkpoint.
        assert (row["duplicates"] > 0) is (consumer.name == "kcl")
        assert row["throttled"] == row["errors"] == 0
        assert row["largest_lag_ms"] <= 2_000
        mine = table[table["consumer"] == consumer.name]
        assert mine["records"].sum() == row["records"]


def test_a_queue_in_an_on_demand_pipeline() -> None:
    result = run(QueueWorkers(workers=2), mode="ON_DEMAND")
    row = total(result, "queue")
    assert row["records"] >= result.totals["stored"] - 20
    assert row["last_lag_ms"] <= 1_000


def test_lag_grows_above_capacity_and_returns_to_zero_below() -> None:
    """50 records a second at 40 ms each are twice what one shard's reader can do."""
    work: dict[str, Any] = {"name": "slow", "work_ms": 40}
    for slow in (
        Polling(**work),
        FanOut(**work),
        KclFleet(**work),
        LambdaFunction(**work, timeout_s=60),
    ):
        result = run(slow, rate=Steps([(0, 50), (120, 2)]), minutes=8, shards=1)
        lags = [row["lag_ms"] for row in result.consumer_rows]
        assert lags[0] < lags[1], slow
        assert max(lags) > 20_000, slow
        assert lags[-1] < 3_000, slow
        assert total(result, "slow")["largest_lag_ms"] == max(lags)


def test_a_function_that_times_out_blocks_its_shard_and_the_records_stay() -> None:
    result = run(LambdaFunction(work_ms=40, batch_size=100), rate=50, shards=1, minutes=3)
    row = total(result, "function")
    assert row["errors"] > 3
    assert row["records"] < 200
    assert row["last_lag_ms"] > 150_000
    assert result.sim is not None
    assert result.sim.streams["s"].shards[0].log.end == result.totals["stored"]


class Fussy:
    """A handler that fails the first times it sees a batch."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, shard: str, records: list[dict[str, Any]]) -> None:
        if self.left and len(records) > 1:
            self.left -= 1
            raise ValueError("not today")


def test_a_handler_that_raises_makes_errors_and_duplicates_and_loses_nothing() -> None:
    result = run(
        Polling(name="poller", handler=Fussy(3)),
        FanOut(name="pushed", handler=Fussy(3)),
        KclFleet(name="skips", handler=Fussy(3)),
        KclFleet(name="keeps", handler=Fussy(3), keep_failed=True),
    )
    for name in ("poller", "pushed", "keeps"):
        row = total(result, name)
        assert row["errors"] == 3
        assert row["duplicates"] >= 3
        assert row["records"] >= result.totals["stored"] - 40
    skips = total(result, "skips")
    assert (skips["errors"], skips["duplicates"]) == (3, 0)
    assert skips["records"] < result.totals["stored"] - 40
    stored = sum(shard.log.end for shard in result.sim.streams["s"].shards)  # type: ignore[union-attr]
    assert stored == result.totals["stored"]


class Picky:
    """A function that fails whenever its batch is not the one it failed last."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def __call__(self, event: dict[str, Any]) -> None:
        first = event["Records"][0]["eventID"]
        if first not in self.failed and len(self.failed) < 2:
            self.failed.append(first)
            raise ValueError("once more")


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_function_that_fails_is_handed_its_records_again(parallel: int) -> None:
    result = run(LambdaFunction(function=Picky(), parallel=parallel))
    row = total(result, "function")
    assert row["errors"] == 2
    assert row["duplicates"] >= 2
    assert row["records"] >= result.totals["stored"] - 40


def test_readers_that_share_are_throttled_and_fan_out_is_not() -> None:
    pollers = [Polling(name=f"poller-{n}", every_ms=400) for n in range(4)]
    result = run(*pollers, FanOut(), shards=1)
    assert sum(total(result, each.name)["throttled"] for each in pollers) > 0
    assert total(result, "fan-out")["throttled"] == 0


# --- cost -----------------------------------------------------------------------------------------


def test_fan_out_is_paid_by_who_uses_it() -> None:
    result = run(Polling(), FanOut(name="a"), KclFleet(name="b", retrieval="fan-out"), minutes=3)
    bill = result.bill()
    lines = ("provisioned.fan_out_hour", "provisioned.fan_out_data")
    costs = {row["consumer"]: row["cost"] for row in result.consumer_totals}
    assert costs["poller"] == 0
    assert costs["a"] == pytest.approx(costs["b"], rel=Decimal("0.01"))
    assert costs["a"] + costs["b"] == pytest.approx(
        sum(map(bill.amount, lines)), rel=Decimal("1e-9")
    )
    hours = Decimal(3) / 60 * 2 * Decimal("0.015")
    assert float(costs["a"]) == pytest.approx(float(hours), rel=0.01)


def test_retrieval_on_demand_is_divided_by_bytes() -> None:
    result = run(Polling(name="a"), Polling(name="b", work_ms=200), mode="ON_DEMAND")
    costs = {row["consumer"]: row["cost"] for row in result.consumer_totals}
    read = {row["consumer"]: row["bytes"] for row in result.consumer_totals}
    line = result.bill().amount("on_demand.data_out")
    assert costs["a"] + costs["b"] == pytest.approx(line, rel=Decimal("1e-9"))
    assert float(costs["a"] / costs["b"]) == pytest.approx(read["a"] / read["b"])
    assert costs["a"] > costs["b"] > 0


def test_what_was_used_before_the_run_is_nobodys() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    plan = Pipeline(producers=[Batcher(Load(10))], stream="s", consumers=[FanOut()])
    first = plan.run(minutes=2, sim=sim).consumer_totals[0]["cost"]
    sim.advance(hours=5)
    second = plan.run(minutes=2, sim=sim).consumer_totals[0]["cost"]
    assert float(second) == pytest.approx(float(first), rel=0.05)


# --- runs -----------------------------------------------------------------------------------------


def test_consumers_end_with_the_run() -> None:
    result = run(*ALL)
    sim = result.sim
    assert sim is not None
    calls = len(list(sim.events))
    assert sim.streams.consumers_of(sim.streams["s"]) == []
    sim.advance(minutes=10)
    new = list(sim.events)[calls:]
    assert {type(event).__name__ for event in new} <= {"ConsumerChanged"}


def test_one_run_follows_another_at_once() -> None:
    """What the first left is on its way out: the second waits for it."""
    sim = Simulator(limits="off")
    consumers = [FanOut(), LambdaFunction(), Polling()]
    plan = Pipeline(producers=[Batcher(Load(10))], consumers=consumers)
    plan.run(minutes=1, sim=sim)
    again = plan.run(minutes=1, sim=sim)
    for consumer in consumers:
        assert total(again, consumer.name)["records"] >= 1_190


def test_a_pipeline_with_consumers_is_the_same_every_time() -> None:
    """Twice in one account, too: a lease table of an earlier run is left alone."""
    plan = Pipeline(producers=[Batcher(Load(30))], shards=2, consumers=[*ALL, FanOut(name="x")])
    first, second = plan.run(minutes=1), plan.run(minutes=1)
    assert first.consumer_rows == second.consumer_rows
    assert first.consumer_totals == second.consumer_totals
    assert [row["stored"] for row in first.rows] == [1_800]


def test_a_run_of_its_own_begins_on_a_full_minute_with_everybody_there() -> None:
    plan = Pipeline(producers=[Batcher(Load(30))], consumers=[FanOut(start_at="LATEST")])
    result = plan.run(minutes=1)
    assert result.sim is not None
    assert result.sim.clock.now % 60_000 == 0
    assert total(result, "fan-out")["records"] >= 1_790


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Polling(every_ms=0), "every_ms=0"),
        (lambda: Polling(limit=20_000), "10,000 records at most"),
        (lambda: Polling(start_at="OLDEST"), "start_at='OLDEST': choose TRIM_HORIZON or LATEST"),
        (lambda: KclFleet(workers=0), "workers=0"),
        (lambda: KclFleet(retrieval="push"), "choose polling or fan-out"),
        (lambda: KclFleet(checkpoint_every=0), "checkpoint_every=0"),
        (lambda: FanOut(work_ms=-1), "work_ms=-1"),
        (lambda: QueueWorkers(visibility_s=50_000), "0 to 43,200"),
        (lambda: QueueWorkers(max_receives=0), "1 to 1,000"),
        (lambda: LambdaFunction(batch_size=0), "batch_size=0: AWS takes 1 to 10,000"),
        (lambda: LambdaFunction(parallel=11), "1 to 10"),
        (
            lambda: LambdaFunction(settings={"MaximumRecordAgeInSeconds": 5}),
            "between 60 and 604800",
        ),
        (
            lambda: Pipeline(producers=[Batcher(Load(1))], consumers=[Polling(), Polling()]),
            "'poller'",
        ),
    ],
)
def test_impossible_consumers_say_why(make: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        make()


def test_a_queue_on_a_provisioned_stream_is_refused_as_aws_does() -> None:
    with pytest.raises(ServiceError, match="ValidationException"):
        run(QueueWorkers())
