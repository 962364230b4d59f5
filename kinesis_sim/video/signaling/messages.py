"""What peers send through a channel, and what they receive (facts/video/7/send, 7/receive)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

SDP_OFFER, SDP_ANSWER, ICE_CANDIDATE = "SDP_OFFER", "SDP_ANSWER", "ICE_CANDIDATE"
ACTIONS = (SDP_OFFER, SDP_ANSWER, ICE_CANDIDATE)
"""What a peer may send."""
GO_AWAY, RECONNECT_ICE_SERVER, STATUS = "GO_AWAY", "RECONNECT_ICE_SERVER", "STATUS_RESPONSE"
"""What only the service says."""
SERVICE = "AWS_SERVICE"
"""Who speaks then: no client's id can begin so."""
CLIENT = re.compile(r"(?!(?i:AWS_))[a-zA-Z0-9_.-]{1,256}", re.ASCII)
"""What a client may be called (facts/video/7/client-id)."""
_CORRELATION = re.compile(r"[a-zA-Z0-9_.-]{1,256}", re.ASCII)
_PAYLOAD = re.compile(r"[a-zA-Z0-9+/]+={0,2}", re.ASCII)
_AROUND = 4_096
"""Bytes that a message may have around its payload (model's choice)."""


class SignalRefused(Exception):
    """A message that goes nowhere: an error as STATUS_RESPONSE tells it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One message on its way. sender, recipient: client ids, None for the master.

    payload: base64, not looked into. sent: epoch ms; number: counts a channel's messages from 1.
    """

    action: str
    payload: str
    sender: str | None
    recipient: str | None
    sent: int
    number: int

    def line(self) -> str:
        """What its recipient gets.

        A master's message names no sender, nor does a storage session's
        (facts/video/7/storage-sender).
        """
        told = {"messageType": self.action, "messagePayload": self.payload}
        if self.sender not in (None, SERVICE):
            told["senderClientId"] = self.sender
        return json.dumps(told, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Said:
    """What a peer sent, as it came: nothing is checked but that these are texts."""

    action: str
    payload: str
    recipient: str
    correlation: str


def read(part: bytes, most: int) -> Said:
    """What a peer sent. most: bytes of a payload. Raises SignalRefused for what is no message.

    Only an object of texts is read; anything else in it is left alone, as by AWS's own clients.
    """
    if len(part) > most + _AROUND:
        raise SignalRefused("InvalidArgumentException", "The message is too long.")
    try:
        said: Any = json.loads(part)
    except (ValueError, RecursionError):
        raise SignalRefused("InvalidArgumentException", "The message is no JSON.") from None
    if not isinstance(said, dict):
        raise SignalRefused("InvalidArgumentException", "The message is no JSON object.")

    def text(*names: str) -> str:
        found = next((said[name] for name in names if said.get(name) is not None), "")
        return found if isinstance(found, str) else ""

    correlation = text("correlationId", "CorrelationId")
    return Said(
        text("action", "Action"),
        text("messagePayload", "MessagePayload"),
        text("recipientClientId", "RecipientClientId"),
        correlation if _CORRELATION.fullmatch(correlation) else "",
    )


def check(said: Said, most: int) -> None:
    """Raise SignalRefused for an action that is none, or a payload that is none or too long."""
    if said.action not in ACTIONS:
        allowed = ", ".join(ACTIONS)
        raise SignalRefused(
            "InvalidArgumentException", f"{said.action[:40]!r} is no action: use {allowed}."
        )
    if len(said.payload) > most:
        raise SignalRefused(
            "InvalidArgumentException",
            f"The payload has {len(said.payload)} characters; the most is {most}.",
        )
    if not _PAYLOAD.fullmatch(said.payload):
        raise SignalRefused("InvalidArgumentException", "messagePayload is not base64.")


def notice(kind: str) -> str:
    """A message of the service that asks a client to reconnect."""
    return json.dumps({"messageType": kind, "messagePayload": ""}, separators=(",", ":"))


def status(correlation: str, refused: SignalRefused) -> str:
    """STATUS_RESPONSE: what went wrong with the message that had this id."""
    told = {
        "messageType": STATUS,
        "messagePayload": "",
        "statusResponse": {
            "correlationId": correlation,
            "errorType": refused.code,
            "statusCode": "400",
            "description": refused.text,
        },
    }
    return json.dumps(told, separators=(",", ":"))
