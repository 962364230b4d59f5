"""What only video needs of outside: the service's own end of the calls that it stores."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import webrtc
from kinesis_sim.video.storing.session import StoragePeer, StoragePeers

if TYPE_CHECKING:
    from kinesis_sim.aws.call_end import CallEnd
    from kinesis_sim.simulator import Simulator


def port(sim: Simulator) -> StoragePeers:
    """The port of one simulator."""
    return CallEnds(sim)


class CallEnds:
    """Makes the ends of one simulator's calls, and keeps none of it alive."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = weakref.ref(sim)

    def open(self, channel: str, client: str | None) -> tuple[str, StoragePeer]:
        """See ``StoragePeers``. While inputs are replayed, calls of then are over."""
        sim = self._sim()
        assert sim is not None
        if sim.errands.replaying:
            return "", _Past()
        webrtc.needed()
        from kinesis_sim.aws.call_end import CallEnd

        peer = CallEnd(sim, channel, client, lambda: self._viewers(channel))
        return peer.offer(), peer

    def _viewers(self, channel: str) -> list[CallEnd]:
        """The ends of a channel's viewers, whom the master's media goes to."""
        from kinesis_sim.aws.call_end import CallEnd

        sim = self._sim()
        if sim is None:
            return []
        found = sim.video.channels.find({"ChannelARN": channel}).stored
        return [
            member.peer
            for client, member in tuple(found.items())
            if client is not None and isinstance(member.peer, CallEnd)
        ]


class _Past:
    """The end of a call that was before the simulator was restored."""

    def answer(self, sdp: str) -> None:
        """Nobody is there."""

    def candidate(self, row: dict[str, Any]) -> None:
        """Nobody is there."""

    def close(self) -> None:
        """It is closed."""
