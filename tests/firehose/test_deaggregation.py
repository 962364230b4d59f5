"""De-aggregation: the guide's examples, its limit of 500, and a law: nothing gets lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.processing.deaggregation import MOST_PARTS, append_delimiter, splitter

JSON = splitter("JSON")
HASHES = splitter("DELIMITED", "IyMjIw==")


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b'{"a":1}{"a":2}', [b'{"a":1}', b'{"a":2}']),
        (b'{"a":1}\n{"a":2}\n', [b'{"a":1}', b'{"a":2}']),
        (b' {"a": "}{"}\r\n\t{"b":{}} ', [b'{"a": "}{"}', b'{"b":{}}']),
        ('{"é":"ü"}{"x":1}'.encode(), ['{"é":"ü"}'.encode(), b'{"x":1}']),
        (b'[{"a":1}, {"a":2}]', [b'[{"a":1}, {"a":2}]']),
        (b'{"a":1},{"a":2}', [b'{"a":1},{"a":2}']),
        (b'{"a":1} trailing', [b'{"a":1} trailing']),
        (b'{"a":NaN}', [b'{"a":NaN}']),
        (b'{"a":1', [b'{"a":1']),
        (b"\xff{}", [b"\xff{}"]),
        (b"", [b""]),
        (b"  ", [b"  "]),
        (b'{"a":' * 5_000, [b'{"a":' * 5_000]),
    ],
)
def test_json_objects(data: bytes, parts: list[bytes]) -> None:
    assert JSON.parts(data) == parts


def test_delimited_parts() -> None:
    assert HASHES.parts(b"a####b##c####") == [b"a", b"b##c"]
    assert HASHES.parts(b"alone") == [b"alone"]
    assert HASHES.parts(b"####") == [b"####"]


@pytest.mark.parametrize(("count", "parts"), [(MOST_PARTS, MOST_PARTS), (MOST_PARTS + 1, 1)])
def test_more_than_500_parts_stay_together(count: int, parts: int) -> None:
    assert len(JSON.parts(b'{"a":1}' * count)) == parts
    assert len(HASHES.parts(b"a####" * count)) == parts


@given(
    objects=st.lists(
        st.dictionaries(st.text(max_size=3), st.text(max_size=5)), min_size=1, max_size=9
    ),
    between=st.sampled_from(["", "\n", " \r\n "]),
)
def test_objects_come_back_one_by_one(objects: list[dict[str, str]], between: str) -> None:
    data = between.join(json.dumps(one, ensure_ascii=False) for one in objects)
    try:
        encoded = data.encode()
    except UnicodeEncodeError:
        return
    assert [json.loads(part) for part in JSON.parts(encoded)] == objects


@pytest.mark.parametrize(
    ("kind", "delimiter", "reason"),
    [
        ("XML", None, "SubRecordType 'XML' is unknown"),
        ("DELIMITED", None, "needs a Delimiter"),
        ("DELIMITED", "", "needs a Delimiter"),
        ("DELIMITED", "####", "Delimiter '####' is not base64"),
        ("DELIMITED", "é", "Delimiter 'é' is not base64"),
    ],
)
def test_wrong_settings(kind: str, delimiter: str | None, reason: str) -> None:
    with pytest.raises(ServiceError, match=reason) as refusal:
        splitter(kind, delimiter)
    assert refusal.value.code == "InvalidArgumentException"


def test_a_delimiter_is_a_new_line() -> None:
    assert append_delimiter(b"a") == b"a\n"
