"""The book of Kinesis Data Streams, out of its chapters."""

from __future__ import annotations

from kinesis_sim.fidelity.ledger.scenarios import (
    channels,
    not_there,
    queues,
    records,
    settings,
    throttles,
)
from kinesis_sim.fidelity.ledger.stage import Book


def _bound(*chapters: Book) -> Book:
    book: Book = {}
    for chapter in chapters:
        twice = book.keys() & chapter.keys()
        if twice:
            raise ValueError(f"Raised by two scenarios: {sorted(twice)}")
        book.update(chapter)
    return book


KINESIS = _bound(
    channels.BOOK, not_there.BOOK, queues.BOOK, records.BOOK, settings.BOOK, throttles.BOOK
)
