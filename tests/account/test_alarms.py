"""Alarms on the simulated clock: when they look, what they do, and that idle time is free."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.alarm_rules import MORE_PERIODS, TREATMENTS, verdict
from kinesis_sim.account.events import AlarmActed, AlarmChanged
from kinesis_sim.account.states import AlarmState
from kinesis_sim.errors import ServiceError, UsageError
from tests.effort import examples

STREAM = "meu-stream"
ALARM: dict[str, Any] = {
    "AlarmName": "cheio",
    "Namespace": "AWS/Kinesis",
    "MetricName": "IncomingRecords",
    "Dimensions": [{"Name": "StreamName", "Value": STREAM}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture
def sim() -> Simulator:
    sim = Simulator(latency=None, delays="instant", account="999988887777")
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 1})
    return sim


def put(sim: Simulator, **changes: Any) -> None:
    sim.gate.call("cloudwatch", "PutMetricAlarm", {**ALARM, **changes})


def write(sim: Simulator, records: int, minutes: int = 1) -> None:
    for _ in range(minutes):
        if records:
            sim.streams[STREAM].put([(b"x", "c", None)] * records, sim.clock.now)
        sim.advance(minutes=1)


def state(sim: Simulator, name: str = "cheio") -> AlarmState:
    return sim.cloudwatch.alarms[name].state


def changes(sim: Simulator) -> list[tuple[str, str]]:
    return [(event.was, event.became) for event in sim.events.of(AlarmChanged)]


def test_an_alarm_goes_off_and_comes_back(sim: Simulator) -> None:
    put(sim)
    assert state(sim) is AlarmState.INSUFFICIENT_DATA
    write(sim, 1, 4)
    assert state(sim) is AlarmState.OK
    write(sim, 10)
    assert state(sim) is AlarmState.OK
    write(sim, 10)
    assert state(sim) is AlarmState.ALARM
    write(sim, 1)
    assert state(sim) is AlarmState.OK
    write(sim, 0, 10)
    assert state(sim) is AlarmState.INSUFFICIENT_DATA


def test_a_minute_is_seen_when_it_is_over(sim: Simulator) -> None:
    put(sim, EvaluationPeriods=1)
    sim.streams[STREAM].put([(b"x", "c", None)] * 10, sim.clock.now)
    sim.advance(milliseconds=59_999)
    assert state(sim) is AlarmState.INSUFFICIENT_DATA
    sim.advance(milliseconds=1)
    assert state(sim) is AlarmState.ALARM


def test_m_out_of_n(sim: Simulator) -> None:
    put(sim, EvaluationPeriods=3, DatapointsToAlarm=2)
    for records in (10, 1, 10):
        write(sim, records)
    assert state(sim) is AlarmState.ALARM


@pytest.mark.parametrize(
    ("treatment", "after"),
    [
        ("missing", AlarmState.INSUFFICIENT_DATA),
        ("ignore", AlarmState.OK),
        ("breaching", AlarmState.ALARM),
        ("notBreaching", AlarmState.OK),
    ],
)
def test_missing_data_is_treated_as_asked(
    sim: Simulator, treatment: str, after: AlarmState
) -> None:
    put(sim, TreatMissingData=treatment)
    write(sim, 1, 5)
    write(sim, 0, 20)
    assert state(sim) is after


def test_five_minutes_slide(sim: Simulator) -> None:
    put(sim, Period=300, EvaluationPeriods=1, Threshold=8.0)
    write(sim, 3, 2)
    assert state(sim) is AlarmState.OK
    write(sim, 3)
    assert (
        state(sim) is AlarmState.ALARM
    )  # nine in minutes -2 to 3, whatever the clock's five minutes
    write(sim, 0, 3)
    assert state(sim) is AlarmState.OK


def test_functions_are_called_once_per_change(sim: Simulator) -> None:
    called: list[dict[str, Any]] = []
    arn = sim.functions.register("avisa", called.append)
    put(sim, AlarmActions=[arn], EvaluationPeriods=1)
    write(sim, 10, 5)
    assert [event["alarmData"]["state"]["value"] for event in called] == ["ALARM"]
    assert called[0]["alarmData"]["alarmName"] == "cheio"
    assert called[0]["alarmArn"].endswith(":alarm:cheio")


def test_a_function_that_fails_is_told_and_stops_nothing(sim: Simulator) -> None:
    def broken(event: dict[str, Any]) -> None:
        raise KeyError("sem chave")

    arn = sim.functions.register("quebra", broken)
    nowhere = "arn:aws:automate:us-east-1:ec2:stop"
    put(sim, AlarmActions=[arn, nowhere], EvaluationPeriods=1)
    write(sim, 10)
    told = {event.action: event.error for event in sim.events.of(AlarmActed)}
    assert told[arn] == "KeyError: 'sem chave'"
    assert "SNS topics only" in told[nowhere]
    assert state(sim) is AlarmState.ALARM


def test_disabled_actions_do_not_run(sim: Simulator) -> None:
    called: list[dict[str, Any]] = []
    arn = sim.functions.register("avisa", called.append)
    put(sim, AlarmActions=[arn], EvaluationPeriods=1)
    sim.gate.call("cloudwatch", "DisableAlarmActions", {"AlarmNames": ["cheio", "nenhum"]})
    write(sim, 10)
    assert state(sim) is AlarmState.ALARM
    assert called == []


def test_topics_get_a_message(sim: Simulator) -> None:
    sns, sqs = sim.client("sns"), sim.client("sqs")
    topic = sns.create_topic(Name="plantao")["TopicArn"]
    queue = sqs.create_queue(QueueName="plantao")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    put(sim, AlarmActions=[topic], EvaluationPeriods=1)
    write(sim, 10)
    [found] = sqs.receive_message(QueueUrl=queue)["Messages"]
    message = json.loads(json.loads(found["Body"])["Message"])
    assert (message["AlarmName"], message["NewStateValue"]) == ("cheio", "ALARM")


def test_a_state_that_was_set_lasts_until_the_next_look(sim: Simulator) -> None:
    put(sim)
    write(sim, 1, 4)
    sim.cloudwatch.alarms.set_state("cheio", AlarmState.ALARM, "teste")
    assert state(sim) is AlarmState.ALARM
    sim.advance(minutes=1)
    assert state(sim) is AlarmState.OK
    assert changes(sim)[-2:] == [("OK", "ALARM"), ("ALARM", "OK")]


def test_an_update_keeps_the_state(sim: Simulator) -> None:
    put(sim, EvaluationPeriods=1)
    write(sim, 10)
    put(sim, EvaluationPeriods=1, Threshold=50.0)
    assert state(sim) is AlarmState.ALARM
    write(sim, 10)
    assert state(sim) is AlarmState.OK


def test_metric_math_can_be_watched(sim: Simulator) -> None:
    metric = {key: ALARM[key] for key in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    request = {
        "AlarmName": "cheio",
        "EvaluationPeriods": 1,
        "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
            {"Id": "e1", "Expression": "100 * m1 / 10"},
        ],
    }
    sim.gate.call("cloudwatch", "PutMetricAlarm", request)
    write(sim, 4)
    assert state(sim) is AlarmState.OK
    write(sim, 6)
    assert state(sim) is AlarmState.ALARM


def test_alarms_over_days_look_once_an_hour(sim: Simulator) -> None:
    put(sim, Period=3600 * 24, EvaluationPeriods=2, DatapointsToAlarm=1)
    sim.advance(minutes=90)
    write(sim, 10, 2)
    assert state(sim) is AlarmState.INSUFFICIENT_DATA
    sim.advance(minutes=40)
    assert state(sim) is AlarmState.ALARM


def looks(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    alarms = sim.cloudwatch.alarms
    evaluate = alarms._evaluate_one

    def counted(alarm: Any, now: int) -> None:
        found.append(now)
        evaluate(alarm, now)

    monkeypatch.setattr(alarms, "_evaluate_one", counted)
    return found


def test_an_idle_year_is_not_looked_at(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    found = looks(sim, monkeypatch)
    put(sim)
    write(sim, 10, 3)
    sim.advance(days=365)
    assert len(found) < 10
    assert state(sim) is AlarmState.INSUFFICIENT_DATA
    write(sim, 10, 4)
    assert state(sim) is AlarmState.ALARM
    sim.advance(days=365)
    assert state(sim) is AlarmState.INSUFFICIENT_DATA


def test_a_deleted_alarm_is_gone(sim: Simulator) -> None:
    put(sim)
    sim.gate.call("cloudwatch", "DeleteAlarms", {"AlarmNames": ["cheio", "nenhum"]})
    write(sim, 10, 4)
    assert changes(sim) == []
    with pytest.raises(ServiceError, match="no alarm cheio"):
        state(sim)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"ExtendedStatistic": "p99"}, "ExtendedStatistic"),
        ({"EvaluationWindow": {"WallClockWindow": {}}}, "sliding windows"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly detection"),
        ({"DatapointsToAlarm": 3}, "DatapointsToAlarm"),
        ({"Period": 30}, "multiple of 60"),
        ({"Threshold": None}, "Threshold is required"),
        ({"Statistic": None}, "Statistic is required"),
        ({"MetricName": None}, "MetricName or Metrics"),
        ({"MetricName": None, "Metrics": [{"Id": "e", "Expression": "e + 1"}]}, "itself"),
        ({"MetricName": None, "Metrics": [{"Id": "e", "Expression": "x + 1"}]}, "ID 'x'"),
        ({"MetricName": None, "Metrics": [{"Id": "e", "Expression": "1 + 1"}]}, "TimeSeries"),
        (
            {"MetricName": None, "Metrics": [{"Id": "e", "Expression": "METRICS()"}]},
            "one time series",
        ),
        ({"MetricName": None, "Metrics": [{"Id": "e"}]}, "either MetricStat or Expression"),
    ],
)
def test_what_cannot_be_watched_is_refused_by_name(
    sim: Simulator, changes: dict[str, Any], named: str
) -> None:
    request = {key: value for key, value in {**ALARM, **changes}.items() if value is not None}
    with pytest.raises(ServiceError, match=named) as caught:
        sim.gate.call("cloudwatch", "PutMetricAlarm", request)
    assert caught.value.code == "ValidationError"
    assert "cheio" not in sim.cloudwatch.alarms


def test_only_callables_are_functions(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        sim.functions.register("nada", "texto")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="register it"):
        sim.functions.invoke("arn:aws:lambda:us-east-1:1:function:nada", {})


def looked_at_every_minute(traffic: list[int], periods: int, to_alarm: int, treatment: str) -> Any:
    """What an alarm that never sleeps would do: (minute, state) for each change."""
    now, found = AlarmState.INSUFFICIENT_DATA, []
    for minute in range(1, len(traffic) + 1):
        seen = [
            None if index < 0 or not traffic[index] else traffic[index] > ALARM["Threshold"]
            for index in range(minute - periods - MORE_PERIODS, minute)
        ]
        state = verdict(seen, periods, to_alarm, treatment, now)
        if state is not now:
            now = state
            found.append((minute, state.value))
    return found


QUIET = st.just([0] * 12)
BUSY = st.lists(st.sampled_from([0, 1, 10]), min_size=1, max_size=8)


@given(
    parts=st.lists(st.one_of(QUIET, BUSY), min_size=1, max_size=6),
    periods=st.integers(1, 4),
    short=st.integers(0, 3),
    treatment=st.sampled_from(TREATMENTS),
)
@settings(max_examples=examples(50))
def test_sleeping_alarms_miss_nothing(
    parts: list[list[int]], periods: int, short: int, treatment: str
) -> None:
    sim, to_alarm = Simulator(latency=None, delays="instant"), max(1, periods - short)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 1})
    begin = sim.clock.now
    options = {"DatapointsToAlarm": to_alarm, "TreatMissingData": treatment}
    put(sim, EvaluationPeriods=periods, **options)
    traffic = [records for part in parts for records in part]
    for records in traffic:
        write(sim, records)
    found = [((event.at - begin) // 60_000, event.became) for event in sim.events.of(AlarmChanged)]
    assert found == looked_at_every_minute(traffic, periods, to_alarm, treatment)
