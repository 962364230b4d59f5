"""Functions of Flink SQL, with the values that its documentation gives, or that follow by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kinesis_sim.analytics.functions.similar import similar_regex
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.running import run
from tests.analytics.sql.test_expressions import TABLE, value

FLINKS = [
    # JSON: the examples of the system functions' page
    ("JSON_EXISTS('{\"a\": true}', '$.a')", True),
    ("JSON_EXISTS('{\"a\": true}', '$.b')", False),
    ("JSON_EXISTS('{\"a\": [{ \"b\": 1 }]}', '$.a[0].b')", True),
    ("JSON_EXISTS('{\"a\": true}', 'strict $.b' TRUE ON ERROR)", True),
    ("JSON_EXISTS('{\"a\": true}', 'strict $.b' FALSE ON ERROR)", False),
    ("JSON_STRING(CAST(NULL AS INT))", None),
    ("JSON_STRING(1)", "1"),
    ("JSON_STRING(TRUE)", "true"),
    ("JSON_STRING('Hello, World!')", '"Hello, World!"'),
    ("JSON_STRING(ARRAY[1, 2])", "[1,2]"),
    ("JSON_VALUE('{\"a\": true}', '$.a')", "true"),
    ("JSON_VALUE('{\"a\": true}', '$.a' RETURNING BOOLEAN)", True),
    ("JSON_VALUE('{\"a\": true}', 'lax $.b' NULL ON EMPTY)", None),
    ("JSON_VALUE('{\"a\": true}', 'lax $.b' RETURNING BOOLEAN DEFAULT FALSE ON EMPTY)", False),
    ("JSON_VALUE('{\"a\": 1}', 'strict $.b' NULL ON EMPTY DEFAULT 'wrong' ON ERROR)", "wrong"),
    ("JSON_VALUE('{\"a\": 7}', '$.a' RETURNING INT)", 7),
    ("JSON_VALUE('{\"a\": \"x\"}', '$.a' RETURNING INT DEFAULT -1 ON ERROR)", -1),
    ("JSON_VALUE('no', '$.a' DEFAULT 'broken' ON ERROR)", "broken"),
    ("JSON_VALUE('{\"a\": {\"b\": 1}}', '$.a' DEFAULT 'none' ON EMPTY)", "none"),
    ("JSON_QUERY('{ \"a\": { \"b\": 1 } }', '$.a')", '{"b":1}'),
    ("JSON_QUERY('{\"a\": 1}', '$.a')", None),
    ("JSON_QUERY('{\"a\": 1}', '$.a' WITH WRAPPER)", "[1]"),
    ("JSON_QUERY('{\"a\": [1]}', '$.a' WITH UNCONDITIONAL ARRAY WRAPPER)", "[[1]]"),
    ("JSON_QUERY('{\"a\": [1]}', '$.a' WITH CONDITIONAL ARRAY WRAPPER)", "[1]"),
    ("JSON_QUERY('{\"a\": [1]}', '$.a' WITHOUT ARRAY WRAPPER)", "[1]"),
    ('JSON_QUERY(\'{"a":[{"c":"c1"},{"c":"c2"}]}\', \'lax $.a[*].c\')', '["c1","c2"]'),
    ("JSON_QUERY('{}', 'lax $.b' EMPTY OBJECT ON EMPTY)", "{}"),
    ("JSON_QUERY('{}', 'strict $.b' EMPTY ARRAY ON ERROR)", "[]"),
    ("JSON_OBJECT()", "{}"),
    ("JSON_OBJECT('K1' VALUE 'V1', 'K2' VALUE 'V2')", '{"K1":"V1","K2":"V2"}'),
    ("JSON_OBJECT('z' VALUE 1, 'a' VALUE 2.5)", '{"a":2.5,"z":1}'),
    ("JSON_OBJECT(KEY 'K1' VALUE CAST(NULL AS STRING) NULL ON NULL)", '{"K1":null}'),
    ("JSON_OBJECT(KEY 'K1' VALUE CAST(NULL AS STRING) ABSENT ON NULL)", "{}"),
    ("JSON_OBJECT(KEY 'K1' VALUE JSON_OBJECT(KEY 'K2' VALUE 'V'))", '{"K1":{"K2":"V"}}'),
    ("JSON_ARRAY(1, '2')", '[1,"2"]'),
    ("JSON_ARRAY(CAST(NULL AS STRING) NULL ON NULL)", "[null]"),
    ("JSON_ARRAY(CAST(NULL AS STRING) ABSENT ON NULL)", "[]"),
    ("JSON_ARRAY(JSON_ARRAY(1))", "[[1]]"),
    ("JSON_QUOTE('a\"b')", '"a\\"b"'),
    ("JSON_UNQUOTE('\"a\\u0041\"')", "aA"),
    ("JSON_UNQUOTE('a')", "a"),
    ("'1' IS JSON", True),
    ("'[]' IS JSON", True),
    ("'abc' IS JSON", False),
    ("CAST(NULL AS STRING) IS JSON", False),
    ("'1' IS JSON SCALAR", True),
    ("'{}' IS JSON ARRAY", False),
    ("'{}' IS NOT JSON ARRAY", True),
    ("'{}' IS JSON OBJECT", True),
    # codes
    ("MD5('')", "d41d8cd98f00b204e9800998ecf8427e"),
    ("SHA1('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("SHA2('', 224)", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"),
    ("SHA256('abc') = SHA2('abc', 256)", True),
    ("TO_BASE64('hello world')", "aGVsbG8gd29ybGQ="),
    ("FROM_BASE64('aGVsbG8gd29ybGQ=')", "hello world"),
    ("DECODE(ENCODE('Sé', 'UTF-8'), 'UTF-8')", "Sé"),
    ("BIN(4)", "100"),
    ("HEX(20)", "14"),
    ("HEX(-1)", "FFFFFFFFFFFFFFFF"),
    ("HEX('hello,world')", "68656C6C6F2C776F726C64"),
    ("CHR(97)", "a"),
    ("CHR(353)", "a"),
    ("PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'HOST')", "facebook.com"),
    ("PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'QUERY', 'k1')", "v1"),
    ("PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'REF')", "Ref1"),
    ("PARSE_URL('http://facebook.com/path1/p.php?k1=v1', 'FILE')", "/path1/p.php?k1=v1"),
    ("PARSE_URL('http://[', 'HOST')", None),
    ("PARSE_URL('http://u:p@a.b:80/c?x#r', 'AUTHORITY')", "u:p@a.b:80"),
    ("PARSE_URL('http://u:p@a.b:80/c?x#r', 'HOST')", "a.b"),
    ("URL_ENCODE('Sé a&b')", "S%C3%A9+a%26b"),
    ("URL_DECODE('S%C3%A9+a%26b')", "Sé a&b"),
    ("URL_DECODE('50%')", None),
    ("STR_TO_MAP('k1=v1,k2=v2')['k2']", "v2"),
    ("STR_TO_MAP('k1:v1;k2', ';', ':')['k2']", None),
    ("IS_ALPHA('ab')", True),
    ("IS_DIGIT('1a')", False),
    ("STARTSWITH('kinesis', 'kin')", True),
    ("TRANSLATE('kinesis', 'kis', 'KI')", "KIneI"),
    # texts and numbers
    ("LOCATE('i', 'kinesis', 3)", 6),
    ("BTRIM('  a ')", "a"),
    ("LTRIM('xxa', 'x')", "a"),
    ("COSH(0)", 1.0),
    ("E() > 2.718", True),
    ("CEILING(1.2)", Decimal("2")),
    ("CEIL(CAST('-0.5' AS DECIMAL(3, 1)))", Decimal("0")),
    ("CAST(CAST('-0.04' AS DECIMAL(3, 2)) AS DECIMAL(3, 1))", Decimal("0.0")),
    ("0.0 * -1.5", Decimal("0.00")),
    ("5 BETWEEN SYMMETRIC 7 AND 1", True),
    ("5 NOT BETWEEN SYMMETRIC 7 AND 1", False),
    # NOT belongs to what stands behind it, and NULL stays NULL
    ("'abc' NOT LIKE 'b%'", True),
    ("'abc' NOT LIKE 'a%'", False),
    ("NOT 'abc' NOT LIKE 'a%'", True),
    ("'a%c' NOT LIKE 'a!%c' ESCAPE '!'", False),
    ("CAST(NULL AS STRING) NOT LIKE 'a'", None),
    ("'abc' NOT SIMILAR TO 'b'", True),
    ("3 NOT IN (1, 2)", True),
    ("5 NOT BETWEEN 1 AND 3", True),
    ("5 NOT BETWEEN SYMMETRIC 6 AND 1", False),
    # SIMILAR TO is of the whole text
    ("'abc' SIMILAR TO 'abc'", True),
    ("'abc' SIMILAR TO 'a'", False),
    ("'abc' SIMILAR TO '%(b|d)%'", True),
    ("'abc' SIMILAR TO '(b|c)%'", False),
    ("'a.c' SIMILAR TO 'a.c'", True),
    # a dot is any sign but a line's end, ^ a beginning; $ and \\ are themselves
    ("'abc' SIMILAR TO 'a.c'", True),
    ("'abc' SIMILAR TO '^abc'", True),
    ("'a^c' SIMILAR TO 'a^c'", False),
    ("'a$c' SIMILAR TO 'a$c'", True),
    ("'a.c' SIMILAR TO 'a\\.c'", False),
    ("'a\\c' SIMILAR TO 'a\\c'", True),
    ("'a\nc' SIMILAR TO 'a.c'", False),
    ("'a\nc' SIMILAR TO 'a_c'", False),
    ("'a\nc' SIMILAR TO 'a%c'", True),
    ("'abc' NOT SIMILAR TO 'a.c'", False),
    ("'a.c' SIMILAR TO 'a[.]c'", True),
    ("'abc' SIMILAR TO 'a[.]c'", False),
    ("'abc' SIMILAR TO 'a[^x]c'", True),
    ("'adc' SIMILAR TO 'a[a-z^b]c'", True),
    ("'a-c' SIMILAR TO 'a[!-]c' ESCAPE '!'", True),
    ("'a!c' SIMILAR TO 'a!!c' ESCAPE '!'", True),
    ("'abc' SIMILAR TO 'a[:ALPHA:]c'", True),
    ("'a1c' SIMILAR TO 'a[0-9]c'", True),
    ("'aXc' SIMILAR TO 'a[[:UPPER:]]c'", True),
    ("'aac' SIMILAR TO 'a{2}c'", True),
    ("'a%c' SIMILAR TO 'a!%c' ESCAPE '!'", True),
    ("'abc' NOT SIMILAR TO 'a_'", True),
    # days
    ("TO_DATE('24.12.2026', 'dd.MM.yyyy')", "2026-12-24"),
    ("TO_DATE('nonsense')", None),
    ("TIMESTAMPADD(WEEK, 1, DATE '2003-01-02')", "2003-01-09"),
    ("TIMESTAMPADD(MONTH, 1, DATE '2026-01-31')", "2026-02-28"),
    ("TIMESTAMPADD(HOUR, 1, DATE '2026-01-31')", "2026-01-31 01:00:00.000"),
    ("CAST(TO_TIMESTAMP_LTZ(5, 3) AS STRING)", "1970-01-01 00:00:00.005"),
    # arrays and maps
    ("ARRAY_DISTINCT(ARRAY[1, 2, 2, 1])", [1, 2]),
    ("ARRAY_POSITION(ARRAY[5, 6], 6)", 2),
    ("ARRAY_POSITION(ARRAY[5, 6], 7)", 0),
    ("ARRAY_REMOVE(ARRAY[5, 6, 5], 5)", [6]),
    ("ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])", [1, 2, 3]),
    ("ARRAY_EXCEPT(ARRAY[1, 2], ARRAY[2])", [1]),
    ("ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2])", [2]),
    ("ARRAY_CONCAT(ARRAY[1], ARRAY[1], ARRAY[2])", [1, 1, 2]),
    ("ARRAY_MAX(ARRAY[3, 1])", 3),
    ("ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING), 'b'], '-')", "a-b"),
    ("ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING)], '-', '?')", "a-?"),
    ("ARRAY_SLICE(ARRAY[1, 2, 3], -2)", [2, 3]),
    ("ARRAY_SORT(ARRAY[2, 3, 1])", [1, 2, 3]),
    ("ARRAY_SORT(ARRAY[2, 3, 1], FALSE)", [3, 2, 1]),
    ("ARRAY_APPEND(ARRAY[1], 2)", [1, 2]),
    ("MAP['a', 1, 'b', 2]['b']", 2),
    ("MAP_KEYS(MAP['a', 1])", ["a"]),
    ("MAP_VALUES(MAP['a', 1])", [1]),
    ("CARDINALITY(MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1]))", 1),
]


@pytest.mark.parametrize(("expression", "wanted"), FLINKS)
def test_a_function_gives_what_flinks_gives(expression: str, wanted: Any) -> None:
    found = value(expression)
    assert found == wanted
    assert type(found) is type(wanted)
    assert str(found) == str(wanted)  # one zero, without a sign


@pytest.mark.parametrize("expression", ["MD5(s)", "JSON_VALUE(s, '$.a')", "ARRAY_MAX(a)", "BIN(i)"])
def test_null_makes_null(expression: str) -> None:
    assert value(expression) is None


def test_deviations_of_whole_numbers_are_whole() -> None:
    """As Flink 1.20.3 answered for these six bikes: whole in every step."""
    rows = [{"i": bike, "d": bike} for bike in (10, 27, 35, 27, 5, 13)]
    asked = "STDDEV_POP({0}), STDDEV_SAMP({0}), VAR_POP({0}), VAR_SAMP({0})"
    for column, wanted in (("i", [10, 11, 116, 139]), ("d", [10.77, 11.79, 115.92, 139.1])):
        ran = run(f"{TABLE} SELECT {asked.format(column)} FROM t", {"t": rows})
        assert [round(value, 2) for value in ran.rows[-1].values()] == wanted


def test_rows_with_maps_are_grouped_and_joined() -> None:
    """A row that holds a MAP is a key of an operator's state like any other."""
    rows = [{"i": 1, "m": {"k": 1}}, {"i": 1, "m": {"k": 1}}, {"i": 2, "m": {"k": 2}}]
    ran = run(f"{TABLE} SELECT DISTINCT i, m FROM t", {"t": rows})
    assert [row["m"] for row in ran.rows] == [{"k": 1}, {"k": 2}]
    ran = run(f"{TABLE} SELECT m, i FROM t WHERE i IN (SELECT 1)", {"t": rows})
    assert [row["m"] for row in ran.rows] == [{"k": 1}, {"k": 1}]


@pytest.mark.parametrize(
    ("expression", "match"),
    [
        ("JSON_VALUE(s)", "the path of JSON_VALUE"),
        ("JSON_VALUE(s, '$.a' DEFAULT 1)", "Expected ON"),
        ("JSON_QUERY(s, '$.a' WITH ARRAY)", "WRAPPER"),
        ("JSON_OBJECT('a')", "VALUE"),
        ("JSON_OBJECT('a' VALUE MAP[1, 2])", "MAP"),
        ("'a' SIMILAR TO '(a'", "SIMILAR TO"),
        ("'a' SIMILAR TO '[a'", "no end"),
        ("'abc' SIMILAR TO 'a[_]c'", "'_' in a set"),
        ("'a(c' SIMILAR TO 'a[(]c'", r"'\(' in a set"),
        ("'a.c' SIMILAR TO 'a!.c' ESCAPE '!'", r"before nothing to escape, '\.'"),
        ("'a.c' SIMILAR TO 'a[!.]c' ESCAPE '!'", r"before nothing to escape, '\.'"),
        ("'a' SIMILAR TO 'a!' ESCAPE '!'", "before nothing to escape"),
        ("MAP['a']", "value behind each key"),
        ("ARRAY_MAX(i)", "ARRAY"),
        ("STR_TO_MAP(s, ',')", "three"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(expression: str, match: str) -> None:
    with pytest.raises(SqlError, match=rf"Line \d+, column \d+.*{match}"):
        value(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "HEX(HEX(HEX(REPEAT('x', 65536))))",
        "TO_BASE64(REPEAT('x', 65536))",
        "URL_ENCODE(REPEAT('%', 65536))",
        "JSON_OBJECT('a' VALUE REPEAT('x', 65536))",
        "JSON_VALUE('x', '$.a' ERROR ON ERROR)",
        "SHA2('a', 1)",
        "ENCODE('a', 'EBCDIC')",
    ],
)
def test_what_goes_too_far_is_an_error_of_the_row(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        value(expression)


@pytest.mark.parametrize(
    "grown",
    [
        "s || s",
        "CONCAT(s, s)",
        "CONCAT_WS(s, s, s)",
        "OVERLAY(s PLACING s FROM 1 FOR 0)",
        "ARRAY[s, s]",
        "MAP[1, s, 2, s]",
        "ARRAY_APPEND(ARRAY[s], s)",
    ],
)
def test_no_value_doubles_through_views_without_end(grown: str) -> None:
    """A few bytes of SQL would make a text, or an array of itself, of terabytes."""
    views = [f"CREATE VIEW v{n} AS SELECT {grown} AS s FROM v{n - 1};" for n in range(1, 40)]
    script = f"{TABLE} CREATE VIEW v0 AS SELECT s FROM t; {' '.join(views)} SELECT s FROM v39"
    with pytest.raises(ValueError, match=r"more than [0-9,]+ (characters|values)"):
        run(script, {"t": [{"s": "0123456789"}]})


def test_deep_json_is_no_json() -> None:
    assert value("JSON_VALUE(s, '$.a')", s="[" * 100_000) is None
    assert value("JSON_VALUE(s, '$[0]')", s="[" * 500 + "1" + "]" * 500) is None
    assert value("s IS JSON", s='{"a":' * 5_000 + "1" + "}" * 5_000) is False


def test_no_similar_pattern_runs_away() -> None:
    assert similar_regex("a_%", None).startswith("^(?:a")
    assert value("s SIMILAR TO '(a+)+b'", s="a" * 2_000) is False
