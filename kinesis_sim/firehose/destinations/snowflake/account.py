"""A Snowflake account for lessons: DuckDB in memory with the learner's SQL and streamed rows.

Firehose writes through Snowpipe Streaming, whose client library sends files in a format that is not
published; Snowflake's newer REST interface for it is, but nothing says that Firehose speaks it. So
no protocol is spoken here: the account is called in process. Keys, passphrases and PrivateLink are
not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_sim.errors import MissingPackage
from kinesis_sim.firehose.destinations.snowflake.codes import SnowflakeError
from kinesis_sim.firehose.destinations.snowflake.definition import statements
from kinesis_sim.firehose.lake.database import Database
from kinesis_sim.firehose.lake.statements import INSTALL

if TYPE_CHECKING:
    import pandas as pd

_ANSWERING = ("select", "union", "intersect", "except", "values", "describe")


class Column(NamedTuple):
    """A column of a table. kind: DuckDB's name of its type; length: of VARCHAR, characters."""

    name: str
    kind: str
    nullable: bool
    default: bool
    length: int | None


class SnowflakeAccount:
    """now: the clock (epoch ms). users: name → roles, the default role first; without, anybody.

    Play faults by setting them: ``available`` (False: the service does not answer),
    ``lost_replies`` (so many next commits happen without Firehose hearing of them).

    >>> account.sql("create table clicks (id int, extra variant)")
    >>> account.sql("select extra:page::string as page from clicks")
    """

    def __init__(
        self,
        now: Callable[[], int],
        *,
        database: str = "LAB",
        schema: str = "PUBLIC",
        users: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.database = database
        self.schema = schema
        self.users = users
        self.available = True
        self.lost_replies = 0
        self._db = Database(now)
        self._lengths: dict[str, dict[str, int]] = {}
        self._unfit: dict[str, str | None] = {}
        self._committed: set[tuple[str, str]] = set()

    @property
    def tables(self) -> list[str]:
        """The tables that there are, sorted; those of another schema as ``schema.table``."""
        found = self._db.rows(
            "SELECT CASE table_schema WHEN 'main' THEN '' ELSE table_schema || '.' END || "
            "table_name FROM information_schema.tables ORDER BY 1"
        )
        return [name for (name,) in found]

    def sql(self, text: str) -> pd.DataFrame | None:
        """Run statements in Snowflake's dialect; the rows of the last one, if it has any.

        Raises UsageError for SQL that is wrong, reaches outside or is not run here.
        """
        answer: pd.DataFrame | None = None
        for statement in statements(text, self.database, self.schema):
            answer = None
            if statement.tree.key in _ANSWERING:
                answer = self._db.frame(statement.tree)
            else:
                self._db.run(statement.tree)
            if statement.table is not None:
                self._lengths[statement.table] = statement.lengths
                self._unfit[statement.table] = statement.unfit
        return answer

    def open(
        self, database: str, schema: str, table: str, user: str | None, role: str | None
    ) -> list[Column]:
        """The columns of a table that this user may stream into. Raises SnowflakeError."""
        if not self.available:
            raise SnowflakeError("InternalError")
        self._enter(user, role)
        if database.lower() != self.database.lower():
            raise SnowflakeError("Snowflake.InvalidDatabase", database)
        place = self._schema(schema)
        columns = self._columns(place, table.lower())
        if not columns:
            known = self._db.rows(
                "SELECT 1 FROM information_schema.schemata WHERE lower(schema_name) = ?", [place]
            )
            code = "Snowflake.InvalidTable" if known else "Snowflake.InvalidSchema"
            raise SnowflakeError(code, table if known else schema)
        unfit = self._unfit.get(f"{place}.{table.lower()}")
        if unfit is not None:
            raise SnowflakeError("Snowflake.InvalidColumns", unfit)
        return columns

    def misfits(self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> set[int]:
        """Numbers of the rows that have a value of another type than its column."""
        wrong: set[int] = set()
        for column in columns:
            values = [row.get(column.name) for row in rows]
            wrong |= {n for n, value in enumerate(values) if not _may_be(value, column)}
            self._register("values", {"v": [_text(value, column) for value in values]})
            found = self._db.rows(
                f'SELECT n FROM (SELECT row_number() OVER () - 1 AS n, v FROM "values") '
                f"WHERE v IS NOT NULL AND TRY_CAST(v AS {column.kind}) IS NULL"
            )
            wrong |= {n for (n,) in found}
            self._db.forget("values")
        return wrong

    def commit(
        self,
        schema: str,
        table: str,
        token: str,
        columns: Sequence[Column],
        rows: Sequence[Mapping[str, Any]],
    ) -> None:
        """Make rows visible, once per token: the same token again adds nothing.

        Raises SnowflakeError (InternalError), with the rows in the table or without.
        """
        if not self.available:
            raise SnowflakeError("InternalError")
        name = f'"{self._schema(schema)}"."{table.lower()}"'
        if (name, token) not in self._committed and rows:
            texts = {c.name: [_text(row.get(c.name), c) for row in rows] for c in columns}
            self._register("incoming rows", texts)
            names = ", ".join(f'"{column.name}"' for column in columns)
            casts = ", ".join(f'CAST("{c.name}" AS {c.kind})' for c in columns)
            self._db.rows(f'INSERT INTO {name} ({names}) SELECT {casts} FROM "incoming rows"')
            self._db.forget("incoming rows")
            self._committed.add((name, token))
        if self.lost_replies > 0:
            self.lost_replies -= 1
            raise SnowflakeError("InternalError")

    def close(self) -> None:
        """Let the memory go."""
        self._db.close()

    def _enter(self, user: str | None, role: str | None) -> None:
        if self.users is None:
            return
        if user is None or user not in self.users:
            raise SnowflakeError("Snowflake.InvalidUser")
        roles = self.users[user]
        if role is None and not roles:
            raise SnowflakeError("Snowflake.DefaultRoleMissing")
        if role is not None and role not in roles:
            raise SnowflakeError("Snowflake.InvalidRole", role)

    def _schema(self, name: str) -> str:
        return "main" if name.lower() == self.schema.lower() else name.lower()

    def _columns(self, schema: str, table: str) -> list[Column]:
        lengths = self._lengths.get(f"{schema}.{table}", {})
        found = self._db.rows(
            "SELECT column_name, data_type, is_nullable, column_default "
            "FROM information_schema.columns WHERE lower(table_schema) = ? AND "
            "lower(table_name) = ? ORDER BY ordinal_position",
            [schema, table],
        )
        return [
            Column(name, kind, nullable == "YES", default is not None, lengths.get(name))
            for name, kind, nullable, default in found
        ]

    def _register(self, name: str, texts: Mapping[str, Sequence[str | None]]) -> None:
        try:
            import pyarrow as pa
        except ImportError:
            raise MissingPackage(INSTALL) from None
        arrays = {column: pa.array(found, pa.string()) for column, found in texts.items()}
        self._db.register(name, pa.table(arrays))


def _may_be(value: Any, column: Column) -> bool:
    if isinstance(value, dict | list):
        return column.kind == "JSON"
    return not isinstance(value, str) or column.length is None or len(value) <= column.length


def _text(value: Any, column: Column) -> str | None:
    """A value of JSON as the text that its column's type is read from."""
    if value is None or (isinstance(value, str) and column.kind != "JSON"):
        return value
    return json.dumps(value)
