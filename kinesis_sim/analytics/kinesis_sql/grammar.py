"""Kinesis SQL's statements, over the grammar that both languages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from kinesis_sim.analytics.sql import statements as said
from kinesis_sim.analytics.sql.grammar import StreamParser, StreamTokenizer
from kinesis_sim.analytics.sql.nodes import Stagger
from kinesis_sim.analytics.sql.typenames import sql_type

OVER = "over"
"""Key of a table node's meta: the window that a joined stream is looked at through."""


class KinesisParser(StreamParser):
    """CREATE/ALTER/DROP STREAM and PUMP, INSERT INTO, SELECT STREAM."""

    QUERY_MODIFIER_PARSERS: ClassVar[dict[TokenType, Callable[..., Any]]] = {
        **StreamParser.QUERY_MODIFIER_PARSERS,
        TokenType.CLUSTER_BY: lambda self: ("cluster", self._parse_stagger()),
    }

    def parse(self, raw_tokens: list[Token], sql: str) -> Any:
        """Read statements; the word STREAM of SELECT STREAM says what every query here is."""
        kept = [
            token
            for at, token in enumerate(raw_tokens)
            if not (at and _marks_a_stream(raw_tokens[at - 1 : at + 2]))
        ]
        return super().parse(kept, sql)

    def folded(self, found: exp.Expr) -> str:
        """A name in capitals, unless it stands in double quotes."""
        return found.name if found.args.get("quoted") else found.name.upper()

    def _statement(self) -> Any:
        if self._match_text_seq("CREATE"):
            replace = self._match_text_seq("OR", "REPLACE")
            if self._match_text_seq("STREAM"):
                return self._stream(replace)
            self.said("PUMP")
            return self._pump(replace)
        if self._match_text_seq("ALTER", "PUMP"):
            return self._alter()
        if self._match_text_seq("DROP"):
            return self._drop()
        if self._match_text_seq("INSERT"):
            return self._insert()
        if self._curr.token_type not in (TokenType.SELECT, TokenType.L_PAREN, TokenType.WITH):
            self.raise_error(f"{self._curr.text} begins no statement of Kinesis SQL")
        return said.QueryStatement(query=self._query())

    def _query(self) -> Any:
        found = self._parse_select()
        if found is None:
            self.raise_error("Expected SELECT STREAM")
        found = self._parse_query_modifiers(self._parse_set_operations(found))
        assert found is not None
        for one in found.find_all(exp.Identifier):
            if not one.args.get("quoted"):
                one.set("this", one.name.upper())
        return found

    def _stream(self, replace: bool) -> said.CreateStream:
        name = self.name("a stream")
        self._match_l_paren()
        columns = [self._column()]
        while self._match(TokenType.COMMA):
            columns.append(self._column())
        self._match_r_paren()
        if self._match_text_seq("DESCRIPTION"):
            self._parse_string()
        return said.CreateStream(name=name, columns=tuple(columns), replace=replace)

    def _column(self) -> said.ColumnDefinition:
        found = self._parse_id_var(any_token=True)
        name = self.folded(found) if found is not None else ""
        kind = self._parse_types(schema=True)
        if kind is None:
            self.raise_error(f"Expected the type of column {name}")
        not_null = self._match_text_seq("NOT", "NULL")
        made = sql_type(kind, 3) if kind is not None else None
        return said.ColumnDefinition(name=name, kind=made, not_null=not_null)

    def _pump(self, replace: bool) -> said.CreatePump:
        name = self.name("a pump")
        stopped = self._match_text_seq("STOPPED")
        if not stopped:
            self._match_text_seq("STARTED")
        self.said("AS")
        self.said("INSERT")
        return said.CreatePump(name=name, insert=self._insert(), stopped=stopped, replace=replace)

    def _insert(self) -> said.InsertStatement:
        self.said("INTO")
        target = self.name("a stream")
        columns: tuple[str, ...] = ()
        if self._curr.token_type == TokenType.L_PAREN and self._next.token_type not in (
            TokenType.SELECT,
            TokenType.WITH,
        ):
            columns = tuple(map(self.folded, self._parse_wrapped_id_vars()))
        return said.InsertStatement(target=target, columns=columns, query=self._query())

    def _alter(self) -> said.AlterPump:
        names = [self.name("a pump")]
        while self._match(TokenType.COMMA):
            names.append(self.name("a pump"))
        if not self._match_texts(("START", "STOP")):
            self.raise_error("Expected START or STOP")
        return said.AlterPump(names=tuple(names), started=self._prev.text.upper() == "START")

    def _drop(self) -> said.DropObject:
        if not self._match_texts(("STREAM", "PUMP")):
            self.raise_error("Expected DROP STREAM or DROP PUMP")
        kind = self._prev.text.upper()
        exists = self._match_text_seq("IF", "EXISTS")
        return said.DropObject(kind=kind, name=self.name(f"a {kind.lower()}"), if_exists=exists)

    # --- windows --------------------------------------------------------------------------------

    def _parse_stagger(self) -> Any:
        if not self._match(TokenType.CLUSTER_BY):
            return None
        self.said("STAGGER")
        self._match_l_paren()
        keys = self._parse_partition_by()
        if not self._match(TokenType.RANGE):
            self.raise_error("Expected RANGE and the window's age")
        age = self._parse_interval()
        self._match_text_seq("PRECEDING")
        self._match_r_paren()
        return self.expression(Stagger(expressions=keys, this=age))

    def _parse_table(self, *args: Any, **named: Any) -> Any:
        """A stream, which ``OVER (RANGE … PRECEDING)`` may follow, and an alias after that."""
        mark = self._index
        table = self._parse_table_parts() if self._curr.token_type in self.ID_VAR_TOKENS else None
        if table is None or not self._match(TokenType.OVER):
            self._retreat(mark)
            return super()._parse_table(*args, **named)
        window = self.expression(exp.Window(this=table.copy()))
        self._match_l_paren()
        spec = self._frame()
        self._match_r_paren()
        window.set("spec", spec)
        table.meta[OVER] = spec
        table.set("alias", self._parse_table_alias())
        return table

    def _frame(self) -> exp.Expr:
        if not self._match_set((TokenType.RANGE, TokenType.ROWS)):
            self.raise_error("Expected RANGE or ROWS")
        kind = self._prev.text.upper()
        bound = self._parse_window_spec()
        made = exp.WindowSpec(kind=kind, start=bound["value"], start_side=bound["side"])
        return self.expression(made)  # type: ignore[no-any-return]


def _marks_a_stream(tokens: list[Token]) -> bool:
    """Whether the middle one of three tokens is the STREAM of SELECT STREAM."""
    before, this = tokens[0], tokens[1]
    if before.token_type != TokenType.SELECT or this.text.upper() != "STREAM":
        return False
    after = tokens[2].token_type if len(tokens) > 2 else TokenType.COMMA
    return this.token_type != TokenType.IDENTIFIER and after not in (
        TokenType.COMMA,
        TokenType.FROM,
        TokenType.ALIAS,
        TokenType.DOT,
    )


class KinesisDialect(Dialect):
    """Names in double quotes keep their case; others are capitals."""

    class Tokenizer(StreamTokenizer):
        """WINDOWED BY is one word."""

        IDENTIFIERS: ClassVar[list[str | tuple[str, str]]] = ['"']
        QUOTES: ClassVar[list[tuple[str, str] | str]] = ["'"]
        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            **StreamTokenizer.KEYWORDS,
            "WINDOWED BY": TokenType.CLUSTER_BY,
        }

    Parser = KinesisParser
