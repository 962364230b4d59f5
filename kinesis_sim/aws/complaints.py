"""What goes wrong in the event loop, told in one line a second at most.

A loop that is out of file handles complains at every turn, with a traceback each time: tens of
thousands in a quarter of a minute.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

EVERY_SECONDS = 1.0
_LOG = logging.getLogger("kinesis_sim.server")


class Complaints:
    """An exception handler for an event loop."""

    def __init__(self) -> None:
        self._next = 0.0
        self._untold = 0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what happened, unless something was just logged; then count it."""
        if loop.time() < self._next:
            self._untold += 1
            return
        self._next = loop.time() + EVERY_SECONDS
        error = context.get("exception")
        more = f" (and {self._untold} more)" if self._untold else ""
        self._untold = 0
        if error is None or isinstance(error, OSError):
            _LOG.warning("%s: %s%s", context.get("message"), error, more)
        else:
            _LOG.error("%s%s", context.get("message"), more, exc_info=error)
