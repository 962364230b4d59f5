"""Workers of the Kinesis Client Library kind: they share a stream's shards through a lease table.

Laws
1. A shard's lease has one owner; a worker reads only shards whose leases it holds.
2. A lease whose counter stood still for the failover time is anybody's: so a crash is noticed.
3. A worker takes no more than its share; it steals one lease at a time from who has too many.
4. A child's lease is taken once its parents' are at SHARD_END, and begins at TRIM_HORIZON.
5. What was processed after the last checkpoint is processed again by the next owner: at least once.

Figures are KCL's defaults (facts/data-streams §9): failover 10 s, shard sync 60 s, idle 1,500 ms.
Leases are balanced as in KCL 1 and 2 (every worker for itself), not by the leader of KCL 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress

from kinesis_sim.arguments import number, whole
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.events import Event
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams.events import LeaseMoved, ShardCheckpointed, WorkerChanged
from kinesis_sim.workloads.readers.held_shard import HeldShard, Retrieval
from kinesis_sim.workloads.readers.leases import SHARD_END, TRIM_HORIZON, Lease, LeaseTable
from kinesis_sim.workloads.readers.lone import start_of
from kinesis_sim.workloads.readers.reader import Handler, Reading, Record, listed, parents_of
from kinesis_sim.workloads.readers.standing import Chore, Moment
from kinesis_sim.workloads.readers.subscriber import registered

FAILOVER_MS = 10_000
SHARD_SYNC_MS = 60_000
IDLE_MS = 1_500
RENEWALS_PER_FAILOVER = 3
RETRIEVALS = ("polling", "fan-out")


class KclApplication:
    """An application of one or more workers, known by the name of its lease table.

    handler: called with a shard id and its records. What it raises is counted and the batch is
    skipped, as KCL does (facts/data-streams §9), unless ``keep_failed``: then the same batch comes
    again. checkpoint_every: checkpoint after every so many batches. start: TRIM_HORIZON or LATEST,
    where shards begin that are there at the first start. retrieval: "polling", or "fan-out" under
    the application's name, which is what KCL 2 and 3 do unless told otherwise (facts/data-streams
    §9). table_writes: writes a second that the lease table is provisioned for; None for on demand.
    """

    def __init__(
        self,
        sim: Simulator,
        name: str,
        stream: str,
        handler: Handler,
        *,
        start: str = TRIM_HORIZON,
        checkpoint_every: int = 1,
        work_ms: float = 0,
        idle_ms: int = IDLE_MS,
        keep_failed: bool = False,
        retrieval: str = "polling",
        table_writes: int | None = None,
    ) -> None:
        if retrieval not in RETRIEVALS:
            raise UsageError(f"retrieval={retrieval!r}: choose {' or '.join(RETRIEVALS)}.")
        whole("checkpoint_every", checkpoint_every, least=1)
        whole("idle_ms", idle_ms, least=0)
        number("work_ms", work_ms, least=0)
        self.sim = sim
        self.name = name
        self.stream = stream
        self.start_at = start_of(start)
        self.reading = Reading()
        self.table = LeaseTable(sim, name, table_writes)
        self.retrieval = Retrieval(
            sim,
            stream,
            handler,
            self.reading,
            arn=registered(sim, stream, name) if retrieval == "fan-out" else None,
            checkpoint_every=checkpoint_every,
            work_ms=work_ms,
            idle_ms=idle_ms,
            keep_failed=keep_failed,
        )
        self.workers: dict[str, KclWorker] = {}

    def add_worker(self, name: str | None = None) -> KclWorker:
        """Start one more worker. Raises UsageError when the name is running already."""
        name = name or f"worker-{len(self.workers) + 1}"
        if name in self.workers and self.workers[name].alive:
            raise UsageError(
                f"Worker {name!r} runs already; crash it first or choose another name."
            )
        worker = self.workers[name] = KclWorker(self, name)
        worker.begin()
        return worker

    def shut_down(self) -> None:
        """Shut every worker down, and give a registration for fan-out up."""
        for worker in self.workers.values():
            if worker.alive:
                worker.shut_down()
        if self.retrieval.arn is not None:
            request = {"ConsumerARN": self.retrieval.arn}
            self.sim.gate.call("kinesis", "DeregisterStreamConsumer", request)

    @property
    def behind(self) -> int:
        """The largest MillisBehindLatest over the shards that are being read (ms)."""
        return max((worker.behind for worker in self.workers.values()), default=0)

    def owners(self) -> dict[str, str | None]:
        """Who holds each lease of a shard that is not read to its end."""
        return {key: lease.owner for key, lease in self.table.all().items() if not lease.done}


class KclWorker:
    """One worker process. ``crash()`` ends it without a word, as a lost machine does."""

    def __init__(self, application: KclApplication, name: str) -> None:
        self.name = name
        self.alive = False
        self._app = application
        self._sim = application.sim
        self._table = application.table
        self._held: dict[str, HeldShard] = {}
        self._seen: dict[str, tuple[int, int]] = {}
        self._unwritten = 0  # renewals of every lease it holds that were skipped
        self._balanced: Moment | None = None  # when it last looked at the table and need not have
        self._found_still = dict.fromkeys(("sync", "balance", "renew"), -1)
        self._shards_known = -1

    @property
    def shards(self) -> list[str]:
        """The shards it reads now."""
        return sorted(self._held)

    @property
    def behind(self) -> int:
        """The largest MillisBehindLatest over its shards (ms)."""
        return max((held.place.behind for held in self._held.values()), default=0)

    def begin(self) -> None:
        """Sync shards, balance leases, and go on doing both on the clock."""
        self.alive = True
        self._became("running")
        self._table.standing.renewing(self._write_renewals)
        self._sync()
        self._repeat(SHARD_SYNC_MS, self._sync, Chore(self._need_not_sync, lambda at, count: None))
        self._balance()
        renewal = FAILOVER_MS // RENEWALS_PER_FAILOVER
        self._repeat(renewal, self._renew, Chore(self._need_not_write, self._renewed))
        self._repeat(FAILOVER_MS, self._balance, Chore(self._need_not_look, self._looked))

    def crash(self) -> None:
        """Stop at once: leases stay its own until their time is up, the last batch uncommitted."""
        self._end("crashed")

    def shut_down(self) -> None:
        """Stop properly: checkpoint what was processed and hand the leases back."""
        for held in list(self._held.values()):
            if held.commit():
                with suppress(ServiceError):  # a table that takes no more: the lease runs out
                    self._table.release(held.lease)
        self._end("stopped")

    def _end(self, how: str) -> None:
        self._write_renewals()
        self.alive = False
        self._table.standing.changed()
        for held in self._held.values():
            held.stop()
        self._held.clear()
        self._became(how)

    def _became(self, state: str) -> None:
        self._sim.events.append(
            WorkerChanged(
                at=self._sim.clock.now,
                stream=self._app.stream,
                application=self._app.name,
                worker=self.name,
                became=state,
            )
        )

    def _repeat(self, ms: int, act: Callable[[], None], chore: Chore) -> None:
        clock = self._sim.clock

        def again() -> None:
            if not self.alive:
                return
            try:
                act()
            finally:
                clock.repeat(clock.now + ms, ms, again, chore)

        clock.repeat(clock.now + ms, ms, again, chore)

    # --- what need not be done ----------------------------------------------------------------

    def _is_still(self, what: str) -> bool:
        """Whether the table stands as it stood when this was last done, and found nothing."""
        table = self._table
        return (
            self.alive
            and table.writes is None
            and self._found_still[what] == table.standing.version
        )

    def _need_not_sync(self) -> bool:
        stream = self._sim.streams.streams.get(self._app.stream)
        same = stream is not None and stream.usable and len(stream.shards) == self._shards_known
        return same and self._is_still("sync")

    def _need_not_write(self) -> bool:
        return self._is_still("renew")

    def _need_not_look(self) -> bool:
        return self._is_still("balance")

    def _renewed(self, at: int, count: int) -> None:
        """Renewals were skipped, the last one at ``at`` (epoch ms)."""
        self._unwritten += count
        standing = self._table.standing
        standing.moved.update(dict.fromkeys(self._held, standing.moment(at)))

    def _looked(self, at: int, _: int) -> None:
        """Looks at the table were skipped, the last one at ``at``."""
        self._balanced = self._table.standing.moment(at)

    def _write_renewals(self) -> None:
        """Move counters on by the renewals that were skipped."""
        times, self._unwritten = self._unwritten, 0
        if not times:
            return
        moved = self._table.standing.moved
        for held in list(self._held.values()):
            at = moved[held.lease.key]
            self._table.renew(held.lease, times)
            moved[held.lease.key] = at

    # --- leases -------------------------------------------------------------------------------

    def _sync(self) -> None:
        """Give every shard a lease.

        At the very first start, shards that are there begin as told. A ListShards that fails is
        made again at the next sync.
        """
        try:
            rows = listed(self._sim, self._app.stream)
        except ServiceError as error:
            self._app.reading.failed(error)
            self._found_still["sync"] = -1
            return
        known, version = self._table.all(), self._table.standing.version
        first = TRIM_HORIZON if known else self._app.start_at
        for row in rows:
            if row["ShardId"] not in known:
                self._add(_new_lease(row, first))
        self._found_still["sync"] = version
        self._shards_known = len(self._sim.streams[self._app.stream].shards)

    def _add(self, lease: Lease) -> None:
        """Add a lease; one that the table has no room for now is found at the next sync."""
        with suppress(ServiceError):
            self._table.add(lease)

    def _renew(self) -> None:
        """Move the counters on.

        A renewal that the table refuses is tried again at the next turn; until somebody else takes
        the lease, its shard is read on.
        """
        self._write_renewals()
        version, lost = self._table.standing.version, False
        for held in list(self._held.values()):
            with suppress(ServiceError):
                if not self._table.renew(held.lease):
                    self._lose(held)
                    lost = True
        self._found_still["renew"] = -1 if lost else version

    def _balance(self) -> None:
        leases = self._table.all()
        version = self._table.standing.version
        self._look(leases)
        open_leases = {key: lease for key, lease in leases.items() if not lease.done}
        free = [lease for lease in open_leases.values() if self._is_free(lease)]
        owners = {lease.owner for lease in open_leases.values() if not self._is_free(lease)}
        workers = {owner for owner in owners if owner is not None} | {self.name}
        share = math.ceil(len(open_leases) / len(workers))
        wanted = share - len(self._held)
        for lease in [lease for lease in free if self._parents_done(lease, leases)][
            : max(0, wanted)
        ]:
            self._take(lease)
        if wanted > 0 and not free:
            self._steal(open_leases, share)
        alive = {name for name, worker in self._app.workers.items() if worker.alive}
        held = all(lease.owner in alive for lease in open_leases.values())
        self._found_still["balance"] = version if held and not free else -1

    def _look(self, leases: dict[str, Lease]) -> None:
        """Note when each counter was last seen to move."""
        now, moved = self._sim.clock.now, self._table.standing.moved
        if self._balanced is not None:  # as it was seen at the last look that was skipped
            for key in self._seen.keys() & leases.keys():
                since = moved.get(key, (0, 0)) > self._balanced
                self._seen[key] = (leases[key].counter - since, self._balanced[0])
            self._balanced = None
        for key, lease in leases.items():
            counter, _ = self._seen.get(key, (-1, 0))
            if counter != lease.counter:
                self._seen[key] = (lease.counter, now)

    def _is_free(self, lease: Lease) -> bool:
        if lease.key in self._held:
            return False
        _, moved = self._seen[lease.key]
        return lease.owner is None or self._sim.clock.now - moved >= FAILOVER_MS

    def _parents_done(self, lease: Lease, leases: dict[str, Lease]) -> bool:
        return all(leases[parent].done for parent in lease.parents if parent in leases)

    def _steal(self, leases: dict[str, Lease], share: int) -> None:
        counts: dict[str, list[Lease]] = {}
        for lease in leases.values():
            if lease.owner is not None and lease.owner != self.name:
                counts.setdefault(lease.owner, []).append(lease)
        richest = max(counts.values(), key=len, default=[])
        if len(richest) > share or len(richest) > len(self._held) + 1:
            self._take(richest[0])

    def _take(self, lease: Lease) -> None:
        was = lease.owner
        try:
            if not self._table.take(lease, self.name):
                return
        except ServiceError:
            return
        self._seen[lease.key] = (lease.counter, self._sim.clock.now)
        self._write_renewals()
        self._tell(LeaseMoved, lease.key, was=was, became=self.name)
        held = self._held[lease.key] = HeldShard(self, self._app.retrieval, lease)
        held.start()

    def _lose(self, held: HeldShard) -> None:
        self._write_renewals()
        held.stop()
        self._held.pop(held.lease.key, None)

    # --- what a held shard reports ------------------------------------------------------------

    def checkpointed(self, held: HeldShard, checkpoint: str) -> bool:
        """Write a checkpoint; a lost lease ends the reading of its shard.

        Raises ServiceError when the table refuses the write.
        """
        if not self._table.checkpoint(held.lease, checkpoint):
            self._lose(held)
            return False
        self._tell(ShardCheckpointed, held.lease.key, checkpoint=checkpoint)
        return True

    def shard_ended(self, held: HeldShard, children: list[Record]) -> None:
        """A shard is read to its end: checkpoint SHARD_END, and free its children's leases."""
        for child in children:
            self._add(_child_lease(child))
        if self.checkpointed(held, SHARD_END):
            self._lose(held)
        self._balance()

    def _tell(self, kind: Callable[..., Event], shard: str, **more: object) -> None:
        self._sim.events.append(
            kind(
                at=self._sim.clock.now,
                stream=self._app.stream,
                application=self._app.name,
                worker=self.name,
                shard=int(shard.rpartition("-")[2]),
                **more,
            )
        )


def _new_lease(row: Record, start: str) -> Lease:
    found = parents_of(row)
    hashes = row["HashKeyRange"]
    begin = TRIM_HORIZON if found else start
    return Lease(
        row["ShardId"], None, 0, begin, 0, found, hashes["StartingHashKey"], hashes["EndingHashKey"]
    )


def _child_lease(child: Record) -> Lease:
    hashes = child["HashKeyRange"]
    parents = tuple(sorted(child["ParentShards"]))
    ends = hashes["StartingHashKey"], hashes["EndingHashKey"]
    return Lease(child["ShardId"], None, 0, TRIM_HORIZON, 0, parents, *ends)
