"""The job that every client does alike, and what must be true of the report it hands in.

``job.json`` is the job's data; ``job.mjs`` reads the same file. In each phase a client puts its
records, 50 a call; after the first phase it splits the first shard in its middle, after the second
it merges the upper half with its neighbour. Then it reads every shard to its end, parents before
children, and, where it can, subscribes to shards as well.

A record is ``[partition key, text, sequence number]``, its text ``"<key>:<number>"``. A report:

    acknowledged   records as the puts answered them, in order
    shards         in the order of reading: id, parents, children (at its end) and records
    pushed         shard id → records that a subscription from TRIM_HORIZON gave
    live           texts that a subscription from LATEST gave while they were put
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

JOB_FILE = Path(__file__).with_name("job.json")
Record = tuple[str, str]
Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """The job's data, under Python's names."""

    stream: str
    shards: int
    keys: list[str]
    phases: list[str]
    records_per_phase: int
    records_per_call: int
    consumer: str
    live: list[str]

    def calls(self, phase: int) -> list[list[Record]]:
        """Key and text of the records of a phase, call by call."""
        first, size = phase * self.records_per_phase, self.records_per_call
        keys = [self.keys[n % len(self.keys)] for n in range(first + self.records_per_phase)]
        records = [(keys[n], f"{keys[n]}:{n}") for n in range(first, len(keys))]
        return [records[i : i + size] for i in range(0, len(records), size)]

    def texts(self) -> list[str]:
        """Every text, in the order of putting."""
        calls = [call for phase in range(len(self.phases)) for call in self.calls(phase)]
        return [text for call in calls for _, text in call]


def _load() -> Job:
    data = json.loads(JOB_FILE.read_text())
    return Job(
        stream=data["stream"],
        shards=data["shards"],
        keys=data["keys"],
        phases=data["phases"],
        records_per_phase=data["recordsPerPhase"],
        records_per_call=data["recordsPerCall"],
        consumer=data["consumer"],
        live=data["live"],
    )


JOB = _load()


def middle(shard: dict[str, Any]) -> str:
    """The hash key at which to split a shard as ListShards describes it."""
    hashes = shard["HashKeyRange"]
    return str((int(hashes["StartingHashKey"]) + int(hashes["EndingHashKey"])) // 2 + 1)


def parents(shard: dict[str, Any]) -> list[str]:
    """The parents of a shard as ListShards describes it."""
    names = ("ParentShardId", "AdjacentParentShardId")
    return [shard[name] for name in names if name in shard]


# --- what must be true ----------------------------------------------------------------------------


def verify(report: Report) -> None:
    """Every record once, order per key kept, parents before children, numbers as acknowledged."""
    _verify_lineage(report["shards"])
    records = [record for shard in report["shards"] for record in shard["records"]]
    assert sorted(text for _, text, _ in records) == sorted(JOB.texts())
    assert [text for _, text, _ in report["acknowledged"]] == JOB.texts()
    assert sorted(records) == sorted(report["acknowledged"])
    _verify_order(records)
    for shard in report["shards"]:
        numbers = [int(number) for _, _, number in shard["records"]]
        assert all(before < after for before, after in pairwise(numbers))


def _verify_order(records: list[list[str]]) -> None:
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for key, text, _ in records:
        owner, _, number = text.partition(":")
        assert owner == key
        seen[key].append(int(number))
    assert seen.keys() == set(JOB.keys)
    assert all(numbers == sorted(numbers) for numbers in seen.values())


def _verify_lineage(shards: list[dict[str, Any]]) -> None:
    """Two shards, one split in two, one merged out of two; children named where reading ended."""
    ids = [shard["id"] for shard in shards]
    assert len(ids) == len(set(ids)) == JOB.shards + 3
    assert sorted(len(shard["parents"]) for shard in shards) == [0, 0, 1, 1, 2]
    for place, shard in enumerate(shards):
        assert set(shard["parents"]) <= set(ids[:place]), "a child was read before its parent"
        children = sorted(other["id"] for other in shards if shard["id"] in other["parents"])
        assert sorted(shard["children"]) == children


def verify_pushed(report: Report) -> None:
    """A subscription gives what reading gives, and what is put meanwhile."""
    read = {shard["id"]: shard["records"] for shard in report["shards"]}
    closed = [shard["id"] for shard in report["shards"] if shard["children"]]
    assert report["pushed"].keys() > set(closed)
    for shard, records in report["pushed"].items():
        assert records == read[shard]
    assert report["live"] == JOB.live
