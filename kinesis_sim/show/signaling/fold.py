"""The steps of a signaling channel: who comes and goes, what passes, waits or is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.errors import UsageError
from kinesis_sim.events import Event
from kinesis_sim.video.signaling.events import SignalingPeerChanged, SignalPassed
from kinesis_sim.video.signaling.messages import SERVICE

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

SHOWN = 16
"""Steps that one picture has room for: the last."""


@dataclass(frozen=True, slots=True)
class SignalStep:
    """One thing that happened. at: epoch ms.

    kind: connected, gone or refused-peer of ``sender``; passed, kept, late, expired or refused of a
    message. waited: ms that it did; said: why a peer is gone, or the code of a refusal.
    """

    at: int
    kind: str
    sender: str | None
    recipient: str | None = None
    action: str = ""
    waited: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class ChannelSteps:
    """What a channel has seen. steps: the last of them, oldest first; before: how many more.

    clients: the viewers of those steps, in the order in which they came; there: who was connected
    before the first step.
    """

    channel: str
    ttl: int
    now: int
    steps: tuple[SignalStep, ...]
    before: int
    clients: tuple[str, ...]
    there: frozenset[str | None]


def channel_steps(sim: Simulator, channel: str) -> ChannelSteps:
    """The steps of a channel. Raises UsageError for one that is not there."""
    if channel not in sim.video.channels:
        known = ", ".join(each.name for each in sim.video.channels) or "none yet"
        raise UsageError(f"There is no signaling channel {channel!r}; the channels are: {known}.")
    steps = tuple(_steps(sim.events.of(SignalingPeerChanged, SignalPassed), channel))
    shown = steps[-SHOWN:]
    named = [client for step in shown for client in (step.sender, step.recipient)]
    clients = dict.fromkeys(each for each in named if each not in (None, SERVICE))
    return ChannelSteps(
        channel,
        sim.video.channels[channel].ttl,
        sim.clock.now,
        shown,
        len(steps) - len(shown),
        tuple(str(each) for each in clients),
        _there(steps[:-SHOWN]),
    )


def _there(steps: Iterable[SignalStep]) -> frozenset[str | None]:
    found: set[str | None] = set()
    for step in steps:
        if step.kind == "connected":
            found.add(step.sender)
        elif step.kind == "gone":
            found.discard(step.sender)
    return frozenset(found)


def _steps(events: Iterable[Event], channel: str) -> Iterable[SignalStep]:
    kept: set[int] = set()
    for event in events:
        if not isinstance(event, SignalingPeerChanged | SignalPassed) or event.channel != channel:
            continue
        if isinstance(event, SignalingPeerChanged):
            kind = "refused-peer" if event.became == "refused" else event.became
            yield SignalStep(event.at, kind, event.client, said=event.why)
        else:
            waited = event.at - event.sent
            late = event.became == "delivered" and event.number in kept
            kept |= {event.number} if event.became == "kept" else set()
            kind = "late" if late else {"delivered": "passed"}.get(event.became, event.became)
            yield SignalStep(
                event.at, kind, event.sender, event.recipient, event.action, waited, event.code
            )
