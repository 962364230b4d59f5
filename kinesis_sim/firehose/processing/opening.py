"""The first steps of processing: decompression, then de-aggregation (facts/firehose §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kinesis_sim.firehose.outcome import INTERNAL, Failure
from kinesis_sim.firehose.processing.deaggregation import Splitter, splitter
from kinesis_sim.firehose.processing.decompression import Allowance, NotDecompressed, decompressed
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import DestinationSettings


class Opening:
    """Makes of every record the records that it holds.

    numbers: of the stream's records; puzzled: takes an error that nobody expected, which is its
    record's.
    """

    def __init__(
        self,
        settings: DestinationSettings,
        numbers: Iterator[int],
        puzzled: Callable[[Exception], str],
    ) -> None:
        self._numbers = numbers
        self._puzzled = puzzled
        self._decompress = settings.processor("Decompression") is not None
        extraction = settings.processor("CloudWatchLogProcessing")
        wanted = extraction is not None and extraction.parameters["DataMessageExtraction"]
        self._extract = str(wanted).lower() == "true"
        self._splitter = _splitter(settings)

    def open(self, records: Sequence[Record]) -> tuple[Sequence[Record], list[Failure]]:
        """The records within, and those that could not be opened."""
        if not self._decompress and self._splitter is None:
            return records, []
        opened: list[Record] = []
        failures: list[Failure] = []
        allowance = Allowance(sum(len(record.data) for record in records))
        for record in records:
            try:
                found = self._opened(record, allowance)
            except Exception as error:
                found = Failure(record, INTERNAL, self._puzzled(error), retry=False)
            if isinstance(found, Failure):
                failures.append(found)
            else:
                opened += found
        return opened, failures

    def _opened(self, record: Record, allowance: Allowance) -> list[Record] | Failure:
        if self._decompress:
            plain = decompressed(record.data, extract=self._extract, allowance=allowance)
            if isinstance(plain, NotDecompressed):
                return Failure(record, plain.code, plain.message, retry=False)
            record = replace(record, data=plain, original=record.data, came=record.weight)
        return [record] if self._splitter is None else self._parts(record, self._splitter)

    def _parts(self, record: Record, split: Splitter) -> list[Record]:
        """The first part keeps the record's number; the others get numbers of their own."""
        first, *others = split.parts(record.data)
        rest = [replace(record, data=part, number=next(self._numbers)) for part in others]
        return [replace(record, data=first), *rest]


def _splitter(settings: DestinationSettings) -> Splitter | None:
    step = settings.processor("RecordDeAggregation")
    if step is None:
        return None
    return splitter(step.parameters["SubRecordType"], step.parameters.get("Delimiter"))
