"""Expressions that Apache Flink 1.20.3 was asked for, one by one: its value, or that it refuses.

``flink_values.tsv`` holds what ``SELECT expression`` gave there on 2026-11-30, in UTC, numbers to
ten digits; most are of the pages on Flink's system functions and data types.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.running import run

_LINES = Path(__file__).with_name("flink_values.tsv").read_text(encoding="utf-8").splitlines()
VALUES = [tuple(line.split("\t")) for line in _LINES[1:]]


def cell(value: Any) -> Any:
    """A value as it is compared."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{float(value):.10g}"
    if isinstance(value, list | tuple):
        return [cell(one) for one in value]
    return {str(k): cell(v) for k, v in value.items()} if isinstance(value, dict) else value


def ours(expression: str) -> str:
    """What it is here, as the file writes it."""
    try:
        [row] = run(f"SELECT {expression} AS v", {}).rows
    except SqlError:
        return "refused"
    return json.dumps(cell(row["v"]), ensure_ascii=False)


def test_each_expression_is_what_flink_said() -> None:
    assert len(VALUES) > 450
    assert sum(told == "refused" for _, told in VALUES) > 60
    other = {text: (told, found) for text, told in VALUES if (found := ours(text)) != told}
    assert other == {}
