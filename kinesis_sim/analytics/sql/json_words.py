"""Functions of JSON, whose arguments have words of their own, as the parser reads them."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

EMPTY_VALUES = ("NULL", "ERROR", "EMPTY ARRAY", "EMPTY OBJECT")
TRUTHS = ("TRUE", "FALSE", "UNKNOWN", "ERROR")


class JsonCall(exp.Expression):
    """A call.

    this: the function's name; kind: a type behind RETURNING; empty, error: what is to come ON EMPTY
    and ON ERROR, a word or a value; absent: whether NULLs are left out.
    """

    arg_types: ClassVar[dict[str, bool]] = {
        "this": True,
        "expressions": False,
        "kind": False,
        "wrapper": False,
        "empty": False,
        "error": False,
        "absent": False,
    }


def json_value(parser: Any) -> Any:
    """``JSON_VALUE(text, path [RETURNING type] [… ON EMPTY] [… ON ERROR])``."""
    made = _call(parser, "JSON_VALUE")
    _handlers(parser, made, ("NULL", "ERROR"), values=True)
    return parser.expression(made)


def json_query(parser: Any) -> Any:
    """``JSON_QUERY(text, path [WITH … WRAPPER] [… ON EMPTY] [… ON ERROR])``."""
    made = _call(parser, "JSON_QUERY")
    if parser._match_text_seq("WITHOUT"):
        parser._match_text_seq("ARRAY")
        parser.said("WRAPPER")
    elif parser._match(TokenType.WITH):
        conditional = parser._match_text_seq("CONDITIONAL")
        if not conditional:
            parser._match_text_seq("UNCONDITIONAL")
        parser._match_text_seq("ARRAY")
        parser.said("WRAPPER")
        made.set("wrapper", "CONDITIONAL" if conditional else "UNCONDITIONAL")
    _handlers(parser, made, EMPTY_VALUES, values=False)
    return parser.expression(made)


def json_exists(parser: Any) -> Any:
    """``JSON_EXISTS(text, path [… ON ERROR])``."""
    made = _call(parser, "JSON_EXISTS")
    word = _word(parser, TRUTHS)
    if word is not None:
        parser.said("ON", "ERROR")
        made.set("error", word)
    return parser.expression(made)


def json_object(parser: Any) -> Any:
    """``JSON_OBJECT([[KEY] key VALUE value], … [NULL | ABSENT ON NULL])``."""
    made = JsonCall(this="JSON_OBJECT", expressions=[], absent=False)
    while not _ends(parser):
        parser._match_text_seq("KEY")
        made.append("expressions", parser._needed(parser._parse_disjunction()))
        if not parser._match(TokenType.COLON):
            parser.said("VALUE")
        made.append("expressions", parser._needed(parser._parse_disjunction()))
        if not parser._match(TokenType.COMMA):
            break
    return _with_nulls(parser, made)


def json_array(parser: Any) -> Any:
    """``JSON_ARRAY([value], … [NULL | ABSENT ON NULL])``."""
    made = JsonCall(this="JSON_ARRAY", expressions=[], absent=True)
    while not _ends(parser):
        made.append("expressions", parser._needed(parser._parse_disjunction()))
        if not parser._match(TokenType.COMMA):
            break
    return _with_nulls(parser, made)


def _ends(parser: Any) -> bool:
    """Whether the list is over: its bracket closes, or words about NULL follow."""
    if parser._curr is None or parser._curr.token_type == TokenType.R_PAREN:
        return True
    word, following = parser._curr.text.upper(), parser._next.text.upper() if parser._next else ""
    return word in ("NULL", "ABSENT") and following == "ON"


def _with_nulls(parser: Any, made: JsonCall) -> Any:
    word = _word(parser, ("NULL", "ABSENT"))
    if word is not None:
        parser.said("ON", "NULL")
        made.set("absent", word == "ABSENT")
    return parser.expression(made)


def _call(parser: Any, name: str) -> JsonCall:
    """The text, the path, and a type behind RETURNING."""
    text = parser._needed(parser._parse_disjunction())
    if not parser._match(TokenType.COMMA):
        parser.raise_error(f"Expected the path of {name} after a comma")
    made = JsonCall(this=name, expressions=[text, parser._needed(parser._parse_disjunction())])
    if parser._match_text_seq("RETURNING"):
        made.set("kind", parser._parse_types())
    return made


def _handlers(parser: Any, made: JsonCall, words: tuple[str, ...], *, values: bool) -> None:
    while True:
        given: Any = _word(parser, words)
        if given is None and values and parser._match(TokenType.DEFAULT):
            given = parser._needed(parser._parse_disjunction())
        if given is None:
            return
        parser.said("ON")
        if parser._match_text_seq("EMPTY"):
            made.set("empty", given)
        else:
            parser.said("ERROR")
            made.set("error", given)


def _word(parser: Any, words: tuple[str, ...]) -> str | None:
    for word in words:
        if parser._match_text_seq(*word.split()):
            return word
    return None
