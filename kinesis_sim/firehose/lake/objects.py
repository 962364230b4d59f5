"""S3 objects as rows: Parquet, ORC, JSON and delimited text, plain or compressed.

A text object has a row per line, as Athena reads it, and of a line only the first JSON object:
records that Firehose put down without a delimiter show as one row (facts/firehose §11.21).
"""

from __future__ import annotations

import bz2
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.firehose.lake.statements import INSTALL

if TYPE_CHECKING:
    import pyarrow as pa

_DECODER = json.JSONDecoder()


class Object(NamedTuple):
    """One object. partition: of the ``name=value`` parts of its key, in their order."""

    key: str
    body: bytes
    partition: dict[str, str]


def visible(found: Iterable[tuple[str, bytes]], skip: str = "") -> Iterator[Object]:
    """The objects that hold rows: not the empty ones, and none that ``_`` or ``.`` hides.

    skip: the prefix before which a ``name=value`` part is no partition.
    """
    for key, body in found:
        *folders, name = key[len(skip) :].split("/")
        if body and name and not name.startswith(("_", ".")):
            yield Object(key, body, dict(f.split("=", 1) for f in folders if "=" in f))


def plain(found: Object) -> bytes:
    """The body without its compression. Raises UsageError for one that is not read here."""
    body, key = found.body, found.key
    try:
        if body.startswith(b"\x1f\x8b"):
            return gzip.decompress(body)
        if body.startswith(b"BZh"):
            return bz2.decompress(body)
        if body.startswith(b"\xff\x06\x00\x00sNaPpY"):
            return _snappy(body)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UsageError(f"{key} cannot be unpacked: {error}.") from None
    if body.startswith(b"PK\x03\x04") or key.endswith((".hsnappy", ".zip")):
        raise UsageError(f"{key} is compressed in a way that this query does not read: use GZIP.")
    return body


def _snappy(body: bytes) -> bytes:
    try:
        import cramjam
    except ImportError:
        raise MissingPackage(INSTALL) from None
    try:
        return bytes(cramjam.snappy.decompress(body))
    except cramjam.DecompressionError as error:
        raise ValueError(str(error)) from None


def columnar(body: bytes) -> pa.Table | None:
    """The rows of a Parquet or ORC file; None for anything else. Raises ValueError if broken."""
    if not body.startswith((b"PAR1", b"ORC")):
        return None
    try:
        import pyarrow as pa
        from pyarrow import orc, parquet
    except ImportError:
        raise MissingPackage(INSTALL) from None
    buffer = pa.BufferReader(body)
    return parquet.read_table(buffer) if body.startswith(b"PAR1") else orc.read_table(buffer)


def lines(body: bytes) -> Iterator[str]:
    """The lines that are not blank. Raises ValueError for bytes that are not UTF-8."""
    return (line for line in body.decode().splitlines() if line.strip())


def json_row(line: str) -> dict[str, Any] | None:
    """The first JSON object of a line; None when it does not begin with one."""
    try:
        row, _ = _DECODER.raw_decode(line.strip())
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def column(values: Sequence[Any]) -> pa.Array:
    """Values of JSON as one column: of their own type, or as JSON text when they differ."""
    import pyarrow as pa

    try:
        found = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        found = None
    if found is not None and not _has_empty(found.type):
        return found
    return pa.array([_text(value) for value in values], pa.string())


def _has_empty(kind: Any) -> bool:
    """Whether a type has a struct without fields in it, which DuckDB does not know."""
    import pyarrow as pa

    if pa.types.is_struct(kind) and kind.num_fields == 0:
        return True
    return any(_has_empty(kind.field(index).type) for index in range(kind.num_fields))


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def table(objects: Iterable[Object]) -> pa.Table:
    """All rows of objects without a schema, under the names that they bring.

    JSON brings its members; text that is not JSON is split at commas into column0, column1 … ;
    partitions are columns of text. Raises UsageError for an object that cannot be read.
    """
    parts: list[pa.Table] = []
    loose: list[dict[str, Any]] = []
    for found in objects:
        try:
            rows = columnar(plain(found))
            if rows is None:
                loose.extend({**row, **found.partition} for row in _text_rows(plain(found)))
            else:
                parts.append(_with_partition(rows, found.partition))
        except (ValueError, OSError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"{found.key} cannot be read: {error}.") from None
    if loose:
        parts.append(_assembled(loose))
    return joined(parts)


def _text_rows(body: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines(body), 1):
        if not line.lstrip().startswith("{"):
            yield {f"column{at}": value for at, value in enumerate(delimited(line))}
        elif (row := json_row(line)) is not None:
            yield row
        else:
            raise ValueError(f"line {number} is not a JSON object")


def delimited(line: str, delimiter: str = ",", quote: str = '"') -> list[str]:
    """The fields of one line of delimited text."""
    import csv

    return next(csv.reader([line], delimiter=delimiter, quotechar=quote))


def _assembled(rows: Sequence[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: column([row.get(name) for row in rows]) for name in names})


def _with_partition(rows: pa.Table, partition: dict[str, str]) -> pa.Table:
    import pyarrow as pa

    for name, value in partition.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.array([value] * len(rows), pa.string()))
    return rows


def joined(parts: Sequence[pa.Table]) -> pa.Table:
    """Tables below one another, columns by name. Raises UsageError for types that do not meet."""
    import pyarrow as pa

    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise UsageError(
            f"These objects do not go together as one table ({error}): ask for one prefix of one "
            f"kind, or describe them as a Glue table."
        ) from None
