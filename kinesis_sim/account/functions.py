"""Lambda functions as Python callables: what an alarm, or whoever else, can call by ARN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.errors import UsageError

Function = Callable[[dict[str, Any]], Any]
"""Takes the event, as a Lambda handler does; there is no context object."""


class Functions:
    """The functions of one account in one Region."""

    def __init__(self, account: str, region: str) -> None:
        self._prefix = f"arn:aws:lambda:{region}:{account}:function:"
        self._functions: dict[str, Function] = {}

    def register(self, name: str, function: Function) -> str:
        """Make a callable known as a Lambda function; returns its ARN. A known name is replaced."""
        if not callable(function):
            raise UsageError(f"{function!r} cannot be called; give a function of one argument.")
        self._functions[self._prefix + name] = function
        return self._prefix + name

    def __contains__(self, arn: str) -> bool:
        return arn in self._functions

    def invoke(self, arn: str, event: dict[str, Any]) -> Any:
        """Call a function. Raises UsageError for an unknown ARN, and what the function raises."""
        function = self._functions.get(arn)
        if function is None:
            raise UsageError(f"There is no function {arn}; register it with sim.functions.")
        return function(event)
