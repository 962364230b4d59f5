"""Records as a caller in Python hands them to a stream: checked where they come in, once."""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.account.hashing import HASH_SPACE
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError

Row = tuple[bytes, str | None, int | None]


def checked(entries: Iterable[Row]) -> list[Row]:
    """The entries, all of them. Raises UsageError for what is none, before any is stored."""
    try:
        rows = list(entries)
    except TypeError:
        raise UsageError(
            f"{said(entries)} are no records: give rows of data, partition key and hash key or "
            "None."
        ) from None
    for row in rows:
        if row.__class__ is tuple and len(row) == 3:  # as nearly all are: millions, told quickly
            data, key, explicit = row
            if data.__class__ is bytes and key.__class__ is str and explicit is None:
                continue
        if not _is_entry(row):
            raise UsageError(
                f"{said(row)} is no record: give bytes, a partition key, and None or an explicit "
                f"hash key below 2**128."
            )
    return rows


def _is_entry(row: object) -> bool:
    if not isinstance(row, tuple | list) or len(row) != 3:
        return False
    data, key, explicit = row
    hashed = explicit is None or (type(explicit) is int and 0 <= explicit < HASH_SPACE)
    return hashed and isinstance(data, bytes) and (key is None or isinstance(key, str))
