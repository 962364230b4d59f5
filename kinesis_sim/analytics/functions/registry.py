"""Where a function's name becomes a compiled call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates.registry import is_aggregate
from kinesis_sim.analytics.sql.expressions import Expressions, compiles, converted
from kinesis_sim.analytics.sql.nodes import unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted, settled
from kinesis_sim.analytics.types.sqltype import SqlType

Made = Callable[[Expressions, exp.Expr, list[Typed]], Typed]
_SHARED = ("texts", "numbers", "choices", "instants", "documents", "similar")
_NO_TEXT_NEEDED = ("NULL", "BINARY", "VARBINARY")
_MODULES = {
    True: "kinesis_sim.analytics.kinesis_sql.functions",
    False: "kinesis_sim.analytics.flink_sql.functions",
}


@dataclass(frozen=True, slots=True)
class ScalarFunction:
    """least, most: how many arguments; most None for any number."""

    name: str
    least: int
    most: int | None
    made: Made

    def call(self, here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
        """The compiled call. Raises SqlValidationError for a wrong number of arguments."""
        if len(args) < self.least or (self.most is not None and len(args) > self.most):
            most = (
                "" if self.most == self.least else f" to {self.most}" if self.most else " or more"
            )
            raise wrong(node, f"{self.name} takes {self.least}{most} arguments, not {len(args)}.")
        return self.made(here, node, args)


def _refuse_untold(
    node: exp.Expr, name: str, kinds: Sequence[SqlType], args: Sequence[Typed]
) -> None:
    """Flink makes no text of a number, a day or a condition without being told, and no number."""
    for kind, arg in zip(kinds, args, strict=False):
        if kind.numeric and arg.kind.character:
            raise wrong(node, f"{name} takes a number here; this is {arg.kind}. Write CAST.")
        if kind.character and not (arg.kind.character or arg.kind.name in _NO_TEXT_NEEDED):
            raise wrong(
                node, f"{name} is of texts; this is {arg.kind}. Write CAST(… AS STRING) around it."
            )


class FunctionTable(dict[str, ScalarFunction]):
    """Functions of one theme, by name."""

    def function(self, *names: str, least: int, most: int | None = -1) -> Callable[[Made], Made]:
        """Register a maker under names; most: as least, unless given."""

        def register(made: Made) -> Made:
            for name in names:
                self[name] = ScalarFunction(name, least, least if most == -1 else most, made)
            return made

        return register

    def plain(
        self,
        name: str,
        kinds: Sequence[SqlType],
        result: SqlType,
        function: Callable[..., Any],
        *,
        least: int | None = None,
        casts: bool = False,
    ) -> None:
        """Register a function of values that are not NULL, whose arguments are cast first.

        casts: whether Flink takes any value for a text here; else it takes texts alone, where
        Kinesis SQL casts.
        """

        def made(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
            if not casts and not here.around.kinesis:
                _refuse_untold(node, name, kinds, args)
            parts = [converted(node, arg, kind) for arg, kind in zip(args, kinds, strict=False)]
            return (
                lifted(result, function, *parts) if parts else Typed(result, lambda row: function())
            )

        needed = len(kinds) if least is None else least
        self[name] = ScalarFunction(name, needed, len(kinds), made)


@cache
def functions(kinesis: bool) -> FunctionTable:
    """All functions of a language."""
    found = FunctionTable()
    for theme in _SHARED:
        found.update(import_module(f"kinesis_sim.analytics.functions.{theme}").FUNCTIONS)
    found.update(import_module(_MODULES[kinesis]).FUNCTIONS)
    return found


def without_brackets(here: Expressions, node: exp.Column) -> Typed | None:
    """A function that is called by its name alone, such as LOCALTIMESTAMP."""
    name = node.name.upper()
    found = functions(here.around.kinesis).get(name)
    if found is None or found.most != 0 or node.this.args.get("quoted"):
        return None
    return found.call(here, node, [])


@compiles(exp.Anonymous)
def _called(here: Expressions, node: exp.Anonymous) -> Typed:
    name = str(node.this if isinstance(node.this, str) else node.name).upper()
    own = here.around.functions.get(name)
    if own is not None:
        return _own(here, node, *own)
    if is_aggregate(name):
        raise wrong(node, f"{name} gathers rows; it cannot stand here.")
    found = functions(here.around.kinesis).get(name)
    if found is None:
        raise unsupported(node, f"Function {name}")
    return found.call(here, node, _arguments(here, node, name))


_WORDS = {"TIMESTAMPADD": 0, "TIMESTAMPDIFF": 0, "TSADD": 0, "TSDIFF_UNIT": 0}
"""Functions whose argument at this place is a word, not a value."""


def _arguments(here: Expressions, node: exp.Anonymous, name: str) -> list[Typed]:
    from kinesis_sim.analytics.sql.typed import constant
    from kinesis_sim.analytics.types.sqltype import STRING

    word = _WORDS.get(name)
    return [
        constant(STRING, one.name.upper()) if at == word else here(one)
        for at, one in enumerate(node.expressions)
    ]


def _own(
    here: Expressions, node: exp.Anonymous, function: Callable[..., Any], result: SqlType
) -> Typed:
    """A learner's function: called for every row, with NULL as None."""
    parts = [part.of for part in here.all(node.expressions)]
    return Typed(result, lambda row: function(*[part(row) for part in parts]))


def named(name: str, here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    """A call of a function by its name, from a node that sqlglot made of it."""
    return functions(here.around.kinesis)[name].call(here, node, args)


_SPECIAL: dict[type[exp.Expr], tuple[str, tuple[str, ...]]] = {
    exp.Substring: ("SUBSTRING", ("this", "start", "length")),
    exp.CurrentTimestamp: ("CURRENT_TIMESTAMP", ()),
    exp.CurrentDate: ("CURRENT_DATE", ()),
    exp.CurrentTime: ("CURRENT_TIME", ()),
}


@compiles(*_SPECIAL)
def _special(here: Expressions, node: exp.Expr) -> Typed:
    name, members = _SPECIAL[type(node)]
    args = [here(node.args[one]) for one in members if node.args.get(one) is not None]
    return named(name, here, node, args)


def folded(made: Typed, args: list[Typed]) -> Typed:
    """See ``typed.settled``."""
    return settled(made, args)
