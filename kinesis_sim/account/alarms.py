"""The alarms of one account: evaluated every minute on the simulated clock, while that can matter.

Laws
1. An alarm sees a minute's data when the minute is over, and never sooner.
2. While no alarm has a data point in its evaluation range, nothing can change and nobody looks:
   the next event, data point or change of an alarm starts the looking again.
3. Actions run when the state changes, not while it lasts (CloudWatch repeats only Auto Scaling's).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account import alarm_document
from kinesis_sim.account.alarm import ACTIONS, Alarm, checked
from kinesis_sim.account.alarm_words import instant
from kinesis_sim.account.events import AlarmActed, AlarmChanged
from kinesis_sim.account.functions import Functions
from kinesis_sim.account.metrics import Metrics
from kinesis_sim.account.states import AlarmState
from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import Event, EventLog
from kinesis_sim.instants import MINUTE
from kinesis_sim.mishaps import text_of

Publish = Callable[[str, str, str], None]
"""Sends to an SNS topic: its ARN, subject and message."""
HISTORY_KEPT = 10_000
"""History items kept in all (model's choice)."""


@dataclass(frozen=True, slots=True)
class AlarmHistoryItem:
    """One line of an alarm's history. kind: botocore HistoryItemType."""

    at: int
    alarm: str
    kind: str
    summary: str
    data: str


def _state(state: AlarmState, reason: str, data: str) -> dict[str, Any]:
    """A state in an alarm's history."""
    told: dict[str, Any] = {"stateValue": state.value, "stateReason": reason}
    try:
        return {**told, "stateReasonData": json.loads(data)} if data else told
    except ValueError:  # cut, or a caller's own text
        return told


def _untagged(settings: dict[str, Any]) -> dict[str, Any]:
    """What a put compares: tags are a creation's only, and actions are on unless it says no."""
    told = {"ActionsEnabled": True, **settings, "Tags": None}
    return {name: value for name, value in told.items() if value not in (None, [])}


def _trigger(settings: dict[str, Any]) -> dict[str, Any]:
    """What set an alarm off, as messages say it."""
    told: dict[str, Any] = {
        "EvaluationPeriods": settings["EvaluationPeriods"],
        "ComparisonOperator": settings["ComparisonOperator"],
        "Threshold": float(settings["Threshold"]),
        "TreatMissingData": settings.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": "",
    }
    if settings.get("DatapointsToAlarm") is not None:
        told["DatapointsToAlarm"] = settings["DatapointsToAlarm"]
    if settings.get("Metrics"):
        return told
    pairs = settings.get("Dimensions") or ()
    return {
        "MetricName": settings["MetricName"],
        "Namespace": settings["Namespace"],
        "StatisticType": "Statistic",
        "Statistic": settings["Statistic"].upper(),
        "Unit": settings.get("Unit"),
        "Dimensions": [{"value": pair["Value"], "name": pair["Name"]} for pair in pairs],
        "Period": settings["Period"],
        **told,
    }


class Alarms:
    """The alarms of one account in one Region. publish: the port to SNS.

    region_title: how messages name the Region.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        events: EventLog,
        metrics: Metrics,
        functions: Functions,
        publish: Publish,
        account: str,
        region: str,
        region_title: Callable[[], str],
    ) -> None:
        self.history: deque[AlarmHistoryItem] = deque(maxlen=HISTORY_KEPT)
        self._clock, self._events, self._metrics = clock, events, metrics
        self._functions, self._publish = functions, publish
        self._prefix = f"arn:aws:cloudwatch:{region}:{account}:alarm:"
        self._account, self._region = account, region
        self._region_title = region_title
        self._alarms: dict[str, Alarm] = {}
        self._next: ScheduledAction | None = None
        self._stop_listening: Callable[[], None] | None = None

    def __iter__(self) -> Iterator[Alarm]:
        return iter([self._alarms[name] for name in sorted(self._alarms)])

    def __getitem__(self, name: str) -> Alarm:
        alarm = self._alarms.get(name)
        if alarm is None:
            raise ServiceError("ResourceNotFound", f"There is no alarm {name}.", 404)
        return alarm

    def __contains__(self, name: str) -> bool:
        return name in self._alarms

    def by_arn(self, arn: str) -> Alarm:
        """The alarm of an ARN, else ResourceNotFound."""
        return self[arn.removeprefix(self._prefix)]

    # --- changing -----------------------------------------------------------------------------

    def put(self, request: dict[str, Any]) -> Alarm:
        """Create an alarm in INSUFFICIENT_DATA, or change one, whose state stays as it is.

        What is there already, to the word, is no change: neither history nor time tells of it
        (recorded 2026-09-14, radkawar/stackd, alarm_idempotence). Raises ServiceError
        (ValidationError) for what cannot be evaluated.
        """
        settings, name, now = checked(request), request["AlarmName"], self._clock.now
        alarm = self._alarms.get(name)
        if alarm is not None and _untagged(alarm.settings) == _untagged(settings):
            return alarm
        if alarm is None:
            alarm = Alarm(name, self._prefix + name, settings, now, state_updated_at=now)
            alarm.transitioned_at = now
            alarm.tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
            alarm.updated_at = now
            self._alarms[name] = alarm
            told = {"type": "Create", "createdAlarm": alarm_document.document(alarm)}
            self._note(alarm, "ConfigurationUpdate", f'Alarm "{name}" created', told)
        else:
            self._change(alarm, settings)
        alarm.has_data = True
        self.wake()
        return alarm

    def _change(self, alarm: Alarm, settings: dict[str, Any]) -> None:
        before = alarm_document.document(alarm)
        alarm.settings, alarm.updated_at = settings, self._clock.now
        told = alarm_document.changed(before, alarm_document.document(alarm))
        self._note(alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" updated', told)

    def delete(self, names: list[str]) -> None:
        """Delete alarms; names that are not there are left alone, but for a single one.

        Raises ResourceNotFound when the only name given is not there (model's choice; AWS says that
        the others are still deleted).
        """
        if len(names) == 1:
            _ = self[names[0]]
        for name in names:
            alarm = self._alarms.pop(name, None)
            if alarm is not None:
                told = {"type": "Delete", "deletedAlarm": alarm_document.document(alarm)}
                self._note(alarm, "ConfigurationUpdate", f'Alarm "{name}" deleted', told)

    def enable(self, names: list[str], enabled: bool) -> None:
        """Switch the actions of alarms on or off.

        Where they are that already, nothing changes (model's choice, as with a put).
        """
        for name in names:
            alarm = self._alarms.get(name)
            if alarm is not None and alarm.acts is not enabled:
                self._change(alarm, {**alarm.settings, "ActionsEnabled": enabled})

    def set_state(self, name: str, state: AlarmState, reason: str, data: str = "") -> None:
        """Put an alarm into a state until its next evaluation, and run its actions.

        For the state that it is in nothing changes, not even the reason (recorded 2026-09-14,
        radkawar/stackd, alarm_controls).
        """
        if name not in self:
            raise ServiceError("ResourceNotFound", "", 404)  # without a text, as recorded
        alarm = self[name]
        was, now = alarm.state, self._clock.now
        if state is not was:
            alarm.enter(state, reason, data, now)
            self._changed(alarm, was)
        alarm.has_data = True
        self.wake()

    # --- evaluating ---------------------------------------------------------------------------

    def wake(self) -> None:
        """Something happened: evaluate when this minute is over."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if self._next is None and self._alarms:
            now = self._clock.now
            self._next = self._clock.schedule(now - now % MINUTE + MINUTE, self._evaluate)

    def _sleep(self) -> None:
        if self._alarms and self._stop_listening is None and self._next is None:
            self._stop_listening = self._events.subscribe(self._hear)

    @property
    def is_stirred(self) -> bool:
        """Whether ``stir`` would change nothing: all look again at the end of this minute."""
        looks = self._next is not None or not self._alarms
        every = all(alarm.has_data for alarm in self._alarms.values())
        return looks and every and self._stop_listening is None

    def stir(self) -> None:
        """There may be new data: every alarm looks again."""
        for alarm in self._alarms.values():
            alarm.has_data = True
        self.wake()

    def _hear(self, event: Event) -> None:
        self.stir()

    def _evaluate(self) -> None:
        self._next = None
        now = self._clock.now
        alarms = list(self._alarms.values())
        try:
            for alarm in alarms:
                if alarm.due(now):
                    self._evaluate_one(alarm, now)
        finally:
            if any(alarm.has_data for alarm in alarms):
                self.wake()
            else:
                self._sleep()

    def _evaluate_one(self, alarm: Alarm, now: int) -> None:
        look = alarm.look(self._metrics, now)
        alarm.has_data = any(value is not None for value in look.values)
        state, was = alarm.decide(look), alarm.state
        if state is not was:
            alarm.explain(state, look, now)
            self._changed(alarm, was)

    # --- telling ------------------------------------------------------------------------------

    def _changed(self, alarm: Alarm, was: AlarmState) -> None:
        summary = f"Alarm updated from {was.value} to {alarm.state.value}"
        data = {
            "oldState": _state(was, *alarm.before),
            "newState": _state(alarm.state, alarm.reason, alarm.reason_data),
        }
        self._note(alarm, "StateUpdate", summary, data)
        self._events.append(
            AlarmChanged(
                at=self._clock.now, alarm=alarm.name, was=was.value, became=alarm.state.value
            )
        )
        if alarm.acts:
            for action in alarm.settings.get(ACTIONS[alarm.state]) or ():
                self._act(alarm, was, action)

    def _act(self, alarm: Alarm, was: AlarmState, action: str) -> None:
        """Run one action; what goes wrong in it is the history's and the event log's to tell."""
        error = ""
        try:
            self._run(alarm, was, action)
        except (Exception, SystemExit) as failure:
            error = text_of(failure)
        told = "Failed to execute action" if error else "Successfully executed action"
        data = alarm_document.acted(action, alarm.state_updated_at, error)
        self._note(alarm, "Action", f"{told} {action}", data, version=False)
        self._events.append(
            AlarmActed(at=self._clock.now, alarm=alarm.name, action=action, error=error)
        )

    def _run(self, alarm: Alarm, was: AlarmState, action: str) -> None:
        if ":lambda:" in action:
            self._functions.invoke(action, self._lambda_event(alarm, was))
        elif ":sns:" in action:
            subject = f'{alarm.state.value}: "{alarm.name}" in {self._region}'
            self._publish(action, subject[:100], json.dumps(self._message(alarm, was)))
        else:
            raise ServiceError(
                "NotSimulated", "Kinesis Lab runs actions of Lambda functions and SNS topics only."
            )

    def _lambda_event(self, alarm: Alarm, was: AlarmState) -> dict[str, Any]:
        """What CloudWatch sends a function (recorded 2026-09-14, radkawar/stackd)."""
        state = alarm_document.state(
            alarm.state.value, alarm.reason, alarm.reason_data, alarm.state_updated_at
        )
        return {
            "source": "aws.cloudwatch",
            "alarmArn": alarm.arn,
            "accountId": self._account,
            "time": state["timestamp"],
            "region": self._region,
            "alarmData": {
                "alarmName": alarm.name,
                "state": state,
                "previousState": alarm_document.state(was.value, *alarm.before, alarm.before_at),
                "configuration": alarm_document.configuration(alarm),
            },
        }

    def _message(self, alarm: Alarm, was: AlarmState) -> dict[str, Any]:
        """What CloudWatch writes to a topic (localstack/localstack, recorded 2025 and 2026).

        Of an alarm on expressions without the metrics in its trigger.
        """
        settings = alarm.settings
        return {
            "AlarmName": alarm.name,
            "AlarmDescription": settings.get("AlarmDescription"),
            "AWSAccountId": self._account,
            "AlarmConfigurationUpdatedTimestamp": instant(alarm.updated_at),
            "NewStateValue": alarm.state.value,
            "NewStateReason": alarm.reason,
            "StateChangeTime": instant(alarm.state_updated_at),
            "Region": self._region_title(),
            "AlarmArn": alarm.arn,
            "OldStateValue": was.value,
            **{member: settings.get(member) or [] for member in ACTIONS.values()},
            "Trigger": _trigger(settings),
            "ActionExecutedAfterMuteWindow": False,
        }

    def _note(
        self,
        alarm: Alarm,
        kind: str,
        summary: str,
        data: dict[str, Any],
        *,
        version: bool = True,
    ) -> None:
        whole = {"version": "1.0", **data} if version else data
        text = json.dumps(whole, separators=(",", ":"))[:4095]
        self.history.append(
            AlarmHistoryItem(self._clock.now, alarm.name, kind, summary[:255], text)
        )
