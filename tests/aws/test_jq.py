"""jq queries that can take long: each record has so much work, and what needs more gets no key."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kinesis_sim.aws.jq_process import MOST_IN_A_ROW, REST, Child
from kinesis_sim.firehose.processing.partition_query import is_slow
from kinesis_sim.firehose.processing.partitioning import TOO_SLOW, NoKeys, Query


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "record"),
    [
        ('{a: (.x|gsub("a";"bb"))}', {"x": "a" * 200_000}),
        ('{a: ([.x|match("a";"g")]|length)}', {"x": "a" * 200_000}),
        ("{a: ([.x[] as $a|.x[] as $b|.x[] as $c|1]|length)}", {"x": list(range(3_000))}),
    ],
)
def test_too_much_work_costs_the_record_its_keys_and_nobody_else(
    child: Child, query: str, record: object
) -> None:
    asked = Query(query, child.evaluate)
    found = asked.keys(json.dumps(record).encode())
    assert isinstance(found, NoKeys)
    assert found.message == TOO_SLOW
    assert isinstance(asked.keys(b'{"x":["aa"]}'), NoKeys) == ("gsub" in query or "match" in query)


def test_a_batch_of_such_records_does_not_cost_its_length(child: Child) -> None:
    program = '[.x|gsub("a";"bb")]'
    hostile, honest = json.dumps({"x": "a" * 200_000}), '{"x":"a"}'
    begun = len(started := list[int]())
    begin = child._begin

    def counted() -> object:
        started.append(1)
        return begin()

    child._begin = counted  # type: ignore[method-assign,assignment]
    for _ in range(90):
        with pytest.raises(TimeoutError):
            child.evaluate(program, hostile)
    assert len(started) - begun == MOST_IN_A_ROW
    for _ in range(REST - 87):
        with pytest.raises(TimeoutError):
            child.evaluate(program, honest)
    assert child.evaluate(program, honest) == [["bb"]]


def test_it_answers_as_jq_here_does(child: Child) -> None:
    for query, record in (
        ('{a: (.x|gsub("a";"b"))}', b'{"x":"aXa"}'),
        ('{a: (.x|join("-"))}', b'{"x":["a","\xc3\xa9"]}'),
        ("{a: (.x|map(.)|length)}", b'{"x":1}'),
        ('{a: "\\(.x)!"}', b'{"x":"\\u2028"}'),
        ("{a: (.x|@uri)}", b"not json"),
    ):
        assert is_slow(query)
        assert Query(query, child.evaluate).keys(record) == Query(query).keys(record)


@pytest.mark.parametrize(
    "query",
    ["{a: .a}", "{a: .a.b.c, d: .d[0]}", '{year: (.ts|strftime("%Y"))}', "{a: (.a // \"none\")}",
     "{a: (if .b > 1 then .c else .d end)}", "{map: .a, join: .b}", "{a: (.x|tostring)}"],
)  # fmt: skip
def test_ordinary_queries_stay_in_this_process(query: str) -> None:
    assert not is_slow(query)


def test_a_query_of_200_tokens_is_quick() -> None:
    """Beyond that it is run where it can be ended, whatever it says."""
    longest = ".a" + "|.a" * 99 + "?"
    assert not is_slow(longest)
    assert is_slow(longest + "?")
