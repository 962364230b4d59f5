"""SNS subscriptions with the protocol firehose: a line of JSON for each message.

Members as Amazon SNS's guide shows archived messages (facts/firehose/10/sns has its page), none
of a signature among them, and a new line behind; with raw delivery the message and nothing else
(facts/firehose/10/sns). FIFO topics refuse the protocol.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.aws.bridges.borders import is_foreign, unsent
from kinesis_sim.aws.bridges.delivery import compact, put, service_of, sound

_UNSIGNED = ("Signature", "SignatureVersion", "SigningCertURL")


def build() -> None:
    """Have moto's subscriptions use this file for Firehose streams."""
    from moto.sns.exceptions import SNSInvalidParameter
    from moto.sns.models import SNSBackend, Subscription

    publish, subscribe = Subscription.publish, SNSBackend.subscribe

    def subscribed(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        if protocol == "firehose" and service_of(endpoint) != "firehose":
            raise SNSInvalidParameter("Invalid parameter: Firehose endpoint ARN")
        return subscribe(self, topic_arn, endpoint, protocol)

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
        if is_foreign(self.endpoint, self.account_id):
            unsent(self.endpoint)
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

    SNSBackend.subscribe = subscribed  # type: ignore[method-assign]
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
    body = sound(message).encode()
    if str(subscription.attributes.get("RawMessageDelivery", "")).lower() != "true":
        told = subscription.get_post_data(sound(message), message_id, subject, attributes)
        kept = {name: value for name, value in told.items() if name not in _UNSIGNED}
        body = compact(kept) + b"\n"
    put(subscription.endpoint, body, "", sender=True)
