"""The reading part of a COPY: objects → typed rows, and what could not be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kinesis_sim.firehose.destinations.redshift.codes import CopyError, FieldError
from kinesis_sim.firehose.destinations.redshift.lines import LoadLine, rows, unpacked
from kinesis_sim.firehose.destinations.redshift.statement import Copy
from kinesis_sim.firehose.destinations.redshift.values import Column, converted

_RAW = 1024
"""Characters of raw_line and raw_field_value (Redshift guide, r_STL_LOAD_ERRORS)."""


class CopyLoad:
    """What one COPY has read so far. query: its number.

    texts: per column, the values as texts of its type. errors: the ends of rows of STL_LOAD_ERRORS,
    from ``tbl`` and ``query`` on. read: bytes.
    """

    def __init__(self, copy: Copy, columns: Sequence[Column], query: int) -> None:
        self._copy = copy
        self._columns = columns
        self._query = query
        most = max(1, copy.number("MAXERROR"))
        self._most_errors = None if copy.has("IGNOREALLERRORS") else most
        self.texts: dict[str, list[str | None]] = {column.name: [] for column in columns}
        self.errors: list[tuple[Any, ...]] = []
        self.read = 0
        self.count = 0

    def add(self, name: str, body: bytes) -> None:
        """Read an object. Raises CopyError (DataLoadFailed) at the error that is one too many."""
        self.read += len(body)
        names = [column.name for column in self._columns]
        for line in rows(unpacked(body, self._copy, name), names, self._copy):
            texts = self._converted(name, line)
            if texts is not None:
                self.count += 1
                for column, text in zip(names, texts, strict=True):
                    self.texts[column].append(text)
            elif self._most_errors is not None and len(self.errors) >= self._most_errors:
                raise CopyError("DataLoadFailed", self.errors[0][-1])

    def _converted(self, name: str, line: LoadLine) -> list[str | None] | None:
        """The row as it goes in; None, and an error more, for one that does not."""
        if isinstance(line.values, FieldError):
            self._fail(name, line, None, None, line.values)
            return None
        texts: list[str | None] = []
        for column, text in zip(self._columns, line.values, strict=True):
            try:
                texts.append(converted(text, column, self._copy))
            except FieldError as error:
                self._fail(name, line, column, text, error)
                return None
        return texts

    def _fail(
        self, name: str, line: LoadLine, column: Column | None, text: str | None, error: FieldError
    ) -> None:
        what = (column.name, column.kind, str(column.length or "")) if column else ("", "", "")
        position = max(line.raw.find(text), 0) if text else 0
        raw = (printable(line.raw)[:_RAW], printable(text or "")[:_RAW])
        place = (self._copy.table[1], self._query, name, line.number)
        self.errors.append((*place, *what, position, *raw, error.code, error.reason))


def printable(text: str) -> str:
    """Bytes that are no UTF-8 show as a period."""
    return "".join("." if "\udc80" <= letter <= "\udcff" else letter for letter in text)
