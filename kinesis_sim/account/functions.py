"""Lambda functions as Python callables: what an alarm or an event source mapping calls by ARN.

A function has the settings that matter to whoever feeds it: how long it takes on the simulated
clock,
its time-out, its memory and its concurrency. Python's own speed plays no part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinesis_sim.errors import UsageError

Function = Callable[[dict[str, Any]], Any]
"""Takes the event, as a Lambda handler does; there is no context object."""
Duration = float | Callable[[dict[str, Any]], float]
"""Simulated milliseconds of an invocation, or how to work them out from the event."""

LARGEST_TIMEOUT_S = 900
DEFAULT_TIMEOUT_S = 3
DEFAULT_MEMORY_MB = 128


@dataclass(frozen=True, slots=True)
class Settings:
    """duration_ms: simulated time of an invocation. concurrency: invocations at once, None for no
    limit of its own. memory_mb is kept and shown; the model does not measure Python's memory."""

    duration_ms: Duration = 0
    timeout_s: float = DEFAULT_TIMEOUT_S
    memory_mb: int = DEFAULT_MEMORY_MB
    concurrency: int | None = None

    def duration_of(self, event: dict[str, Any]) -> float:
        """Simulated milliseconds that the invocation with this event takes."""
        return self.duration_ms(event) if callable(self.duration_ms) else self.duration_ms


class Functions:
    """The functions of one account in one Region."""

    def __init__(self, account: str, region: str) -> None:
        self._prefix = f"arn:aws:lambda:{region}:{account}:function:"
        self._functions: dict[str, Function] = {}
        self._settings: dict[str, Settings] = {}
        self._running: dict[str, int] = {}

    def register(
        self,
        name: str,
        function: Function,
        *,
        duration_ms: Duration = 0,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        memory_mb: int = DEFAULT_MEMORY_MB,
        concurrency: int | None = None,
    ) -> str:
        """Make a callable known as a Lambda function; returns its ARN. A known name is replaced.

        Raises UsageError for what cannot be called, or settings that Lambda does not take.
        """
        if not callable(function):
            raise UsageError(f"{function!r} cannot be called; give a function of one argument.")
        if not 0 < timeout_s <= LARGEST_TIMEOUT_S:
            raise UsageError(f"timeout_s={timeout_s}: a function may take up to 900 seconds.")
        if concurrency is not None and concurrency < 0:
            raise UsageError(f"concurrency={concurrency}: give 0 or more, or None for no limit.")
        arn = self._prefix + name
        self._functions[arn] = function
        self._settings[arn] = Settings(duration_ms, timeout_s, memory_mb, concurrency)
        return arn

    def arn(self, name: str) -> str:
        """The ARN of a function by its name; an ARN passes through."""
        return name if name.startswith("arn:") else self._prefix + name

    def settings(self, arn: str) -> Settings:
        """The settings of a registered function."""
        return self._settings[arn]

    def begin(self, arn: str) -> bool:
        """Take one of the function's invocations at once; False when all are taken."""
        most, running = self._settings[arn].concurrency, self._running.get(arn, 0)
        if most is not None and running >= most:
            return False
        self._running[arn] = running + 1
        return True

    def end(self, arn: str) -> None:
        """Give an invocation back."""
        self._running[arn] -= 1

    def __contains__(self, arn: str) -> bool:
        return arn in self._functions

    def invoke(self, arn: str, event: dict[str, Any]) -> Any:
        """Call a function. Raises UsageError for an unknown ARN, and what the function raises."""
        function = self._functions.get(arn)
        if function is None:
            raise UsageError(f"There is no function {arn}; register it with sim.functions.")
        return function(event)
