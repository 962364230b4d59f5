"""An event loop for a test: Playwright has one in the main thread of each worker it came to."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def run(wanted: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run to its end in another thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, wanted).result()
