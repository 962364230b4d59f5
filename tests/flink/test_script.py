"""A script as statements, and a table over other storage; no Java is needed for either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.analytics.running import FedRow
from kinesis_sim.errors import UsageError
from kinesis_sim.flink import feed, folded, on_streams, over_feeds, tables
from kinesis_sim.flink.lexer import quoted, tokens, unquoted
from kinesis_sim.flink.script import statements
from kinesis_sim.workloads.scenes import tunnels
from tests.flink import truth

SOURCE = (
    "CREATE TABLE clicks (id BIGINT, `key` STRING, -- the dock's (not a bracket\n"
    "  arrived TIMESTAMP(3) METADATA FROM 'timestamp' VIRTUAL,\n"
    "  `shard-id` STRING NOT NULL METADATA,\n"
    "  price DECIMAL(10, 2)\n"
    ") PARTITIONED BY (`key`) WITH (\n"
    "  'connector' = 'kinesis', 'stream' = 'clicks', 'format' = 'json',\n"
    "  'json.ignore-parse-errors' = 'true', 'note' = 'it''s (one); two')"
)


def test_a_script_is_split_where_statements_end_and_nowhere_else() -> None:
    script = f"""
        SET 'table.exec.mini-batch.enabled' = 'false';
        /* a remark; with a semicolon */ {SOURCE};
        CREATE TEMPORARY VIEW IF NOT EXISTS `busy; view` AS SELECT * FROM clicks;
        -- per_dock
        SELECT 'a;b', `key` FROM clicks;
        EXECUTE STATEMENT SET BEGIN
          INSERT INTO lake.out_1 SELECT id FROM clicks;
          -- second
          INSERT INTO out_2 (id) WITH x AS (SELECT 1 AS id) SELECT id FROM x;
        END;
        DROP TABLE IF EXISTS clicks
    """
    found = statements(script)
    assert [(s.verb, s.label, s.name) for s in found] == [
        ("set", "table.exec.mini-batch.enabled", "table.exec.mini-batch.enabled"),
        ("table", "clicks", "clicks"),
        ("view", "busy; view", "busy; view"),
        ("query", "per_dock", ""),
        ("insert", "out_1", "out_1"),
        ("insert", "second", "out_2"),
        ("drop", "statement 7", ""),
    ]
    assert found[0].text == "false"
    assert found[4].query == "SELECT id FROM clicks"
    assert found[5].query.startswith("WITH x AS")
    assert [s.line for s in found[:3]] == [2, 3, 10]


def test_two_statements_never_share_a_label() -> None:
    found = statements("-- a\nSELECT 1; -- a\nSELECT 2; SELECT 3; INSERT INTO a SELECT 4")
    assert len({s.label for s in found}) == 4


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("", "no statement"),
        ("-- only a remark", "no statement"),
        ("SELECT 'open", "Line 1: a text begins"),
        ("SELECT 1;\nSELECT `open", "Line 2: a name begins"),
        ("SELECT 1;\n\nADD JAR '/x.jar'", "Line 3: “ADD JAR '/x.jar' …” is not run"),
        ("CREATE FUNCTION f AS 'x.Y' LANGUAGE JAVA", "is not run"),
        ("CREATE CATALOG c WITH ('type' = 'jdbc')", "is not run"),
        ("LOAD MODULE hive", "is not run"),
        ("EXECUTE PLAN '/etc/passwd'", "is not run"),
        ("COMPILE PLAN 'p' FOR INSERT INTO t SELECT 1", "is not run"),
        ("SET 'pipeline.jars' = 'file:///x.jar'", "but not pipeline.jars"),
        ("SET 'state.savepoints.dir' = 'file:///x'", "but not state.savepoints.dir"),
        ("SET", "is not run"),
        ("INSERT INTO", "names no table"),
        ("SELECT 1;\nSELECT * FROM t /*+ OPTIONS('path' = '/etc/passwd') */", "Line 2: a hint"),
        ("SELECT /*+ STATE_TTL('t' = '1d') */ 1", "Line 1: a hint"),
        ("// it's a remark\nSELECT * FROM t /*+ OPTIONS('a'='b') */ // '", "Line 2: a hint"),
        ("-- it's a remark\rSELECT * FROM t /*+ OPTIONS('a'='b') */ -- '", "Line 1: a hint"),
        ("SELECT E'\\' /*+ OPTIONS(', ' */'", "without E before it"),
        ("INSERT INTO t", "has no SELECT"),
        ("CREATE TABLE", "names no table"),
    ],
)
def test_what_is_not_run_is_named_with_its_line(script: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        statements(script)


@given(st.text(max_size=300))
def test_any_text_is_a_script_or_one_clear_sentence(script: str) -> None:
    try:
        found = statements(script)
    except UsageError:
        return
    assert found


@given(st.lists(st.sampled_from([*"();,.='`-/* \n", "WITH", "CREATE TABLE", "t", "METADATA"])))
def test_no_scrap_of_a_table_is_a_traceback(scraps: list[str]) -> None:
    script = "CREATE TABLE t (a INT " + " ".join(scraps)
    try:
        for statement in statements(script):
            if statement.verb == "table":
                tables.options(statement)
                tables.stored(statement, {"connector": "blackhole"})
    except UsageError:
        pass


@given(st.text())
def test_a_quoted_text_says_what_it_said(text: str) -> None:
    (token,) = tokens(quoted(text))
    assert (token.kind, unquoted(token)) == ("text", text)


def test_a_table_keeps_its_columns_and_changes_its_storage() -> None:
    (table,) = statements(SOURCE)
    assert tables.options(table) == {
        "connector": "kinesis",
        "stream": "clicks",
        "format": "json",
        "json.ignore-parse-errors": "true",
        "note": "it's (one); two",
    }
    assert tables.metadata(table) == {"arrived": "timestamp", "shard-id": "shard-id"}
    text = tables.stored(table, {"connector": "filesystem", "path": "x'y"})
    assert "METADATA" not in text
    assert "PARTITIONED" not in text
    assert "kinesis" not in text
    assert "arrived TIMESTAMP(3)" in text
    assert "price DECIMAL(10, 2)" in text
    (again,) = statements(text)
    assert tables.options(again) == {"connector": "filesystem", "path": "x'y"}


def test_what_leads_to_a_server_is_added_and_what_is_said_stays() -> None:
    (step, *_) = on_streams.plan(
        statements(
            SOURCE.replace("'format'", "'aws.region' = 'sa-east-1', 'format'") + "; SELECT 1"
        ),
        "http://127.0.0.1:4567",
        "us-east-1",
    )
    (table,) = statements(step.sql)
    given = tables.options(table)
    assert given["aws.region"] == "sa-east-1"
    assert given["aws.endpoint"] == "http://127.0.0.1:4567"
    assert "METADATA FROM 'timestamp' VIRTUAL" in step.sql


def planned(script: str, feeds: Any, folder: Path) -> list[tuple[str, str]]:
    steps = over_feeds.plan(statements(script), feeds, folder)
    return [(step.verb, step.label) for step in steps]


def test_an_insert_is_checked_against_its_sink_and_answers_its_query(tmp_path: Path) -> None:
    script = SOURCE + "; CREATE TABLE out_1 (id BIGINT) WITH ('connector' = 'firehose')"
    script += "; INSERT INTO out_1 SELECT id FROM clicks"
    row = {"id": 1, "timestamp": "2026-01-01 00:00:00.000Z"}
    assert planned(script, {"clicks": [row]}, tmp_path) == [
        ("execute", "clicks"),
        ("execute", "out_1"),
        ("explain", "out_1 (3)"),
        ("collect", "out_1 (3)"),
    ]
    (line, *_) = sorted(path.read_text() for path in tmp_path.iterdir() if path.read_text())
    assert '"arrived": "2026-01-01 00:00:00.000Z"' in line


@pytest.mark.parametrize(
    ("script", "feeds", "said"),
    [
        (SOURCE + "; SELECT * FROM clicks", {}, "clicks has no rows to read"),
        (SOURCE + "; SELECT * FROM clicks", {"clicks": [], "x": []}, "No table .* reads x"),
        ("CREATE TABLE t (a INT) WITH ('connector' = 'jdbc'); SELECT 1", {}, "'jdbc' of t"),
        (SOURCE.replace("'json',", "'csv',") + "; SELECT 1", {"clicks": []}, "not 'csv'"),
        ("CREATE TABLE t (a INT) WITH ('connector' 'print'); SELECT 1", {}, "each option"),
    ],
)
def test_what_cannot_be_run_over_feeds_says_why(
    script: str, feeds: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        over_feeds.plan(statements(script), feeds, tmp_path)


def test_sql_reaches_no_file_of_the_machine(tmp_path: Path) -> None:
    script = (
        "CREATE TABLE t (a STRING) WITH ('connector' = 'filesystem', 'path' = '/etc/passwd', "
        "'format' = 'json'); SELECT * FROM t"
    )
    with pytest.raises(UsageError, match="t has no rows to read"):
        over_feeds.plan(statements(script), {}, tmp_path)
    steps = over_feeds.plan(statements(script), {"t": []}, tmp_path)
    assert not any("passwd" in step.sql for step in steps)


def test_a_feed_that_is_none_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text('{"a": 1}\n\n[2]\n')
    with pytest.raises(UsageError, match=r"line 3: a feed has one JSON object"):
        feed.read(path)
    with pytest.raises(UsageError, match="cannot be read"):
        feed.read(tmp_path / "none")


def test_the_feed_of_a_stream_is_in_the_order_of_arrival(sim: Any, kinesis: Any) -> None:
    kinesis.create_stream(StreamName="s", ShardCount=3)
    for number in range(30):
        kinesis.put_record(StreamName="s", Data=b'{"n": %d}' % number, PartitionKey=str(number))
        sim.advance(milliseconds=10)
    found = feed.from_stream(kinesis, "s")
    assert [row["n"] for row in found] == list(range(30))
    assert {row["shard-id"] for row in found} > {"shardId-000000000000"}
    assert found[0]["timestamp"].endswith("Z")
    kinesis.put_record(StreamName="s", Data=b"no row", PartitionKey="k")
    with pytest.raises(UsageError, match="is no JSON object"):
        feed.from_stream(kinesis, "s")


def test_a_changelog_comes_to_its_rows() -> None:
    changes = [
        ("+I", ("a", 1)),
        ("-U", ("a", 1)),
        ("+U", ("a", 2)),
        ("+I", ("b", 1)),
        ("-D", ("b", 1)),
    ]
    assert folded(changes) == [("a", 2)]
    with pytest.raises(UsageError, match="take back"):
        folded([("-D", ("x",))])


def test_the_feed_of_the_simulator_is_one_for_flink_too(tmp_path: Path) -> None:
    """Rows by table, in their order, with what the connector says of each."""
    table = "CREATE TABLE {} (bike STRING) WITH ('connector' = 'kinesis', 'stream' = '{}');"
    script = table.format("rides", "r") + table.format("docks", "d") + "SELECT * FROM rides;"
    fed = [
        FedRow("rides", {"bike": "b1"}, 1_767_225_600_250, "shardId-000000000000"),
        ("docks", {"bike": "b2"}),
        FedRow("rides", {"bike": "b3"}),
    ]
    steps = over_feeds.plan(statements(script), feed.by_table(fed), tmp_path)
    assert [step.verb for step in steps] == ["execute", "execute", "collect"]
    lines = [feed.read(tmp_path / f"{number}.jsonl") for number in (0, 1)]
    first = {"timestamp": "2026-01-01 00:00:00.250Z", "shard-id": "shardId-000000000000"}
    assert lines == [[{**first, "bike": "b1"}, {"bike": "b3"}], [{"bike": "b2"}]]
    assert len(feed.by_table(tunnels.two_late())[tunnels.TABLE]) == 16
    for odd in ([{"bike": "b1"}], ["rides"], [("rides",)], [("rides", "b1")]):
        with pytest.raises(UsageError, match="no row of a feed"):
            feed.by_table(odd)


def test_the_kept_truth_is_of_this_feed_and_these_statements() -> None:
    """After a change of either, ``make flink-truth`` asks Flink again."""
    assert truth.kept()["key"] == truth.key()
    labels = [s.label for s in statements(truth.STATEMENTS.read_text()) if s.verb == "query"]
    assert list(truth.kept()["answers"]) == labels
    assert len(labels) >= 14
