"""The buckets of a simulator as the learner makes and reads them."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator, UsageError


@pytest.mark.parametrize("name", ["Bad Name", "", "a/b", "x" * 256])
def test_what_can_be_no_buckets_name_is_refused_in_one_sentence(name: str) -> None:
    buckets = Simulator(latency=None).buckets
    for call in (buckets.create, buckets.keys, lambda each: buckets.read(each, "k")):
        with pytest.raises(UsageError, match="S3 takes 3 to 63 lower-case letters") as refused:
            call(name)
        assert "regex" not in str(refused.value)
