"""A type as the text names it."""

from __future__ import annotations

from sqlglot import exp

from kinesis_sim.analytics.sql.nodes import unsupported, wrong
from kinesis_sim.analytics.types.sqltype import LONGEST, MOST_DIGITS, SqlType

_T = exp.DType
_PLAIN = {
    _T.BOOLEAN: "BOOLEAN",
    _T.TINYINT: "TINYINT",
    _T.SMALLINT: "SMALLINT",
    _T.INT: "INTEGER",
    _T.BIGINT: "BIGINT",
    _T.FLOAT: "FLOAT",
    _T.DOUBLE: "DOUBLE",
    _T.DATE: "DATE",
}
_INSTANTS = {
    _T.TIMESTAMP: "TIMESTAMP",
    _T.TIMESTAMPNTZ: "TIMESTAMP",
    _T.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
}
_TEXTS = {_T.CHAR: "CHAR", _T.VARCHAR: "VARCHAR", _T.BINARY: "BINARY", _T.VARBINARY: "VARBINARY"}
_SECOND_DIGITS = 6
"""Fractional digits of TIMESTAMP without a number, in Flink."""


def sql_type(node: exp.Expr, digits: int = _SECOND_DIGITS) -> SqlType:
    """The type that a DataType node names. Raises NotSupportedInSql, SqlValidationError.

    digits: of a second's fraction where the text does not say: 6 in Flink, 3 in Kinesis SQL.
    """
    kind = node.this
    numbers = [_whole(one) for one in node.expressions if isinstance(one, exp.DataTypeParam)]
    if kind in _PLAIN:
        return SqlType(_PLAIN[kind])
    if kind in _INSTANTS:
        return SqlType(_INSTANTS[kind], numbers[0] if numbers else digits)
    if kind is _T.TIME:
        return SqlType("TIME")
    if kind is _T.TEXT:
        return SqlType("VARCHAR", LONGEST)
    if kind in _TEXTS:
        bare = LONGEST if kind is _T.VARBINARY else 1
        return SqlType(_TEXTS[kind], numbers[0] if numbers else bare)
    if kind is _T.DECIMAL:
        return _decimal(node, numbers)
    if kind in (_T.ARRAY, _T.MAP):
        return SqlType(kind.value.upper(), parts=tuple(map(sql_type, node.expressions)))
    if kind is _T.STRUCT:
        return _row(node)
    raise unsupported(node, f"The type {node.sql()}")


def _whole(param: exp.Expr) -> int:
    try:
        return int(param.this.name)
    except ValueError:
        raise wrong(param, f"{param.this.name} is no length of a type.") from None


def _decimal(node: exp.Expr, numbers: list[int]) -> SqlType:
    precision, scale = [*numbers, *(10, 0)[len(numbers) :]][:2]
    if not 1 <= precision <= MOST_DIGITS or not 0 <= scale <= precision:
        raise wrong(
            node,
            f"DECIMAL({precision}, {scale}) has to have 1 to {MOST_DIGITS} digits, and no more "
            "behind the point than in all.",
        )
    return SqlType("DECIMAL", precision, scale)


def _row(node: exp.Expr) -> SqlType:
    fields = [one for one in node.expressions if isinstance(one, exp.ColumnDef)]
    if len(fields) != len(node.expressions):
        raise unsupported(node, "A ROW type whose fields have no names")
    return SqlType(
        "ROW",
        parts=tuple(sql_type(one.args["kind"]) for one in fields),
        names=tuple(one.name for one in fields),
    )
