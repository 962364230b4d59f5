"""From a text to statements: the one way in, with limits on length and depth."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from kinesis_sim.analytics.refusals import (
    NotSupportedInSql,
    SqlError,
    SqlLimitExceeded,
    SqlSyntaxError,
    shortened,
)
from kinesis_sim.analytics.sql.statements import InsertStatement, SqlStatement, StatementSet
from kinesis_sim.errors import MissingPackage, UsageError

# What is wrong with a text is told in its refusal; sqlglot's remarks would fill a server's log.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())
INSTALL = 'Streaming SQL needs sqlglot: pip install "kinesis-lab[analytics]"'
LONGEST_TEXT = 102_400
"""Characters of an application's code (facts/analytics §8)."""
DEEPEST = 60
"""Brackets within brackets (the model's choice: far beyond what anybody reads)."""
DIALECTS = ("flink", "kinesis")


def read(text: str, dialect: str) -> list[SqlStatement]:
    """The statements of a text, separated by semicolons.

    dialect: "flink" or "kinesis". Raises SqlSyntaxError with line, column and token,
    SqlLimitExceeded for a text too long or too deep, UsageError for an unknown dialect,
    MissingPackage without sqlglot.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"{dialect!r} is no dialect; give one of {', '.join(DIALECTS)}.")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise SqlLimitExceeded(
            f"SQL is text of at most {LONGEST_TEXT:,} characters; this has "
            f"{len(text) if isinstance(text, str) else 'another type'}."
        )
    try:
        found = _parsed(text, dialect)
    except RecursionError:
        raise SqlLimitExceeded("The SQL nests too deeply; write it in several steps.") from None
    return _statements(found, text)


def _parsed(text: str, dialect: str) -> list[Any]:
    try:
        from sqlglot.errors import ParseError, TokenError
    except ImportError:
        raise MissingPackage(INSTALL) from None
    from kinesis_sim.analytics.sql.grammar import tokens_before

    made = _dialect(dialect)
    try:
        tokens = made.tokenize(text)
        if tokens_before(tokens, DEEPEST) > DEEPEST:
            raise SqlLimitExceeded(f"Brackets nest deeper than {DEEPEST}; write it in steps.")
        _refuse_hints(tokens, text)
        return _trees(made.parser(), tokens, text)
    except ParseError as error:
        raise _syntax_error(error) from None
    except TokenError as error:
        raise SqlSyntaxError(_first_line(error)) from None


def _trees(parser: Any, tokens: list[Any], text: str) -> list[Any]:
    """What a parser makes of tokens.

    Over a text that nobody writes sqlglot trips, now and then, instead of refusing: VARCHAR("") is
    a name without a letter to it.
    """
    try:
        return list(parser.parse(tokens, text))
    except SqlError:
        raise
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        at = parser._prev or tokens[0]
        raise SqlSyntaxError(
            f"The SQL cannot be read on from here: {_first_line(error)}",
            line=at.line,
            column=at.col,
            construct=shortened(at.text),
        ) from None


def _refuse_hints(tokens: list[Any], text: str) -> None:
    """A hint changes what a query gives, so it is no comment. Raises NotSupportedInSql."""
    from kinesis_sim.analytics.sql.nodes import located

    for token in tokens:
        for comment in token.comments:
            at = text.find(f"/*{comment}") if comment.startswith("+") else -1
            if at >= 0:
                line, column = located(text, at)
                said = shortened(f"/*{comment}*/")
                raise NotSupportedInSql(
                    f"The hint {said} is not supported by this engine.",
                    line=line,
                    column=column,
                    construct=said,
                )


def _dialect(name: str) -> Any:
    if name == "flink":
        from kinesis_sim.analytics.flink_sql.grammar import FlinkDialect

        return FlinkDialect()
    from kinesis_sim.analytics.kinesis_sql.grammar import KinesisDialect

    return KinesisDialect()


def _syntax_error(error: Any) -> SqlSyntaxError:
    first = error.errors[0] if error.errors else {}
    token = shortened(str(first.get("highlight") or ""))
    problem = str(first.get("description") or _first_line(error)).rstrip(".")
    at = f", at {token!r}" if token else ", at the end of the text"
    column = first.get("col")
    # sqlglot counts columns to a token's end
    start = max(1, column - len(token) + 1) if column else None
    return SqlSyntaxError(f"{problem}{at}.", line=first.get("line"), column=start, construct=token)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _statements(found: list[Any], text: str) -> list[SqlStatement]:
    """Statements, with the inserts of a statement set gathered."""
    made: list[SqlStatement] = []
    gathered: list[InsertStatement] | None = None
    for one in found:
        if one is None:
            continue
        # sqlglot itself makes a node of a lone END
        what, start, end = one if isinstance(one, tuple) else (("END",), None, None)
        if isinstance(what, tuple):
            gathered, what = _gathering(made, gathered, what)
        if what is None:
            continue
        placed = replace(what, text=text[start.start : end.end + 1], line=start.line)
        if gathered is None:
            made.append(placed)
        elif isinstance(placed, InsertStatement):
            gathered.append(placed)
        else:
            raise SqlSyntaxError(
                "A statement set holds INSERT INTO only.", line=start.line, column=1
            )
    if gathered is not None:
        raise SqlSyntaxError("A statement set has no END.")
    return made


def _gathering(
    made: list[SqlStatement], gathered: list[InsertStatement] | None, what: tuple[Any, ...]
) -> tuple[list[InsertStatement] | None, SqlStatement | None]:
    """BEGIN opens a set, END puts it among the statements."""
    if what[0] == "BEGIN":
        return [], what[1] if len(what) > 1 else None
    if gathered is None:
        raise SqlSyntaxError("END without a statement set.")
    made.append(StatementSet(inserts=tuple(gathered), text="STATEMENT SET", line=gathered[0].line))
    return None, None
