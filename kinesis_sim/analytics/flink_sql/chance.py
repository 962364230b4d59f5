"""RAND, RAND_INTEGER and UUID by java.util.Random: the same text gives the same rows.

With a seed they are Flink's own, number by number. Without one Flink draws others each time; here
each place of the text has a seed of its own (the model's choice).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.nodes import begins
from kinesis_sim.analytics.sql.typed import Typed
from kinesis_sim.analytics.types.sqltype import DOUBLE, INTEGER, SqlType

FUNCTIONS = FunctionTable()
_FACTOR, _STEP, _MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1


class JavaRandom:
    """java.util.Random, as its documentation defines it."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ _FACTOR) & _MASK

    def bits(self, count: int) -> int:
        """The next so many bits, without a sign."""
        self._state = (self._state * _FACTOR + _STEP) & _MASK
        return self._state >> (48 - count)

    def double(self) -> float:
        """From 0 to 1, which it never is."""
        return ((self.bits(26) << 27) + self.bits(27)) / (1 << 53)

    def integer(self, bound: int) -> int:
        """From 0 to the bound, which it never is. Raises ValueError for a bound below 1."""
        if bound < 1:
            raise ValueError(f"RAND_INTEGER needs a bound of at least 1, not {bound}")
        if not bound & (bound - 1):
            return bound * self.bits(31) >> 31
        while True:
            drawn = self.bits(31)
            value = drawn % bound
            if drawn - value + bound <= 1 << 31:
                return value


def _seeded(
    node: exp.Expr, seed: Typed | None, kind: SqlType, drawn: Callable[[JavaRandom, Row], Any]
) -> Typed:
    """A draw for each row; a seed that is no constant begins anew with each."""
    if seed is not None and not seed.constant:
        of = converted(node, seed, INTEGER).of

        def anew(row: Row) -> Any:
            value = of(row)
            return drawn(JavaRandom(value or 0), row)

        return Typed(kind, anew)
    start = int(converted(node, seed, INTEGER).value or 0) if seed else begins(node) or 0
    source = JavaRandom(start)
    return Typed(kind, lambda row: drawn(source, row))


@FUNCTIONS.function("RAND", least=0, most=1)
def _rand(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return _seeded(node, args[0] if args else None, DOUBLE, lambda source, row: source.double())


@FUNCTIONS.function("RAND_INTEGER", least=1, most=2)
def _rand_integer(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    bound = converted(node, args[-1], INTEGER).of
    seed = args[0] if len(args) == 2 else None

    def drawn(source: JavaRandom, row: Row) -> int | None:
        below = bound(row)
        return None if below is None else source.integer(below)

    return _seeded(node, seed, INTEGER, drawn)


@FUNCTIONS.function("UUID", least=0)
def _uuid(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return _seeded(node, None, SqlType("CHAR", 36), lambda source, row: _version_four(source))


def _version_four(source: JavaRandom) -> str:
    value = 0
    for _ in range(4):
        value = value << 32 | source.bits(32)
    value = value & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
