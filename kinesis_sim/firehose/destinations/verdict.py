"""What an answer means for the records that it answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.record import Record


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """A failure before it is told of each record; the members are those of ``Failure``."""

    code: str
    message: str
    retry: bool = True
    lost: bool = False

    def on(self, record: Record, document: dict[str, str] | None = None) -> Failure:
        """The failure of one record; document: what only the adapter knows of it."""
        return Failure(record, self.code, self.message, self.retry, self.lost, document or {})

    def over(self, records: Iterable[Record]) -> list[Failure]:
        """The same failure for all of them."""
        return [self.on(record) for record in records]


INTERNAL_ERROR = (
    "An internal error occurred while attempting to deliver data. Delivery will be retried; if the "
    "error persists, then it will be reported to AWS for resolution."
)
