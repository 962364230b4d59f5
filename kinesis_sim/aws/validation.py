"""Validation of a request against botocore's model: every violation at once, in AWS's words.

A request is first put to a compiled test that only says yes or no; it runs on every call, allocates
nothing, and says yes only to what is beyond doubt. When it says no, the request is walked again to
find what is wrong: first a value of a wrong type (SerializationException, as on AWS), then all
violated constraints (one ValidationException). Both ways read the same ``constraints``; a test
holds them equal.

Words and their sources: ``constraints``. Further choices of this model, where AWS is silent or has
no fixed order: members are reported in the model's order and a value's own violations before those
inside it; ten at most are named (seen on AWS: ten of a possible 502); a structure inside a list is
printed as recent AWS answers print it, ``Record(data=null)`` (Kinesis of 2014 printed a Java object
id); a printed value is cut after 100,000 characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.constraints import NOT_NULL, Constraint, bracketed, constraints
from kinesis_sim.aws.mistypes import is_unicode, mistype
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape, StructureShape

MOST_NAMED = 10
_MOST_PRINTED = 100_000
_CONTAINERS = ("structure", "list", "map")

Test = Callable[[Any], bool]


def check(operation_model: OperationModel, params: Mapping[str, Any]) -> None:
    """Raise ServiceError unless the plain-valued parameters keep the model of the operation's
    input.

    SerializationException for a wrong type, else ValidationException naming every violation.
    """
    shape = operation_model.input_shape
    if shape is None or tester(shape)(params):
        return
    refuse(shape, params)


def refuse(shape: StructureShape, params: Mapping[str, Any]) -> None:
    """The slow way: say what is wrong with parameters that the fast test would not vouch for."""
    wrong = mistype(shape, params)
    if wrong is not None:
        raise ServiceError("SerializationException", wrong)
    found = validator(shape)(params)
    if found:
        raise ServiceError("ValidationException", message(found))


def message(violations: list[str]) -> str:
    """AWS's sentence around one or more violations."""
    count = len(violations)
    return f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(violations)}"


@lru_cache(maxsize=4096)
def validator(shape: StructureShape) -> Callable[[Mapping[str, Any]], list[str]]:
    """A function from plain values of the right types to their first ten violations, in AWS's
    words."""

    def violations(params: Mapping[str, Any]) -> list[str]:
        return list(islice(_violations(shape, params, ""), MOST_NAMED))

    return violations


# --- the fast way: yes or no ---------------------------------------------------------------------


@lru_cache(maxsize=4096)
def tester(shape: StructureShape) -> Test:
    """A compiled test: True when a plain value surely keeps every type and constraint of the
    shape."""
    return _tester(shape, {})


def _tester(shape: Shape, seen: dict[str, Test]) -> Test:
    if shape.type_name in _CONTAINERS and not getattr(shape, "is_document_type", False):
        if shape.name not in seen:
            seen[shape.name] = lambda value: made(value)
            made = _container(shape, seen)
            seen[shape.name] = made
        return seen[shape.name]
    return _scalar(shape)


def _container(shape: Shape, seen: dict[str, Test]) -> Test:
    if shape.type_name == "structure":
        return _structure(shape, seen)
    least, most = _bounds(shape)
    if shape.type_name == "list":
        return _list(_tester(shape.member, seen), least, most)
    return _map(_tester(shape.key, seen), _tester(shape.value, seen), least, most)


def _structure(shape: StructureShape, seen: dict[str, Test]) -> Test:
    required = tuple(shape.required_members)
    tests = {name: _tester(member, seen) for name, member in shape.members.items()}

    def structure(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name in required:
            if name not in value:
                return False
        for name, inside in value.items():
            test = tests.get(name)
            if test is not None and not test(inside) and (inside is not None or name in required):
                return False
        return True

    return structure


def _list(each: Test, least: int, most: float) -> Test:
    def sequence(value: Any) -> bool:
        if type(value) is not list or not least <= len(value) <= most:
            return False
        for item in value:  # noqa: SIM110  (all() would put a generator in every record's way)
            if not each(item):
                return False
        return True

    return sequence


def _map(key: Test, each: Test, least: int, most: float) -> Test:
    def mapping(value: Any) -> bool:
        if type(value) is not dict or not least <= len(value) <= most:
            return False
        return all(key(name) and each(item) for name, item in value.items())

    return mapping


def _bounds(shape: Shape) -> tuple[int, float]:
    return shape.metadata.get("min", 0), shape.metadata.get("max", float("inf"))


def _scalar(shape: Shape) -> Test:
    rules = {rule.kind: rule for rule in constraints(shape)}
    kind = shape.type_name
    if kind == "string":
        return _text(shape, rules)
    if kind == "blob":
        return _sized(bytes, *_bounds(shape))
    if kind in ("integer", "long"):
        return _number(shape)
    if kind in _EXACT:
        exact = _EXACT[kind]
        return lambda value: type(value) is exact
    return lambda value: False  # floats and documents take the slow way


_EXACT: dict[str, type] = {"boolean": bool, "timestamp": int}


def _text(shape: Shape, rules: dict[str, Constraint]) -> Test:
    if "enum" in rules:
        allowed = frozenset(rules["enum"].bound)
        return lambda value: type(value) is str and value in allowed
    sized = _sized(str, *_bounds(shape))
    if "pattern" not in rules:
        return lambda value: sized(value) and (value.isascii() or is_unicode(value))
    matches = rules["pattern"].holds
    return lambda value: sized(value) and is_unicode(value) and matches(value)


def _sized(exact: Any, least: int, most: float) -> Test:
    def sized(value: Any) -> bool:
        return type(value) is exact and least <= len(value) <= most

    return sized


def _number(shape: Shape) -> Test:
    least, most = shape.metadata.get("min", float("-inf")), shape.metadata.get("max", float("inf"))
    return lambda value: type(value) is int and least <= value <= most


# --- the slow way: what is wrong -----------------------------------------------------------------


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    for rule in constraints(shape):
        if not rule.holds(value):
            yield _sentence(shape, value, path, rule.text)
    if shape.type_name == "structure":
        yield from _of_structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _of_list(shape, value, path)
    elif shape.type_name == "map":
        yield from _of_map(shape, value, path)


def _of_structure(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    required = frozenset(shape.required_members)
    for name, member in shape.members.items():
        inside = value.get(name)
        at = f"{path}.{lower_first(name)}" if path else lower_first(name)
        if inside is not None:
            yield from _violations(member, inside, at)
        elif name in required:
            yield _sentence(member, None, at, NOT_NULL)


def _of_list(shape: Shape, value: Any, path: str) -> Iterator[str]:
    member = shape.member
    if member.type_name not in _CONTAINERS:
        if not all(_holds(member, item) for item in value):
            text = f"Member must satisfy constraint: {bracketed(member)}"
            yield _sentence(shape, value, path, text)
        return
    for place, item in enumerate(value, start=1):
        yield from _of_item(member, item, f"{path}.{place}.member")


def _of_map(shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    if not all(_holds(shape.key, key) for key in value):
        text = f"Map keys must satisfy constraint: {bracketed(shape.key)}"
        yield _sentence(shape, value, path, text)
    member = shape.value
    if member.type_name not in _CONTAINERS:
        if not all(_holds(member, item) for item in value.values()):
            text = f"Map value must satisfy constraint: {bracketed(member)}"
            yield _sentence(shape, value, path, text)
        return
    for key, item in value.items():
        yield from _of_item(member, item, f"{path}.{key}.member")


def _of_item(member: Shape, item: Any, path: str) -> Iterator[str]:
    if item is None:
        yield _sentence(member, None, path, NOT_NULL)
    else:
        yield from _violations(member, item, path)


def _holds(shape: Shape, value: Any) -> bool:
    return value is not None and all(rule.holds(value) for rule in constraints(shape))


# --- words ---------------------------------------------------------------------------------------


def _sentence(shape: Shape, value: Any, path: str, text: str) -> str:
    shown = "null" if value is None else f"'{_cut(render(shape, value))}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {text}"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_PRINTED else f"{text[:_MOST_PRINTED]}…"


def lower_first(name: str) -> str:
    """A member's name as AWS prints it in paths: ``StreamARN`` → ``streamARN``."""
    return name[:1].lower() + name[1:]


def render(shape: Shape, value: Any) -> str:
    """A value as Java prints it inside AWS's messages."""
    if value is None:
        return "null"
    kind = shape.type_name
    if kind == "blob":
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "list":
        return f"[{', '.join(render(shape.member, item) for item in value)}]"
    if kind == "map":
        pairs = (f"{key}={render(shape.value, item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if kind == "structure":
        inside = (f"{lower_first(n)}={render(m, value.get(n))}" for n, m in shape.members.items())
        return f"{shape.name}({', '.join(inside)})"
    return str(value)
