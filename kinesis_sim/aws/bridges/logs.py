"""CloudWatch Logs' subscription filters to data streams and Firehose streams.

Envelopes, the record that tries a destination out, and refusals are as they were recorded
(radkawar/stackd, testdata/aws/logs/kinesis-subscriptions.json, 2026-09-19): gzip of compact JSON,
and one partition key per log stream, MD5 of owner, group and stream (facts/firehose/10/logs-key).
"""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

from kinesis_sim.aws.bridges.borders import is_foreign
from kinesis_sim.aws.bridges.delivery import asking, compact, is_active, put, service_of, sound
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

_IDS = (3 * 10**55, 4 * 10**55)
"""56 digits, as ids of log events have them."""
_NAMES = {"kinesis": "Kinesis", "firehose": "Firehose"}


def build() -> None:
    """Have moto's log streams and groups use this file where a stream of ours is named."""
    from moto.logs.exceptions import InvalidParameterException
    from moto.logs.models import LogsBackend, LogStream

    send, subscribe = LogStream._send_log_events, LogsBackend.put_subscription_filter

    def sent(
        self: Any, service: str, destination_arn: str, filter_name: str, log_events: Any
    ) -> None:
        if service not in _NAMES:
            send(self, service, destination_arn, filter_name, log_events)
            return
        pattern = self.log_group.subscription_filters[filter_name].filter_pattern
        _deliver(self, destination_arn, filter_name, _matching(pattern or "", log_events))

    def subscribed(
        self: Any,
        log_group_name: str,
        filter_name: str,
        filter_pattern: str,
        destination_arn: str,
        role_arn: str,
    ) -> None:
        service = service_of(destination_arn)
        group = self.groups.get(log_group_name)
        if group is not None and is_foreign(destination_arn, self.account_id):
            raise InvalidParameterException(
                f"Could not deliver test message to {destination_arn}: it is of another account."
            )
        if service not in _NAMES or group is None:
            subscribe(self, log_group_name, filter_name, filter_pattern, destination_arn, role_arn)
            return
        _check(service, destination_arn, role_arn, filter_pattern or "")
        group.put_subscription_filter(filter_name, filter_pattern, destination_arn, role_arn)
        _try_out(service, destination_arn)

    LogStream._send_log_events = sent  # type: ignore[method-assign]
    LogsBackend.put_subscription_filter = subscribed  # type: ignore[method-assign]


def _check(service: str, arn: str, role: str | None, pattern: str) -> None:
    from moto.logs.exceptions import InvalidParameterException
    from moto.logs.utils import EventMessageFilter, UnsupportedFilterPattern

    if not role:
        raise InvalidParameterException(
            f"destinationArn for vendor {service} cannot be used without roleArn"
        )
    if pattern and isinstance(EventMessageFilter(pattern).filter_type, UnsupportedFilterPattern):
        raise ServiceError(
            CODE,
            f"Kinesis Lab does not evaluate the filter pattern {pattern!r}: give words or a "
            "phrase in double quotes, or none to have every event.",
        )
    if not is_active(arn):
        name = _NAMES[service]
        raise InvalidParameterException(
            f"Could not deliver test message to specified {name} stream. Check if the given {name} "
            "stream is in ACTIVE state."
        )


def _try_out(service: str, arn: str) -> None:
    where = "Kinesis stream" if service == "kinesis" else "Firehose"
    message = f"CWL CONTROL MESSAGE: Checking health of destination {where}."
    event = {"id": "", "timestamp": asking().clock.now, "message": message}
    _put(arn, _envelope("CONTROL_MESSAGE", "CloudwatchLogs", "", "", [], [event]))


def _matching(pattern: str, log_events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events that a pattern lets through, with ids like AWS's.

    moto's own ids count in the process; these come back when inputs are replayed.
    """
    from moto.logs.utils import EventMessageFilter
    from moto.moto_api._internal import mock_random

    wanted, first = EventMessageFilter(pattern), mock_random.randint(*_IDS)
    return [
        {**event, "id": str(first + place)}
        for place, event in enumerate(log_events)
        if wanted.matches(event["message"])
    ]


def _deliver(stream: Any, arn: str, name: str, log_events: list[dict[str, Any]]) -> None:
    if log_events:
        group, place = stream.log_group.name, stream.log_stream_name
        owner = asking().account
        _put(arn, _envelope("DATA_MESSAGE", owner, group, place, [name], log_events))


def _envelope(
    kind: str, owner: str, group: str, stream: str, names: list[str], log_events: list[Any]
) -> dict[str, Any]:
    return {
        "messageType": kind,
        "owner": owner,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": names,
        "logEvents": log_events,
    }


def _put(arn: str, envelope: dict[str, Any]) -> None:
    where = f"{envelope['owner']}:{envelope['logGroup']}:{envelope['logStream']}"
    key = hashlib.md5(sound(where).encode(), usedforsecurity=False).hexdigest()
    put(arn, gzip.compress(compact(envelope), mtime=0), key, sender=False)
