"""EventBridge's rules with data streams and Firehose streams as targets.

The event arrives as compact JSON, a whole second as its time (localstack/localstack, events
snapshots of 2024-07-11); its partition key is the event's id unless KinesisParameters says where
in the event it lies (Bevents:KinesisParameters).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from inspect import signature
from typing import Any

from kinesis_sim.aws.bridges.borders import is_foreign, unsent
from kinesis_sim.aws.bridges.delivery import compact, is_ours, put, sound
from kinesis_sim.aws.egress import current
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError
from kinesis_sim.mishaps import Mishaps

_PATH = re.compile(r"\$(\.[\w-]+)*")


def build() -> None:
    """Have moto's rules use this file for targets that are streams of ours."""
    from moto.events.models import EventsBackend, Rule

    send = Rule.send_to_targets
    add, make = EventsBackend.put_targets, EventsBackend.put_rule

    def sent(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if self.state == "DISABLED" or not self.event_pattern.matches_event(original_event):
            return
        ours = [target for target in self.targets if is_ours(target["Arn"])]
        for target in ours:
            _one(target, partial(_deliver, target, original_event))
        for target in [target for target in self.targets if target not in ours]:
            if is_foreign(target["Arn"], self.account_id):
                unsent(target["Arn"])
                continue
            alone = copy.copy(self)
            alone.targets = [target]
            _one(target, partial(send, alone, original_event, transform_input))

    def added(self: Any, name: str, event_bus_arn: Any, targets: Any) -> None:
        ours = [target for target in targets if is_ours(target["Arn"])]
        rule = self.describe_rule(name, event_bus_arn) if ours else None
        if rule is not None and rule.scheduled_expression:
            raise _unscheduled()
        for target in ours:
            _check(target)
        add(self, name, event_bus_arn, targets)

    def made(self: Any, name: str, *given: Any, **more: Any) -> Any:
        asked = signature(make).bind(self, name, *given, **more).arguments
        bus = self.event_buses.get(self._normalize_event_bus_arn(asked.get("event_bus_arn")))
        rule = None if bus is None else bus.rules.get(name)
        targets = () if rule is None else rule.targets
        if asked.get("scheduled_expression") and any(is_ours(row["Arn"]) for row in targets):
            raise _unscheduled()
        return make(self, name, *given, **more)

    EventsBackend.put_rule = made  # type: ignore[method-assign]
    Rule.send_to_targets = sent  # type: ignore[method-assign]
    EventsBackend.put_targets = added  # type: ignore[method-assign]


def _unscheduled() -> ServiceError:
    return ServiceError(
        CODE,
        "Kinesis Lab does not run rules on a schedule, so nothing would reach the target: "
        "give the rule an event pattern.",
    )


def _one(target: dict[str, Any], deliver: Callable[[], None]) -> None:
    """Deliver to one target; what goes wrong there is no concern of the sender or other targets."""
    try:
        deliver()
    except NotImplementedError:
        if (egress := current()) is not None:
            egress.unsent(target["Arn"], "moto has no targets of that kind.")
    except Exception as error:
        egress = current()
        mishaps = Mishaps() if egress is None else egress.sim.clock.mishaps
        mishaps.note(error, f"the target {target['Arn']} of a rule")


def _check(target: dict[str, Any]) -> None:
    for path in (
        target.get("InputPath"),
        (target.get("KinesisParameters") or {}).get("PartitionKeyPath"),
    ):
        if path and not _PATH.fullmatch(path):
            raise ServiceError(
                CODE,
                f"Kinesis Lab does not evaluate the path {path!r}: give members, as in $.detail.id",
            )


def _told(event: dict[str, Any]) -> dict[str, Any]:
    time = event.get("time")
    if isinstance(time, int | float):
        time = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {name: value for name, value in event.items() if name != "ingestion-time"}
    return {**told, "time": time}


def _deliver(target: dict[str, Any], original: dict[str, Any]) -> None:
    event = _told(original)
    path = (target.get("KinesisParameters") or {}).get("PartitionKeyPath")
    key = _at(event, path) if path else event["id"]
    text = key if isinstance(key, str) else json.dumps(key)
    body = _body(target, event, original.get("ingestion-time", event["time"]))
    put(target["Arn"], body, text[:256], sender=True)


def _body(target: dict[str, Any], event: dict[str, Any], ingested: Any) -> bytes:
    if "Input" in target:
        return sound(str(target["Input"])).encode()
    made: Any = event
    if "InputPath" in target:
        made = _at(event, target["InputPath"])
    elif "InputTransformer" in target:
        from moto.events import utils

        parse: Any = utils.EventTemplateParser.parse
        made = parse(
            input_template=target["InputTransformer"].get("InputTemplate"),
            input_paths_map=target["InputTransformer"].get("InputPathsMap", {}),
            event={**event, "ingestion-time": ingested},
        )
    return sound(made).encode() if isinstance(made, str) else compact(made)


def _at(event: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        event = event.get(name) if isinstance(event, dict) else None
    return event
