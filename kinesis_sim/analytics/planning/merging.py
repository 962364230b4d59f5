"""USING and NATURAL: columns of both sides that are one in the result, before all others."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kinesis_sim.analytics.planning import trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.fields import MERGED, Field, Fields
from kinesis_sim.analytics.sql.nodes import unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column


def shared(join: exp.Expr, left: Fields, right: Fields) -> list[exp.Expr]:
    """The columns that USING names, or NATURAL finds on both sides, as names without a table."""
    method = str(join.args.get("method") or "")
    if method and method.upper() != "NATURAL":
        raise unsupported(join, f"{method} JOIN")
    found = list(join.args.get("using") or [])
    if method:
        there = {one.name for one in right if not one.hidden}
        both = dict.fromkeys(one.name for one in left if not one.hidden and one.name in there)
        found = [exp.to_identifier(name, quoted=True) for name in both]
        for one in found:
            one.meta.update(join.meta)
    for one in found:
        if max(len(fields.places(one.name)) for fields in (left, right)) > 1:
            raise wrong(one, f"Column {one.name!r} is there twice on one side of the join.")
    return found


def check(term: exp.Expr, fields: Fields) -> None:
    """Raises SqlValidationError for a term of WHERE that calls such a column without a table.

    Flink takes its bare name in the SELECT list, in GROUP BY and in ORDER BY only.
    """
    merged = {one.name for one in fields if one.table == MERGED}
    for one in term.find_all(exp.Column) if merged and not trees.held(term) else ():
        if not one.table and one.name in merged:
            raise wrong(one, f"Column {one.name!r} is ambiguous; say which table's.")


def equal(names: list[exp.Expr], left: Fields, right: Fields) -> list[exp.Expr]:
    """That those columns are equal."""
    made: list[exp.Expr] = []
    for name in names:
        one, other = (fields[fields.find(name, name.name)] for fields in (left, right))
        sides = [exp.column(field.name, table=field.table) for field in (one, other)]
        made.append(exp.EQ(this=sides[0], expression=sides[1]))
    return made


def merged(
    planner: Planner,
    made: Relation,
    names: list[exp.Expr],
    sides: tuple[Fields, Fields],
    side: str,
) -> Relation:
    """A join's relation with those columns once, in front; each side's own are still called by it.

    Of a right join they are the right side's, of a full one whichever is not NULL.
    """
    from kinesis_sim.analytics.planning.select import projected

    left, right = sides
    fields, first = list(made.fields), len(made.fields) - len(left) - len(right)
    here = planner.expressions(made.fields)
    front: list[Field] = []
    parts: list[Typed] = []
    for name in names:
        one = first + left.find(name, name.name)
        other = first + len(left) + right.find(name, name.name)
        typed = [column(fields[at].kind, at, fields[at].time) for at in (one, other)]
        part = typed[1] if side == "RIGHT" else typed[0]
        if side == "FULL":
            part = _either(*here.alike(name, typed))
        front.append(Field(name.name, part.kind, table=MERGED, time=part.time))
        parts.append(part)
        for at in (one, other):
            fields[at] = replace(fields[at], hidden=True)
    own = [column(field.kind, at, field.time) for at, field in enumerate(made.fields)]
    shown = Fields([*fields[:first], *front, *fields[first:]])
    return projected(planner, made, shown, [*own[:first], *parts, *own[first:]])


def _either(one: Typed, other: Typed) -> Typed:
    left, right = one.of, other.of
    return Typed(one.kind, lambda row: value if (value := left(row)) is not None else right(row))
