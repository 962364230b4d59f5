"""ROLLUP, CUBE and GROUPING SETS: each row is counted once for each set of keys.

As in Flink, a row becomes as many as there are sets, with NULL for the keys that a set leaves out
and the set's number, which is one key more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import product

from sqlglot import exp

from kinesis_sim.analytics.operators.calc import Expansion
from kinesis_sim.analytics.planning import sources, trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import unsupported
from kinesis_sim.analytics.types.sqltype import BIGINT

MOST_SETS = 128
"""Sets of one GROUP BY (the model's choice): CUBE of seven keys."""
WINDOW_COLUMNS = 3
"""Start, end and time: the last columns of a relation whose windows are not written yet."""
GroupingSet = tuple[exp.Expr, ...]
KeySet = frozenset[int]


@dataclass(frozen=True, slots=True)
class Expanded:
    """Keys by set. keys: all of them, each once; sets: which each set has, in Flink's order.

    places: of the keys that some set leaves out, their column in the expanded rows; number: the
    column of the set's number.
    """

    keys: list[exp.Expr]
    sets: list[KeySet]
    places: dict[int, int]
    number: int


def plain(elements: list[exp.Expr]) -> list[exp.Expr] | None:
    """The keys of a GROUP BY with one set only; None where it has several."""
    if not any(isinstance(one, exp.Rollup | exp.Cube | exp.GroupingSets) for one in elements):
        return [key for one in elements for key in _composite(one)]
    return None


def expanded(
    planner: Planner, node: exp.Expr, relation: Relation, elements: list[exp.Expr]
) -> tuple[Relation, Expanded]:
    """The relation with a row for each set, and what was made of the keys."""
    wanted = _sets(node, elements)
    names: dict[str, int] = {}
    keys: list[exp.Expr] = []
    for key in (key for one in wanted for key in one):
        name = trees.canonical(key, relation.fields)
        if name not in names:
            names[name] = len(keys)
            keys.append(key)
    sets = [
        frozenset(names[trees.canonical(key, relation.fields)] for key in one) for one in wanted
    ]
    sets.sort(key=cmp_to_key(_order))
    loose = [at for at in range(len(keys)) if any(at not in one for one in sets)]
    relation = _open(planner, relation, [keys[at] for at in loose])
    parts = planner.expressions(relation.fields).all(keys)
    bounds = relation.bounds
    promised = 0 if bounds is None or bounds.assign is None else WINDOW_COLUMNS
    width = len(relation.fields) - promised
    written, window = relation.fields.columns[:width], relation.fields.columns[width:]
    places = {at: width + place for place, at in enumerate(loose)}
    added = [Field(f"$key{at}", parts[at].kind, hidden=True) for at in loose]
    added.append(Field("$set", BIGINT, hidden=True))
    columns = [[parts[at].of if at in one else None for at in loose] for one in sets]
    made = planner.add(relation, Expansion(columns), Fields([*written, *added, *window]))
    if bounds is not None and promised:
        start = width + len(added)
        made = replace(made, bounds=replace(bounds, start=start, end=start + 1))
    return made, Expanded(keys, sets, places, width + len(loose))


def _open(planner: Planner, relation: Relation, loose: list[exp.Expr]) -> Relation:
    """The relation whose windows are still to be cut, as Flink's planner has it, where it can.

    Its aggregation cuts them then, set by set, and takes a late row for one slice of its window.
    loose: keys that some set leaves out; they have to be in the rows.
    """
    bounds = relation.bounds
    if bounds is None:
        return relation
    used = set().union(*(trees.places(key, relation.fields) for key in loose), set())
    asked = max(used, default=0) >= bounds.start
    return sources.materialised(planner, relation) if asked else relation


def _order(one: KeySet, other: KeySet) -> int:
    """Calcite's order of sets: one before those that it contains, else by their first keys."""
    if one == other:
        return 0
    if one > other or other > one:
        return -1 if one > other else 1
    return -1 if sorted(one) < sorted(other) else 1


def _sets(node: exp.Expr, elements: list[exp.Expr]) -> list[GroupingSet]:
    """Each set of a GROUP BY: one of every element."""
    choices = [_choices(one) for one in elements]
    number = 1
    for one in choices:
        number *= len(one)
    if number > MOST_SETS:
        raise unsupported(node, f"GROUP BY of more than {MOST_SETS} sets")
    return [tuple(key for part in parts for key in part) for parts in product(*choices)]


def _choices(element: exp.Expr) -> list[GroupingSet]:
    """The sets that one element of GROUP BY stands for."""
    if isinstance(element, exp.GroupingSets):
        return [found for one in element.expressions for found in _choices(one)]
    if isinstance(element, exp.Rollup):
        parts = [_composite(one) for one in element.expressions]
        return [_joined(parts[:size]) for size in range(len(parts), -1, -1)]
    if isinstance(element, exp.Cube):
        parts = [_composite(one) for one in element.expressions]
        if 1 << len(parts) > MOST_SETS:
            raise unsupported(element, f"GROUP BY of more than {MOST_SETS} sets")
        return [
            _joined([part for part, taken in zip(parts, marks, strict=True) if taken])
            for marks in product((True, False), repeat=len(parts))
        ]
    return [_composite(element)]


def _composite(element: exp.Expr) -> GroupingSet:
    """Keys in brackets, which stand or fall together."""
    if isinstance(element, exp.Tuple):
        return tuple(element.expressions)
    if isinstance(element, exp.Paren):
        return _composite(element.this)
    return (element,)


def _joined(parts: list[GroupingSet]) -> GroupingSet:
    return tuple(key for part in parts for key in part)
