"""What the answer to a bulk request means for its records.

A document that was not taken has the HTTP status of its item as its code, and the item's error as
its message (guide, "Handle data delivery failures": errorCode is the code that OpenSearch
returned). A request that failed as a whole has one of the codes of the guide's list. Everything is
tried again while there is time: the guide names no exception, not even for a document that the
mapping refuses.
"""

from __future__ import annotations

from typing import Any

import orjson

from kinesis_sim.firehose.destinations.transport import HttpAnswer, Reason, Unreachable
from kinesis_sim.firehose.destinations.verdict import INTERNAL_ERROR, BatchVerdict

MALFORMED = BatchVerdict(
    "OS.MalformedData",
    "One or more records are malformed. Please ensure that each record is single valid JSON object "
    "and that it does not contain newlines.",
    retry=False,
)
"""Not sent, and not tried again (the model's choice: it would be as malformed then)."""
NO_COMMANDS = BatchVerdict(
    "OS.MalformedData",
    "Amazon Data Firehose does not support Amazon OpenSearch Service Bulk API commands inside the "
    "Firehose record.",
    retry=False,
)
MISMATCH = BatchVerdict(
    "OS.ResponseEntryCountMismatch",
    "The response from the Bulk API contained more entries than the number of records sent. Ensure "
    "that each record contains only one JSON object and that there are no newlines.",
)
"""Documented for too many entries; used for too few as well (the model's choice)."""
_CLUSTER_ERROR = BatchVerdict(
    "OS.ClusterError",
    "The Amazon OpenSearch Service cluster or OpenSearch Serverless collection returned an "
    "unspecified error.",
)
_DENIED = (
    "Access was denied. Ensure that the access policy on the Amazon OpenSearch Service cluster "
    "grants access to the configured IAM role."
)

_TROUBLES: dict[Reason, tuple[str, str]] = {
    "timed out": (
        "OS.RequestTimeout",
        "Request to the Amazon OpenSearch Service cluster or OpenSearch Serverless collection "
        "timed out. Ensure that the cluster or collection has sufficient capacity for the current "
        "workload.",
    ),
    "refused": (
        "OS.ConnectionFailed",
        "Trouble connecting to the Amazon OpenSearch Service cluster or OpenSearch Serverless "
        "collection. Ensure that the cluster or collection is healthy and reachable.",
    ),
    "reset": (
        "OS.ConnectionReset",
        "Trouble maintaining connection with the Amazon OpenSearch Service cluster or OpenSearch "
        "Serverless collection. Ensure that the cluster or collection is healthy and has "
        "sufficient capacity for the current workload.",
    ),
}

_BY_TYPE: dict[str, BatchVerdict] = {
    "json_parse_exception": BatchVerdict(
        "OS.JsonParseException",
        "The Amazon OpenSearch Service cluster returned a JsonParseException. Ensure that the data "
        "being put is valid.",
    ),
    "parse_exception": BatchVerdict(
        "OS.AmazonOpenSearchServiceParseException",
        "The Amazon OpenSearch Service cluster returned an "
        "AmazonOpenSearchServiceParseException. Ensure that the data being put is valid.",
    ),
    "cluster_block_exception": BatchVerdict(
        "OS.ClusterBlockException",
        "The cluster returned a ClusterBlockException. It may be overloaded.",
    ),
    "illegal_argument_exception": BatchVerdict(
        "OS.ValidationException",
        "The OpenSearch cluster returned a ESServiceException. One of the reasons is that the "
        "cluster has been upgraded to OS 2.x or higher, but the hose still has the TypeName "
        "parameter configured. Update the hose configuration by setting the TypeName to an empty "
        "string, or change the endpoint to the cluster, that supports the Type parameter.",
    ),
}
"""By ``error.type`` of a refused bulk request; which type means which code is the model's reading
of the texts."""

_BY_STATUS: dict[int, BatchVerdict] = {
    502: BatchVerdict(
        "OS.BadGateway",
        "The Amazon OpenSearch Service cluster or OpenSearch Serverless collection aborted the "
        "request with a response: 502 Bad Gateway.",
    ),
    504: BatchVerdict(
        "OS.GatewayTimeout",
        "Firehose encountered timeout errors when connecting to the Amazon OpenSearch Service "
        "cluster or OpenSearch Serverless collection.",
    ),
}


def verdict_on_trouble(found: Unreachable, endpoint: str) -> BatchVerdict:
    """What it means that there was no answer. Without an endpoint the DomainARN named no domain."""
    if not endpoint:
        return BatchVerdict(
            "OS.InvalidARN",
            "The Amazon OpenSearch Service ARN provided is invalid. Please check your "
            "DeliveryStream configuration.",
        )
    if found.reason == "not allowed":
        return BatchVerdict("OS.ConnectionFailed", found.message)
    if found.reason == "tls":
        return BatchVerdict("OS.ConnectionFailed", f"{_TROUBLES['refused'][1]} {found.message}")
    return BatchVerdict(*_TROUBLES.get(found.reason, ("OS.InternalError", INTERNAL_ERROR)))


def verdict_on_request(answer: HttpAnswer, kind: str) -> BatchVerdict | None:
    """What went wrong with the request as a whole; None when its items have to be looked at."""
    prefix = "ES" if kind == "elasticsearch" else "OS"  # the two codes that the guide has as ES.*
    if answer.status == 200:
        return None
    if answer.status in (401, 403):
        return BatchVerdict(f"{prefix}.AccessDenied", _DENIED)
    if answer.status == 404:
        service = "AWS Elasticsearch" if prefix == "ES" else "Amazon OpenSearch Service"
        return BatchVerdict(
            f"{prefix}.ResourceNotFound", f"The specified {service} domain does not exist."
        )
    return _BY_TYPE.get(_error_type(answer)) or _BY_STATUS.get(answer.status) or _service(answer)


def verdicts_on_items(answer: HttpAnswer, sent: int) -> BatchVerdict | list[BatchVerdict | None]:
    """A verdict per record, None for those taken.

    Or one for all, when the body cannot be read or does not answer for as many as were sent (then
    what was taken is unknown).
    """
    try:
        found = orjson.loads(answer.body)
        items = found["items"] if isinstance(found, dict) else None
    except (ValueError, KeyError):
        return _CLUSTER_ERROR
    if not isinstance(items, list):
        return _CLUSTER_ERROR
    if len(items) != sent:
        return MISMATCH
    return [_verdict_on_item(item) for item in items]


def _verdict_on_item(item: Any) -> BatchVerdict | None:
    found = next(iter(item.values()), None) if isinstance(item, dict) else None
    status = found.get("status") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(status, int):
        return _CLUSTER_ERROR
    if 200 <= status < 300 and "error" not in found:
        return None
    return BatchVerdict(str(status), orjson.dumps(found.get("error")).decode())


def _error_type(answer: HttpAnswer) -> str:
    try:
        error = orjson.loads(answer.body)["error"]
        return str(error["type"])
    except (ValueError, KeyError, TypeError):
        return ""


def _service(answer: HttpAnswer) -> BatchVerdict:
    """429, 503 and whatever else has no code of its own, in the cluster's words."""
    if answer.status == 500:
        return _CLUSTER_ERROR
    said = answer.body[:1024].decode(errors="replace")
    return BatchVerdict(
        "OS.ServiceException",
        "Error received from the Amazon OpenSearch Service cluster or OpenSearch Serverless "
        "collection. If the cluster or collection is behind a VPC, ensure network configuration "
        f"allows connectivity. {answer.status}: {said}",
    )
