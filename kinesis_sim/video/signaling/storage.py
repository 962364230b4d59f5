"""Storage sessions: the service joins a call as a peer of its own, and keeps what it hears.

A channel with media storage is mapped to a stream; JoinStorageSession has the service send an offer
to the master, JoinStorageSessionAsViewer to a viewer (facts/video/7/ingestion-storage). This model
goes as far as the offer and its answer: no media comes to the stream by it, and after three minutes
without any, one minute for a viewer, the session is over. The offer says what is asked for, H.264
and Opus, and has no candidate: no peer stands behind it.
"""

from __future__ import annotations

import json
from base64 import b64encode

from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.signaling.channel import SignalingChannel
from kinesis_sim.video.signaling.messages import SDP_OFFER, SERVICE, SignalRefused

_AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=recvonly",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
)
_VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    "a=mid:1",
    "a=recvonly",
    "a=rtcp-mux",
    "a=rtpmap:96 H264/90000",
)


def join(catalog: VideoCatalog, channel: SignalingChannel, client: str | None) -> None:
    """Send a member of a channel the service's offer; client: None for the master.

    Raises InvalidArgumentException for a channel without storage, ResourceNotFoundException when
    the stream or the member is not there, ClientLimitExceededException for too many viewers.
    """
    if channel.storage is None:
        raise refusals.invalid(f"The channel {channel.name} does not store its media.")
    catalog.find({"StreamARN": channel.storage})
    if channel.peer(client) is None:
        raise refusals.not_found("The client is not connected to the channel.")
    most = catalog.limits["video.storage_viewers"]
    viewers = [each for each in channel.stored if each is not None and each != client]
    if client is not None and len(viewers) >= most:
        raise refusals.too_many_in_storage(most)
    _open(catalog, channel, client)
    try:
        channel.post(SDP_OFFER, _offer(catalog, channel, client), SERVICE, client)
    except SignalRefused as refused:
        raise refusals.media(refused.code, refused.text) from None


def _open(catalog: VideoCatalog, channel: SignalingChannel, client: str | None) -> None:
    """A member has one session: a newer one takes its place."""
    before = channel.stored.pop(client, None)
    if before is not None:
        before.cancel()
    quota = "storage_idle_seconds" if client is None else "storage_viewer_idle_seconds"
    idle = catalog.limits[f"video.{quota}"] * SECOND

    def over() -> None:
        channel.stored.pop(client, None)

    channel.stored[client] = catalog.clock.schedule(catalog.now + idle, over)


def _offer(catalog: VideoCatalog, channel: SignalingChannel, client: str | None) -> str:
    """What the service asks for: pictures and sound of the master, sound of a viewer."""
    mark = catalog.drawn(f"storage/{channel.arn}/{client}/{catalog.now}")
    head = ("v=0", f"o=- {catalog.now} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=ice-ufrag:{mark[:4]}")
    lines = (*head, f"a=ice-pwd:{mark}{mark[:4]}", *_AUDIO, *(() if client is not None else _VIDEO))
    text = "".join(f"{line}\r\n" for line in lines)
    return b64encode(json.dumps({"type": "offer", "sdp": text}).encode()).decode()
