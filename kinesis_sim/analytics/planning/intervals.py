"""Finding, in a join's condition, the interval in which two times have to lie."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from kinesis_sim.analytics.planning import trees
from kinesis_sim.analytics.sql.arithmetic import interval_value
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.types.sqltype import INTERVAL_MS


@dataclass(frozen=True, slots=True)
class Interval:
    """``lower <= left - right <= upper``, in ms. left, right: places; terms: that said so."""

    left: int
    right: int
    lower: int
    upper: int
    terms: tuple[exp.Expr, ...]


Linear = tuple[int, int]
"""A time column and milliseconds added to it."""


def bounds(terms: list[exp.Expr], both: Fields, width: int) -> Interval | None:
    """The interval that terms give, when they bound it on both sides; None otherwise."""
    lower: int | None = None
    upper: int | None = None
    places: tuple[int, int] | None = None
    used: list[exp.Expr] = []
    for term in terms:
        for bound in _said(term, both, width):
            pair, low, high = bound
            if places is not None and pair != places:
                continue
            places = pair
            used.append(term)
            lower = low if lower is None else lower if low is None else max(lower, low)
            upper = high if upper is None else upper if high is None else min(upper, high)
    if places is None or lower is None or upper is None:
        return None
    return Interval(places[0], places[1], lower, upper, tuple(used))


Bound = tuple[tuple[int, int], int | None, int | None]


def _said(term: exp.Expr, both: Fields, width: int) -> list[Bound]:
    """What a term says of left - right: the lowest and the highest."""
    if isinstance(term, exp.Between):
        return [
            *_compared(exp.GTE, term.this, term.args["low"], both, width),
            *_compared(exp.LTE, term.this, term.args["high"], both, width),
        ]
    if isinstance(term, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        return _compared(type(term), term.this, term.expression, both, width)
    return []


_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
}


def _compared(
    kind: type[exp.Expr], one: exp.Expr, other: exp.Expr, both: Fields, width: int
) -> list[Bound]:
    left, right = linear(one, both), linear(other, both)
    if left is None or right is None or (left[0] < width) == (right[0] < width):
        return []
    if both[left[0]].time != both[right[0]].time:
        return []
    if left[0] >= width:
        left, right, kind = right, left, _FLIPPED[kind]
    # left + a ? right + b, so left - right ? b - a
    gap = right[1] - left[1]
    pair = (left[0], right[0])
    if kind is exp.EQ:
        return [(pair, gap, gap)]
    if kind in (exp.GT, exp.GTE):
        return [(pair, gap + (kind is exp.GT), None)]
    return [(pair, None, gap - (kind is exp.LT))]


def linear(node: exp.Expr, fields: Fields) -> Linear | None:
    """A time attribute with an interval added or taken away; None for anything else."""
    if isinstance(node, exp.Paren):
        return linear(node.this, fields)
    if isinstance(node, exp.Column):
        at = trees.place(node, fields)
        return (at, 0) if at is not None and fields[at].time is not None else None
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval):
        inner = linear(node.this, fields)
        kind, size = interval_value(node.expression)
        if inner is None or kind != INTERVAL_MS:
            return None
        return inner[0], inner[1] + (size if isinstance(node, exp.Add) else -size)
    return None
