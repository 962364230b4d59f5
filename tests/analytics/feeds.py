"""Tables and rows for tests of streaming SQL: one table of events, drawn in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kinesis_sim.analytics.running import Ran, run
from kinesis_sim.instants import SECOND

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
DELAY_S = 5
TABLE = f"""
CREATE TABLE t (
  id INT, k STRING, v INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '{DELAY_S}' SECOND
);
"""
Rows = list[dict[str, Any]]

_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]),
        st.none() | st.integers(-5, 5),
        st.integers(0, 60),
    ),
    max_size=30,
)


def _row(at: int, event: tuple[str | None, int | None, int]) -> dict[str, Any]:
    key, value, second = event
    return {"id": at, "k": key, "v": value, "ts": START + second * SECOND}


ROWS = _EVENTS.map(lambda events: [_row(at, event) for at, event in enumerate(events)])
"""Rows with NULLs, in any order of their times."""


def asked(query: str, rows: Rows, **more: Any) -> Ran:
    """A query over the table's rows."""
    return run(TABLE + query, {"t": rows}, **more)


def watermarks(rows: Rows) -> list[int]:
    """The watermark before each row, and after the last."""
    marks = [-(1 << 62)]
    for row in rows:
        marks.append(max(marks[-1], row["ts"] - DELAY_S * SECOND))
    return marks


def text(ms: int) -> str:
    """An instant as answers write it."""
    from kinesis_sim.analytics.types.texts import instant_text

    return instant_text(ms, 3)
