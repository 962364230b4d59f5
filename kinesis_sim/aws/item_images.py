"""What writes to moto's DynamoDB tables leave: the image of each item, and nothing else.

A table whose changes go nowhere (no stream, no Kinesis destination, no function) is its items, in
their order. So a long row of writes comes to the last image of each key (``journal/folding``). What
is not plain beyond doubt has no image, and is done again as it was asked; that goes for values of a
shape that moto is not known to keep, too.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.bridges.tables import is_heard
from kinesis_sim.aws.shortcuts import called_plainly
from kinesis_sim.journal.folding import ITEMS
from kinesis_sim.journal.images import Effect

if TYPE_CHECKING:
    from kinesis_sim.aws.exchange import Request

_ONE = {"PutItem": "Item", "UpdateItem": "Key", "DeleteItem": "Key"}
_SCALARS = {"S": str, "N": str, "B": str, "BOOL": bool, "NULL": bool}
_SETS = ("SS", "NS", "BS")


class NotPlain(Exception):
    """What has no image."""


def left(request: Request, account: str, seed: int) -> Effect | None:
    """What a request that moto has answered left in its tables, and nowhere else.

    None where that cannot be told. seed: what moto drew from.
    """
    called = called_plainly(request)
    if called is None or called[1] != "dynamodb" or (request.method, request.path) != ("POST", "/"):
        return None
    operation = request.headers.get("x-amz-target", "").rpartition("DynamoDB_20120810.")[2]
    try:
        return _left(operation, json.loads(request.body), account, called[0], request, seed)
    except Exception:  # it was answered: whatever is odd about it, it can be asked again
        return None


def _left(
    operation: str, body: Any, account: str, region: str, request: Request, seed: int
) -> Effect:
    from moto.dynamodb.models import dynamodb_backends

    backend = dynamodb_backends[account][region]
    rows, seen = [], set()
    for name, attributes in _written(operation, body):
        table = backend.tables[name]
        if is_heard(table):
            raise NotPlain
        at_hash = attributes[table.hash_key_attr]
        at_range = None if table.range_key_attr is None else attributes[table.range_key_attr]
        key = json.dumps([_canonical(at_hash), at_range and _canonical(at_range)])
        if (name, key) in seen:
            raise NotPlain
        seen.add((name, key))
        image = _image(table, at_hash, at_range)
        if image is not _NEVER:
            rows.append([name, key, at_hash, at_range, image])
    return [ITEMS, account, region, _access_key(request), seed, rows]


def _written(operation: str, body: Any) -> list[tuple[str, dict[str, Any]]]:
    """The tables and keys that a request writes to, in moto's order."""
    if operation in _ONE:
        return [(body["TableName"], body[_ONE[operation]])]
    if operation != "BatchWriteItem":
        raise NotPlain
    asked = [(name, row) for name, rows in body["RequestItems"].items() for row in rows]
    puts = [(name, row["PutRequest"]["Item"]) for name, row in asked if "PutRequest" in row]
    deletes = [
        (name, row["DeleteRequest"]["Key"]) for name, row in asked if "PutRequest" not in row
    ]
    return puts + deletes


def _access_key(request: Request) -> str:
    return request.headers["authorization"].partition("Credential=")[2].partition("/")[0]


def _canonical(value: dict[str, Any]) -> list[str]:
    """A key's value as DynamoDB tells keys apart."""
    [(kind, text)] = value.items()
    if type(text) is not str or kind not in ("S", "N", "B"):
        raise NotPlain
    return [kind, format(Decimal(text).normalize(), "f") if kind == "N" else text]


_NEVER = object()
"""What a key without a place in its table has: no item, nor had its hash key any."""


def _image(table: Any, at_hash: dict[str, Any], at_range: dict[str, Any] | None) -> Any:
    """The attributes of a key's item; None for no item."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    found = table.items.get(DynamoType(at_hash))
    if at_range is not None:
        if found is None:
            return _NEVER
        found = found.get(DynamoType(at_range))
    if found is None:
        return None
    return {name: _plain(value) for name, value in found.attrs.items()}


def _plain(value: Any) -> dict[str, Any]:
    """One of moto's values as a request would have it."""
    kind, inner = value.type, value.value
    if kind in _SCALARS:
        if type(inner) is not _SCALARS[kind]:
            raise NotPlain
        return {kind: inner}
    if kind in _SETS:
        if type(inner) is not list or not all(type(each) is str for each in inner):
            raise NotPlain
        return {kind: list(inner)}
    if kind == "L" and type(inner) is list:
        return {kind: [_plain(each) for each in inner]}
    if kind == "M" and type(inner) is dict:
        return {kind: {name: _plain(each) for name, each in inner.items()}}
    raise NotPlain


def put_back(given: list[Any]) -> None:
    """Have again what a long row of writes left. Raises LookupError, TypeError or ValueError."""
    from moto.dynamodb.models import dynamodb_backends
    from moto.iam.models import mark_account_as_visited

    from kinesis_sim.aws.neighbours import USED, prepare
    from kinesis_sim.aws.outside import drew

    _, seed, callers, tables = given
    prepare()
    drew(seed)
    for account, region, caller in callers:
        USED.add(account)
        mark_account_as_visited(account, caller, "dynamodb", region)
    for account, region, name, hashes, rows in tables:
        table = dynamodb_backends[account][region].tables[name]
        if is_heard(table):
            raise ValueError(f"the changes of table {name} go somewhere")
        _put_back(table, hashes, rows)


def _put_back(table: Any, hashes: list[Any], rows: list[Any]) -> None:
    from moto.dynamodb.models.dynamo_type import DynamoType

    for at_hash in hashes:
        _ = table.items[DynamoType(at_hash)]  # moto keeps the place of each that was asked for
    for at_hash, at_range, anew, image in rows:
        key, place = DynamoType(at_hash), table.items
        if at_range is not None:
            place, key = table.items[key], DynamoType(at_range)
        if anew or image is None:
            place.pop(key, None)
        if image is not None:
            place[key] = _item(at_hash, at_range, image)


def _item(at_hash: Any, at_range: Any, image: dict[str, Any]) -> Any:
    """moto's item of an image, past its look at the size, which costs the square of it."""
    from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

    item: Any = Item(DynamoType(at_hash), None if at_range is None else DynamoType(at_range), {})
    attributes = LimitedSizeDict()
    for name, value in image.items():
        dict.__setitem__(attributes, name, DynamoType(value))
    item.attrs = attributes
    return item
