"""SendAlexaOfferToMaster: a voice assistant's offer, answered within the call.

How long the call waits for the master's answer is not said by AWS: the channel's message TTL, after
which the offer itself is gone, is the model's choice, and so is the error then.
"""

from __future__ import annotations

from kinesis_sim.account.calls import Answer
from kinesis_sim.events import Event
from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.signaling.channel import SignalingChannel
from kinesis_sim.video.signaling.events import SignalPassed
from kinesis_sim.video.signaling.messages import SDP_OFFER


class AlexaCall:
    """The answer that is awaited (a ``Pending``)."""

    def __init__(self, channel: SignalingChannel, sender: str, payload: str) -> None:
        self._channel, self._sender = channel, sender
        self.until = channel.clock.now + channel.ttl * SECOND
        self._answer: str | None = None
        channel.callers[sender] = self._hear
        channel.post(SDP_OFFER, payload, sender, None)

    def _hear(self, payload: str) -> None:
        self._answer = payload

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """A message that passed may be the answer."""
        return (SignalPassed,)

    def concerns(self, event: Event) -> bool:
        """Whether a message of this channel passed."""
        return isinstance(event, SignalPassed) and event.channel == self._channel.name

    def attempt(self, now: int) -> Answer | None:
        """The answer. Raises ResourceNotFoundException when none came in time."""
        if self._answer is None and now >= self.until:
            return self.over()
        return None if self._answer is None else {"Answer": self._answer}

    def look_again(self, now: int) -> int:
        """When the wait is over."""
        return max(now + 1, self.until)

    def over(self) -> Answer:
        """Nobody answered. Raises ResourceNotFoundException."""
        if self._answer is not None:
            return {"Answer": self._answer}
        if self._channel.callers.get(self._sender) == self._hear:
            del self._channel.callers[self._sender]
        raise refusals.not_found("The channel's master did not answer the offer.")
