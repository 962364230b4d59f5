"""A learner's statement in Snowflake's dialect, made one that DuckDB runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.lake.statements import parse

if TYPE_CHECKING:
    from sqlglot import exp

DIALECT = "snowflake"
_SEMI_STRUCTURED = ("VARIANT", "OBJECT", "ARRAY")
_GEO = ("GEOGRAPHY", "GEOMETRY")


class Statement(NamedTuple):
    """tree: for DuckDB.

    table: that it creates, as ``schema.name`` in small letters; None for other statements. lengths:
    characters of its VARCHAR columns. unfit: a column that cannot be streamed into.
    """

    tree: exp.Expr
    table: str | None = None
    lengths: dict[str, int] = {}  # noqa: RUF012 (a NamedTuple's default; nobody changes it)
    unfit: str | None = None


def statements(sql: str, database: str, schema: str) -> Iterator[Statement]:
    """The statements of a text. Raises UsageError for one that cannot be read or is not run."""
    from sqlglot import exp

    for tree in parse(sql, DIALECT):
        _allow(tree)
        found = tree.transform(_text_of_variant)
        for table in found.find_all(exp.Table):
            if table.catalog and table.catalog.lower() != database.lower():
                raise UsageError(f"There is no database {table.catalog!r}: it is {database!r}.")
            table.set("catalog", None)
            if table.db.lower() == schema.lower():
                table.set("db", exp.to_identifier("main"))
        yield _created(found) if isinstance(found, exp.Create) else Statement(found)


def _allow(tree: exp.Expr) -> None:
    from sqlglot import exp

    kinds = (exp.Query, exp.Values, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Describe)
    if isinstance(tree, (*kinds, exp.TruncateTable)):
        return
    changes = isinstance(tree, exp.Create | exp.Drop | exp.Alter)
    if not changes or tree.args.get("kind") not in ("TABLE", "SCHEMA", "VIEW"):
        word = tree.sql(DIALECT).split()[0].upper()
        raise UsageError(
            f"{word} is not run by this account: it takes queries, INSERT, UPDATE, DELETE, MERGE, "
            f"TRUNCATE, and CREATE, ALTER and DROP of schemas, tables and views."
        )


def _text_of_variant(node: exp.Expr) -> exp.Expr:
    """``v:name::string`` is the text itself, not the JSON of it; semi-structured types are JSON."""
    from sqlglot import exp

    if (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.JSONExtract)
        and node.to.this.value in ("TEXT", "VARCHAR")
    ):
        return exp.JSONExtractScalar(this=node.this.this, expression=node.this.expression)
    simple = isinstance(node, exp.DataType) and not node.expressions
    if simple and node.this.value in _SEMI_STRUCTURED:
        return exp.DataType.build("json", dialect="duckdb")
    return node


def _created(tree: exp.Create) -> Statement:
    from sqlglot import exp

    schema = tree.this
    tree.set("properties", None)
    table = schema.this if isinstance(schema, exp.Schema) else schema
    name = f"{table.db or 'main'}.{table.name}".lower()
    lengths: dict[str, int] = {}
    unfit = None
    for column in tree.find_all(exp.ColumnDef):
        if _is_unfit(column):
            unfit = column.name
        kind = column.args.get("kind")
        length = kind.find(exp.DataTypeParam) if kind is not None else None
        if kind is not None and length and kind.this.value in ("VARCHAR", "TEXT", "CHAR"):
            lengths[column.name] = int(length.name)
            column.set("kind", exp.DataType.build("varchar"))
    return Statement(tree, name, lengths, unfit)


def _is_unfit(column: exp.ColumnDef) -> bool:
    """Whether Snowpipe Streaming refuses a table for this column.

    DuckDB gets it without what that is, where it has no such thing.
    """
    from sqlglot import exp

    unfit = False
    kind = column.args.get("kind")
    if kind is not None and kind.this.value in _GEO:
        column.set("kind", exp.DataType.build("varchar"))
        unfit = True
    for constraint in list(column.args.get("constraints") or ()):
        rule = constraint.kind
        if isinstance(rule, exp.DefaultColumnConstraint):
            unfit = True
        generated = (exp.AutoIncrementColumnConstraint, exp.GeneratedAsIdentityColumnConstraint)
        if isinstance(rule, (*generated, exp.CollateColumnConstraint)):
            constraint.pop()
            unfit = True
    return unfit
