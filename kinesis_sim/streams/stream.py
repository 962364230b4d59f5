"""A data stream: its shards, its settings, and the two things one does with it: put and read.

Laws
1. The open shards' ranges tile the hash space [0, 2**128) at every moment.
2. A record is stored in the one shard that takes its hash, and never moves. Which shards take
   records follows the open ones by ``settle``: AWS's front ends learn of a split or a merge only
   some 24 s after ListShards shows it (recorded 2026-09-19, radkawar/stackd, records).
3. Nothing older than the retention period can be read; nothing younger is lost.
4. Sequence numbers of a shard strictly increase, and a child's exceed its parents'.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter

from kinesis_sim.account.hashing import hash_key
from kinesis_sim.account.rates import Rates
from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.events import EventLog
from kinesis_sim.instants import DAY, HOUR, LAST
from kinesis_sim.states import Life
from kinesis_sim.streams import refusals
from kinesis_sim.streams.entries import checked
from kinesis_sim.streams.events import RecordsPut, lone, lone_refused, shares
from kinesis_sim.streams.limits import ReadMeter, ShardLimits, StreamMeter, WriteMeter
from kinesis_sim.streams.shard import HashRange, Shard
from kinesis_sim.streams.states import STREAM, ShardState, StreamStatus

Entry = tuple[bytes, str | None, int | None]
"""A record to put: its data, its partition key, and an explicit hash key or None."""
Placed = tuple[Shard, str | None]
"""Where a record went: its shard and its sequence number, None when the limits of the shard, or of
the stream as a whole, refused it."""
_ROUTES_KEPT = 10_000
_DATA = itemgetter(0)
_LONGEST_KEY_BYTES = 4 * 256


@dataclass(slots=True)
class StreamSettings:
    """What a caller can set on a stream. Hours, KiB and MiB/s as in the API."""

    mode: str = "PROVISIONED"
    retention_hours: int = 24
    max_record_kib: int = 1024
    distribution: str = "USER_PARTITION_KEY"
    encryption: str = "NONE"
    key_id: str | None = None
    shard_metrics: tuple[str, ...] = ()
    warm_target: int | None = None
    warm_current: int | None = None


class Stream:
    """One data stream of an account. created_at: epoch ms.

    serial: its number among the account's streams; it tells a namesake apart, even one of the same
    instant. on_reshard: called after splits or merges (True), to have ``settle`` called later, at
    ``settles_at`` (epoch ms); without it, that happens at once. whole: the limit of writes to all
    shards together, on demand only (set by ``ondemand``).
    """

    def __init__(
        self,
        name: str,
        arn: str,
        created_at: int,
        settings: StreamSettings,
        events: EventLog,
        limits: ShardLimits | None = None,
    ) -> None:
        self.name = name
        self.arn = arn
        self.created_at = created_at
        self.serial = 0
        self.settings = settings
        self.life = Life(STREAM)
        self.shards: list[Shard] = []
        self.tags: dict[str, str] = {}
        self.planned_shards = 0
        self._open: list[Shard] = []
        self._retained: list[Shard] = []  # those that have not expired yet, by index
        self._oldest = created_at  # nothing that is kept came before
        self._children: dict[str, list[Shard]] = {}
        self._starts: list[int] = []
        self._takers: list[Shard] = []
        self._taker_starts: list[int] = []
        self._closing: list[Shard] = []
        self.settles_at = 0
        self.on_reshard: Callable[[bool], None] | None = None
        self._routes: dict[str | None, tuple[Shard, bytes]] = {}
        self._turn = 0
        self._changes = Rates(DAY)
        self._trimmed_at = created_at
        self._events = events
        self._limits = limits
        self.whole: StreamMeter | None = None

    @property
    def status(self) -> StreamStatus | None:
        """Its status; None once it is gone."""
        return self.life.state

    @property
    def usable(self) -> bool:
        """Whether records can be put and read: ACTIVE and UPDATING."""
        return self.status in (StreamStatus.ACTIVE, StreamStatus.UPDATING)

    @property
    def on_demand(self) -> bool:
        """Whether AWS, not the owner, decides how many shards there are."""
        return self.settings.mode == "ON_DEMAND"

    # --- shards -------------------------------------------------------------------------------

    @property
    def open_shards(self) -> list[Shard]:
        """The shards that take records, in the order of their hash ranges."""
        return list(self._open)

    @property
    def open_count(self) -> int:
        """How many shards take records."""
        return len(self._open)

    def add_shard(self, hashes: HashRange, now: int, parents: tuple[Shard, ...] = ()) -> Shard:
        """Open the next shard for a range of hash keys; its parents must be closed already."""
        born = max([now // 1000] + [1 + max(now // 1000, parent.born) for parent in parents])
        ids = tuple(parent.id for parent in parents)
        shard = Shard(len(self.shards), hashes, now, born, ids)
        shard.encrypt_from_now(self.settings.encryption == "KMS")
        if self._limits is not None:
            shard.writes = WriteMeter(self._limits, bursts=self.settings.max_record_kib > 1024)
            shard.reads = ReadMeter(self._limits)
        self.shards.append(shard)
        self._retained.append(shard)
        for parent in parents:
            self._children.setdefault(parent.id, []).append(shard)
        at = bisect_right(self._starts, hashes.start)
        self._starts.insert(at, hashes.start)
        self._open.insert(at, shard)
        return shard

    def resharded(self, now: int, *, merged: bool = False) -> None:
        """A split or, if merged, a merge is complete."""
        if self.on_reshard is None:
            self.settle(now)
        else:
            self.on_reshard(merged)

    def settle(self, now: int) -> list[Shard]:
        """Have the open shards, and no others, take records from now on; the shards that end."""
        ended, self._closing = self._closing, []
        for shard in ended:
            shard.end(now)
        self._takers, self._taker_starts = list(self._open), list(self._starts)
        for shard in self._takers:
            if shard.taken_from is None:
                shard.taken_from = now
        self._routes.clear()
        return ended

    @property
    def taking_shards(self) -> list[Shard]:
        """The shards that take records now or will: those that a setting concerns."""
        return list(dict.fromkeys([*self._takers, *self._open]))

    def close_shard(self, shard: Shard, now: int) -> None:
        """Take an open shard out of the hash space.

        Its children must be opened, and ``resharded`` called, in the same step.
        """
        at = bisect_left(self._starts, shard.hashes.start)
        del self._open[at], self._starts[at]
        shard.close(now)
        self._closing.append(shard)

    def horizon(self, now: int) -> int:
        """The trim horizon (epoch ms): what arrived before it is gone."""
        return now - self.settings.retention_hours * HOUR

    def retained_shards(self, now: int) -> list[Shard]:
        """Open shards and closed ones that retention still covers, by index."""
        horizon = self.horizon(now)
        return [s for s in self._retained if s.state(horizon) is not ShardState.EXPIRED]

    def shard(self, index: int, now: int) -> Shard | None:
        """The shard of this index, or None when there is none or it has expired."""
        if not 0 <= index < len(self.shards):
            return None
        shard = self.shards[index]
        return None if shard.state(self.horizon(now)) is ShardState.EXPIRED else shard

    def children(self, shard: Shard) -> list[Shard]:
        """The shards that took over a closed shard's hash keys."""
        return list(self._children.get(shard.id, ()))

    def shard_for(self, hash_key: int) -> Shard:
        """The shard that takes records of a hash key."""
        return self._takers[bisect_right(self._taker_starts, hash_key) - 1]

    def open_shard_for(self, hash_key: int) -> Shard:
        """The open shard whose range holds a hash key."""
        return self._open[bisect_right(self._starts, hash_key) - 1]

    # --- records ------------------------------------------------------------------------------

    def put(self, entries: Iterable[Entry], now: int, api: str = "PutRecords") -> list[Placed]:
        """Store records that arrive at ``now``; one answer per record, in the same order.

        An explicit hash key outside the hash space is the caller's to refuse beforehand. Raises
        UsageError for what are no records, or no instant.
        """
        if now.__class__ is not int or not 0 <= now <= LAST:
            now = whole("now", now, least=0, most=LAST)
        inputs, rows = self._events.inputs, checked(entries)
        if inputs is None or inputs.is_taken:
            return self._put(rows, now, api)
        with inputs.taken("put", "streams", self.name, rows, api):
            return self._put(rows, now, api)

    def store(
        self, data: bytes, key: str | None, explicit: int | None, now: int, api: str
    ) -> Placed:
        """As ``put`` of one record, for a call that was checked and is kept account of."""
        if self.whole is not None:
            [placed] = self._put([(data, key, explicit)], now, api)
            return placed
        self.trim(now)
        known = None
        if explicit is None and self.settings.distribution != "AUTO":
            known = self._routes.get(key)
        shard, kept_key = known or self._place(key, explicit)
        size, number, writes = len(data) + len(kept_key), None, shard.writes
        if writes is None or writes.admit(now, size):
            number = shard.append(data, kept_key, now)
            rows = lone(shard.index, size)
        else:
            rows = lone_refused(shard.index, size)
        self._events.append(RecordsPut(at=now, stream=self.name, api=api, shares=rows))
        return shard, number

    def _put(self, entries: Iterable[Entry], now: int, api: str) -> list[Placed]:
        self.trim(now)
        placed: list[Placed] = []
        stored: defaultdict[int, list[int]] = defaultdict(list)
        refused: defaultdict[int, list[int]] = defaultdict(list)
        routes = self._routes if self.settings.distribution != "AUTO" else {}
        if (whole := self.whole) is not None:
            entries = list(entries)
            tight = None if self._fit(whole, entries, now) else whole
        else:
            tight = None
        for data, key, explicit in entries:
            known = routes.get(key) if explicit is None else None
            shard, kept_key = known or self._place(key, explicit)
            size, writes = len(data) + len(kept_key), shard.writes
            if writes is None or (
                writes.admit(now, size) if tight is None else tight.admit(writes, now, size)
            ):
                placed.append((shard, shard.append(data, kept_key, now)))
                stored[shard.index].append(size)
            else:
                placed.append((shard, None))
                refused[shard.index].append(size)
        rows = shares(stored, refused)
        if whole is not None and tight is None:
            whole.count(sum(row.records for row in rows), sum(row.bytes for row in rows))
        self._events.append(RecordsPut(at=now, stream=self.name, api=api, shares=rows))
        return placed

    def _fit(self, whole: StreamMeter, entries: list[Entry], now: int) -> bool:
        """Whether all of a call fits under the stream's ceiling: asked once, not for each record.

        Keys are taken as long as they may be; of large records not all bytes count.
        """
        size = sum(map(len, map(_DATA, entries))) + _LONGEST_KEY_BYTES * len(entries)
        return whole.fits(now, len(entries), size) and self.settings.max_record_kib <= 1024

    def _place(self, key: str | None, explicit: int | None) -> tuple[Shard, bytes]:
        """The shard a record goes to, and its key as it is kept."""
        if self.settings.distribution == "AUTO":
            return self._deal(), b"" if key is None else key.encode()
        if key is None:
            raise UsageError(
                "A record without a partition key needs a stream with AUTO distribution."
            )
        if explicit is not None:
            return self.shard_for(explicit), key.encode()
        return self._route(key)

    def _route(self, key: str) -> tuple[Shard, bytes]:
        """Where a key goes, kept until the next reshard: one MD5 and one copy of a key's bytes."""
        if len(self._routes) >= _ROUTES_KEPT:
            self._routes.clear()
        route = self._routes[key] = (self.shard_for(hash_key(key)), key.encode())
        return route

    def _deal(self) -> Shard:
        """AUTO distribution: the next open shard in turn (model's choice; AWS does not say how)."""
        self._turn += 1
        return self._takers[self._turn % len(self._takers)]

    def drop_expired(self, now: int) -> None:
        """Let go of everything before the trim horizon now, in every shard."""
        horizon = self.horizon(now)
        if horizon <= self._oldest:
            return
        for shard in self._retained:
            shard.trim(horizon)
        self._retained = [shard for shard in self._retained if not shard.expired]
        self._oldest = min((shard.oldest(now) for shard in self._retained), default=now)

    def set_max_record(self, kib: int) -> None:
        """Take records of up to this many KiB.

        Above 1,024 the open shards get a burst allowance.
        """
        self.settings.max_record_kib = kib
        for shard in self.taking_shards:
            if kib > 1024 and shard.writes is not None:
                shard.writes.allow_bursts()

    def admit_change(self, change: str, now: int, quota: int) -> bool:
        """Whether a change may be made once more in 24 hours; if so, it is counted."""
        return self._changes.admit(change, quota, now)

    def count_change(self, change: str, now: int, quota: int, account: str) -> None:
        """Count a change that may be made ``quota`` times in 24 hours.

        LimitExceededException beyond (model's wording).
        """
        if not self.admit_change(change, now, quota):
            raise refusals.limit(
                f"{change} can be called at most {quota} times in 24 hours for stream {self.name} "
                f"under account {account}."
            )

    def trim(self, now: int) -> None:
        """Let go of what retention no longer covers, in every shard.

        Looked at once a second at most per stream for writers' sake; readers trim their own shard
        to the millisecond.
        """
        if now - self._trimmed_at < 1000:
            return
        self._trimmed_at = now
        self.drop_expired(now)
