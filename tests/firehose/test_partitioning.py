"""Dynamic partitioning by jq: what it finds, what it refuses, and what a stranger cannot do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.processing.partition_query import FUNCTIONS, names_of
from kinesis_sim.firehose.processing.partitioning import (
    EXTRACTION_FAILED,
    LONGEST_VALUE,
    NoKeys,
    Query,
)

RECORD = {  # DG:dynamic-partitioning-partitioning-keys
    "type": {"device": "mobile", "event": "user_clicked_submit_button"},
    "customer_id": "1234567890",
    "event_timestamp": 1565382027,
    "region": "sample_region",
}


def keys(query: str, record: object = RECORD) -> object:
    return Query(query).keys(json.dumps(record).encode())


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (".customer_id", "1234567890"),
        (".type.device", "mobile"),
        ('.event_timestamp| strftime("%Y")', "2019"),
        ('.event_timestamp| strftime("%m")', "08"),
        ('.event_timestamp| strftime("%d")', "09"),
        ('.event_timestamp| strftime("%H")', "20"),
    ],
)
def test_documented_expressions(expression: str, value: str) -> None:
    assert keys(f"{{k: {expression}}}") == (("k", value),)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("{customer_id}", (("customer_id", "1234567890"),)),
        (
            "{b: .region, a: .type.event}",
            (("a", "user_clicked_submit_button"), ("b", "sample_region")),
        ),
        ('{"a key": .region}', (("a key", "sample_region"),)),
        ('{k: (.type["device"] // "none")}', (("k", "mobile"),)),
        ('{k: (.absent // "none")}', (("k", "none"),)),
        ('{k: "\\(.region)-\\(.type.device)"}', (("k", "sample_region-mobile"),)),
        ("{k: (.event_timestamp / 1000 | floor)}", (("k", "1565382"),)),
        ('{k: (.customer_id == "1")}', (("k", "false"),)),
        ('{k: (if .region then "yes" else "no" end)}', (("k", "yes"),)),
        ("{k: (.type | {env: .device, now: 1} | .env)}", (("k", "mobile"),)),
        ('{k: (.region | gsub("_"; "-") | ascii_upcase)}', (("k", "SAMPLE-REGION"),)),
        ("{k: (. as $r | $r.region)}", (("k", "sample_region"),)),
        ('{k: (try error("x") catch .)}', (("k", "x"),)),
        ("{k: (.region[0:3])}", (("k", "sam"),)),
    ],
)
def test_queries(query: str, found: object) -> None:
    assert keys(query) == found


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Non JSON record provided"),
        (b"plain text", "Non JSON record provided"),
        (b"[1, 2]", "jq: Cannot index array"),
        (b"\xff\xfe", "Non JSON record provided"),
        (b'{"a": 1}{"a": 2}', "Non JSON record provided"),
        (b'{"a": null}', "partitionKeys values must not be null or empty"),
        (b'{"a": ""}', "partitionKeys values must not be null or empty"),
        (b'{"b": 1}', "partitionKeys values must not be null or empty"),
        (b'{"a": {"b": 1}}', "partitionKeys values must not be null or empty"),
    ],
)
def test_records_without_keys(data: bytes, message: str) -> None:
    found = Query("{k: .a}").keys(data)
    assert isinstance(found, NoKeys)
    assert found.code == EXTRACTION_FAILED == "DynamicPartitioning.MetadataExtractionFailed"
    assert message in found.message


def test_several_values_for_a_key_are_no_key() -> None:
    assert isinstance(keys("{k: .a[]}", {"a": [1, 2]}), NoKeys)
    assert isinstance(keys("{k: .a[]}", {"a": []}), NoKeys)
    assert keys("{k: .a[]}", {"a": [7]}) == (("k", "7"),)


@pytest.mark.parametrize(
    ("number", "text"), [("1e2", "100"), ("0.5", "0.5"), ("-7", "-7"), ("1565382027", "1565382027")]
)
def test_numbers_become_text_as_doubles_do(number: str, text: str) -> None:
    assert Query("{k: .a}").keys(f'{{"a": {number}}}'.encode()) == (("k", text),)


def test_what_is_no_number_is_no_key() -> None:
    assert isinstance(Query("{k: .a}").keys(b'{"a": NaN}'), NoKeys)
    assert isinstance(
        Query("{k: .a}").keys(b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"), NoKeys
    )


def test_values_are_bounded() -> None:
    [(_, value)] = keys("{k: .a}", {"a": "x" * 10_000})  # type: ignore[misc]
    assert len(value) == LONGEST_VALUE


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "env",
            "env.HOME",
            "$ENV",
            "$ENV.PATH",
            '"\\(env)"',
            '"\\("\\($ENV)")"',
            '@text "\\(env)"',
        ),
        *("input", "[inputs]", "input_filename", "input_line_number", "debug", "stderr"),
        *("$__loc__", "$__prog_args", "get_search_list", "modulemeta", "builtins", "halt"),
        *(
            "now",
            "localtime",
            'strflocaltime("%Y")',
            ".a[env|length:]",
            ".[env:3]",
            "{(env|tostring): 1}",
        ),
        *(
            "def f: f; f",
            "repeat(.)",
            "range(1e12)",
            "recurse(.)",
            "until(false; .)",
            "while(true; .)",
        ),
        *("reduce .a[] as $x (0; . + $x)", "foreach .a[] as $x (0; .)", "label $f | 1", "walk(.)"),
        *('"x" * 1000000000', ".a = 1", ".a |= 1", ".a += 1", ".a *= 2", ".[1] //= 2"),
        *(
            'import "a" as a; 1',
            'include "a"; 1',
            "a::b",
            "pick(.a)",
            "ltrimstr(env)",
            ". # comment",
        ),
        *(
            "input_line_number|env",
            "[limit(3; repeat(1))]",
            "@base32d",
            "`",
            "splits(env; 1)",
            "{env}.env|env",
        ),
        *(". as [$a] ?// $a | 1", "error(env)", "getpath([env])", ".a?|env", "..|env", "$__env__"),
    ],
)
def test_a_stranger_reads_nothing_and_runs_for_no_end(expression: str) -> None:
    with pytest.raises(ServiceError, match="MetadataExtractionQuery") as refusal:
        Query(f"{{k: ({expression})}}")
    assert refusal.value.code == "InvalidArgumentException"


def test_no_listed_function_is_unknown_to_jq() -> None:
    import jq

    known = {name.partition("/")[0] for name in jq.compile("builtins").input_value(None).first()}
    assert FUNCTIONS - known <= {"empty", "error", "not", "true", "false", "null"}
    harmful = {"env", "now", "input", "inputs", "debug", "stderr", "halt", "range", "repeat"}
    assert harmful.isdisjoint(FUNCTIONS)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "must be one object"),
        (".a", "must be one object"),
        ("{}", "where a key should be"),
        ("{a: 1} | {b: 2}", "must be one object and nothing else"),
        ("{a: .x, a: .y}", "names the key 'a' more than once"),
        ("{(.x): 1}", "where a key should be"),
        ('{"a\\(1)": 1}', "where a key should be"),
        ("{a: .x", "never closes '{'"),
        ("{a: .x]}", "closes ']' at character 7"),
        ('{a: "x}', "never closes the text at character 5"),
        ("{a: .x .y. }", "is no jq expression"),
        ("{a: (.x | .y +)}", "is no jq expression"),
        (f'{{a: "{"x" * 200}"}}', "has a text of 200 characters"),
        ("{a: (.x|.+.|.+.|.+.|.+.|.+.|.+.|.+.|.+.|.+.)}", "in more than 8 steps"),
        ("{" + ",".join(f"k{n}: .k" for n in range(51)) + "}", "has 51 keys; it may have 50"),
        ("{a: (.x * 1000)}", "divide instead: x / 0.001"),
    ],
)
def test_wrong_queries(query: str, reason: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        Query(query)
    assert refusal.value.code == "InvalidArgumentException"
    assert reason in refusal.value.message


def test_fifty_keys_are_taken() -> None:
    query = "{" + ",".join(f"k{n}: .k" for n in range(50)) + "}"
    assert len(Query(query).keys(b'{"k": 1}')) == 50  # type: ignore[arg-type]


WORDS = st.sampled_from(
    [
        "env",
        "$ENV",
        "now",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        ",",
        "|",
        ".",
        ".a",
        '"',
        "\\(",
        "k",
        "input",
        "..",
        " ",
        "map",
        "as",
        "$x",
        "1",
        "+",
        "//",
        "?",
        "def",
        ";",
        "\\",
        "@text",
    ]
)


@given(st.lists(WORDS, max_size=14).map("".join))
def test_whatever_passes_names_nothing_forbidden(text: str) -> None:
    """Names that pass are keys, fields, or text: jq never finds env, now or input in them."""
    query = f"{{k: ({text})}}"
    try:
        names_of(query)
        program = Query(query)
    except ServiceError:
        return
    found = program.keys(b'{"a": "x"}')
    assert isinstance(found, NoKeys) or "PATH" not in str(found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON)
def test_a_value_is_a_text_of_what_the_record_says(value: object) -> None:
    found = keys("{k: .a}", {"a": value})
    if value is None or value == "" or isinstance(value, list | dict):
        assert isinstance(found, NoKeys)
    else:
        assert found == (("k", value if isinstance(value, str) else json.dumps(value)),)
