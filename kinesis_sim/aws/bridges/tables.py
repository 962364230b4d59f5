"""DynamoDB's streaming into data streams: four operations that moto lacks, and each item's change.

Answers and refusals as they were recorded (radkawar/stackd, testdata/aws/dynamodb/
kinesis_destination.json, 2026-09-19; localstack/localstack, dynamodb and dynamodbstreams snapshots
of 2025-07-23 and 2024-01-30). How long a destination is ENABLING, UPDATING or DISABLING, the
partition key (here MD5 of the item's keys) and a table's id (moto has none) are the model's choice.

A table's own change stream that is turned off takes no more changes and can still be read; turned
on again it is another one (DynamoDB's guide, "Change data capture for DynamoDB Streams"). moto
would fail at every change from then on. What a stream that is on already is refused with was seen
by ScyllaDB's tests (scylladb issue 6939, 2020).
"""

from __future__ import annotations

import base64
import hashlib
import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kinesis_sim.aws.bridges.delivery import asking, compact, is_active, put, service_of, sound

SETTLING_MS = 5_000
"""Until a destination's change of state is done (model's choice)."""
_DESTINATION = "_kinesis_lab_destination"
_VIEW = "_kinesis_lab_view"
_NO_VIEW = (
    "One or more parameter values were invalid: StreamEnabled is true, but StreamViewType says "
    "not what the stream holds."
)
"""In the model's own words: AWS's are not known."""
_IN_STATE = "Table is not in a valid state to enable Kinesis Streaming Destination: "
_SETTLED = {"UPDATING": "ACTIVE", "DISABLING": "DISABLED"}
_Record = tuple[str, bytes, str]
_held: ContextVar[list[_Record] | None] = ContextVar("kinesis_lab_transaction", default=None)
"""Records of the transaction that is under way; none of them is told when it is cancelled."""


@dataclass(slots=True)
class StreamingDestination:
    """Where a table's changes go. since: when the state was entered (epoch ms)."""

    arn: str
    state: str
    since: int
    precision: str | None = None

    def now(self) -> str:
        """Its state at this instant of the simulator that moto works for."""
        over = asking().clock.now >= self.since + SETTLING_MS
        if over and self.state == "ENABLING":
            there = service_of(self.arn) == "kinesis" and is_active(self.arn)
            self.state = "ACTIVE" if there else "ENABLE_FAILED"
        elif over:
            self.state = _SETTLED.get(self.state, self.state)
        return self.state

    def enter(self, state: str) -> None:
        """Go to a state."""
        self.state, self.since = state, asking().clock.now


class Tap:
    """Stands where a table keeps its own change stream, if it has one, and hears each change."""

    def __init__(self, table: Any, own: Any) -> None:
        self._table, self.own = table, own

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "own" not in self.__dict__:  # moto copies tables whole
            raise AttributeError(name)
        return getattr(self.own, name)

    def add(self, old: Any, new: Any) -> None:
        """An item was there, and another is now; None for neither."""
        if self.own is not None:
            self.own.add(old, new)
        where = getattr(self._table, _DESTINATION, None)
        if where is not None and where.now() in ("ACTIVE", "UPDATING"):
            _tell(self._table, where, _attributes(old), _attributes(new))


def is_heard(table: Any) -> bool:
    """Whether a table's changes go anywhere but into the table."""
    return bool(
        table.stream_shard is not None
        or table.lambda_event_source_mappings
        or hasattr(table, _DESTINATION)
    )


def build() -> None:
    """Have moto's DynamoDB use this file."""
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    specify, transact = Table.set_stream_specification, DynamoDBBackend.transact_write_items

    def transacted(self: Any, transact_items: Any) -> None:
        records: list[_Record] = []
        token = _held.set(records)
        try:
            transact(self, transact_items)
        finally:
            _held.reset(token)
        for arn, data, key in records:
            put(arn, data, key, sender=False)

    DynamoDBBackend.transact_write_items = transacted  # type: ignore[method-assign]

    def specified(self: Any, streams: Any) -> None:
        if streams and streams.get("StreamEnabled") and not streams.get("StreamViewType"):
            raise _invalid(_NO_VIEW)
        was = view_of(self) if hasattr(self, "stream_specification") else None
        specify(self, streams)
        setattr(self, _VIEW, self.stream_specification.get("StreamViewType", was))
        if hasattr(self, _DESTINATION):
            _listen(self)

    Table.set_stream_specification = specified  # type: ignore[method-assign]
    _let_streams_be_off()
    handler: Any = DynamoHandler
    handler.enable_kinesis_streaming_destination = _enable
    handler.disable_kinesis_streaming_destination = _disable
    handler.update_kinesis_streaming_destination = _update
    handler.describe_kinesis_streaming_destination = _describe


def view_of(table: Any) -> str | None:
    """What a table's change stream holds of an item, also when it is off; None without one."""
    view = (table.stream_specification or {}).get("StreamViewType")
    found: str | None = view or getattr(table, _VIEW, None)
    return found


def _let_streams_be_off() -> None:
    """Have moto know that a change stream may be turned off, and on again."""
    from moto.dynamodb.exceptions import ResourceNotFoundException
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import StreamShard
    from moto.dynamodbstreams.models import DynamoDBStreamsBackend

    add, update = StreamShard.add, DynamoDBBackend.update_table_streams
    describe = DynamoDBStreamsBackend.describe_stream

    def added(self: Any, old: Any, new: Any) -> None:
        if self.table.stream_specification["StreamEnabled"]:
            add(self, old, new)

    def updated(self: Any, table: Any, stream_specification: Any) -> None:
        label, enabled = table.latest_stream_label, table.stream_specification["StreamEnabled"]
        if enabled and stream_specification.get("StreamEnabled"):
            raise _invalid(f"Table already has an enabled stream: TableName: {table.name}")
        if not enabled:
            table.latest_stream_label = None  # by which moto knows that there is one
        try:
            update(self, table, stream_specification)
        finally:
            table.latest_stream_label = table.latest_stream_label or label

    def described(self: Any, arn: str) -> Any:
        table = self._get_table_from_arn(arn)
        kept, view = table.stream_specification, view_of(table)
        if view is None or table.stream_shard is None:
            raise ResourceNotFoundException
        table.stream_specification = {**kept, "StreamViewType": view}
        try:
            told = describe(self, arn)
        finally:
            table.stream_specification = kept
        return told if kept["StreamEnabled"] else {**told, "StreamStatus": "DISABLED"}

    StreamShard.add = added  # type: ignore[method-assign]
    DynamoDBBackend.update_table_streams = updated  # type: ignore[method-assign]
    DynamoDBStreamsBackend.describe_stream = described  # type: ignore[method-assign]


def _listen(table: Any) -> None:
    own = table.stream_shard
    table.stream_shard = Tap(table, own.own if isinstance(own, Tap) else own)


# --- the operations, as methods of moto's handler -------------------------------------------------


def _table(handler: Any) -> Any:
    from moto.dynamodb.exceptions import ResourceNotFoundException

    name = handler.body["TableName"]
    try:
        return handler.dynamodb_backend.get_table(name)
    except ResourceNotFoundException:
        raise ResourceNotFoundException(table_name=name) from None


def _invalid(text: str) -> Exception:
    from moto.dynamodb.exceptions import MockValidationException

    found: Exception = MockValidationException(text)
    return found


def _answer(members: dict[str, Any]) -> Any:
    from moto.core.responses import ActionResult

    return ActionResult(members)


def _enable(self: Any) -> Any:
    table, arn = _table(self), self.body["StreamArn"]
    had = getattr(table, _DESTINATION, None)
    if had is not None and had.now() not in ("DISABLED", "ENABLE_FAILED"):
        raise _invalid(
            f"{_IN_STATE}EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to "
            "perform ENABLE operation."
        )
    asked = self.body.get("EnableKinesisStreamingConfiguration") or {}
    made = StreamingDestination(
        arn, "ENABLING", asking().clock.now, asked.get("ApproximateCreationDateTimePrecision")
    )
    setattr(table, _DESTINATION, made)
    _listen(table)
    return _answer(
        {
            "TableName": table.name,
            "StreamArn": arn,
            "DestinationStatus": "ENABLING",
            "EnableKinesisStreamingConfiguration": asked,
        }
    )


def _disable(self: Any) -> Any:
    table, arn = _table(self), self.body["StreamArn"]
    where = getattr(table, _DESTINATION, None)
    if where is None or where.arn != arn or where.now() != "ACTIVE":
        raise _invalid(
            f"{_IN_STATE}KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."
        )
    where.enter("DISABLING")
    return _answer({"TableName": table.name, "StreamArn": arn, "DestinationStatus": "DISABLING"})


def _update(self: Any) -> Any:
    table, arn = _table(self), self.body["StreamArn"]
    asked = self.body.get("UpdateKinesisStreamingConfiguration") or {}
    precision = asked.get("ApproximateCreationDateTimePrecision")
    if precision is None:
        raise _invalid(
            "Streaming destination cannot be updated with given parameters: "
            "UpdateKinesisStreamingConfiguration cannot be null or contain only null values"
        )
    where = getattr(table, _DESTINATION, None)
    if where is None or where.arn != arn:
        raise _invalid(
            f"{_IN_STATE}No streaming destination with streamArn: {arn} found for table with "
            f"tableName: {table.name}"
        )
    if precision == (where.precision or "MILLISECOND"):
        raise _invalid(
            f"Invalid Request: Precision is already set to the desired value of {precision} for "
            f"tableId: {uuid5(NAMESPACE_URL, table.table_arn)}, kdsArn: {arn}"
        )
    where.precision = precision
    where.enter("UPDATING")
    return _answer(
        {
            "TableName": table.name,
            "StreamArn": arn,
            "DestinationStatus": "UPDATING",
            "UpdateKinesisStreamingConfiguration": asked,
        }
    )


def _describe(self: Any) -> Any:
    table = _table(self)
    where = getattr(table, _DESTINATION, None)
    rows = []
    if where is not None:
        row = {"StreamArn": where.arn, "DestinationStatus": where.now()}
        if where.precision is not None:
            row["ApproximateCreationDateTimePrecision"] = where.precision
        rows.append(row)
    return _answer({"TableName": table.name, "KinesisDataStreamDestinations": rows})


# --- an item's change -----------------------------------------------------------------------------


def _attributes(item: Any) -> dict[str, Any] | None:
    return None if item is None else dict(item.to_json()["Attributes"])


def _tell(
    table: Any, where: StreamingDestination, old: dict[str, Any] | None, new: dict[str, Any] | None
) -> None:
    if old == new:
        return
    from moto.moto_api._internal import mock_random

    some = new if new is not None else old
    assert some is not None
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name is not None]
    keys = {name: some[name] for name in names}
    now = asking().clock.now
    micro = where.precision == "MICROSECOND"
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": now * 1000 if micro else now,
        "Keys": keys,
    }
    if new is not None:
        change["NewImage"] = new
    if old is not None:
        change["OldImage"] = old
    change["SizeBytes"] = sum(_size(part) for part in (keys, new, old) if part is not None)
    if micro:
        change["ApproximateCreationDateTimePrecision"] = "MICROSECOND"
    kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    told = {
        "awsRegion": table.region_name if hasattr(table, "region_name") else asking().region,
        "eventID": str(mock_random.uuid4()),
        "eventName": kind,
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table.name,
        "dynamodb": change,
        "eventSource": "aws:dynamodb",
    }
    key = json.dumps([table.name, keys], sort_keys=True, default=_plain)
    digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    record, held = (where.arn, compact(told, _plain), digest), _held.get()
    if held is None:
        put(*record, sender=False)
    else:
        held.append(record)


def _plain(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _size(attributes: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them: names and values."""
    return sum(len(sound(name).encode()) + _bytes(value) for name, value in attributes.items())


def _bytes(value: Any) -> int:
    [(kind, inner)] = value.items()
    if kind == "S":
        return len(sound(inner).encode())
    if kind == "N":
        return (len(str(inner).lstrip("-").replace(".", "")) + 1) // 2 + 1
    if kind == "B":
        return len(inner) if isinstance(inner, bytes) else len(base64.b64decode(inner))
    if kind in ("SS", "NS", "BS"):
        return sum(_bytes({kind[0]: each}) for each in inner)
    if kind == "L":
        return 3 + sum(1 + _bytes(each) for each in inner)
    if kind == "M":
        return 3 + len(inner) + _size(inner)
    return 1
