"""A learner's statement in Redshift's dialect, made one that DuckDB runs.

Distribution, sort keys and encodings have no counterpart and are left out. PRIMARY KEY, UNIQUE and
FOREIGN KEY are too, because Redshift declares them without enforcing them: what Firehose delivers
twice is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.lake.statements import parse

if TYPE_CHECKING:
    from sqlglot import exp

DIALECT = "redshift"
HOME = "main"
"""DuckDB's name of the schema ``public``, where tables without a schema are."""
_VARCHAR = 256
"""Bytes of VARCHAR without a length; CHAR has 1 (Redshift guide, r_Character_types)."""
_REFUSED = (
    "{word} is not run by this warehouse: it takes queries, INSERT, UPDATE, DELETE, MERGE, "
    "TRUNCATE, COPY, and CREATE, ALTER and DROP of schemas, tables and views."
)


class Statement(NamedTuple):
    """tree: for DuckDB.

    before: statements of ours that come first. lengths: bytes of the CHAR and VARCHAR columns of
    the table that it creates.
    """

    tree: exp.Expr
    before: list[str]
    table: str | None
    lengths: dict[str, int]


def statements(sql: str) -> Iterator[Statement]:
    """The statements of a text. Raises UsageError for one that cannot be read or is not run."""
    from sqlglot import exp

    for tree in parse(_without_attributes(sql), DIALECT):
        _allow(tree)
        for name in tree.find_all(exp.Identifier):
            name.set("this", name.this.lower())  # Redshift folds names, quoted ones too
        for table in tree.find_all(exp.Table):
            if table.db == "public":
                table.set("db", exp.to_identifier(HOME))
        _name_columns(tree)
        if isinstance(tree, exp.Create):
            yield _created(tree)
        else:
            lengths = _lengths(tree) if isinstance(tree, exp.Alter) else {}
            yield Statement(tree, [], table_name(tree.this) if lengths else None, lengths)


def _without_attributes(sql: str) -> str:
    """The text without ENCODE x, DISTKEY and SORTKEY of columns and DISTSTYLE x of tables."""
    from sqlglot import errors
    from sqlglot.dialects import Redshift

    try:
        tokens = Redshift().tokenize(sql)
    except errors.TokenError as error:
        raise UsageError(f"This SQL cannot be read: {error}.") from None
    if not tokens or tokens[0].text.upper() != "CREATE":
        return sql
    kept = list(sql)
    for start, end in _attributes(tokens):
        kept[start : end + 1] = " " * (end + 1 - start)
    return "".join(kept)


def _attributes(tokens: Sequence[Any]) -> Iterator[tuple[int, int]]:
    for at, token in enumerate(tokens):
        word = token.text.upper()
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if word in ("ENCODE", "DISTSTYLE") and after is not None:
            yield token.start, after.end
        elif word in ("DISTKEY", "SORTKEY") and (after is None or after.text != "("):
            yield token.start, token.end


def _allow(tree: exp.Expr) -> None:
    from sqlglot import exp

    kinds = (exp.Query, exp.Values, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Describe)
    if isinstance(tree, (*kinds, exp.TruncateTable, exp.Transaction, exp.Commit, exp.Rollback)):
        return
    changes = isinstance(tree, exp.Create | exp.Drop | exp.Alter)
    if not changes or tree.args.get("kind") not in ("TABLE", "SCHEMA", "VIEW"):
        raise UsageError(_REFUSED.format(word=tree.sql(DIALECT).split()[0].upper()))


def _created(tree: exp.Create) -> Statement:
    from sqlglot import exp

    before: list[str] = []
    schema = tree.this
    tree.set("properties", None)
    if not isinstance(schema, exp.Schema):
        return Statement(tree, [], table_name(schema), {})
    lengths = _lengths(tree)
    for found in list(schema.expressions):
        if isinstance(found, exp.ColumnDef):
            before += _column(found, table_name(schema.this))
        elif isinstance(found, _keys()):
            found.pop()
    return Statement(tree, before, table_name(schema.this), lengths)


def table_name(table: exp.Expr) -> str:
    """``schema.name`` of a table."""
    return f"{getattr(table, 'db', '') or HOME}.{table.name}"


def _keys() -> tuple[type[exp.Expr], ...]:
    from sqlglot import exp

    return exp.PrimaryKey, exp.UniqueColumnConstraint, exp.ForeignKey, exp.Constraint


def _lengths(tree: exp.Expr) -> dict[str, int]:
    """Column → bytes, of every CHAR and VARCHAR that is defined; DuckDB itself keeps no length."""
    from sqlglot import exp

    lengths = {}
    for column in tree.find_all(exp.ColumnDef):
        length = _length(column)
        if length is not None:
            lengths[column.name] = length
            column.set("kind", exp.DataType.build("varchar"))
    return lengths


def _name_columns(tree: exp.Expr) -> None:
    """A column without a name is called as its function, or ``?column?``, as in Redshift."""
    from sqlglot import exp

    if isinstance(tree, exp.Select):
        for found in tree.expressions:
            if isinstance(found, exp.Func):
                found.replace(exp.alias_(found.copy(), found.sql_name().lower()))
            elif isinstance(found, exp.Binary | exp.Literal | exp.Neg):
                found.replace(exp.alias_(found.copy(), "?column?", quoted=True))


def _length(column: exp.ColumnDef) -> int | None:
    from sqlglot import exp

    kind = column.args.get("kind")
    if kind is None or kind.this.value not in ("VARCHAR", "CHAR", "NVARCHAR", "NCHAR", "BPCHAR"):
        return 65_535 if kind is not None and kind.this.value == "TEXT" else None
    given = kind.find(exp.DataTypeParam)
    if given is None:
        return _VARCHAR if "VAR" in kind.this.value else 1
    return 65_535 if given.name.lower() == "max" else int(given.name)


def _column(column: exp.ColumnDef, table: str) -> list[str]:
    """Turn what only Redshift has into what DuckDB has; what must be created before."""
    from sqlglot import exp

    kind = column.args.get("kind")
    if kind is not None and kind.this.value == "SUPER":
        column.set("kind", exp.DataType.build("json", dialect="duckdb"))
    before: list[str] = []
    for constraint in list(column.args.get("constraints") or ()):
        rule = constraint.kind
        if isinstance(rule, exp.PrimaryKeyColumnConstraint):
            constraint.set("kind", exp.NotNullColumnConstraint())
        elif isinstance(rule, exp.UniqueColumnConstraint | exp.Reference):
            constraint.pop()
        elif isinstance(rule, exp.GeneratedAsIdentityColumnConstraint):
            start, step = (rule.args.get(name) for name in ("start", "increment"))
            name = f"{table}.{column.name}"
            before.append(
                f'CREATE SEQUENCE "{name}" MINVALUE {start} START {start} INCREMENT {step}'
            )
            value = exp.Anonymous(this="nextval", expressions=[exp.Literal.string(f'"{name}"')])
            constraint.set("kind", exp.DefaultColumnConstraint(this=value))
    return before
