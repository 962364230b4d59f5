"""What belongs to another account of the process: not to be read, written or told about.

moto keeps accounts apart in most services; in S3 and SNS it lets one account use another's buckets
and topics. On AWS that takes a policy of the owner's, and policies are not consulted here: so the
answer is the refusal that a caller without one gets.
"""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.query import fields_of
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from kinesis_sim.aws.credential import CredentialScope
    from kinesis_sim.aws.exchange import Request

_SWITCH = "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"
_TOPIC = re.compile(r"arn:aws[\w-]{0,20}:sns:[\w-]{1,40}:(\d{12}):.{1,300}", re.DOTALL)
_FOREIGN = "kinesis_sim.foreign"
TAKEN = ServiceError(
    "BucketAlreadyExists",
    "The requested bucket name is not available. The bucket namespace is shared by all users of "
    "the system. Please select a different name and try again.",
    409,
)
"""A bucket's name that another account has is taken, whoever asks; moto says "AccessDenied"."""


def keep_buckets_apart() -> None:
    """Have moto refuse one account's buckets to another, unless the environment says otherwise."""
    os.environ.setdefault(_SWITCH, "false")


def guard(client: BaseClient, account: str) -> None:
    """Have a client that moto answers refuse what belongs to another account (12 digits)."""
    service = client.meta.service_model.service_name
    if service == "sns":
        client.meta.events.register_first("before-parameter-build", _look(account))
        client.meta.events.register_first("before-call", _refuse(account))
    elif service == "s3":
        client.meta.events.register_last("after-call.s3.CreateBucket", _taken)


def _look(account: str) -> Any:
    def look(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        for value in params.values():
            found = _TOPIC.fullmatch(value) if isinstance(value, str) else None
            if found is not None and found[1] != account:
                context[_FOREIGN] = value

    return look


def _refuse(account: str) -> Any:
    def refuse(model: Any, context: dict[str, Any], **_: Any) -> Any:
        arn = context.get(_FOREIGN)
        if arn is None:
            return None
        refused = _not_authorised(account, model.name, arn)
        error = {"Type": "Sender", "Code": refused.code, "Message": refused.message}
        return SimpleNamespace(status_code=403, headers={}), {
            "Error": error,
            "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": {}, "RetryAttempts": 0},
        }

    return refuse


def refuse_foreign(request: Request, credential: CredentialScope | None, account: str) -> None:
    """Raise ServiceError (403) for a call over HTTP to SNS that names another account's topic."""
    if credential is None or credential.service != "sns":
        return
    fields = fields_of(request)
    for _, value in fields:
        found = _TOPIC.fullmatch(value)
        if found is not None and found[1] != account:
            raise _not_authorised(account, dict(fields).get("Action", ""), value)


def _not_authorised(account: str, operation: str, arn: str) -> ServiceError:
    return ServiceError(
        "AuthorizationError",
        f"User: arn:aws:iam::{account}:root is not authorized to perform: SNS:{operation} on "
        f"resource: {arn} because no resource-based policy allows the SNS:{operation} action",
        403,
    )


def _taken(parsed: dict[str, Any], **_: Any) -> None:
    error = parsed.get("Error", {})
    if error.get("Code") == "AccessDenied":
        error |= {"Code": TAKEN.code, "Message": TAKEN.message}
        parsed["ResponseMetadata"]["HTTPStatusCode"] = TAKEN.status
