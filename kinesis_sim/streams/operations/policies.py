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


def put_resource_policy(kinesis: StreamCatalog, request: Request) -> Request:
    """Attach a policy, replacing the one there was.

    Raises ResourceNotFoundException, and InvalidArgumentException for what is no policy or has
    actions of other services (badmintoncryer/cdk-preflight, 2026-09-06; after "Policy validation
    error: " the model's wording, but for broken JSON).
    """
    arn = _owned(kinesis, request["ResourceARN"])
    kinesis.policies[arn] = _checked(request["Policy"], kinesis.limits["streams.policy_bytes"])
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
    parts = arn.split(":")
    if len(parts) > 4 and parts[4] != kinesis.account:
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


def _checked(text: str, most: int) -> str:
    if len(text.encode()) > most:
        raise refusals.limit(
            f"The policy has {len(text.encode())} bytes; at most {most} are allowed."
        )
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        raise refusals.invalid(
            "Policy validation error: This policy contains invalid Json"
        ) from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise refusals.invalid("The policy needs a Statement.")
    for statement in statements:
        _check_statement(statement)
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
            raise refusals.invalid(f"A Statement of the policy lacks {member}.")
    actions = statement["Action"]
    for action in actions if isinstance(actions, list) else [actions]:
        if not str(action).startswith("kinesis:") and action != "*":
            raise refusals.invalid(
                f"Policy validation error: Action {action} is not one of Amazon Kinesis."
            )
    if statement["Effect"] not in ("Allow", "Deny"):
        raise refusals.invalid(
            f"Effect {statement['Effect']!r} in the policy must be 'Allow' or 'Deny'."
        )
