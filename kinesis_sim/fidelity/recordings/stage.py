"""The Lambda function's side of a scene: what it does with its events, and which it got.

``function.Register``: ``FunctionName`` and ``Does``, one of ``RULES``; ``Payload`` where the rule
needs one. ``function.Events``: the events that a function got so far, oldest first, as ``Events``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Handler = Callable[[dict[str, Any]], Any]
"""A function's code: its event, and what it answers."""


def _refuse(_: dict[str, Any], __: Any) -> Any:
    raise ValueError("Handler fails")


def _refuse_payload(event: dict[str, Any], payload: Any) -> Any:
    for record in event["Records"]:
        if base64.b64decode(record["kinesis"]["data"]).decode() == payload:
            raise ValueError("Handler fails")
    return None


def _report_flagged(event: dict[str, Any], _: Any) -> Any:
    found = []
    for record in event["Records"]:
        item = json.loads(base64.b64decode(record["kinesis"]["data"]))
        if item.get("should_fail") or item.get("bad"):
            found.append({"itemIdentifier": record["kinesis"]["sequenceNumber"]})
    return {"batchItemFailures": found}


RULES: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "answer": lambda _, payload: payload,
    "fail": _refuse,
    "fail on": _refuse_payload,
    "report": _report_flagged,
}
"""What functions do: answer the payload, fail, fail when a record's data is the payload, or report
the items whose data says that they should fail or are bad."""


class Stage:
    """The functions of one scene."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._events: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, operation: str, ask: dict[str, Any]) -> dict[str, Any]:
        """Carry out ``Register`` or ``Events``."""
        name = ask["FunctionName"]
        if operation == "Register":
            self._events[name] = []
            self._sim.functions.register(name, self._handler(name, ask))
            return {}
        if operation == "Events":
            return {"Events": self._events[name]}
        raise UsageError(f"function.{operation}: a row can Register a function or see its Events.")

    def _handler(self, name: str, ask: dict[str, Any]) -> Handler:
        rule, payload = RULES[ask.get("Does", "answer")], ask.get("Payload")

        def run(event: dict[str, Any]) -> Any:
            self._events[name].append(event)
            return rule(event, payload)

        return run
