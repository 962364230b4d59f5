"""Peers of a signaling channel for tests: they speak the wire's JSON, in process."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.account.calls import Conversation

DOOR = "doorbell"


def channel(sim: Simulator, name: str = DOOR, **settings: Any) -> str:
    """An ACTIVE channel; its ARN."""
    api = sim.client("kinesisvideo")
    arn = api.create_signaling_channel(ChannelName=name, **settings)["ChannelARN"]
    sim.advance(seconds=10)
    return str(arn)


def connect(sim: Simulator, arn: str, client: str | None = None) -> Conversation:
    """Connect as a master, or as the viewer of that id."""
    said = {"ChannelARN": arn} if client is None else {"ChannelARN": arn, "ClientId": client}
    name = "ConnectAsMaster" if client is None else "ConnectAsViewer"
    return sim.gate.converse("kinesis-video-signaling", name, said)


def say(peer: Conversation, action: str, payload: Any = None, **more: str) -> None:
    """Send a message, its payload as base64 of JSON."""
    content = b64encode(json.dumps(payload).encode()).decode()
    peer.take(json.dumps({"action": action, "messagePayload": content, **more}).encode())


def told(peer: Conversation) -> list[dict[str, Any]]:
    """All messages that are due."""
    found = []
    while (line := peer.next_event()) is not None:
        found.append(json.loads(line))
    return found


def heard(peer: Conversation) -> list[tuple[str, str | None, Any]]:
    """All messages that are due as (type, sender, payload)."""
    return [
        (
            row["messageType"],
            row.get("senderClientId"),
            json.loads(b64decode(row["messagePayload"]) or b"null"),
        )
        for row in told(peer)
    ]
