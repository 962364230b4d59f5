"""FROM: tables, views, subqueries, and the windows that a table is cut into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from kinesis_sim.analytics.operators import assigners
from kinesis_sim.analytics.operators.assigners import Assigner
from kinesis_sim.analytics.operators.sessions import SessionAssignment
from kinesis_sim.analytics.operators.windowed import WindowAssignment
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Bounds, Relation, window_fields
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.sql.arithmetic import interval_value
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import (
    TableArgument,
    TableFunction,
    begins,
    only,
    unsupported,
    wrong,
)
from kinesis_sim.analytics.types.sqltype import INTERVAL_MS, TIMESTAMP

WINDOWS = ("TUMBLE", "HOP", "CUMULATE", "SESSION")
_ARGUMENTS = {
    "TUMBLE": ("DATA", "TIMECOL", "SIZE", "OFFSET"),
    "HOP": ("DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"),
    "CUMULATE": ("DATA", "TIMECOL", "STEP", "SIZE", "OFFSET"),
    "SESSION": ("DATA", "TIMECOL", "GAP"),
}


def source(planner: Planner, node: exp.Expr) -> Relation:
    """What stands in FROM, under its alias."""
    if isinstance(node, TableFunction):
        return aliased(node, _table_function(planner, node))
    if isinstance(node, exp.Subquery):
        only(node, "this", "alias")
        return aliased(node, planner.query(node.this))
    if isinstance(node, exp.Table):
        only(node, "this", "alias", "joins")
        if not isinstance(node.this, exp.Identifier):
            raise unsupported(node)
        return aliased(node, table(planner, node))
    if isinstance(node, exp.Values):
        return aliased(node, told(planner, node))
    raise unsupported(node)


def table(planner: Planner, node: exp.Table) -> Relation:
    """A table by its name: what WITH named, else what the catalog knows."""
    inner = planner.named.get(node.name)
    if inner is None:
        return planner.catalog.relation(planner, node)
    outside = planner.named
    planner.named = {name: one for name, one in outside.items() if name != node.name}
    try:
        return planner.query(inner)
    finally:
        planner.named = outside


def told(planner: Planner, node: exp.Values) -> Relation:
    """VALUES: rows that the statement tells itself, of the types that each column has in common."""
    if planner.around.kinesis:
        raise unsupported(node, "VALUES in FROM")
    only(node, "expressions", "alias")
    here = planner.expressions(Fields([]))
    rows = [here.all(_cells(one)) for one in node.expressions]
    width = len(rows[0])
    odd = next((at for at, one in enumerate(rows) if len(one) != width), None)
    if odd is not None:
        number = len(rows[odd])
        raise wrong(
            node.expressions[odd], f"Row {odd + 1} of VALUES has {number} columns, not {width}."
        )
    columns = [here.alike(node, list(column)) for column in zip(*rows, strict=True)]
    fields = Fields(Field(f"EXPR${at}", one[0].kind) for at, one in enumerate(columns))
    evaluations = [[part.of for part in row] for row in zip(*columns, strict=True)]
    return planner.tell(lambda: [tuple([of(()) for of in row]) for row in evaluations], fields)


def _cells(node: exp.Expr) -> list[exp.Expr]:
    """The values of one row: in brackets, as ROW(…), or one alone."""
    inside = list(node.expressions) if isinstance(node, exp.Tuple) else [node]
    alone = inside[0] if len(inside) == 1 else None
    if isinstance(alone, exp.Anonymous) and str(alone.this).upper() == "ROW":
        return list(alone.expressions)
    return inside


def aliased(node: exp.Expr, relation: Relation) -> Relation:
    """The relation under the alias of its node, its columns renamed where the alias says so."""
    alias = node.args.get("alias")
    name = alias.name if alias is not None and alias.this is not None else None
    if name is None and isinstance(node, exp.Table):
        name = node.name
    if name is None:  # what has no name is told apart by its place in the text
        name = f"${begins(node)}"
    fields = relation.fields.of_table(name)
    renamed = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if renamed:
        shown = [at for at, column in enumerate(fields) if not column.hidden]
        if len(renamed) != len(shown):
            raise wrong(node, f"The alias names {len(renamed)} of {len(shown)} columns.")
        names = dict(zip(shown, renamed, strict=True))
        fields = Fields(
            replace(column, name=names.get(at, column.name)) for at, column in enumerate(fields)
        )
    return replace(relation, fields=fields)


# --- windows ------------------------------------------------------------------------------------


def _table_function(planner: Planner, node: TableFunction) -> Relation:
    call = node.this
    if not isinstance(call, exp.Anonymous):
        raise unsupported(node)
    name = str(call.this).upper()
    if name not in WINDOWS or planner.around.kinesis:
        return planner.catalog.table_function(planner, node, call)
    given = arguments(call, _ARGUMENTS[name])
    data = given["DATA"]
    if not isinstance(data, TableArgument):
        raise wrong(call, f"{name} begins with TABLE and the name of a table.")
    relation = aliased(data.this, table(planner, data.this))
    sizes = {
        key: _milliseconds(value) for key, value in given.items() if key not in ("DATA", "TIMECOL")
    }
    when = _descriptor(given["TIMECOL"], relation.fields, name)
    return windowed(planner, call, relation, name, when, sizes, data.expressions)


def arguments(call: exp.Anonymous, names: tuple[str, ...]) -> dict[str, exp.Expr]:
    """Arguments by name, whether they were given by place or by name."""
    given: dict[str, exp.Expr] = {}
    for at, one in enumerate(call.expressions):
        if isinstance(one, exp.Kwarg):
            key = one.this.name.upper()
        elif at < len(names):
            key = names[at]
        else:
            raise wrong(one, f"{call.this} takes at most {len(names)} arguments.")
        if key not in names or key in given:
            raise wrong(one, f"{call.this} has the arguments {', '.join(names)}, each once.")
        given[key] = one.expression if isinstance(one, exp.Kwarg) else one
    missing = [name for name in names if name not in given and name != "OFFSET"]
    if missing:
        raise wrong(call, f"{call.this} lacks {', '.join(missing)}.")
    return given


def _milliseconds(node: exp.Expr) -> int:
    kind, value = interval_value(node)
    if kind != INTERVAL_MS:
        raise unsupported(node, "A window of months or years")
    return value


def _descriptor(node: exp.Expr, fields: Fields, name: str) -> int:
    inner = node.expressions if isinstance(node, exp.Anonymous) else []
    if str(getattr(node, "this", "")).upper() != "DESCRIPTOR" or len(inner) != 1:
        raise wrong(node, f"{name} takes DESCRIPTOR(time column) here.")
    at = fields.find(inner[0], inner[0].name)
    if fields[at].time is None:
        raise not_a_time(inner[0], fields[at])
    return at


def not_a_time(node: exp.Expr, column: Field) -> SqlError:
    """The error of a window over a column that is no time attribute."""
    return wrong(
        node,
        f"Column {column.name} ({column.kind}) is no time attribute; declare WATERMARK FOR it in "
        "CREATE TABLE, or use PROCTIME(). A time attribute is lost in a join or a calculation.",
    )


def windowed(
    planner: Planner,
    node: exp.Expr,
    relation: Relation,
    name: str,
    when: int,
    sizes: dict[str, int],
    keys: list[exp.Expr],
) -> Relation:
    """A relation cut into windows; its three columns are promised, not yet written."""
    if relation.changing:
        raise wrong(node, f"{name} cannot take rows back, which its input does (updates).")
    relation = materialised(planner, relation)
    time = relation.fields[when].time or ""
    added = window_fields(TIMESTAMP, time)
    kept = Fields(replace(one, time=None) if one.time == time else one for one in relation.fields)
    fields = kept + added.of_table(relation.fields[when].table)
    bounds = Bounds(len(kept), len(kept) + 1, time)
    compiled = planner.expressions(relation.fields)
    if name == "SESSION":
        by = [compiled(key).of for key in keys]
        operator = SessionAssignment(lambda row: row[when], sizes["GAP"], by, time)
        return replace(planner.add(relation, operator, fields), bounds=bounds)
    if keys:
        raise wrong(node, f"PARTITION BY belongs to SESSION; {name} is keyed by GROUP BY.")
    assign = _assigner(node, name, when, sizes)
    apart = sizes.get("SLIDE") or sizes.get("STEP") or sizes["SIZE"]
    bounds = replace(bounds, assign=assign, apart=apart, last=_last(name, sizes))
    return replace(relation, fields=fields, bounds=bounds)


def _last(name: str, sizes: dict[str, int]) -> Callable[[int, int], int]:
    """The end of the last window that a row which is in a window's last slice could be in."""
    size = sizes["SIZE"]
    if name == "HOP":
        return lambda start, end: end + size - sizes["SLIDE"]
    return lambda start, end: start + size


def _assigner(node: exp.Expr, name: str, when: int, sizes: dict[str, int]) -> Assigner:
    size, offset = sizes["SIZE"], sizes.get("OFFSET", 0)
    step = sizes.get("SLIDE") or sizes.get("STEP") or size
    if size <= 0 or step <= 0:
        raise wrong(node, f"{name}'s sizes have to be greater than zero.")
    if size % step:
        raise wrong(
            node, f"{name}'s size of {size} ms has to be a multiple of its step of {step} ms."
        )
    if size // step > 10_000:
        raise wrong(
            node, f"{name} would put each row into {size // step:,} windows; 10,000 at most."
        )
    if name == "TUMBLE":
        return assigners.tumble(lambda row: row[when], size, offset)
    if name == "HOP":
        return assigners.hop(lambda row: row[when], step, size, offset)
    return assigners.cumulate(lambda row: row[when], step, size, offset)


def materialised(planner: Planner, relation: Relation) -> Relation:
    """The relation with its window's columns written into the rows."""
    bounds = relation.bounds
    if bounds is None or bounds.assign is None:
        return relation
    made = planner.add(relation, WindowAssignment(bounds.assign), relation.fields)
    return replace(made, bounds=replace(bounds, assign=None))
