"""Functions of JSON texts, with the paths that schemas use as well, lax or strict."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlglot import exp

from kinesis_sim import nesting
from kinesis_sim.analytics.functions.regexes import LONGEST_MADE
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, compiles, converted
from kinesis_sim.analytics.sql.json_words import JsonCall
from kinesis_sim.analytics.sql.nodes import unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, constant, lifted, settled
from kinesis_sim.analytics.sql.typenames import sql_type
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import BOOLEAN, STRING, SqlType
from kinesis_sim.analytics.types.texts import java_instant

FUNCTIONS = FunctionTable()
_MISSING = object()
_DEEPEST = 100
"""Levels of a document that are read (the model's choice)."""
Row = tuple[Any, ...]
Handler = Callable[[Row], Any]


class NoJson(ValueError):
    """A text that is no JSON, or in which a strict path leads nowhere."""


def read(text: str) -> Any:
    """A document. Raises NoJson."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoJson(f"{text[:40]!r} is no JSON") from error
    if nesting.depth(document) > _DEEPEST:
        raise NoJson(f"{text[:40]!r} nests more than {_DEEPEST} levels")
    return document


def written(value: Any) -> str:
    """A value as Flink writes it, without spaces. Raises ValueError beyond ``LONGEST_MADE``."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if len(text) > LONGEST_MADE:
        raise ValueError(f"JSON is written up to {LONGEST_MADE:,} characters")
    return text


class _Path:
    """A path with its mode."""

    def __init__(self, node: exp.Expr, made: Typed) -> None:
        if not made.constant or not isinstance(made.value, str):
            raise wrong(node, "A JSON path is a text such as '$.name'.")
        text = made.value.strip()
        self.strict = text.startswith("strict ")
        try:
            self._path = JsonPath(text.removeprefix("strict ").removeprefix("lax ").strip())
        except ValueError as error:
            raise wrong(node, str(error)) from None

    def of(self, text: str) -> Any:
        """What it leads to; ``_MISSING`` where nothing is. Raises NoJson."""
        found = self._path.all(read(text))
        if self._path.flattens:
            return found
        if not found and self.strict:
            raise NoJson("a strict path leads nowhere")
        return found[0] if found else _MISSING


def _handler(here: Expressions, node: exp.Expr, given: Any, kind: SqlType) -> Handler:
    """What a function gives ON EMPTY or ON ERROR: NULL unless told otherwise."""
    if given is None or given == "NULL" or given == "UNKNOWN":
        return lambda row: None
    if given == "ERROR":
        return _refuse
    if isinstance(given, str):
        value = {"EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}", "TRUE": True, "FALSE": False}[given]
        return lambda row: value
    return converted(node, here(given), kind).of


def _refuse(row: Row) -> Any:
    raise ValueError("JSON has nothing to give here, and the statement says ERROR")


@compiles(JsonCall)
def _call(here: Expressions, node: JsonCall) -> Typed:
    if here.around.kinesis and node.this not in ("JSON_VALUE", "JSON_QUERY", "JSON_EXISTS"):
        raise unsupported(node, f"Function {node.this}")
    return _CALLS[str(node.this)](here, node)


def _asked(
    here: Expressions,
    node: JsonCall,
    kind: SqlType,
    take: Callable[[Any, bool], Any],
    *,
    error: Any = None,
) -> Typed:
    """A function of a text and a path. take: of what was found; it raises NoJson, or ``_MISSING``.

    error: what comes ON ERROR unless the statement says.
    """
    text, path = here(node.expressions[0]), _Path(node, here(node.expressions[1]))
    text = converted(node, text, STRING)
    empty = _handler(here, node, node.args.get("empty"), kind)
    broken = _handler(here, node, node.args.get("error") or error, kind)
    source = text.of

    def of(row: Row) -> Any:
        given = source(row)
        if given is None:
            return None
        try:
            found = take(path.of(given), path.strict)
        except NoJson:
            return broken(row)
        return empty(row) if found is _MISSING else found

    return settled(Typed(kind, of), [text])


def _json_value(here: Expressions, node: JsonCall) -> Typed:
    kind = sql_type(node.args["kind"]) if node.args.get("kind") is not None else STRING
    cast = converted(node, Typed(STRING, lambda row: row[0]), kind).of

    def scalar(found: Any, strict: bool) -> Any:
        if isinstance(found, dict | list):
            if strict:
                raise NoJson("an object is no value")
            return _MISSING
        if found is _MISSING or found is None:
            return _MISSING
        try:
            return cast((found if isinstance(found, str) else written(found),))
        except ValueError as error:
            raise NoJson(str(error)) from None

    return _asked(here, node, kind, scalar)


def _json_query(here: Expressions, node: JsonCall) -> Typed:
    wrapper = node.args.get("wrapper")
    if node.args.get("kind") is not None and sql_type(node.args["kind"]) != STRING:
        raise unsupported(node, "JSON_QUERY RETURNING another type than STRING")

    def query(found: Any, strict: bool) -> Any:
        if found is _MISSING or found is None:
            return _MISSING
        wraps = wrapper == "UNCONDITIONAL" or not isinstance(found, dict | list)
        if wrapper and wraps:
            found = [found]
        if not isinstance(found, dict | list):
            if strict:
                raise NoJson("a value is neither object nor array")
            return _MISSING
        return written(found)

    return _asked(here, node, STRING, query)


def _json_exists(here: Expressions, node: JsonCall) -> Typed:
    node.set("empty", "FALSE")
    return _asked(
        here,
        node,
        BOOLEAN,
        lambda found, strict: _MISSING if found is _MISSING or found == [] else True,
        error="FALSE",
    )


# --- made ---------------------------------------------------------------------------------------


def _plain(node: exp.Expr, made: Typed) -> Callable[[Any], Any]:
    """How a value of a type stands in a document. Raises NotSupportedInSql for other types."""
    kind = made.kind
    if kind.character or kind.integer or kind.name in ("BOOLEAN", "NULL", "DOUBLE", "FLOAT"):
        return lambda value: value
    if kind.name == "DECIMAL":
        return _number
    if kind.instant:
        zone = "Z" if kind.name == "TIMESTAMP_LTZ" else ""
        return lambda ms: java_instant(ms) + zone
    if kind.name == "MAP" and kind.parts[0].character:
        of_map = _plain(node, constant(kind.parts[1], None))
        return lambda values: {
            key: None if one is None else of_map(one) for key, one in sorted(values.items())
        }
    if kind.name == "ROW":
        fields = [_plain(node, constant(part, None)) for part in kind.parts]
        return lambda values: {
            name: None if one is None else of(one)
            for name, of, one in zip(kind.names, fields, values, strict=True)
        }
    if kind.name == "ARRAY":
        inner = _plain(node, constant(kind.parts[0], None))
        return lambda values: [None if one is None else inner(one) for one in values]
    raise unsupported(node, f"{kind} in JSON")


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def member(here: Expressions, node: exp.Expr) -> tuple[Handler, Callable[[Any], Any]]:
    """A value, and how it stands in a document: one that is JSON itself stays what it is."""
    made = here(node)
    is_document = isinstance(node, JsonCall) and node.this != "JSON_VALUE"
    return made.of, read if is_document else _plain(node, made)


def _member(here: Expressions, node: exp.Expr) -> Handler:
    of, plain = member(here, node)
    return lambda row: None if (value := of(row)) is None else plain(value)


def _json_object(here: Expressions, node: JsonCall) -> Typed:
    """Keys in the order of the alphabet, as Flink writes them."""
    keys = [converted(node, here(one), STRING).of for one in node.expressions[::2]]
    values = [_member(here, one) for one in node.expressions[1::2]]
    absent = bool(node.args.get("absent"))

    def of(row: Row) -> str:
        made: dict[str, Any] = {}
        for key, value in zip(keys, values, strict=True):
            name, given = key(row), value(row)
            if name is None:
                raise ValueError("a key of JSON_OBJECT is NULL")
            if given is not None or not absent:
                made[name] = given
        return written(dict(sorted(made.items())))

    return Typed(STRING, of)


def _json_array(here: Expressions, node: JsonCall) -> Typed:
    values = [_member(here, one) for one in node.expressions]
    absent = bool(node.args.get("absent"))

    def of(row: Row) -> str:
        found = [value(row) for value in values]
        return written([one for one in found if one is not None or not absent])

    return Typed(STRING, of)


_CALLS: dict[str, Callable[[Expressions, JsonCall], Typed]] = {
    "JSON_VALUE": _json_value,
    "JSON_QUERY": _json_query,
    "JSON_EXISTS": _json_exists,
    "JSON_OBJECT": _json_object,
    "JSON_ARRAY": _json_array,
}


@FUNCTIONS.function("JSON_STRING", least=1)
def _string(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    plain = _plain(node, args[0])
    return lifted(STRING, lambda value: written(plain(value)), args[0])


def _unquoted(text: str) -> str:
    """JSON_UNQUOTE: what stands in the quotes; a text that is no JSON text stays as it is."""
    if len(text) < 2 or not (text[0] == text[-1] == '"'):
        return text
    try:
        return str(read(text))
    except NoJson:
        return text


FUNCTIONS.plain("JSON_QUOTE", [STRING], STRING, written)
FUNCTIONS.plain("JSON_UNQUOTE", [STRING], STRING, _unquoted)


def is_json(here: Expressions, node: exp.Expr, made: Typed, kind: str | None) -> Typed:
    """``IS JSON [VALUE | OBJECT | ARRAY | SCALAR]``: FALSE for NULL, as in Flink."""
    of = converted(node, made, STRING).of

    def fits(row: Row) -> bool:
        text = of(row)
        if text is None:
            return False
        try:
            found = read(text)
        except NoJson:
            return False
        if kind == "OBJECT":
            return isinstance(found, dict)
        if kind == "ARRAY":
            return isinstance(found, list)
        return kind != "SCALAR" or not isinstance(found, dict | list)

    return settled(Typed(BOOLEAN, fits), [made])
