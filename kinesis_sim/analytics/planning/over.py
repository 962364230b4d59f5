"""OVER in a SELECT list: each frame becomes an operator that adds its columns to the row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from kinesis_sim.analytics.aggregates import aggregate as functions
from kinesis_sim.analytics.aggregates import ranks
from kinesis_sim.analytics.aggregates.calls import AggregateCall, Gathering
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.operators.over import OverClock, OverRange, OverRows, OverUnbounded
from kinesis_sim.analytics.planning import ranking, sources, trees
from kinesis_sim.analytics.planning.calls import compiled_call
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.arithmetic import interval_value
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import EVENT, Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column
from kinesis_sim.analytics.types.sqltype import BIGINT, INTERVAL_MS

_MOST_BEFORE = 10_000
"""Rows that LAG looks back at most (the model's choice)."""


@dataclass(frozen=True, slots=True)
class OverFrame:
    """One window of OVER: keys, time column and how far back it reaches.

    range_ms, rows: None both for all rows before; peers: rows of one time are answered together.
    """

    keys: tuple[exp.Expr, ...]
    when: int
    range_ms: int | None
    rows: int | None
    peers: bool


def added(
    planner: Planner,
    node: exp.Select,
    relation: Relation,
    bounded: ranking.OuterRanks | None,
) -> tuple[Relation, Expressions]:
    """The relation with a column for each OVER, and the compiler that knows them."""
    named = {one.name: one for one in node.args.get("windows") or []}
    found = [over for one in node.expressions for over in trees.overs(one)]
    if bounded is not None:
        return ranking.ranked(planner, relation, found, bounded)
    if not found:
        return relation, planner.expressions(relation.fields)
    if relation.changing:
        raise wrong(found[0], "OVER cannot take rows back, which its input does (updates).")
    frames: dict[str, list[exp.Window]] = {}
    for over in found:
        frames.setdefault(_said(over, named), []).append(over)
    if len(frames) > 1 and not planner.around.kinesis:
        second = next(iter(list(frames.values())[1]))
        raise wrong(second, "All OVER of a query have to be over the same window, as in Flink.")
    return _chained(planner, relation, list(frames.values()), named)


def _said(over: exp.Window, named: dict[str, exp.Window]) -> str:
    """A text that two OVER of the same frame share."""
    definition = _definition(over, named)
    parts = [definition.args.get(name) for name in ("partition_by", "order", "spec")]
    return repr([*parts, _ranks(over) in ranks.BY_ROW])


def _ranks(over: exp.Window) -> str:
    """The function of a rank that OVER computes; empty for an aggregate."""
    call = over.this
    name = str(call.this).upper() if isinstance(call, exp.Anonymous) else ""
    return name if name in ranks.NAMES else ""


def _definition(over: exp.Window, named: dict[str, exp.Window]) -> exp.Window:
    alias = over.args.get("alias")
    if alias is None:
        return over
    if alias.name not in named:
        raise wrong(over, f"WINDOW {alias.name} is not defined.")
    return named[alias.name]


def _chained(
    planner: Planner,
    relation: Relation,
    frames: list[list[exp.Window]],
    named: dict[str, exp.Window],
) -> tuple[Relation, Expressions]:
    base = relation.fields
    here = planner.expressions(base)
    columns: dict[str, Typed] = {}
    for overs in frames:
        frame = _frame(planner, overs[0], _definition(overs[0], named), base)
        calls: dict[str, Typed] = {}
        made: list[AggregateCall] = []
        for over in overs:
            name = trees.canonical(over.this, base)
            if name not in calls:
                if _ranks(over):
                    call = _rank(planner, over, here, frame)
                else:
                    call = compiled_call(here, over.this, takes_back=True)
                calls[name] = column(call.function.kind, len(relation.fields) + len(made))
                made.append(call)
            columns[_key(over, base)] = calls[name]
        operator = _operator(planner, relation, frame, here, Gathering(made))
        values = Fields(Field("$over", call.function.kind, hidden=True) for call in made)
        relation = planner.add(relation, operator, relation.fields + values)

    def hook(node: exp.Expr) -> Typed | None:
        return columns.get(_key(node, base)) if isinstance(node, exp.Window) else None

    return relation, planner.expressions(relation.fields, hook)


def _rank(planner: Planner, over: exp.Window, here: Expressions, frame: OverFrame) -> AggregateCall:
    """ROW_NUMBER, RANK, DENSE_RANK or LAG. Raises SqlValidationError, NotSupportedInSql."""
    name, args = _ranks(over), list(over.this.expressions)
    if planner.around.kinesis:
        raise unsupported(over, f"Function {name}")
    if frame.range_ms is not None or frame.rows is not None or over.args.get("spec") is not None:
        raise wrong(over, f"{name} takes no ROWS and no RANGE.")
    if name == "LAG":
        return _lag(over, here, args)
    if args:
        raise wrong(over, f"{name} takes no argument.")
    return AggregateCall(functions.count(BIGINT))


def _lag(over: exp.Window, here: Expressions, args: list[exp.Expr]) -> AggregateCall:
    """LAG(value [, rows before [, what stands for none]])."""
    parts = here.all(args)
    if not 1 <= len(parts) <= 3:
        raise wrong(over, "LAG takes a value, a number of rows, and what stands for none.")
    number = parts[1].value if len(parts) > 1 and parts[1].constant else 1
    if not isinstance(number, int) or not 0 < number <= _MOST_BEFORE:
        raise wrong(over, f"LAG looks from 1 to {_MOST_BEFORE:,} rows back.")
    if len(parts) > 1 and not (parts[1].constant and parts[-1].constant):
        raise unsupported(over, "LAG by a number or with a default that a row gives")
    kind, default = parts[0].kind, None
    if len(parts) == 3:
        first, other = here.alike(over, [parts[0], parts[2]])
        kind, default = first.kind, other.value
        parts[0] = first
    of = parts[0].of
    return AggregateCall(ranks.before(kind, number, default), lambda row: (of(row),))


def _key(over: exp.Expr, fields: Fields) -> str:
    return trees.canonical(over, fields)


def _frame(planner: Planner, over: exp.Window, definition: exp.Window, fields: Fields) -> OverFrame:
    """The frame of an OVER; definition: the one that WINDOW named, or itself."""
    only(definition, "this", "partition_by", "order", "spec", "over", "alias")
    keys = tuple(definition.args.get("partition_by") or [])
    when = _order(planner, over, definition, fields)
    spec = definition.args.get("spec")
    if spec is None:
        return OverFrame(keys, when, None, None, peers=_ranks(over) not in ranks.BY_ROW)
    return _bounded(planner, spec, keys, when)


def _order(planner: Planner, over: exp.Window, definition: exp.Window, fields: Fields) -> int:
    """The time column that OVER is ordered by; in Kinesis SQL it is ROWTIME without being said."""
    order = definition.args.get("order")
    if order is None:
        if planner.around.kinesis:
            from kinesis_sim.analytics.planning.select import rowtime

            return rowtime(fields)
        raise wrong(over, "OVER needs ORDER BY a time attribute.")
    first = order.expressions[0]
    at = trees.place(first.this, fields) if isinstance(first.this, exp.Column) else None
    if at is None or fields[at].time is None or len(order.expressions) > 1:
        if _ranks(over) and planner.around.kinesis:
            raise unsupported(over, f"Function {_ranks(over)}")
        if _ranks(over):
            raise unsupported(
                over,
                f"{_ranks(over)} ordered by anything but a time attribute, other than ROW_NUMBER "
                "whose number the query around it bounds from above,",
            )
        if at is not None and fields[at].time is None:
            raise sources.not_a_time(first, fields[at])
        raise wrong(first, "OVER is ordered by one time attribute.")
    if first.args.get("desc"):
        raise wrong(first, "OVER is ordered by time ascending.")
    return at


def _bounded(planner: Planner, spec: exp.Expr, keys: tuple[exp.Expr, ...], when: int) -> OverFrame:
    only(spec, "kind", "start", "start_side", "end", "end_side")
    if str(spec.args["kind"]).upper() not in ("ROWS", "RANGE"):
        raise unsupported(spec, f"A frame of {spec.args['kind']}")
    end = spec.args.get("end")
    if end not in (None, "CURRENT ROW"):
        raise unsupported(spec, "A frame that does not end at CURRENT ROW")
    start, by_range = spec.args["start"], str(spec.args["kind"]).upper() == "RANGE"
    if start == "CURRENT ROW":
        return OverFrame(keys, when, 0 if by_range else None, None if by_range else 0, by_range)
    if spec.args.get("start_side") != "PRECEDING":
        raise unsupported(spec, "A frame that begins after the row")
    if start == "UNBOUNDED":
        return OverFrame(keys, when, None, None, by_range)
    if by_range:
        kind, size = interval_value(start)
        if kind != INTERVAL_MS or size < 0:
            raise wrong(spec, "RANGE reaches back by a duration of days to seconds.")
        return OverFrame(keys, when, size, None, True)
    value = planner.expressions(Fields(()))(start)
    if not value.constant or not isinstance(value.value, int) or value.value < 0:
        raise wrong(spec, "ROWS reaches back by a whole number of rows.")
    return OverFrame(keys, when, None, value.value, False)


def _operator(
    planner: Planner, relation: Relation, frame: OverFrame, here: Expressions, gathering: Gathering
) -> Operator:
    keys = [here(key).of for key in frame.keys]
    at = frame.when
    if relation.fields[at].time != EVENT:
        return OverClock(
            lambda row: row[at],
            keys,
            gathering,
            range_ms=frame.range_ms,
            rows=frame.rows,
            inclusive=not planner.around.kinesis,
        )
    if frame.range_ms is not None:
        return OverRange(lambda row: row[at], keys, gathering, frame.range_ms)
    if frame.rows is not None:
        return OverRows(lambda row: row[at], keys, gathering, frame.rows)
    return OverUnbounded(lambda row: row[at], keys, gathering, peers=frame.peers)
