"""DiscoverInputSchema: a guess at columns and types from what a stream or an object holds."""

from __future__ import annotations

from typing import Any

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.applications.input_schema import told_of
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.kinesis_sql.discovery import discovered
from kinesis_sim.analytics.kinesis_sql.mapping import RecordSchema
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.errors import ServiceError
from kinesis_sim.units import MIB

SAMPLE = 100
"""Records of each shard, or lines of an object, that are looked at (model's choice)."""
_MOST_BYTES = MIB


def discover_input_schema(state: Applications, request: Request) -> Answer:
    """Columns and types of a sample (facts/analytics/5/discover-input-schema).

    Raises InvalidArgumentException for a source that is neither a stream nor an object, or not
    there, UnableToDetectSchemaException for a sample without a schema, or none.
    """
    place = request.get("S3Configuration")
    if (place is None) == (request.get("ResourceARN") is None):
        raise refusals.invalid("Give either ResourceARN or S3Configuration.")
    try:
        sample = _of_stream(state, request) if place is None else _of_object(state, place)
    except ServiceError as error:
        raise refusals.invalid(f"The source cannot be read: {error}") from None
    try:
        schema = discovered(sample)
        rows = [row for data in sample for row in schema.rows(data)]
        parsed = [_parsed(schema, row) for row in rows]
    except (SqlError, ValueError) as error:
        raise refusals.no_schema(f"{error}" if sample else "The sample holds no record.") from None
    except RecursionError:
        raise refusals.no_schema("The sample nests too deeply.") from None
    texts = [data.decode("utf-8", "replace") for data in sample]
    return {
        "InputSchema": told_of(schema),
        "ParsedInputRecords": parsed[:SAMPLE],
        "ProcessedInputRecords": texts,
        "RawInputRecords": texts,
    }


def _parsed(schema: RecordSchema, row: dict[str, Any]) -> list[str]:
    """A row's values as texts; NULL is an empty one."""
    values = [row[column.name] for column in schema.columns]
    return ["" if value is None else str(value) for value in values]


def _of_stream(state: Applications, request: Request) -> list[bytes]:
    arn, call = str(request["ResourceARN"]), state.catalog.around.call
    if ":kinesis:" not in arn:
        raise refusals.invalid("Of streams, the schema of a data stream alone is discovered here.")
    start = request.get("InputStartingPositionConfiguration") or {}
    kind = "LATEST" if start.get("InputStartingPosition") == "NOW" else "TRIM_HORIZON"
    found: list[bytes] = []
    for shard in call("kinesis", "ListShards", {"StreamARN": arn})["Shards"]:
        asked = {"StreamARN": arn, "ShardId": shard["ShardId"], "ShardIteratorType": kind}
        iterator = call("kinesis", "GetShardIterator", asked)["ShardIterator"]
        answer = call("kinesis", "GetRecords", {"ShardIterator": iterator, "Limit": SAMPLE})
        found += [record["Data"] for record in answer["Records"]]
    return found


def _of_object(state: Applications, place: Request) -> list[bytes]:
    asked = {"Bucket": str(place["BucketARN"]).rpartition(":")[2], "Key": place["FileKey"]}
    body = bytes(state.catalog.around.elsewhere("s3", "GetObject", asked)["Body"])
    return [line for line in body[:_MOST_BYTES].splitlines() if line.strip()][:SAMPLE]
