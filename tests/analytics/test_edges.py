"""Numbers that SQL's documentation leaves open, each at its edge: what is just in, and just not."""

from __future__ import annotations

import json

import pytest

from kinesis_sim.analytics.functions.documents import NoJson, read, written
from kinesis_sim.analytics.functions.regexes import Regex, found, replaced
from kinesis_sim.analytics.kinesis_sql.discovery import discovered
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.sql.reading import read as parsed
from kinesis_sim.analytics.types.sqltype import SqlType, as_decimal
from kinesis_sim.analytics.types.values import bounded_members
from tests.analytics.feeds import asked


def runs(query: str) -> bool:
    """Whether Flink's SQL takes a query over the table of events."""
    try:
        asked(query, [])
    except SqlError:
        return False
    return True


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("SELECT CAST(v AS DECIMAL({}, 0)) FROM t", 38, 39),
        ("SELECT LAG(v, {}) OVER (ORDER BY ts) FROM t", 10_000, 10_001),
        ("SELECT k, COUNT(*) AS n FROM t GROUP BY k ORDER BY n LIMIT {}", 10_000, 10_001),
    ],
)
def test_a_number_in_a_query_has_an_end(query: str, inside: int, outside: int) -> None:
    assert runs(query.format(inside))
    assert not runs(query.format(outside))


def test_brackets_that_nest_deeper_than_sixty_are_not_even_parsed() -> None:
    assert parsed(f"SELECT {'(' * 30}1{')' * 30} FROM t", "flink")
    with pytest.raises(SqlError, match="nest deeper than 60"):
        parsed(f"SELECT {'(' * 61}1{')' * 61} FROM t", "flink")


@pytest.mark.parametrize(
    ("name", "digits"), [("TINYINT", 3), ("SMALLINT", 5), ("INTEGER", 10), ("BIGINT", 19)]
)
def test_an_integer_has_so_many_digits(name: str, digits: int) -> None:
    assert as_decimal(SqlType(name)) == SqlType("DECIMAL", digits, 0)


def test_a_pattern_has_a_thousand_characters_and_repeats_a_thousand_times() -> None:
    Regex("a" * 1_000)
    Regex("a{1000}")
    with pytest.raises(ValueError, match="at most 1000 characters"):
        Regex("a" * 1_001)
    with pytest.raises(ValueError, match="repeats more than 1000 times"):
        Regex("a{1001}")


def test_a_text_of_65536_characters_is_searched() -> None:
    assert found("b", "a" * 65_535 + "b")
    with pytest.raises(ValueError, match="text of 65,537 characters is too long"):
        found("b", "a" * 65_536 + "b")


def test_a_search_takes_a_million_steps() -> None:
    program = len(Regex("a" * 97)._program)  # its ends are instructions, too
    assert program == 100
    assert not found("a" * 97, "b" * 10_000)
    with pytest.raises(ValueError, match="text of 10,001 characters is too long"):
        found("a" * 97, "b" * 10_001)


def test_a_function_makes_65536_characters() -> None:
    assert len(replaced("a", "a" * 256, "b" * 256)) == 65_536
    with pytest.raises(ValueError, match="more than 65,536 characters"):
        replaced("a", "a" * 257, "b" * 256)
    assert len(written("x" * 65_534)) == 65_536
    with pytest.raises(ValueError, match="up to 65,536 characters"):
        written("x" * 65_535)


def test_a_document_nests_a_hundred_deep() -> None:
    read("[" * 100 + "]" * 100)
    with pytest.raises(NoJson, match="more than 100 levels"):
        read("[" * 101 + "]" * 101)


def test_an_array_has_65536_values() -> None:
    assert bounded_members((1,) * 65_536)
    with pytest.raises(ValueError, match="more than 65,536 values"):
        bounded_members((1,) * 65_537)


@pytest.mark.parametrize(("value", "kind"), [(2_147_483_647, "INTEGER"), (2_147_483_648, "DOUBLE")])
def test_a_discovered_number_is_an_integer_while_it_has_32_bits(value: int, kind: str) -> None:
    [column] = discovered([json.dumps({"n": value}).encode()]).columns
    assert column.kind.name == kind


@pytest.mark.parametrize(("length", "name"), [(100, "n" * 100), (101, "COL_" + "n" * 96)])
def test_a_discovered_name_has_a_hundred_characters(length: int, name: str) -> None:
    [column] = discovered([json.dumps({"n" * length: 1}).encode()]).columns
    assert column.name == name


def test_a_text_without_an_end_is_a_string_of_2147483647() -> None:
    assert str(SqlType("VARCHAR", 2_147_483_647)) == "STRING"
    assert str(SqlType("VARCHAR", 2_147_483_646)) == "VARCHAR(2147483646)"
