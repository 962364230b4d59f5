"""Scalar expressions: from a node of the tree to a function of a row.

``Expressions`` knows the columns and dispatches on the node's class; the neighbours ``conditions``,
``arithmetic`` and ``scalars`` register what they compile in ``COMPILED``. A hook sees every node
first: that is how GROUP BY, OVER and MATCH_RECOGNIZE put their own columns in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.sql.nodes import TimeDifference, only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column, settled
from kinesis_sim.analytics.types import casts
from kinesis_sim.analytics.types.sqltype import NULL, SqlType, common

Hook = Callable[[exp.Expr], Typed | None]
Maker = Callable[["Expressions", Any], Typed]
COMPILED: dict[type[exp.Expr], Maker] = {}
"""What is compiled, by the node's class."""


@dataclass(slots=True)
class Surround:
    """What expressions may read besides their row.

    kinesis: whether the dialect is Kinesis SQL. now: the clock's time (epoch ms), set by whoever
    feeds rows. functions: the learner's own, by upper-case name: the callable and its result's
    type.
    """

    kinesis: bool
    now: int = 0
    functions: dict[str, tuple[Callable[..., Any], SqlType]] = field(default_factory=dict)


class Expressions:
    """Compiles expressions over the columns of one relation."""

    def __init__(self, fields: Fields, around: Surround, hook: Hook | None = None) -> None:
        self.fields = fields
        self.around = around
        self.hook = hook

    def __call__(self, node: exp.Expr) -> Typed:
        """Compile a node. Raises NotSupportedInSql, SqlValidationError."""
        if self.hook is not None and (found := self.hook(node)) is not None:
            return found
        maker = COMPILED.get(type(node))
        if maker is None:
            raise unsupported(node)
        return maker(self, node)

    def all(self, nodes: list[exp.Expr]) -> list[Typed]:
        """Compile several."""
        return [self(node) for node in nodes]

    def condition(self, node: exp.Expr) -> Typed:
        """A node that has to be a condition."""
        made = self(node)
        if made.kind.name not in ("BOOLEAN", "NULL"):
            raise wrong(node, f"A condition has to be BOOLEAN; this is {made.kind}.")
        return made

    def alike(self, node: exp.Expr, parts: list[Typed], *, mixed: bool = True) -> list[Typed]:
        """The parts brought to a type that all have in common.

        mixed: whether Flink reads a text beside a number as one here; Kinesis SQL does anywhere.
        """
        kind = NULL
        meeting = self._meeting if mixed or self.around.kinesis else common
        for part in parts:
            found = meeting(kind, part.kind)
            if found is None:
                raise wrong(node, f"{kind} and {part.kind} have no type in common; use CAST.")
            kind = found
        return [converted(node, part, kind) for part in parts]

    def _meeting(self, one: SqlType, other: SqlType) -> SqlType | None:
        found = common(one, other)
        if found is not None:
            return found
        for text, kind in ((one, other), (other, one)):
            if text.character and (kind.instant or kind.numeric or kind.name in ("DATE", "TIME")):
                return kind
        return None

    def place(self, name: str, node: exp.Expr, table: str | None = None) -> Typed:
        """The column of a name."""
        at = self.fields.find(node, name, table)
        found = self.fields[at]
        return column(found.kind, at, found.time)


def converted(node: exp.Expr, part: Typed, kind: SqlType) -> Typed:
    """An expression's value as another type, as CAST makes it. Raises SqlValidationError."""
    if part.kind == kind:
        return part
    conversion = casts.cast(part.kind, kind)
    if conversion is None:
        raise wrong(node, f"{part.kind} cannot be cast to {kind}.")
    if conversion is casts.same:
        return Typed(kind, part.of, part.constant, part.place, part.time)
    of = part.of

    def cast(row: tuple[Any, ...]) -> Any:
        value = of(row)
        return None if value is None else conversion(value)

    return settled(Typed(kind, cast), [part])


def compiles(*classes: type[exp.Expr]) -> Callable[[Maker], Maker]:
    """Register a function as what compiles nodes of these classes."""

    def register(maker: Maker) -> Maker:
        for one in classes:
            COMPILED[one] = maker
        return maker

    return register


@compiles(exp.Paren)
def _paren(here: Expressions, node: exp.Expr) -> Typed:
    return here(node.this)


@compiles(exp.Column)
def _column(here: Expressions, node: exp.Column) -> Typed:
    only(node, "this", "table", "db")
    if isinstance(node.this, exp.Star):
        raise unsupported(node, "* within an expression")
    name, table = node.name, node.table or None
    if node.args.get("db"):
        return _field_of_row(here, node, here.place(table or "", node, node.text("db")), name)
    if table is None and not here.fields.places(name):
        from kinesis_sim.analytics.functions.registry import without_brackets

        found = without_brackets(here, node)
        if found is not None:
            return found
    if table is not None and not here.fields.places(name, table):
        owners = here.fields.places(table)
        if len(owners) == 1 and here.fields[owners[0]].kind.name == "ROW":
            return _field_of_row(here, node, here.place(table, node), name)
    return here.place(name, node, table)


@compiles(exp.Dot)
def _dot(here: Expressions, node: exp.Dot) -> Typed:
    return _field_of_row(here, node, here(node.this), node.expression.name)


def _field_of_row(here: Expressions, node: exp.Expr, row: Typed, name: str) -> Typed:
    if row.kind.name != "ROW" or name not in row.kind.names:
        raise wrong(node, f"{row.kind} has no field {name!r}.")
    at, of = row.kind.names.index(name), row.of

    def field_of(values: tuple[Any, ...]) -> Any:
        found = of(values)
        return None if found is None else found[at]

    return Typed(row.kind.parts[at], field_of)


@compiles(exp.Cast)
def _cast(here: Expressions, node: exp.Cast) -> Typed:
    from kinesis_sim.analytics.sql.typenames import sql_type

    only(node, "this", "to", "_type")
    made = here(node.this)
    kind = sql_type(node.args["to"], 3 if here.around.kinesis else 6)
    if not here.around.kinesis and made.kind.instant and kind.numeric:
        raise wrong(
            node,
            f"Flink casts no {made.kind} to {kind}; use UNIX_TIMESTAMP(CAST(… AS STRING)), or "
            "TIMESTAMPDIFF.",
        )
    unit = _told_in(node.this)
    if kind.integer and unit and not here.around.kinesis:
        from kinesis_sim.analytics.sql.arithmetic import in_units

        return in_units(made, kind, unit)
    return converted(node, made, kind)


def _told_in(node: exp.Expr) -> str:
    """The unit of ``(a - b) DAY``, in which a CAST to a number counts it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node.text("unit") if isinstance(node, TimeDifference) else ""


@compiles(exp.TryCast)
def _try_cast(here: Expressions, node: exp.TryCast) -> Typed:
    from kinesis_sim.analytics.sql.typenames import sql_type

    only(node, "this", "to", "_type", "safe", "requires_string")
    made = converted(
        node, here(node.this), sql_type(node.args["to"], 3 if here.around.kinesis else 6)
    )
    of = made.of

    def tried(row: tuple[Any, ...]) -> Any:
        try:
            return of(row)
        except (ValueError, ArithmeticError):
            return None

    return settled(Typed(made.kind, tried), [made]) if made.constant else Typed(made.kind, tried)
