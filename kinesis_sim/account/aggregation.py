"""KPL aggregation: many user records in one Kinesis record, in the format that the KCL opens.

Source: facts/data-streams §9 (KPL aggregation-format.md): the magic ``F3 89 9A C2``, a proto2
AggregatedRecord {partition_key_table = 1, explicit_hash_key_table = 2, records = 3
{partition_key_index = 1, explicit_hash_key_index = 2, data = 3, tags = 4}}, and the MD5 of the
message. What does not open as such is an ordinary record, as it is for the KCL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import md5
from typing import Any, NamedTuple

from kinesis_sim.account.hashing import HASH_SPACE, hash_key
from kinesis_sim.account.protobuf import Malformed, fields, sized, varint
from kinesis_sim.errors import UsageError

MAGIC = bytes.fromhex("F3899AC2")
DIGEST_BYTES = 16
ENVELOPE_BYTES = len(MAGIC) + DIGEST_BYTES
_KEYS, _HASHES, _RECORDS = 0x0A, 0x12, 0x1A
_KEY_INDEX, _HASH_INDEX, _DATA = 0x08, 0x10, 0x1A


class UserRecord(NamedTuple):
    """What a program handed to the KPL. explicit_hash: its own hash key, or None for the key's."""

    key: str
    data: bytes
    explicit_hash: int | None = None

    @property
    def hash(self) -> int:
        """Its place in the hash space."""
        return hash_key(self.key) if self.explicit_hash is None else self.explicit_hash


def aggregate(records: Iterable[UserRecord]) -> bytes:
    """One Kinesis record's data that carries all of ``records``, in order.

    Raises UsageError for none at all: an empty aggregate is nothing to send.
    """
    keys: dict[str, int] = {}
    hashes: dict[str, int] = {}
    heads: dict[tuple[int, int], bytes] = {}
    rows: list[bytes] = []
    for key, data, explicit in records:
        index = keys.setdefault(key, len(keys))
        if explicit is not None:
            rows.append(_row(index, hashes.setdefault(str(explicit), len(hashes)), data))
            continue
        head = heads.get((index, len(data)))
        if head is None:
            head = heads[index, len(data)] = _row(index, None, data)[: -len(data) or None]
        rows.append(head)
        rows.append(data)
    if not keys:
        raise UsageError("aggregate() of no records: give at least one.")
    tables = [sized(_KEYS, key.encode()) for key in keys]
    tables += [sized(_HASHES, text.encode()) for text in hashes]
    return _sealed(b"".join(tables + rows))


def _row(key: int, explicit: int | None, data: bytes) -> bytes:
    """A record of the message; up to its data it is the same for every record of key and size."""
    row = bytes((_KEY_INDEX,)) + varint(key)
    if explicit is not None:
        row += bytes((_HASH_INDEX,)) + varint(explicit)
    return sized(_RECORDS, row + sized(_DATA, data))


def _sealed(message: bytes) -> bytes:
    return MAGIC + message + md5(message, usedforsecurity=False).digest()


def user_records(data: bytes) -> list[UserRecord] | None:
    """What an aggregate carries, or None when ``data`` is no aggregate (any bytes are safe)."""
    message = data[len(MAGIC) : -DIGEST_BYTES]
    if not data.startswith(MAGIC) or len(data) <= ENVELOPE_BYTES:
        return None
    if md5(message, usedforsecurity=False).digest() != data[-DIGEST_BYTES:]:
        return None
    try:
        return _opened(message)
    except (Malformed, UnicodeDecodeError, IndexError, ValueError):
        return None


def _opened(message: bytes) -> list[UserRecord]:
    keys: list[str] = []
    hashes: list[int] = []
    rows: list[bytes] = []
    for number, value in fields(message):
        if number > 3:
            continue
        if not isinstance(value, bytes):
            raise Malformed(f"field {number} is no bytes")
        if number == 1:
            keys.append(value.decode())
        elif number == 2:
            hashes.append(_hash(value))
        else:
            rows.append(value)
    return [_record(row, keys, hashes) for row in rows]


def _hash(text: bytes) -> int:
    if not text.isdigit() or len(text) > 39 or int(text) >= HASH_SPACE:
        raise Malformed("an explicit hash key out of range")
    return int(text)


def _record(row: bytes, keys: list[str], hashes: list[int]) -> UserRecord:
    found: dict[int, int | bytes] = dict(fields(row))
    key, explicit, data = found.get(1), found.get(2), found.get(3)
    if not isinstance(key, int) or not isinstance(data, bytes) or isinstance(explicit, bytes):
        raise Malformed("a record without a key index or data")
    return UserRecord(keys[key], data, None if explicit is None else hashes[explicit])


def deaggregate(
    records: Iterable[Mapping[str, Any]], start_hash: int = 0, end_hash: int = HASH_SPACE - 1
) -> Iterator[dict[str, Any]]:
    """GetRecords' rows with every aggregate opened, as the KCL does it.

    Each row keeps its SequenceNumber; those of an aggregate get a SubSequenceNumber, and their own
    PartitionKey, ExplicitHashKey and Data. An aggregate with a user record whose hash lies outside
    [start_hash, end_hash] is left out whole: a reshard sent it astray, and the KPL puts all of it
    again. So does the KCL's code (AggregatorUtil), whatever its comment says (and
    facts/data-streams §9 after it); ``tests/clients/test_jvm.py`` holds the two against each other.
    """
    for row in records:
        found = user_records(row["Data"])
        if found is None:
            yield dict(row)
            continue
        if all(start_hash <= user.hash <= end_hash for user in found):
            for number, user in enumerate(found):
                yield {**row, **_own(user), "SubSequenceNumber": number}


def _own(user: UserRecord) -> dict[str, Any]:
    own: dict[str, Any] = {"PartitionKey": user.key, "Data": user.data}
    if user.explicit_hash is not None:
        own["ExplicitHashKey"] = str(user.explicit_hash)
    return own
