"""What belongs to another account of the process: not to be read, written or told about.

moto keeps accounts apart in most services; in some it lets one account use another's, or takes its
own of the same name for it. On AWS that takes a policy of the owner's, and policies are not
consulted here: so the answer is the refusal that a caller without one gets. Codes are the services'
own; that their sentences are AWS's to the word no recording says (the model's wording).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.query import fields_of
from kinesis_sim.aws.wire.routes import Incoming, routed
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from kinesis_sim.aws.credential import CredentialScope
    from kinesis_sim.aws.exchange import Request

_SWITCH = "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"
_ARN = re.compile(r"arn:aws[\w-]{0,20}:([\w-]{1,40}):([\w-]{1,40}):(\d{12}):.{1,1600}", re.DOTALL)
_QUEUE = re.compile(r"/(\d{12})/([\w-]{1,80}(?:\.fifo)?)/?", re.ASCII)
_FOREIGN = "kinesis_sim.foreign"
Params = Mapping[str, Any]
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


def guard(
    client: BaseClient, account: str, but: Callable[[str], bool] = lambda operation: False
) -> None:
    """Have a client that moto answers refuse what belongs to another account (12 digits).

    but: operations that moto does not answer.
    """
    service = client.meta.service_model.service_name
    if service in _LOOKS:
        look = _look(service, account, client.meta.region_name, but)
        client.meta.events.register_first("before-parameter-build", look)
        client.meta.events.register_first("before-call", _refuse)
    elif service == "s3":
        client.meta.events.register_last("after-call.s3.CreateBucket", _taken)


def _look(service: str, account: str, region: str, but: Callable[[str], bool]) -> Any:
    def look(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if but(model.name):
            return
        refused = _refusal(service, model.name, params, account, region)
        if refused is not None:
            context[_FOREIGN] = refused

    return look


def _refuse(context: dict[str, Any], **_: Any) -> Any:
    refused: ServiceError | None = context.get(_FOREIGN)
    if refused is None:
        return None
    error = {"Type": "Sender", "Code": refused.code, "Message": refused.message}
    return SimpleNamespace(status_code=refused.status, headers={}), {
        "Error": error,
        "ResponseMetadata": {
            "HTTPStatusCode": refused.status,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        },
    }


def refuse_foreign(request: Request, credential: CredentialScope | None, account: str) -> None:
    """Raise ServiceError for a call over HTTP that names what is another account's."""
    if credential is None or credential.service not in _LOOKS:
        return
    operation, params = _told(request)
    if credential.service == "lambda":  # whose paths name what is meant
        path = request.target.partition("?")[0]
        incoming = Incoming(request.method, path, request.query, request.headers, request.body)
        operation, params = routed(service_model("lambda"), incoming) or ("", {})
    if credential.service == "sqs" and _QUEUE.fullmatch(request.path):
        params = {"QueueUrl": request.path, **params}
    refused = _refusal(credential.service, operation, params, account, credential.region)
    if refused is not None:
        raise refused


def _told(request: Request) -> tuple[str, Params]:
    """The operation and the members of a call, in the query protocol or as JSON."""
    target = request.headers.get("x-amz-target", "")
    if not target:
        fields = dict(fields_of(request))
        return fields.get("Action", ""), fields
    try:
        params = json.loads(request.body)
    except (ValueError, RecursionError):
        params = None
    return target.rpartition(".")[2], params if isinstance(params, dict) else {}


# --- what each service may be asked ---------------------------------------------------------------


def _refusal(
    service: str, operation: str, params: Params, account: str, region: str
) -> ServiceError | None:
    for refused in _LOOKS[service](operation, params, account, region):
        return refused
    return None


def _foreign(value: object, account: str) -> str | None:
    """An ARN of another account; None for anything else."""
    found = _ARN.fullmatch(value) if isinstance(value, str) else None
    return found[0] if found is not None and found[3] != account else None


def _topics(operation: str, params: Params, account: str, region: str) -> Iterator[ServiceError]:
    for value in params.values():
        arn = _foreign(value, account)
        if arn is not None and arn.split(":")[2] == "sns":
            yield _not_allowed("AuthorizationError", account, f"SNS:{operation}", arn, 403)


def _queues(operation: str, params: Params, account: str, region: str) -> Iterator[ServiceError]:
    url = params.get("QueueUrl")
    try:
        found = _QUEUE.fullmatch(urlsplit(url).path) if isinstance(url, str) else None
    except ValueError:
        found = None
    if found is not None and found[1] != account:
        arn = f"arn:aws:sqs:{region}:{found[1]}:{found[2]}"
        yield _not_allowed("AccessDenied", account, f"sqs:{operation.lower()}", arn, 403)
    owner = params.get("QueueOwnerAWSAccountId")
    if isinstance(owner, str) and owner != account:
        yield ServiceError(
            "AWS.SimpleQueueService.NonExistentQueue",
            "The specified queue does not exist or you do not have access to it.",
        )


def _buses(operation: str, params: Params, account: str, region: str) -> Iterator[ServiceError]:
    entries = params.get("Entries")
    named = [params.get("EventBusName"), params.get("Name"), params.get("ResourceARN")]
    if isinstance(entries, list):
        named += [entry.get("EventBusName") for entry in entries if isinstance(entry, dict)]
    for arn in filter(None, (_foreign(value, account) for value in named)):
        yield _not_allowed("AccessDeniedException", account, f"events:{operation}", arn)


def _groups(operation: str, params: Params, account: str, region: str) -> Iterator[ServiceError]:
    several = params.get("logGroupIdentifiers")
    named = [params.get(member) for member in _GROUPS]
    for value in [*named, *(several if isinstance(several, list) else ())]:
        arn = _foreign(value, account)
        if arn is not None:
            yield _not_allowed("AccessDeniedException", account, f"logs:{operation}", arn)


_GROUPS = ("logGroupIdentifier", "logGroupArn", "logGroupName", "resourceArn", "resourceIdentifier")


def _keys(operation: str, params: Params, account: str, region: str) -> Iterator[ServiceError]:
    """AWS says of another Region's key that its ARN is invalid, and names the Region."""
    found = _ARN.fullmatch(str(params.get("KeyId", "")))
    if found is not None and found[1] == "kms" and found[2] != region:
        yield ServiceError("NotFoundException", f"Invalid arn {found[2]}")


def _lambdas(operation: str, params: Params, account: str, region: str) -> Iterator[ServiceError]:
    """moto takes its own function of the same name for another account's, and deletes that."""
    for member in ("FunctionName", "Resource"):
        arn = _foreign(params.get(member), account)
        if arn is not None and arn.split(":")[2] == "lambda":
            yield _not_allowed("AccessDeniedException", account, f"lambda:{operation}", arn, 403)


_LOOKS: Mapping[str, Callable[[str, Params, str, str], Iterator[ServiceError]]] = {
    "sns": _topics,
    "sqs": _queues,
    "events": _buses,
    "logs": _groups,
    "kms": _keys,
    "lambda": _lambdas,
}
"""What is looked for in calls of each service, by botocore's name, which is the signing name."""


def _not_allowed(code: str, account: str, action: str, arn: str, status: int = 400) -> ServiceError:
    return ServiceError(
        code,
        f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on "
        f"resource: {arn} because no resource-based policy allows the {action} action",
        status,
    )


def _taken(parsed: dict[str, Any], **_: Any) -> None:
    error = parsed.get("Error", {})
    if error.get("Code") == "AccessDenied":
        error |= {"Code": TAKEN.code, "Message": TAKEN.message}
        parsed["ResponseMetadata"]["HTTPStatusCode"] = TAKEN.status
