"""Serializers of a format conversion: a table as the bytes of a Parquet or an ORC file.

Options: BC:ParquetSerDe and BC:OrcSerDe (facts/firehose §5). Paddings are for copies to HDFS and
change nothing here, but ORC's tolerance is passed on; a Parquet row group takes about
BlockSizeBytes. The same table gives the same bytes; they name the version of pyarrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.conversion.schema import pyarrow
from kinesis_sim.units import MIB

Serializer = Callable[[Any], bytes]
"""Takes a pyarrow Table."""


def serializer(given: Mapping[str, Any]) -> tuple[Literal["Parquet", "ORC"], Serializer]:
    """Read a Serializer block of OutputFormatConfiguration: its format, and what writes it.

    Raises InvalidArgumentException unless exactly one SerDe is given (the model's wording).
    """
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) == 1 and "ParquetSerDe" in given:
        options = given["ParquetSerDe"]
        return "Parquet", lambda table: parquet(table, options)
    if len(given) == 1 and "OrcSerDe" in given:
        options = given["OrcSerDe"]
        return "ORC", lambda table: orc(table, options)
    raise ServiceError(
        "InvalidArgumentException", "Serializer must name either ParquetSerDe or OrcSerDe."
    )


def parquet(table: Any, options: Mapping[str, Any]) -> bytes:
    """A Parquet file. Timestamps are INT96, as Hive writes them."""
    sink = pyarrow().BufferOutputStream()
    from pyarrow import parquet as files

    compression = options.get("Compression", "SNAPPY")
    files.write_table(
        table,
        sink,
        row_group_size=_rows(table, options.get("BlockSizeBytes", 256 * MIB)),
        data_page_size=options.get("PageSizeBytes", MIB),
        data_page_version="2.0" if options.get("WriterVersion", "V1") == "V2" else "1.0",
        compression="NONE" if compression == "UNCOMPRESSED" else compression,
        use_dictionary=options.get("EnableDictionaryCompression", False),
        use_deprecated_int96_timestamps=True,
        store_schema=False,
    )
    return bytes(sink.getvalue())


def orc(table: Any, options: Mapping[str, Any]) -> bytes:
    """An ORC file."""
    sink = pyarrow().BufferOutputStream()
    from pyarrow import orc as files

    compression = options.get("Compression", "SNAPPY")
    wanted = {name.lower() for name in options.get("BloomFilterColumns") or ()}
    files.write_table(
        table,
        sink,
        file_version=options.get("FormatVersion", "V0_12").removeprefix("V").replace("_", "."),
        stripe_size=options.get("StripeSizeBytes", 64 * MIB),
        compression="UNCOMPRESSED" if compression == "NONE" else compression,
        row_index_stride=options.get("RowIndexStride", 10_000),
        padding_tolerance=_tolerance(options),
        dictionary_key_size_threshold=options.get("DictionaryKeyThreshold", 0.0),
        bloom_filter_columns=[n for n, name in enumerate(table.schema.names) if name in wanted],
        bloom_filter_fpp=options.get("BloomFilterFalsePositiveProbability", 0.05),
    )
    return bytes(sink.getvalue())


def _tolerance(options: Mapping[str, Any]) -> float:
    return float(options.get("PaddingTolerance", 0.05)) if options.get("EnablePadding") else 0.0


def _rows(table: Any, size: int) -> int:
    """Rows of about so many bytes."""
    return max(1, int(table.num_rows) * size // max(int(table.nbytes), 1))
