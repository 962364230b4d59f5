"""Errors that nobody expected, met on behalf of records: the clock goes on, the developer is told.

Whatever works for records from the clock (a buffer's batch, a shard's reader, a mapping's lane) has
a guard: an error that it does not know fails the records concerned, as their service fails records,
and is noted here. So is what moto, an errand or a request to the server fails at. Each cause, an
error's class at a line of code, is told once, with its traceback, to the logger ``kinesis_sim``;
unless logging is configured otherwise, that is standard error.
``sim.clock.mishaps.seen`` lists all of them with how often they came.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

_LOG = logging.getLogger("kinesis_sim")
MOST_CAUSES = 1_000
"""Causes that are kept; lines of code are few, so this bounds a learner's generated code only."""


@dataclass(slots=True)
class Mishap:
    """A cause. where: who met it first; error: as it was then; count: times so far."""

    where: str
    error: str
    count: int = 0


class Mishaps:
    """The unexpected errors of one clock's actions, each cause once."""

    def __init__(self) -> None:
        self._causes: dict[tuple[type[BaseException], str, int], Mishap] = {}
        self._one_at_a_time = threading.Lock()  # errands and requests run in threads

    @property
    def seen(self) -> tuple[Mishap, ...]:
        """Every cause, in the order in which they came."""
        return tuple(self._causes.values())

    def note(self, error: BaseException, where: str) -> str:
        """Take an error down; its text, as error rows and logs may hold it."""
        text = text_of(error)
        cause = _cause(error)
        with self._one_at_a_time:
            known = self._causes.get(cause)
            is_new = known is None and len(self._causes) < MOST_CAUSES
            if is_new:
                known = self._causes[cause] = Mishap(where, text)
            if known is not None:
                known.count += 1
        if is_new:
            _LOG.error("%s met an error that nobody expected.", where, exc_info=error)
        return text


def text_of(error: BaseException) -> str:
    """``Class: what it says`` as text that can be written anywhere.

    A learner's error may say nothing, or hold half a character (a lone surrogate).
    """
    return f"{type(error).__name__}: {said_by(error)}"


def said_by(error: BaseException) -> str:
    """What an error says; see ``text_of``."""
    try:
        text = str(error)
    except Exception:
        text = "(it cannot be written as text)"
    return writable(text)


def writable(text: str) -> str:
    """A text without half characters: each is written as its escape, ``\\ud800``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text


def _cause(error: BaseException) -> tuple[type[BaseException], str, int]:
    """An error's class, and the line that raised it."""
    trace, place = error.__traceback__, ("", 0)
    while trace is not None:
        place = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return type(error), *place
