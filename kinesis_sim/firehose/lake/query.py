"""SQL over the objects and Glue tables of an account, as Athena would answer it.

Text is read in Athena's dialect (sqlglot) and runs in DuckDB, so functions and rounding are
DuckDB's where the two differ. Partitions need not be registered: the ``name=value`` folders under a
table's location are its partitions, which Athena sees only after ADD PARTITION, MSCK REPAIR or with
partition projection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.lake.catalog import GlueTable
from kinesis_sim.firehose.lake.database import Database, Patience, endless
from kinesis_sim.firehose.lake.objects import table, visible, within_limits
from kinesis_sim.firehose.lake.statements import name_columns, point, question, sources
from kinesis_sim.mishaps import text_of

if TYPE_CHECKING:
    import pandas as pd
    from sqlglot import exp

Objects = Callable[[str, str], Iterable[tuple[str, bytes]]]
"""Port to S3: (bucket, prefix) → (key, body) of every object under it, in the order of keys.
Raises LookupError for a bucket that does not exist."""
Tables = Callable[[str, str], Mapping[str, Any] | None]
"""Port to Glue: (database, table) → ``Table`` as GetTable answers; None when there is none."""

DIALECT = "athena"
DEFAULT_DATABASE = "default"
FUNCTIONS = frozenset({"range", "generate_series", "sequence", "generateseries"})
"""What may stand in FROM besides tables: it makes rows out of nothing."""
_CATALOGS = frozenset({"", "awsdatacatalog"})
_PLACE = re.compile(r"s3a?://([^/*?\[]+)(?:/(.*))?", re.IGNORECASE)


class Lake:
    """objects, tables: the ports.

    now: the clock (epoch ms) that ``now()`` reads in SQL. patience: how long a query may take.

    >>> Lake(objects, tables, now).query("select count(*) as n from 's3://clicks/2026/'")
    """

    def __init__(
        self,
        objects: Objects,
        tables: Tables,
        now: Callable[[], int],
        patience: Patience = endless,
    ) -> None:
        self._patience = patience
        self._objects = objects
        self._tables = tables
        self._now = now

    def query(self, sql: str) -> pd.DataFrame:
        """The rows that one SELECT, WITH, VALUES, DESCRIBE or EXPLAIN answers with.

        Reads ``'s3://bucket/prefix/'`` (Parquet, ORC, JSON lines, CSV; GZIP and Snappy too) and
        ``database.table`` of Glue. Raises UsageError, in one sentence, for SQL that is wrong,
        writes or reaches for the machine; MissingPackage without DuckDB, sqlglot or pandas.
        """
        try:
            tree, plan = question(sql, DIALECT)
        except RecursionError:
            raise UsageError("This SQL is nested too deeply to be read.") from None
        database = Database(self._now, patience=self._patience)
        try:
            for source in sources(tree, FUNCTIONS):
                self._provide(source, database)
            name_columns(tree)
            return database.frame(tree, plan)
        except (UnicodeError, RecursionError) as error:
            raise UsageError(
                "An object holds what no query can read, a text with half a character or values "
                f"nested too deep ({text_of(error)[:200]}); leave it out with a narrower place."
            ) from None
        finally:
            database.close()

    def _provide(self, source: exp.Table, database: Database) -> None:
        """Have the database know a table of the query, under the name that the query now uses."""
        place = _PLACE.fullmatch(source.name)
        if place is None and "/" not in source.name:
            known = self._glue(source, database)
        elif place is None or place[0] != source.name:
            raise UsageError(f"{source.name} is no place in S3: write 's3://bucket/prefix/'.")
        else:
            known = self._scan(place[1], place[2] or "", source.name, database)
        point(source, known)

    def _scan(self, bucket: str, path: str, name: str, database: Database) -> str:
        fixed = re.split(r"[*?\[]", path, maxsplit=1)[0]
        found = self._list(bucket, fixed)
        if fixed != path:
            found = [(key, body) for key, body in found if fnmatchcase(key, path)]
        objects = list(visible(found))
        if not objects:
            raise UsageError(f"Nothing to read under {name}: no object with rows is there (yet).")
        database.register(name, table(objects))
        return name

    def _glue(self, source: exp.Table, database: Database) -> str:
        if source.catalog.lower() not in _CATALOGS:
            raise UsageError(f"There is no catalogue {source.catalog!r}: write database.table.")
        name = f"{source.db or DEFAULT_DATABASE}.{source.name}".lower()
        found = self._tables(*name.split(".", 1))
        if found is None:
            raise UsageError(
                f"Glue has no table {name}: create it, or read the objects themselves with "
                f"FROM 's3://bucket/prefix/'."
            )
        known = GlueTable.read(name, found)
        objects = visible(self._list(known.bucket, known.prefix), known.prefix)
        rows, columns = known.rows(list(objects))
        database.register(f"{name}$objects", rows)
        database.rows(f'CREATE TEMP VIEW "{name}" AS SELECT {columns} FROM "{name}$objects"')
        return name

    def _list(self, bucket: str, prefix: str) -> list[tuple[str, bytes]]:
        try:
            return within_limits(self._objects(bucket, prefix))
        except LookupError:
            raise UsageError(f"There is no bucket {bucket!r} in this account.") from None
