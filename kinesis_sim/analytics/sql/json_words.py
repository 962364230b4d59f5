"""Functions of JSON, whose arguments have words of their own, as the parser reads them."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.parser import Parser
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


class JsonWords(Parser):
    """Parses them; a part of the parser of both languages."""

    def said(self, *words: str) -> None:
        """Take these words, or say that they were expected."""
        if not self._match_text_seq(*words):
            self.raise_error(f"Expected {' '.join(words)}")

    def _needed(self, found: Any) -> Any:
        """What was read, or that it was expected."""
        if found is None:
            self.raise_error("Expected an expression")
        return found

    def _parse_json_value_words(self) -> Any:
        """``JSON_VALUE(text, path [RETURNING type] [… ON EMPTY] [… ON ERROR])``."""
        made = self._json_call("JSON_VALUE")
        self._json_handlers(made, ("NULL", "ERROR"), values=True)
        return self.expression(made)

    def _parse_json_query_words(self) -> Any:
        """``JSON_QUERY(text, path [WITH … WRAPPER] [… ON EMPTY] [… ON ERROR])``."""
        made = self._json_call("JSON_QUERY")
        if self._match_text_seq("WITHOUT"):
            self._match_text_seq("ARRAY")
            self.said("WRAPPER")
        elif self._match(TokenType.WITH):
            conditional = self._match_text_seq("CONDITIONAL")
            if not conditional:
                self._match_text_seq("UNCONDITIONAL")
            self._match_text_seq("ARRAY")
            self.said("WRAPPER")
            made.set("wrapper", "CONDITIONAL" if conditional else "UNCONDITIONAL")
        self._json_handlers(made, EMPTY_VALUES, values=False)
        return self.expression(made)

    def _parse_json_exists_words(self) -> Any:
        """``JSON_EXISTS(text, path [… ON ERROR])``."""
        made = self._json_call("JSON_EXISTS")
        word = self._json_word(TRUTHS)
        if word is not None:
            self.said("ON", "ERROR")
            made.set("error", word)
        return self.expression(made)

    def _parse_json_object_words(self) -> Any:
        """``JSON_OBJECT([[KEY] key VALUE value], … [NULL | ABSENT ON NULL])``."""
        made = JsonCall(this="JSON_OBJECT", expressions=[], absent=False)
        while not self._json_ends():
            self._match_text_seq("KEY")
            made.append("expressions", self._needed(self._parse_disjunction()))
            if not self._match(TokenType.COLON):
                self.said("VALUE")
            made.append("expressions", self._needed(self._parse_disjunction()))
            if not self._match(TokenType.COMMA):
                break
        return self._json_nulls(made)

    def _parse_json_array_words(self) -> Any:
        """``JSON_ARRAY([value], … [NULL | ABSENT ON NULL])``."""
        made = JsonCall(this="JSON_ARRAY", expressions=[], absent=True)
        while not self._json_ends():
            made.append("expressions", self._needed(self._parse_disjunction()))
            if not self._match(TokenType.COMMA):
                break
        return self._json_nulls(made)

    def _parse_json_objectagg_words(self) -> Any:
        """``JSON_OBJECTAGG([KEY] key VALUE value [NULL | ABSENT ON NULL])``."""
        self._match_text_seq("KEY")
        key = self._needed(self._parse_disjunction())
        if not self._match(TokenType.COLON):
            self.said("VALUE")
        value = self._needed(self._parse_disjunction())
        return self._json_aggregate("JSON_OBJECTAGG", [key, value], "NULL")

    def _parse_json_arrayagg_words(self) -> Any:
        """``JSON_ARRAYAGG(value [NULL | ABSENT ON NULL])``."""
        value = self._needed(self._parse_disjunction())
        if self._match(TokenType.ORDER_BY):
            self.raise_error("Flink does not obey ORDER BY in JSON_ARRAYAGG: leave it out")
        return self._json_aggregate("JSON_ARRAYAGG", [value], "ABSENT")

    def _json_aggregate(self, name: str, parts: list[Any], nulls: str) -> Any:
        """An aggregate's call, the last argument of which says what becomes of NULLs."""
        word = self._json_word(("NULL", "ABSENT"))
        if word is not None:
            self.said("ON", "NULL")
        parts.append(exp.var(word or nulls))
        return self.expression(exp.Anonymous(this=name, expressions=parts))

    def _json_ends(self) -> bool:
        """Whether the list is over: its bracket closes, or words about NULL follow."""
        if self._curr is None or self._curr.token_type == TokenType.R_PAREN:
            return True
        word, following = self._curr.text.upper(), self._next.text.upper() if self._next else ""
        return word in ("NULL", "ABSENT") and following == "ON"

    def _json_nulls(self, made: JsonCall) -> Any:
        word = self._json_word(("NULL", "ABSENT"))
        if word is not None:
            self.said("ON", "NULL")
            made.set("absent", word == "ABSENT")
        return self.expression(made)

    def _json_call(self, name: str) -> JsonCall:
        """The text, the path, and a type behind RETURNING."""
        text = self._needed(self._parse_disjunction())
        if not self._match(TokenType.COMMA):
            self.raise_error(f"Expected the path of {name} after a comma")
        made = JsonCall(this=name, expressions=[text, self._needed(self._parse_disjunction())])
        if self._match_text_seq("RETURNING"):
            made.set("kind", self._parse_types())
        return made

    def _json_handlers(self, made: JsonCall, words: tuple[str, ...], *, values: bool) -> None:
        while True:
            given: Any = self._json_word(words)
            if given is None and values and self._match(TokenType.DEFAULT):
                given = self._needed(self._parse_disjunction())
            if given is None:
                return
            self.said("ON")
            if self._match_text_seq("EMPTY"):
                made.set("empty", given)
            else:
                self.said("ERROR")
                made.set("error", given)

    def _json_word(self, words: tuple[str, ...]) -> str | None:
        for word in words:
            if self._match_text_seq(*word.split()):
                return word
        return None
