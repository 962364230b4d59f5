"""Compiling botocore shapes into functions: the walk that every wire format shares.

Laws
1. A shape is compiled once; calling the result looks nothing up in botocore any more.
2. Unknown members are ignored and null members are absent, as on AWS.
3. A wrong wire type raises SerializationException in AWS's words (``mistypes``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.mistypes import wrong_type
from kinesis_sim.aws.wire import Convert
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.model import Shape

Leaf = Callable[["Shape"], Convert | None]

_BOOLEAN_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_BOUNDS = {"integer": 2**31 - 1, "long": 2**63 - 1}


def unreadable(message: str = "") -> ServiceError:
    """A SerializationException; AWS gives no text when the document itself cannot be parsed."""
    return ServiceError("SerializationException", message)


def mistyped(type_name: str, value: object) -> ServiceError:
    """What AWS answers when ``value`` is not of the botocore type ``type_name``."""
    return unreadable(wrong_type(type_name, value))


EARLIEST, LATEST = -62_135_596_800_000, 253_402_300_799_999
"""What a date can say: the years 1 to 9999 (epoch ms)."""


def moment(ms: float, given: object) -> int:
    """Epoch milliseconds, whole.

    Raises for an instant that no calendar has (model's choice: AWS was not seen being asked).
    given: as the caller wrote it.
    """
    if EARLIEST <= ms <= LATEST:
        return round(ms)
    raise mistyped("timestamp", given)


def read_string(value: Any) -> str:
    """A string as it is; anything else is refused."""
    if type(value) is str:
        return value
    raise mistyped("string", value)


def read_whole(shape: Shape) -> Convert:
    """Integers and longs: fractions are cut off, excess is clamped (kinesalite, as on AWS)."""
    top = _BOUNDS[shape.type_name]
    kind = shape.type_name

    def read(value: Any) -> int:
        if type(value) is not int:
            if type(value) is not float or value != value:
                raise mistyped(kind, value)
            value = int(max(min(value, top), -top - 1) // 1)
        whole: int = value if -top <= value <= top else max(min(value, top), -top - 1)
        return whole

    return read


def read_double(value: Any) -> float:
    """Floats and doubles."""
    if type(value) in (int, float):
        return float(value)
    raise mistyped("double", value)


def read_boolean(value: Any) -> bool:
    """Booleans, the words AWS takes for them, and (a quirk of AWS's) numbers with a fraction."""
    if type(value) is bool:
        return value
    if type(value) is float:
        return value != 0
    word = value.lower() if isinstance(value, str) else None
    if word in _BOOLEAN_WORDS:
        return _BOOLEAN_WORDS[word]
    raise mistyped("boolean", value)


def compile_reader(shape: Shape, leaf: Leaf) -> Convert:
    """A function that checks and converts a document. leaf: the format's own scalar types."""
    return _Readers(leaf).of(shape)


def compile_writer(shape: Shape, leaf: Leaf) -> Convert:
    """A function that converts an answer, copying what it changes. leaf: as in compile_reader."""
    convert = _Writers(leaf).of(shape)
    return convert or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


class _Readers:
    """Compiles readers, each named shape once, so that shapes may contain themselves."""

    def __init__(self, leaf: Leaf) -> None:
        self._leaf = leaf
        self._open: dict[str, list[Convert]] = {}

    def of(self, shape: Shape) -> Convert:
        kind = shape.type_name
        if kind not in ("structure", "list", "map"):
            return self._scalar(shape)
        if shape.name in self._open:
            target = self._open[shape.name]
            return lambda value: target[0](value)
        target = self._open.setdefault(shape.name, [])
        target.append(getattr(self, f"_{kind}")(shape))
        return target[0]

    def _scalar(self, shape: Shape) -> Convert:
        own = self._leaf(shape)
        if own is not None:
            return own
        if shape.type_name in _BOUNDS:
            return read_whole(shape)
        scalars: dict[str, Convert] = {"boolean": read_boolean, "double": read_double}
        scalars |= {"float": read_double, "string": read_string, "character": read_string}
        return scalars[shape.type_name]

    def _structure(self, shape: Any) -> Convert:
        readers = {
            _wire_name(name, member): (name, self.of(member)) for name, member in _members(shape)
        }

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise mistyped("structure", value)
            out = {}
            for key, item in value.items():
                if item is not None and key in readers:
                    name, convert = readers[key]
                    out[name] = convert(item)
            return out

        return read

    def _list(self, shape: Any) -> Convert:
        convert = self.of(shape.member)

        def read(value: Any) -> list[Any]:
            if type(value) is not list:
                raise mistyped("list", value)
            return [None if item is None else convert(item) for item in value]

        return read

    def _map(self, shape: Any) -> Convert:
        convert = self.of(shape.value)

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise mistyped("map", value)
            return {
                read_string(key): None if item is None else convert(item)
                for key, item in value.items()
            }

        return read


class _Writers:
    """Compiles writers; a shape that needs no conversion compiles to None and passes whole."""

    def __init__(self, leaf: Leaf) -> None:
        self._leaf = leaf
        self._open: set[str] = set()

    def of(self, shape: Shape) -> Convert | None:
        kind = shape.type_name
        if kind not in ("structure", "list", "map"):
            return self._leaf(shape)
        if shape.name in self._open:
            return _Later(self, shape)
        self._open.add(shape.name)
        try:
            compiled: Convert | None = getattr(self, f"_{kind}")(shape)
            return compiled
        finally:
            self._open.discard(shape.name)

    def _structure(self, shape: Any) -> Convert | None:
        found = [(name, _wire_name(name, inner), self.of(inner)) for name, inner in _members(shape)]
        writers = [row for row in found if row[2] is not None or row[0] != row[1]]
        if not writers:
            return None

        def write(value: dict[str, Any]) -> dict[str, Any]:
            out = value.copy()
            for name, wire_name, convert in writers:
                if name in out:
                    item = out.pop(name) if name != wire_name else out[name]
                    out[wire_name] = item if item is None or convert is None else convert(item)
            return out

        return write

    def _list(self, shape: Any) -> Convert | None:
        convert = self.of(shape.member)
        return None if convert is None else lambda value: [convert(item) for item in value]

    def _map(self, shape: Any) -> Convert | None:
        convert = self.of(shape.value)
        if convert is None:
            return None
        return lambda value: {key: convert(item) for key, item in value.items()}


class _Later:
    """The writer of a shape inside itself, compiled when a document first reaches that deep."""

    def __init__(self, writers: _Writers, shape: Shape) -> None:
        self._make: Callable[[], Convert | None] = lambda: _Writers(writers._leaf).of(shape)
        self._convert: Convert | None = None

    def __call__(self, value: Any) -> Any:
        if self._convert is None:
            self._convert = self._make() or _as_it_is
        return self._convert(value)


def _members(shape: Any) -> Iterable[tuple[str, Any]]:
    members: Iterable[tuple[str, Any]] = shape.members.items()
    return members


def _wire_name(name: str, member: Shape) -> str:
    return str(member.serialization.get("name", name))
