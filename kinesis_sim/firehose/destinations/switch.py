"""What breaks and mends a destination, so that a cell and a button do the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.receiver import Receiver


class Switch(Protocol):
    """One thing that works or is broken."""

    @property
    def broken(self) -> bool:
        """Whether it is broken now."""

    def turn(self, breaking: bool) -> None:
        """Break it, or mend it."""


@dataclass(frozen=True, slots=True)
class ReceiverSwitch:
    """A receiver that answers 503."""

    receiver: Receiver

    @property
    def broken(self) -> bool:
        """Whether it answers with faults."""
        return self.receiver.broken

    def turn(self, breaking: bool) -> None:
        """Have it answer 503, or as it should."""
        if breaking:
            self.receiver.fail(503, None, "Service Unavailable")
        else:
            self.receiver.mend()


def receiver_at(url: str, hosts: Mapping[str, Receiver]) -> ReceiverSwitch | None:
    """The switch of the receiver that answers at a URL; None when none does."""
    host = urlsplit(url).hostname or ""
    return ReceiverSwitch(hosts[host]) if host in hosts else None
