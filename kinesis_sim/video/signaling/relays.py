"""The relays that GetIceServerConfig hands out: addresses and credentials that do not last.

Only TURN is handed out; a STUN server is found by its name alone
(facts/video/7/get-ice-server-config). No relay stands at these addresses: peers that cannot reach
each other directly do not connect here. How many there are, and their form, is the model's choice.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b

from kinesis_sim.account.calls import Answer
from kinesis_sim.video.catalog import VideoCatalog

SERVERS = 2
"""Relays that one answer names (model's choice)."""
_WAYS = ("turn:{}:443?transport=udp", "turns:{}:443?transport=udp", "turns:{}:443?transport=tcp")


def stun(region: str) -> str:
    """Where peers ask how they look from outside."""
    return f"stun:stun.kinesisvideo.{region}.amazonaws.com:443"


def relays(catalog: VideoCatalog, arn: str, client: str) -> list[Answer]:
    """Relays for a client of a channel, with credentials for them."""
    ttl = catalog.limits["video.turn_seconds"]
    return [
        _relay(catalog, f"{arn}/{client}/{catalog.now}/{place}", ttl) for place in range(SERVERS)
    ]


def _relay(catalog: VideoCatalog, purpose: str, ttl: int) -> Answer:
    digest = blake2b(purpose.encode(), key=catalog.secret, digest_size=40).digest()
    host = f"t-{digest[:4].hex()}.kinesisvideo.{catalog.region}.amazonaws.com"
    text = b32encode(digest).decode()
    return {
        "Uris": [way.format(host) for way in _WAYS],
        "Username": text[:40],
        "Password": text[40:],
        "Ttl": ttl,
    }
