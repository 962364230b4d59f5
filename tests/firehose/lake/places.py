"""An S3 and a Glue of dictionaries, for the ports of a Lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kinesis_sim.firehose.lake.query import Lake

NOW = 1_767_225_600_000  # 2026-01-01T00:00:00Z
BUCKET = "lake"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


def lake(objects: Mapping[str, bytes], **tables: Mapping[str, Any]) -> Lake:
    """A lake over one bucket; tables: those of the Glue database ``web``."""

    def listed(bucket: str, prefix: str) -> Iterable[tuple[str, bytes]]:
        if bucket != BUCKET:
            raise KeyError(bucket)
        return ((key, objects[key]) for key in sorted(objects) if key.startswith(prefix))

    return Lake(
        listed, lambda database, name: tables.get(name) if database == "web" else None, lambda: NOW
    )


def glue(
    columns: Mapping[str, str],
    serde: str = OPENX,
    keys: Mapping[str, str] | None = None,
    location: str = f"s3://{BUCKET}/t/",
    **options: str,
) -> dict[str, Any]:
    """A table as Glue's GetTable answers it."""
    return {
        "Name": "t",
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
            "Location": location,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": options},
        },
        "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in (keys or {}).items()],
    }


def records(frame: Any) -> list[dict[str, Any]]:
    """Rows of a DataFrame as plain dictionaries, with None for what is missing."""
    return [
        {name: None if value is None or value != value else value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]
