"""A lone shard is computed in plain numbers, several in arrays: they say the same."""

from __future__ import annotations

import numpy as np
import pytest

from kinesis_sim.workloads.pipeline.fluid_backoff import Retrying
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.load import Load


@pytest.mark.parametrize("retries", [0, 1, 10])
def test_a_lone_shard_fares_as_one_of_two_that_are_alike(retries: int) -> None:
    producer = Batcher(Load(2_000), retries=retries, buffer=10**9)
    lone, pair = (Retrying(producer, shards, 10, retries=retries) for shards in (1, 2))
    for step in range(50):
        p = 0.3 + step / 100
        for fluid, shards in ((lone, 1), (pair, 2)):
            fluid.offer(np.full(shards, 12_345.678 + step))
        one, two = lone.attempts(np.full(1, p)), pair.attempts(np.full(2, p))
        assert one[0] == pytest.approx(two[0], rel=1e-12)
        mine, theirs = lone.settle(np.full(1, p)), pair.settle(np.full(2, p))
        for name in ("stored", "throttled", "retried", "expired", "dropped", "waited"):
            assert getattr(mine, name)[0] == pytest.approx(getattr(theirs, name)[0], rel=1e-12)
    assert lone.waiting[0] == pytest.approx(pair.waiting[0], rel=1e-12)
