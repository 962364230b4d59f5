"""The grammar that both languages share: sqlglot's parser with what it lacks, and less guessing.

sqlglot knows hundreds of functions of other databases and turns them into one another; here every
function stays what the text calls it. Private parts of sqlglot are leaned on, which is why its
version is pinned exactly; ``tests/analytics/test_corpus.py`` holds what must parse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from kinesis_sim.analytics.sql.json_words import JsonWords
from kinesis_sim.analytics.sql.nodes import (
    AT,
    TEXT,
    CursorArgument,
    Matching,
    TableArgument,
    TableFunction,
)

_KEPT = {"CAST", "TRY_CAST", "CEIL", "FLOOR", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "OVERLAY"}
"""Functions whose arguments are no plain list."""
_WORDED = ("ML_PREDICT",)
"""Of those, functions that are not compiled."""


class StreamTokenizer(Tokenizer):
    """Words that neither sqlglot nor its dialects read as the languages do."""

    COMMANDS: ClassVar[set[TokenType]] = set()
    HEX_STRINGS: ClassVar[list[str | tuple[str, str]]] = [("x'", "'"), ("X'", "'")]
    UNICODE_STRINGS: ClassVar[list[str | tuple[str, str]]] = [("U&'", "'"), ("u&'", "'")]
    KEYWORDS: ClassVar[dict[str, TokenType]] = {
        **{
            word: kind
            for word, kind in Tokenizer.KEYWORDS.items()
            if "{" not in word and not word.startswith("/*+")
        },
        "MATCH_RECOGNIZE": TokenType.MATCH_RECOGNIZE,
        "BYTES": TokenType.VARBINARY,
        "TIMESTAMP_LTZ": TokenType.TIMESTAMPLTZ,
        "STRING": TokenType.TEXT,
        "ROW": TokenType.STRUCT,
    }


class StreamParser(JsonWords):
    """Expressions and queries; ``statements`` of a language are its subclass's."""

    FUNC_TOKENS: ClassVar[set[TokenType]] = {*Parser.FUNC_TOKENS, TokenType.SESSION}
    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        **{name: made for name, made in Parser.FUNCTION_PARSERS.items() if name in _KEPT},
        "CEILING": Parser.FUNCTION_PARSERS["CEIL"],
        "STEP": lambda self: self._parse_step(),
        "CURSOR": lambda self: self._parse_cursor(),
        **{name: lambda self: self._refuse_call() for name in _WORDED},
        "JSON_VALUE": lambda self: self._parse_json_value_words(),
        "JSON_QUERY": lambda self: self._parse_json_query_words(),
        "JSON_EXISTS": lambda self: self._parse_json_exists_words(),
        "JSON_OBJECT": lambda self: self._parse_json_object_words(),
        "JSON_ARRAY": lambda self: self._parse_json_array_words(),
        "JSON_OBJECTAGG": lambda self: self._parse_json_objectagg_words(),
        "JSON_ARRAYAGG": lambda self: self._parse_json_arrayagg_words(),
    }
    COLUMN_OPERATORS: ClassVar[dict[TokenType, Any]] = {
        token: made for token, made in Parser.COLUMN_OPERATORS.items() if token != TokenType.DCOLON
    }
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        "CASE": Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]
    }

    # --- statements ---------------------------------------------------------------------------

    def parse(self, raw_tokens: list[Token], sql: str) -> Any:
        """Each statement with its first and last token; None for an empty one.

        A comment behind a semicolon would make a statement of it, for sqlglot keeps comments.
        """
        placed: Any = self.__class__._placed
        for token in raw_tokens:
            if token.token_type is TokenType.SEMICOLON:
                token.comments.clear()
            if token.token_type is TokenType.HEX_STRING and sql[token.start] == "0":
                self.sql = sql
                self.raise_error("0x… is no number of SQL; bytes are X'…'", token)
        return self._parse(placed, raw_tokens, sql)

    def _placed(self) -> Any:
        start = self._curr
        return (self._statement(), start, self._prev) if start else None

    def _statement(self) -> Any:
        raise NotImplementedError  # a language's own

    # --- places -------------------------------------------------------------------------------

    def expression(self, instance: Any, token: Any = None, comments: Any = None) -> Any:
        """A node, told where it stands."""
        meta = instance.meta
        meta.setdefault(AT, self._prev.start if self._prev else 0)
        meta[TEXT] = self.sql
        return super().expression(instance, token, comments)

    def _parse_function_call(self, *args: Any, **named: Any) -> Any:
        start = self._curr.start if self._curr else 0
        made = super()._parse_function_call(*args, **named)
        if isinstance(made, exp.Expr):
            made.meta[AT] = min(start, made.meta.get(AT, start))
            made.meta[TEXT] = self.sql
            made.meta.setdefault("end", self._prev.end)
        return made

    def _parse_csv(self, parse_method: Any, sep: TokenType = TokenType.COMMA) -> Any:
        """A list; sqlglot lets one end in a comma, SQL does not."""
        made = super()._parse_csv(parse_method, sep)
        if made and self._prev.token_type == sep and self._curr.token_type != TokenType.STRING:
            self.raise_error("Expected something after the comma", self._prev)
        return made

    def name(self, what: str) -> str:
        """Take a name, quoted or not, with its catalog left out."""
        found = self._parse_id_var(any_token=False)
        if found is None:
            self.raise_error(f"Expected the name of {what}")
        while found is not None and self._match(TokenType.DOT):
            found = self._parse_id_var(any_token=True)
        return self.folded(found) if found is not None else ""

    def folded(self, found: exp.Expr) -> str:
        """A name as the language keeps it; as written, unless a language folds."""
        return found.name

    def _refuse_call(self) -> Any:
        """Name a function whose arguments have words that are not read."""
        name = self._tokens[self._index - 2]
        self.raise_error(f"{name.text.upper()} is not supported by this engine", name)

    # --- functions with words of their own ------------------------------------------------------

    def _parse_step(self) -> Any:
        this = self._needed(self._parse_disjunction())
        self.said("BY")
        by = self._needed(self._parse_disjunction())
        return self.expression(exp.Anonymous(this="STEP", expressions=[this, by]))

    def _parse_cursor(self) -> Any:
        return self.expression(CursorArgument(this=self._needed(self._parse_select())))

    def _parse_overlay(self) -> Any:
        parts = [self._needed(self._parse_bitwise())]
        for word in ("PLACING", "FROM", "FOR"):
            if (word == "FROM" and self._match(TokenType.FROM)) or self._match_text_seq(word):
                parts.append(self._needed(self._parse_bitwise()))
        return self.expression(exp.Anonymous(this="OVERLAY", expressions=parts))

    def _parse_lambda(self, alias: bool = False) -> Any:
        """An argument: ``name => value``, ``TABLE t``, or an expression."""
        if self._next.token_type == TokenType.FARROW:
            name = self._curr.text.upper()
            self._advance(2)
            value = self._parse_lambda()
            return self.expression(exp.Kwarg(this=exp.var(name), expression=value))
        if self._curr.token_type == TokenType.TABLE and self._next.token_type != TokenType.L_PAREN:
            return self._parse_table_argument()
        return super()._parse_lambda(alias)

    def _parse_table_argument(self) -> Any:
        self._advance()
        table = self._parse_table_parts()
        keys: list[Any] = []
        if self._match(TokenType.PARTITION_BY):
            wrapped = self._match(TokenType.L_PAREN)
            keys.append(self._key_column())
            while (wrapped or self._another_key()) and self._match(TokenType.COMMA):
                keys.append(self._key_column())
            if wrapped:
                self._match_r_paren()
        return self.expression(TableArgument(this=table, expressions=keys))

    def _key_column(self) -> Any:
        found = self._parse_column()
        if found is None:
            self.raise_error("Expected a column after PARTITION BY")
        return found

    def _another_key(self) -> bool:
        """Whether after a comma another key comes, not the next argument."""
        after = self._tokens[self._index + 2] if self._index + 2 < len(self._tokens) else None
        return (
            self._curr.token_type == TokenType.COMMA
            and self._next.text.upper() != "DESCRIPTOR"
            and (after is None or after.token_type != TokenType.FARROW)
        )

    def _parse_table(self, *args: Any, **named: Any) -> Any:
        if self._curr.token_type == TokenType.TABLE and self._next.token_type == TokenType.L_PAREN:
            start = self._curr.start
            self._advance(2)
            made = TableFunction(this=self._parse_function(), alias=None)
            made.meta[AT] = start
            self._match_r_paren()
            made.set("alias", self._parse_table_alias())
            return self.expression(made)
        return super()._parse_table(*args, **named)

    # --- MATCH_RECOGNIZE ------------------------------------------------------------------------

    def _parse_match_recognize(self) -> Any:
        if not self._match(TokenType.MATCH_RECOGNIZE):
            return None
        self._match_l_paren()
        made = Matching(partition_by=self._parse_partition_by(), order=self._parse_order())
        self.said("MEASURES")
        made.set("measures", self._parse_csv(self._parse_match_recognize_measure))
        self._match_text_seq("ONE", "ROW", "PER", "MATCH")
        if self._match_text_seq("ALL", "ROWS", "PER", "MATCH"):
            self.raise_error("ALL ROWS PER MATCH is not supported; write ONE ROW PER MATCH")
        if self._match_text_seq("AFTER", "MATCH", "SKIP"):
            made.set("after", exp.var(self._skip_strategy()))
        self.said("PATTERN")
        made.set("pattern", exp.var(self._pattern_text()))
        if self._match_text_seq("WITHIN"):
            made.set("within", self._parse_interval())
        self.said("DEFINE")
        made.set("define", self._parse_csv(self._parse_name_as_expression))
        self._match_r_paren()
        made.set("alias", self._parse_table_alias())
        return self.expression(made)

    def _skip_strategy(self) -> str:
        if self._match_text_seq("PAST", "LAST", "ROW"):
            return "PAST LAST ROW"
        if self._match_text_seq("TO", "NEXT", "ROW"):
            return "TO NEXT ROW"
        self.said("TO")
        which = "FIRST" if self._match_text_seq("FIRST") else "LAST"
        if which == "LAST":
            self._match_text_seq("LAST")
        return f"TO {which} {self.name('a pattern variable')}"

    def _pattern_text(self) -> str:
        self._match_l_paren()
        start, depth = self._curr, 1
        while self._curr:
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(self._curr.token_type, 0)
            if not depth:
                break
            self._advance()
        end = self._prev
        self._match_r_paren()
        return self._find_sql(start, end)


def tokens_before(tokens: list[Token], limit: int) -> int:
    """How deep brackets nest in a text, at most ``limit`` + 1."""
    deepest = depth = 0
    for token in tokens:
        if token.token_type == TokenType.L_PAREN:
            depth += 1
            deepest = max(deepest, depth)
            if deepest > limit:
                break
        elif token.token_type == TokenType.R_PAREN:
            depth -= 1
    return deepest
