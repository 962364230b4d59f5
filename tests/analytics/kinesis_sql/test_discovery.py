"""Schemas found in what a stranger sent: every key that a path can say, and never more than no."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.analytics.kinesis_sql.discovery import discovered
from kinesis_sim.analytics.kinesis_sql.mapping import RecordSchema
from kinesis_sim.analytics.refusals import SqlValidationError
from tests.effort import examples

DEEP = 100_000


def read(document: Any) -> list[Any]:
    """The values of a document by the schema that is found in it."""
    data = json.dumps(document).encode()
    (row,) = discovered([data]).rows(data)
    return list(row.values())


def leaves(value: Any) -> list[Any]:
    if not isinstance(value, dict):
        return [value]
    return [leaf for one in value.values() for leaf in leaves(one)]


@pytest.mark.parametrize(
    "document",
    [
        {"it's": 1, 'so "said"': 2},
        {"a.b": 1, "c[0]": 2, "d]": 3, "'e'": 4},
        {"a b": {"c": 1, "d.e": 2}},
        {"": 1},
        {"a": {"it's [0]": 1}},
    ],
)
def test_keys_with_quotes_dots_and_brackets_are_found_again(document: dict[str, Any]) -> None:
    assert read(document) == leaves(document)


@settings(max_examples=examples(200))
@given(st.dictionaries(st.text("ab'\".[]$ \\é", max_size=5), st.integers(0, 9), min_size=1))
def test_any_key_is_found_or_left_out(document: dict[str, int]) -> None:
    sayable = {key: value for key, value in document.items() if not {"'", '"'} <= set(key)}
    if sayable:
        assert read(document) == [*sayable.values()]


@pytest.mark.parametrize(
    "data",
    [
        b"[" * DEEP + b"]" * DEEP,
        b'{"a": ' * DEEP + b"1" + b"}" * DEEP,
        b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"a": ' * 400 + b"1" + b"}" * 400,
        b'a,"' + b"x" * 200_000 + b'"',
        b"a,b\x00c",
        b"\xff\xfe,1",
        b"",
    ],
)
def test_a_sample_that_nests_or_runs_on_is_a_sentence_at_most(data: bytes) -> None:
    with suppress(SqlValidationError, ValueError):
        discovered([data]).rows(data)


@pytest.mark.parametrize("kind", ["JSON", "CSV"])
@pytest.mark.parametrize("data", [b"[" * DEEP + b"]" * DEEP, b'"' + b"x" * 200_000, b"\xff"])
def test_a_record_raises_value_error_at_most(kind: str, data: bytes) -> None:
    schema = discovered([b'{"a": 1, "b": 2}'] if kind == "JSON" else [b"a,b\n1,2\n3,4"])
    assert isinstance(schema, RecordSchema)
    with pytest.raises(ValueError, match=r"."):
        schema.rows(data)
