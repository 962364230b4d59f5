"""MATCH_RECOGNIZE: pattern, conditions and measures compiled over the rows of a match so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates.registry import aggregate, is_aggregate
from kinesis_sim.analytics.operators.matching import (
    Assigned,
    MatchRules,
    PatternMatch,
    PatternStep,
)
from kinesis_sim.analytics.operators.ranking import ordering
from kinesis_sim.analytics.planning import ranking, sources, trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.arithmetic import interval_value
from kinesis_sim.analytics.sql.expressions import Hook
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import Matching, only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, constant
from kinesis_sim.analytics.types.sqltype import STRING, TIMESTAMP
from kinesis_sim.analytics.types.texts import whole_number

_STEP = re.compile(r"\s*([A-Za-z_]\w*)\s*(\*|\+|\?|\{\s*(?:\d+\s*)?(?:,\s*(?:\d+\s*)?)?\})?(\?)?")
_LONGEST_MATCH = 1_000


def matched(planner: Planner, relation: Relation, node: exp.Expr) -> Relation:
    """The relation of the matches of a MATCH_RECOGNIZE."""
    if not isinstance(node, Matching):
        raise unsupported(node)
    if relation.changing:
        raise wrong(node, "MATCH_RECOGNIZE cannot take rows back, which its input does (updates).")
    relation = sources.materialised(planner, relation)
    fields = relation.fields
    order = node.args["order"]
    when = _time(order, fields)
    steps = pattern(node)
    names = {step.name for step in steps}
    here = planner.expressions(fields)
    keys = list(node.args.get("partition_by") or [])
    conditions = _conditions(planner, node, fields, names)
    rules = MatchRules(steps, conditions, _within(node), _skip(node, names))
    measures, columns = _measures(planner, node, fields, names, when)
    operator = PatternMatch(
        lambda row: row[when],
        ordering(ranking.order_parts(order, here)),
        [here(key).of for key in keys],
        [measure.of for measure in measures],
        rules,
        fields[when].time or "",
    )
    outer = [
        Field(key.name, here(key).kind, table=None) for key in keys if isinstance(key, exp.Column)
    ]
    made = planner.add(relation, operator, Fields([*outer, *columns]))
    return sources.aliased(node, made)


def _time(order: exp.Expr, fields: Fields) -> int:
    first = order.expressions[0]
    at = trees.place(first.this, fields) if isinstance(first.this, exp.Column) else None
    if at is None or fields[at].time is None or first.args.get("desc"):
        raise wrong(first, "MATCH_RECOGNIZE is ordered by a time attribute first, ascending.")
    return at


def pattern(node: Matching) -> tuple[PatternStep, ...]:
    """The variables of a pattern, in order. Raises NotSupportedInSql, SqlValidationError."""
    text = node.args["pattern"].name
    steps: list[PatternStep] = []
    at = 0
    while text[at:].strip():
        found = _STEP.match(text, at)
        if found is None:
            raise unsupported(
                node, f"The pattern {text!r}, other than variables one after another with repeats,"
            )
        steps.append(_step(node, found))
        at = found.end()
    if not steps:
        raise wrong(node, "A pattern has at least one variable.")
    if len({step.name for step in steps}) < len(steps):
        raise unsupported(node, "A variable that comes twice in a pattern")
    last = steps[-1]
    if last.greedy and last.most != last.least:
        raise wrong(
            node,
            f"Pattern variable {last.name} is greedy and the last one, so that its match would "
            "never end; write it reluctant, with a ? behind, as Flink demands.",
        )
    return tuple(steps)


def _step(node: exp.Expr, found: re.Match[str]) -> PatternStep:
    name, repeat, reluctant = found[1], found[2], found[3]
    least: int
    most: int | None
    if repeat is None:
        least, most = (0, 1) if reluctant else (1, 1)
        return PatternStep(name, least, most, True)
    greedy = not reluctant
    if repeat in "*+?":
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[repeat]
        return PatternStep(name, least, most, greedy)
    low, comma, high = repeat.strip("{} ").partition(",")
    least = _times(low) if low.strip() else 0
    most = (_times(high) if high.strip() else None) if comma else least
    if max(least, most or 0) > _LONGEST_MATCH or (most is not None and most < least):
        raise wrong(node, f"{name}{repeat} is no repeat of 0 to {_LONGEST_MATCH:,} rows.")
    return PatternStep(name, least, most, greedy)


def _times(text: str) -> int:
    """How often a repeat says; what is too long to be read is too often, too."""
    number = whole_number(text.strip())
    return _LONGEST_MATCH + 1 if number is None else number


def _within(node: Matching) -> int | None:
    within = node.args.get("within")
    return interval_value(within)[1] if within is not None else None


def _skip(node: Matching, names: set[str]) -> str | tuple[str, str]:
    after = node.args.get("after")
    text = after.name if after is not None else "PAST LAST ROW"
    if text in ("PAST LAST ROW", "TO NEXT ROW"):
        return text
    _, which, name = text.split(" ", 2)
    if name not in names:
        raise wrong(node, f"AFTER MATCH SKIP names {name}, which the pattern has not.")
    return which, name


def _conditions(
    planner: Planner, node: Matching, fields: Fields, names: set[str]
) -> dict[str, Callable[[Assigned], Any]]:
    made: dict[str, Callable[[Assigned], Any]] = {}
    for one in node.args["define"]:
        name = one.alias
        if name not in names:
            raise wrong(one, f"DEFINE names {name}, which the pattern has not.")
        here = planner.expressions(fields, _hook(planner, fields, names, None))
        made[name] = here.condition(one.this).of
    return made


def _measures(
    planner: Planner, node: Matching, fields: Fields, names: set[str], when: int
) -> tuple[list[Typed], list[Field]]:
    here = planner.expressions(fields, _hook(planner, fields, names, when))
    parts, columns = [], []
    for one in node.args["measures"]:
        inner = one.this
        name = inner.alias if isinstance(inner, exp.Alias) else inner.name
        value = inner.this if isinstance(inner, exp.Alias) else inner
        made = here(value)
        parts.append(made)
        columns.append(Field(name, made.kind, time=made.time))
    return parts, columns


# --- columns of a match -------------------------------------------------------------------------


def _hook(planner: Planner, fields: Fields, names: set[str], when: int | None) -> Hook:
    """Columns, FIRST, LAST and aggregates over the rows of a match so far."""

    def hook(node: exp.Expr) -> Typed | None:
        if isinstance(node, exp.Column):
            return _of_row(node, fields, names, last=True, offset=0)
        if not isinstance(node, exp.Anonymous):
            return None
        name = str(node.this).upper()
        if name in ("FIRST", "LAST"):
            return _logical(planner, node, fields, names, name == "LAST")
        if name == "MATCH_ROWTIME":
            time = fields[when].time if when is not None else None
            return Typed(TIMESTAMP, lambda found: found[-1][1][when], time=time)
        return _gathered(planner, node, fields, names) if is_aggregate(name) else None

    return hook


def _of_row(
    node: exp.Column, fields: Fields, names: set[str], *, last: bool, offset: int
) -> Typed | None:
    """A column of the first or last row of a variable; without one, of all rows."""
    variable = node.table if node.table in names else None
    at = fields.find(node, node.name, None if variable else node.table or None)
    step = -1 if last else 1

    def of(found: Assigned) -> Any:
        left = offset
        for name, row in found[::step]:
            if variable is None or name == variable:
                if not left:
                    return row[at]
                left -= 1
        return None

    return Typed(fields[at].kind, of)


def _logical(
    planner: Planner, node: exp.Anonymous, fields: Fields, names: set[str], last: bool
) -> Typed | None:
    only(node, "this", "expressions")
    inner = node.expressions[0]
    offset = planner.expressions(Fields(()))(node.expressions[1]) if node.expressions[1:] else None
    if not isinstance(inner, exp.Column):
        raise unsupported(node, "FIRST or LAST of anything but a column")
    number = offset.value if offset is not None and offset.constant else 0
    return _of_row(inner, fields, names, last=last, offset=int(number))


def _gathered(planner: Planner, node: exp.Anonymous, fields: Fields, names: set[str]) -> Typed:
    """An aggregate over the rows of one variable, or of all."""
    name, inner = str(node.this).upper(), node.expressions[0]
    columns = [inner] if isinstance(inner, exp.Column) else list(inner.find_all(exp.Column))
    variables = {one.table for one in columns if one.table in names}
    if len(variables) > 1:
        raise wrong(node, "An aggregate is over the rows of one pattern variable.")
    variable = next(iter(variables), None)
    plain = inner.copy()
    for one in [plain, *plain.find_all(exp.Column)]:
        if isinstance(one, exp.Column) and one.table in names:
            one.set("table", None)
    star = isinstance(inner, exp.Star) or (columns and isinstance(columns[0].this, exp.Star))
    argument = constant(STRING, "") if star else planner.expressions(fields)(plain)
    made = aggregate(name, argument.kind, takes_back=False)
    if made is None:
        raise wrong(node, f"{name} is not made of {argument.kind}.")

    def of(found: Assigned) -> Any:
        acc = made.new()
        for which, row in found:
            if variable is None or which == variable:
                value = argument.of(row)
                if value is not None:
                    made.add(acc, value)
        return made.value(acc)

    return Typed(made.kind, of)
