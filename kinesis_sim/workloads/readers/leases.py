"""The lease table of a KCL application: one row a shard, in DynamoDB, with KCL's own columns.

DynamoDB is moto's. Every change is conditional on the lease counter, as KCL makes it: who comes
second finds the counter moved and lets go. Source: facts/data-streams §9 (KCL
DynamoDBLeaseSerializer).

moto takes any number of writes; a table of too little capacity is modelled here: ``writes`` a
second, each row a write unit, over the second that ends now (model's choice).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from kinesis_sim.account.rates import Rate
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.standing import LeaseStanding

TRIM_HORIZON, LATEST, SHARD_END = "TRIM_HORIZON", "LATEST", "SHARD_END"
"""Checkpoints that are no sequence numbers (KCL SentinelCheckpoint)."""


@dataclass(slots=True)
class Lease:
    """One row. key: the shard id; counter: moved by whoever holds or takes it."""

    key: str
    owner: str | None
    counter: int
    checkpoint: str
    switches: int
    parents: tuple[str, ...]
    start: str
    end: str

    @property
    def done(self) -> bool:
        """Whether the shard was read to its end."""
        return self.checkpoint == SHARD_END


class LeaseTable:
    """The leases of one application; the table has the application's name, as KCL's has.

    writes: write units a second that it is provisioned for; None for on demand, KCL's default.
    throttled: writes that were refused so far.
    """

    def __init__(self, sim: Simulator, application: str, writes: int | None = None) -> None:
        if writes is not None and writes < 1:
            raise UsageError(f"table_writes={writes}: a table takes 1 write a second at least.")
        self.name = application
        self.writes = writes
        self.throttled = 0
        self.standing = LeaseStanding.of(sim, application)
        self._clock = sim.clock
        self._rate = Rate(writes or 0)
        self._dynamodb = sim.client("dynamodb")
        self._create()

    def _create(self) -> None:
        pages = self._dynamodb.get_paginator("list_tables").paginate()
        if any(self.name in page["TableNames"] for page in pages):
            return
        self._dynamodb.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "leaseKey", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "leaseKey", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def all(self) -> dict[str, Lease]:
        """Every lease by its key."""
        self.standing.settle()
        with self.standing:
            pages = self._dynamodb.get_paginator("scan").paginate(TableName=self.name)
            rows = [_lease(row) for page in pages for row in page["Items"]]
        return {lease.key: lease for lease in sorted(rows, key=lambda lease: lease.key)}

    def add(self, lease: Lease) -> None:
        """Add the row of a shard; one that is there stays as it is."""
        self._put(lease, "attribute_not_exists(leaseKey)", {})
        self.standing.changed()

    def renew(self, lease: Lease, times: int = 1) -> bool:
        """Move the counter on; False when the lease is somebody else's by now."""
        return self._change(lease, lease.owner, lease.checkpoint, lease.switches, times)

    def take(self, lease: Lease, worker: str) -> bool:
        """Make the lease a worker's; False when another was quicker."""
        self.standing.settle()
        self.standing.changed()
        switches = lease.switches + (lease.owner not in (None, worker))
        return self._change(lease, worker, lease.checkpoint, switches)

    def release(self, lease: Lease) -> bool:
        """Hand the lease back: nobody's from now on; False when it was lost already."""
        self.standing.settle()
        self.standing.changed()
        return self._change(lease, None, lease.checkpoint, lease.switches)

    def checkpoint(self, lease: Lease, checkpoint: str) -> bool:
        """Write how far the shard was processed; False when the lease was lost."""
        self.standing.settle()
        if checkpoint == SHARD_END:
            self.standing.changed()
        return self._change(lease, lease.owner, checkpoint, lease.switches)

    def _change(
        self, lease: Lease, owner: str | None, checkpoint: str, switches: int, times: int = 1
    ) -> bool:
        was, ends = lease.counter, (lease.start, lease.end)
        changed = Lease(lease.key, owner, was + times, checkpoint, switches, lease.parents, *ends)
        if not self._put(changed, "leaseCounter = :was", {":was": {"N": str(was)}}):
            return False
        self.standing.moved[lease.key] = self.standing.moment(self._clock.now)
        lease.owner, lease.counter = owner, was + times
        lease.checkpoint, lease.switches = checkpoint, switches
        return True

    def _admit(self) -> None:
        """Count one write against this second's.

        ProvisionedThroughputExceededException beyond what the table takes (the text is the
        model's).
        """
        if self.writes is None:
            return
        self._rate.most = self.writes
        if not self._rate.admit(self._clock.now):
            self.throttled += 1
            raise ServiceError(
                "ProvisionedThroughputExceededException",
                f"The lease table {self.name} takes {self.writes} writes a second; raise its "
                "capacity or make it on demand.",
            )

    def _put(self, lease: Lease, condition: str, values: dict[str, Any]) -> bool:
        self._admit()
        request: dict[str, Any] = {
            "TableName": self.name,
            "Item": _row(lease),
            "ConditionExpression": condition,
        }
        if values:
            request["ExpressionAttributeValues"] = values
        try:
            with self.standing:
                self._dynamodb.put_item(**request)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True


def free_name(sim: Simulator, name: str) -> str:
    """``name``, or with a number behind it when such a table exists.

    moto's tables are one account's, whatever simulator wrote them.
    """
    pages = sim.client("dynamodb").get_paginator("list_tables").paginate()
    taken = {table for page in pages for table in page["TableNames"]}
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(each for each in names if each not in taken)


def _row(lease: Lease) -> dict[str, Any]:
    row: dict[str, Any] = {
        "leaseKey": {"S": lease.key},
        "leaseCounter": {"N": str(lease.counter)},
        "checkpoint": {"S": lease.checkpoint},
        "checkpointSubSequenceNumber": {"N": "0"},
        "ownerSwitchesSinceCheckpoint": {"N": str(lease.switches)},
        "startingHashKey": {"S": lease.start},
        "endingHashKey": {"S": lease.end},
    }
    if lease.owner is not None:
        row["leaseOwner"] = {"S": lease.owner}
    if lease.parents:
        row["parentShardId"] = {"SS": list(lease.parents)}
    return row


def _lease(row: dict[str, Any]) -> Lease:
    return Lease(
        key=row["leaseKey"]["S"],
        owner=row["leaseOwner"]["S"] if "leaseOwner" in row else None,
        counter=int(row["leaseCounter"]["N"]),
        checkpoint=row["checkpoint"]["S"],
        switches=int(row["ownerSwitchesSinceCheckpoint"]["N"]),
        parents=tuple(sorted(row["parentShardId"]["SS"])) if "parentShardId" in row else (),
        start=row["startingHashKey"]["S"],
        end=row["endingHashKey"]["S"],
    )
