"""What became of one try to hand a batch of records to a destination.

The destination's adapter says what happened; whether and when to try again, and where what failed
goes, is decided by ``delivery.py`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kinesis_sim.firehose.record import Record

INTERNAL = "InternalError"
"""Firehose's code for what went wrong within it (facts/firehose §7)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that was not taken.

    code: as in Firehose's error log (facts/firehose §7), e.g. ``Splunk.AckTimeout``; message: what
    the destination said, in its own words.

    retry: worth another try. lost: given up without a trace, neither tried again nor backed up
    (an HTTP endpoint's 413, facts/firehose §6). document: the extra members of its error row that
    only the adapter knows, e.g. ``{"esDocumentId": …, "esIndexName": …}``.
    """

    record: Record
    code: str
    message: str
    retry: bool = True
    lost: bool = False
    document: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One try is over. delivered: how many records were taken; failures: all the others.

    took_ms: simulated time that the destination takes to answer, from when this is told; after a
    Waiting, of its last answer only. bytes: sent over the wire.
    """

    delivered: int
    failures: Sequence[Failure] = ()
    took_ms: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The destination has the records and still has to confirm them (Splunk's acknowledgement).

    look: asked again at ``at`` (epoch ms) with the time it then is.
    """

    look: Callable[[int], Answer]
    at: int


@dataclass(frozen=True, slots=True)
class Errand:
    """The answer is to be had from outside this process, which may take its time.

    work: gets it, in a thread and without the simulator's lock. Never raises.
    """

    work: Callable[[], Answer]


Answer = Outcome | Waiting | Errand
"""What a try, or a look, comes to."""


class Destination(Protocol):
    """An adapter: hands one batch over, once."""

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Answer:
        """Try once. request_id stays the same over all tries of a batch.

        Never raises for what a destination does wrong: that is in the Outcome.
        """
