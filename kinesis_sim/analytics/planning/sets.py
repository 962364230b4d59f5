"""UNION, INTERSECT and EXCEPT: queries whose rows are put together, compared, taken away.

With ALL, the latter two count rows of both sides and repeat a row as often as it remains, as
Flink's planner rewrites them; without, they are a join that keeps rows with, or without, a match.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from kinesis_sim.analytics.aggregates.calls import AggregateCall, Gathering
from kinesis_sim.analytics.aggregates.registry import aggregate
from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.operators.calc import Correlation, Projection, RowFilter
from kinesis_sim.analytics.operators.grouping import GroupAggregate
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.joins.regular import RegularJoin
from kinesis_sim.analytics.operators.operator import Junction
from kinesis_sim.analytics.planning import select, sources
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import column, constant
from kinesis_sim.analytics.types.sqltype import BIGINT, common


class Merge(Junction):
    """UNION ALL: rows of both as they come, at the time of the one that is behind."""

    title = "union"

    def __init__(self) -> None:
        super().__init__(2)


def planned(planner: Planner, node: exp.SetOperation) -> Relation:
    """The relation of a set operation. Raises NotSupportedInSql, SqlValidationError."""
    only(node, "this", "expression", "distinct")
    name, distinct = node.key.upper(), bool(node.args.get("distinct"))
    if planner.around.kinesis and name != "UNION":
        raise unsupported(node, name)
    left, right = (
        sources.materialised(planner, planner.query(one)) for one in (node.this, node.expression)
    )
    fields = _fields(node, name, left, right)
    sides = [select.cast_to(planner, node, side, fields) for side in (left, right)]
    if name == "UNION":
        made = planner.join(Merge(), sides, fields, form="")
        made = replace(made, changing=left.changing or right.changing)
        return select.distinct(planner, made) if distinct else made
    if not distinct:
        return _counted(planner, sides, fields, intersects=name == "INTERSECT")
    return _compared(planner, sides, fields, intersects=name == "INTERSECT")


def _fields(node: exp.Expr, name: str, left: Relation, right: Relation) -> Fields:
    """The columns of both sides, of types that they have in common."""
    if len(left.fields) != len(right.fields):
        raise wrong(
            node, f"{name} of {len(left.fields)} and {len(right.fields)} columns does not fit."
        )
    columns = []
    for one, other in zip(left.fields, right.fields, strict=True):
        kind = common(one.kind, other.kind)
        if kind is None:
            raise wrong(node, f"{name} of {one.kind} and {other.kind} in column {one.name}.")
        time = one.time if one.time == other.time else None
        columns.append(Field(one.name, kind, time=time, hidden=one.hidden))
    return Fields(columns)


def _compared(
    planner: Planner, sides: list[Relation], fields: Fields, *, intersects: bool
) -> Relation:
    """Rows of the left that are, or are not, on the right; each once."""
    keys: list[Callable[..., object]] = [column(one.kind, at).of for at, one in enumerate(fields)]
    pairing = Pairing(
        (keys, keys),
        (len(fields), len(fields)),
        kind="semi" if intersects else "anti",
        nulls_meet=True,
    )
    made = planner.join(RegularJoin(pairing), sides, fields.without_time())
    changing = any(side.changing for side in sides) or not intersects
    return select.distinct(planner, replace(made, changing=changing))


def _counted(
    planner: Planner, sides: list[Relation], fields: Fields, *, intersects: bool
) -> Relation:
    """Rows as often as both sides have them, or as the left has them more often than the right."""
    width = len(fields)
    marks = ((1, None), (None, 1)) if intersects else ((1, None), (-1, None))
    marked = fields.without_time() + Fields([Field("$left", BIGINT), Field("$right", BIGINT)])
    signed = [_marked(planner, side, marked, mark) for side, mark in zip(sides, marks, strict=True)]
    merged = planner.join(Merge(), signed, marked, form="")
    changing = any(side.changing for side in sides)
    names = (("COUNT", width), ("COUNT", width + 1)) if intersects else (("SUM", width),)
    calls = []
    for name, at in names:
        function = aggregate(name, BIGINT, takes_back=True)
        if function is not None:
            calls.append(AggregateCall(function, column(BIGINT, at).of, None))
    keys = [column(one.kind, at).of for at, one in enumerate(fields)]
    tallied = fields.without_time() + Fields(Field(f"$n{at}", BIGINT) for at in range(len(calls)))
    made = planner.add(
        replace(merged, changing=changing), GroupAggregate(keys, Gathering(calls)), tallied
    )
    made = planner.add(made, RowFilter(lambda row: min(row[width:]) > 0), tallied)
    made = planner.add(made, Correlation(lambda row: _copies(row, width), 0), tallied)
    parts = [column(one.kind, at) for at, one in enumerate(fields)]
    shown = Projection([part.of for part in parts], [part.place for part in parts])
    return replace(planner.add(made, shown, fields.without_time()), changing=True, bounds=None)


def _copies(row: Row, width: int) -> list[Row]:
    return [()] * min(row[width:])


def _marked(
    planner: Planner, side: Relation, fields: Fields, mark: tuple[int | None, int | None]
) -> Relation:
    width = len(fields) - 2
    parts = [column(one.kind, at) for at, one in enumerate(fields.columns[:width])]
    parts += [constant(BIGINT, value) for value in mark]
    return select.projected(planner, side, fields, parts)
