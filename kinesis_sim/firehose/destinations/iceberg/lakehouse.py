"""Iceberg tables for lessons: pyiceberg with a catalogue in memory, files where the caller says.

The catalogue is SQLite in memory in place of Glue's. Nothing is left behind on the disk. Updates
and deletes rewrite data files (copy on write), where Firehose adds delete files. Table and snapshot
ids and the names of files are pyiceberg's: they differ from run to run, the rows do not.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError, TableAlreadyExistsError
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.firehose.destinations.iceberg.files import FILES, IMPLEMENTATION, Files
from kinesis_sim.firehose.destinations.iceberg.schema import partition, schema
from kinesis_sim.firehose.lake.database import Database
from kinesis_sim.firehose.lake.statements import name_columns, parse, point, question, sources

if TYPE_CHECKING:
    import pandas as pd
    from pyiceberg.table import Table
    from sqlglot import exp

DIALECT = "athena"
WAREHOUSE = "s3://iceberg-warehouse"


class Commit(NamedTuple):
    """One snapshot of a table. at: epoch ms, of the simulator's clock."""

    table: str
    at: int
    added: int
    deleted: int


class _Catalog(SqlCatalog):
    """One connection for all threads, closed with the catalogue; files in a mapping."""

    def __init__(self, files: Files, warehouse: str) -> None:
        place: dict[str, Any] = {FILES: files, "py-io-impl": IMPLEMENTATION}
        super().__init__("lake", uri="sqlite:///:memory:", warehouse=warehouse, **place)
        self.engine.dispose()
        self.engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        self.create_tables()


class Lakehouse:
    """now: the clock (epoch ms).

    files: ``s3://bucket/key`` → bytes; a dictionary of its own if not given. warehouse: where
    tables lie in it.

    Play faults by setting them: ``conflicts`` (so many next commits meet another writer's),
    ``denied`` ("S3" or "Glue"), ``took_ms`` (how long a commit takes).

    >>> lakehouse.sql("create table web.clicks (id bigint, who string)")
    >>> lakehouse.sql("select * from web.clicks")
    """

    def __init__(
        self,
        now: Callable[[], int],
        files: Files | None = None,
        *,
        warehouse: str = WAREHOUSE,
        took_ms: int = 0,
    ) -> None:
        self.files: Files = {} if files is None else files
        self.conflicts = 0
        self.denied: str | None = None
        self.took_ms = took_ms
        self.catalog = _Catalog(self.files, warehouse.rstrip("/"))
        self.now = now
        self._commits: list[Commit] = []

    @property
    def tables(self) -> list[str]:
        """``database.table`` of every table, sorted."""
        spaces = self.catalog.list_namespaces()
        names = (name for space in spaces for name in self.catalog.list_tables(space))
        return sorted(".".join(name) for name in names)

    def table(self, name: str) -> Table:
        """A table as pyiceberg has it. Raises LookupError."""
        try:
            return self.catalog.load_table(name)
        except (NoSuchTableError, NoSuchNamespaceError, ValueError):
            raise LookupError(f"There is no Iceberg table {name}.") from None

    def sql(self, text: str, keys: Sequence[str] = ()) -> pd.DataFrame | None:
        """A query over the tables, or CREATE TABLE or DROP TABLE, in Athena's dialect.

        keys: of a table that is created, its identifier fields (columns that are NOT NULL).
        Raises UsageError for SQL that is wrong or is not run here.
        """
        word = text.split(maxsplit=1)[0].upper() if text.strip() else ""
        if word in ("CREATE", "DROP"):
            self._define(text, tuple(keys))
            return None
        tree, plan = question(text, DIALECT)
        database = Database(self.now)
        try:
            for source in sources(tree, frozenset()):
                name = f"{source.db or 'default'}.{source.name}"
                database.register(name, self._scan(name))
                point(source, name)
            name_columns(tree)
            return database.frame(tree, plan)
        finally:
            database.close()

    def commits(self, table: str | None = None) -> pd.DataFrame:
        """What was committed, in order: Table, At (UTC), Added and Deleted rows."""
        try:
            import pandas as pd
        except ImportError:
            raise MissingPackage('Tables need pandas: pip install "kinesis-lab[lab]"') from None
        rows = [commit for commit in self._commits if table in (None, commit.table)]
        return pd.DataFrame(
            {
                "Table": [row.table for row in rows],
                "At": pd.to_datetime([row.at for row in rows], unit="ms", utc=True),
                "Added": [row.added for row in rows],
                "Deleted": [row.deleted for row in rows],
            }
        )

    def commit(self, table: Table, delete: Any, rows: Any) -> Commit:
        """One snapshot: delete what an expression finds (or None), add rows (an arrow table).

        Raises pyiceberg's CommitFailedException when another writer was faster.
        """
        before = _count(table)
        with warnings.catch_warnings(), table.transaction() as change:
            warnings.filterwarnings("ignore", "Delete operation did not match any records")
            if delete is not None:
                change.delete(delete)
            if len(rows):
                change.append(rows)
        deleted = before + len(rows) - _count(table)
        found = Commit(".".join(table.name()), self.now(), len(rows), deleted)
        self._commits.append(found)
        return found

    def close(self) -> None:
        """Let the catalogue go; the files stay where they are."""
        self.catalog.close()

    def _scan(self, name: str) -> Any:
        try:
            return self.table(name).scan().to_arrow()
        except LookupError as error:
            raise UsageError(
                f"{error} Those that there are: {', '.join(self.tables) or 'none'}."
            ) from None

    def _define(self, text: str, keys: tuple[str, ...]) -> None:
        from sqlglot import exp

        for tree in parse(text, DIALECT):
            if tree.args.get("kind") not in ("TABLE", "SCHEMA", "DATABASE"):
                raise UsageError("Only tables and databases are created and dropped here.")
            if isinstance(tree, exp.Create):
                self._create(tree, keys)
            else:
                self._drop(tree)

    def _create(self, tree: exp.Create, keys: tuple[str, ...]) -> None:
        from sqlglot import exp

        name = _name(tree)
        if tree.args.get("kind") != "TABLE":
            self.catalog.create_namespace_if_not_exists(name.rpartition(".")[2])
            return
        columns = list(tree.this.find_all(exp.ColumnDef))
        if not isinstance(tree.this, exp.Schema) or not columns:
            raise UsageError("CREATE TABLE needs columns: create table web.clicks (id bigint).")
        found = schema([c for c in columns if c.parent is tree.this], keys)
        self.catalog.create_namespace_if_not_exists(name.partition(".")[0])
        options = {"format-version": _property(tree, "format-version", "2")}
        spec = partition(found, _partitioned(tree))
        try:
            self.catalog.create_table(name, found, partition_spec=spec, properties=options)
        except TableAlreadyExistsError:
            if not tree.args.get("exists"):
                raise UsageError(f"There is a table {name} already.") from None

    def _drop(self, tree: exp.Expr) -> None:
        try:
            self.catalog.drop_table(_name(tree))
        except (NoSuchTableError, NoSuchNamespaceError):
            if not tree.args.get("exists"):
                raise UsageError(f"There is no table {_name(tree)} to drop.") from None


def _count(table: Table) -> int:
    snapshot = table.current_snapshot()
    summary = snapshot.summary if snapshot else None
    return int(summary["total-records"] or 0) if summary else 0


def _name(tree: exp.Expr) -> str:
    from sqlglot import exp

    found = tree.find(exp.Table)
    assert found is not None
    return f"{found.db or 'default'}.{found.name}"


def _property(tree: exp.Create, name: str, default: str) -> str:
    from sqlglot import exp

    for found in tree.find_all(exp.Property):
        if found.name == name:
            return str(found.args["value"].name)
    return default


def _partitioned(tree: exp.Create) -> tuple[str, ...]:
    from sqlglot import exp

    found = tree.find(exp.PartitionedByProperty)
    return tuple(part.name or part.sql(DIALECT) for part in found.this.expressions) if found else ()
