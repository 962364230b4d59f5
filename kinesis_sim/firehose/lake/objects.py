"""S3 objects as rows: Parquet, ORC, JSON and delimited text, plain or compressed.

A text object has a row per line, as Athena reads it, and of a line only the first JSON object:
records that Firehose put down without a delimiter show as one row (facts/firehose §11.21).
"""

from __future__ import annotations

import bz2
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.firehose.lake.statements import INSTALL
from kinesis_sim.nesting import depth
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BYTES = 256 * MIB
"""Bytes of objects that one query may read, as they lie in S3 (the model's choice)."""
LARGEST_TEXT = 64 * MIB
"""Bytes that one object may unpack to (the model's choice)."""
MOST_LINES = 1_000_000
"""Lines of text that one object may have (the model's choice): each becomes a row of Python's."""
MOST_CELLS = 50_000_000
"""Rows times columns that one Parquet or ORC file may have (the model's choice)."""
DEEPEST = 128
"""Levels of objects and lists that a row may have within one another, as in DuckDB's own reader."""
_DECODER = json.JSONDecoder()


class LakeObject(NamedTuple):
    """One object. partition: of the ``name=value`` parts of its key, in their order."""

    key: str
    body: bytes
    partition: dict[str, str]


def visible(found: Iterable[tuple[str, bytes]], skip: str = "") -> Iterator[LakeObject]:
    """The objects that hold rows: not the empty ones, and none that ``_`` or ``.`` hides.

    skip: the prefix before which a ``name=value`` part is no partition.
    """
    for key, body in found:
        *folders, name = key[len(skip) :].split("/")
        if body and name and not name.startswith(("_", ".")):
            yield LakeObject(key, body, dict(f.split("=", 1) for f in folders if "=" in f))


def within_limits(found: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Objects of a query, all of them. Raises UsageError for more bytes than a query may read."""
    objects, size = [], 0
    for key, body in found:
        size += len(body)
        if size > MOST_BYTES:
            raise UsageError(
                f"A query may read {MOST_BYTES >> 20} MiB here, and there is more: name a narrower "
                "prefix, such as one hour's."
            )
        objects.append((key, body))
    return objects


def plain(found: LakeObject) -> bytes:
    """The body without its compression.

    Raises UsageError for one that is not read here, or that unpacks to more than a query may read.
    """
    body, key = found.body, found.key
    try:
        if body.startswith(b"\x1f\x8b"):
            return _unpacked(body, key, lambda: zlib.decompressobj(31))
        if body.startswith(b"BZh"):
            return _unpacked(body, key, bz2.BZ2Decompressor)
        if body.startswith(b"\xff\x06\x00\x00sNaPpY"):
            return _snappy(body)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UsageError(f"{key} cannot be unpacked: {error}.") from None
    if body.startswith(b"PK\x03\x04") or key.endswith((".hsnappy", ".zip")):
        raise UsageError(f"{key} is compressed in a way that this query does not read: use GZIP.")
    return body


def _unpacked(body: bytes, key: str, machine: Callable[[], Any]) -> bytes:
    """All members of a compressed file. Raises EOFError for one that is cut short."""
    parts, size = list[bytes](), 0
    while body:
        one = machine()
        parts.append(one.decompress(body, LARGEST_TEXT - size + 1))
        size += len(parts[-1])
        if size > LARGEST_TEXT:
            raise UsageError(f"{key} unpacks to more than {LARGEST_TEXT >> 20} MiB.")
        if not one.eof:
            raise EOFError("it ends before its content does")
        body = one.unused_data.lstrip(b"\0")
    return b"".join(parts)


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
    """The rows of a Parquet or ORC file; None for anything else.

    Raises ValueError for one that is broken, or of types that pyarrow does not read.
    """
    if not body.startswith((b"PAR1", b"ORC")):
        return None
    try:
        import pyarrow as pa
        from pyarrow import orc, parquet
    except ImportError:
        raise MissingPackage(INSTALL) from None
    buffer = pa.BufferReader(body)
    try:
        if body.startswith(b"PAR1"):
            file = parquet.ParquetFile(buffer)
            _few(file.metadata.num_rows * file.metadata.num_columns)
            return file.read()
        table = orc.ORCFile(buffer)
        _few(table.nrows * len(table.schema))
        return table.read()
    except (pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise ValueError(str(error)) from None


def _few(cells: int) -> None:
    if cells > MOST_CELLS:
        raise UsageError(f"A file of {cells:,} cells is not read here; {MOST_CELLS:,} may be.")


def lines(body: bytes) -> Iterator[str]:
    """The lines that are not blank.

    Raises ValueError for bytes that are not UTF-8, UsageError for too many.
    """
    if body.count(b"\n") > MOST_LINES:
        raise UsageError(
            f"An object of over {MOST_LINES:,} lines is not read here: make it smaller."
        )
    return (line for line in body.decode().splitlines() if line.strip())


def json_row(line: str) -> dict[str, Any] | None:
    """The first JSON object of a line; None without one, or nested deeper than DEEPEST."""
    try:
        row, _ = _DECODER.raw_decode(line.strip())
    except (ValueError, RecursionError):
        return None
    if line.count("{") + line.count("[") > DEEPEST and depth(row) > DEEPEST:
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


def table(objects: Iterable[LakeObject]) -> pa.Table:
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
        except (ValueError, OSError, RecursionError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"{found.key} cannot be read: {error}.") from None
    if loose:
        parts.append(_assembled(loose))
    rows = joined(parts)
    if not rows.column_names:
        raise UsageError("These objects have rows but no columns: there is nothing to select.")
    return rows


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
    try:
        return pa.table({name: column([row.get(name) for row in rows]) for name in names})
    except UnicodeEncodeError as error:
        raise UsageError(
            f"A text is no Unicode: {error.object[error.start]!r} stands alone."
        ) from None
    except RecursionError:
        raise UsageError("A value is nested too deeply to be a column.") from None


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
