"""Statements of both languages, read: what the text says, before any name in it is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kinesis_sim.analytics.refusals import NotSupportedInSql, SqlValidationError, shortened

if TYPE_CHECKING:
    from sqlglot import exp

    from kinesis_sim.analytics.types.sqltype import SqlType


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlStatement:
    """text: as written; line: where it begins, from 1."""

    text: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDefinition:
    """A column of a CREATE TABLE or CREATE STREAM.

    kind: None for a computed column. metadata: the connector's key; virtual: it is never written.
    """

    name: str
    kind: SqlType | None
    not_null: bool = False
    computed: exp.Expr | None = None
    metadata: str | None = None
    virtual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStatement(SqlStatement):
    """A SELECT whose rows somebody looks at."""

    query: exp.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertStatement(SqlStatement):
    """INSERT INTO target [(columns)] query."""

    target: str
    columns: tuple[str, ...]
    query: exp.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(SqlStatement):
    """CREATE [TEMPORARY] TABLE; watermark: the column and the expression of its watermark."""

    name: str
    columns: tuple[ColumnDefinition, ...]
    watermark: tuple[str, exp.Expr] | None = None
    primary_key: tuple[str, ...] = ()
    partitioned_by: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateView(SqlStatement):
    """CREATE [TEMPORARY] VIEW name [(columns)] AS query."""

    name: str
    columns: tuple[str, ...]
    query: exp.Expr
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOption(SqlStatement):
    """SET 'key' = 'value'; key None for a bare SET."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSet(SqlStatement):
    """EXECUTE STATEMENT SET BEGIN … END: several inserts as one job."""

    inserts: tuple[InsertStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStream(SqlStatement):
    """CREATE [OR REPLACE] STREAM of Kinesis SQL: an in-application stream."""

    name: str
    columns: tuple[ColumnDefinition, ...]
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePump(SqlStatement):
    """CREATE [OR REPLACE] PUMP name [STOPPED] AS INSERT INTO …"""

    name: str
    insert: InsertStatement
    stopped: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterPump(SqlStatement):
    """ALTER PUMP names START or STOP."""

    names: tuple[str, ...]
    started: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DropObject(SqlStatement):
    """DROP STREAM, PUMP, TABLE or VIEW."""

    kind: str
    name: str
    if_exists: bool = False


@contextmanager
def placed(statement: SqlStatement) -> Iterator[None]:
    """Have what is said of a whole statement say where that stands, and how it begins."""
    try:
        yield
    except (SqlValidationError, NotSupportedInSql) as error:
        if error.line is not None:
            raise
        said = error.construct or shortened(statement.text)
        raise type(error)(error.problem, line=statement.line, column=1, construct=said) from None
