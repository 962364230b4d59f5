"""Screening of requests: a compiled test per shape that says yes only to what is beyond doubt.

It runs on every call and allocates little. What it does not vouch for, ``validation`` looks at
again to say what is wrong; both read the same ``constraints``, and a test holds them equal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.constraints import Constraint, constraints
from kinesis_sim.aws.mistypes import is_unicode

if TYPE_CHECKING:
    from botocore.model import Shape, StructureShape

CONTAINERS = ("structure", "list", "map")
_SIZES = {"min", "max"}
_MANY = 8
"""From this many structures on, looking at them a member at a time pays."""

Test = Callable[[Any], bool]


@lru_cache(maxsize=4096)
def tester(shape: StructureShape) -> Test:
    """A compiled test: True when a plain value surely keeps all types and constraints."""
    return _tester(shape, {})


def _tester(shape: Shape, seen: dict[str, Test]) -> Test:
    if shape.type_name in CONTAINERS and not getattr(shape, "is_document_type", False):
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
        return _list(_tester(shape.member, seen), _alike(shape.member, seen), least, most)
    return _map(_tester(shape.key, seen), _tester(shape.value, seen), least, most)


def _structure(shape: StructureShape, seen: dict[str, Test]) -> Test:
    required = frozenset(shape.required_members)
    tests = {name: _tester(member, seen) for name, member in shape.members.items()}

    def structure(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        for name, inside in value.items():
            test = tests.get(name)
            if test is not None and not test(inside) and (inside is not None or name in required):
                return False
        return True

    return structure


def _list(each: Test, alike: Test, least: int, most: float) -> Test:
    def sequence(value: Any) -> bool:
        if type(value) is not list or not least <= len(value) <= most:
            return False
        if alike(value):
            return True
        for item in value:  # noqa: SIM110  (all() would put a generator in every record's way)
            if not each(item):
                return False
        return True

    return sequence


def _alike(member: Shape, seen: dict[str, Test]) -> Test:
    """A test of many structures with the same members, a member at a time: twice as fast.

    It says no to whatever differs; those are then looked at one by one.
    """
    if member.type_name != "structure":
        return lambda value: False
    required = frozenset(member.required_members)
    columns = {name: _column(shape, seen) for name, shape in member.members.items()}

    def alike(value: list[Any]) -> bool:
        if len(value) < _MANY or set(map(type, value)) != {dict}:
            return False
        names = value[0].keys()
        if set(map(len, value)) != {len(names)} or not required <= names <= columns.keys():
            return False
        try:
            for name in names:
                if not columns[name]([item[name] for item in value]):
                    return False
        except KeyError:
            return False
        return True

    return alike


def _column(shape: Shape, seen: dict[str, Test]) -> Test:
    """A test of one member's values in many structures."""
    each = _tester(shape, seen)
    plain = shape.type_name == "string" and {rule.kind for rule in constraints(shape)} <= _SIZES
    if shape.type_name != "blob" and not plain:
        return lambda values: all(map(each, values))
    exact, (least, most) = str if plain else bytes, _bounds(shape)

    def column(values: list[Any]) -> bool:
        if set(map(type, values)) != {exact}:
            return False
        if min(map(len, values)) < least or max(map(len, values)) > most:
            return False
        return not plain or is_unicode("".join(values))

    return column


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
        return _number(shape, int)
    if kind in ("double", "float"):
        return _number(shape, float)
    if kind in _EXACT:
        exact = _EXACT[kind]
        return lambda value: type(value) is exact
    return lambda value: False  # documents take the slow way


_EXACT: dict[str, type] = {"boolean": bool, "timestamp": int}


def _text(shape: Shape, rules: dict[str, Constraint]) -> Test:
    if "enum" in rules:
        allowed = frozenset(rules["enum"].bound)
        return lambda value: type(value) is str and value in allowed
    sized = _sized(str, *_bounds(shape))
    if "pattern" not in rules:
        least, most = _bounds(shape)
        return lambda value: (
            type(value) is str
            and least <= len(value) <= most
            and (value.isascii() or is_unicode(value))
        )
    matches = rules["pattern"].holds
    return lambda value: sized(value) and is_unicode(value) and matches(value)


def _sized(exact: Any, least: int, most: float) -> Test:
    def sized(value: Any) -> bool:
        return type(value) is exact and least <= len(value) <= most

    return sized


def _number(shape: Shape, exact: Callable[[Any], float]) -> Test:
    """A test of numbers of one type; of floats, only finite ones are beyond doubt."""
    edge = sys.float_info.max if exact is float else float("inf")
    least, most = shape.metadata.get("min", -edge), shape.metadata.get("max", edge)
    return lambda value: type(value) is exact and least <= value <= most
