"""GROUP BY: keys, aggregates, and whether a window or nothing closes the groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates.calls import AggregateCall, Gathering
from kinesis_sim.analytics.operators import assigners
from kinesis_sim.analytics.operators.assigners import Assigner
from kinesis_sim.analytics.operators.grouping import GroupAggregate
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.operators.windowed import WindowAggregate
from kinesis_sim.analytics.planning import grouping_sets, sources, steps, trees
from kinesis_sim.analytics.planning.calls import compiled_call
from kinesis_sim.analytics.planning.grouping_sets import Expanded
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Bounds, Relation, window_fields
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, quoted, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column, constant
from kinesis_sim.analytics.types.sqltype import BIGINT, TIMESTAMP
from kinesis_sim.analytics.types.texts import whole_number

_GROUPING = ("GROUPING", "GROUPING_ID", "GROUP_ID")
MakeOperator = Callable[[list[Callable[..., Any]], Gathering], Operator]


class Grouped:
    """A GROUP BY while its SELECT list is compiled.

    ``expressions`` compiles over keys, window and aggregates; each new aggregate becomes a column
    of the operator that ``finished`` makes.
    """

    def __init__(
        self,
        planner: Planner,
        relation: Relation,
        keys: list[exp.Expr],
        window: steps.GroupWindow | None,
        sets: Expanded | None = None,
    ) -> None:
        self.planner = planner
        self.relation = relation
        self.window = window
        self._inner = planner.expressions(relation.fields)
        self._names = {trees.canonical(key, relation.fields): at for at, key in enumerate(keys)}
        self._sets = sets
        self._nodes = keys
        self._keys = [self._key(key) for key in keys]
        if sets is not None:
            self._keys.append(column(BIGINT, sets.number))
        self._calls: dict[str, tuple[int, AggregateCall]] = {}
        self._first = len(self._keys) + (3 if window is not None else 0)
        self.expressions = planner.expressions(relation.fields, self._hook)

    # --- compiling ------------------------------------------------------------------------------

    def _key(self, key: exp.Expr) -> Typed:
        """A key of the rows; the column where it is NULL for the sets that leave it out."""
        made = self._inner(key)
        place = None
        if self._sets is not None:
            place = self._sets.places.get(self._sets.keys.index(key))
        return made if place is None else column(made.kind, place)

    def _grouping(self, node: exp.Anonymous) -> Typed:
        """GROUPING(k, …): for each key a bit, 1 where the row's set leaves it out.

        GROUP_ID(): how many sets before it are the same.
        """
        sets = self._sets
        if str(node.this).upper() == "GROUP_ID":
            if node.expressions:
                raise wrong(node, "GROUP_ID takes no argument.")
            said = [] if sets is None else sets.sets
            return self._of_set([said[:at].count(one) for at, one in enumerate(said)])
        named = [] if sets is None else sets.keys
        places = {trees.canonical(key, self.relation.fields): at for at, key in enumerate(named)}
        asked = []
        for one in node.expressions:
            name = trees.canonical(one, self.relation.fields)
            if name not in places and name not in self._names:
                raise wrong(one, f"{quoted(one)} is no key of GROUP BY.")
            asked.append(places.get(name))
        if sets is None or not asked:
            return constant(BIGINT, 0)
        values = [
            sum((at not in one) << bit for bit, at in enumerate(reversed(asked)))
            for one in sets.sets
        ]
        return self._of_set(values)

    def _of_set(self, values: list[int]) -> Typed:
        """One of the values for each row's set; 0 where there are no sets."""
        if not values:
            return constant(BIGINT, 0)
        number = len(self._keys) - 1
        return Typed(BIGINT, lambda row: values[row[number]])

    def _hook(self, node: exp.Expr) -> Typed | None:
        name = trees.canonical(node, self.relation.fields)
        if name in self._names:
            at = self._names[name]
            return column(self._keys[at].kind, at)
        if self.window is not None:
            found = self.window.place(node, name)
            if found is not None:
                at, time = found
                kind = TIMESTAMP if at < 3 else self.window.kind
                return column(kind, len(self._keys) + at % 3, time)
        if isinstance(node, exp.Filter) or trees.is_call(node):
            return self._called(node, name)
        if isinstance(node, exp.Anonymous) and str(node.this).upper() in _GROUPING:
            return self._grouping(node)
        if isinstance(node, exp.Column):
            return self._loose(node)
        return None

    def _loose(self, node: exp.Column) -> Typed | None:
        """A column that is neither key nor within an aggregate."""
        if trees.place(node, self.relation.fields) is None:
            return None
        raise wrong(node, f"{quoted(node)} is neither in GROUP BY nor within an aggregate.")

    def _called(self, node: exp.Expr, name: str) -> Typed:
        if name not in self._calls:
            call = self.call(node, takes_back=self.relation.changing)
            self._calls[name] = (len(self._calls), call)
        at, call = self._calls[name]
        return column(call.function.kind, self._first + at)

    def call(self, node: exp.Expr, *, takes_back: bool) -> AggregateCall:
        """An aggregate over this relation's rows."""
        return compiled_call(self._inner, node, takes_back=takes_back)

    # --- the operator ---------------------------------------------------------------------------

    def found(self, node: exp.Expr) -> Typed | None:
        """A key, a window's bound or an aggregate, as a column of the groups; else None.

        Raises SqlValidationError for a column that is neither key nor within an aggregate.
        """
        return self._hook(node)

    def named_keys(self) -> list[exp.Column]:
        """The keys that are columns of the rows."""
        return [key for key in self._nodes if isinstance(key, exp.Column)]

    @property
    def calls(self) -> list[AggregateCall]:
        """The aggregates that were asked for, in the order of their columns."""
        return [call for _, call in self._calls.values()]

    def finished(self) -> Relation:
        """The relation of groups."""
        gathering = Gathering(self.calls)
        fields = Fields(Field(f"${at}", key.kind) for at, key in enumerate(self._keys))
        keys = [key.of for key in self._keys]
        values = Fields(Field(f"$agg{at}", call.function.kind) for at, call in self._calls.values())
        if self.window is None:
            operator = GroupAggregate(keys, gathering)
            made = self.planner.add(self.relation, operator, fields + values, form=self._form())
            return replace(made, changing=True, bounds=None)
        windowed = self.window.operator(keys, gathering)
        fields = fields + self.window.fields() + values
        made = self.planner.add(self.relation, windowed, fields)
        bounds = Bounds(len(keys), len(keys) + 1, self.window.time)
        return replace(made, bounds=bounds, changing=False)

    def _form(self) -> str:
        """What its state is of: keys and aggregates, over rows of these types."""
        kinds = [str(one.kind) for one in self.relation.fields]
        return repr((kinds, list(self._names), list(self._calls)))


def grouped(planner: Planner, node: exp.Select, relation: Relation) -> Grouped | None:
    """The GROUP BY of a SELECT; None where nothing is gathered."""
    group, stagger = node.args.get("group"), node.args.get("cluster")
    gathers = any(True for one in node.expressions for _ in trees.aggregates(one))
    if group is None and stagger is None and not gathers:
        return None
    if group is not None:
        only(group, "expressions")
    relation = _written(planner, node, relation)
    elements = list(group.expressions) if group is not None else []
    found = grouping_sets.plain(elements)
    if found is None:
        return _of_sets(planner, node, relation, elements)
    keys = [_of_alias(node, key, relation) for key in found]
    if planner.around.kinesis:
        keys, window = steps.of_kinesis(planner, node, relation, keys, stagger)
        return Grouped(planner, relation, keys, window)
    legacy = steps.legacy_window(planner, relation, keys)
    if legacy is not None:
        relation, keys, extra = legacy
        if relation.bounds is not None:  # not in two phases
            relation = replace(relation, bounds=replace(relation.bounds, apart=None))
        return _window(planner, relation, keys, extra)
    return _window(planner, relation, keys, {})


def _written(planner: Planner, node: exp.Select, relation: Relation) -> Relation:
    """The relation, its windows written into the rows where an aggregate asks about them."""
    bounds = relation.bounds
    if bounds is None or bounds.assign is None:
        return relation
    calls = [
        call
        for part in (*node.expressions, node.args.get("having"), node.args.get("order"))
        if part is not None
        for call in (*trees.aggregates(part), *part.find_all(exp.Filter))
    ]
    used = set().union(*(trees.places(call, relation.fields) for call in calls), set())
    asked = max(used, default=0) >= bounds.start
    return sources.materialised(planner, relation) if asked else relation


def _of_sets(
    planner: Planner, node: exp.Select, relation: Relation, elements: list[exp.Expr]
) -> Grouped:
    """GROUP BY with several sets of keys; a window's bounds have to be in all of them."""
    where = next(
        one for one in elements if isinstance(one, exp.Rollup | exp.Cube | exp.GroupingSets)
    )
    if planner.around.kinesis:
        raise unsupported(where)
    made, sets = grouping_sets.expanded(planner, where, relation, elements)
    bounds = relation.bounds
    if bounds is not None and any(
        trees.place(key, relation.fields) in (bounds.start, bounds.end)
        for at, key in enumerate(sets.keys)
        if at in sets.places and isinstance(key, exp.Column)
    ):
        raise unsupported(where, "A window's bounds in some of the grouping sets")
    return _window(planner, made, sets.keys, {}, sets)


def _of_alias(node: exp.Select, key: exp.Expr, relation: Relation) -> exp.Expr:
    """GROUP BY may name a column of the SELECT list, or its place."""
    if isinstance(key, exp.Literal) and not key.is_string:
        place = whole_number(key.name) or 0
        if 0 < place <= len(node.expressions):
            one = node.expressions[place - 1]
            return one.this if isinstance(one, exp.Alias) else one  # type: ignore[no-any-return]
    if isinstance(key, exp.Column) and not key.table and not relation.fields.places(key.name):
        for one in node.expressions:
            if isinstance(one, exp.Alias) and one.alias == key.name:
                return one.this  # type: ignore[no-any-return]
    return key


def _window(
    planner: Planner,
    relation: Relation,
    keys: list[exp.Expr],
    extra: dict[str, int],
    sets: Expanded | None = None,
) -> Grouped:
    """A window aggregate where the keys name a window's start and end, else a group."""
    bounds = relation.bounds
    if bounds is None:
        return Grouped(planner, relation, keys, None, sets)
    roles = {bounds.start: 0, bounds.end: 1}
    time = next((at for at in relation.fields.places("window_time") if at == bounds.end + 1), None)
    if time is not None:
        roles[time] = 2
    found = {key: role for key in keys if (role := _role(key, relation.fields, roles)) is not None}
    if not {0, 1} <= set(found.values()):
        return Grouped(planner, sources.materialised(planner, relation), keys, None, sets)
    rest = [key for key in keys if key not in found]
    assign = _assign(planner, relation, bounds, rest)
    if assign is None:
        relation = sources.materialised(planner, relation)
        bounds = relation.bounds or bounds
        assign = assigners.attached(bounds.start, bounds.end)
    names = {f"#{at}": role for at, role in roles.items()} | extra
    last = bounds.last if bounds.assign is None else None
    window = TimeWindow(bounds.time, assign, names, bounds.apart, last)
    return Grouped(planner, relation, rest, window, sets)


def _role(key: exp.Expr, fields: Fields, roles: dict[int, int]) -> int | None:
    at = trees.place(key, fields) if isinstance(key, exp.Column) else None
    return roles.get(at) if at is not None else None


def _assign(
    planner: Planner, relation: Relation, bounds: Bounds, keys: list[exp.Expr]
) -> Assigner | None:
    """Windows that need not be written into rows first: nothing else asks for them."""
    if bounds.assign is None:
        return None
    used = set().union(*(trees.places(key, relation.fields) for key in keys), set())
    return None if any(at >= bounds.start for at in used) else bounds.assign


class TimeWindow(steps.GroupWindow):
    """A window of Flink's, by event time or by the clock."""

    def __init__(
        self,
        time: str,
        assign: Assigner,
        names: dict[str, int],
        apart: int | None,
        last: Callable[[int, int], int] | None = None,
    ) -> None:
        self.last = last
        self.time = time
        self.apart = apart
        self.assign = assign
        self.names = names
        self.kind = TIMESTAMP

    def place(self, node: exp.Expr, name: str) -> tuple[int, str | None] | None:
        """Which of start, end and time a node is."""
        at = self.names.get(name)
        return None if at is None else (at, self.time if at == 2 else None)

    def operator(self, keys: list[Callable[..., Any]], gathering: Gathering) -> Operator:
        """The operator that gathers; rows are counted one by one where two phases cannot be."""
        merges = all(call.function.merges for call in gathering.calls)
        apart = self.apart if merges else None
        return WindowAggregate(self.assign, self.time, keys, gathering, apart, self.last)

    def fields(self) -> Fields:
        """Start, end and time."""
        return window_fields(TIMESTAMP, self.time)
