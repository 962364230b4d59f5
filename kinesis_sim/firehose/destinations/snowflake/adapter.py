"""Firehose's side of Snowflake: records become rows, which a commit makes visible a second later.

Sources: facts/firehose §2 and §6; botocore's SnowflakeDestinationConfiguration; AWS's Firehose
guide, troubleshooting-snowflake (names of columns as they were declared, letter by letter).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.snowflake.account import Column, SnowflakeAccount
from kinesis_sim.firehose.destinations.snowflake.codes import SnowflakeError
from kinesis_sim.firehose.outcome import Failure, Outcome, Waiting
from kinesis_sim.firehose.record import Record

Connect = Callable[[str], SnowflakeAccount]
"""Port: the host of an account's URL → the account. Raises LookupError when there is none."""
Secret = Callable[[str], Mapping[str, str]]
"""Port to Secrets Manager: ARN → the secret's JSON. Raises LookupError when there is none."""

JSON_MAPPING = "JSON_MAPPING"
CONTENT = "VARIANT_CONTENT_MAPPING"
CONTENT_AND_METADATA = "VARIANT_CONTENT_AND_METADATA_MAPPING"
COMMIT_MS = 1_000
"""Snowflake's internal buffer: it commits about each second (facts/firehose §2)."""
Row = dict[str, Any]


class Snowflake:
    """configuration: ``SnowflakeDestinationConfiguration`` as botocore parses it.

    stream: name of the Firehose stream; source: of its data stream, if it has one; both for the
    metadata column.

    Raises UsageError for a loading option that lacks the name of its column.
    """

    def __init__(
        self,
        configuration: Mapping[str, Any],
        connect: Connect,
        *,
        stream: str = "",
        source: str = "",
        secret: Secret | None = None,
    ) -> None:
        self._configuration = configuration
        self._connect = connect
        self._stream = stream
        self._source = source
        self._secret = secret
        self._option = configuration.get("DataLoadingOption") or JSON_MAPPING
        needed = {CONTENT: 1, CONTENT_AND_METADATA: 2}.get(self._option, 0)
        for name in ("ContentColumnName", "MetaDataColumnName")[:needed]:
            if not configuration.get(name):
                raise UsageError(f"{self._option} needs {name}.")

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Outcome | Waiting:
        """Try once: rows that fit wait for the next commit; the others fail, and are not retried.

        The same request_id is loaded once: what was committed unheard is not added again.
        """
        try:
            account, columns = self._open()
        except SnowflakeError as error:
            return Outcome(0, [_failure(record, error) for record in records])
        batch = _Batch([], [], [])
        for record in records:
            try:
                batch.rows.append(self._row(record, columns))
                batch.records.append(record)
            except SnowflakeError as error:
                batch.failures.append(_failure(record, error))
        wrong = account.misfits(columns, batch.rows)
        batch.take_out(wrong, SnowflakeError("Snowflake.IncorrectValue"))
        return Waiting(
            lambda then: self._committed(account, columns, batch, request_id),
            (now // COMMIT_MS + 1) * COMMIT_MS,
        )

    def _committed(
        self,
        account: SnowflakeAccount,
        columns: Sequence[Column],
        batch: _Batch,
        request_id: str,
    ) -> Outcome:
        schema, table = (str(self._configuration[name]) for name in ("Schema", "Table"))
        try:
            account.commit(schema, table, request_id, columns, batch.rows)
        except SnowflakeError as error:
            lost = [_failure(record, error) for record in batch.records]
            return Outcome(0, [*batch.failures, *lost])
        size = sum(len(record.data) for record in batch.records)
        return Outcome(len(batch.records), batch.failures, bytes=size)

    def _open(self) -> tuple[SnowflakeAccount, list[Column]]:
        configuration = self._configuration
        url = str(configuration["AccountUrl"])
        host = url.removeprefix("https://").partition("/")[0].partition(":")[0]
        try:
            account = self._connect(host)
        except LookupError:
            raise SnowflakeError("Snowflake.InvalidUrl") from None
        place = [str(configuration[name]) for name in ("Database", "Schema", "Table")]
        role = configuration.get("SnowflakeRoleConfiguration") or {}
        named = role.get("SnowflakeRole") if role.get("Enabled") else None
        return account, account.open(place[0], place[1], place[2], self._user(), named)

    def _user(self) -> str | None:
        manager = self._configuration.get("SecretsManagerConfiguration") or {}
        if not manager.get("Enabled"):
            return self._configuration.get("User")
        try:
            return self._secret(manager.get("SecretARN", "")).get("user") if self._secret else None
        except LookupError:
            return None

    def _row(self, record: Record, columns: Sequence[Column]) -> Row:
        """The record as a row of the table. Raises SnowflakeError."""
        row = self._mapped(_content(record.data), record)
        names = {column.name for column in columns}
        extra = [name for name in row if name not in names]
        if extra:
            raise SnowflakeError("Snowflake.ExtraColumns", ", ".join(extra))
        missing = [c.name for c in columns if not c.nullable and row.get(c.name) is None]
        if missing:
            raise SnowflakeError("Snowflake.MissingColumns", ", ".join(missing))
        return row

    def _mapped(self, content: Row, record: Record) -> Row:
        if self._option == JSON_MAPPING:
            return content
        row: Row = {self._configuration["ContentColumnName"]: content}
        if self._option == CONTENT_AND_METADATA:
            row[self._configuration["MetaDataColumnName"]] = self._metadata(record)
        return row

    def _metadata(self, record: Record) -> Row:
        """As botocore's SnowflakeMetaDataColumnName lists it.

        IngestionTime: epoch ms, as text (the form is unverified).
        """
        arrived = {"IngestionTime": str(record.arrived)}
        origin = record.origin
        if origin is None:
            return {"firehoseDeliveryStreamName": self._stream, **arrived}
        return {
            "kinesisStreamName": self._source,
            "kinesisShardId": origin.shard,
            "kinesisPartitionKey": origin.partition_key,
            "kinesisSequenceNumber": origin.sequence_number,
            "subsequenceNumber": str(origin.subsequence),
            **arrived,
        }


@dataclass
class _Batch:
    """rows: of records, one each; failures: those of the other records."""

    rows: list[Row]
    records: list[Record]
    failures: list[Failure]

    def take_out(self, numbers: set[int], error: SnowflakeError) -> None:
        """Fail the records of these rows."""
        self.failures += [_failure(self.records[number], error) for number in sorted(numbers)]
        kept = [number for number in range(len(self.rows)) if number not in numbers]
        self.rows = [self.rows[number] for number in kept]
        self.records = [self.records[number] for number in kept]


def _failure(record: Record, error: SnowflakeError) -> Failure:
    return Failure(record, error.code, str(error), retry=error.retry)


def _content(data: bytes) -> Row:
    """The one JSON object of a record. Raises SnowflakeError."""
    try:
        value = json.loads(data)
        if b"\\ud" in data.lower():  # an escape may name half a character, which is no text
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise SnowflakeError("Snowflake.InvalidInput") from None
    if not isinstance(value, dict):
        raise SnowflakeError("Snowflake.InvalidInput")
    return value
