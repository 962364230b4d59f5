"""A signaling channel: one master, some viewers, and the messages that wait for one of them.

Laws
1. A viewer's message goes to the master, a master's to the viewer that it names; to nobody else.
2. Who is connected gets it at once. For who is not it is kept for the channel's TTL, and delivered
   in the order in which it came to the first who connects by that name within it.
3. The newest connection wins: the one before it under the same name is closed.
4. What waits is bounded; one more is refused.

AWS does not say how many messages wait at most, nor how many a client may leave unread: both are
the model's choices. Nor does it say how many bytes of them there may be (see ``backlog``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog
from kinesis_sim.instants import SECOND
from kinesis_sim.states import Life
from kinesis_sim.video import refusals
from kinesis_sim.video.signaling.backlog import BACKLOG_MOST, Backlog
from kinesis_sim.video.signaling.events import SignalPassed
from kinesis_sim.video.signaling.messages import SDP_ANSWER, SERVICE, Signal, SignalRefused
from kinesis_sim.video.states import SIGNALING_CHANNEL, SignalingChannelStatus

KEPT_MOST = 1_000
"""Messages that wait in one channel (model's choice)."""


@dataclass(slots=True, eq=False)
class SignalingChannel:
    """One channel. made: epoch ms; ttl: seconds that a message waits; storage: a stream's ARN.

    viewers: those connected by client id. callers: who waits for one answer by an API call.
    stored: who is in the storage session (``StorageMember``). backlog: what waits in all channels.
    """

    name: str
    arn: str
    made: int
    ttl: int
    clock: Clock
    events: EventLog
    new_version: Callable[[], str]
    tags: dict[str, str] = field(default_factory=dict)
    storage: str | None = None
    master: Any = None
    viewers: dict[str, Any] = field(default_factory=dict)
    callers: dict[str, Callable[[str], None]] = field(default_factory=dict)
    stored: dict[str | None, Any] = field(default_factory=dict)
    life: Life[SignalingChannelStatus] = field(default_factory=lambda: Life(SIGNALING_CHANNEL))
    version: str = ""
    backlog: Backlog = field(default_factory=Backlog)
    _waiting: list[Signal] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self.version = self.new_version()

    @property
    def is_open(self) -> bool:
        """Whether peers may connect: a change of settings does not stop them."""
        state = self.life.state
        return state in (SignalingChannelStatus.ACTIVE, SignalingChannelStatus.UPDATING)

    @property
    def peers(self) -> list[Any]:
        """All who are connected, the master first."""
        return [*([] if self.master is None else [self.master]), *self.viewers.values()]

    @property
    def waiting(self) -> int:
        """How many messages wait for their recipient."""
        return len(self._waiting)

    def peer(self, client: str | None) -> Any:
        """Who is connected by that name; None for nobody."""
        return self.master if client is None else self.viewers.get(client)

    def check_version(self, given: str | None) -> None:
        """Raise VersionMismatchException unless it is the present one, or none was given."""
        if given is not None and given != self.version:
            raise refusals.other_version(given)

    def check_active(self) -> None:
        """Raise ResourceInUseException unless it is ACTIVE."""
        if self.life.state is not SignalingChannelStatus.ACTIVE:
            raise refusals.in_use(f"The channel {self.name} is {self.life.name}.")

    def row(self) -> Request:
        """ChannelInfo, as DescribeSignalingChannel and ListSignalingChannels tell it."""
        return {
            "ChannelName": self.name,
            "ChannelARN": self.arn,
            "ChannelType": "SINGLE_MASTER",
            "ChannelStatus": self.life.name,
            "CreationTime": self.made,
            "SingleMasterConfiguration": {"MessageTtlSeconds": self.ttl},
            "Version": self.version,
        }

    # --- messages -----------------------------------------------------------------------------

    def post(self, action: str, payload: str, sender: str | None, recipient: str | None) -> Signal:
        """Take a message for a recipient, who gets it now or when it connects.

        Raises SignalRefused when too many wait already, or a storage session cannot take it.
        """
        signal = self.number(action, sender, recipient, payload)
        if recipient == SERVICE:
            self._joined(signal)
            return signal
        if self._answers_a_call(signal):
            self.tell(signal, "delivered")
            return signal
        if self._delivered(signal):
            return signal
        full = self._fullness(signal)
        if full:
            self.tell(signal, "refused", "ClientLimitExceededException")
            raise SignalRefused("ClientLimitExceededException", full)
        self._waiting.append(signal)
        self.backlog.keep(len(signal.payload))
        self.tell(signal, "kept")
        self.clock.after(self.ttl * SECOND, lambda: self._expire(signal))
        return signal

    def _fullness(self, signal: Signal) -> str:
        """Why one message more cannot wait; empty when it can."""
        if len(self._waiting) >= KEPT_MOST:
            return f"{KEPT_MOST} messages wait already."
        room = self.backlog.has_room(len(signal.payload))
        return "" if room else f"Messages of {BACKLOG_MOST} bytes wait already, in all channels."

    def number(
        self, action: str, sender: str | None, recipient: str | None, payload: str = ""
    ) -> Signal:
        """The channel's next message."""
        self._count += 1
        return Signal(action, payload, sender, recipient, self.clock.now, self._count)

    def _joined(self, signal: Signal) -> None:
        """A message for the service's end of a storage session; nobody hears it without one."""
        try:
            if (member := self.stored.get(signal.sender)) is not None:
                member.hear(signal)
        except SignalRefused as refused:
            self.tell(signal, "refused", refused.code)
            raise
        self.tell(signal, "delivered")

    def _answers_a_call(self, signal: Signal) -> bool:
        if signal.recipient is None or signal.action != SDP_ANSWER:
            return False
        caller = self.callers.pop(signal.recipient, None)
        if caller is None:
            return False
        caller(signal.payload)
        return True

    def _delivered(self, signal: Signal) -> bool:
        peer = self.peer(signal.recipient)
        if peer is None:
            return False
        self.tell(signal, "delivered")
        peer.deliver(signal.line())
        return True

    def _expire(self, signal: Signal) -> None:
        if signal in self._waiting:
            self._waiting.remove(signal)
            self.backlog.keep(-len(signal.payload))
            self.tell(signal, "expired")

    def hand_over(self, client: str | None) -> None:
        """Deliver what waited for somebody who has just connected."""
        due = [each for each in self._waiting if each.recipient == client]
        self._waiting = [each for each in self._waiting if each.recipient != client]
        for signal in due:
            self.backlog.keep(-len(signal.payload))
            self._delivered(signal)

    def tell(self, signal: Signal, became: str, code: str = "") -> None:
        """Append what became of a message."""
        self.events.append(
            SignalPassed(
                at=self.clock.now,
                channel=self.name,
                action=signal.action,
                sender=signal.sender,
                recipient=signal.recipient,
                became=became,
                sent=signal.sent,
                number=signal.number,
                bytes=len(signal.payload),
                code=code,
            )
        )

    def refuse(
        self, action: str, payload: str, sender: str | None, recipient: str | None, code: str
    ) -> None:
        """Tell of a message that was refused as it came in."""
        self.tell(self.number(action, sender, recipient, payload), "refused", code)
