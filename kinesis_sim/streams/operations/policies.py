"""Resource policies of streams and consumers (facts/data-streams §1.3, §6).

A policy is kept and answered as it was given; whether a call is allowed is decided in
``account/permissions.py`` where IAM is switched on.
"""

from __future__ import annotations

import json

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog


def put_resource_policy(kinesis: StreamCatalog, request: Request) -> Request:
    """Attach a policy, replacing the one there was.

    Raises ResourceNotFoundException, InvalidArgumentException (model's wording) for what is no
    policy.
    """
    arn = _owned(kinesis, request["ResourceARN"])
    kinesis.policies[arn] = _checked(request["Policy"], kinesis.limits["streams.policy_bytes"])
    return {}


def get_resource_policy(kinesis: StreamCatalog, request: Request) -> Request:
    """The policy as attached, or ``{}``, as AWS answered (facts/data-streams §1.3)."""
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
            name = arn.rpartition("/")[2].partition(":")[0]
            raise refusals.no_consumer(name, kinesis.account)
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
        raise refusals.invalid("The policy is not valid JSON.") from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise refusals.invalid("The policy needs a Statement.")
    for statement in statements:
        _check_statement(statement)
    return text


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        raise refusals.invalid("Each Statement of the policy must be an object.")
    for member in ("Effect", "Principal", "Action", "Resource"):
        if member not in statement:
            raise refusals.invalid(f"A Statement of the policy lacks {member}.")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise refusals.invalid(
            f"Effect {statement['Effect']!r} in the policy must be 'Allow' or 'Deny'."
        )
