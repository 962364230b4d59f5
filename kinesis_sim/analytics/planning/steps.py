"""Windows that a GROUP BY itself makes: STEP, FLOOR and STAGGER, and Flink's older TUMBLE()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates.calls import Gathering
from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.operators.assigners import Windows
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.operators.sessions import StaggerAggregate
from kinesis_sim.analytics.operators.windowed import WindowAggregate
from kinesis_sim.analytics.planning import sources, trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.arithmetic import interval_value
from kinesis_sim.analytics.sql.fields import CLOCK, Field, Fields
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.types import calendar
from kinesis_sim.analytics.types.sqltype import INTERVAL_MS, TIMESTAMP, SqlType

Cut = Callable[[int], tuple[int, int]]
"""From an instant to the beginning and the end of the step that it lies in."""


class GroupWindow:
    """What closes the groups of a GROUP BY. time: by which; kind: of the step's value."""

    time: str
    kind: SqlType = TIMESTAMP

    def place(self, node: exp.Expr, name: str) -> tuple[int, str | None] | None:
        """Which of the window's columns a node is (0 start, 1 end, 2 time), and its time."""
        raise NotImplementedError

    def operator(self, keys: list[Callable[..., Any]], gathering: Gathering) -> Operator:
        """The operator that gathers."""
        raise NotImplementedError

    def fields(self) -> Fields:
        """Its three columns."""
        raise NotImplementedError


class StepWindow(GroupWindow):
    """``GROUP BY …, STEP(ROWTIME BY interval)``: rows leave with ROWTIME at the step's end."""

    time = CLOCK

    def __init__(self, rowtime: int, cut: Cut, names: set[str]) -> None:
        self.rowtime = rowtime
        self.cut = cut
        self.names = names

    def place(self, node: exp.Expr, name: str) -> tuple[int, str | None] | None:
        """The step's value is its start; ROWTIME by itself is the end."""
        if name in self.names:
            return 0, None
        return (1, CLOCK) if name == f"#{self.rowtime}" else None

    def operator(self, keys: list[Callable[..., Any]], gathering: Gathering) -> Operator:
        """Gathers within each step."""
        cut, at = self.cut, self.rowtime

        def assign(row: Row) -> Windows:
            return [cut(row[at])]

        return WindowAggregate(assign, CLOCK, keys, gathering)

    def fields(self) -> Fields:
        """The step's start and end; the end is the ROWTIME of the groups."""
        return Fields(
            [
                Field("$start", TIMESTAMP),
                Field("ROWTIME", TIMESTAMP, time=CLOCK, hidden=True),
                Field("$last", TIMESTAMP),
            ]
        )


class StaggerWindow(StepWindow):
    """``WINDOWED BY STAGGER``: a window for each key, from its first row on."""

    def __init__(self, rowtime: int, age: int) -> None:
        super().__init__(rowtime, lambda at: (at, at + age), set())
        self.age = age

    def operator(self, keys: list[Callable[..., Any]], gathering: Gathering) -> Operator:
        """Gathers from the first row on."""
        at = self.rowtime
        return StaggerAggregate(lambda row: row[at], self.age, keys, gathering, CLOCK)


def of_kinesis(
    planner: Planner,
    node: exp.Select,
    relation: Relation,
    keys: list[exp.Expr],
    stagger: exp.Expr | None,
) -> tuple[list[exp.Expr], GroupWindow]:
    """Keys and window of Kinesis SQL. Raises SqlValidationError where nothing would close it."""
    from kinesis_sim.analytics.planning.select import rowtime

    at = rowtime(relation.fields)
    if stagger is not None:
        kind, age = interval_value(stagger.this)
        if keys or kind != INTERVAL_MS:
            raise wrong(stagger, "WINDOWED BY STAGGER stands instead of GROUP BY, with a duration.")
        return list(stagger.expressions), StaggerWindow(at, age)
    found = {key: cut for key in keys if (cut := monotonic(key, relation.fields, at)) is not None}
    if not found:
        where = keys[0] if keys else node
        raise wrong(
            where,
            "A streaming GROUP BY needs a monotonic expression of ROWTIME, such as "
            "STEP(ROWTIME BY INTERVAL '60' SECOND) or FLOOR(ROWTIME TO MINUTE); without one its "
            "groups would never be complete.",
        )
    # of several steps the finest closes the groups; coarser ones are known by then
    key = min(found, key=lambda one: _length(found[one]))
    names = {trees.canonical(key, relation.fields)}
    return [one for one in keys if one is not key], StepWindow(at, found[key], names)


def _length(cut: Cut) -> int:
    start, end = cut(0)
    return end - start


def monotonic(node: exp.Expr, fields: Fields, rowtime: int) -> Cut | None:
    """The steps of an expression of ROWTIME that only grows; None for any other."""
    if isinstance(node, exp.Paren):
        return monotonic(node.this, fields, rowtime)
    if isinstance(node, exp.Column):
        return (lambda at: (at, at + 1)) if trees.place(node, fields) == rowtime else None
    if isinstance(node, exp.Floor) and node.args.get("to") is not None:
        return _floor(node, fields, rowtime)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "STEP":
        value, by = node.expressions
        if not isinstance(value, exp.Column) or trees.place(value, fields) != rowtime:
            return None
        kind, size = interval_value(by)
        if size <= 0:
            raise wrong(by, "STEP goes by an interval greater than zero.")
        if kind == INTERVAL_MS:
            return lambda at: (at - at % size, at - at % size + size)
        return lambda at: _months(at, size)
    return None


def _floor(node: exp.Floor, fields: Fields, rowtime: int) -> Cut | None:
    unit = node.args["to"].name.upper()
    if not isinstance(node.this, exp.Column) or trees.place(node.this, fields) != rowtime:
        return None
    if unit not in calendar.UNITS:
        raise wrong(node, f"{unit} is no unit of time.")
    return lambda at: (calendar.floor(at, unit), calendar.ceil(calendar.floor(at, unit) + 1, unit))


def _months(at: int, size: int) -> tuple[int, int]:
    months = calendar.between("MONTH", 0, calendar.floor(at, "MONTH"))
    start = calendar.add_months(0, months - months % size)
    return start, calendar.add_months(start, size)


# --- Flink's group window functions -------------------------------------------------------------

_LEGACY = {"TUMBLE": ("SIZE",), "HOP": ("SLIDE", "SIZE"), "SESSION": ("GAP",)}
_PARTS = {"START": 0, "END": 1, "ROWTIME": 2, "PROCTIME": 2}


def legacy_window(
    planner: Planner, relation: Relation, keys: list[exp.Expr]
) -> tuple[Relation, list[exp.Expr], dict[str, int]] | None:
    """``GROUP BY TUMBLE(time, size)``, as windows; TUMBLE_START and its like by their names."""
    found = [
        key
        for key in keys
        if isinstance(key, exp.Anonymous)
        and str(key.this).upper() in _LEGACY
        and not relation.fields.places("window_start")
    ]
    if not found:
        return None
    if len(found) > 1:
        raise wrong(found[1], "Only one window stands in GROUP BY.")
    call = found[0]
    name, rest = str(call.this).upper(), [key for key in keys if key is not call]
    if len(call.expressions) != len(_LEGACY[name]) + 1:
        raise wrong(call, f"{name} takes a time and {len(_LEGACY[name])} interval(s).")
    when, *intervals = call.expressions
    at = trees.place(when, relation.fields) if isinstance(when, exp.Column) else None
    if at is None or relation.fields[at].time is None:
        raise wrong(when, f"{name} is over a time attribute.")
    extra = _named_parts(call, relation.fields)
    sizes = {key: interval_value(one)[1] for key, one in zip(_LEGACY[name], intervals, strict=True)}
    by = rest if name == "SESSION" else []
    made = sources.windowed(planner, call, relation, name, at, sizes, by)
    fields = made.fields
    start, end = (
        exp.column(fields[place].name) for place in range(len(fields) - 3, len(fields) - 1)
    )
    return replace(made), [*rest, start, end], extra


def _named_parts(call: exp.Anonymous, fields: Fields) -> dict[str, int]:
    """The canonical texts of TUMBLE_START(…) and its like for this very window."""
    made: dict[str, int] = {}
    for word, role in _PARTS.items():
        node = exp.Anonymous(
            this=f"{str(call.this).upper()}_{word}",
            expressions=[one.copy() for one in call.expressions],
        )
        made[trees.canonical(node, fields)] = role
    return made
