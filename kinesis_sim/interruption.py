"""Interruptions that wait for a good moment: Ctrl+C, and the stop button of a notebook.

A SIGINT may come between any two bytecodes. Within ``Held()`` it is noted and raised at the end,
so what runs there is done wholly or not at all; a second one comes through at once, for whatever
never ends. ``interruptible()`` calls somebody else's code, a learner's function or a caller's hook,
from within: there the first one is raised, and noted all the same.

``wholly()`` is the same for a single call, for what is called often: it holds at less cost, and
does nothing where somebody holds already.

Signals come to the main thread alone, so elsewhere all three do nothing. What was installed for
SIGINT before is called when the moment has come, and is in place again afterwards; where that is no
Python function (ignored, or left to the system), nothing is held.

The functions are those of CPython's own ``_signal``: the ``signal`` module around them turns every
handler into a member of an enumeration by raising an error, 30 µs each time under Python 3.11.
"""

from __future__ import annotations

from _signal import SIGINT, getsignal, signal  # type: ignore[import-not-found]
from collections.abc import Callable
from threading import get_ident, main_thread
from types import FrameType, TracebackType
from typing import Any, Final, TypeVar

from kinesis_sim.errors import Interrupted

Handler = Callable[[int, FrameType | None], Any]
T = TypeVar("T")


class Hold:
    """What is held. asked: signals that came; passing: whether the next goes through at once."""

    __slots__ = ("asked", "passing", "previous")

    def __init__(self, previous: Handler) -> None:
        self.previous: Final = previous
        self.asked = 0
        self.passing = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """The handler for SIGINT while this holds."""
        self.asked += 1
        if self.passing or self.asked > 1:
            self.passing = False  # before it raises: whoever set it may not get to take it back
            self.previous(number, frame)


def _nobody(number: int, frame: FrameType | None) -> None:
    """For threads that no signal comes to."""


_IDLE = Hold(_nobody)
_hold: Hold | None = None


def _in_main() -> bool:
    return get_ident() == main_thread().ident


class Held:
    """``with Held() as hold:`` a stretch that no interruption cuts; ``hold.asked`` tells of one."""

    __slots__ = ("_asked", "_hold", "_outermost", "_passing")

    def __enter__(self) -> Hold:
        global _hold
        self._hold: Hold | None = None
        self._outermost = False
        if not _in_main():
            return _IDLE
        if _hold is not None:
            hold = self._hold = _hold
            self._asked, self._passing = hold.asked, hold.passing
            hold.passing = False
            return hold
        previous = getsignal(SIGINT)
        if not callable(previous):
            return _IDLE
        self._asked, self._passing = 0, False
        self._outermost = True
        try:
            hold = _hold = self._hold = Hold(previous)
            signal(SIGINT, hold.note)
        except BaseException:
            _hold = None
            raise
        return hold

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _hold
        hold = self._hold
        if hold is None:
            return
        if self._outermost:
            _hold = None
            signal(SIGINT, hold.previous)
        else:
            hold.passing = self._passing
        due = hold.asked > self._asked and (self._outermost or self._passing)
        if due and not isinstance(error, KeyboardInterrupt):
            hold.previous(SIGINT, None)


def interruptible(function: Callable[..., Any], *given: Any) -> Any:
    """Call somebody else's code; within a ``Held()``, it can be interrupted.

    Raises what it raises; Interrupted, an error like any other, for an interruption within a hold.
    """
    hold = _hold
    if hold is None or not _in_main():
        return function(*given)
    was = hold.passing
    try:
        try:
            hold.passing = True
            return function(*given)
        finally:
            hold.passing = was
    except KeyboardInterrupt as error:
        raise Interrupted("it was interrupted while it ran") from error


def wholly(function: Callable[..., T], *given: Any) -> T:
    """Call a function of the package within a hold of its own, unless one is there; its result.

    As ``with Held()`` around the call, for little more than half of what that costs.
    """
    global _hold
    if get_ident() != main_thread().ident:
        return function(*given)
    if _hold is not None:
        return _nested(_hold, function, given)
    previous = getsignal(SIGINT)
    if not callable(previous):
        return function(*given)
    hold, through = Hold(previous), False
    try:
        _hold = hold
        signal(SIGINT, hold.note)
        return function(*given)
    except KeyboardInterrupt:
        through = True
        raise
    finally:
        _hold = None
        signal(SIGINT, previous)
        if hold.asked and not through:
            previous(SIGINT, None)


def _nested(hold: Hold, function: Callable[..., T], given: tuple[Any, ...]) -> T:
    """A call within a hold: only somebody else's code in between can let an interruption pass."""
    if not hold.passing:
        return function(*given)
    with Held():
        return function(*given)
