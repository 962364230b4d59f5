"""SNS subscriptions with the protocol firehose: a line of JSON for each message.

Members as Amazon SNS's guide shows archived messages (facts/firehose/10/sns has its page), none
of a signature among them, and a new line behind; with raw delivery the message and nothing else
(facts/firehose/10/sns). FIFO topics refuse the protocol.
"""

from __future__ import annotations

import json
from typing import Any

from kinesis_sim.aws.bridges.delivery import put

_UNSIGNED = ("Signature", "SignatureVersion", "SigningCertURL")


def build() -> None:
    """Have moto's subscriptions use this file for Firehose streams."""
    from moto.sns.models import Subscription

    publish = Subscription.publish

    def published(
        self: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        if self.protocol == "firehose":
            _deliver(self, message, message_id, subject, message_attributes, message_structure)
            return
        publish(
            self,
            message,
            message_id,
            subject=subject,
            message_attributes=message_attributes,
            group_id=group_id,
            deduplication_id=deduplication_id,
            message_structure=message_structure,
        )

    Subscription.publish = published  # type: ignore[method-assign]


def _deliver(
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
    structure: str | None,
) -> None:
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(attributes, message):
        return
    if structure == "json":
        message = subscription._parse_message_structure(message, "firehose")
    body = message
    if str(subscription.attributes.get("RawMessageDelivery", "")).lower() != "true":
        told = subscription.get_post_data(message, message_id, subject, attributes)
        kept = {name: value for name, value in told.items() if name not in _UNSIGNED}
        body = json.dumps(kept, separators=(",", ":"), ensure_ascii=False) + "\n"
    put(subscription.endpoint, body.encode(), "", sender=True)
