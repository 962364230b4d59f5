"""The buckets of a simulator as the learner makes and reads them."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.aws import outside


@pytest.mark.parametrize("name", ["Bad Name", "", "a/b", "x" * 256])
def test_what_can_be_no_buckets_name_is_refused_in_one_sentence(name: str) -> None:
    buckets = Simulator(latency=None).buckets
    for call in (buckets.create, buckets.keys, lambda each: buckets.read(each, "k")):
        with pytest.raises(UsageError, match="S3 takes 3 to 63 lower-case letters") as refused:
            call(name)
        assert "regex" not in str(refused.value)


def test_a_replay_gives_versions_their_ids_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is delivered draws for itself, whatever else was asked of moto meanwhile."""
    sim = Simulator(account="505050505050")
    sim.buckets.create("versions-again")
    s3 = sim.client("s3")
    s3.put_bucket_versioning(Bucket="versions-again", VersioningConfiguration={"Status": "Enabled"})
    found = []
    for name in ("first", "again"):
        monkeypatch.setattr(outside, "_WITHIN", {})
        for _ in range(2):
            s3.list_buckets()
            sim.buckets.write("versions-again", name, b"x")
        rows = s3.list_object_versions(Bucket="versions-again", Prefix=name)["Versions"]
        found.append([row["VersionId"] for row in rows])
        sim.client("sqs").create_queue(QueueName="in-between")
    assert found[0] == found[1]
    assert len(set(found[0])) == 2
