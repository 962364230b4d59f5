"""Invoke: a registered Python function called through Lambda's API.

Answers are as AWS-recorded ones (localstack, test_lambda.snapshot.json). LogType is taken, and no
log is kept. How long RequestResponse takes on a manual clock is the function's ``duration_ms``.
"""

from __future__ import annotations

import json
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.mappings import refusals
from kinesis_sim.mappings.catalog import MappingCatalog
from kinesis_sim.units import MIB

LARGEST_BYTES = {"RequestResponse": 6 * MIB, "Event": MIB}
"""Of a payload, by invocation type (Lambda guide, quotas; unverified for Event)."""
_ASYNC_PAUSES_MS = (60_000, 120_000)
"""Before the first and the second retry of an Event (Lambda guide, asynchronous invocation)."""


def invoke(lambdas: MappingCatalog, request: Request) -> Request:
    """Call a function: RequestResponse waits for its answer, Event does not, DryRun only checks.

    A function's own error is an answer with FunctionError. Raises ResourceNotFoundException,
    InvalidRequestContentException for a payload that is no JSON, RequestTooLargeException,
    TooManyRequestsException when all invocations are taken.
    """
    kind = request.get("InvocationType", "RequestResponse")
    arn = _function(lambdas, request)
    event = _event(request.get("Payload", b""), kind)
    if kind == "DryRun":
        return {"StatusCode": 204}
    if kind == "Event":
        _later(lambdas, arn, event, 0)
        return {"StatusCode": 202}
    return _now(lambdas, arn, event)


def _function(lambdas: MappingCatalog, request: Request) -> str:
    functions = lambdas.ports.functions
    lambdas.refuse_foreign(request["FunctionName"], "InvokeFunction")
    found = functions.locate(request["FunctionName"])
    if found is None:
        raise refusals.not_found(f"Function not found: {request['FunctionName']}")
    arn, qualifier = found[0], request.get("Qualifier") or found[1] or "$LATEST"
    if request.get("Qualifier") and found[1] not in ("", request["Qualifier"]):
        raise refusals.invalid(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    if arn in functions and qualifier == "$LATEST":
        return arn
    if arn not in functions and lambdas.is_elsewhere(arn):
        raise refusals.not_runnable(arn)
    raise refusals.not_found(f"Function not found: {arn}:{qualifier}")


def _event(payload: bytes, kind: str) -> Any:
    most = LARGEST_BYTES.get(kind, LARGEST_BYTES["RequestResponse"])
    if len(payload) > most:
        raise refusals.too_large(len(payload), kind, most)
    try:
        return json.loads(payload) if payload else {}
    except (ValueError, RecursionError) as error:
        raise refusals.no_json(error) from None


def _now(lambdas: MappingCatalog, arn: str, event: Any) -> Request:
    ports = lambdas.ports
    if not ports.functions.begin(arn):
        raise refusals.busy()
    try:
        late, takes = _timing(lambdas, arn, event)
        if ports.clock.is_manual:
            ports.clock.pause(takes)
        outcome = ports.functions.attempt(arn, event, ports.request_id(), late=late)
    finally:
        ports.functions.end(arn)
    answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": outcome.payload}
    if outcome.error is not None:
        answer["FunctionError"] = "Unhandled"
    return answer


def _timing(lambdas: MappingCatalog, arn: str, event: Any) -> tuple[bool, int]:
    """Whether the invocation runs out of time, and how long it takes (ms)."""
    settings, takes = lambdas.ports.functions.settings(arn), 0.0
    try:
        takes = settings.duration_of(event)
    except Exception as error:  # the learner's estimate failed, not the function
        lambdas.ports.clock.mishaps.note(error, f"duration_ms of {arn}")
    most = settings.timeout_s * 1000
    return takes > most, round(min(takes, most))


def _later(lambdas: MappingCatalog, arn: str, event: Any, retries: int) -> None:
    """Queue an asynchronous invocation; one that fails is tried twice more."""
    ports = lambdas.ports

    def begin() -> None:
        if not ports.functions.begin(arn):
            ports.clock.schedule(ports.clock.now + 1_000, begin)
            return
        late, takes = _timing(lambdas, arn, event)
        ports.clock.schedule(ports.clock.now + takes, lambda: finish(late))

    def finish(late: bool) -> None:
        ports.functions.end(arn)
        outcome = ports.functions.attempt(arn, event, ports.request_id(), late=late)
        if outcome.error is not None and retries < len(_ASYNC_PAUSES_MS):
            pause = _ASYNC_PAUSES_MS[retries]
            again = lambda: _later(lambdas, arn, event, retries + 1)  # noqa: E731
            ports.clock.schedule(ports.clock.now + pause, again)

    ports.clock.schedule(ports.clock.now, begin)
