"""A destination that is not of this process: whatever asks it anything is an errand.

The adapter within does not know. It is asked here when the simulator's lock is held, and there, in
a thread, when it is not; so it may touch nothing but itself, its transport and its secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kinesis_sim.firehose.destinations.transport import Transport
from kinesis_sim.firehose.destinations.verdict import INTERNAL_ERROR, BatchVerdict
from kinesis_sim.firehose.outcome import Answer, Destination, Errand, Outcome, Waiting
from kinesis_sim.firehose.record import Record
from kinesis_sim.mishaps import Mishaps


@dataclass(frozen=True, slots=True)
class Abroad:
    """An adapter, asked in errands while no receiver of this process has the host of ``url``."""

    destination: Destination
    transport: Transport
    url: str
    mishaps: Mishaps

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Answer:
        """As the adapter does."""
        return self._ask(records, lambda: self.destination.deliver(records, request_id, now))

    def _ask(self, records: Sequence[Record], question: Callable[[], Answer]) -> Answer:
        if not self.transport.is_abroad(self.url):
            return question()
        return Errand(lambda: self._answered(records, question))

    def _answered(self, records: Sequence[Record], question: Callable[[], Answer]) -> Answer:
        """The answer; its further looks are errands, too. A fault of ours fails the records."""
        try:
            answer = question()
        except Exception as error:
            self.mishaps.note(error, f"delivery to {self.url}")
            return Outcome(0, BatchVerdict("InternalError", INTERNAL_ERROR).over(records))
        if isinstance(answer, Waiting):
            look = answer.look
            return Waiting(lambda now: self._ask(records, lambda: look(now)), answer.at)
        return answer
