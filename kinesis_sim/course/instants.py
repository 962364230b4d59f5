"""An instant that ends a cell, shown as ``print`` shows it.

Whoever ends a cell with ``sim.advance(minutes=20)`` reads ``2026-01-01 00:20:00+00:00``, not how
Python would write the call that makes it.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.formatters import PlainTextFormatter


def show_instants() -> None:
    """Have the notebook that this runs in show them so; outside of one there is nothing to do."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        read_as_printed(shell.display_formatter.formatters["text/plain"])


def read_as_printed(formatter: PlainTextFormatter) -> None:
    """Have a formatter of plain text show an instant by itself as ``print`` does."""
    formatter.for_type(datetime, _show)  # type: ignore[no-untyped-call]


def _show(at: datetime, page: Any, _cycle: bool) -> None:
    alone = len(page.stack) == 1  # in a list or a dictionary it stays Python that can be copied
    page.text(str(at) if alone else repr(at))
