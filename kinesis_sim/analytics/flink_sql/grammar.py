"""Flink SQL's statements, over the grammar that both languages share."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from kinesis_sim.analytics.flink_sql import reserved
from kinesis_sim.analytics.sql import statements as said
from kinesis_sim.analytics.sql.grammar import StreamParser, StreamTokenizer
from kinesis_sim.analytics.sql.nodes import TimeDifference
from kinesis_sim.analytics.sql.typenames import sql_type
from kinesis_sim.analytics.types import calendar


class FlinkParser(StreamParser):
    """CREATE TABLE, CREATE VIEW, INSERT INTO, EXECUTE STATEMENT SET, SET, DROP, SELECT."""

    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
        exp.DType.TIMESTAMP: lambda self, this, _kind: self._instant(this)
    }

    def parse(self, raw_tokens: list[Token], sql: str) -> Any:
        """Each statement; Flink knows <> alone."""
        for token in raw_tokens:
            if token.token_type is TokenType.NEQ and token.text == "!=":
                self.sql = sql
                self.raise_error("Flink knows no !=; write <>", token)
        return super().parse(raw_tokens, sql)

    def _instant(self, text: exp.Expr) -> Any:
        """``TIMESTAMP '…'``, which has as many digits of a second's fraction as are written."""
        digits = len(text.name.partition(".")[2]) if isinstance(text, exp.Literal) else 6
        size = exp.DataTypeParam(this=exp.Literal.number(digits))
        kind = exp.DataType(this=exp.DType.TIMESTAMP, expressions=[size])
        return self.expression(exp.Cast(this=text, to=kind))

    def _parse_paren(self) -> Any:
        """Brackets; behind a difference of times stands the unit that it is told in."""
        made = super()._parse_paren()
        if isinstance(made, exp.Paren) and isinstance(made.this, exp.Sub):
            unit = self._curr.text.upper() if self._curr else ""
            if unit in calendar.UNITS and self._curr.token_type is not TokenType.STRING:
                self._advance()
                pair = {"this": made.this.this, "expression": made.this.expression}
                return self.expression(TimeDifference(**pair, unit=exp.var(unit)))
        return made

    def _statement(self) -> Any:
        if self._match_text_seq("CREATE"):
            return self._create()
        if self._match_text_seq("INSERT"):
            return self._insert()
        if self._match_text_seq("EXECUTE"):
            return self._execute()
        if self._match_text_seq("BEGIN", "STATEMENT", "SET"):
            return ("BEGIN",)
        if self._match_text_seq("END"):
            return ("END",)
        if self._match_text_seq("SET"):
            return self._set()
        if self._match_text_seq("DROP"):
            return self._drop()
        return self._query_statement()

    def _query_statement(self) -> said.QueryStatement:
        if not self._is_query():
            self.raise_error(
                f"{self._curr.text} begins no statement of Flink SQL that is supported"
            )
        return said.QueryStatement(query=self._query())

    def _is_query(self) -> bool:
        words = (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.VALUES)
        return self._curr.token_type in words

    def _query(self) -> Any:
        found = self._parse_select(nested=True)
        if found is None:
            self.raise_error("Expected a query")
        found = self._parse_set_operations(found)
        found = self._parse_query_modifiers(found)
        if found is not None:
            reserved.check(found)
        return found

    def folded(self, found: exp.Expr) -> str:
        """A name, which is as it is written. Raises SqlSyntaxError for a reserved word."""
        if not found.args.get("quoted") and found.name.upper() in reserved.RESERVED:
            self.raise_error(reserved.refusal(found.name), self._prev)
        return found.name

    # --- CREATE ---------------------------------------------------------------------------------

    def _create(self) -> Any:
        self._match_text_seq("TEMPORARY")
        if self._match_text_seq("VIEW"):
            return self._view()
        if self._match_text_seq("TABLE"):
            return self._table()
        return self.raise_error(
            f"CREATE {self._curr.text} is not supported; CREATE TABLE and CREATE VIEW are"
        )

    def _view(self) -> said.CreateView:
        missing = self._match_text_seq("IF", "NOT", "EXISTS")
        name = self.name("a view")
        columns = tuple(one.name for one in self._wrapped_names())
        self.said("AS")
        return said.CreateView(
            name=name, columns=columns, query=self._query(), if_not_exists=missing
        )

    def _wrapped_names(self) -> list[Any]:
        if not self._match(TokenType.L_PAREN, advance=False):
            return []
        return list(self._parse_wrapped_id_vars())

    def _table(self) -> said.CreateTable:
        missing = self._match_text_seq("IF", "NOT", "EXISTS")
        name = self.name("a table")
        parts: dict[str, Any] = {"columns": [], "watermark": None, "primary_key": ()}
        self._match_l_paren()
        self._element(parts)
        while self._match(TokenType.COMMA):
            self._element(parts)
        self._match_r_paren()
        if self._match_text_seq("COMMENT"):
            self._parse_string()
        partitioned = ()
        if self._match(TokenType.PARTITION_BY):
            partitioned = tuple(one.name for one in self._wrapped_names())
        options = self._options() if self._match(TokenType.WITH) else {}
        parts["columns"] = tuple(parts["columns"])
        return said.CreateTable(
            name=name, partitioned_by=partitioned, options=options, if_not_exists=missing, **parts
        )

    def _element(self, parts: dict[str, Any]) -> None:
        if self._match_text_seq("WATERMARK"):
            self.said("FOR")
            timed = self.name("a column")
            self.said("AS")
            parts["watermark"] = (timed, self._parse_disjunction())
        elif self._match_text_seq("PRIMARY", "KEY") or self._match(TokenType.PRIMARY_KEY):
            parts["primary_key"] = tuple(one.name for one in self._wrapped_names())
            self.said("NOT", "ENFORCED")
        else:
            column = self._column()
            parts["columns"].append(column)
            if self._match_text_seq("PRIMARY", "KEY") or self._match(TokenType.PRIMARY_KEY):
                parts["primary_key"] = (column.name,)
                self.said("NOT", "ENFORCED")

    def _column(self) -> said.ColumnDefinition:
        name = self.name("a column")
        if self._match(TokenType.ALIAS):
            computed = self._parse_disjunction()
            return said.ColumnDefinition(name=name, kind=None, computed=computed)
        found = self._parse_types(schema=True)
        if found is None:
            self.raise_error(f"Expected the type of column {name}")
        kind = sql_type(found) if found is not None else None
        metadata, virtual, not_null = None, False, self._match_text_seq("NOT", "NULL")
        if self._match_text_seq("METADATA"):
            metadata = name
            if self._match(TokenType.FROM):
                key = self._parse_string()
                metadata = key.name if key is not None else name
            virtual = self._match_text_seq("VIRTUAL")
        if self._match_text_seq("COMMENT"):
            self._parse_string()
        return said.ColumnDefinition(
            name=name, kind=kind, not_null=not_null, metadata=metadata, virtual=virtual
        )

    def _options(self) -> dict[str, str]:
        self._match_l_paren()
        found: dict[str, str] = {}
        while not self._match(TokenType.R_PAREN):
            key, value = self._setting()
            found[key] = value
            if not self._match(TokenType.COMMA):
                self._match_r_paren()
                break
        return found

    def _setting(self) -> tuple[str, str]:
        key = self._parse_string()
        if not self._match(TokenType.EQ):
            self.raise_error("Expected 'key' = 'value'")
        value = self._parse_string()
        if key is None or value is None:
            self.raise_error("Expected 'key' = 'value', both in single quotes")
        return (key.name, value.name) if key is not None and value is not None else ("", "")

    # --- the others -----------------------------------------------------------------------------

    def _insert(self) -> said.InsertStatement:
        if self._match_text_seq("OVERWRITE"):
            self.raise_error("INSERT OVERWRITE is for batch jobs; write INSERT INTO", self._prev)
        self.said("INTO")
        target = self.name("a table")
        columns = tuple(one.name for one in self._wrapped_names()) if self._names_follow() else ()
        return said.InsertStatement(target=target, columns=columns, query=self._query())

    def _names_follow(self) -> bool:
        opened = self._curr.token_type == TokenType.L_PAREN
        return opened and self._next.token_type not in (TokenType.SELECT, TokenType.WITH)

    def _execute(self) -> Any:
        if self._match_text_seq("STATEMENT", "SET"):
            self.said("BEGIN")
            return "BEGIN", self._statement()
        return self._statement()

    def _set(self) -> said.SetOption:
        key, value = self._setting()
        return said.SetOption(key=key, value=value)

    def _drop(self) -> said.DropObject:
        self._match_text_seq("TEMPORARY")
        if not self._match_texts(("TABLE", "VIEW")):
            self.raise_error("Expected DROP TABLE or DROP VIEW")
        kind = self._prev.text.upper()
        exists = self._match_text_seq("IF", "EXISTS")
        return said.DropObject(kind=kind, name=self.name(f"a {kind.lower()}"), if_exists=exists)


class FlinkDialect(Dialect):
    """Names in backticks; a name keeps its case."""

    class Tokenizer(StreamTokenizer):
        """Flink's quotes."""

        IDENTIFIERS: ClassVar[list[str | tuple[str, str]]] = ["`"]
        QUOTES: ClassVar[list[tuple[str, str] | str]] = ["'"]

    Parser = FlinkParser
