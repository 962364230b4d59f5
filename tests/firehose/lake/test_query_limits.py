"""What a query may cost: rows, time, and what it reads; each with one sentence."""

from __future__ import annotations

import gzip

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws import query_ports
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.lake import database, objects


@pytest.mark.parametrize(
    "sql", ["select sleep_ms(600000)", "select * from range(2) where sleep_ms(9) is null"]
)
def test_a_query_does_not_wait(sim: Simulator, sql: str) -> None:
    with pytest.raises(UsageError, match="only waits"):
        sim.query(sql)


def test_a_bomb_of_work_is_interrupted(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_ports, "SECONDS", 0.05)
    with pytest.raises(UsageError, match="takes longer"):
        sim.query("select count(*) from range(100000000000) a")
    with pytest.raises(UsageError, match="takes longer"):
        sim.query("select sum(a.range * b.range) s from range(10000000) a, range(10000000) b")


@pytest.mark.parametrize("limit", ["", " limit 999999999", " limit 5 + 999999999"])
def test_rows_have_a_limit(sim: Simulator, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(database, "MOST_ROWS", 100)
    with pytest.raises(UsageError, match="may answer with 100 rows"):
        sim.query(f"select * from range(100000000000){limit}")
    assert len(sim.query("select * from range(100)")) == 100
    assert list(sim.query("select * from range(9) r(n) order by n desc limit 2")["n"]) == [8, 7]


def test_the_rows_of_an_answer_are_a_million_at_most(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="may answer with 1,000,000 rows"):
        sim.query("select * from range(1000001)")
    assert len(sim.query("select * from range(1000000)")) == 1_000_000


def test_what_is_read_has_a_limit(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    sim.buckets.create("limits")
    sim.buckets.write("limits", "bomb.gz", gzip.compress(b'{"a":1}\n' * 1_000))
    question = "select * from 's3://limits/'"
    assert len(sim.query(question)) == 1_000
    for name, value, says in (
        ("MOST_LINES", 999, "over 999 lines"),
        ("LARGEST_TEXT", 7_999, "bomb.gz unpacks to more"),
        ("MOST_BYTES", 10, "name a narrower prefix"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(objects, name, value)
            with pytest.raises(UsageError, match=says):
                sim.query(question)


@pytest.mark.parametrize("text", [b'{"a":"\\ud800"}', b"{}", b'{"a":' * 900, b'{"a":' * 5_000])
def test_hostile_objects_get_one_sentence(sim: Simulator, text: bytes) -> None:
    bucket = f"hostile-{len(text)}"
    sim.buckets.create(bucket)
    sim.buckets.write(bucket, "x", text)
    with pytest.raises(UsageError) as caught:
        sim.query(f"select * from 's3://{bucket}/'")
    assert "\n" not in str(caught.value)
