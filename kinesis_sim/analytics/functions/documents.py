"""JSON_VALUE, JSON_QUERY and JSON_EXISTS, with the paths that schemas use as well."""

from __future__ import annotations

import json
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import BOOLEAN, STRING

FUNCTIONS = FunctionTable()
_MISSING = object()


def _path(node: exp.Expr, made: Typed) -> JsonPath:
    if not made.constant or not isinstance(made.value, str):
        raise wrong(node, "A JSON path is a text such as '$.name'.")
    text = made.value.strip()
    for mode in ("lax ", "strict "):
        text = text.removeprefix(mode)
    try:
        return JsonPath(text)
    except ValueError as error:
        raise wrong(node, str(error)) from None


def _looked_up(text: str, path: JsonPath) -> Any:
    try:
        document = json.loads(text)
    except ValueError:
        return _MISSING
    found = path.all(document)
    return found[0] if found else _MISSING


@FUNCTIONS.function("JSON_VALUE", least=2)
def _value(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    path = _path(node, args[1])

    def value(text: str) -> str | None:
        found = _looked_up(text, path)
        if found is _MISSING or found is None or isinstance(found, dict | list):
            return None
        return found if isinstance(found, str) else json.dumps(found)

    return lifted(STRING, value, converted(node, args[0], STRING))


@FUNCTIONS.function("JSON_QUERY", least=2)
def _query(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    path = _path(node, args[1])

    def query(text: str) -> str | None:
        found = _looked_up(text, path)
        return json.dumps(found, separators=(",", ":")) if isinstance(found, dict | list) else None

    return lifted(STRING, query, converted(node, args[0], STRING))


@FUNCTIONS.function("JSON_EXISTS", least=2)
def _exists(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    path = _path(node, args[1])
    return lifted(
        BOOLEAN,
        lambda text: _looked_up(text, path) is not _MISSING,
        converted(node, args[0], STRING),
    )
