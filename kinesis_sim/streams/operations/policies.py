"""Resource policies of streams and consumers (facts/data-streams §1.3, §6).

A policy is kept as AWS answers it (recorded 2026-09-19, radkawar/stackd, controls): compact, its
members in one order, a list of one action or resource as that one. Whether a call is allowed is
decided in ``account/permissions.py`` where IAM is switched on.
"""

from __future__ import annotations

import json
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.operations.consumers import named_consumer
from kinesis_sim.streams.states import ConsumerStatus


def put_resource_policy(kinesis: StreamCatalog, request: Request) -> Request:
    """Attach a policy, replacing the one there was.

    Raises ResourceNotFoundException, ResourceInUseException for a consumer that is not ACTIVE, and
    InvalidArgumentException for what is no policy, has actions of other services or is about
    another resource (badmintoncryer/cdk-preflight, rules/kinesis, 2026-09-06).
    """
    arn, most = _owned(kinesis, request["ResourceARN"]), kinesis.limits["streams.policy_bytes"]
    consumer = kinesis.consumers.get(arn)
    if consumer is not None and consumer.status is not ConsumerStatus.ACTIVE:
        born, stream = consumer.created_at // 1000, consumer.stream.name
        raise refusals.consumer_not_active(consumer.name, born, stream, kinesis.account)
    kinesis.policies[arn] = _checked(request["Policy"], arn, most)
    return {}


def get_resource_policy(kinesis: StreamCatalog, request: Request) -> Request:
    """The policy as AWS writes it, or ``{}``, as AWS answered (facts/data-streams §1.3)."""
    return {"Policy": kinesis.policies.get(_owned(kinesis, request["ResourceARN"]), "{}")}


def delete_resource_policy(kinesis: StreamCatalog, request: Request) -> Request:
    """Detach the policy. Raises ResourceNotFoundException (model's choice) when there is none."""
    arn = _owned(kinesis, request["ResourceARN"])
    if kinesis.policies.pop(arn, None) is None:
        raise refusals.not_found(f"No resource policy found for resource ARN {arn}.")
    return {}


def _owned(kinesis: StreamCatalog, arn: str) -> str:
    _, _, _, region, account, *_ = f"{arn}:::::".split(":")
    if region != kinesis.region:
        raise refusals.wrong_region(arn)
    if account != kinesis.account:
        raise ServiceError(
            "AccessDeniedException",
            f"Account {kinesis.account} does not own {arn}; only the owner may manage its policy.",
        )
    if ":queue/" in arn:
        if arn not in kinesis.queues:
            raise refusals.not_found(f"Queue {arn} under account {kinesis.account} not found.")
        return arn
    if "/consumer/" in arn:
        if arn not in kinesis.consumers:
            raise refusals.no_consumer(*named_consumer(arn), kinesis.account)
        return arn
    return kinesis.find(None, arn).arn


def _checked(text: str, arn: str, most: int) -> str:
    if len(text.encode()) > most:
        raise refusals.limit(
            f"The policy has {len(text.encode())} bytes; at most {most} are allowed."
        )
    try:
        return _validated(json.loads(text), text, arn)
    except (ValueError, RecursionError):  # hundreds of levels are no policy either
        raise refusals.invalid(
            "Policy validation error: This policy contains invalid Json"
        ) from None


def _validated(policy: Any, text: str, arn: str) -> str:
    """A policy as AWS answers it."""
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _missing("Statement")
    for number, statement in enumerate(statements):
        _check_statement(statement)
        problem = _problem(statement, arn)
        if problem is not None:
            line, column = _place(text, number)
            raise refusals.invalid(
                "Policy validation error: Resource policy contains invalid statement at line "
                f"{line}, column {column}: {problem}"
            )
    return json.dumps(_normal(policy), separators=(",", ":"), ensure_ascii=False)


_ORDER = (
    *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action"),
    *("NotAction", "Resource", "NotResource", "Condition"),
)
_LISTS = ("Action", "NotAction", "Resource", "NotResource")


def _normal(policy: Any) -> Any:
    """A policy, or a part of one, as AWS answers it."""
    if isinstance(policy, list):
        return [_normal(part) for part in policy]
    if not isinstance(policy, dict):
        return policy
    known = [name for name in _ORDER if name in policy]
    names = [*known, *(name for name in policy if name not in known)]
    return {name: _alone(name, _normal(policy[name])) for name in names}


def _alone(name: str, value: Any) -> Any:
    one = name in _LISTS and isinstance(value, list) and len(value) == 1
    return value[0] if one else value


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        raise refusals.invalid("Each Statement of the policy must be an object.")
    for member in ("Effect", "Principal", "Action", "Resource"):
        if member not in statement:
            raise _missing(member)
    if statement["Effect"] not in ("Allow", "Deny"):
        raise refusals.invalid(
            f"Effect {statement['Effect']!r} in the policy must be 'Allow' or 'Deny'."
        )


def _missing(member: str) -> ServiceError:
    """Recorded for Principal; formed after that one for the others (unverified)."""
    return refusals.invalid(f"Policy validation error: Missing required field {member}")


def _problem(statement: dict[str, Any], arn: str) -> str | None:
    """What is wrong with a statement's actions or resources, in AWS's words; None for nothing."""
    if not all(
        str(each) == "*" or str(each).startswith("kinesis:") for each in _all(statement["Action"])
    ):
        return "Action field includes AWS services that are inconsistent with specified vendor"
    if any(each != arn for each in _all(statement["Resource"])):
        return "The resource policy's resource must be the same as the resource ARN."
    return None


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _place(text: str, number: int) -> tuple[int, int]:
    """Line and column of a policy's statement, both from 1; text: JSON that has it."""
    decoder = json.JSONDecoder()
    at = _next(text, text.index("{") + 1)
    while True:
        key, after = decoder.raw_decode(text, at)
        at = _next(text, _next(text, after) + 1)  # past the colon
        if key == "Statement":
            break
        at = _next(text, _next(text, decoder.raw_decode(text, at)[1]) + 1)  # past the comma
    if text[at] == "[":
        at = _next(text, at + 1)
        for _ in range(number):
            at = _next(text, _next(text, decoder.raw_decode(text, at)[1]) + 1)
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def _next(text: str, at: int) -> int:
    """The next place that is no white space."""
    return at + len(text[at:]) - len(text[at:].lstrip())
