"""Functions that choose between values, and those of arrays."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.conditions import comparable
from kinesis_sim.analytics.sql.expressions import Expressions, compiles
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted, settled
from kinesis_sim.analytics.types.sqltype import BOOLEAN, INTEGER, SqlType, array
from kinesis_sim.analytics.types.values import SqlMap, bounded_members

FUNCTIONS = FunctionTable()
Row = tuple[Any, ...]


@FUNCTIONS.function("COALESCE", "IFNULL", "NVL", least=1, most=None)
def _coalesce(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    parts = here.alike(node, args, mixed=False)
    ways = [part.of for part in parts]

    def first(row: Row) -> Any:
        for way in ways:
            value = way(row)
            if value is not None:
                return value
        return None

    return settled(Typed(parts[0].kind, first), parts)


@FUNCTIONS.function("NULLIF", least=2)
def _nullif(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    comparable(here, node, *args)
    left, right = here.alike(node, args)
    one, other, kept = left.of, right.of, args[0].of

    def unless_equal(row: Row) -> Any:
        value = one(row)
        return None if value is not None and value == other(row) else kept(row)

    return Typed(args[0].kind, unless_equal)


@FUNCTIONS.function("IF", least=3)
def _if(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    test = args[0].of
    left, right = here.alike(node, args[1:], mixed=False)
    one, other = left.of, right.of
    return Typed(left.kind, lambda row: one(row) if test(row) is True else other(row))


@FUNCTIONS.function("GREATEST", least=1, most=None)
def _greatest(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    parts = here.alike(node, args, mixed=False)
    return lifted(parts[0].kind, lambda *values: max(values), *parts)


@FUNCTIONS.function("LEAST", least=1, most=None)
def _least(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    parts = here.alike(node, args, mixed=False)
    return lifted(parts[0].kind, lambda *values: min(values), *parts)


@FUNCTIONS.function("CARDINALITY", least=1)
def _cardinality(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    if args[0].kind.name not in ("ARRAY", "MAP"):
        raise wrong(node, f"CARDINALITY is of an ARRAY or MAP; this is {args[0].kind}.")
    return lifted(INTEGER, len, args[0])


@FUNCTIONS.function("ARRAY_CONTAINS", least=2)
def _contains(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    values, wanted = args[0].of, args[1].of

    def holds(row: Row) -> bool | None:
        found = values(row)
        return None if found is None else wanted(row) in found

    return settled(Typed(BOOLEAN, holds), args)


@FUNCTIONS.function("ELEMENT", least=1)
def _element(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return lifted(
        _element_kind(node, args[0]), lambda values: values[0] if values else None, args[0]
    )


def _element_kind(node: exp.Expr, made: Typed) -> SqlType:
    if made.kind.name != "ARRAY":
        raise wrong(node, f"{made.kind} has no elements.")
    return made.kind.parts[0]


@compiles(exp.Array)
def _array(here: Expressions, node: exp.Array) -> Typed:
    only(node, "expressions", "bracket_notation")
    parts = here.alike(node, here.all(node.expressions))
    ways = [part.of for part in parts]
    if not parts:
        raise wrong(node, "An ARRAY of no elements has no type.")
    kind = array(parts[0].kind)
    if not parts[0].kind.parts:
        return Typed(kind, lambda row: tuple(way(row) for way in ways))
    return Typed(kind, lambda row: bounded_members(tuple(way(row) for way in ways)))


@FUNCTIONS.function("ROW", least=1, most=None)
def _row(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    ways = [part.of for part in args]
    names = tuple(f"EXPR${at}" for at in range(len(args)))
    kind = SqlType("ROW", parts=tuple(part.kind for part in args), names=names)
    return settled(Typed(kind, lambda row: tuple([way(row) for way in ways])), args)


@compiles(exp.Tuple)
def _tuple(here: Expressions, node: exp.Tuple) -> Typed:
    """``(a, b)``, which is ``ROW(a, b)``."""
    only(node, "expressions")
    if here.around.kinesis:
        raise unsupported(node)
    return _row(here, node, here.all(node.expressions))


def _map_of(here: Expressions, node: exp.Bracket) -> Typed:
    """``MAP[key, value, …]``."""
    given = here.all(node.expressions)
    if not given or len(given) % 2:
        raise wrong(node, "A MAP has a value behind each key.")
    keys, values = here.alike(node, given[::2]), here.alike(node, given[1::2])
    pairs = [(key.of, value.of) for key, value in zip(keys, values, strict=True)]
    kind = SqlType("MAP", parts=(keys[0].kind, values[0].kind))
    made = Typed(
        kind, lambda row: bounded_members(SqlMap((key(row), value(row)) for key, value in pairs))
    )
    return settled(made, given)


@compiles(exp.Bracket)
def _at(here: Expressions, node: exp.Bracket) -> Typed:
    """``array[n]``, counted from 1, and ``map[key]``."""
    what = node.this
    is_name = isinstance(what, exp.Column) and not here.fields.places(what.name)
    if is_name and what.name.upper() == "MAP" and not here.around.kinesis:
        return _map_of(here, node)
    if is_name and what.name.upper() in ("MAP", "MULTISET"):
        raise unsupported(node, f"{what.name.upper()}[…]")
    owner = here(node.this)
    if len(node.expressions) != 1:
        raise wrong(node, "One place, or one key, stands in brackets.")
    place = here(node.expressions[0])
    if owner.kind.name == "MAP":
        return lifted(owner.kind.parts[1], lambda values, key: values.get(key), owner, place)
    kind = _element_kind(node, owner)
    if not here.around.kinesis and place.constant and (place.value or 1) < 1:
        raise wrong(node, f"An array's places count from 1; this is {place.value}.")
    return lifted(
        kind, lambda values, n: values[n - 1] if 0 < n <= len(values) else None, owner, place
    )
