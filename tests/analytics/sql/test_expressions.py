"""Values: three-valued logic, calculations as Java has them, functions by example."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.analytics.functions import patterns, regexes
from kinesis_sim.analytics.running import run
from kinesis_sim.analytics.sql.conditions import like_matches, like_pieces
from kinesis_sim.analytics.types import texts
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import BIGINT, SqlType
from kinesis_sim.instants import LAST
from tests.effort import examples

TABLE = """CREATE TABLE t (p BOOLEAN, q BOOLEAN, i INT, j INT, b BIGINT, d DOUBLE, e DECIMAL(6, 2),
  s STRING, ts TIMESTAMP(3), a ARRAY<INT>, m MAP<STRING, INT>, r ROW<x INT, y STRING>);"""


def value(expression: str, **row: Any) -> Any:
    """What an expression gives for a row."""
    return run(f"{TABLE} SELECT {expression} AS x FROM t", {"t": [row]}).rows[0]["x"]


TRUTHS = (True, False, None)


@pytest.mark.parametrize(("p", "q"), list(product(TRUTHS, TRUTHS)))
def test_and_or_not_in_three_values(p: bool | None, q: bool | None) -> None:
    both = False if p is False or q is False else None if None in (p, q) else True
    either = True if p is True or q is True else None if None in (p, q) else False
    assert value("p AND q", p=p, q=q) is both
    assert value("p OR q", p=p, q=q) is either
    assert value("NOT p", p=p) is (None if p is None else not p)
    assert value("p = q", p=p, q=q) is (None if None in (p, q) else p == q)
    assert value("p IS NOT DISTINCT FROM q", p=p, q=q) is (p is q)
    assert value("p IS TRUE", p=p) is (p is True)
    assert value("p IS NOT UNKNOWN", p=p) is (p is not None)


@pytest.mark.parametrize(
    ("expression", "row", "wanted"),
    [
        ("i IN (1, NULL)", {"i": 1}, True),
        ("i IN (1, NULL)", {"i": 2}, None),
        ("i NOT IN (1, 3)", {"i": 2}, True),
        ("i NOT IN (1, NULL)", {"i": 2}, None),
        ("i BETWEEN 5 AND j", {"i": 4, "j": None}, False),
        ("i BETWEEN 4 AND j", {"i": 4, "j": None}, None),
        ("CASE WHEN i > 0 THEN 'pos' END", {"i": None}, None),
        ("CASE i WHEN 1 THEN 'one' ELSE 'other' END", {"i": None}, "other"),
        ("COALESCE(i, j, 7)", {"j": 3}, 3),
        ("NULLIF(i, 3)", {"i": 3}, None),
        ("i + j", {"i": 1, "j": None}, None),
        # Java: whole numbers are cut towards zero, the sign of % is the left one's, ints wrap
        ("i / j", {"i": -7, "j": 2}, -3),
        ("i % j", {"i": -7, "j": 2}, -1),
        ("i + j", {"i": 2147483647, "j": 1}, -2147483648),
        ("i + b", {"i": 2147483647, "b": 1}, 2147483648),
        ("d / 0", {"d": 1.0}, float("inf")),
        ("i / 2.0E0", {"i": 1}, 0.5),
        ("e / 3", {"e": "10.00"}, Decimal("3.3333333333333")),
        ("e * e", {"e": "1.10"}, Decimal("1.2100")),
        ("CAST(e AS DECIMAL(3, 2))", {"e": "12.34"}, None),
        ("CAST('x' AS INT)", {}, ValueError),
        ("TRY_CAST(s AS INT)", {"s": "x"}, None),
        ("CAST(s AS INT)", {"s": " 12.9 "}, 12),
        ("CAST(d AS INT)", {"d": -1.9}, -1),
        ("CAST(d AS STRING)", {"d": 1e10}, "1.0E10"),
        ("CAST(d AS STRING)", {"d": 0.5}, "0.5"),
        ("CAST(s AS VARCHAR(3))", {"s": "abcdef"}, "abc"),
        ("CAST(ts AS STRING)", {"ts": "2026-01-01T00:00:01.5"}, "2026-01-01 00:00:01.500"),
        ("ts + INTERVAL '1' MONTH", {"ts": "2026-01-31"}, "2026-02-28 00:00:00.000"),
        ("ts - INTERVAL '1:30' MINUTE TO SECOND", {"ts": "2026-01-01"}, "2025-12-31 23:58:30.000"),
        ("TIMESTAMPDIFF(DAY, ts, TIMESTAMP '2026-03-01 00:00:00')", {"ts": "2026-01-31"}, 29),
        ("TIMESTAMPDIFF(MONTH, ts, TIMESTAMP '2026-03-01 00:00:00')", {"ts": "2026-01-31"}, 1),
        ("TIMESTAMPADD(QUARTER, 1, ts)", {"ts": "2026-01-01"}, "2026-04-01 00:00:00.000"),
        ("FLOOR(ts TO WEEK)", {"ts": "2026-01-01"}, "2025-12-28 00:00:00.000"),
        ("CEIL(ts TO HOUR)", {"ts": "2026-01-01 00:00:01"}, "2026-01-01 01:00:00.000"),
        ("EXTRACT(WEEK FROM ts)", {"ts": "2026-01-01"}, 1),
        (
            "DATE_FORMAT(ts, 'yyyy-MM-dd hh:mm a')",
            {"ts": "2026-01-01 13:05:00"},
            "2026-01-01 01:05 PM",
        ),
        ("UNIX_TIMESTAMP(s)", {"s": "1970-01-02 00:00:00"}, 86400),
        ("TO_TIMESTAMP(s, 'dd/MM/yyyy')", {"s": "24/12/2026"}, "2026-12-24 00:00:00.000"),
        ("TO_TIMESTAMP(s)", {"s": "nonsense"}, None),
        ("SUBSTRING(s FROM 2 FOR 3)", {"s": "kinesis"}, "ine"),
        ("SUBSTRING(s, -3)", {"s": "kinesis"}, "sis"),
        ("POSITION('nes' IN s)", {"s": "kinesis"}, 3),
        ("TRIM(TRAILING 's' FROM s)", {"s": "kiss"}, "ki"),
        ("s || '-' || CAST(i AS STRING)", {"s": "a", "i": 1}, "a-1"),
        ("CONCAT_WS(',', s, NULL, 'z')", {"s": "a"}, "a,z"),
        ("LPAD(s, 5, 'xy')", {"s": "ab"}, "xyxab"),
        ("SPLIT_INDEX(s, ';', 1)", {"s": "a;b"}, "b"),
        ("REGEXP_EXTRACT(s, 'k(\\w+)s', 1)", {"s": "kinesis"}, "inesi"),
        ("REGEXP_REPLACE(s, '[aeiou]', '*')", {"s": "kinesis"}, "k*n*s*s"),
        ("s LIKE 'k%_s'", {"s": "kinesis"}, True),
        ("s LIKE '10!%' ESCAPE '!'", {"s": "10%"}, True),
        ("ROUND(e, 1)", {"e": "2.25"}, Decimal("2.3")),
        ("FLOOR(e)", {"e": "-2.25"}, Decimal("-3")),
        ("GREATEST(i, 3)", {"i": 2}, 3),
        ("a[2]", {"a": [5, 6]}, 6),
        ("a[9]", {"a": [5, 6]}, None),
        ("CARDINALITY(a)", {"a": [5, 6]}, 2),
        ("m['k']", {"m": {"k": 4}}, 4),
        ("t.r.y", {"r": {"x": 1, "y": "z"}}, "z"),
        ("JSON_VALUE(s, '$.a[1]')", {"s": '{"a": [1, "two"]}'}, "two"),
        ("JSON_EXISTS(s, '$.b')", {"s": '{"a": 1}'}, False),
        ("REPEAT(s, 100000000)", {"s": "x"}, ValueError),
    ],
)
def test_values(expression: str, row: dict[str, Any], wanted: Any) -> None:
    if wanted is ValueError:
        with pytest.raises(ValueError, match=r"."):
            value(expression, **row)
    else:
        found = value(expression, **row)
        assert found == wanted
        assert type(found) is type(wanted)


@settings(max_examples=examples(200))
@given(st.integers(0, LAST))
def test_an_instant_written_is_read_back(ms: int) -> None:
    assert texts.read_instant(texts.instant_text(ms, 3)) == ms
    assert (
        patterns.read(patterns.write(ms, "yyyy-MM-dd HH:mm:ss.SSS"), "yyyy-MM-dd HH:mm:ss.SSS")
        == ms
    )


@settings(max_examples=examples(200))
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_written_is_read_back(number: float) -> None:
    text = texts.double_text(number)
    assert float(text) == number
    assert re.fullmatch(r"-?\d+\.\d+(E-?\d+)?", text)


SIGNS = st.text(st.sampled_from("ab1 \n"), max_size=12)
PATTERNS = st.recursive(
    st.sampled_from(["a", "b", ".", "\\d", "[ab]", "[^a]", "^", "$", "\\b", "\\w"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{1,2}", "*?", "+?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=examples(300))
@given(PATTERNS, SIGNS)
def test_a_pattern_finds_what_pythons_finds(pattern: str, text: str) -> None:
    wanted = re.compile(pattern, re.ASCII).search(text)
    found = regexes.Regex(pattern).search(text)
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert (found[0], found[1]) == wanted.span()


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*)*x", "(a*)*(a*)*(a*)*b"])
def test_no_pattern_runs_away(pattern: str) -> None:
    """Each of these keeps Python's own busy for longer than the universe is old."""
    assert regexes.found(pattern, "a" * 2_000) is False


@pytest.mark.parametrize("pattern", ["a*?b|a", "(a|b)*?c|a", "a+a+a+b|a", "(ab?)*x|a"])
def test_no_replacement_runs_away(pattern: str) -> None:
    """Each search alone is cheap; begun anew behind every place, they are as many as the text."""
    with pytest.raises(ValueError, match=r"takes more than 1,000,000 steps"):
        regexes.replaced(pattern, "a" * 20_000 + "d", "")


def test_what_replacements_make_is_bounded() -> None:
    with pytest.raises(ValueError, match="65,536"):
        regexes.replaced("a", "a" * 60_000, "ab")
    assert regexes.replaced("a", "a" * 60_000, "b") == "b" * 60_000
    assert regexes.replaced("a", "ab" * 10, "", occurrence=2) == "abb" + "ab" * 8


@pytest.mark.parametrize("pattern", ["(", "a)", "*a", "(?=a)", "(?<!a)", "\\1", "[b-a]", "a{9999}"])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        regexes.Regex(pattern)


@settings(max_examples=examples(200))
@given(st.text("ab%_", max_size=8), st.text("ab", max_size=10))
def test_like_is_what_a_pattern_says(pattern: str, text: str) -> None:
    written = "".join({"%": ".*", "_": "."}.get(sign, sign) for sign in pattern)
    assert like_matches(text, like_pieces(pattern, None)) == bool(re.fullmatch(written, text))


def test_json_paths() -> None:
    document = {"a": {"b c": [1, {"d": 2}]}, "orders": [{"id": 1}, {"id": 2}]}
    assert JsonPath("$.a['b c'][1].d").first(document) == 2
    assert JsonPath("$.orders[0:].id").all(document) == [1, 2]
    assert JsonPath("$.nope.d").all(document) == []
    assert JsonPath("$.orders[0:].id").flattens
    with pytest.raises(ValueError, match="JSON path"):
        JsonPath("a.b")


def test_a_learners_function_is_called_for_each_row() -> None:
    ran = run(
        TABLE + "SELECT double_it(i) AS x FROM t",
        {"t": [{"i": 2}, {"i": None}]},
        functions={"double_it": (lambda value: None if value is None else 2 * value, BIGINT)},
    )
    assert [row["x"] for row in ran.rows] == [4, None]
    words = SqlType("ROW", parts=(BIGINT,), names=("n",))
    split = run(
        TABLE + "SELECT i, u.n FROM t, LATERAL TABLE(up_to(i)) AS u (n)",
        {"t": [{"i": 2}]},
        functions={"up_to": (lambda number: [(one,) for one in range(number)], words)},
    )
    assert [row["n"] for row in split.rows] == [0, 1]
    flat = run(TABLE + "SELECT u.x FROM t CROSS JOIN UNNEST(a) AS u (x)", {"t": [{"a": [4, 5]}]})
    assert [row["x"] for row in flat.rows] == [4, 5]
