"""What a service of moto's would do for one account to what is another's: nothing.

moto looks up what an ARN names in the account that the ARN names, or in the sender's own account,
where something else may have that name. On AWS the owner has to allow it in a policy, and policies
are not consulted: so a message to another account goes nowhere (the log tells it once for each
ARN), and a call that asks for it is refused.
"""

from __future__ import annotations

import re
from typing import Any

from kinesis_sim.aws.egress import current

_CONFIGURATIONS = {
    "TopicConfiguration": "Topic",
    "QueueConfiguration": "Queue",
    "CloudFunctionConfiguration": "CloudFunction",
}
_NOT_VALIDATED = "Unable to validate the following destination configurations"
"""What S3 says where the receiver's policy lets it send nothing."""
_ACCOUNT = re.compile(r"arn:[\w-]{1,20}:[\w-]{1,60}:[\w-]{0,40}:(\d{12}):")


def is_foreign(arn: object, account: str) -> bool:
    """Whether an ARN is of another account than this (12 digits)."""
    found = _ACCOUNT.match(arn) if isinstance(arn, str) else None
    return found is not None and found[1] != account


def unsent(arn: str) -> None:
    """Tell the log that an ARN got nothing, because it is another account's."""
    egress = current()
    if egress is not None:
        egress.unsent(arn, "it is of another account.")


def build() -> None:
    """Have moto's topics, notifications of S3 and contacts of accounts stay in their account."""
    from moto.account.responses import AccountResponse
    from moto.core.exceptions import JsonRESTError
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import FakeBucket
    from moto.sns.exceptions import TopicNotFound
    from moto.sns.models import SNSBackend

    get_topic, get_account = SNSBackend.get_topic, AccountResponse._get_account_id
    notify = FakeBucket.set_notification_configuration

    def topic(self: Any, arn: str) -> Any:
        if is_foreign(arn, self.account_id):
            raise TopicNotFound
        return get_topic(self, arn)

    def notified(self: Any, notification_config: dict[str, Any] | None) -> None:
        for kind, name in _CONFIGURATIONS.items():
            rows = (notification_config or {}).get(kind) or []
            if any(is_foreign(row.get(name), self.account_id) for row in rows):
                raise S3ClientError("InvalidArgument", _NOT_VALIDATED)
        notify(self, notification_config)

    def account(self: Any) -> str:
        found = get_account(self)
        if found != self.current_account:
            raise JsonRESTError(
                "AccessDeniedException",
                f"User: arn:aws:iam::{self.current_account}:root is not authorized to do this for "
                f"account {found}",
            )
        return found

    SNSBackend.get_topic = topic  # type: ignore[method-assign]
    FakeBucket.set_notification_configuration = notified  # type: ignore[method-assign]
    AccountResponse._get_account_id = account  # type: ignore[method-assign]
