"""SQL text as trees (sqlglot): what may run, where it reads, and what time it is in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from kinesis_sim.errors import MissingPackage, UsageError

if TYPE_CHECKING:
    from sqlglot import exp

# What is wrong with a text is told in its refusal; sqlglot's remarks would fill a server's log.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())
INSTALL = 'SQL over delivered data needs DuckDB and sqlglot: pip install "kinesis-lab[firehose]"'
_NOW = frozenset(
    {"now", "getdate", "get_current_timestamp", "transaction_timestamp", "current_localtimestamp"}
)
_READING = ("SELECT", "WITH", "VALUES", "DESCRIBE")
_WORD = re.compile(r"[\s(]*(\w+)")
_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(?=\w)", re.IGNORECASE)


def parse(sql: str, dialect: str) -> list[exp.Expr]:
    """The statements of a text in a dialect of sqlglot's.

    Raises UsageError when the text cannot be read, MissingPackage without sqlglot.
    """
    try:
        from sqlglot import errors, parse
    except ImportError:
        raise MissingPackage(INSTALL) from None
    try:
        return [tree for tree in parse(sql, read=dialect) if tree is not None]
    except errors.ParseError as error:
        first = error.errors[0] if error.errors else {}
        place = f"line {first.get('line')}, column {first.get('col')}: " if first else ""
        raise UsageError(
            f"This SQL cannot be read at {place}{first.get('description', error)}."
        ) from None
    except errors.TokenError as error:
        raise UsageError(f"This SQL cannot be read: {error}.") from None
    except RecursionError:
        raise UsageError("This SQL nests too deeply to be read here.") from None
    except (ValueError, TypeError, AttributeError, LookupError):
        # sqlglot trips, now and then, over what nobody writes: {:1} is a member without a name
        raise UsageError("This SQL cannot be read: it is no statement of any kind.") from None


def question(sql: str, dialect: str) -> tuple[exp.Expr, bool]:
    """The one query in a text, and whether only its plan is asked for (EXPLAIN).

    Raises UsageError unless it is one SELECT, WITH, VALUES, DESCRIBE or an EXPLAIN of one.
    """
    explain = _EXPLAIN.match(sql)
    text = sql[explain.end() :] if explain else sql
    word = _WORD.match(text)
    if word is None or word[1].upper() not in _READING:
        raise UsageError(_only_reads(word[1].upper() if word else "This text"))
    trees = parse(text, dialect)
    if len(trees) != 1:
        raise UsageError(f"One query at a time: this text has {len(trees)} statements.")
    if _changes(trees[0]):
        raise UsageError(_only_reads(word[1].upper()))
    return trees[0], explain is not None


def _only_reads(word: str) -> str:
    return f"{word} is not answered here: a query only reads ({', '.join(_READING)} or EXPLAIN)."


def _changes(tree: exp.Expr) -> bool:
    """Whether something in a query would write (``WITH x AS (DELETE …)``, SELECT … INTO)."""
    from sqlglot import exp

    writing = tree.find_all(exp.DML, exp.DDL, exp.Into, exp.Command)
    return not all(isinstance(found, exp.Query) for found in writing)


def stop_the_clock(tree: exp.Expr) -> exp.Expr:
    """The same statement with ``now()`` and its kin reading the variable ``now`` of the database.

    A variable, not the time itself: DEFAULT GETDATE() of a table is asked at every row.
    """
    from sqlglot import exp

    def read(kind: str) -> exp.Expr:
        now = exp.Anonymous(this="getvariable", expressions=[exp.Literal.string("now")])
        return exp.cast(now, kind)

    def replace(node: exp.Expr) -> exp.Expr:
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, exp.CurrentTimestamp | exp.CurrentDatetime) or name in _NOW:
            return read("timestamp")
        if isinstance(node, exp.CurrentDate) or name == "today":
            return read("date")
        if isinstance(node, exp.CurrentTime):
            return read("time")
        return node

    return tree.transform(replace)


def sources(tree: exp.Expr, functions: Collection[str]) -> list[exp.Table]:
    """The tables that a query reads, without those that it names itself in a WITH.

    Raises UsageError for a function in FROM that is not in ``functions``.
    """
    from sqlglot import exp

    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    found = []
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            _known(table.this, functions)
        elif table.db or table.name.lower() not in own:
            found.append(table)
    return found


def _known(function: exp.Expr, allowed: Collection[str]) -> None:
    from sqlglot import exp

    named = function.name
    if isinstance(function, exp.Func) and not isinstance(function, exp.Anonymous):
        named = function.sql_name()
    if named.lower() not in allowed:
        raise UsageError(
            f"{named.lower()}(…) reads from nowhere here: write FROM 's3://bucket/prefix/' or a "
            f"table of the Glue catalogue."
        )


def point(source: exp.Table, name: str) -> None:
    """Have a query read another table where it says ``source``, which it may still call it."""
    from sqlglot import exp

    if not source.alias and source.find_ancestor(exp.Select):
        source.set("alias", exp.TableAlias(this=exp.to_identifier(source.name, quoted=True)))
    source.set("catalog", None)
    source.set("db", None)
    source.set("this", exp.to_identifier(name, quoted=True))


def name_columns(tree: exp.Expr) -> None:
    """What has no name of its own is called ``_col0``, ``_col1`` … by its place, as in Athena."""
    from sqlglot import exp

    if isinstance(tree, exp.Select):  # all at once: to replace one is to tell all their place
        tree.set("expressions", [_named(found, at) for at, found in enumerate(tree.expressions)])


def _named(found: exp.Expr, at: int) -> exp.Expr:
    from sqlglot import exp

    nameless = exp.Func | exp.Binary | exp.Cast | exp.Literal | exp.Neg
    return exp.alias_(found, f"_col{at}", copy=False) if isinstance(found, nameless) else found


def at_most(tree: exp.Expr, rows: int) -> exp.Expr:
    """The same query, giving up after so many rows; its own LIMIT holds where it is smaller."""
    from sqlglot import exp

    if not isinstance(tree, exp.Query):
        return tree
    limit = tree.args.get("limit")
    if limit is None:
        return tree.limit(rows)
    given = limit.args.get("expression")
    if isinstance(given, exp.Literal) and given.is_int and int(given.name) <= rows:
        return tree
    return exp.select("*").from_(tree.subquery("answer")).limit(rows)


def refuse_waits(tree: exp.Expr, names: Collection[str]) -> None:
    """Raise UsageError for a query that calls one of these functions, which only wait."""
    from sqlglot import exp

    for call in tree.find_all(exp.Func):
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        if name.lower() in names:
            raise UsageError(f"{name.lower()}(…) only waits, and a query waits for nothing here.")
