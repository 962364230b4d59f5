"""What a batch does to one table: the rows that it adds and the keys that it takes away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyiceberg import expressions

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table

    from kinesis_sim.firehose.record import Record

Key = tuple[Any, ...]
_E: Any = expressions  # its classes take fewer arguments by their types than they do


class Changes:
    """Inserts, updates and deletes of one table, folded in the order of their records.

    keys: full paths of the unique keys. An update takes away the row of its key, in the table and
    in this batch, and adds its own; so it also adds a row that was not there.
    """

    def __init__(self, table: Table, keys: Sequence[str]) -> None:
        self.table = table
        self.keys = keys
        self.records: list[Record] = []
        self._rows: dict[int, dict[str, Any]] = {}
        self._at: dict[Key, list[int]] = {}
        self._gone: dict[Key, None] = {}

    def add(self, record: Record, operation: str, row: dict[str, Any]) -> None:
        """One record more. Raises ValueError for an update or a delete whose key is unknown."""
        key = self._key(row)
        if operation != "insert":
            if key is None:
                raise ValueError("an update or a delete needs a value of every unique key")
            for number in self._at.pop(key, ()):
                del self._rows[number]
            self._gone[key] = None
        number = len(self.records)
        self.records.append(record)
        if operation != "delete":
            self._rows[number] = row
            if key is not None:
                self._at.setdefault(key, []).append(number)

    def rows(self) -> Any:
        """The rows to add, as arrow."""
        import pyarrow as pa

        return pa.Table.from_pylist(
            list(self._rows.values()), schema=self.table.schema().as_arrow()
        )

    def gone(self) -> Any:
        """What to delete from the table first, as pyiceberg's expression; None for nothing."""
        if not self._gone:
            return None
        if len(self.keys) == 1:
            return _E.In(self.keys[0], [key[0] for key in self._gone])
        found = [
            _E.And(*(_E.EqualTo(name, value) for name, value in zip(self.keys, key, strict=True)))
            for key in self._gone
        ]
        return _E.Or(*found) if len(found) > 1 else found[0]

    def _key(self, row: Mapping[str, Any]) -> Key | None:
        values = tuple(_at(row, path) for path in self.keys)
        return None if not values or None in values else values


def _at(row: Mapping[str, Any], path: str) -> Any:
    found: Any = row
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def paths(schema: Schema, keys: Sequence[str]) -> list[str]:
    """Where unique keys are in a table, by names that only one column of it has, nested or not.

    Raises ValueError for a name that no column has, or several.
    """
    from pyiceberg.schema import index_by_id, index_name_by_id

    names = index_name_by_id(schema)
    primitive = {n for n, field in index_by_id(schema).items() if field.field_type.is_primitive}
    found = []
    for key in keys:
        places = [names[n] for n in primitive if names[n].rpartition(".")[2] == key]
        if len(places) != 1:
            many = "several columns are" if places else "no column is"
            raise ValueError(f"{many} called {key}, which should be a unique key")
        found.append(places[0])
    return found
