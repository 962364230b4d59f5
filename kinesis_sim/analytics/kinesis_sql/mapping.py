"""Records of a stream as rows of an input: JSON by paths, CSV by order (facts/analytics §5)."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import SqlType


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of an input. path: where JSON has it; None for CSV, which goes by order."""

    name: str
    kind: SqlType
    path: JsonPath | None = None


class RecordSchema:
    """How records become rows.

    kind: "JSON" or "CSV"; row_path: where a JSON document's rows are; rows, cells: what parts a
    CSV record. A path that runs over an array makes a row of each element, beside which the other
    columns repeat; there is always at least one row, and one array may be flattened only.
    """

    def __init__(
        self,
        columns: Sequence[MappedColumn],
        kind: str = "JSON",
        *,
        row_path: str = "$",
        rows: str = "\n",
        cells: str = ",",
    ) -> None:
        self.columns = tuple(columns)
        self.kind = kind
        self.row_path = JsonPath(row_path)
        self.row_delimiter = rows
        self.cell_delimiter = cells
        arrays = {_array(one.path) for one in columns if one.path is not None and one.path.flattens}
        if len(arrays) > 1:
            raise SqlValidationError("One array of a record can be flattened, not several.")

    def rows(self, data: bytes) -> list[dict[str, Any]]:
        """The rows of a record, values as they came. Raises ValueError for what is neither."""
        try:
            return self._read(data.decode("utf-8"))
        except RecursionError:
            raise ValueError("the record nests too deeply") from None
        except csv.Error as error:
            raise ValueError(f"the record is no CSV: {error}") from None

    def _read(self, text: str) -> list[dict[str, Any]]:
        if self.kind == "CSV":
            return self._of_csv(text)
        document = json.loads(text)
        return [row for one in self.row_path.all(document) for row in self._of_json(one)]

    def _of_json(self, document: Any) -> list[dict[str, Any]]:
        single: dict[str, Any] = {}
        lists: dict[str, list[Any]] = {}
        for column in self.columns:
            if column.path is None:
                continue
            if column.path.flattens:
                lists[column.name] = column.path.all(document)
            else:
                single[column.name] = column.path.first(document)
        number = max([1, *(len(values) for values in lists.values())])
        return [
            {**single, **{name: _at(values, place) for name, values in lists.items()}}
            for place in range(number)
        ]

    def _of_csv(self, text: str) -> list[dict[str, Any]]:
        lines = [line for line in text.split(self.row_delimiter) if line.strip()]
        found = []
        for cells in csv.reader(lines, delimiter=self.cell_delimiter, skipinitialspace=True):
            values = [cell or None for cell in cells]
            names = [column.name for column in self.columns]
            found.append(dict(zip(names, [*values, *[None] * len(names)], strict=False)))
        return found


def _array(path: JsonPath) -> tuple[Any, ...]:
    """The steps of a path up to the array that it runs over."""
    steps: list[Any] = []
    for step in path.steps:
        if isinstance(step, tuple):
            break
        steps.append(step)
    return tuple(steps)


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else None
