"""A peer's connection: messages come and go, silence and age end it.

A connection lasts an hour: then GO_AWAY is said, and it is closed a minute later; one over which
nothing went for ten minutes is closed (facts/video/7/quotas). AWS says too that GO_AWAY
and RECONNECT_ICE_SERVER come when it works on its servers: ``go_away`` and ``reconnect_ice``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from kinesis_sim.account.quotas import Limits
from kinesis_sim.account.rates import Rate
from kinesis_sim.instants import LAST, SECOND
from kinesis_sim.units import KIB
from kinesis_sim.video.signaling import messages
from kinesis_sim.video.signaling.backlog import Reader
from kinesis_sim.video.signaling.channel import SignalingChannel
from kinesis_sim.video.signaling.events import SignalingPeerChanged
from kinesis_sim.video.signaling.messages import SDP_OFFER, Said, SignalRefused
from kinesis_sim.video.signaling.silence import Silence

UNREAD_MOST = 1_000
"""Messages that a client may leave unread before it is let go (model's choice)."""
LEFT_MOST = 32 * KIB
"""Bytes that a client may still read when its connection is over (model's choice)."""
STOPPED = "server stopped"
"""Why all connections end at once: a storage session, which else needs no connection, ends too."""
_RATES = {
    messages.SDP_OFFER: "video.sdp_rate",
    messages.SDP_ANSWER: "video.sdp_rate",
    messages.ICE_CANDIDATE: "video.ice_rate",
}


class SignalingPeer(Reader):
    """One connection (a ``Conversation`` of messages). client: None for the master."""

    def __init__(self, channel: SignalingChannel, client: str | None, limits: Limits) -> None:
        self.on_ready: Callable[[], None] | None = None
        self.client, self.channel = client, channel
        self.ended = False
        self.why = ""
        self._out: deque[str] = deque()
        self._most = limits["video.signal_bytes"]
        self._rates = {
            action: Rate(limits[quota]) for action, quota in _RATES.items() if limits.throttling
        }
        self._grace = limits["video.go_away_seconds"] * SECOND
        self._clock, now = channel.clock, channel.clock.now
        self.since = now
        """When it connected (epoch ms)."""
        idle = limits["video.signaling_idle_seconds"] * SECOND
        self._silence = Silence(self._clock, idle, lambda: self.close("idle"))
        lasts = limits["video.signaling_seconds"] * SECOND
        self._age = self._clock.schedule(now + lasts, self.go_away)
        self._enter()

    def _enter(self) -> None:
        """Take the place of whoever had this name before."""
        before = self.channel.peer(self.client)
        if before is not None:
            before.close("taken over")
        if self.client is None:
            self.channel.master = self
        else:
            self.channel.viewers[self.client] = self
        self._tell("connected")
        self.channel.hand_over(self.client)

    # --- what comes and goes ------------------------------------------------------------------

    def take(self, part: bytes) -> None:
        """A message from the client. What is wrong with it is said if it has a correlationId."""
        if self.ended:
            return
        self._silence.breaks()
        said = Said("", "", "", "")
        try:
            said = messages.read(part, self._most)
            recipient = self._checked(said)
        except SignalRefused as refused:
            if said.action in messages.ACTIONS:
                named = said.recipient if messages.CLIENT.fullmatch(said.recipient) else ""
                to = None if self.client is not None else named
                action, payload = said.action, said.payload[: self._most]
                self.channel.refuse(action, payload, self.client, to, refused.code)
            self._answer(said, refused)
            return
        try:
            self.channel.post(said.action, said.payload, self.client, recipient)
        except SignalRefused as refused:
            self._answer(said, refused)

    def _checked(self, said: Said) -> str | None:
        """Whom a message is for. Raises SignalRefused."""
        messages.check(said, self._most)
        rate = self._rates.get(said.action)
        if rate is not None and not rate.admit(self._clock.now):
            raise SignalRefused(
                "ClientLimitExceededException", f"Over {rate.most} {said.action} a second."
            )
        stores = self.channel.storage is not None
        if self.client is not None:  # a recipient that a viewer names is ignored
            if said.action == SDP_OFFER and stores:
                raise SignalRefused(
                    "InvalidArgumentException",
                    "The channel stores its media: a viewer joins the storage session instead.",
                )
            return messages.SERVICE if stores else None
        if stores and not said.recipient:
            return messages.SERVICE
        if not messages.CLIENT.fullmatch(said.recipient) and said.recipient != messages.SERVICE:
            raise SignalRefused(
                "InvalidArgumentException", "A master must name the recipientClientId."
            )
        return said.recipient

    def _answer(self, said: Said, refused: SignalRefused) -> None:
        if said.correlation:
            self.deliver(messages.status(said.correlation, refused))

    def finish(self) -> None:
        """The client says no more: it is gone."""
        self.close("closed by the client")

    def takes_at(self) -> int:
        """At any time: one message too many is refused, not held back."""
        return 0

    def deliver(self, line: str) -> None:
        """Put a message where the client gets it."""
        if self.ended:
            return
        self._silence.breaks()
        self._out.append(line)
        self.channel.backlog.give(self, len(line))
        if len(self._out) > UNREAD_MOST:
            self.let_go()
        self._ready()

    def let_go(self) -> None:
        """It reads too slowly: what it has not read goes, and so does it."""
        self._out.clear()
        self.close("reads too slowly")

    def next_event(self) -> bytes | None:
        """The next message for the client."""
        if not self._out:
            return None
        line = self._out.popleft()
        if not self.ended:
            self.channel.backlog.take(self, len(line))
        return line.encode()

    def next_at(self) -> int:
        """There is nothing to look for: ``on_ready`` tells."""
        return LAST

    # --- the end ------------------------------------------------------------------------------

    def go_away(self) -> None:
        """Ask the client to connect anew; it is closed when the grace is over."""
        self._notify(messages.GO_AWAY)
        self._age.cancel()
        end = self._clock.now + self._grace
        self._age = self._clock.schedule(end, lambda: self.close("told to go away"))

    def reconnect_ice(self) -> None:
        """Ask the client for new relays: those that it has will not last."""
        self._notify(messages.RECONNECT_ICE_SERVER)

    def _notify(self, kind: str) -> None:
        if self.ended:
            return
        signal = self.channel.number(kind, messages.SERVICE, self.client)
        self.channel.tell(signal, "delivered")
        self.deliver(messages.notice(kind))

    def close(self, why: str) -> None:
        """It is over; what was delivered may still be read, if it is not much."""
        if self.ended:
            return
        self.ended, self.why = True, why
        self._silence.cancel()
        self._age.cancel()
        if self.channel.peer(self.client) is self:
            if self.client is None:
                self.channel.master = None
            else:
                del self.channel.viewers[self.client]
        if self.channel.backlog.drop(self) > LEFT_MOST:
            self._out.clear()
        self._tell("gone", why)
        joined = self.channel.stored.get(self.client) if why == STOPPED else None
        if joined is not None:
            joined.close(why)
        self._ready()

    def _ready(self) -> None:
        if self.on_ready is not None:
            self.on_ready()

    def _tell(self, became: str, why: str = "") -> None:
        self.channel.events.append(
            SignalingPeerChanged(
                at=self._clock.now,
                channel=self.channel.name,
                client=self.client,
                became=became,
                why=why,
            )
        )
