"""What real endpoints answered while somebody asked them, as plain rows: taken down, or read back.

An errand's questions go to the world outside, which answers once. What it answered is kept, so that
the errand can be done again without asking anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.transport import HttpAnswer, Unreachable

Row = list[Any]
_current: ContextVar[Tape | None] = ContextVar("kinesis_sim_tape", default=None)


class Tape:
    """Rows of answers. given: those to read back; None takes down."""

    def __init__(self, given: list[Row] | None = None) -> None:
        self._given = None if given is None else iter(given)
        self.rows: list[Row] = []

    def through(self, ask: Callable[[], HttpAnswer | Unreachable]) -> HttpAnswer | Unreachable:
        """The answer, asked for or read. Raises LookupError or ValueError when none was kept."""
        if self._given is not None:
            return _answer(next(self._given, []))
        answer = ask()
        self.rows.append(_row(answer))
        return answer


@contextmanager
def running(tape: Tape) -> Iterator[None]:
    """Have all that is asked within go through a tape."""
    token = _current.set(tape)
    try:
        yield
    finally:
        _current.reset(token)


def asked(ask: Callable[[], HttpAnswer | Unreachable]) -> HttpAnswer | Unreachable:
    """The answer of a real endpoint, through the tape that is running, if one is."""
    tape = _current.get()
    return ask() if tape is None else tape.through(ask)


def _row(answer: HttpAnswer | Unreachable) -> Row:
    from kinesis_sim.firehose.destinations.transport import HttpAnswer

    if isinstance(answer, HttpAnswer):
        return [answer.status, dict(answer.headers), answer.body, answer.took_ms]
    return [answer.reason, answer.message, answer.took_ms]


def _answer(row: Row) -> HttpAnswer | Unreachable:
    from kinesis_sim.firehose.destinations.transport import HttpAnswer, Reason, Unreachable

    if len(row) == 4:
        status, headers, body, took_ms = row
        if isinstance(headers, dict) and isinstance(body, bytes):
            return HttpAnswer(int(status), headers, body, int(took_ms))
    elif len(row) == 3 and row[0] in get_args(Reason):
        return Unreachable(row[0], str(row[1]), int(row[2]))
    raise ValueError("That is no answer.")
