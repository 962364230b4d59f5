"""The check of the lesson on event time: each likely mistake is met with its own reason."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.exercises.flink_time import late_rows, minutes, rides
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.workloads.scenes import tunnels

RIDES = """CREATE TABLE rides (bike STRING, ended TIMESTAMP(3),
  WATERMARK FOR ended AS ended - INTERVAL '{delay}' SECOND)
  WITH ('connector' = 'kinesis', 'stream' = 'rides', 'format' = 'json');"""
QUERY = """SELECT window_start, COUNT(*) AS n
  FROM TABLE({window}) GROUP BY window_start, window_end;"""
TUMBLE = "TUMBLE(TABLE rides, DESCRIPTOR(ended), INTERVAL '{minutes}' MINUTE)"
HOP = "HOP(TABLE rides, DESCRIPTOR(ended), INTERVAL '30' SECOND, INTERVAL '1' MINUTE)"
CUMULATE = "CUMULATE(TABLE rides, DESCRIPTOR(ended), INTERVAL '30' SECOND, INTERVAL '1' MINUTE)"
HORIZON = "'scan.stream.initpos' = 'TRIM_HORIZON',"
UNMARKED = "CREATE TABLE rides (bike STRING, ended TIMESTAMP(3));"
BY_ARRIVAL = """CREATE TABLE rides (bike STRING, came AS PROCTIME());"""


def script(delay: float = 24, window: str = TUMBLE, size: int = 1) -> str:
    return RIDES.format(delay=delay) + QUERY.format(window=window.format(minutes=size))


def grouped(columns: str = "FLOOR(ended TO MINUTE) AS m, COUNT(*) AS n") -> str:
    return RIDES.format(delay=24) + f"SELECT {columns} FROM rides GROUP BY FLOOR(ended TO MINUTE)"


def reason(given: Any) -> str:
    verdict = late_rows(given)
    for language in LANGUAGES:
        said = CourseWords("flink_time", language).say(
            f"check.late-rows.{verdict.reason}", **verdict.values
        )
        assert "{" not in said
    return verdict.reason


@pytest.mark.parametrize("delay", [22, 24, 26])
def test_delays_that_keep_rides_and_freshness(delay: int) -> None:
    assert reason(script(delay)) == "passed"


def test_other_words_for_the_same_are_right() -> None:
    other = script().replace("COUNT(*) AS n", "CAST(COUNT(bike) AS INT)")
    assert reason(other) == "passed"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (24, "shape"),
        ("SELEC window_start FROM rides", "refused"),
        (UNMARKED + QUERY.format(window=TUMBLE.format(minutes=1)), "refused"),
        (script().replace("'rides'", "'rides").replace("TABLE rides,", "TABLE ride,"), "refused"),
        (RIDES.format(delay=24), "nothing-asked"),
        (script().replace("rides", "trips"), "no-rides"),
        (grouped(), "updates"),
        (script().replace("window_start, COUNT", "window_start, window_end, COUNT"), "columns"),
        (script().replace("window_start, COUNT(*)", "COUNT(*), COUNT(*)"), "columns"),
        (script(7_200), "no-rows"),
        (script(24, HOP), "twice"),
        (script(24, CUMULATE), "twice"),
        (script(24, TUMBLE, 2), "not-minutes"),
        (script(24, TUMBLE.replace("'{minutes}' MINUTE", "'45' SECOND")), "not-minutes"),
        (BY_ARRIVAL + QUERY.format(window=TUMBLE.format(minutes=1)).replace("ended", "came"),
         "arrival"),
        (script(5), "lost"),
        (script(0), "lost"),
        (script(20), "lost"),
        (script(30), "slow"),
        (script(60), "slow"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_reason(given: Any, why: str) -> None:
    assert reason(given) == why


def test_what_was_measured_is_told() -> None:
    assert late_rows(script(5)).values["lost"] > 50
    assert 30 < late_rows(script(30)).values["slowest"] < 33


def test_the_hour_is_an_hour_and_late_rides_are_rare() -> None:
    assert len(rides()) == sum(minutes().values()) == 3_600
    assert len(minutes()) == 60


def test_a_cell_that_runs_again_finds_the_same() -> None:
    """Whoever predicts after the fact runs the backfill a second time."""
    sim = Simulator(start=tunnels.OPENING, latency=None)
    lost = []
    for _ in range(2):
        assert tunnels.Tunnels(sim).ride(minutes=10) == 600
        job = sim.analytics.start(script(5).replace("'rides',", "'rides', " + HORIZON))
        sim.advance(minutes=1)
        lost.append(job.lost)
    assert lost[0] == lost[1] > 200


def test_checks_speak_every_language() -> None:
    for exercise, texts in tables("flink_time")["check"].items():
        for why, text in texts.items():
            for each in text if why == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, why)
