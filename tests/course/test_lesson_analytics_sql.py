"""The lesson on SQL over streams: its check meets each mistake, its scenes do what it says."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.course.exercises.analytics_sql import ALARMS, FRAUDS, catch_fraud
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.errors import UsageError
from kinesis_sim.words import speak
from kinesis_sim.workloads.events.payments import PATTERNS
from kinesis_sim.workloads.scenes.fraud_watch import watch
from kinesis_sim.workloads.scenes.unlocks import THREE_WINDOWS, Unlocks, counted, told

COUNT = "COUNT(*) OVER (PARTITION BY CARD_ID RANGE INTERVAL '10' MINUTE PRECEDING)"
BOTH = f"AMOUNT, {COUNT}"


@pytest.fixture
def sim() -> Simulator:
    return Simulator(start="2024-06-03T10:59:00Z")


@pytest.mark.parametrize(
    ("columns", "threshold", "why"),
    [
        (BOTH, 2.2, "passed"),
        (f"  AMOUNT,\n  {COUNT} ", 2.5, "passed"),
        (["AMOUNT"], 2, "no-columns"),
        (" ", 2, "no-columns"),
        ("SELECT AMOUNT", 2, "no-columns"),
        (BOTH, "2", "no-number"),
        (BOTH, True, "no-number"),
        ("AMONT", 2, "sql"),
        ("CITY", 2, "sql"),
        ("AMOUNT; DROP PUMP FOREST", 2, "syntax"),
        (f"AMOUNT {COUNT}", 2, "syntax"),
        ("AMOUNT", 9, "silent"),
        ("AMOUNT", float("nan"), "silent"),
        ("AMOUNT", 1.5, "flood"),
        ("AMOUNT", -1, "flood"),
        ("AMOUNT", 3, "misses"),
        ("AMOUNT", 2.2, "amount-alone"),
        ("*", 2.2, "amount-alone"),
        ("AMOUNT, AMOUNT", 2.2, "tuesday-blind"),
        ("AMOUNT", 1.9, "tuesday-flood"),
        (BOTH, 3, "tuesday-misses"),
        (COUNT, 2.2, "flood"),
        (COUNT.replace("COUNT(*)", "SUM(AMOUNT)"), 2.2, "blind"),
    ],
)
def test_each_attempt_has_its_reason(columns: Any, threshold: Any, why: str) -> None:
    verdict = catch_fraud(columns, threshold)
    assert verdict.reason == why
    for language in LANGUAGES:
        words = CourseWords("analytics_sql", language)
        assert "{" not in words.say(f"check.catch-fraud.{why}", **verdict.values)


def test_the_cell_as_it_stands_is_no_try() -> None:
    assert catch_fraud("AMOUNT", None).reason == "untouched"
    assert catch_fraud("CITY", None).reason == "no-number"


def test_an_error_of_sql_names_the_column_and_no_line_that_the_learner_did_not_write() -> None:
    error = str(catch_fraud("AMONT", 2).values["error"])
    assert error.startswith("Column 'AMONT' is not there")


@pytest.mark.parametrize("columns", ["CITY", "CAST(AMOUNT AS DECIMAL(10, 2))"])
def test_columns_without_a_number_are_named(columns: str) -> None:
    error = str(catch_fraud(columns, 2).values["error"])
    assert "needs a numeric column; the columns are CHARGE VARCHAR(16), " in error
    assert ("cast DECIMAL to DOUBLE" in error) is ("DECIMAL" in columns)


def test_a_threshold_is_called_hopeless_only_where_it_is() -> None:
    """What says that a threshold stands too high must be right: a lower one passes."""
    assert catch_fraud(BOTH, 3).reason == "tuesday-misses"
    assert catch_fraud(BOTH, 2.2).ok
    assert catch_fraud("AMOUNT", 3).reason == "misses"
    assert catch_fraud("AMOUNT", 2.2).reason == "amount-alone"
    tried = [catch_fraud("AMOUNT, AMOUNT", tenth / 10).reason for tenth in range(10, 40)]
    assert "passed" not in tried


def test_the_table_of_a_day_is_told_in_the_language_that_is_spoken() -> None:
    speak("pt-BR")
    try:
        table = watch("AMOUNT").found(2.2)
    finally:
        speak("en")
    assert list(table.columns) == ["padrão", "cobranças", "alarmes"]
    assert list(table["padrão"])[-1] == "honesta"


def test_what_passes_holds_on_both_days() -> None:
    for day in (0, 1):
        alarms = watch(BOTH, day=day).alarms(2.2)
        assert len(alarms) <= ALARMS
        assert sum(bool(charge.pattern) for charge in alarms) >= FRAUDS


def test_a_forest_that_sees_the_amount_is_blind_for_a_place() -> None:
    monday = watch("AMOUNT")
    assert monday.hardest == "impossible-travel"
    table = monday.found(2.2)
    assert list(table.pattern) == [*PATTERNS, "honest"]
    assert table.charges.sum() == len(monday.charges)
    assert table.alarms.sum() == len(monday.alarms(2.2))
    assert watch(" AMOUNT ") is monday  # the same question is not scored twice
    with pytest.raises(UsageError, match="give a text"):
        watch(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="give SQL"):
        watch(" ")


def test_the_four_rows_are_told_as_the_guide_has_them(sim: Simulator) -> None:
    session = counted(sim, THREE_WINDOWS)
    steps, ages, frames = (told(session, name) for name in ("STEPS", "AGES", "FRAMES"))
    assert list(zip(steps.ROWTIME, steps.N, strict=True)) == [
        ("11:01:00", 2), ("11:02:00", 1), ("11:02:00", 1)
    ]  # fmt: skip
    assert list(zip(ages.ROWTIME, ages.N, strict=True)) == [("11:01:20", 3), ("11:02:15", 1)]
    assert list(frames.N) == [1, 2, 3, 4]
    with pytest.raises(SqlError):
        counted(sim, "SELECT 1;")


def test_the_same_rows_through_a_stream_fall_into_the_same_windows(sim: Simulator) -> None:
    unlocks = Unlocks(sim)
    unlocks.four()
    sim.advance(minutes=2)
    assert [row["N"] for row in unlocks.session.rows("STEPS")] == [2, 1, 1]
    assert [row["N"] for row in unlocks.session.rows("AGES")] == [3, 1]
    kinds = dict(zip(unlocks.discovered().Name, unlocks.discovered().SqlType, strict=True))
    assert kinds == {"station": "VARCHAR(16)", "unlocked": "VARCHAR(32)"}


def test_checks_speak_every_language() -> None:
    for reason, text in tables("analytics_sql")["check"]["catch-fraud"].items():
        for each in text if reason == "hints" else [text]:
            assert set(each) == set(LANGUAGES), reason
