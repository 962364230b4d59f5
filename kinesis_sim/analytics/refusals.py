"""What is wrong with a statement, each named, with the place in the text where it stands.

SqlError (a UsageError)
├── SqlSyntaxError      the text is no statement of the dialect: line, column, token
├── NotSupportedInSql   a statement or construct that is not compiled: its name, line and column
├── SqlValidationError  names, types or time attributes that do not fit
├── RowFault            a value of one row could not be computed (Kinesis SQL: to error_stream)
└── SqlLimitExceeded    a runaway query met a limit of rows, state or work
"""

from __future__ import annotations

from kinesis_sim.errors import UsageError

_SHOWN = 60


class SqlError(UsageError):
    """Base of all that the SQL engine raises on purpose.

    problem: the sentence without its place; line, column: where it stands, from 1; None where it is
    about no place in a text. construct: the text that it is about.
    """

    def __init__(
        self,
        problem: str,
        *,
        line: int | None = None,
        column: int | None = None,
        construct: str = "",
    ) -> None:
        place = f"Line {line}, column {column}: " if line is not None else ""
        super().__init__(place + problem)
        self.problem = problem
        self.line = line
        self.column = column
        self.construct = construct


class SqlSyntaxError(SqlError):
    """The text is no statement of the dialect."""


class NotSupportedInSql(SqlError):
    """A construct that this engine does not compile."""


class SqlValidationError(SqlError):
    """Names, types or time attributes that do not fit together."""


class RowFault(SqlError):
    """A value of one row could not be computed, such as a division by zero."""


class SqlLimitExceeded(SqlError):
    """A query met one of its limits; the text names limit, value and remedy."""


def shortened(text: str) -> str:
    """A construct as an error quotes it: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
