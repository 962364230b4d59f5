"""A Redshift warehouse for lessons: DuckDB in memory that runs the learner's SQL and COPY.

Firehose reaches Redshift over JDBC. That protocol is not spoken here: the warehouse is called in
process with the statement that JDBC would carry, so drivers, TLS and network errors are only played
(``state``). Of Redshift there are the dialect (through sqlglot), COPY from S3, STL_LOAD_ERRORS and
what is not enforced; no slices, queues, users' permissions or distribution.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.firehose.destinations.redshift.codes import CopyError
from kinesis_sim.firehose.destinations.redshift.definition import HOME, statements
from kinesis_sim.firehose.destinations.redshift.load import CopyLoad
from kinesis_sim.firehose.destinations.redshift.statement import Copy, read
from kinesis_sim.firehose.destinations.redshift.values import Column
from kinesis_sim.firehose.lake.database import Database
from kinesis_sim.firehose.lake.statements import INSTALL

if TYPE_CHECKING:
    import pandas as pd

Read = Callable[[str, str], bytes]
"""Port to S3: (bucket, key) → body. Raises LookupError for an object that is not there."""
State = Literal["available", "paused", "unreachable", "resizing", "read-only"]

ERRORS = "stl_load_errors"
_ERRORS = f"""CREATE TABLE {ERRORS} (
    userid INTEGER, slice INTEGER, tbl VARCHAR, starttime TIMESTAMP, session INTEGER,
    query INTEGER, filename VARCHAR, line_number BIGINT, colname VARCHAR, type VARCHAR,
    col_length VARCHAR, position INTEGER, raw_line VARCHAR, raw_field_value VARCHAR,
    err_code INTEGER, err_reason VARCHAR)"""
_REFUSALS = {
    "paused": ("ConnectionFailed", "The cluster is paused."),
    "unreachable": ("ConnectionFailed", "No answer from the cluster."),
    "resizing": ("Resize", ""),
    "read-only": ("ReadOnlyCluster", ""),
}


class Warehouse:
    """read: the port to S3. now: the clock (epoch ms). users: name → password; without, anybody.

    Play faults by setting them: ``state`` ("paused", "unreachable", "resizing", "read-only"),
    ``took_ms`` (how long a COPY takes), ``disk_bytes`` (what fits; None: everything does).

    >>> warehouse.sql("create table clicks (id int, at timestamp)")
    >>> warehouse.sql("select * from stl_load_errors")
    """

    def __init__(
        self,
        read: Read,
        now: Callable[[], int],
        *,
        database: str = "dev",
        users: Mapping[str, str] | None = None,
        disk_bytes: int | None = None,
        took_ms: int = 0,
    ) -> None:
        self.database = database
        self.users = users
        self.state: State = "available"
        self.disk_bytes = disk_bytes
        self.took_ms = took_ms
        self.loaded_bytes = 0
        self._read = read
        self._db = Database(now)
        self._lengths: dict[str, dict[str, int]] = {}
        self._copies = 0
        self._db.rows(_ERRORS)

    @property
    def tables(self) -> list[str]:
        """The tables that there are, sorted; those of another schema as ``schema.table``."""
        found = self._db.rows(
            "SELECT CASE table_schema WHEN ? THEN '' ELSE table_schema || '.' END || table_name "
            "FROM information_schema.tables WHERE table_name <> ? ORDER BY 1",
            [HOME, ERRORS],
        )
        return [name for (name,) in found]

    def sql(self, text: str) -> pd.DataFrame | None:
        """Run statements in Redshift's dialect, COPY too; the rows of the last one, if it has any.

        Raises UsageError for SQL that is wrong, reaches outside or is not run here.
        """
        if text.lstrip()[:5].lower().rstrip() == "copy":
            try:
                self.copy(text)
            except CopyError as error:
                raise UsageError(str(error)) from None
            return None
        answer: pd.DataFrame | None = None
        for statement in statements(text):
            for first in statement.before:
                self._db.rows(first)
            answer = None
            if statement.tree.key in (
                "select",
                "union",
                "intersect",
                "except",
                "values",
                "describe",
            ):
                answer = self._db.frame(statement.tree)
            else:
                self._db.run(statement.tree)
            if statement.tree.key == "create" and statement.table is not None:
                self._lengths[statement.table] = statement.lengths
            elif statement.table is not None:
                self._lengths.setdefault(statement.table, {}).update(statement.lengths)
        return answer

    def connect(self, database: str, user: str | None, password: str | None) -> None:
        """Open a session. Raises CopyError: what Firehose would log."""
        if self.state != "available":
            raise CopyError(*_REFUSALS[self.state])
        if self.users is not None and (user is None or self.users.get(user) != password):
            raise CopyError("AuthenticationFailed")
        if database.lower() != self.database.lower():
            raise CopyError("DatabaseNotFound", f'There is no database "{database}".')

    def copy(self, statement: str) -> int:
        """Run a COPY: all of it or nothing. Returns how many rows it loaded.

        A row that cannot be loaded is in ``stl_load_errors``; MAXERROR says how many may be, and
        the COPY succeeds without them. Without MANIFEST the place is one object, not a prefix.
        Raises CopyError.
        """
        copy = read(statement)
        columns = self._columns(copy)
        self._copies += 1
        load = CopyLoad(copy, columns, self._copies)
        try:
            for bucket, key in self._places(copy):
                load.add(f"s3://{bucket}/{key}", self._read(bucket, key))
            if self.disk_bytes is not None and self.loaded_bytes + load.read > self.disk_bytes:
                raise CopyError("DiskFull")
        finally:
            self._note(load.errors)
        if not copy.has("NOLOAD"):
            self.loaded_bytes += load.read
            self._insert(copy, columns, load)
        return load.count

    def close(self) -> None:
        """Let the memory go."""
        self._db.close()

    def _columns(self, copy: Copy) -> list[Column]:
        """The columns that the rows have values for, in that order. Raises CopyError."""
        schema, name = _place(copy)
        known = {column.name: column for column in self._described(schema, name)}
        if not known:
            if not self._db.rows(
                "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", [schema]
            ):
                raise CopyError("SchemaNotFound", f'There is no schema "{schema}".')
            raise CopyError("TableNotFound", f'There is no table "{name}".')
        if copy.columns is None:
            return list(known.values())
        for wanted in copy.columns:
            if wanted not in known:
                raise CopyError("ColumnNotFound", f'"{wanted}" is no column of "{name}".')
        for column in known.values():
            if column.name not in copy.columns and not (column.nullable or column.default):
                raise CopyError("ColumnNotNullWithoutDefault", f'It is "{column.name}".')
        return [known[wanted] for wanted in copy.columns]

    def _described(self, schema: str, name: str) -> Iterator[Column]:
        lengths = self._lengths.get(f"{schema}.{name}", {})
        for column, kind, nullable, default in self._db.rows(
            "SELECT lower(column_name), data_type, is_nullable, column_default "
            "FROM information_schema.columns WHERE lower(table_schema) = ? AND "
            "lower(table_name) = ? ORDER BY ordinal_position",
            [schema, name],
        ):
            yield Column(column, kind, nullable == "YES", default is not None, lengths.get(column))

    def _places(self, copy: Copy) -> list[tuple[str, str]]:
        """The objects to load. Raises CopyError (MissingS3File) for those that must be there."""
        if not copy.has("MANIFEST"):
            self._exists(copy.bucket, copy.key, mandatory=True)
            return [(copy.bucket, copy.key)]
        found = []
        for entry in self._manifest(copy):
            bucket, _, key = str(entry["url"]).removeprefix("s3://").partition("/")
            if self._exists(bucket, key, mandatory=bool(entry.get("mandatory"))):
                found.append((bucket, key))
        if not found:
            raise CopyError("MissingS3File", "The manifest names no object that is there.")
        return found

    def _manifest(self, copy: Copy) -> Sequence[Mapping[str, Any]]:
        self._exists(copy.bucket, copy.key, mandatory=True)
        try:
            entries: list[Mapping[str, Any]] = json.loads(self._read(copy.bucket, copy.key))[
                "entries"
            ]
            if not all(str(entry["url"]).startswith("s3://") for entry in entries):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise CopyError(
                "DataLoadFailed", f"s3://{copy.bucket}/{copy.key} is no manifest."
            ) from None
        return entries

    def _exists(self, bucket: str, key: str, *, mandatory: bool) -> bool:
        try:
            self._read(bucket, key)
        except LookupError:
            if mandatory:
                raise CopyError("MissingS3File", f"It is s3://{bucket}/{key}.") from None
            return False
        return True

    def _note(self, errors: Sequence[tuple[Any, ...]]) -> None:
        for table, query, *rest in errors:
            self._db.rows(
                f"INSERT INTO {ERRORS} VALUES (100, 0, ?, CAST(getvariable('now') AS TIMESTAMP), "
                "1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [table, query, *rest],
            )

    def _insert(self, copy: Copy, columns: Sequence[Column], load: CopyLoad) -> None:
        try:
            import pyarrow as pa
        except ImportError:
            raise MissingPackage(INSTALL) from None
        schema, name = _place(copy)
        texts = {column: pa.array(found, pa.string()) for column, found in load.texts.items()}
        self._db.register("incoming rows", pa.table(texts))
        names = ", ".join(f'"{column.name}"' for column in columns)
        casts = ", ".join(f'CAST("{column.name}" AS {column.kind})' for column in columns)
        self._db.rows(
            f'INSERT INTO "{schema}"."{name}" ({names}) SELECT {casts} FROM "incoming rows"'
        )
        self._db.forget("incoming rows")


def _place(copy: Copy) -> tuple[str, str]:
    """(schema, table); ``public`` is where tables without a schema are."""
    schema, name = copy.table
    return (HOME if schema in (None, "public") else str(schema)), name
