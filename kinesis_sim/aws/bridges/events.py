"""EventBridge's rules with data streams and Firehose streams as targets.

The event arrives as compact JSON, a whole second as its time (localstack/localstack, events
snapshots of 2024-07-11); its partition key is the event's id unless KinesisParameters says where
in the event it lies (Bevents:KinesisParameters).
"""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from typing import Any

from kinesis_sim.aws.bridges.delivery import is_ours, put
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

_PATH = re.compile(r"\$(\.[\w-]+)*")


def build() -> None:
    """Have moto's rules use this file for targets that are streams of ours."""
    from moto.events.models import EventsBackend, Rule

    send, add = Rule.send_to_targets, EventsBackend.put_targets

    def sent(self: Any, original_event: Any, transform_input: bool = True) -> None:
        ours = [target for target in self.targets if is_ours(target["Arn"])]
        others = copy.copy(self)
        others.targets = [target for target in self.targets if target not in ours]
        send(others, original_event, transform_input)
        if ours and self.event_pattern.matches_event(original_event):
            for target in ours:
                _deliver(target, _told(original_event))

    def added(self: Any, name: str, event_bus_arn: Any, targets: Any) -> None:
        ours = [target for target in targets if is_ours(target["Arn"])]
        rule = self.describe_rule(name, event_bus_arn) if ours else None
        if rule is not None and rule.scheduled_expression:
            raise ServiceError(
                CODE,
                "Kinesis Lab does not run rules on a schedule, so nothing would reach the target: "
                "give the rule an event pattern.",
            )
        for target in ours:
            _check(target)
        add(self, name, event_bus_arn, targets)

    Rule.send_to_targets = sent  # type: ignore[method-assign]
    EventsBackend.put_targets = added  # type: ignore[method-assign]


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


def _deliver(target: dict[str, Any], event: dict[str, Any]) -> None:
    path = (target.get("KinesisParameters") or {}).get("PartitionKeyPath")
    key = _at(event, path) if path else event["id"]
    text = key if isinstance(key, str) else json.dumps(key)
    put(target["Arn"], _body(target, event).encode(), text[:256], sender=True)


def _body(target: dict[str, Any], event: dict[str, Any]) -> str:
    if "Input" in target:
        return str(target["Input"])
    made: Any = event
    if "InputPath" in target:
        made = _at(event, target["InputPath"])
    elif "InputTransformer" in target:
        from moto.events import utils

        parse: Any = utils.EventTemplateParser.parse
        made = parse(
            input_template=target["InputTransformer"].get("InputTemplate"),
            input_paths_map=target["InputTransformer"].get("InputPathsMap", {}),
            event=event,
        )
    if isinstance(made, str):
        return made
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False)


def _at(event: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        event = event.get(name) if isinstance(event, dict) else None
    return event
