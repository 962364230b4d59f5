"""Pipelines: one description, two levels of detail that agree, and results that add up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import user_records
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.events.generators import rides
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.pipeline.result import Result
from kinesis_sim.workloads.pipeline.sweep import sweep
from kinesis_sim.workloads.producers.agent import Agent
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys, hot_key, uniform_keys, zipf_keys
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load, Recorded
from kinesis_sim.workloads.producers.log_file import MemoryFile
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop
from kinesis_sim.workloads.producers.shapes import Bursts, Daily, Poisson, Ramp, Steps

# --- the two levels agree -------------------------------------------------------------------------

# A tenth of a shard keeps the runs short; nothing in either level knows the size of a shard.
SMALL: dict[str, float] = {"streams.shard_write_records": 100, "streams.shard_write_bytes": 104_857}

GROWTH = SMALL | {
    "streams.on_demand_split_records": 50,
    "streams.on_demand_split_bytes": 50_000,
    "streams.on_demand_split_minutes": 1,
    "streams.on_demand_growth_minutes": 3,
}
LEAP = Load(Steps([(0, 300), (240, 900)]), FreshKeys(), 100)

CASES = {
    "constant under capacity": Pipeline(producers=[Batcher(Load(140))], shards=2, limits=SMALL),
    "constant over capacity, no retries": Pipeline(
        producers=[Batcher(Load(150), retries=0)], limits=SMALL
    ),
    "bytes over capacity, no retries": Pipeline(
        producers=[Batcher(Load(30, size=5_000), retries=0)], limits=SMALL
    ),
    "hot key": Pipeline(
        producers=[Batcher(Load(250, hot_key(0.8)), retries=0)], shards=4, limits=SMALL
    ),
    "ramp": Pipeline(producers=[Batcher(Load(Ramp(0, 200, 480)), retries=0)], limits=SMALL),
    "over capacity, retried": Pipeline(producers=[Batcher(Load(130), retries=5)], limits=SMALL),
    "ramp, retried": Pipeline(
        producers=[Batcher(Load(Ramp(0, 160, 480)), retries=6)], limits=SMALL
    ),
    "step down, backlog drained": Pipeline(
        producers=[Batcher(Load(Steps([(0, 120), (240, 40)])), retries=12)], limits=SMALL
    ),
    "on-demand beyond its ceiling": Pipeline(
        producers=[Batcher(LEAP, retries=0)], mode="on-demand", limits=GROWTH
    ),
    "on-demand beyond its ceiling, retried": Pipeline(
        producers=[Batcher(LEAP, retries=8)], mode="on-demand", limits=GROWTH
    ),
    "one SDK worker too few": Pipeline(producers=[SdkLoop(Load(120))]),
    "KPL, aggregated": Pipeline(producers=[Kpl(Load(400, uniform_keys(50)))], shards=2),
    "KPL over capacity": Pipeline(
        producers=[Kpl(Load(1_300), aggregation=False, record_ttl=10_000)]
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_both_levels_agree_within_two_percent(name: str) -> None:
    minutes = 4 if "KPL" in name else 8
    played = CASES[name].run(minutes=minutes).totals
    flown = CASES[name].flow(minutes=minutes, step_s=5).totals
    assert flown["offered"] == pytest.approx(played["offered"], rel=0.002)
    for what in ("stored", "throttled", "bytes"):
        # A throttle more or less among millions of records is no disagreement.
        assert flown[what] == pytest.approx(
            played[what], rel=0.02, abs=0.002 * played["offered"]
        ), what


def test_the_ceiling_and_not_the_shards_refuses_at_both_levels() -> None:
    """Double of 300 a second, while 16 shards would take 1,600; three minutes later it fits."""
    pipeline = CASES["on-demand beyond its ceiling"]
    for result in (pipeline.run(minutes=8), pipeline.flow(minutes=8)):
        assert result.rows[6]["shards"] == 16
        assert [row["stored"] / 60 for row in result.rows[4:7]] == pytest.approx(
            [600] * 3, rel=0.02
        )
        assert result.rows[3]["throttled"] == pytest.approx(0, abs=60)
        assert result.rows[7]["throttled"] == pytest.approx(0, abs=900)


def test_both_levels_agree_on_each_shard() -> None:
    pipeline = CASES["hot key"]
    played, flown = pipeline.run(minutes=3).shards, pipeline.flow(minutes=3).shards
    for frame in (played, flown):
        assert list(frame.columns) == [
            "minute",
            "shard",
            "records",
            "bytes",
            "throttled",
            "utilisation",
        ]
    ours = played.groupby("shard")["records"].sum()
    theirs = flown.groupby("shard")["records"].sum()
    for shard in range(4):
        assert theirs[shard] == pytest.approx(ours[shard], rel=0.05)
    hottest = played.groupby("shard")["throttled"].sum().idxmax()
    assert hottest == flown.groupby("shard")["throttled"].sum().idxmax()


# --- results --------------------------------------------------------------------------------------


def balanced(result: Result) -> None:
    totals = result.totals
    kept = sum(totals[name] for name in ("stored", "buffered", "expired", "dropped"))
    assert kept == pytest.approx(totals["offered"])
    for name in ("offered", "stored", "throttled", "retried", "bytes"):
        assert sum(row[name] for row in result.rows) == pytest.approx(totals[name])


@pytest.mark.parametrize("level", ["run", "flow"])
@pytest.mark.parametrize("name", ["hot key", "over capacity, retried", "KPL, aggregated"])
def test_minutes_add_up_to_the_totals(name: str, level: str) -> None:
    result: Result = getattr(CASES[name], level)(minutes=2)
    balanced(result)
    assert list(result.minutes.index) == [0, 1]
    assert result.shards["bytes"].sum() == pytest.approx(result.totals["bytes"], rel=1e-5)


def test_a_run_is_the_same_every_time() -> None:
    pipeline = Pipeline(
        producers=[Batcher(Load(150, zipf_keys(50), (10, 900)))], shards=2, limits=SMALL, seed=5
    )
    assert pipeline.run(minutes=1).rows == pipeline.run(minutes=1).rows
    other = Pipeline(
        producers=[Batcher(Load(150, zipf_keys(50), (10, 900)))], shards=2, limits=SMALL, seed=6
    )
    assert other.run(minutes=1).rows != pipeline.run(minutes=1).rows


def test_what_the_result_says_is_in_the_stream() -> None:
    result = Pipeline(producers=[Batcher(Load(50)), Kpl(Load(40))], shards=3).run(minutes=1)
    assert result.sim is not None
    stored = [data for s in result.sim.streams["pedala-rides"].shards for data in s.log.data]
    assert sum(len(user_records(data) or [data]) for data in stored) == result.totals["stored"]
    assert [row["producer"] for row in result.producers] == ["batcher", "kpl"]


def test_a_pipeline_runs_in_a_simulator_of_the_learners() -> None:
    sim = Simulator()
    sim.client("kinesis").create_stream(StreamName="pedala-rides", ShardCount=3)
    sim.advance(seconds=30)
    before = sim.clock.now
    result = Pipeline(producers=[Batcher(Load(10))]).run(minutes=2, sim=sim)
    assert sim.clock.now - before == 120_000
    assert {row["shards"] for row in result.rows} == {3}
    metrics = sim.metrics(metric="IncomingRecords", StreamName="pedala-rides")
    assert metrics["Sum"].sum() == 1_200


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    Pipeline(producers=[Batcher(Load(1))]).run(minutes=3, progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_recorded_events_play_at_their_own_pace_or_faster() -> None:
    events = list(rides("2026-01-01T07:00:00Z", hours=0.5, per_day=20_000))
    slow = Pipeline(producers=[Batcher(Recorded(events))]).run(hours=2)
    fast = Pipeline(producers=[Batcher(Recorded(events, faster=4))]).run(minutes=30)
    assert slow.totals["stored"] == fast.totals["stored"] == len(events)
    assert sum(row["stored"] for row in slow.rows[:30]) < len(events)
    flown = Pipeline(producers=[Batcher(Recorded(events))]).flow(hours=2, step_s=1)
    assert flown.totals["stored"] == pytest.approx(len(events))


def test_scaling_takes_effect_within_the_minute_at_both_levels() -> None:
    pipeline = Pipeline(
        producers=[Batcher(Load(160), retries=0)], shards=2, scaling={1: 4, 4: 3}, limits=SMALL
    )
    played, flown = pipeline.run(minutes=7), pipeline.flow(minutes=7)
    assert [row["shards"] for row in flown.rows] == [2, 2, 4, 4, 4, 3, 3]
    assert [row["shards"] for row in played.rows] == [2, 4, 4, 4, 3, 3, 3]
    late = 160 * 60  # a minute's records: a stream scales in 17 s, flows wait for full minutes
    assert abs(played.totals["throttled"] - flown.totals["throttled"]) <= late


def test_on_demand_grows_at_both_levels() -> None:
    """Shards above 500 KB/s are split some minutes later: here at a hundredth of that."""
    limits = {"streams.on_demand_split_bytes": 5_000.0, "streams.on_demand_split_minutes": 3.0}
    pipeline = Pipeline(
        producers=[Batcher(Load(300, FreshKeys(), 100))], mode="on-demand", limits=limits
    )
    played, flown = pipeline.run(minutes=10), pipeline.flow(minutes=10)
    assert [row["shards"] for row in played.rows] == [row["shards"] for row in flown.rows]
    assert played.rows[-1]["shards"] == 8


def test_a_thousand_shards_for_a_week_are_one_call() -> None:
    plan = Pipeline(producers=[Batcher(Load(Daily(500_000), FreshKeys()))], shards=1_000)
    result = plan.flow(days=7, step_s=60)
    assert len(result.rows) == 7 * 1_440
    assert result.totals["throttled"] == 0
    assert result.totals["stored"] == pytest.approx(result.totals["offered"])


def test_bursts_drain_between() -> None:
    pipeline = Pipeline(
        producers=[Batcher(Load(Bursts(50, 150, 60, 6)), retries=20)], shards=1, limits=SMALL
    )
    for result in (pipeline.run(minutes=5), pipeline.flow(minutes=5, step_s=2)):
        assert result.totals["stored"] >= 0.97 * result.totals["offered"]
        assert result.totals["throttled"] > 0
        assert result.totals["expired"] == pytest.approx(0, abs=5)


# --- consumers ------------------------------------------------------------------------------------


class _Counter:
    """A consumer that counts its ticks: what a real one is to look like."""

    name = "counter"

    def __init__(self) -> None:
        self.ticks = 0

    def start(self, sim: Simulator, stream: str) -> _Counter:
        assert stream in sim.streams.streams
        return self

    def tick(self, now: int) -> None:
        self.ticks += 1

    def minute(self) -> dict[str, float]:
        return {"ticks": self.ticks}


def test_consumers_take_part() -> None:
    pipeline = Pipeline(producers=[Batcher(Load(1))], consumers=[_Counter()])
    table = pipeline.run(minutes=2).consumers
    assert table.to_dict("records") == [
        {"minute": 0, "consumer": "counter", "ticks": 600},
        {"minute": 1, "consumer": "counter", "ticks": 1_200},
    ]
    with pytest.raises(UsageError, match="no consumers"):
        pipeline.flow(minutes=1)


# --- sweeps ---------------------------------------------------------------------------------------


def make(rate: float, shards: int) -> Pipeline:
    return Pipeline(producers=[Batcher(Load(rate), retries=0)], shards=shards)


def ten_minutes(pipeline: Pipeline) -> dict[str, Any]:
    totals = pipeline.flow(minutes=10).totals
    return {"lost": round(totals["expired"])}


GRID = {"rate": [500, 1_500], "shards": [1, 2]}
LOST = [0, 0, 300_000, 0]


def test_a_sweep_asks_every_combination_in_order() -> None:
    told: list[tuple[int, int]] = []
    table = sweep(make, GRID, answer=ten_minutes, progress=lambda *at: told.append(at))
    assert table.columns.tolist() == ["rate", "shards", "lost"]
    assert table[["rate", "shards"]].values.tolist() == [[500, 1], [500, 2], [1500, 1], [1500, 2]]
    assert table["lost"].tolist() == pytest.approx(LOST, rel=0.001, abs=1_000)
    assert told[-1] == (4, 4)


def test_a_sweep_runs_on_threads() -> None:
    with ThreadPoolExecutor(2) as executor:
        table = sweep(make, GRID, answer=ten_minutes, executor=executor)
    assert table.equals(sweep(make, GRID, answer=ten_minutes))


def test_a_sweep_runs_on_dask() -> None:
    """A cluster's executor takes the place of a thread pool's, nothing else changes."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        table = sweep(make, GRID, answer=ten_minutes, executor=client.get_executor())
    assert table.equals(sweep(make, GRID, answer=ten_minutes))


def test_a_sweep_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="shards"):
        sweep(make, {"rate": [1], "shards": []})


# --- impossible pipelines -------------------------------------------------------------------------

ONE = [Batcher(Load(1))]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Pipeline(producers=[]), "at least one"),
        (lambda: Pipeline(producers=ONE, mode="magic"), "provisioned"),
        (lambda: Pipeline(producers=ONE, mode="on-demand", shards=3), "leave out shards"),
        (lambda: Pipeline(producers=ONE, shards=0), "shards=0"),
        (lambda: Pipeline(producers=ONE, shards=2, scaling={1: 5}), "4 at most"),
        (lambda: Pipeline(producers=ONE).run(), "0 minutes"),
        (lambda: Pipeline(producers=ONE).run(minutes=0.5), "whole number"),
        (lambda: Pipeline(producers=ONE).flow(minutes=1, step_s=7), "divisor"),
        (lambda: Pipeline(producers=[Agent(MemoryFile())]).flow(minutes=1), "use run"),
        (lambda: Pipeline(producers=ONE).flow(minutes=1).bill(), "use run"),
        (lambda: Pipeline(producers=ONE, limits={"nonsense": 1}).run(minutes=1), "nonsense"),
        (lambda: Pipeline(producers=ONE, shards=1.5), "a whole number"),  # type: ignore[arg-type]
        (lambda: Pipeline(producers=ONE, shards="3"), "shards='3'"),  # type: ignore[arg-type]
        (lambda: Pipeline(producers=ONE, max_record_kib=5), "max_record_kib=5"),
        (lambda: Pipeline(producers=ONE, scaling={-3: 2}), "0 or more"),
        (
            lambda: Pipeline(producers=ONE, scaling={at: 1 + at % 2 for at in range(1, 12)}),
            "call 11 in 24 hours",
        ),
        (lambda: Load("many"), "'many' is no load"),  # type: ignore[arg-type]
        (lambda: Load(1, size=(9, 2)), r"size=\(9, 2\): give the smaller"),
        (lambda: Poisson(-3), "per_second=-3"),
        (lambda: Steps([(5, 1), (2, 1)]), "order of time"),
        (lambda: Daily(1, rhythm=[1, 2]), "24"),
        (lambda: Bursts(1, 2, every_s=5, last_s=9), "last_s=9"),
        (lambda: Ramp(1, 2, 0), "over_s=0"),
        (lambda: Recorded([], faster=0), "faster=0"),
    ],
)
def test_impossible_pipelines_say_why(make: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        make()


# --- what goes with a result ----------------------------------------------------------------------


def test_a_run_has_a_bill() -> None:
    result = Pipeline(producers=[Batcher(Load(50))], shards=2).run(minutes=3)
    assert result.bill().total > 0


def test_a_description_survives_the_way_to_another_process() -> None:
    import pickle

    pipeline = Pipeline(
        producers=[Kpl(Load(Poisson(Daily(40)), zipf_keys(9))), SdkLoop(Load(5, FreshKeys()))],
        shards=2,
    )
    copy = pickle.loads(pickle.dumps(pipeline))
    assert copy == pipeline
    assert copy.flow(minutes=2).rows == pipeline.flow(minutes=2).rows


@pytest.mark.parametrize("shards", [1, 3])
def test_no_limits_no_throttles_at_either_level(shards: int) -> None:
    pipeline = Pipeline(producers=[Batcher(Load(1_500))], shards=shards, limits="off")
    for result in (pipeline.run(minutes=1), pipeline.flow(minutes=1)):
        assert result.totals["throttled"] == 0
        assert result.totals["stored"] == pytest.approx(90_000)
        assert set(result.shards["utilisation"]) == {0}
