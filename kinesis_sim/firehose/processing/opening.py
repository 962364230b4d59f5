"""The first steps of processing: decompression, then de-aggregation (facts/firehose §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.processing.deaggregation import Splitter, splitter
from kinesis_sim.firehose.processing.decompression import NotDecompressed, decompressed
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import Settings


class Opening:
    """Makes of every record the records that it holds. numbers: of the stream's records."""

    def __init__(self, settings: Settings, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._decompress = settings.processor("Decompression") is not None
        extraction = settings.processor("CloudWatchLogProcessing")
        wanted = extraction is not None and extraction.parameters["DataMessageExtraction"]
        self._extract = str(wanted).lower() == "true"
        self._splitter = _splitter(settings)

    def open(self, records: Sequence[Record]) -> tuple[Sequence[Record], list[Failure]]:
        """The records within, and those that could not be opened."""
        failures: list[Failure] = []
        if self._decompress:
            records = self._decompressed(records, failures)
        if self._splitter is not None:
            split = self._splitter
            records = [part for record in records for part in self._parts(record, split)]
        return records, failures

    def _parts(self, record: Record, split: Splitter) -> list[Record]:
        """The first part keeps the record's number; the others get numbers of their own."""
        first, *others = split.parts(record.data)
        rest = [replace(record, data=part, number=next(self._numbers)) for part in others]
        return [replace(record, data=first), *rest]

    def _decompressed(self, records: Sequence[Record], failures: list[Failure]) -> list[Record]:
        opened: list[Record] = []
        for record in records:
            plain = decompressed(record.data, extract=self._extract)
            if isinstance(plain, NotDecompressed):
                failures.append(Failure(record, plain.code, plain.message, retry=False))
            else:
                opened.append(replace(record, data=plain))
        return opened


def _splitter(settings: Settings) -> Splitter | None:
    step = settings.processor("RecordDeAggregation")
    if step is None:
        return None
    return splitter(step.parameters["SubRecordType"], step.parameters.get("Delimiter"))
