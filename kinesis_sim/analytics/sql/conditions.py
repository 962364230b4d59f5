"""Conditions in three-valued logic: NULL is neither true nor false."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.sql.expressions import Expressions, compiles
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.quantified import of_list, of_rows
from kinesis_sim.analytics.sql.typed import Typed, constant, lifted, settled
from kinesis_sim.analytics.types.sqltype import BOOLEAN

COMPARED: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}
"""How each comparison compares two values, neither of them NULL."""


@compiles(exp.Boolean)
def _boolean(here: Expressions, node: exp.Boolean) -> Typed:
    return constant(BOOLEAN, bool(node.this))


@compiles(exp.And)
def _and(here: Expressions, node: exp.And) -> Typed:
    left, right = here.condition(node.this), here.condition(node.expression)
    one, other = left.of, right.of

    def both(row: Row) -> bool | None:
        first = one(row)
        if first is False:
            return False
        second = other(row)
        if second is False:
            return False
        return None if first is None or second is None else True

    return settled(Typed(BOOLEAN, both), [left, right])


@compiles(exp.Or)
def _or(here: Expressions, node: exp.Or) -> Typed:
    left, right = here.condition(node.this), here.condition(node.expression)
    one, other = left.of, right.of

    def either(row: Row) -> bool | None:
        first = one(row)
        if first is True:
            return True
        second = other(row)
        if second is True:
            return True
        return None if first is None or second is None else False

    return settled(Typed(BOOLEAN, either), [left, right])


@compiles(exp.Not)
def _not(here: Expressions, node: exp.Not) -> Typed:
    return lifted(BOOLEAN, operator.not_, here.condition(node.this))


@compiles(*COMPARED)
def _comparison(here: Expressions, node: exp.Binary) -> Typed:
    if not here.around.kinesis:
        written = of_list(node) or (of_rows(node) if type(node) in (exp.EQ, exp.NEQ) else None)
        if written is not None:
            return here(written)
    sides = [here(node.this), here(node.expression)]
    comparable(here, node, *sides)
    left, right = here.alike(node, sides)
    compare = COMPARED[type(node)]
    if left.kind.name in ("MAP", "ROW") and compare not in (operator.eq, operator.ne):
        raise wrong(node, f"{left.kind} has no order.")
    return lifted(BOOLEAN, compare, left, right)


def same_times(here: Expressions, node: exp.Expr, left: Typed, right: Typed) -> None:
    """Flink compares no day with an instant. Raises SqlValidationError."""
    names = {left.kind.name, right.kind.name}
    if not here.around.kinesis and "DATE" in names and names & {"TIMESTAMP", "TIMESTAMP_LTZ"}:
        raise wrong(node, f"Flink compares no {left.kind} with a {right.kind}; CAST one of them.")


def comparable(here: Expressions, node: exp.Expr, left: Typed, right: Typed) -> None:
    """Nor a text with a number, but for IN and BETWEEN. Raises SqlValidationError."""
    same_times(here, node, left, right)
    kinds = (left.kind, right.kind)
    mixed = any(one.character for one in kinds) and any(one.numeric for one in kinds)
    if mixed and not here.around.kinesis:
        raise wrong(
            node,
            f"Flink compares no {left.kind} with {right.kind} (implicit type conversion is not "
            "supported); CAST one of them.",
        )


@compiles(exp.NullSafeEQ, exp.NullSafeNEQ)
def _distinct_from(here: Expressions, node: exp.Binary) -> Typed:
    left, right = here.alike(node, [here(node.this), here(node.expression)])
    one, other = left.of, right.of
    wanted = isinstance(node, exp.NullSafeEQ)
    return Typed(BOOLEAN, lambda row: (one(row) == other(row)) is wanted)


@compiles(exp.Is)
def _is(here: Expressions, node: exp.Is) -> Typed:
    only(node, "this", "expression")
    made, what = here(node.this), node.expression
    of = made.of
    if isinstance(what, exp.Null):
        return settled(Typed(BOOLEAN, lambda row: of(row) is None), [made])
    if isinstance(what, exp.Boolean):
        wanted = bool(what.this)
        return settled(Typed(BOOLEAN, lambda row: of(row) is wanted), [made])
    if isinstance(what, exp.Column) and what.name.upper() == "UNKNOWN":
        return settled(Typed(BOOLEAN, lambda row: of(row) is None), [made])
    if isinstance(what, exp.JSON):
        from kinesis_sim.analytics.functions.documents import is_json

        only(what, "this")
        return is_json(here, node, made, what.this or None)
    raise unsupported(node)


@compiles(exp.Between)
def _between(here: Expressions, node: exp.Between) -> Typed:
    only(node, "this", "low", "high", "symmetric")
    sides = [here(node.this), here(node.args["low"]), here(node.args["high"])]
    for bound in sides[1:]:
        same_times(here, node, sides[0], bound)
    parts = here.alike(node, sides)
    value, low, high = (part.of for part in parts)
    either_way = bool(node.args.get("symmetric"))

    def between(row: Row) -> bool | None:
        what = value(row)
        if what is None:
            return None
        bottom, top = low(row), high(row)
        if either_way and bottom is not None and top is not None and bottom > top:
            bottom, top = top, bottom
        above = None if bottom is None else what >= bottom
        below = None if top is None else what <= top
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return settled(Typed(BOOLEAN, between), parts)


@compiles(exp.In)
def _in(here: Expressions, node: exp.In) -> Typed:
    if node.args.get("query") is not None:
        raise unsupported(node, "IN (SELECT …) other than in WHERE, HAVING or the SELECT list")
    only(node, "this", "expressions")
    if not node.expressions:
        raise wrong(node, "IN takes a list of at least one value.")
    if not here.around.kinesis and (written := of_rows(node)) is not None:
        return here(written)
    value, *listed = here.alike(node, here.all([node.this, *node.expressions]))
    parts = [part.of for part in listed]
    of = value.of
    if all(part.constant for part in listed):
        known = {part.value for part in listed}
        nulls, known = None in known, known - {None}

        def among(row: Row) -> bool | None:
            what = of(row)
            if what is None:
                return None
            return True if what in known else (None if nulls else False)

        return settled(Typed(BOOLEAN, among), [value])

    def one_of(row: Row) -> bool | None:
        what = of(row)
        found = [part(row) for part in parts]
        if what is None:
            return None
        return True if what in found else (None if None in found else False)

    return Typed(BOOLEAN, one_of)


@compiles(exp.Case)
def _case(here: Expressions, node: exp.Case) -> Typed:
    only(node, "this", "ifs", "default")
    tests = [_test(here, node, one) for one in node.args["ifs"]]
    otherwise = node.args.get("default")
    results = [one.args["true"] for one in node.args["ifs"]]
    parts = here.alike(node, here.all([*results, otherwise or exp.Null()]), mixed=False)
    ways = list(zip([test.of for test in tests], [part.of for part in parts[:-1]], strict=True))
    default = parts[-1].of

    def case(row: Row) -> Any:
        for test, result in ways:
            if test(row) is True:
                return result(row)
        return default(row)

    return settled(Typed(parts[0].kind, case), [*tests, *parts])


def _test(here: Expressions, node: exp.Case, one: exp.If) -> Typed:
    if node.this is None:
        return here.condition(one.this)
    return here(exp.EQ(this=node.this.copy(), expression=one.this.copy()))


@compiles(exp.Like)
def _like(here: Expressions, node: exp.Like) -> Typed:
    return _matched(here, node, node.expression, None)


def _turned(like: exp.Like, made: Typed) -> Typed:
    """NOT LIKE is a mark on its node, where NOT IN and the rest are a NOT around it."""
    return lifted(BOOLEAN, operator.not_, made) if like.args.get("negate") else made


@compiles(exp.Escape)
def _escape(here: Expressions, node: exp.Escape) -> Typed:
    if isinstance(node.this, exp.SimilarTo):
        from kinesis_sim.analytics.functions.similar import similar

        return similar(here, node.this, node.expression)
    if not isinstance(node.this, exp.Like):
        raise unsupported(node)
    return _matched(here, node.this, node.this.expression, node.expression)


def _matched(
    here: Expressions, node: exp.Like, pattern: exp.Expr, escape: exp.Expr | None
) -> Typed:
    only(node, "this", "expression", "negate")
    text, like = here(node.this), here(pattern)
    for part in (text, like):
        if not part.kind.character and part.kind.name != "NULL":
            raise wrong(node, f"LIKE compares texts; this is {part.kind}.")
    mark = str(here(escape).value) if escape is not None else None
    if like.constant and like.value is not None:
        pieces = like_pieces(like.value, mark)
        return _turned(node, lifted(BOOLEAN, lambda value: like_matches(value, pieces), text))
    made = lifted(
        BOOLEAN, lambda value, given: like_matches(value, like_pieces(given, mark)), text, like
    )
    return _turned(node, made)


Pieces = list[list[str | None]]
"""What lies between the percent signs: characters, None for an underscore."""


def like_pieces(pattern: str, escape: str | None) -> Pieces:
    """A pattern of LIKE, cut at its percent signs."""
    pieces: Pieces = [[]]
    literal = False
    for sign in pattern:
        if literal or sign not in ("%", "_", escape):
            pieces[-1].append(sign)
            literal = False
        elif sign == escape:
            literal = True
        elif sign == "%":
            pieces.append([])
        else:
            pieces[-1].append(None)
    return pieces


def like_matches(text: str, pieces: Pieces) -> bool:
    """Whether a text is like the pattern; each piece is found once, leftmost, never tried again."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(text) == len(first) and _fits(text, 0, first)
    end = len(text) - len(last)
    if end < len(first) or not _fits(text, 0, first) or not _fits(text, end, last):
        return False
    at = len(first)
    for piece in pieces[1:-1]:
        found = next(
            (start for start in range(at, end - len(piece) + 1) if _fits(text, start, piece)), None
        )
        if found is None:
            return False
        at = found + len(piece)
    return True


def _fits(text: str, at: int, piece: list[str | None]) -> bool:
    return all(sign is None or text[at + step] == sign for step, sign in enumerate(piece))
