"""The FIS actions that strike Kinesis and what stands around it, and the faults that they are.

Names, targets and parameters: AWS FIS actions reference (facts/data-streams §6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.fis import refusals
from kinesis_sim.instants import HOUR, MINUTE

_DURATION = re.compile(r"PT(?=\d)(?:(\d{1,3})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?")
SHORTEST_MS, LONGEST_MS = MINUTE, 12 * HOUR
LONGEST_DELAY_MS = 900_000
"""Of a function's start (AWS FIS actions reference, invocation-add-delay)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action.

    target: the name that its targets have, and their resource type. fault: the kind of fault that
    it is; empty for one that only waits. parameters: those that it takes, with what
    they mean; required: those that it cannot do without. share: which of them is a percentage.
    """

    id: str
    says: str
    target: tuple[str, str] | None = None
    fault: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset({"duration"})
    share: str = ""

    def row(self) -> Request:
        """As ListActions tells it."""
        return {
            "id": self.id,
            "description": self.says,
            "targets": {self.target[0]: {"resourceType": self.target[1]}} if self.target else {},
            "tags": {},
        }

    def details(self) -> Request:
        """As GetAction tells it."""
        parameters = {
            name: {"description": text, "required": name in self.required}
            for name, text in self.parameters.items()
        }
        return {**self.row(), "parameters": parameters}


_LENGTH = {"duration": "ISO 8601, PT1M to PT12H."}
_PERCENT = {**_LENGTH, "percentage": "The percentage (1-100) of calls to strike."}
_API = {
    **_PERCENT,
    "service": "The API namespace: kinesis.",
    "operations": "Names of operations, separated by commas.",
}
_LAMBDA = {**_LENGTH, "invocationPercentage": "The percentage (1-100) of invocations to strike."}
_STREAMS = ("Streams", "aws:kinesis:stream")
_ROLES = ("Roles", "aws:iam:role")
_FUNCTIONS = ("Functions", "aws:lambda:function")


def _api(name: str, says: str, fault: str) -> Action:
    return Action(
        id=f"aws:fis:{name}",
        says=says,
        target=_ROLES,
        fault=fault,
        parameters=_API,
        required=frozenset(_API),
        share="percentage",
    )


def _stream(name: str, says: str, fault: str) -> Action:
    return Action(
        id=f"aws:kinesis:{name}",
        says=says,
        target=_STREAMS,
        fault=fault,
        parameters=_PERCENT,
        required=frozenset(_PERCENT),
        share="percentage",
    )


_ALL = (
    _stream(
        "stream-provisioned-throughput-exception",
        "ProvisionedThroughputExceededException on GetRecords, GetShardIterator, PutRecord and "
        "PutRecords of streams.",
        "throttle",
    ),
    _stream(
        "stream-expired-iterator-exception",
        "ExpiredIteratorException on GetRecords of streams.",
        "expired-iterator",
    ),
    _api("inject-api-internal-error", "Internal errors in calls of a service.", "internal-error"),
    _api("inject-api-throttle-error", "Throttling errors in calls of a service.", "api-throttle"),
    _api("inject-api-unavailable-error", "Calls of a service find it unavailable.", "unavailable"),
    Action(
        id="aws:lambda:invocation-error",
        says="Invocations of functions fail.",
        target=_FUNCTIONS,
        fault="function-error",
        parameters={**_LAMBDA, "preventExecution": "Whether the code is not run: true."},
        required=frozenset({"duration", "preventExecution"}),
        share="invocationPercentage",
    ),
    Action(
        id="aws:lambda:invocation-add-delay",
        says="Invocations of functions start late.",
        target=_FUNCTIONS,
        fault="function-delay",
        parameters={**_LAMBDA, "startupDelayMilliseconds": "0 to 900,000; 1,000 unless given."},
        share="invocationPercentage",
    ),
    Action(id="aws:fis:wait", says="Nothing, for a while.", parameters=_LENGTH),
)
ACTIONS: Mapping[str, Action] = {each.id: each for each in _ALL}
"""By id. Other actions of AWS strike what is not simulated here, and are refused by name."""


def known(action_id: str) -> Action:
    """The action of an id. Raises ValidationException for one that is not here."""
    if action_id not in ACTIONS:
        raise refusals.invalid(
            f"{action_id} is no action that is simulated; the actions are {', '.join(ACTIONS)}."
        )
    return ACTIONS[action_id]


def duration_of(parameters: Mapping[str, str]) -> int:
    """Milliseconds of an action's duration. Raises ValidationException beyond PT1M to PT12H."""
    text = parameters.get("duration", "")
    found = _DURATION.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    ms = hours * HOUR + minutes * MINUTE + seconds * 1_000
    if not SHORTEST_MS <= ms <= LONGEST_MS:
        raise refusals.invalid(f"duration {text!r} is not between PT1M and PT12H.")
    return ms


def settings_of(action: Action, parameters: Mapping[str, str]) -> dict[str, Any]:
    """What the action's fault is planned with, times aside.

    Raises ValidationException for parameters that it does not take, lacks, or cannot mean.
    """
    strange = sorted(parameters.keys() - action.parameters.keys())
    missing = sorted(action.required - parameters.keys())
    if strange or missing:
        which = f"does not take {', '.join(strange)}" if strange else f"needs {', '.join(missing)}"
        raise refusals.invalid(f"{action.id} {which}.")
    if parameters.get("service", "kinesis") != "kinesis":
        raise refusals.invalid("service: the one whose calls can be struck here is kinesis.")
    if parameters.get("preventExecution", "true") != "true":
        raise refusals.invalid(
            "preventExecution: only true is simulated: a function that fails does not run."
        )
    found: dict[str, Any] = {"share": _whole(parameters, action.share, 1, 100, 100) / 100}
    if "operations" in parameters:
        names = parameters["operations"].split(",")
        found |= {"service": "kinesis", "operations": [name.strip() for name in names]}
    if action.fault == "function-delay":
        delay = "startupDelayMilliseconds"
        found["ms"] = _whole(parameters, delay, 0, LONGEST_DELAY_MS, 1_000)
    return found


def _whole(parameters: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most):
        raise refusals.invalid(f"{name} {text!r} is no whole number from {least} to {most}.")
    return int(text)
