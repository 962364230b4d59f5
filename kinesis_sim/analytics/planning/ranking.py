"""Top-N: a subquery with ROW_NUMBER() OVER (…) whose number the query around it bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from kinesis_sim.analytics.operators.assigners import attached
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.operators.ranking import Deduplication, TopN, ordering
from kinesis_sim.analytics.operators.windowed import WindowRank
from kinesis_sim.analytics.planning import trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column
from kinesis_sim.analytics.types.sqltype import BIGINT
from kinesis_sim.analytics.types.texts import whole_number

if TYPE_CHECKING:
    from kinesis_sim.analytics.planning.select import Shown

MOST_RANKS = 10_000
"""How many rows of a key a Top-N keeps at most (the model's choice)."""


@dataclass(frozen=True, slots=True)
class OuterRanks:
    """What the query around a ROW_NUMBER says of it.

    name: the number's column; ranks: those that are wanted; terms: of its WHERE, which are done
    with; shown: whether the number itself is used elsewhere.
    """

    name: str
    ranks: range
    terms: tuple[exp.Expr, ...]
    shown: bool


def of_outer(node: exp.Select) -> OuterRanks | None:
    """The ranks that a query wants of the subquery in its FROM; None where there is no such."""
    from_, where = node.args.get("from_"), node.args.get("where")
    inner = from_.this if from_ is not None else None
    if where is None or not isinstance(inner, exp.Subquery) or node.args.get("joins"):
        return None
    query = inner.this
    if not isinstance(query, exp.Select):
        return None
    name = next((one.alias for one in query.expressions if _numbered(one) is not None), None)
    if name is None:
        return None
    first, last, terms = 1, None, []
    for term in trees.terms(where.this):
        bounds = _bounds(term, name)
        if bounds is not None:
            first = max(first, bounds[0])
            last = bounds[1] if last is None else min(last, bounds[1])
            terms.append(term)
    if last is None or last - first >= MOST_RANKS:
        return None
    parts = [*node.expressions, *_others(node, terms)]
    shown = any(_uses(part, name) for part in parts)
    return OuterRanks(name, range(first, last + 1), tuple(terms), shown)


def _others(node: exp.Select, terms: list[exp.Expr]) -> list[exp.Expr]:
    rest = [one for one in trees.terms(node.args["where"].this) if one not in terms]
    clauses = [node.args.get(name) for name in ("group", "having", "order")]
    return [*rest, *(clause for clause in clauses if clause is not None)]


def _uses(part: exp.Expr, name: str) -> bool:
    if isinstance(part, exp.Star) or (
        isinstance(part, exp.Column) and isinstance(part.this, exp.Star)
    ):
        return True
    return any(one.name == name for one in part.find_all(exp.Column))


def _numbered(one: exp.Expr) -> exp.Window | None:
    """ROW_NUMBER() OVER (…) AS name."""
    if not isinstance(one, exp.Alias) or not isinstance(one.this, exp.Window):
        return None
    call = one.this.this
    is_number = isinstance(call, exp.Anonymous) and str(call.this).upper() == "ROW_NUMBER"
    return one.this if is_number else None


_FLIPPED = {exp.LTE: exp.GTE, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.GT: exp.LT, exp.EQ: exp.EQ}


def _bounds(term: exp.Expr, name: str) -> tuple[int, int] | None:
    """The first and last rank that a term leaves."""
    far = 1 << 40
    if isinstance(term, exp.Between) and _is(term.this, name):
        return _number(term.args["low"]) or 1, _number(term.args["high"]) or 0
    kind = type(term)
    if kind not in _FLIPPED:
        return None
    left, right = term.this, term.expression
    if _is(right, name):
        left, right, kind = right, left, _FLIPPED[kind]
    number = _number(right)
    if not _is(left, name) or number is None:
        return None
    return {
        exp.LTE: (1, number),
        exp.LT: (1, number - 1),
        exp.EQ: (number, number),
        exp.GTE: (number, far),
        exp.GT: (number + 1, far),
    }[kind]


def _is(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name == name


def _number(node: exp.Expr) -> int | None:
    return whole_number(node.name) if isinstance(node, exp.Literal) else None


def planned(
    planner: Planner,
    query: exp.Select,
    ranks: OuterRanks,
    shown: Callable[[Planner, exp.Select, OuterRanks], Relation],
) -> Relation:
    """The subquery, with only the ranks that are wanted."""
    return shown(planner, query, ranks)


def ranked(
    planner: Planner, relation: Relation, overs: list[exp.Window], ranks: OuterRanks
) -> tuple[Relation, Expressions]:
    """The relation with only those ranks, and their number as a column."""
    if len(overs) != 1:
        raise unsupported(overs[1], "OVER beside a ROW_NUMBER whose number is bounded")
    here = planner.expressions(relation.fields)
    over = overs[0]
    made = _ranks(planner, relation, over, ranks, here)
    at = len(relation.fields)

    def hook(node: exp.Expr) -> Typed | None:
        return column(BIGINT, at) if node is over or node == over else None

    return made, planner.expressions(made.fields, hook)


def over_groups(
    planner: Planner,
    relation: Relation,
    shown: list[Shown],
    parts: list[Typed],
    ranks: OuterRanks,
    here: Expressions,
) -> tuple[Relation, list[Typed]]:
    """As ``ranked``, where the SELECT also gathers rows."""
    raise unsupported(
        shown[0].node, "ROW_NUMBER in the query that has GROUP BY; put the GROUP BY into a subquery"
    )


def _ranks(
    planner: Planner,
    relation: Relation,
    over: exp.Window,
    ranks: OuterRanks,
    here: Expressions,
) -> Relation:
    only(over, "this", "partition_by", "order", "over")
    order = over.args.get("order")
    if order is None:
        raise wrong(over, "ROW_NUMBER needs ORDER BY.")
    keys = list(over.args.get("partition_by") or [])
    number = Fields([Field(ranks.name, BIGINT)])
    bounds = relation.bounds
    at = {trees.place(key, relation.fields) for key in keys if isinstance(key, exp.Column)}
    key_values = [here(key).of for key in keys]
    by = ordering(order_parts(order, here))
    if bounds is not None and {bounds.start, bounds.end} <= at:
        assign = attached(bounds.start, bounds.end)
        made = WindowRank(assign, bounds.time, key_values, by, ranks.ranks)
        return replace(planner.add(relation, made, relation.fields + number))
    operator = _operator(relation, order, key_values, by, ranks, here)
    # a table of versions keeps its time, by which a temporal join asks for them
    versions = isinstance(operator, Deduplication) and operator.last
    fields = (relation.fields if versions else relation.fields.without_time()) + number
    made_relation = planner.add(relation, operator, fields)
    if not ranks.shown:  # the number is asked for by nobody: NULL stands for it
        made_relation = planner.add(made_relation, Unnumbered(), fields)
    return replace(made_relation, changing=True, bounds=None)


class Unnumbered(Operator):
    """Rows with a column that nobody reads, so that columns stay where they were planned."""

    title = "unnumbered"

    def take(self, kind: int, row: tuple[Any, ...]) -> None:
        """Hand a row on with NULL for its number."""
        self.emit(kind, (*row, None))


def _operator(
    relation: Relation,
    order: exp.Expr,
    keys: list[Callable[..., Any]],
    by: Callable[..., Any],
    ranks: OuterRanks,
    here: Expressions,
) -> Operator:
    first = order.expressions[0]
    time = trees.place(first.this, relation.fields) if isinstance(first.this, exp.Column) else None
    of_time = time is not None and relation.fields[time].time is not None
    one = ranks.ranks == range(1, 2) and len(order.expressions) == 1
    if of_time and one and not ranks.shown and not relation.changing:
        return Deduplication(keys, here(first.this).of, last=bool(first.args.get("desc")))
    return TopN(keys, by, ranks.ranks, ranked=ranks.shown, retracts=relation.changing)


def order_parts(order: exp.Expr, here: Expressions) -> list[tuple[Callable[..., Any], bool, bool]]:
    """ORDER BY's terms: value, whether descending, whether NULLs come first.

    NULL is smaller than everything, as in Flink, unless NULLS FIRST or LAST is said.
    """
    return [
        (here(one.this).of, bool(one.args.get("desc")), bool(one.args.get("nulls_first")))
        for one in order.expressions
    ]
