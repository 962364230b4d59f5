"""The picture of a pipeline's result: rows from both levels, sentences, and how it looks."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.numbers import round_step
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.show.run.fold import MOST_SPANS, Told, run, seconds
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.pipeline.result import Result
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.shapes import Daily, Steps
from tests.show.test_figures import outside, overlapping, texts, written

SMALL: dict[str, float] = {"streams.shard_write_records": 100, "streams.shard_write_bytes": 104_857}
WAVE = Load(Steps([(0, 50), (120, 250), (300, 50)]), FreshKeys())
PLAN = Pipeline(
    producers=[Batcher(WAVE, retries=6)], shards=1, scaling={3: 2}, limits=SMALL, stream="pedala"
)


class _Slow:
    """A consumer that falls behind by a second a minute."""

    def __init__(self, name: str, pace: float) -> None:
        self.name, self._pace, self._lag = name, pace, 0.0

    def start(self, sim: Any, stream: str) -> _Slow:
        return self

    def tick(self, now: int) -> None:
        pass

    def minute(self) -> dict[str, float]:
        self._lag += self._pace
        return {"lag_ms": self._lag}


@cache
def result(name: str) -> Result:
    if name == "records":
        readers = [_Slow("dashboard", 1_000), _Slow("archive", 4_000)]
        return Pipeline(
            producers=PLAN.producers,
            consumers=readers,
            limits=SMALL,
            scaling={3: 2},
            stream="pedala",
        ).run(minutes=6)
    if name == "calm":
        return Pipeline(producers=[Batcher(Load(5))]).flow(minutes=1)
    if name == "week":
        return Pipeline(producers=[Batcher(Load(Daily(9_000), FreshKeys()))], shards=8).flow(
            days=7, step_s=60
        )
    return PLAN.flow(minutes=6)


@pytest.mark.parametrize("level", ["records", "flow"])
def test_rows_are_rates_of_the_results_minutes(level: str) -> None:
    rows = run(result(level))
    assert [span.offered for span in rows.spans] == pytest.approx(
        [50, 50, 250, 250, 250, 50], rel=0.1
    )
    assert [span.stored for span in rows.spans[:2]] == pytest.approx([50, 50], rel=0.1)
    assert rows.spans[3].throttled > rows.spans[1].throttled == 0
    assert rows.spans[3].buffered > 0
    assert rows.spans[-1].shards == 2
    assert rows.worst in (2, 3, 4)
    assert rows.consumers == (("dashboard", "archive") if level == "records" else ())


def test_a_week_has_no_more_spans_than_can_be_seen() -> None:
    rows = run(result("week"))
    assert len(rows.spans) <= MOST_SPANS
    assert sum(span.minutes for span in rows.spans) == rows.minutes == 7 * 1_440
    stored = sum(span.stored * span.minutes * 60 for span in rows.spans)
    assert stored == pytest.approx(result("week").totals["stored"])


def test_the_notice_says_what_became_of_the_records() -> None:
    told = Told(run(result("records")), Words("run", "en")).notice
    totals = result("records").totals
    assert f"{totals['stored']:,} of {totals['offered']:,} records were stored." in told
    assert f"{totals['throttled']:,} attempts were refused" in told
    assert "The largest lag of a consumer was 24 s." in told
    calm = Told(run(result("calm")), Words("run", "en")).notice
    assert calm == "300 of 300 records were stored. No attempt was refused."


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["records", "flow", "calm", "week"])
def test_the_figure_can_be_read_and_is_the_same_in_every_run(name: str, lang: str) -> None:
    one, other = (result(name).figure(lang=lang) for _ in range(2))
    assert min(text.get_fontsize() for text in texts(one)) >= theme.points(theme.SMALLEST) - 1e-9
    assert overlapping(one) == []
    assert outside(one) == []
    assert one.png() == other.png()
    assert repr(one) == Told(run(result(name)), Words("run", lang)).summary


def test_consumers_are_named_where_there_are_any() -> None:
    names = {"dashboard", "archive", "consumers' lag, seconds"}
    assert names <= written(result("records").figure())
    assert written(result("flow").figure()).isdisjoint(names)


def test_a_record_level_figure_speaks_its_simulators_language() -> None:
    found = result("records")
    assert found.sim is not None
    found.sim.show.lang = "pt-BR"
    try:
        assert "shards abertos" in written(found.figure())
    finally:
        found.sim.show.lang = "en"


def test_steps_are_round_and_lags_are_short() -> None:
    assert [round_step(top, 5) for top in (1, 7, 10, 240, 1_000, 0.5)] == [0.2, 2, 2, 50, 200, 0.1]
    words = Words("run", "en")
    assert [seconds(ms, words) for ms in (0, 250, 9_949, 65_400)] == [
        "0.0 s", "0.2 s", "9.9 s", "1 min 5 s"
    ]  # fmt: skip
