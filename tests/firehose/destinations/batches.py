"""Records as destinations get them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kinesis_sim.firehose.record import Record

NOW = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def record(data: Any, number: int = 0, **more: Any) -> Record:
    """One record; what is not bytes goes in as JSON."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Record(body, NOW + number, number, **more)


def records(rows: Iterable[Any], **more: Any) -> list[Record]:
    """Several, numbered."""
    return [record(row, number, **more) for number, row in enumerate(rows)]
