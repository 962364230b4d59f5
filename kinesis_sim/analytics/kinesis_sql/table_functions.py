"""Table functions over a CURSOR: RANDOM_CUT_FOREST, HOTSPOTS, TOP_K_ITEMS_TUMBLING.

Arguments and result columns: facts/analytics §4. Defaults of the forest are marked unverified
there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.forest.choice import Forests
from kinesis_sim.analytics.kinesis_sql.detectors import ForestScore, Hotspots, TopItems
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.planning.select import rowtime
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import CursorArgument, unsupported, wrong
from kinesis_sim.analytics.types.sqltype import BIGINT, DOUBLE, varchar

Made = Callable[[Planner, exp.Anonymous, Relation, list[Any], Forests], Relation]
_RANGES = {
    "numberOfTrees": (1, 1_000),
    "subSampleSize": (10, 1_000),
    "timeDecay": (1, 2_147_483_647),
    "shingleSize": (1, 30),
}
_DEFAULTS = (100, 256, 100_000, 1)
_LONGEST_JSON = 3_200
SCORED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE")
"""Types that the forest looks at; DECIMAL is not among them (facts/analytics §4)."""


def table_function(
    planner: Planner, node: exp.Expr, call: exp.Anonymous, forests: Forests
) -> Relation:
    """The relation of a call. Raises NotSupportedInSql, SqlValidationError."""
    name = str(call.this).upper()
    made = _FUNCTIONS.get(name)
    if made is None:
        raise unsupported(node, f"Table function {call.this}")
    cursor = call.expressions[0] if call.expressions else None
    if not isinstance(cursor, CursorArgument):
        raise wrong(call, f"{name} begins with CURSOR(SELECT STREAM …).")
    relation = planner.query(cursor.this)
    here = planner.expressions(Fields(()))
    args = [here(one) for one in call.expressions[1:]]
    if not all(one.constant for one in args):
        raise wrong(call, f"{name}'s arguments are constants.")
    return made(planner, call, relation, [one.value for one in args], forests)


def _forest(
    planner: Planner, call: exp.Anonymous, relation: Relation, args: list[Any], forests: Forests
) -> Relation:
    return _scored(planner, call, relation, args[:4], forests, explained=False)


def _explained(
    planner: Planner, call: exp.Anonymous, relation: Relation, args: list[Any], forests: Forests
) -> Relation:
    return _scored(planner, call, relation, args[:4], forests, explained=True)


def _scored(
    planner: Planner,
    call: exp.Anonymous,
    relation: Relation,
    args: list[Any],
    forests: Forests,
    *,
    explained: bool,
) -> Relation:
    settings = [*args, *_DEFAULTS[len(args) :]]
    for value, (name, (least, most)) in zip(settings, _RANGES.items(), strict=True):
        if not isinstance(value, int) or not least <= value <= most:
            raise wrong(call, f"{name} goes from {least:,} to {most:,}; this is {value}.")
    places = [
        at for at, one in enumerate(relation.fields) if one.kind.name in SCORED and not one.hidden
    ]
    if not places:
        raise wrong(call, f"{call.this} needs a numeric column; {_given(relation)}.")
    names = [relation.fields[at].name for at in places]
    trees, sample, decay, shingle = settings
    forest = forests.of(
        f"{planner.prefix}{len(planner.operators)}",
        trees=trees,
        sample=sample,
        decay=decay,
        shingle=shingle,
    )
    operator = ForestScore(forest, trees, places, names, explained=explained)
    added = [Field("ANOMALY_SCORE", DOUBLE)]
    if explained:
        added.append(Field("ANOMALY_EXPLANATION", varchar(20_480)))
    return planner.add(relation, operator, relation.fields + Fields(added))


def _given(relation: Relation) -> str:
    """Which columns there are instead, for whoever looks for the numeric one."""
    shown = [one for one in relation.fields if not one.hidden]
    listed = ", ".join(f"{one.name} {one.kind}" for one in shown)
    cast = any(one.kind.name == "DECIMAL" for one in shown)
    return f"the columns are {listed}" + (" (cast DECIMAL to DOUBLE)" if cast else "")


def _hotspots(
    planner: Planner, call: exp.Anonymous, relation: Relation, args: list[Any], forests: Forests
) -> Relation:
    if len(args) != 3:
        raise wrong(call, "HOTSPOTS takes a window's size, a radius and a least number of points.")
    window, radius, least = args
    if not 1 < window <= 1_000 or not 1 < least <= window or not radius > 0:
        raise wrong(call, "HOTSPOTS: 2 to 1,000 points, a radius above 0, at least 2 points.")
    places = [
        at for at, one in enumerate(relation.fields) if one.kind.name in SCORED and not one.hidden
    ]
    if not places:
        raise wrong(call, f"HOTSPOTS needs a numeric column; {_given(relation)}.")
    operator = Hotspots(places, window, float(radius), least)
    added = Fields([Field("HOTSPOTS_RESULT", varchar(_LONGEST_JSON))])
    return planner.add(relation, operator, relation.fields + added)


def _top_items(
    planner: Planner, call: exp.Anonymous, relation: Relation, args: list[Any], forests: Forests
) -> Relation:
    if len(args) != 3 or not isinstance(args[1], int) or not isinstance(args[2], int):
        raise wrong(call, "TOP_K_ITEMS_TUMBLING takes a column's name, k and seconds.")
    name, number, seconds = args
    at = relation.fields.find(call, str(name))
    if number < 1 or seconds < 1:
        raise wrong(call, "TOP_K_ITEMS_TUMBLING: k and seconds are at least 1.")
    when = rowtime(relation.fields)
    operator = TopItems(at, when, number, seconds)
    fields = Fields(
        [
            relation.fields[when],
            Field("ITEM", replace(relation.fields[at].kind)),
            Field("ITEM_COUNT", BIGINT),
        ]
    )
    return planner.add(relation, operator, fields)


_FUNCTIONS: dict[str, Made] = {
    "RANDOM_CUT_FOREST": _forest,
    "RANDOM_CUT_FOREST_WITH_EXPLANATION": _explained,
    "HOTSPOTS": _hotspots,
    "TOP_K_ITEMS_TUMBLING": _top_items,
}
