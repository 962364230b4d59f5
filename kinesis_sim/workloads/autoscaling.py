"""Autoscaling of a provisioned stream, as people build it: two alarms that call a function.

AWS has no such switch for provisioned streams. What its samples and its users build is this: an
alarm on the stream's utilisation (the busier of bytes and records, against what its shards take)
calls a Lambda function, which calls UpdateShardCount, sets the alarms' formulas to the new number
of shards, and puts the alarm back to INSUFFICIENT_DATA, so that it can act again. While the
cool-down or an earlier change lasts, the function leaves the shards alone and only re-arms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from kinesis_sim.arguments import numbers, whole
from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

REFUSALS = ("LimitExceededException", "ResourceInUseException", "InvalidArgumentException")


@dataclass(frozen=True, slots=True)
class Scaling:
    """One time that the function was called. to: the new number of shards; None when it left them.

    why: what it did, or why not.
    """

    at: datetime
    direction: str
    shards: int
    to: int | None
    why: str


class Autoscaling:
    """Keeps a provisioned stream near a utilisation, until ``stop()``.

    target_utilisation: between 0 and 1: what the busier of bytes and records should use of the
    shards. The stream grows when it is above, to as many shards as bring it back there, and shrinks
    when it is below half of that; UpdateShardCount allows at most double and at least half.
    up_minutes, down_minutes: how long that must last. ``history`` tells every call.
    Raises UsageError for numbers that make no sense, and for an on-demand stream.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        *,
        target_utilisation: float = 0.7,
        cooldown_minutes: float = 10,
        up_minutes: int = 3,
        down_minutes: int = 15,
        fewest: int = 1,
        most: int = 100,
    ) -> None:
        numbers(target_utilisation=target_utilisation, cooldown_minutes=cooldown_minutes)
        for name, value in {"up_minutes": up_minutes, "down_minutes": down_minutes}.items():
            whole(name, value)
        whole("fewest", fewest)
        whole("most", most)
        if not 0 < target_utilisation < 1:
            raise UsageError(f"target_utilisation={target_utilisation}: give a share, 0 to 1.")
        if cooldown_minutes < 0 or min(up_minutes, down_minutes) < 1:
            raise UsageError("Minutes: 0 or more to cool down, 1 or more to look at.")
        if not 1 <= fewest <= most:
            raise UsageError(f"fewest={fewest}, most={most}: give 1 ≤ fewest ≤ most.")
        self.history: list[Scaling] = []
        self._sim, self._stream = sim, stream
        self._target, self._cooldown_ms = target_utilisation, cooldown_minutes * 60_000
        self._minutes = {"up": up_minutes, "down": down_minutes}
        self._fewest, self._most = fewest, most
        self._last: int | None = None
        self._kinesis, self._cloudwatch = sim.client("kinesis"), sim.client("cloudwatch")
        if self._summary()["StreamModeDetails"]["StreamMode"] != "PROVISIONED":
            raise UsageError(f"{stream} scales by itself: it is an on-demand stream.")
        self._function = sim.functions.register(f"autoscaling-{stream}", self._called)
        self._arm(self.shards)

    @property
    def shards(self) -> int:
        """Open shards now."""
        return int(self._summary()["OpenShardCount"])

    @property
    def alarms(self) -> tuple[str, str]:
        """The names of the two alarms: for growing and for shrinking."""
        return f"{self._stream}-scale-up", f"{self._stream}-scale-down"

    def stop(self) -> None:
        """Delete the alarms; the shards stay as they are."""
        self._cloudwatch.delete_alarms(AlarmNames=list(self.alarms))

    # --- alarms -------------------------------------------------------------------------------

    def _arm(self, shards: int) -> None:
        """Put both alarms, for so many shards. A minute without data is one without load."""
        up, down = self.alarms
        self._put_alarm(up, "up", shards, "GreaterThanThreshold", self._target)
        self._put_alarm(down, "down", shards, "LessThanThreshold", self._target / 2)

    def _put_alarm(
        self, name: str, direction: str, shards: int, comparison: str, threshold: float
    ) -> None:
        self._cloudwatch.put_metric_alarm(
            AlarmName=name,
            Metrics=self._queries(shards),
            EvaluationPeriods=self._minutes[direction],
            ComparisonOperator=comparison,
            Threshold=threshold,
            TreatMissingData="notBreaching" if direction == "up" else "breaching",
            AlarmActions=[self._function],
        )

    def _queries(self, shards: int) -> list[dict[str, Any]]:
        """Utilisation: the busier of bytes and records, each against what the shards take."""
        limits = self._sim.limits
        return [
            self._metric("bytes", "IncomingBytes"),
            self._metric("records", "IncomingRecords"),
            self._share("bytes_used", "bytes", shards * limits["streams.shard_write_bytes"]),
            self._share("records_used", "records", shards * limits["streams.shard_write_records"]),
            {
                "Id": "utilisation",
                "Expression": "MAX([bytes_used, records_used])",
                "Label": "utilisation",
                "ReturnData": True,
            },
        ]

    def _metric(self, name: str, metric: str) -> dict[str, Any]:
        dimensions = [{"Name": "StreamName", "Value": self._stream}]
        row = {"Namespace": "AWS/Kinesis", "MetricName": metric, "Dimensions": dimensions}
        return {
            "Id": name,
            "MetricStat": {"Metric": row, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        }

    def _share(self, name: str, of: str, per_second: int) -> dict[str, Any]:
        return {"Id": name, "Expression": f"{of} / {per_second * 60}", "ReturnData": False}

    # --- the function -------------------------------------------------------------------------

    def _called(self, event: dict[str, Any]) -> None:
        """What the Lambda function does with an alarm."""
        alarm = event["alarmData"]["alarmName"]
        direction = "up" if alarm == self.alarms[0] else "down"
        summary = self._summary()
        shards = int(summary["OpenShardCount"])
        to, why = self._decided(direction, shards, summary["StreamStatus"])
        if to is not None:
            to, why = self._update(to)
        self.history.append(Scaling(self._sim.now, direction, shards, to, why))
        if to is not None:
            self._last = self._sim.clock.now
            self._arm(to)
        if to is not None or why != "at its bound":
            self._rearm(alarm)

    def _rearm(self, alarm: str) -> None:
        """Let the alarm fire again: it acts on a change of state only."""
        self._cloudwatch.set_alarm_state(
            AlarmName=alarm, StateValue="INSUFFICIENT_DATA", StateReason="re-armed by autoscaling"
        )

    def _decided(self, direction: str, shards: int, status: str) -> tuple[int | None, str]:
        """The number of shards to have, or None and why it stays as it is."""
        if status != "ACTIVE":
            return None, f"the stream is {status}"
        if self._last is not None and self._sim.clock.now - self._last < self._cooldown_ms:
            return None, "cooling down"
        wanted = math.ceil(shards * self._utilisation(direction, shards) / self._target)
        if direction == "up":
            to = min(max(wanted, shards + 1), 2 * shards, self._most)
        else:
            to = max(wanted, math.ceil(shards / 2), self._fewest)
        if (to <= shards) if direction == "up" else (to >= shards):
            return None, "at its bound"
        return to, ""

    def _utilisation(self, direction: str, shards: int) -> float:
        """The busiest of the minutes that the alarm looked at; 0 when there was nothing."""
        answer = self._cloudwatch.get_metric_data(
            MetricDataQueries=self._queries(shards),
            StartTime=self._sim.now - timedelta(minutes=self._minutes[direction]),
            EndTime=self._sim.now,
        )
        return max(answer["MetricDataResults"][0]["Values"], default=0.0)

    def _update(self, to: int) -> tuple[int | None, str]:
        """UpdateShardCount; what AWS refuses is a reason, not a fault of the function."""
        from botocore.exceptions import ClientError

        try:
            self._kinesis.update_shard_count(
                StreamName=self._stream, TargetShardCount=to, ScalingType="UNIFORM_SCALING"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in REFUSALS:
                raise
            return None, error.response["Error"]["Message"]
        return to, f"to {to}"

    def _summary(self) -> dict[str, Any]:
        answer = self._kinesis.describe_stream_summary(StreamName=self._stream)
        summary: dict[str, Any] = answer["StreamDescriptionSummary"]
        return summary
