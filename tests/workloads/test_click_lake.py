"""The click lake: the same clicks in every run, odd ones among them, and what a stream needs."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.workloads.scenes.click_flow import ClickFlow
from kinesis_sim.workloads.scenes.click_lake import (
    BUILD,
    NOISE,
    ClickLake,
    clicks,
    hasty_clicks,
    jq,
)

ACCOUNT = "611611611611"


def lake(partition: str = "action") -> ClickLake:
    sim = Simulator(latency=None, delays="instant", account=ACCOUNT)
    return ClickLake(sim, partition=partition)


def test_clicks_are_the_same_in_every_run_and_a_few_are_odd() -> None:
    found = list(islice(clicks(), 200))
    assert found == list(islice(clicks(), 200))
    whole = [json.loads(each) for each in found if each.endswith(b"}")]
    assert len(found) - len(whole) == 5
    assert sum(click["build"] != BUILD for click in whole) == 5
    assert sum(click["action"] is None for click in whole) == 3
    assert sum(click["action"] == NOISE for click in whole) == 45


def test_the_whole_pipeline_answers_sql_by_its_partition() -> None:
    made = lake("platform")
    made.create("clicks")
    made.sim.firehose["clicks"].put([row["Data"] for row in made.entries(50)])
    made.sim.advance(minutes=5)
    rows = made.sim.query("select distinct platform from pedala.clicks order by platform")
    assert rows.platform.tolist() == ["android", "ios"]


def test_what_an_earlier_simulator_left_is_removed() -> None:
    first = lake()
    first.sim.buckets.write(first.bucket, "clicks/old", b"{}")
    second = lake("platform")
    assert second.sim.buckets.keys(second.bucket) == []
    table = second.sim.client("glue").get_table(DatabaseName="pedala", Name="clicks")["Table"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["platform"]


def test_a_hasty_function_returns_none_of_the_ids() -> None:
    event = {"records": [{"recordId": "4951", "data": "e30="}]}
    event["records"][0]["data"] = "eyJhY3Rpb24iOiAibWFwIn0="
    assert [row["recordId"] for row in hasty_clicks(event)["records"]] == ["0"]


def test_a_query_names_its_keys() -> None:
    [query, engine] = jq(action=".action", day=".at[:10]")["Parameters"]
    assert query["ParameterValue"] == "{action: .action, day: .at[:10]}"
    assert engine["ParameterValue"] == "JQ-1.6"


def test_a_flow_knows_two_destinations() -> None:
    with pytest.raises(UsageError, match="choose 's3' or 'opensearch'"):
        ClickFlow(Simulator(account=ACCOUNT), to="moon")
