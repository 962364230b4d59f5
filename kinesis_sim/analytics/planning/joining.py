"""JOIN: which kind of join it is follows from what its condition bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.operators.calc import Correlation
from kinesis_sim.analytics.operators.joins.interval import IntervalJoin
from kinesis_sim.analytics.operators.joins.overlap import OverlapJoin
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.joins.regular import RegularJoin
from kinesis_sim.analytics.operators.joins.temporal import LookupJoin, TemporalJoin
from kinesis_sim.analytics.operators.joins.windowed import WindowJoin
from kinesis_sim.analytics.planning import intervals, merging, sources, trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Bounds, Reference, Relation
from kinesis_sim.analytics.sql.arithmetic import interval_value
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import CLOCK, EVENT, Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed
from kinesis_sim.analytics.types.sqltype import INTERVAL_MS, TIMESTAMP

_OUTER = {
    "": (False, False),
    "LEFT": (True, False),
    "RIGHT": (False, True),
    "FULL": (True, True),
}


@dataclass(slots=True)
class JoinTerms:
    """A join's condition, taken apart: equal pairs of left and right, and what else it says."""

    pairs: list[tuple[exp.Expr, exp.Expr]]
    rest: list[exp.Expr]


def joined(
    planner: Planner, left: Relation, left_node: exp.Expr, join: exp.Expr, wanted: list[exp.Expr]
) -> Relation:
    """The relation of a join. wanted: WHERE's terms; an inner join takes those of both sides."""
    if isinstance(join, exp.Lateral):
        return _unnested(planner, left, join, outer=False)
    only(join, "this", "side", "kind", "on", "using", "method")
    side, kind = str(join.args.get("side") or ""), str(join.args.get("kind") or "")
    if kind not in ("", "INNER", "CROSS", "OUTER"):
        raise unsupported(join, f"{kind} JOIN")
    what = join.this
    if isinstance(what, exp.Lateral) and isinstance(what.this, exp.Subquery):
        return _lateral(planner, left, join, what, side, wanted)
    if isinstance(what, exp.Lateral | exp.Unnest):
        return _unnested(planner, left, what, outer=side == "LEFT")
    return _of_tables(planner, left, left_node, join, side, wanted)


def _lateral(
    planner: Planner,
    left: Relation,
    join: exp.Expr,
    what: exp.Lateral,
    side: str,
    wanted: list[exp.Expr],
) -> Relation:
    from kinesis_sim.analytics.planning import lateral

    said = [one for one in trees.terms(join.args.get("on")) if one != exp.true()]
    if planner.around.kinesis or side not in ("", "LEFT") or (side and said):
        raise unsupported(join, f"{side} JOIN LATERAL (SELECT …) other than ON TRUE".strip())
    wanted += said
    return lateral.Lateral(planner, left, what, outer=side == "LEFT").joined()


def _of_tables(
    planner: Planner,
    left: Relation,
    left_node: exp.Expr,
    join: exp.Expr,
    side: str,
    wanted: list[exp.Expr],
) -> Relation:
    what = join.this
    reference = (
        planner.catalog.reference(what.name)
        if isinstance(what, exp.Table) and what.name not in planner.named
        else None
    )
    left = sources.materialised(planner, left)
    left, join = _asked_first(planner, left, join)
    if reference is not None:
        fields = _under_alias(what, reference.fields)
        shared = merging.shared(join, left.fields, fields)
        conditions = _conditions(join, left.fields, fields, side, wanted, shared)
        made = _lookup(planner, left, join, side, reference, fields, conditions)
        return merging.merged(planner, made, shared, (left.fields, fields), side)
    right = sources.materialised(planner, _right(planner, what))
    shared = merging.shared(join, left.fields, right.fields)
    conditions = _conditions(join, left.fields, right.fields, side, wanted, shared)
    if isinstance(what, exp.Table) and what.args.get("version") is not None:
        made = _temporal(planner, left, right, join, side, conditions)
    elif planner.around.kinesis:
        made = _overlap(planner, left, right, (left_node, what), side, conditions, join)
    else:
        made = _flink(planner, left, right, join, side, conditions)
    if not shared:
        return made
    return merging.merged(planner, made, shared, (left.fields, right.fields), side)


def _under_alias(node: exp.Expr, fields: Fields) -> Fields:
    alias = node.args.get("alias")
    return fields.of_table(alias.name if alias is not None else node.name)


def _right(planner: Planner, node: exp.Expr) -> Relation:
    if isinstance(node, exp.Table) and node.args.get("version") is not None:
        node = node.copy()
        node.set("version", None)
    return sources.source(planner, node)


def _conditions(
    join: exp.Expr,
    left: Fields,
    right: Fields,
    side: str,
    wanted: list[exp.Expr],
    shared: list[exp.Expr],
) -> list[exp.Expr]:
    """What ON, USING and, for an inner join, WHERE say of both sides."""
    found = [*trees.terms(join.args.get("on")), *merging.equal(shared, left, right)]
    if not side:
        both, width = left + right, len(left)
        for term in [one for one in wanted if not trees.held(one)]:
            if any(trees.place(one, both) is None for one in term.find_all(exp.Column)):
                continue  # it is also of a table that comes later
            used = trees.places(term, both)
            if min(used, default=0) < width <= max(used, default=0):
                found.append(term)
                wanted.remove(term)
    return found


def _asked_first(planner: Planner, left: Relation, join: exp.Expr) -> tuple[Relation, exp.Expr]:
    """The left side with what subqueries of ON come to as columns, and the join that reads those.

    Such a subquery stands by itself: with one that looks outside Flink gives other rows than SQL
    says, and on IN its planner fails (measured on 1.20.3).
    """
    said = trees.terms(join.args.get("on"))
    if not any(map(trees.held, said)):
        return left, join
    from kinesis_sim.analytics.planning import subquery_values

    asked = [one for term in said for one in term.find_all(exp.In, exp.Any, exp.All)]
    for one in asked:
        if trees.held(one):
            raise unsupported(one, "IN, ANY or ALL of a query in ON, on which Flink fails, too,")
    if planner.around.kinesis:
        raise unsupported(next(filter(trees.held, said)), "A subquery in ON")
    tables = {one.table for one in left.fields} | {join.this.alias_or_name}
    relation, terms = subquery_values.alone(planner, left, said, tables)
    copy = join.copy()
    copy.set("on", trees.together(terms))
    return relation, copy


def _split(terms: list[exp.Expr], left: Fields, right: Fields) -> JoinTerms:
    """Terms that say left = right, and the others."""
    both, width = left + right, len(left)
    made = JoinTerms([], [])
    for term in terms:
        pair = _pair(term, both, width) if isinstance(term, exp.EQ) else None
        if pair is None:
            made.rest.append(term)
        else:
            made.pairs.append(pair)
    return made


def _pair(term: exp.EQ, both: Fields, width: int) -> tuple[exp.Expr, exp.Expr] | None:
    one, other = (trees.places(part, both) for part in (term.this, term.expression))
    if not one or not other:
        return None
    if max(one) < width <= min(other):
        return term.this, term.expression
    if max(other) < width <= min(one):
        return term.expression, term.this
    return None


def _pairing(
    planner: Planner, node: exp.Expr, made: JoinTerms, left: Fields, right: Fields, side: str,
    kind: str = "inner",
) -> Pairing:  # fmt: skip
    here = planner.expressions(left + right)
    width = len(left)
    lefts: list[Callable[..., Any]] = []
    rights: list[Callable[..., Any]] = []
    for one, other in made.pairs:
        pair = here.alike(node, [here(one), here(other)])
        lefts.append(pair[0].of)  # the left row begins the joined one
        rights.append(of_right(pair[1], width))
    condition = trees.together(made.rest)
    return Pairing(
        (lefts, rights),
        (width, len(right)),
        here.condition(condition).of if condition is not None else None,
        _OUTER[side],
        kind,
    )


def of_right(part: Typed, width: int) -> Callable[..., Any]:
    """An expression over both rows that reads the right one only, as a function of that."""
    if part.place is not None:
        at = part.place - width
        return lambda row: row[at]
    before, of = (None,) * width, part.of
    return lambda row: of(before + row)


# --- Flink --------------------------------------------------------------------------------------


def _flink(
    planner: Planner,
    left: Relation,
    right: Relation,
    join: exp.Expr,
    side: str,
    conditions: list[exp.Expr],
) -> Relation:
    made = _split(conditions, left.fields, right.fields)
    both = left.fields + right.fields
    if left.bounds is not None and right.bounds is not None:
        found = _window_join(planner, left, right, join, made, side)
        if found is not None:
            return found
    interval = intervals.bounds(conditions, both, len(left.fields))
    if interval is not None and not left.changing and not right.changing:
        return _interval_join(planner, left, right, join, side, conditions, interval)
    pairing = _pairing(planner, join, made, left.fields, right.fields, side)
    relation = planner.join(RegularJoin(pairing), [left, right], both.without_time())
    return replace(relation, changing=left.changing or right.changing or any(_OUTER[side]))


def _window_join(
    planner: Planner, left: Relation, right: Relation, join: exp.Expr, made: JoinTerms, side: str
) -> Relation | None:
    """A join whose condition says that both rows lie in the same window."""
    one, other = left.bounds, right.bounds
    if one is None or other is None:
        return None
    both, width = left.fields + right.fields, len(left.fields)
    wanted: set[tuple[int | None, ...]] = {
        (one.start, other.start + width),
        (one.end, other.end + width),
    }
    bound = [
        pair
        for pair in made.pairs
        if all(isinstance(part, exp.Column) for part in pair) and _places(pair, both) in wanted
    ]
    if len(bound) != 2:
        return None
    rest = JoinTerms([pair for pair in made.pairs if pair not in bound], made.rest)
    pairing = _pairing(planner, join, rest, left.fields, right.fields, side)
    operator = WindowJoin(pairing, ((one.start, one.end), (other.start, other.end)), one.time)
    relation = planner.join(operator, [left, right], both.without_time())
    return replace(relation, bounds=Bounds(one.start, one.end, one.time))


def _places(pair: tuple[exp.Expr, exp.Expr], both: Fields) -> tuple[int | None, ...]:
    return tuple(trees.place(one, both) for one in pair if isinstance(one, exp.Column))


def _interval_join(
    planner: Planner,
    left: Relation,
    right: Relation,
    join: exp.Expr,
    side: str,
    conditions: list[exp.Expr],
    interval: intervals.Interval,
) -> Relation:
    # what the interval says, the operator holds itself
    rest = [term for term in conditions if term not in interval.terms]
    made = _split(rest, left.fields, right.fields)
    pairing = _pairing(planner, join, made, left.fields, right.fields, side)
    one, other = interval.left, interval.right - len(left.fields)
    operator = IntervalJoin(
        pairing,
        (lambda row: row[one], lambda row: row[other]),
        interval.lower,
        interval.upper,
        left.fields[one].time or EVENT,
    )
    return planner.join(operator, [left, right], left.fields + right.fields)


def _temporal(
    planner: Planner,
    left: Relation,
    right: Relation,
    join: exp.Expr,
    side: str,
    conditions: list[exp.Expr],
) -> Relation:
    version = join.this.args["version"].expression
    at = trees.place(version, left.fields) if isinstance(version, exp.Column) else None
    time = left.fields[at].time if at is not None else None
    other = right.fields.time()
    if at is None or time is None:
        raise wrong(version, "FOR SYSTEM_TIME AS OF takes a time attribute of the left table.")
    if time == CLOCK or other is None or side not in ("", "LEFT"):
        raise unsupported(
            join,
            "A temporal join other than LEFT or INNER, in event time, with a table that has a "
            "watermark",
        )
    made = _split(conditions, left.fields, right.fields)
    pairing = _pairing(planner, join, made, left.fields, right.fields, side)
    operator = TemporalJoin(pairing, (lambda row: row[at], lambda row: row[other]), time)
    fields = left.fields + right.fields.without_time()
    return planner.join(operator, [left, right], fields)


# --- tables, subqueries, functions --------------------------------------------------------------


def _lookup(
    planner: Planner,
    left: Relation,
    join: exp.Expr,
    side: str,
    reference: Reference,
    fields: Fields,
    conditions: list[exp.Expr],
) -> Relation:
    if side not in ("", "LEFT"):
        raise unsupported(join, f"{side} JOIN with a table that stands still")
    made = _split(conditions, left.fields, fields)
    pairing = _pairing(planner, join, made, left.fields, fields, side)
    operator = LookupJoin(pairing, lambda: reference.rows)
    return replace(planner.add(left, operator, left.fields + fields))


def _unnested(planner: Planner, left: Relation, node: exp.Expr, *, outer: bool) -> Relation:
    """UNNEST of an array, or a learner's table function, of each row."""
    left = sources.materialised(planner, left)
    here = planner.expressions(left.fields)
    alias = node.args.get("alias")
    names = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if isinstance(node, exp.Unnest):
        function, fields = _elements(here, node, names)
    else:
        function, fields = _of_function(here, node, names)
    table = alias.name if alias is not None and alias.this is not None else None
    operator = Correlation(function, len(fields), outer=outer)
    return planner.add(left, operator, left.fields + fields.of_table(table))


def _elements(
    here: Expressions, node: exp.Unnest, names: list[str]
) -> tuple[Callable[..., Any], Fields]:
    only(node, "expressions", "alias")
    made = here(node.expressions[0])
    if made.kind.name not in ("ARRAY", "MULTISET") or len(node.expressions) != 1:
        raise wrong(node, f"UNNEST takes one ARRAY or MULTISET; this is {made.kind}.")
    element, of = made.kind.parts[0], _members(made)
    if element.name == "ROW":
        fields = [
            Field(names[at] if at < len(names) else name, part)
            for at, (name, part) in enumerate(zip(element.names, element.parts, strict=True))
        ]
        return (lambda row: [one for one in of(row) or () if one is not None]), Fields(fields)
    fields = [Field(names[0] if names else "f0", element)]
    return (lambda row: [(one,) for one in of(row) or ()]), Fields(fields)


def _members(made: Typed) -> Callable[..., Any]:
    """The members of a row's array; of a multiset each as often as it is in it."""
    of = made.of
    if made.kind.name == "ARRAY":
        return of
    return lambda row: [one for one, n in (of(row) or {}).items() for _ in range(n)]


def _of_function(
    here: Expressions, node: exp.Expr, names: list[str]
) -> tuple[Callable[..., Any], Fields]:
    call = node.this
    if isinstance(call, exp.Anonymous) and str(call.this).upper() == "TABLE":
        call = call.expressions[0]
    own = (
        here.around.functions.get(str(call.this).upper())
        if isinstance(call, exp.Anonymous)
        else None
    )
    if own is None:
        raise unsupported(node, "A table function that was not registered")
    function, kind = own
    if kind.name != "ROW":
        raise wrong(node, f"A table function gives ROW; this one gives {kind}.")
    parts = [part.of for part in here.all(call.expressions)]
    columns = [
        Field(names[at] if at < len(names) else name, part)
        for at, (name, part) in enumerate(zip(kind.names, kind.parts, strict=True))
    ]
    return (lambda row: function(*[part(row) for part in parts])), Fields(columns)


# --- Kinesis SQL --------------------------------------------------------------------------------


def _overlap(
    planner: Planner,
    left: Relation,
    right: Relation,
    nodes: tuple[exp.Expr, exp.Expr],
    side: str,
    conditions: list[exp.Expr],
    join: exp.Expr,
) -> Relation:
    from kinesis_sim.analytics.planning.select import projected, rowtime
    from kinesis_sim.analytics.sql.typed import column

    ranges = (_range(nodes[0]), _range(nodes[1]))
    made = _split(conditions, left.fields, right.fields)
    pairing = _pairing(planner, join, made, left.fields, right.fields, side)
    one, other = rowtime(left.fields), rowtime(right.fields)
    operator = OverlapJoin(pairing, (lambda row: row[one], lambda row: row[other]), ranges, CLOCK)
    both = left.fields + right.fields
    relation = planner.join(operator, [left, right], both)
    two = one, other + len(left.fields)

    def later(row: tuple[Any, ...]) -> Any:
        return max(row[at] for at in two if row[at] is not None)

    parts = [Typed(TIMESTAMP, later)]
    parts += [column(field.kind, at) for at, field in enumerate(both)]
    fields = [Field("ROWTIME", TIMESTAMP, time=CLOCK, hidden=True)]
    # each side's own ROWTIME can still be called by its alias
    fields += [replace(field, time=None, hidden=field.hidden) for field in both]
    return projected(planner, relation, Fields(fields), parts)


def _range(node: exp.Expr) -> int:
    """How long a joined stream's rows stay, in ms; 0 without OVER."""
    spec = node.meta.get("over")
    if spec is None:
        return 0
    start = spec.args["start"]
    if str(spec.args["kind"]) != "RANGE" or start in ("CURRENT ROW", "UNBOUNDED"):
        raise unsupported(node, "A join's window other than RANGE INTERVAL … PRECEDING")
    kind, size = interval_value(start)
    if kind != INTERVAL_MS:
        raise unsupported(node, "A join's window of months")
    return size
