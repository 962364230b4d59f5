"""What can happen in a signaling channel: its life, who comes and goes, which messages pass.

A client is None for the master, who has no id; one that begins with ``AWS_`` is the service.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event, Labels
from kinesis_sim.folded import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalingChannelChanged(Event):
    """A channel went from one status to another; None before it was there, and after."""

    channel: str
    was: str | None
    became: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalingPeerChanged(Event):
    """A peer connected, was refused, or is gone. became: connected, refused or gone; why: it is."""

    chatter: ClassVar[bool] = True
    channel: str
    client: str | None
    became: str
    why: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Counted per channel and what became of peers."""
        yield (("became", self.became), ("channel", self.channel)), {"count": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPassed(Event):
    """A message came in, or left.

    became: ``delivered``, ``kept`` until its recipient connects, ``expired`` before it did, or
    ``refused`` with a code. sent: when it came in (epoch ms); number: counts a channel's messages
    from 1; bytes: of its payload.
    """

    chatter: ClassVar[bool] = True
    channel: str
    action: str
    sender: str | None
    recipient: str | None
    became: str
    sent: int
    number: int
    bytes: int
    code: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Messages and bytes per channel and outcome."""
        labels = (("became", self.became), ("channel", self.channel))
        yield labels, {"count": 1, "bytes": self.bytes}


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSessionChanged(Event):
    """A member joined a channel's storage session, sent its first media, or is gone.

    became: joined, connected or gone; why: it is.
    """

    chatter: ClassVar[bool] = True
    channel: str
    client: str | None
    became: str
    why: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Counted per channel and what became of members."""
        yield (("became", self.became), ("channel", self.channel)), {"count": 1}
