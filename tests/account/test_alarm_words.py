"""An alarm's reason in CloudWatch's words, each as it was seen in an alarm of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.account.alarm_words import data, reason
from kinesis_sim.account.states import AlarmState
from kinesis_sim.instants import to_ms

OK, ALARM = AlarmState.OK, AlarmState.ALARM


def seen(*points: tuple[str, float | None]) -> list[tuple[int, float | None]]:
    return [(to_ms(at), value) for at, value in points]


def settings(words: str, threshold: float, **more: Any) -> dict[str, Any]:
    return {"ComparisonOperator": words, "Threshold": threshold, **more}


GREATER, LESS = "GreaterThanThreshold", "LessThanThreshold"


@pytest.mark.parametrize(
    ("what", "state", "points", "text"),
    [
        (
            settings(GREATER, 21),
            ALARM,
            [("2026-02-26T10:00:00Z", 21.5)],
            "Threshold Crossed: 1 datapoint [21.5 (26/02/26 10:00:00)] was greater than the "
            "threshold (21.0).",
        ),
        (
            settings(GREATER, 0, DatapointsToAlarm=1),
            ALARM,
            [("2021-01-15T18:50:00Z", 1), ("2021-01-15T18:51:00Z", 1)],
            "Threshold Crossed: 2 out of the last 2 datapoints [1.0 (15/01/21 18:51:00), 1.0 "
            "(15/01/21 18:50:00)] were greater than the threshold (0.0) (minimum 1 datapoint for "
            "OK -> ALARM transition).",
        ),
        (
            settings("GreaterThanOrEqualToThreshold", 1, DatapointsToAlarm=1),
            OK,
            [("2022-08-01T15:06:00Z", 0)],
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/08/22 15:06:00)] was not "
            "greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK "
            "transition).",
        ),
        (
            settings(GREATER, 2, TreatMissingData="breaching"),
            ALARM,
            [("2025-09-19T10:00:00Z", None), ("2025-09-19T10:01:00Z", None)],
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints "
            "were treated as [Breaching].",
        ),
        (
            settings(GREATER, 2, TreatMissingData="notBreaching"),
            OK,
            [("2025-09-19T10:00:00Z", None)],
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint "
            "was treated as [NonBreaching].",
        ),
        (
            settings(LESS, 1, TreatMissingData="breaching"),
            ALARM,
            [("2026-04-20T18:45:00Z", 0), ("2026-04-20T18:46:00Z", None)],
            "Threshold Crossed: 1 datapoint [0.0 (20/04/26 18:45:00)] was less than the threshold "
            "(1.0) and 1 missing datapoint was treated as [Breaching].",
        ),
        (
            settings(GREATER, 1),
            AlarmState.INSUFFICIENT_DATA,
            [("2021-10-21T10:19:00Z", None)],
            "Insufficient Data: 1 datapoint was unknown.",
        ),
    ],
)
def test_a_reason_reads_as_cloudwatch_writes_it(
    what: dict[str, Any], state: AlarmState, points: list[tuple[str, float | None]], text: str
) -> None:
    assert reason(what, state, seen(*points)) == text


def test_a_reasons_data_leave_out_what_was_not_there() -> None:
    points = seen(("2026-01-01T00:00:00Z", None), ("2026-01-01T00:01:00Z", 3.0))
    told = data(
        settings(GREATER, 2, Statistic="Sum"),
        AlarmState.ALARM,
        points,
        {points[1][0]: 2.0},
        60,
        points[1][0],
    )
    assert told["startDate"] == told["queryDate"] == "2026-01-01T00:01:00.000+0000"
    assert told["evaluatedDatapoints"] == [
        {"timestamp": "2026-01-01T00:01:00.000+0000", "sampleCount": 2.0, "value": 3.0},
        {"timestamp": "2026-01-01T00:00:00.000+0000"},
    ]
    assert "unit" not in told
    assert (told["recentDatapoints"], told["threshold"]) == ([3.0], 2.0)


@pytest.mark.parametrize(
    ("state", "many", "values", "evaluated"),
    [
        (AlarmState.ALARM, 2, [3.0, 1.0, 4.0], [4.0, 3.0]),
        (AlarmState.OK, 3, [3.0, 1.0, 4.0], [1.0]),
        (AlarmState.OK, 2, [None, 1.0, 4.0], [1.0, None]),
        (AlarmState.ALARM, 2, [None, None, 3.0], [3.0, None]),
        (AlarmState.INSUFFICIENT_DATA, 2, [None, None, None], [None, None]),
    ],
)
def test_of_so_many_points_those_are_evaluated_that_decide(
    state: AlarmState, many: int, values: list[float | None], evaluated: list[float | None]
) -> None:
    points = [(60_000 * place, value) for place, value in enumerate(values)]
    told = data(settings(GREATER, 2, DatapointsToAlarm=many), state, points, {}, 60, 180_000)
    assert [row.get("value") for row in told["evaluatedDatapoints"]] == evaluated
