"""Firehose's side of Iceberg: which table each record goes to, and one commit per table.

Sources: AWS's Firehose guide, its pages apache-iceberg-*, read 2026-11-25; botocore's
IcebergDestinationConfiguration. The guide lists four codes; two more are those that users of AWS
saw (facts/firehose/6/iceberg-codes): MISSING of a record without a column of its table, KEYS of
unique keys that the table has not. For the rest of what does not fit a table none is known, nor
for a commit that lost against another writer: INVALID is the model's choice, CONFLICT the general
code of the other destinations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.iceberg import available  # noqa: F401 (before pyiceberg)
from kinesis_sim.firehose.destinations.iceberg.changes import Changes, paths
from kinesis_sim.firehose.destinations.iceberg.lakehouse import Lakehouse
from kinesis_sim.firehose.destinations.iceberg.types import DEEPEST, MissingColumn, row
from kinesis_sim.firehose.outcome import Failure, Outcome
from kinesis_sim.firehose.record import Record
from kinesis_sim.nesting import depth

NO_TABLE = "Iceberg.NoSuchTable"
NO_NAME = "Iceberg.InvalidTableName"
INVALID = "Iceberg.InvalidRecord"
MISSING = "Iceberg.MissingColumnWithinRecord"
KEYS = "Iceberg.InvalidUniqueKeys"
WRONG_KEYS = (
    "The configured unique keys for the table do not match with the fields present in the schema."
)
CONFLICT = "InternalError"
OPERATIONS = ("insert", "update", "delete")
_DENIED = (
    "Ensure that the IAM role created in the prerequisites step has the required permissions, and "
    "trust policy."
)


class _Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Target(NamedTuple):
    """Where a record goes, and what it does there."""

    database: str
    table: str
    operation: str


class Iceberg:
    """configuration: ``IcebergDestinationConfiguration`` as botocore parses it.

    AppendOnly changes nothing here: the guide then warns of updates out of order, which the model
    does not shuffle. Raises UsageError for table creation and schema evolution, which are a preview
    whose rules are not published.
    """

    def __init__(self, configuration: Mapping[str, Any], lakehouse: Lakehouse) -> None:
        for preview in ("TableCreationConfiguration", "SchemaEvolutionConfiguration"):
            if (configuration.get(preview) or {}).get("Enabled"):
                raise UsageError(
                    f"{preview} is a preview whose rules are not published: it is not simulated, "
                    f"create the table yourself and leave it out."
                )
        self._lakehouse = lakehouse
        self._configured = {
            (found["DestinationDatabaseName"], found["DestinationTableName"]): found
            for found in configuration.get("DestinationTableConfigurationList") or ()
        }

    def target(self, record: Record) -> Target:
        """By the record's route, else the one table that is configured.

        Raises LookupError for a record that names no table, ValueError for an operation that there
        is not.
        """
        route = record.route or {}
        only = next(iter(self._configured)) if len(self._configured) == 1 else ("", "")
        database = route.get("destinationDatabaseName") or only[0]
        table = route.get("destinationTableName") or only[1]
        operation = route.get("operation") or "insert"
        if not database or not table:
            raise LookupError("The record names no table, and not exactly one is configured.")
        if operation not in OPERATIONS:
            raise ValueError(f"The operation {operation!r} is none of {', '.join(OPERATIONS)}.")
        return Target(database, table, operation)

    def error_prefix(self, record: Record) -> str | None:
        """S3ErrorOutputPrefix of the record's table, if it has one of its own."""
        try:
            target = self.target(record)
        except (LookupError, ValueError):
            return None
        found = self._configured.get((target.database, target.table)) or {}
        return found.get("S3ErrorOutputPrefix")

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Outcome:
        """Try once: every table of the batch in one commit of its own.

        What cannot fit its table is not worth another try, nor a table that is not there (the guide
        sends both to S3); a lost commit and denied access are.
        """
        if self._lakehouse.denied is not None:
            code = f"{self._lakehouse.denied}.AccessDenied"
            return Outcome(0, [Failure(record, code, _DENIED) for record in records])
        batch: dict[str, Changes] = {}
        failures = []
        for record in records:
            try:
                self._take(record, batch)
            except _Refusal as refusal:
                failures.append(Failure(record, refusal.code, str(refusal), retry=False))
        for changes in batch.values():
            failures += self._commit(changes)
        failed = {id(failure.record) for failure in failures}
        sent = sum(len(record.data) for record in records if id(record) not in failed)
        return Outcome(len(records) - len(failures), failures, self._lakehouse.took_ms, sent)

    def _take(self, record: Record, batch: dict[str, Changes]) -> None:
        try:
            target = self.target(record)
        except LookupError as error:
            raise _Refusal(NO_NAME, str(error)) from None
        except ValueError as error:
            raise _Refusal(INVALID, str(error)) from None
        name = f"{target.database}.{target.table}"
        if name not in batch:
            batch[name] = self._changes(target, name)
        changes = batch[name]
        try:
            if target.operation != "insert" and not changes.keys:
                raise ValueError(f"{name} has no unique keys to {target.operation} rows by")
            whole = target.operation != "delete"
            found = row(_object(record.data), changes.table.schema(), whole)
            changes.add(record, target.operation, found)
        except MissingColumn as error:
            raise _Refusal(MISSING, f"{error}.") from None
        except ValueError as error:
            raise _Refusal(INVALID, f"{error}.") from None

    def _changes(self, target: Target, name: str) -> Changes:
        try:
            table = self._lakehouse.table(name)
        except LookupError as error:
            raise _Refusal(NO_TABLE, str(error)) from None
        if table.format_version < 2:
            raise _Refusal(NO_TABLE, f"{name} is in format V1: Firehose writes to V2.")
        configured = self._configured.get((target.database, target.table)) or {}
        keys = configured.get("UniqueKeys")
        if not keys:
            return Changes(table, sorted(table.schema().identifier_field_names()))
        try:
            return Changes(table, paths(table.schema(), keys))
        except ValueError as error:
            raise _Refusal(KEYS, f"{WRONG_KEYS} ({error})") from None

    def _commit(self, changes: Changes) -> list[Failure]:
        from pyiceberg.exceptions import CommitFailedException

        lost = f"Another writer committed to {'.'.join(changes.table.name())} first."
        if not changes.records:
            return []
        if self._lakehouse.conflicts > 0:
            self._lakehouse.conflicts -= 1
            return [Failure(record, CONFLICT, lost) for record in changes.records]
        try:
            self._lakehouse.commit(changes.table, changes.gone(), changes.rows())
        except CommitFailedException:
            return [Failure(record, CONFLICT, lost) for record in changes.records]
        except Undelivered as error:
            return [Failure(record, error.code, error.message) for record in changes.records]
        return []


def _object(data: bytes) -> Mapping[str, Any]:
    """The one JSON object of a record. Raises ValueError for anything else."""
    try:
        value = json.loads(data, parse_float=Decimal)  # a DECIMAL keeps all its digits
    except (ValueError, RecursionError, ArithmeticError):  # the last: an exponent of many digits
        raise ValueError("the record is not one JSON object") from None
    if not isinstance(value, Mapping):
        raise ValueError("the record is not one JSON object")
    if depth(value) > DEEPEST:
        raise ValueError(f"the record nests deeper than {DEEPEST} levels")
    return value
