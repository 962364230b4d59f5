"""Storage sessions: the service joins a call as a peer of its own, and keeps what it hears.

A channel with media storage is mapped to a stream. JoinStorageSession has the service send an offer
to the master, JoinStorageSessionAsViewer to a viewer (facts/video/7/ingestion-storage); who answers
it is in the session. The master's media goes to the stream as by PutMedia, and to the viewers;
what viewers say keeps their place in the session, and is not passed on or stored here.

The call itself, its sockets and its keys, are on the other side of a port (``StoragePeers``). What
comes from there, comes by a conversation of the service's own, ``StorageMember``.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import LAST, SECOND
from kinesis_sim.video import ebml, refusals
from kinesis_sim.video.ingest import Ingest
from kinesis_sim.video.signaling.events import StorageSessionChanged
from kinesis_sim.video.signaling.messages import (
    ICE_CANDIDATE,
    SDP_ANSWER,
    SDP_OFFER,
    SERVICE,
    Signal,
    SignalRefused,
)
from kinesis_sim.video.signaling.silence import Silence

if TYPE_CHECKING:
    from kinesis_sim.video.catalog import VideoCatalog
    from kinesis_sim.video.signaling.channel import SignalingChannel

TALK = "StorageMember"
CANDIDATE, HEARD, MEDIA, ENDED = b"c", b"h", b"m", b"e"
"""What a part of the conversation begins with: a way to the service, that there was media, media of
the stream, and why the call is over."""
_SEGMENT = ebml.EBML.to_bytes(4, "big")
"""How media begins: another picture or sound begins it anew, as a new PutMedia would."""
_NEEDED = {"audio": "opus/", "video": "h264/"}


class StoragePeer(Protocol):
    """The service's end of one call, outside. None of it waits."""

    def answer(self, sdp: str) -> None:
        """The other end's answer to the offer."""

    def candidate(self, row: dict[str, Any]) -> None:
        """A way to the other end."""

    def close(self) -> None:
        """The call is over."""


class StoragePeers(Protocol):
    """The port to calls."""

    def open(self, channel: str, client: str | None) -> tuple[str, StoragePeer]:
        """A new end and its offer (SDP). channel: an ARN; client: None for the master.

        Raises MissingPackage without the extra ``[webrtc]``.
        """


class StorageMember:
    """One who joined (a ``Conversation`` that the port holds). client: None for the master.

    ended: whether it is over, ``why`` says why.
    """

    def __init__(
        self,
        catalog: VideoCatalog,
        channel: SignalingChannel,
        client: str | None,
        peer: StoragePeer,
    ) -> None:
        self.on_ready: Callable[[], None] | None = None
        self.client, self.channel, self.ended, self.why = client, channel, False, ""
        self._catalog, self.peer, self._stream = catalog, peer, channel.storage
        self._ingest: Ingest | None = None
        self._is_connected = False
        self._clock = catalog.clock
        quota = "storage_idle_seconds" if client is None else "storage_viewer_idle_seconds"
        idle = catalog.limits[f"video.{quota}"] * SECOND
        lasts = catalog.limits["video.storage_seconds"] * SECOND
        self._silence = Silence(self._clock, idle, lambda: self.close("idle"))
        self._age = self._clock.schedule(catalog.now + lasts, lambda: self.close("an hour old"))
        self._tell("joined")

    # --- what the client says in the channel --------------------------------------------------

    def hear(self, signal: Signal) -> None:
        """Take an answer or a way. Raises SignalRefused for what is neither, or another codec."""
        row = _row(signal.payload)
        if signal.action == SDP_ANSWER:
            sdp = row.get("sdp")
            if not isinstance(sdp, str):
                raise SignalRefused("InvalidArgumentException", "The answer has no sdp.")
            _check(sdp, ("audio", "video") if self.client is None else ("audio",))
            self.peer.answer(sdp)
        elif signal.action == ICE_CANDIDATE:
            self.peer.candidate(row)
        else:
            raise SignalRefused(
                "InvalidArgumentException", "In a storage session it is the service that offers."
            )

    # --- what comes of the call ---------------------------------------------------------------

    def take(self, part: bytes) -> None:
        """What the port tells: see above for how it begins."""
        kind, rest = part[:1], part[1:]
        if kind == CANDIDATE:
            self.channel.post(ICE_CANDIDATE, rest.decode(), SERVICE, self.client)
        elif kind == ENDED:
            self.close(rest.decode())
        else:
            if not self._is_connected:
                self._is_connected = True
                self._tell("connected")
            self._silence.breaks()
            if kind == MEDIA:
                self._store(rest)

    def _store(self, media: bytes) -> None:
        if media.startswith(_SEGMENT) and self._ingest is not None:
            self._ingest.finish()
            self._ingest = None
        if self._ingest is None:
            try:
                stream = self._catalog.find({"StreamARN": self._stream})
            except ServiceError:
                self.close("stream deleted")
                return
            intake = self._catalog.intake(stream)
            self._ingest = Ingest(intake, stream.archive, stream.numbers, 0, lambda: None)
        self._ingest.feed(media)
        refused = next((ack.error for ack in self._ingest.acks if ack.error), None)
        self._ingest.acks.clear()
        if self._ingest.over:
            self.close(str(refused))

    def finish(self) -> None:
        """The call is over."""
        self.close("the call ended")

    def takes_at(self) -> int:
        """At any time."""
        return 0

    def next_event(self) -> bytes | None:
        """The service has nothing to say to itself."""
        return None

    def next_at(self) -> int:
        """Nor will it."""
        return LAST

    # --- the end ------------------------------------------------------------------------------

    def close(self, why: str) -> None:
        """It is over."""
        if self.ended:
            return
        self.ended, self.why = True, why
        self._silence.cancel()
        self._age.cancel()
        if self._ingest is not None:
            self._ingest.finish()
        if self.channel.stored.get(self.client) is self:
            del self.channel.stored[self.client]
        self.peer.close()
        self._tell("gone", why)

    def _tell(self, became: str, why: str = "") -> None:
        self._catalog.events.append(
            StorageSessionChanged(
                at=self._clock.now,
                channel=self.channel.name,
                client=self.client,
                became=became,
                why=why,
            )
        )


def join(catalog: VideoCatalog, channel: SignalingChannel, client: str | None) -> None:
    """Send a member of a channel the service's offer; client: None for the master.

    Raises InvalidArgumentException for a channel without storage, ResourceNotFoundException when
    the stream or the member is not there, ClientLimitExceededException for too many viewers,
    MissingPackage without the extra ``[webrtc]``.
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
    peers: StoragePeers = catalog.around.port("video")
    sdp, peer = peers.open(channel.arn, client)
    before = channel.stored.get(client)
    if before is not None:
        before.close("taken over")
    channel.stored[client] = StorageMember(catalog, channel, client, peer)
    offer = b64encode(json.dumps({"type": "offer", "sdp": sdp}).encode()).decode()
    channel.post(SDP_OFFER, offer, SERVICE, client)


def member(catalog: VideoCatalog, request: Request) -> StorageMember:
    """The conversation of somebody who joined. Raises ResourceNotFoundException."""
    channel = catalog.channels.find({"ChannelARN": request["ChannelARN"]})
    found: StorageMember | None = channel.stored.get(request.get("ClientId"))
    if found is None:
        raise refusals.not_found("The storage session is over.")
    return found


def _row(payload: str) -> dict[str, Any]:
    try:
        row: Any = json.loads(b64decode(payload))
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise SignalRefused("InvalidArgumentException", "The payload is no JSON object.")
    return row


def _check(sdp: str, kinds: tuple[str, ...]) -> None:
    """Raise SignalRefused unless an answer takes a codec of the session's for each kind of media.

    facts/video/7/storage-answer: an answer with another codec is refused with a status.
    """
    taken: dict[str, bool] = {}
    media = ""
    for line in sdp.splitlines():
        if line.startswith("m="):
            media, _, rest = line[2:].partition(" ")
            if rest.startswith("0 "):  # it was turned down
                media = ""
        elif line.startswith("a=rtpmap:") and media in _NEEDED:
            codec = line.partition(" ")[2].lower()
            taken[media] = taken.get(media, False) or codec.startswith(_NEEDED[media])
    if not all(taken.get(kind) for kind in kinds):
        raise SignalRefused(
            "InvalidArgumentException", "The answer must have H.264 video and Opus audio."
        )
