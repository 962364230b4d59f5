"""A whole Firehose stream into Snowflake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.firehose.calls import BUCKET, NAME, ROLE, bucket
from tests.streams.calls import refused

KEY = "A" * 256


def into_snowflake(sim: Simulator, **options: Any) -> Any:
    """A stream into a table ``clicks`` of a new account; returns the account."""
    account = sim.receivers.snowflake("pedala")
    account.sql("create table clicks (n int, who varchar)")
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        SnowflakeDestinationConfiguration={
            "AccountUrl": sim.receivers.snowflake_url("pedala"),
            "User": "firehose",
            "PrivateKey": KEY,
            "Database": "LAB",
            "Schema": "PUBLIC",
            "Table": "CLICKS",
            "RoleARN": ROLE,
            "S3Configuration": bucket(),
            **options,
        },
    )
    return account


def rows(account: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.sql("select n, who from clicks order by n").to_dict(
        "records"
    )
    return found


def test_rows_arrive_within_seconds(sim: Simulator) -> None:
    account = into_snowflake(sim)
    sim.firehose[NAME].put([b'{"n": 1, "who": "a"}'])
    sim.advance(seconds=5)
    assert [list(row.values()) for row in rows(account)] == [[1, "a"]]
    assert sim.firehose[NAME].tally.delivered == 1
    latency = sim.metrics("AWS/Firehose", metric="DeliveryToSnowflake.DataCommitLatency")
    assert latency["Maximum"].tolist() == [1.0]  # seconds


def test_a_column_that_is_not_there_is_not_tried_again(sim: Simulator) -> None:
    into_snowflake(sim)
    sim.firehose[NAME].put([b'{"n": 1, "COLOUR": "red"}'])
    sim.advance(minutes=10)
    (key,) = sim.buckets.keys(BUCKET)
    row = json.loads(sim.buckets.read(BUCKET, key))
    assert key.startswith("snowflake-failed/")
    assert row["attemptsMade"] == 1
    assert "COLOUR" in row["errorMessage"]


def test_a_service_that_is_away_is_tried_for_a_minute(sim: Simulator) -> None:
    account = into_snowflake(sim)
    account.available = False
    sim.firehose[NAME].put([b'{"n": 1, "who": "a"}'])
    sim.advance(seconds=40)
    account.available = True
    sim.advance(minutes=1)
    assert len(rows(account)) == 1


@pytest.mark.parametrize("option", ["VARIANT_CONTENT_MAPPING"])
def test_a_loading_option_needs_its_column(sim: Simulator, option: str) -> None:
    with refused(
        "InvalidArgumentException",
        f"Must provide ContentColumnName when Data Loading Option is {option}.",
    ):
        into_snowflake(sim, DataLoadingOption=option)
