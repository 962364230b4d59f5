"""A destination that may be out on purpose: some tries nobody answers, the others go through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kinesis_sim.firehose.outcome import Answer, Destination, Failure, Outcome
from kinesis_sim.firehose.record import Record


@dataclass(frozen=True, slots=True)
class MayBeOut:
    """A Destination in front of another.

    is_out: asked before each try. down: code and text of a try that nobody answers, as
    Firehose logs it.
    """

    destination: Destination
    is_out: Callable[[], bool]
    down: Callable[[], tuple[str, str]]

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Answer:
        """Try once; during an outage every record has failed and is worth another try."""
        if not self.is_out():
            return self.destination.deliver(records, request_id, now)
        code, message = self.down()
        return Outcome(0, [Failure(record, code, message) for record in records])
