"""Flink's functions of arrays and maps. An element may be NULL; a NULL array makes NULL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.functions import regexes
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted, settled
from kinesis_sim.analytics.types.sqltype import INTEGER, STRING, SqlType, array, common
from kinesis_sim.analytics.types.values import SqlMap, bounded_members

FUNCTIONS = FunctionTable()
Elements = tuple[Any, ...]


def _array(node: exp.Expr, made: Typed) -> SqlType:
    if made.kind.name != "ARRAY":
        raise wrong(node, f"An ARRAY is needed here; this is {made.kind}.")
    return made.kind


def _unique(values: Elements) -> Elements:
    return tuple(dict.fromkeys(values))


def _of_one(name: str, function: Callable[[Elements], Elements]) -> None:
    def made(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
        return lifted(_array(node, args[0]), function, args[0])

    FUNCTIONS.function(name, least=1)(made)


_of_one("ARRAY_DISTINCT", _unique)
_of_one("ARRAY_REVERSE", lambda values: values[::-1])


def _alike(node: exp.Expr, args: list[Typed]) -> list[Typed]:
    """Arrays whose elements are of one type."""
    kind = _array(node, args[0]).parts[0]
    for arg in args[1:]:
        both = common(kind, _array(node, arg).parts[0])
        if both is None:
            raise wrong(node, f"{args[0].kind} and {arg.kind} have no type in common.")
        kind = both
    return [converted(node, arg, array(kind)) if arg.kind != array(kind) else arg for arg in args]


def _of_two(name: str, function: Callable[[Elements, Elements], Elements]) -> None:
    def made(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
        parts = _alike(node, args)
        return lifted(parts[0].kind, lambda one, two: bounded_members(function(one, two)), *parts)

    FUNCTIONS.function(name, least=2)(made)


_of_two("ARRAY_UNION", lambda one, two: _unique(one + two))
_of_two("ARRAY_EXCEPT", lambda one, two: tuple(v for v in _unique(one) if v not in set(two)))
_of_two("ARRAY_INTERSECT", lambda one, two: tuple(v for v in _unique(one) if v in set(two)))


@FUNCTIONS.function("ARRAY_CONCAT", least=1, most=None)
def _concat(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    parts = _alike(node, args)
    return lifted(
        parts[0].kind, lambda *all_: bounded_members(tuple(v for a in all_ for v in a)), *parts
    )


def _with_element(
    name: str, function: Callable[[Elements, Any], Any], kind: SqlType | None
) -> None:
    """A function of an array and an element, which may be NULL."""

    def made(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
        owner = _array(node, args[0])
        values, wanted = args[0].of, converted(node, args[1], owner.parts[0]).of

        def of(row: tuple[Any, ...]) -> Any:
            found = values(row)
            return None if found is None else function(found, wanted(row))

        return settled(Typed(kind or owner, of), args)

    FUNCTIONS.function(name, least=2)(made)


def _place(values: Elements, wanted: Any) -> int | None:
    if wanted is None:
        return None
    return values.index(wanted) + 1 if wanted in values else 0


_with_element("ARRAY_POSITION", _place, INTEGER)
_with_element("ARRAY_REMOVE", lambda values, one: tuple(v for v in values if v != one), None)
_with_element("ARRAY_APPEND", lambda values, one: bounded_members((*values, one)), None)
_with_element("ARRAY_PREPEND", lambda values, one: bounded_members((one, *values)), None)


def _extreme(name: str, choice: Callable[[list[Any]], Any]) -> None:
    def made(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
        kind = _array(node, args[0]).parts[0]

        def most(values: Elements) -> Any:
            known = [value for value in values if value is not None]
            return choice(known) if known else None

        return lifted(kind, most, args[0])

    FUNCTIONS.function(name, least=1)(made)


_extreme("ARRAY_MAX", max)
_extreme("ARRAY_MIN", min)


@FUNCTIONS.function("ARRAY_JOIN", least=2, most=3)
def _join(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    if _array(node, args[0]).parts[0].character is False:
        raise wrong(node, f"ARRAY_JOIN is of texts; this is {args[0].kind}.")

    def joined(values: Elements, between: str, instead: str | None = None) -> str:
        told = [instead if value is None else value for value in values]
        text = between.join(value for value in told if value is not None)
        if len(text) > regexes.LONGEST_MADE:
            raise ValueError(f"ARRAY_JOIN makes at most {regexes.LONGEST_MADE:,} characters")
        return text

    return lifted(STRING, joined, args[0], *(converted(node, arg, STRING) for arg in args[1:]))


@FUNCTIONS.function("ARRAY_SLICE", least=2, most=3)
def _slice(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    kind = _array(node, args[0])

    def cut(values: Elements, start: int, end: int | None = None) -> Elements:
        size = len(values)
        first = max(start + size + 1 if start < 0 else start, 1)
        last = size if end is None else end + size + 1 if end < 0 else end
        return values[first - 1 : last] if last >= first else ()

    return lifted(kind, cut, args[0], *(converted(node, arg, INTEGER) for arg in args[1:]))


@FUNCTIONS.function("ARRAY_SORT", least=1, most=3)
def _sort(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    """Ascending, NULL first; the second argument and the third change that."""
    kind = _array(node, args[0])

    def ordered(values: Elements, ascending: bool = True, nulls_first: bool | None = None) -> Any:
        known = sorted((v for v in values if v is not None), reverse=not ascending)
        nulls = [None] * (len(values) - len(known))
        first = ascending if nulls_first is None else nulls_first
        return (*nulls, *known) if first else (*known, *nulls)

    return lifted(kind, ordered, *args)


# --- maps -----------------------------------------------------------------------------------------


def _map(node: exp.Expr, made: Typed) -> tuple[SqlType, SqlType]:
    if made.kind.name != "MAP":
        raise wrong(node, f"A MAP is needed here; this is {made.kind}.")
    key, value = made.kind.parts
    return key, value


@FUNCTIONS.function("MAP_KEYS", least=1)
def _keys(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return lifted(array(_map(node, args[0])[0]), tuple, args[0])


@FUNCTIONS.function("MAP_VALUES", least=1)
def _values(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    kind = array(_map(node, args[0])[1])
    return lifted(kind, lambda found: tuple(found.values()), args[0])


@FUNCTIONS.function("MAP_ENTRIES", least=1)
def _entries(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    pair = SqlType("ROW", parts=_map(node, args[0]), names=("key", "value"))
    return lifted(array(pair), lambda found: tuple(found.items()), args[0])


@FUNCTIONS.function("MAP_UNION", least=1, most=None)
def _map_union(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    for arg in args:
        if arg.kind.name != "MAP":
            raise wrong(node, f"MAP_UNION is of MAPs; this is {arg.kind}.")
    keys, values = (common_of(node, [arg.kind.parts[at] for arg in args]) for at in (0, 1))

    def united(*maps: SqlMap) -> SqlMap:
        return SqlMap(bounded_members({key: one[key] for one in maps for key in one}))

    return lifted(SqlType("MAP", parts=(keys, values)), united, *args)


def common_of(node: exp.Expr, kinds: list[SqlType]) -> SqlType:
    """The type that all have in common. Raises SqlValidationError."""
    found: SqlType | None = kinds[0]
    for kind in kinds[1:]:
        found = common(found, kind) if found is not None else None
    if found is None:
        raise wrong(node, f"{', '.join(map(str, kinds))} have no type in common; use CAST.")
    return found


@FUNCTIONS.function("MAP_FROM_ARRAYS", least=2)
def _from_arrays(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    kinds = tuple(_array(node, arg).parts[0] for arg in args)

    def paired(keys: Elements, values: Elements) -> SqlMap:
        if len(keys) != len(values):
            raise ValueError("MAP_FROM_ARRAYS needs as many values as keys")
        return SqlMap(bounded_members(dict(zip(keys, values, strict=True))))

    return lifted(SqlType("MAP", parts=kinds), paired, *args)
