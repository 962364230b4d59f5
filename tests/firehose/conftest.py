"""A Firehose client of a simulator where changes take no time, and a lake to deliver into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.firehose.calls import BUCKET


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Calls take no time, states change at once, nothing is throttled; the account is this test's
    own, because moto keeps one state per account."""
    made = Simulator(latency=None, delays="instant", limits="off", account="210987654321")
    for name in (BUCKET, "reserva"):
        made.buckets.create(name)
    yield made
    s3 = made.client("s3")
    for row in s3.list_buckets()["Buckets"]:
        for key in made.buckets.keys(row["Name"]):
            s3.delete_object(Bucket=row["Name"], Key=key)
        s3.delete_bucket(Bucket=row["Name"])


@pytest.fixture
def firehose(sim: Simulator) -> Any:
    """The boto3 client of ``sim``."""
    return sim.client("firehose")
