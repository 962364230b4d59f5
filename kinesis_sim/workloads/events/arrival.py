"""One record on its way to a stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from kinesis_sim.errors import UsageError


class Arrival(NamedTuple):
    """One record on its way to a stream.

    key: its partition key. data: its bytes, UTF-8 JSON. at: when it happens, epoch milliseconds.
    explicit: an ExplicitHashKey, or None.
    """

    key: str
    data: bytes
    at: int
    explicit: str | None = None

    @property
    def event(self) -> dict[str, Any]:
        """The data as a dictionary."""
        event: dict[str, Any] = json.loads(self.data)
        return event

    @property
    def entry(self) -> dict[str, Any]:
        """The record as PutRecord and PutRecords take it: ``PartitionKey`` and ``Data``."""
        entry: dict[str, Any] = {"PartitionKey": self.key, "Data": self.data}
        return entry if self.explicit is None else {**entry, "ExplicitHashKey": self.explicit}


def keyed(event: dict[str, Any], key: str | Sequence[str], at: int) -> Arrival:
    """``event`` with one of its fields, or several joined by ``/``, as the partition key.

    Raises UsageError for a field that the event does not have, and for a key that names none.
    """
    if not isinstance(key, Sequence):
        raise UsageError(f"key={key!r}: give the name of a field, or a list of names.")
    fields = [key] if isinstance(key, str) else list(key)
    unknown = ", ".join(repr(name) for name in fields if name not in event)
    if unknown or not fields:
        wrong = f"the event has no field {unknown}" if fields else "no field of the event is named"
        raise UsageError(f"key={key!r}: {wrong}; it has {', '.join(event)}.")
    text = "/".join(str(event[name]) for name in fields)
    return Arrival(text, json.dumps(event).encode(), at)
