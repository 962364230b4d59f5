"""What a stream takes of puts in a second, in large Regions and elsewhere (facts/firehose §1.5)."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from tests.firehose.calls import NAME, create

REGIONS = [("us-east-1", 500_000, 2_000, 5 << 20), ("sa-east-1", 100_000, 1_000, 1 << 20)]
regions = pytest.mark.parametrize(("region", "records", "requests", "size"), REGIONS)


def begun(region: str) -> Simulator:
    sim = Simulator(latency=None, delays="instant", region=region, account="210987654321")
    create(sim.client("firehose"))
    return sim


@regions
def test_records_bytes_and_requests_have_an_end(
    region: str, records: int, requests: int, size: int
) -> None:
    stream = begun(region).firehose[NAME]
    stream.put([b""] * (records + 1))
    assert stream.tally.accepted == records
    stream = begun(region).firehose[NAME]
    stream.put([bytes(1 << 18)] * (size // (1 << 18) + 1))
    assert stream.tally.accepted == size // (1 << 18)
    stream = begun(region).firehose[NAME]
    for _ in range(requests):
        assert not stream.full
        stream.put([b""])
    assert stream.full
