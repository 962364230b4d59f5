"""What the answers of Splunk's HTTP Event Collector mean.

HEC's numbers are Splunk's ("Possible error codes" of its HEC pages); the codes and texts that they
turn into are those of the guide's list. Every error is tried again while there is time (guide,
"Handle data delivery failures"). Which number becomes which code is the model's reading of the
texts.
"""

from __future__ import annotations

from typing import Any

import orjson

from kinesis_sim.firehose.destinations.transport import HttpAnswer, Reason, Unreachable
from kinesis_sim.firehose.destinations.verdict import INTERNAL_ERROR, BatchVerdict

_TEXTS: dict[str, str] = {
    "AcknowledgementsDisabled": "Could not get acknowledgements on POST. Make sure that "
    "acknowledgements are enabled on HEC endpoint.",
    "AckTimeout": "Did not receive an acknowledgement from HEC before the HEC acknowledgement "
    "timeout expired. Despite the acknowledgement timeout, it's possible the data was indexed "
    "successfully in Splunk. Amazon Data Firehose backs up in Amazon S3 data for which the "
    "acknowledgement timeout expired.",
    "ConnectionClosed": "Unable to send data to Splunk due to a connection failure. This might be "
    "a transient error. Increasing the retry duration in your Amazon Data Firehose configuration "
    "might guard against such transient failures.",
    "ConnectionTimeout": "The connection to Splunk timed out. This might be a transient error and "
    "the request will be retried. Amazon Data Firehose backs up the data to Amazon S3 if all "
    "retries fail.",
    "DisabledAck": "Indexer acknowledgement is disabled for the HEC token. Enable indexer "
    "acknowledgement and try again. For more info, see Enable indexer acknowledgement "
    "(https://docs.splunk.com/Documentation/Splunk/9.2.2/Data/AboutHECIDXAck).",
    "DisabledToken": "The HEC token is disabled. Enable the token to allow data delivery to "
    "Splunk.",
    "IndexerBusy": "Data delivery to Splunk failed due to a server error from the HEC node. Make "
    "sure HEC endpoint or the Elastic Load Balancer is reachable and is healthy.",
    "InvalidDataFormat": "The data is not formatted correctly. To see how to properly format data "
    "for Raw or Event HEC endpoints, see Splunk Event Data "
    "(https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector).",
    "InvalidEndpoint": "Could not connect to the HEC endpoint. Make sure that the HEC endpoint URL "
    "is valid and reachable from Amazon Data Firehose.",
    "InvalidHecResponseCharacter": "Invalid characters found in HEC response, make sure to check "
    "to the service and HEC configuration.",
    "InvalidIndex": "The HEC token or input is configured with an invalid index. Check your index "
    "configuration and try again.",
    "InvalidToken": "The HEC token is invalid. Update Amazon Data Firehose with a valid HEC token.",
    "ProxyWithoutStickySessions": "If you have a proxy (ELB or other) between Amazon Data Firehose "
    "and the HEC node, you must enable sticky sessions to support HEC ACKs.",
    "ServerError": "Data delivery to Splunk failed due to a server error from the HEC node. Amazon "
    "Data Firehose will retry sending the data if the retry duration in your Amazon Data Firehose "
    "is greater than 0. If all the retries fail, Amazon Data Firehose backs up the data to Amazon "
    "S3.",
    "ServerError.ContentTooLarge": "Data delivery to Splunk failed due to a server error with a "
    "statusCode: 413, message: the request your client sent was too large. See splunk docs to "
    "configure max_content_length.",
    "SSLHandshake": "Could not connect to the HEC endpoint. Make sure that the certificate and the "
    "host are valid.",
    "URLNotFound": "The requested URL was not found on the Splunk server. Please check the Splunk "
    "cluster and make sure it is configured correctly.",
}


def _verdict(name: str) -> BatchVerdict:
    return BatchVerdict(f"Splunk.{name}", _TEXTS[name])


ACK_TIMEOUT = _verdict("AckTimeout")

_BY_NUMBER = {
    1: "DisabledToken",
    2: "InvalidToken",
    3: "InvalidToken",
    4: "InvalidToken",
    5: "InvalidDataFormat",
    6: "InvalidDataFormat",
    7: "InvalidIndex",
    8: "ServerError",
    9: "IndexerBusy",
    10: "ServerError",
    11: "ProxyWithoutStickySessions",
    12: "InvalidDataFormat",
    13: "InvalidDataFormat",
    14: "DisabledAck",
}
"""HEC's number to Firehose's code. 11, a channel that the node does not know, is what a proxy
without sticky sessions brings about."""
_BY_STATUS = {
    401: "InvalidToken",
    403: "InvalidToken",
    404: "URLNotFound",
    413: "ServerError.ContentTooLarge",
    503: "IndexerBusy",
}
_BY_REASON: dict[Reason, str] = {
    "refused": "InvalidEndpoint",
    "timed out": "ConnectionTimeout",
    "reset": "ConnectionClosed",
    "tls": "SSLHandshake",
    "too large": "InvalidHecResponseCharacter",
    "bad url": "InvalidEndpoint",
    "bad header": "InvalidToken",
}
_HOPELESS = frozenset(
    {"DisabledAck", "DisabledToken", "InvalidToken", "ProxyWithoutStickySessions"}
)
"""What makes further looks for an acknowledgement pointless."""


def verdict_on_trouble(found: Unreachable) -> BatchVerdict:
    """What it means that there was no answer to an event post."""
    if found.reason == "not allowed":
        return BatchVerdict("Splunk.InvalidEndpoint", found.message)
    name = _BY_REASON.get(found.reason)
    return _verdict(name) if name else BatchVerdict("InternalError", INTERNAL_ERROR)


def verdict_on(answer: HttpAnswer) -> BatchVerdict | int:
    """What an answer to an event post means: the ackId to wait for, or what went wrong."""
    found = _members(answer)
    if answer.status != 200:
        return _verdict(_name(answer, found))
    if found is None:
        return _verdict("InvalidHecResponseCharacter")
    ack_id = found.get("ackId")
    if isinstance(ack_id, bool) or not isinstance(ack_id, int):
        return _verdict("AcknowledgementsDisabled")
    return ack_id


def is_acknowledged(answer: HttpAnswer, ack_id: int) -> bool:
    """Whether an answer to a look says that the batch is indexed."""
    found = _members(answer) if answer.status == 200 else None
    acks = found.get("acks") if found else None
    return isinstance(acks, dict) and acks.get(str(ack_id)) is True


def verdict_on_acknowledgement(answer: HttpAnswer) -> BatchVerdict | None:
    """What makes an acknowledgement impossible; None for anything that another look may mend."""
    if answer.status == 200:
        return None
    name = _name(answer, _members(answer))
    return _verdict(name) if name in _HOPELESS else None


def _name(answer: HttpAnswer, found: dict[str, Any] | None) -> str:
    number = found.get("code") if found else None
    if isinstance(number, int) and number in _BY_NUMBER:
        return _BY_NUMBER[number]
    return _BY_STATUS.get(answer.status, "ServerError")


def _members(answer: HttpAnswer) -> dict[str, Any] | None:
    try:
        found = orjson.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
