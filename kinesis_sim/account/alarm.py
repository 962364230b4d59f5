"""One CloudWatch alarm: what it watches, what it decided last, and what that makes it say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.account import alarm_words
from kinesis_sim.account.alarm_rules import COMPARISONS, MORE_PERIODS, verdict
from kinesis_sim.account.identifiers import uuid_of
from kinesis_sim.account.metric_math import wrong
from kinesis_sim.account.metrics import Metrics
from kinesis_sim.account.queries import Queries, check_period, check_statistic
from kinesis_sim.account.states import ALARM, AlarmState
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY, HOUR, MINUTE
from kinesis_sim.states import Life

ACTIONS = {
    AlarmState.OK: "OKActions",
    AlarmState.ALARM: "AlarmActions",
    AlarmState.INSUFFICIENT_DATA: "InsufficientDataActions",
}
NOT_WATCHED = (
    "ExtendedStatistic",
    "ThresholdMetricId",
    "EvaluationCriteria",
    "WarmUpConfiguration",
)
_WATCHED = "m1"


@dataclass(slots=True)
class Evaluation:
    """One evaluation: its range of values (None for missing), oldest first, and where it begins.

    counts: samples by the beginning of their period, of an alarm on one metric.
    """

    start: int
    period: int
    values: list[float | None]
    counts: dict[int, float]

    def seen(self, periods: int) -> alarm_words.Seen:
        """What the decision rests on: the newest points there are, else the newest periods.

        With fewer points than periods, the newest missing ones make up the number.
        """
        rows = [
            (self.start + self.period * index, value) for index, value in enumerate(self.values)
        ]
        real = [row for row in rows if row[1] is not None][-periods:]
        gaps = [row for row in rows if row[1] is None]
        wanted = periods - len(real)
        return sorted([*real, *gaps[len(gaps) - wanted :]] if wanted else real)


@dataclass(slots=True)
class Alarm:
    """An alarm. settings: PutMetricAlarm's members, checked by ``checked``. Times: epoch ms.

    before: the reason of the state before this one, and its data; before_at: when that was entered.
    has_data: whether its last look
    saw a data point, so that the next may see something else.
    """

    name: str
    arn: str
    settings: dict[str, Any]
    updated_at: int
    life: Life[AlarmState] = field(default_factory=lambda: Life(ALARM))
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    before: tuple[str, str] = ("", "")
    before_at: int = 0
    state_updated_at: int = 0
    transitioned_at: int = 0
    has_data: bool = True
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> AlarmState:
        """What it decided last, or was told to be."""
        state = self.life.state
        assert state is not None  # its table has no end: an alarm is deleted as it is
        return state

    @property
    def periods(self) -> int:
        """EvaluationPeriods: the N of "M out of N"."""
        return int(self.settings["EvaluationPeriods"])

    @property
    def to_alarm(self) -> int:
        """DatapointsToAlarm: the M."""
        return int(self.settings.get("DatapointsToAlarm") or self.periods)

    @property
    def acts(self) -> bool:
        """Whether its actions are enabled."""
        return bool(self.settings.get("ActionsEnabled", True))

    @property
    def watched(self) -> tuple[list[dict[str, Any]], str]:
        """Its queries, and the Id of the one it compares."""
        rows = self.settings.get("Metrics")
        if rows:
            shown = [row["Id"] for row in rows if row.get("ReturnData", True)]
            return rows, shown[0]
        stat = {
            "Metric": self.settings,
            "Period": self.settings["Period"],
            "Stat": self.settings["Statistic"],
            "Unit": self.settings.get("Unit"),
        }
        return [{"Id": _WATCHED, "MetricStat": stat}], _WATCHED

    def breaches(self, value: float | None) -> bool | None:
        """Whether a value crosses the threshold; None for a missing one."""
        if value is None:
            return None
        return COMPARISONS[self.settings["ComparisonOperator"]][0](
            value, self.settings["Threshold"]
        )

    # --- evaluating ---------------------------------------------------------------------------

    def due(self, now: int) -> bool:
        """Whether it is evaluated at the minute that begins at ``now``.

        Each one is, or each full hour when its evaluation spans more than a day (CloudWatch user
        guide, "Alarm evaluation").
        """
        return now % HOUR == 0 or self._period() * self.periods <= DAY

    def look(self, metrics: Metrics, now: int) -> Evaluation:
        """The values of its evaluation range, which ends with the minute over at ``now``."""
        period, count = self._period(), self.periods + MORE_PERIODS
        end = now - now % (MINUTE if period * self.periods <= DAY else HOUR)
        start = end - period * count
        queries, name = self.watched
        series = Queries(queries, metrics, start, end).series(name)
        values = [series.get(start + period * index) for index in range(count)]
        return Evaluation(start, period, values, self._counts(metrics, start, end))

    def _counts(self, metrics: Metrics, start: int, end: int) -> dict[int, float]:
        queries, name = self.watched
        if self.settings.get("Metrics"):
            return {}
        samples = {**queries[0]["MetricStat"], "Stat": "SampleCount"}
        return Queries([{"Id": name, "MetricStat": samples}], metrics, start, end).series(name)

    def decide(self, look: Evaluation) -> AlarmState:
        """The state that a look leads to."""
        treatment = self.settings.get("TreatMissingData") or self._default_treatment()
        flags = [self.breaches(value) for value in look.values]
        return verdict(flags, self.periods, self.to_alarm, treatment, self.state)

    def _default_treatment(self) -> str:
        """What becomes of missing points when TreatMissingData is left out.

        Those of DynamoDB are ignored, unless another metric is among the queries, used or not
        (recorded 2026-09-14, radkawar/stackd, alarm_namespaces).
        """
        stats = [row["MetricStat"] for row in self.watched[0] if row.get("MetricStat")]
        spaces = {stat["Metric"].get("Namespace") for stat in stats}
        return "ignore" if spaces == {"AWS/DynamoDB"} else "missing"

    def _period(self) -> int:
        queries, _ = self.watched
        stats = [(row.get("MetricStat") or row).get("Period") or 0 for row in queries]
        return (max(stats) or 60) * 1000

    # --- telling ------------------------------------------------------------------------------

    def explain(self, state: AlarmState, look: Evaluation, now: int) -> None:
        """Take a decision in, with the reason for it."""
        import json

        seen = look.seen(self.periods)
        reason = alarm_words.reason(self.settings, state, seen)
        seconds = self._period() // 1000
        data = alarm_words.data(self.settings, state, seen, look.counts, seconds, now)
        self.enter(state, reason, json.dumps(data, separators=(",", ":")), now)

    def enter(self, state: AlarmState, reason: str, data: str, now: int) -> None:
        """Be in a state from ``now`` on."""
        if state is not self.state:
            self.transitioned_at = now
            self.life.step(ALARM.why(self.state, state))
        self.before, self.before_at = (self.reason, self.reason_data), self.state_updated_at
        self.reason, self.reason_data = reason[:1023], data[:4000]
        self.state_updated_at = now

    def row(self) -> dict[str, Any]:
        """botocore MetricAlarm; times in epoch ms."""
        kept = {key: value for key, value in self.settings.items() if key != "Tags"}
        if self.settings.get("Metrics"):
            kept["Metrics"] = [_with_dimensions(row) for row in self.settings["Metrics"]]
        return {
            "ActionsEnabled": True,
            "Dimensions": [],
            **{member: [] for member in ACTIONS.values()},
            **kept,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.updated_at,
            "StateValue": self.state.value,
            "StateReason": self.reason,
            **({"StateReasonData": self.reason_data} if self.reason_data else {}),
            "StateUpdatedTimestamp": self.state_updated_at,
            "StateTransitionedTimestamp": self.transitioned_at,
        }


def _with_dimensions(row: dict[str, Any]) -> dict[str, Any]:
    """A query as DescribeAlarms has it: dimensions, if only none."""
    if "MetricStat" not in row:
        return row
    metric = {"Dimensions": [], **row["MetricStat"]["Metric"]}
    return {**row, "MetricStat": {**row["MetricStat"], "Metric": metric}}


def checked(request: dict[str, Any]) -> dict[str, Any]:
    """The settings of a PutMetricAlarm request.

    Raises ServiceError (ValidationError, InvalidParameterValue) for what contradicts itself or is
    not simulated; the wording is the model's but for what ``_check_recorded`` refuses.
    """
    _check_recorded(request)
    for member in NOT_WATCHED:
        if request.get(member) is not None:
            raise wrong(f"Kinesis Lab does not evaluate alarms with {member}.")
    if "WallClockWindow" in (request.get("EvaluationWindow") or {}):
        raise wrong("Kinesis Lab evaluates alarms on sliding windows only.")
    for member in ("EvaluationPeriods", "Threshold", "ComparisonOperator"):
        if request.get(member) is None:
            raise wrong(f"The parameter {member} is required.")
    if request["ComparisonOperator"] not in COMPARISONS:
        raise wrong("Kinesis Lab has no anomaly detection: compare with a static threshold.")
    if (request.get("DatapointsToAlarm") or 1) > request["EvaluationPeriods"]:
        raise wrong("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    _check_missing(request)
    _check_watched(request)
    _check_span(request)
    return {name: value for name, value in request.items() if value is not None}


def _check_recorded(request: dict[str, Any]) -> None:
    """What AWS was recorded refusing (2026-09-14, radkawar/stackd, alarm_controls)."""
    if request.get("Metrics") and request.get("MetricName") is not None:
        raise wrong("MetricName should not be set if list of Metrics is set.")
    extended = request.get("ExtendedStatistic")
    if extended is not None and request.get("Statistic") is not None:
        raise wrong(
            "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic "
            "parameters. Only one of them should be present"
        )
    if extended is not None and not _is_percentile(extended):
        text = f"The value {extended} for parameter ExtendedStatistic is not supported."
        raise ServiceError("InvalidParameterValue", text)
    for member in ACTIONS.values():
        for action in request.get(member) or ():
            if not action.startswith("arn:") or action.count(":") < 5:
                raise wrong(f"Invalid arn syntax: {action}")


def _check_missing(request: dict[str, Any]) -> None:
    """The four treatments that there are, in the words that a user quotes.

    BoraxTheClean/DevelopmentMachine, pull request 1, 2020-12-18.
    """
    given = request.get("TreatMissingData")
    if given is not None and given not in alarm_words.TREATED:
        raise wrong(
            "Supported values for TreatMissingData parameter are [breaching, notBreaching, ignore, "
            "missing]"
        )


def _check_span(request: dict[str, Any]) -> None:
    """Seven days at most, one day of periods under an hour (PutMetricAlarm); the model's words."""
    rows = request.get("Metrics") or [request]
    stats = [(row.get("MetricStat") or row).get("Period") or 0 for row in rows]
    period = max(stats) or 60
    most = (DAY if period < 3600 else 7 * DAY) // 1000
    if period * request["EvaluationPeriods"] > most:
        raise wrong(
            f"EvaluationPeriods {request['EvaluationPeriods']} of {period} seconds are more than "
            f"{most} seconds: ask for fewer."
        )


def _is_percentile(name: str) -> bool:
    """Whether an extended statistic may be one; of percentiles their range is checked."""
    rank = name.removeprefix("p")
    if rank == name or not rank.replace(".", "", 1).isdecimal():
        return True
    return float(rank) <= 100


def _check_watched(request: dict[str, Any]) -> None:
    rows = request.get("Metrics")
    if (not rows) is (request.get("MetricName") is None):
        raise wrong("Give either MetricName or Metrics.")
    if not rows:
        for member in ("Namespace", "Period", "Statistic"):
            if request.get(member) is None:
                raise wrong(f"The parameter {member} is required.")
        check_period(request["Period"])
        check_statistic(request["Statistic"])
        return
    shown = [row["Id"] for row in rows if row.get("ReturnData", True)]
    if len(shown) != 1:
        raise wrong("Exactly one element of Metrics must have ReturnData true.")
    _check_result(rows, shown[0])


def _check_result(rows: list[dict[str, Any]], name: str) -> None:
    """Work the expression out over nothing (refusals recorded 2026-09-14, radkawar/stackd)."""
    queries = Queries(rows, Metrics(lambda: 0), 0, 60_000)
    try:
        value = queries.value(name)
    except ServiceError as error:
        if error.message.endswith(" not found"):
            raise _refused_inside(error.message) from None
        raise
    if isinstance(value, float):
        raise _refused_inside(
            f"Error in expression '{name}': The return value of the expression must be TimeSeries "
            "or Array[TimeSeries]"
        )
    queries.series(name)


def _refused_inside(text: str) -> ServiceError:
    """What alarms pass on from the service that works expressions out."""
    return wrong(
        f"{text} (Service: AmazonCloudWatch; Status Code: 400; Error Code: ValidationException; "
        f"Request ID: {uuid_of(text)}; Proxy: null)"
    )
