"""Peers of calls that stay on this machine, by aiortc (the ``[webrtc]`` extra).

No STUN and no TURN server is asked, and the only address that a peer tells is 127.0.0.1.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from kinesis_sim.errors import MissingPackage

LOOPBACK = "127.0.0.1"
_home: ContextVar[bool] = ContextVar("kinesis_sim_at_home", default=False)
_once = threading.Lock()


def needed() -> Any:
    """The package. Raises MissingPackage where it is absent."""
    try:
        import aiortc
    except ImportError:
        raise MissingPackage('Calls need aiortc: pip install "kinesis-lab[webrtc]"') from None
    return aiortc


def connection() -> Any:
    """A peer connection that knows no servers. Raises MissingPackage."""
    aiortc = needed()
    return aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))


@contextmanager
def at_home() -> Iterator[None]:
    """aioice leaves 127.0.0.1 out of the addresses that it finds; within, it is the only one.

    For what runs within alone: other calls of the process, in whichever thread, are left as they
    are.
    """
    from aioice import ice

    with _once:
        if not hasattr(ice.get_host_addresses, "everywhere"):
            ice.get_host_addresses = _Addresses(ice.get_host_addresses)
    token = _home.set(True)
    try:
        yield
    finally:
        _home.reset(token)


class _Addresses:
    """aioice's function, but for who is at home. everywhere: the function itself."""

    def __init__(self, everywhere: Any) -> None:
        self.everywhere = everywhere

    def __call__(self, use_ipv4: bool, use_ipv6: bool) -> list[str]:
        if _home.get():
            return [LOOPBACK]
        found: list[str] = self.everywhere(use_ipv4=use_ipv4, use_ipv6=use_ipv6)
        return found


async def offered(connection: Any) -> dict[str, str]:
    """The offer of a connection, its candidates in it."""
    with at_home():
        await connection.setLocalDescription(await connection.createOffer())
    return told(connection)


async def answered(connection: Any, offer: dict[str, str]) -> dict[str, str]:
    """The answer of a connection to an offer, its candidates in it."""
    await heard(connection, offer)
    with at_home():
        await connection.setLocalDescription(await connection.createAnswer())
    return told(connection)


async def heard(connection: Any, description: dict[str, str]) -> None:
    """Take the other peer's offer or answer."""
    await connection.setRemoteDescription(needed().RTCSessionDescription(**description))


async def told_way(connection: Any, row: dict[str, Any]) -> None:
    """Take a candidate of the other peer's; one by a name that only the network knows is not."""
    from aiortc.sdp import candidate_from_sdp

    text = str(row.get("candidate") or "").removeprefix("candidate:")
    if not text or ".local" in text:
        return
    candidate = candidate_from_sdp(text)
    candidate.sdpMid, candidate.sdpMLineIndex = row.get("sdpMid"), row.get("sdpMLineIndex")
    await connection.addIceCandidate(candidate)


def told(connection: Any) -> dict[str, str]:
    """What a connection says of itself, its candidates in it."""
    said = connection.localDescription
    return {"type": said.type, "sdp": said.sdp}
