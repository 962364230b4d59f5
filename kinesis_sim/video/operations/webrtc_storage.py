"""kinesis-video-webrtc-storage's operations: the service joins a call (facts/video §7)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.signaling.messages import CLIENT
from kinesis_sim.video.storing.session import join

__all__ = ["join_storage_session", "join_storage_session_as_viewer"]


def join_storage_session(catalog: VideoCatalog, request: Request) -> Answer:
    """Have the service offer the master to take its pictures and sound.

    Raises as ``session.join``.
    """
    join(catalog, catalog.channels.find(request), None)
    return {}


def join_storage_session_as_viewer(catalog: VideoCatalog, request: Request) -> Answer:
    """Have the service offer a viewer to take its sound. Raises as ``session.join``."""
    client = request["clientId"]
    if not CLIENT.fullmatch(client):
        raise refusals.invalid("clientId must not begin with AWS_.")
    join(catalog, catalog.channels.find(request), client)
    return {}
