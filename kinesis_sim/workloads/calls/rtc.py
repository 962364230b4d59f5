"""What peers of a call need of aiortc: connections that stay on this machine, a film, what is seen.

No STUN and no TURN server is asked, and the only address that a peer tells is 127.0.0.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kinesis_sim.errors import MissingPackage
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.picture import CameraPicture

LOOPBACK = "127.0.0.1"
FPS = 30
"""Frames a second that aiortc's tracks have."""


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
def _at_home() -> Iterator[None]:
    """aioice leaves 127.0.0.1 out of the addresses that it finds; here it is the only one."""
    from aioice import ice

    found = ice.get_host_addresses
    ice.get_host_addresses = lambda use_ipv4, use_ipv6: [LOOPBACK]
    try:
        yield
    finally:
        ice.get_host_addresses = found


async def offered(connection: Any) -> dict[str, str]:
    """The offer of a connection, its candidates in it."""
    with _at_home():
        await connection.setLocalDescription(await connection.createOffer())
    return _told(connection)


async def answered(connection: Any, offer: dict[str, str]) -> dict[str, str]:
    """The answer of a connection to an offer, its candidates in it."""
    await heard(connection, offer)
    with _at_home():
        await connection.setLocalDescription(await connection.createAnswer())
    return _told(connection)


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


def _told(connection: Any) -> dict[str, str]:
    told = connection.localDescription
    return {"type": told.type, "sdp": told.sdp}


def film(camera: DockCamera, start: int, frames: int) -> Any:
    """A track of what a camera sees from an instant on (epoch ms); it ends after so many frames.

    ``sent`` counts those that were taken from it.
    """
    aiortc = needed()

    base: Any = aiortc.VideoStreamTrack

    class Film(base):  # type: ignore[misc]
        sent = 0

        async def recv(self) -> Any:
            if self.sent >= frames:
                raise aiortc.mediastreams.MediaStreamError
            stamp, base = await self.next_timestamp()
            found = frame(camera.picture(start + 1_000 * self.sent // FPS))
            found.pts, found.time_base = stamp, base
            self.sent += 1
            return found

    return Film()


def frame(picture: CameraPicture) -> Any:
    """A picture as a frame of PyAV's."""
    from av import VideoFrame

    made = VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, rows in zip(made.planes, picture.planes, strict=True):
        padding = bytes(plane.line_size - plane.width)
        lines = (rows[at : at + plane.width] for at in range(0, len(rows), plane.width))
        plane.update(b"".join(line + padding for line in lines))
    return made
