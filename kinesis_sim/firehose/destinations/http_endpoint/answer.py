"""What Firehose takes an HTTP endpoint's answer for.

Only a 200 with the documented body is success; one that breaks the rules counts as a 500 without a
body. 413 is final, and such records are neither tried again nor backed up (facts/firehose §6).
Codes and texts: the guide's list of HTTP endpoint errors.
"""

from __future__ import annotations

import json
from typing import Any

from kinesis_sim.firehose.destinations.transport import HttpAnswer, Reason, Unreachable
from kinesis_sim.firehose.destinations.verdict import INTERNAL_ERROR, BatchVerdict

_SEE = "See Troubleshooting HTTP Endpoints in the Firehose documentation for more information."
_LONGEST_MESSAGE = 8192
_TOLD_BYTES = 1024
"""How much of an answer a failure repeats; AWS says "truncated" without a number."""

_TROUBLES: dict[Reason, tuple[str, str]] = {
    "timed out": (
        "HttpEndpoint.RequestTimeout",
        "The delivery timed out before a response was received and will be retried. If this error "
        "persists, contact the AWS Firehose service team.",
    ),
    "refused": (
        "HttpEndpoint.ConnectionFailed",
        "Unable to connect to the destination endpoint. Contact the owner of the endpoint to "
        "resolve this issue.",
    ),
    "reset": (
        "HttpEndpoint.ConnectionReset",
        "Unable to maintain connection with the endpoint. Contact the owner of the endpoint to "
        "resolve this issue.",
    ),
    "tls": (
        "HttpEndpoint.SSLHandshakeFailure",
        "Unable to complete an SSL Handshake with the endpoint. Contact the owner of the endpoint "
        "to resolve this issue.",
    ),
    "too large": (
        "HttpEndpoint.ResponseTooLarge",
        "The response received from the endpoint is too large. Contact the owner of the endpoint "
        "to resolve this issue.",
    ),
    "bad header": (
        "HttpEndpoint.MakeRequestFailure.IllegalCharacterInHeaderValue",
        "HttpEndpoint request failed due to illegal response error. Illegal character '\\n' in "
        "header value.",
    ),
    "bad url": (
        "HttpEndpoint.MakeRequestFailure.IllegalUriException",
        "HttpEndpoint request failed due to invalid input in URI. Please make sure all the "
        "characters in the input URI are valid.",
    ),
}


def verdict_on_trouble(found: Unreachable) -> BatchVerdict:
    """What it means that there was no answer; all of it is tried again."""
    if found.reason == "not allowed":
        return BatchVerdict("HttpEndpoint.ConnectionFailed", found.message)
    return BatchVerdict(*_TROUBLES.get(found.reason, ("InternalError", INTERNAL_ERROR)))


def verdict_on(answer: HttpAnswer, request_id: str) -> BatchVerdict | None:
    """What an answer means for its request; None when the records were taken."""
    if answer.status // 100 not in (2, 4, 5):
        return BatchVerdict(
            "HttpEndpoint.InvalidStatusCode", "Received an invalid response status code."
        )
    wrong = wrong_with(answer, request_id)
    if answer.status == 200:
        return _invalid(wrong) if wrong else None
    final = answer.status == 413
    return BatchVerdict(
        "HttpEndpoint.DestinationException", _told(answer, wrong), retry=not final, lost=final
    )


def wrong_with(answer: HttpAnswer, request_id: str) -> str:
    """Which rule an answer breaks; empty when it keeps them all.

    That the content type may carry parameters such as a charset is the model's choice.
    """
    if answer.header("Content-Encoding"):
        return "The response is compressed (Content-Encoding)."
    kind = (answer.header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return f"The content type is {kind or 'missing'}, not application/json."
    if answer.body and answer.header("Content-Length") is None:
        return "The Content-Length header is missing."
    return _wrong_with_body(answer, request_id)


def _wrong_with_body(answer: HttpAnswer, request_id: str) -> str:
    try:
        found: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "The body is not JSON."
    if not isinstance(found, dict):
        return "The body is not a JSON object."
    if found.get("requestId") != request_id:
        return "The requestId is not that of the request."
    return _wrong_with_members(found, answer.status)


def _wrong_with_members(found: dict[str, Any], status: int) -> str:
    """The guide wants an integer timestamp, but writes a text of digits in its failure example."""
    moment = found.get("timestamp")
    digits = status != 200 and isinstance(moment, str) and moment.isdecimal()
    if not digits and (isinstance(moment, bool) or not isinstance(moment, int)):
        return "The timestamp is not a number of milliseconds."
    said = found.get("errorMessage", "")
    if not isinstance(said, str) or len(said) > _LONGEST_MESSAGE:
        return f"The errorMessage is no text of at most {_LONGEST_MESSAGE} characters."
    return ""


def _invalid(wrong: str) -> BatchVerdict:
    return BatchVerdict(
        "HttpEndpoint.InvalidResponseFromDestination",
        f"The response received from the endpoint is invalid. {_SEE} Reason: {wrong}",
    )


def _told(answer: HttpAnswer, wrong: str) -> str:
    if wrong:
        return (
            f"Delivery to the endpoint was unsuccessful. {_SEE} "
            f"Response received with status code {answer.status}"
        )
    said = answer.body[:_TOLD_BYTES].decode(errors="replace")
    return (
        "The following response was received from the endpoint destination. "
        f"{answer.status}: {said}"
    )
