"""DuckDB in memory, locked: a learner's SQL sees the tables it was given and nothing else.

No file, no network, no extension, no environment variable, no setting that could open one of them
again, and no time of the machine's: ``now()`` is the simulator's clock, ``random()`` has a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.firehose.lake.statements import INSTALL, at_most, refuse_waits, stop_the_clock
from kinesis_sim.mishaps import said_by

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from sqlglot import exp

NO_MACHINE = (
    "This SQL reaches for a file, an address or an extension of the machine: here it sees only "
    "what was delivered."
)
TOO_LARGE = "This query needs more memory than a query may have here."
TOO_LONG = "This query takes longer than a query may here: read less, or count less of it."
_LOCK = (
    "threads = 1",  # the order of rows is the same in every run
    "TimeZone = 'UTC'",
    "temp_directory = ''",
    "python_enable_replacements = false",  # names in SQL are not variables of the notebook
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "enable_external_access = false",
    "lock_configuration = true",
)


MOST_ROWS = 1_000_000
"""Rows that a query may answer with (the model's choice; what it reads may be more)."""
WAITS = frozenset({"sleep_ms", "sleep", "pg_sleep"})

Patience = Callable[[Callable[[], None]], AbstractContextManager[object]]
"""A port: within it, what it is given is called when a query has had enough time."""


def endless(_: Callable[[], None]) -> AbstractContextManager[object]:
    """Patience without an end."""
    return nullcontext()


class Database:
    """now: the clock (epoch ms).

    memory: what DuckDB may use; a query that needs more is refused. patience: how long a query may
    take.

    Raises MissingPackage without DuckDB.
    """

    def __init__(
        self, now: Callable[[], int], memory: str = "1GB", patience: Patience = endless
    ) -> None:
        try:
            import duckdb
        except ImportError:
            raise MissingPackage(INSTALL) from None
        self._now = now
        self._patience = patience
        self._connection = duckdb.connect(":memory:", config={"memory_limit": memory})
        for setting in _LOCK:
            self._connection.execute(f"SET {setting}").fetchall()
        self._connection.execute("SELECT setseed(0)").fetchall()

    def register(self, name: str, rows: pa.Table) -> None:
        """Make rows readable under a name, as they are."""
        self._connection.register(name, rows)

    def forget(self, name: str) -> None:
        """Undo ``register``."""
        self._connection.unregister(name)

    def frame(self, tree: exp.Expr, plan: bool = False) -> pd.DataFrame:
        """Run a statement; its rows. plan: those of EXPLAIN instead. Raises UsageError."""
        self._set_clock()
        refuse_waits(tree, WAITS)
        sql = at_most(stop_the_clock(tree), MOST_ROWS + 1).sql("duckdb")
        with self._patience(self._connection.interrupt):
            found = self._run(f"EXPLAIN {sql}" if plan else sql)
            rows = self._frame(found)
        if len(rows) > MOST_ROWS:
            raise UsageError(f"A query may answer with {MOST_ROWS:,} rows: add a LIMIT, or count.")
        return rows

    def _frame(self, found: Any) -> pd.DataFrame:
        import duckdb

        try:
            rows: pd.DataFrame = found.df()
        except ImportError:
            raise MissingPackage('Tables need pandas: pip install "kinesis-lab[lab]"') from None
        except duckdb.InterruptException:
            raise UsageError(TOO_LONG) from None
        except (duckdb.OutOfMemoryException, MemoryError):
            raise UsageError(TOO_LARGE) from None
        return rows

    def run(self, tree: exp.Expr) -> list[tuple[Any, ...]]:
        """Run a statement; its rows as tuples. Raises UsageError."""
        return self.rows(stop_the_clock(tree).sql("duckdb"))

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run SQL of our own. values: for its question marks. Raises UsageError."""
        self._set_clock()
        found: list[tuple[Any, ...]] = self._run(sql, values).fetchall()
        return found

    def close(self) -> None:
        """Let the memory go."""
        self._connection.close()

    def _set_clock(self) -> None:
        moment = datetime.fromtimestamp(self._now() / 1000, UTC).replace(tzinfo=None)
        self._connection.execute(f"SET VARIABLE now = TIMESTAMP '{moment}'").fetchall()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        import duckdb

        try:
            return self._connection.execute(sql, values or None)
        except duckdb.PermissionException:
            raise UsageError(NO_MACHINE) from None
        except (duckdb.OutOfMemoryException, MemoryError):
            raise UsageError(TOO_LARGE) from None
        except duckdb.InterruptException:
            raise UsageError(TOO_LONG) from None
        except duckdb.Error as error:
            raise UsageError(_sentence(str(error))) from None
        except UnicodeEncodeError as error:
            raise UsageError(f"This is no text that a query can hold: {said_by(error)}.") from None


def _sentence(text: str) -> str:
    """DuckDB's message without the picture of the place in the SQL."""
    words = text.partition("\n\nLINE ")[0].partition("\nLINE ")[0]
    return " ".join(words.split())
