"""Pedala's books: a consumer that enters payments one after the other, and once had a bad hour.

Booking adds a line, whatever stands there already, as many consumers do. So a record that is
processed twice is in the books twice, and making a replay safe is the caller's work.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kinesis_sim.simulator import Simulator
from kinesis_sim.words import Speaking, spoken
from kinesis_sim.workloads.events.generators import payments
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.feed import feed

STREAM = "pedala-payments"

FAULT = 100
"""What the faulty version of the consumer multiplied every amount by: it booked cents as if they
were reais."""


class BooksEntry(NamedTuple):
    """A line in the books. at: when the record arrived at the stream."""

    payment_id: str
    amount_brl: float
    at: datetime


class Ledger(Speaking):
    """The books. faulty: from when to when payments that arrived were booked by the faulty version.

    Shows itself as payments and reais by hour of arrival.
    """

    def __init__(self, faulty: tuple[datetime, datetime] | None = None) -> None:
        self.entries: list[BooksEntry] = []
        self._faulty = faulty

    def live(self, records: Iterable[dict[str, Any]]) -> None:
        """Book records as it happened on the day, the faulty hour included."""
        for record in records:
            at = record["ApproximateArrivalTimestamp"]
            wrong = self._faulty is not None and self._faulty[0] <= at < self._faulty[1]
            self._add(record, FAULT if wrong else 1)

    def book(self, record: dict[str, Any]) -> None:
        """Book one record, as GetRecords gives it, with the corrected version."""
        self._add(record, 1)

    def strike(self, begin: datetime, end: datetime) -> int:
        """Take out every line of what arrived from ``begin`` on and before ``end``; how many."""
        kept = [entry for entry in self.entries if not begin <= entry.at < end]
        struck = len(self.entries) - len(kept)
        self.entries = kept
        return struck

    def _add(self, record: dict[str, Any], factor: int) -> None:
        payment = json.loads(record["Data"])
        amount = round(payment["amount_brl"] * factor, 2)
        at = record["ApproximateArrivalTimestamp"]
        self.entries.append(BooksEntry(payment["payment_id"], amount, at))

    def said(self) -> str:
        """A line for each hour."""
        words = spoken("workloads")
        hours: dict[datetime, list[float]] = {}
        for entry in self.entries:
            hour = entry.at.replace(minute=0, second=0, microsecond=0)
            hours.setdefault(hour, []).append(entry.amount_brl)
        rows = [
            words.fill(
                "books.hour-one" if len(amounts) == 1 else "books.hour-many",
                hour=f"{hour:%H:%M}",
                count=len(amounts),
                sum=sum(amounts),
            )
            for hour, amounts in sorted(hours.items())
        ]
        return "\n".join(rows) or words.say("books.none")


def day_of_books() -> tuple[Simulator, Ledger, datetime, datetime]:
    """A day of payments until 18:00 in an account of its own, and the books of its consumer.

    Returns the account, the books, and begin and end of the hour that was booked wrongly.
    """
    begin, end = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (14, 15))
    sim = Simulator(start="2026-01-01T08:00:00Z", delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    feed(sim, STREAM, payments("2026-01-01T08:00:00Z", hours=10, per_day=1_000))
    books = Ledger(faulty=(begin, end))
    books.live(read(sim, STREAM))
    return sim, books, begin, end
