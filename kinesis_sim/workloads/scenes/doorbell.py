"""The intercom of a docking station: riders call the person on duty, through a signaling channel.

>>> bell = Doorbell(sim)
>>> ana = bell.viewer("ana")
>>> ana.offer()
>>> bell.master().heard
(Heard(at=…, kind='SDP_OFFER', sender='ana', content='offer'),)
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from kinesis_sim.errors import MissingPackage, ServiceError, UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator

NAME = "station-7-intercom"
SIGNALING = "kinesis-video-signaling"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that a peer got. at: when it was read (epoch ms); sender: None for the master."""

    at: int
    kind: str
    sender: str | None
    content: Any


class CallPeer:
    """One who is connected to a channel. client: None for the master.

    Raises ServiceError as ConnectAsMaster and ConnectAsViewer do.
    """

    def __init__(self, sim: Simulator, arn: str, client: str | None = None) -> None:
        said = {"ChannelARN": arn} if client is None else {"ChannelARN": arn, "ClientId": client}
        name = "ConnectAsMaster" if client is None else "ConnectAsViewer"
        self._connection = sim.gate.converse(SIGNALING, name, said)
        self._sim, self.client = sim, client
        self._heard: list[Heard] = []

    @property
    def connected(self) -> bool:
        """Whether the service has not closed the connection."""
        return not self._connection.ended

    @property
    def heard(self) -> tuple[Heard, ...]:
        """All messages that came so far."""
        while (line := self._connection.next_event()) is not None:
            assert isinstance(line, bytes)
            self._heard.append(self._read(json.loads(line)))
        return tuple(self._heard)

    def kinds(self) -> list[str]:
        """What came so far, by kind alone."""
        return [each.kind for each in self.heard]

    def _read(self, row: dict[str, Any]) -> Heard:
        content: Any = row.get("statusResponse")
        if content is None and row["messagePayload"]:
            content = b64decode(row["messagePayload"]).decode(errors="replace")
        return Heard(self._sim.clock.now, row["messageType"], row.get("senderClientId"), content)

    def send(self, action: str, content: str = "", to: str = "", correlation: str = "") -> None:
        """Send a message. Raises UsageError once the connection is closed."""
        if not self.connected:
            raise UsageError("The connection is closed: connect again.")
        more = {"recipientClientId": to, "correlationId": correlation}
        message = {
            "action": action,
            "messagePayload": b64encode(content.encode()).decode(),
            **{name: value for name, value in more.items() if value},
        }
        self._connection.take(json.dumps(message).encode())

    def offer(self, to: str = "") -> None:
        """Say which media it can send and take (SDP)."""
        self.send("SDP_OFFER", "offer", to)

    def answer(self, to: str = "") -> None:
        """Say which of those it takes."""
        self.send("SDP_ANSWER", "answer", to)

    def candidate(self, to: str = "") -> None:
        """Say a way by which it may be reached."""
        self.send("ICE_CANDIDATE", "candidate", to)

    def leave(self) -> None:
        """Close the connection."""
        self._connection.close("closed by the client")

    def __repr__(self) -> str:
        state = "connected" if self.connected else "closed"
        return f"<{self.client or 'master'}: {state}>"


class Doorbell:
    """A channel that is ACTIVE. ttl: seconds that a message waits for its recipient."""

    @typed
    def __init__(self, sim: Simulator, name: str = NAME, ttl: int = 60) -> None:
        self.sim, self.name = sim, name
        self.masters: list[CallPeer] = []
        self.viewers: dict[str, CallPeer] = {}
        video = sim.client("kinesisvideo")
        settings = {"MessageTtlSeconds": ttl}
        made = video.create_signaling_channel(ChannelName=name, SingleMasterConfiguration=settings)
        self.arn: str = made["ChannelARN"]
        sim.advance(seconds=5)

    def master(self) -> CallPeer:
        """Connect a master, the person on duty."""
        self.masters.append(CallPeer(self.sim, self.arn))
        return self.masters[-1]

    def viewer(self, client: str) -> CallPeer:
        """Connect a viewer, a rider."""
        self.viewers[client] = CallPeer(self.sim, self.arn, client)
        return self.viewers[client]

    def call(self, client: str) -> None:
        """A whole call: offer, answer, and a candidate each way."""
        viewer, master = self.viewers[client], self.masters[-1]
        viewer.offer()
        self.sim.advance(milliseconds=200)
        master.answer(client)
        self.sim.advance(milliseconds=100)
        viewer.candidate()
        master.candidate(client)

    def clock_seen(self, client: str = "ana") -> str:
        """Call the dock camera for real: what its clock says in the tenth picture that comes.

        Where aiortc is absent, the line that installs it. Raises UsageError when no picture comes.
        """
        from kinesis_sim.workloads.calls.seen_call import seen_call

        try:
            return seen_call(self, client=client).clock
        except MissingPackage as missing:
            return str(missing)


@typed
def three_calls(sim: Simulator) -> dict[str, Doorbell]:
    """Three channels on which a call does not come about, each for a reason of its own."""
    found = {letter: Doorbell(sim, f"call-{letter.lower()}") for letter in "ABC"}
    _late(found["A"])
    _two_masters(found["B"])
    _misspelt(found["C"])
    sim.advance(minutes=2)
    return found


def _late(bell: Doorbell) -> None:
    bell.viewer("ana").offer()
    bell.sim.advance(seconds=75)
    bell.master()


def _two_masters(bell: Doorbell) -> None:
    bell.master()
    bell.sim.advance(seconds=20)
    bell.master()  # a laptop of somebody who tries things out, and leaves it open
    bell.sim.advance(seconds=20)
    bell.viewer("ana").offer()


def _misspelt(bell: Doorbell) -> None:
    master = bell.master()
    bell.viewer("ana").offer()
    bell.sim.advance(seconds=1)
    master.answer("Ana")
    bell.sim.advance(seconds=1)
    master.candidate("Ana")


@typed
def crowd(bell: Doorbell, riders: int) -> list[str]:
    """Let riders come, one a second; the codes of those that were refused."""
    refused = []
    for number in range(riders):
        try:
            bell.viewer(f"rider-{number}")
        except ServiceError as error:
            refused.append(error.code)
        bell.sim.advance(seconds=1)
    return refused


@typed
def mapped(bell: Doorbell, stream: str, **settings: Any) -> str:
    """Map the channel to a new stream; the code of the refusal, or what the channel says then."""
    video = bell.sim.client("kinesisvideo")
    arn = video.create_stream(StreamName=stream, **settings)["StreamARN"]
    bell.sim.advance(seconds=5)
    wanted = {"Status": "ENABLED", "StreamARN": arn}
    try:
        video.update_media_storage_configuration(
            ChannelARN=bell.arn, MediaStorageConfiguration=wanted
        )
    except video.exceptions.NoDataRetentionException as error:
        return str(error.response["Error"]["Code"])
    told = video.describe_media_storage_configuration(ChannelARN=bell.arn)
    return str(told["MediaStorageConfiguration"]["Status"])
