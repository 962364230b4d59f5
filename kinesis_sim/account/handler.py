"""A Lambda handler's second argument: ``def handler(event, context)`` runs here as it is.

Members are those of Lambda's Python runtime (Lambda guide, python-context). The time that is left
is what the function's ``duration_ms`` leaves of its time-out: Python's own speed plays no part.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Context:
    """aws_request_id: the invocation's; memory_limit_in_mb is text, as Lambda has it."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    remaining_ms: int
    function_version: str = "$LATEST"

    @property
    def log_group_name(self) -> str:
        """The name of the log group; no log is kept."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds before the invocation times out, at its end."""
        return self.remaining_ms


def takes_context(function: Callable[..., Any]) -> bool:
    """Whether a callable needs two arguments, as a Lambda handler does; one will do here."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in positional and p.default is p.empty]
    return len(needed) == 2
