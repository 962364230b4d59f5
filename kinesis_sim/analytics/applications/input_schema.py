"""A SourceSchema of the API as the engine's schema, and the other way round."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.kinesis_sql.mapping import MappedColumn, RecordSchema
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.sql.reading import read
from kinesis_sim.analytics.sql.statements import CreateStream
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import SqlType


def schema_of(told: Request) -> RecordSchema:
    """The schema of a SourceSchema. Raises InvalidArgumentException for a type or path unknown."""
    form = told["RecordFormat"]
    mapping = form.get("MappingParameters") or {}
    is_csv = form["RecordFormatType"] == "CSV"
    try:
        columns = [
            MappedColumn(
                column["Name"],
                type_of(column["SqlType"]),
                None if is_csv else JsonPath(column.get("Mapping") or f"$.{column['Name']}"),
            )
            for column in told["RecordColumns"]
        ]
        json_part, csv_part = (
            mapping.get("JSONMappingParameters"),
            mapping.get("CSVMappingParameters"),
        )
        return RecordSchema(
            columns,
            "CSV" if is_csv else "JSON",
            row_path=(json_part or {}).get("RecordRowPath", "$"),
            rows=(csv_part or {}).get("RecordRowDelimiter", "\n"),
            cells=(csv_part or {}).get("RecordColumnDelimiter", ","),
        )
    except (SqlError, ValueError) as error:
        raise refusals.invalid(f"The schema cannot be read: {error}") from None


def type_of(text: str) -> SqlType:
    """The type that a column's SqlType names. Raises SqlError."""
    found = read(f'CREATE STREAM "S" ("C" {text})', "kinesis")
    first = found[0] if len(found) == 1 else None
    if not isinstance(first, CreateStream) or len(first.columns) != 1:
        raise SqlError(f"{text[:60]!r} is no SQL type.")
    kind = first.columns[0].kind
    if kind is None:
        raise SqlError(f"{text[:60]!r} is no SQL type.")
    return kind


def told_of(schema: RecordSchema) -> Request:
    """A schema as DiscoverInputSchema tells it."""
    if schema.kind == "CSV":
        delimiters = {
            "RecordRowDelimiter": schema.row_delimiter,
            "RecordColumnDelimiter": schema.cell_delimiter,
        }
        form: Request = {
            "RecordFormatType": "CSV",
            "MappingParameters": {"CSVMappingParameters": delimiters},
        }
    else:
        form = {
            "RecordFormatType": "JSON",
            "MappingParameters": {"JSONMappingParameters": {"RecordRowPath": "$"}},
        }
    columns = []
    for column in schema.columns:
        row: Request = {"Name": column.name, "SqlType": str(column.kind)}
        if column.path is not None:
            row["Mapping"] = column.path.text
        columns.append(row)
    return {"RecordFormat": form, "RecordEncoding": "UTF-8", "RecordColumns": columns}
