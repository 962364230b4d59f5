"""Calls of aggregates, compiled: their argument, FILTER and DISTINCT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates import aggregate as functions
from kinesis_sim.analytics.aggregates import collections
from kinesis_sim.analytics.aggregates.calls import AggregateCall
from kinesis_sim.analytics.aggregates.registry import DOCUMENTS, MADE, aggregate
from kinesis_sim.analytics.aggregates.subqueries import SINGLE_VALUE
from kinesis_sim.analytics.functions import documents
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong


def compiled_call(here: Expressions, node: exp.Expr, *, takes_back: bool) -> AggregateCall:
    """An aggregate call. Raises SqlValidationError, NotSupportedInSql."""
    condition = None
    if isinstance(node, exp.Filter):
        condition = here.condition(node.expression.this).of
        node = node.this
    if not isinstance(node, exp.Anonymous):
        raise unsupported(node)
    only(node, "this", "expressions")
    name, args = str(node.this).upper(), list(node.expressions)
    once = bool(args) and isinstance(args[0], exp.Distinct)
    if once:
        args = [*args[0].expressions, *args[1:]]
    if name == "COUNT" and len(args) == 1 and isinstance(args[0], exp.Star) and not once:
        made = aggregate(name, None, takes_back=takes_back)
        return AggregateCall(made, None, condition) if made else _none(node)
    if name not in MADE or (name == "COLLECT" and here.around.kinesis):
        raise unsupported(node, f"Function {name}")
    if name in DOCUMENTS:
        if condition is not None:  # Flink's grammar has none behind these
            raise unsupported(node, f"FILTER behind {name}")
        return _of_document(here, node, args)
    quiet = name == "ARRAY_AGG" and bool(args) and isinstance(args[0], exp.IgnoreNulls)
    if quiet or (name == "ARRAY_AGG" and args and isinstance(args[0], exp.RespectNulls)):
        args = [args[0].this, *args[1:]]
    parts = here.all(args)
    if not parts or len(parts) > 2:
        raise wrong(node, f"{name} takes one argument.")
    extra = parts[1].value if len(parts) == 2 and parts[1].constant else None
    made = aggregate(
        name,
        parts[0].kind,
        takes_back=takes_back or once,
        extra=extra,
        whole=not here.around.kinesis,
    )
    if made is None or (len(parts) == 2 and name not in ("LISTAGG", "EXP_AVG")):
        raise wrong(node, f"{name} is not made of {', '.join(str(one.kind) for one in parts)}.")
    of = parts[0].of
    if name in (SINGLE_VALUE, "ARRAY_AGG") and not quiet:  # NULL is a value, too
        argument: Callable[[Any], Any] = lambda row: (of(row),)  # noqa: E731
    elif name == "ARRAY_AGG":
        argument = lambda row: None if (value := of(row)) is None else (value,)  # noqa: E731
    else:
        argument = of
    return AggregateCall(functions.distinct(made) if once else made, argument, condition)


def _none(node: exp.Expr) -> AggregateCall:
    raise unsupported(node)


def _of_document(here: Expressions, node: exp.Expr, args: list[exp.Expr]) -> AggregateCall:
    """JSON_OBJECTAGG and JSON_ARRAYAGG; the last argument says what becomes of NULLs."""
    *parts, nulls = args
    of, plain = documents.member(here, parts[-1])
    absent = nulls.name == "ABSENT"
    if len(parts) == 1:
        made = collections.json_array(plain, documents.written)

        def bracketed(row: Any) -> Any:
            value = of(row)
            return None if value is None and absent else (value,)

        return AggregateCall(made, bracketed)
    key = here(parts[0])
    if not key.kind.character:
        raise wrong(node, f"The key of JSON_OBJECTAGG is a text; this is {key.kind}.")
    name = key.of

    def pair(row: Any) -> Any:
        value = of(row)
        return None if value is None and absent else (name(row), value)

    return AggregateCall(collections.json_object(plain, documents.written), pair)
