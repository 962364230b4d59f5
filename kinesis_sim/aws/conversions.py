"""Between what callers hold and plain values: compiled visitors over botocore's shapes.

Plain values are what the domain speaks: blobs are bytes, timestamps are int milliseconds since the
Unix epoch, everything else is as in botocore's shapes. Visitors are compiled once per shape into
closures, because they run on every call; a shape with nothing to convert compiles to None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, Shape, StructureShape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Converter = Callable[[Any], Any]
InPlace = Callable[[Any], None]


@lru_cache(maxsize=4096)
def inbound(shape: StructureShape | None) -> Converter | None:
    """A normaliser of a boto3 caller's parameters into plain values; None if nothing can need it.

    Blobs: text becomes its UTF-8 bytes, bytearray and memoryview become bytes, a file is read to
    its end. Timestamps: whatever botocore.utils.parse_to_aware_datetime takes (datetime, naive
    meaning UTC; ISO 8601 text; epoch seconds as number or text) becomes int milliseconds, rounded
    down. The caller's containers are never changed: one is copied only when something inside it is
    converted.
    """
    return None if shape is None else _converter(shape, {})


def present(shape: Shape | None, value: Any) -> Any:
    """A value without the structures' members that are None: absent, as null is on the wire.

    For callers whose parameters boto3 does not validate; it lets no None through itself.
    """
    if shape is None or value is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        members = {name: item for name, item in value.items() if item is not None}
        return {name: present(shape.members.get(name), item) for name, item in members.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [present(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: present(shape.value, item) for name, item in value.items()}
    return value


def _converter(shape: Shape, seen: dict[str, Converter | None]) -> Converter | None:
    """Compile one shape.

    seen: what is compiled or being compiled, so that recursion ends.
    """
    kind = shape.type_name
    if kind == "blob":
        return _blob
    if kind == "timestamp":
        return _milliseconds
    if kind not in ("structure", "list", "map"):
        return None
    if shape.name not in seen:
        seen[shape.name] = lambda value: made(value) if made is not None else value
        made = {"structure": _structure, "list": _list, "map": _map}[kind](shape, seen)
        seen[shape.name] = made
    return seen[shape.name]


def _structure(shape: StructureShape, seen: dict[str, Converter | None]) -> Converter | None:
    compiled = [(name, _converter(member, seen)) for name, member in shape.members.items()]
    rows = tuple((name, convert) for name, convert in compiled if convert is not None)

    def structure(value: Any) -> Any:
        plain = value
        for name, convert in rows:
            before = value.get(name)
            if before is None:
                continue
            after = convert(before)
            if after is not before:
                if plain is value:
                    plain = dict(value)
                plain[name] = after
        return plain

    return structure if rows else None


def _list(shape: ListShape, seen: dict[str, Converter | None]) -> Converter | None:
    convert = _converter(shape.member, seen)
    if convert is None:
        return None
    each: Converter = convert
    blob = _only_blob(shape.member, seen)

    def sequence(value: Any) -> Any:
        if blob is not None and _all_bytes(value, blob):
            return value
        after = [each(item) for item in value]
        return value if all(a is b for a, b in zip(after, value, strict=True)) else after

    return sequence


def _only_blob(shape: Shape, seen: dict[str, Converter | None]) -> str | None:
    """The one convertible member of a record-like structure, if it is a blob: the hot case."""
    if shape.type_name != "structure":
        return None
    inside = [(name, m) for name, m in shape.members.items() if _converter(m, seen)]
    return inside[0][0] if len(inside) == 1 and inside[0][1].type_name == "blob" else None


def _all_bytes(records: Sequence[Any], name: str) -> bool:
    for record in records:  # noqa: SIM110  (all() would put a generator in every record's way)
        if type(record.get(name)) is not bytes:
            return False
    return True


def _map(shape: MapShape, seen: dict[str, Converter | None]) -> Converter | None:
    convert = _converter(shape.value, seen)
    if convert is None:
        return None
    each: Converter = convert

    def mapping(value: Any) -> Any:
        after = {key: each(item) for key, item in value.items()}
        return value if all(after[key] is value[key] for key in value) else after

    return mapping


def _blob(value: Any) -> Any:
    if type(value) is bytes:
        return value
    if isinstance(value, str):
        return value.encode()
    if hasattr(value, "read"):
        return _blob(value.read())
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else value


def _milliseconds(value: Any) -> int:
    if not isinstance(value, datetime) or value.tzinfo is None:
        from botocore.utils import parse_to_aware_datetime

        value = parse_to_aware_datetime(value)
    return int((value - _EPOCH) // _MILLISECOND)


def timestamps_to(convert: Callable[[int], Any], shape: Shape | None) -> InPlace | None:
    """A visitor that replaces every timestamp (int ms) of an answer by ``convert`` of it, in place.

    None when the shape has no timestamps. Members that are event streams are left alone: each event
    is visited by itself, with the event's own shape. Keep the visitor: compiling it walks the whole
    shape.
    """
    return None if shape is None else _visitor(convert, shape, {})


def _visitor(
    convert: Callable[[int], Any], shape: Shape, seen: dict[str, InPlace | None]
) -> InPlace | None:
    kind = shape.type_name
    if kind not in ("structure", "list", "map") or getattr(shape, "is_document_type", False):
        return None
    if shape.name not in seen:
        seen[shape.name] = lambda value: made(value) if made is not None else None
        made = {"structure": _structure_visitor, "list": _list_visitor, "map": _map_visitor}[kind](
            convert, shape, seen
        )
        seen[shape.name] = made
    return seen[shape.name]


def _structure_visitor(
    convert: Callable[[int], Any], shape: StructureShape, seen: dict[str, InPlace | None]
) -> InPlace | None:
    instants = tuple(name for name, m in shape.members.items() if m.type_name == "timestamp")
    compiled = [
        (name, _visitor(convert, member, seen))
        for name, member in shape.members.items()
        if not getattr(member, "is_eventstream", member.serialization.get("eventstream"))
    ]
    inner = tuple((name, visit) for name, visit in compiled if visit is not None)

    def structure(value: Any) -> None:
        for name in instants:
            instant = value.get(name)
            if instant is not None:
                value[name] = convert(instant)
        for name, visit in inner:
            inside = value.get(name)
            if inside is not None:
                visit(inside)

    return structure if instants or inner else None


def _list_visitor(
    convert: Callable[[int], Any], shape: Shape, seen: dict[str, InPlace | None]
) -> InPlace | None:
    member = shape.member
    if member.type_name == "timestamp":

        def instants(value: Any) -> None:
            value[:] = [convert(item) for item in value]

        return instants
    visit = _visitor(convert, member, seen)
    if visit is None:
        return None
    only = _only_timestamp(member)

    def records(value: Any) -> None:
        for item in value:
            instant = item.get(only)
            if instant is not None:
                item[only] = convert(instant)

    def sequence(value: Any) -> None:
        for item in value:
            visit(item)

    return sequence if only is None else records


def _only_timestamp(shape: Shape) -> str | None:
    """The one timestamp of a flat structure (a record of GetRecords): the hot case."""
    if shape.type_name != "structure":
        return None
    if any(member.type_name in ("structure", "list", "map") for member in shape.members.values()):
        return None
    instants = [name for name, member in shape.members.items() if member.type_name == "timestamp"]
    return instants[0] if len(instants) == 1 else None


def _map_visitor(
    convert: Callable[[int], Any], shape: Shape, seen: dict[str, InPlace | None]
) -> InPlace | None:
    member = shape.value
    visit = _visitor(convert, member, seen)
    if member.type_name == "timestamp":

        def instants(value: Any) -> None:
            for key in value:
                value[key] = convert(value[key])

        return instants
    if visit is None:
        return None

    def mapping(value: Any) -> None:
        for item in value.values():
            visit(item)

    return mapping
