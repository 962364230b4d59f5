"""What streams use, as AWS meters it, folded from events: the quantities of a bill.

Source: facts/data-streams §8. Model's choices, where AWS is silent: time counts to the millisecond,
from ACTIVE to DELETING; a GB is 2**30 bytes and a month 730 hours; sizes are those of data and
partition key; a read is of long-term data when its newest record is over seven days old; stored
bytes are counted from the start of the hour they arrived in; the floor of Advantage is worked out
by the hour, and only bytes moved under Advantage count towards it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kinesis_sim.account.bill import Line
from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.prices import PriceList
from kinesis_sim.events import Event
from kinesis_sim.instants import DAY, HOUR
from kinesis_sim.streams.events import (
    CommitmentChanged,
    ConsumerChanged,
    EmptyReads,
    RecordsPushed,
    RecordsPut,
    RecordsRead,
    RetentionChanged,
    SettingChanged,
    ShardClosed,
    ShardOpened,
    StatusChanged,
    StreamCreated,
    StreamEvent,
)
from kinesis_sim.streams.storage import Storage
from kinesis_sim.units import GIB, KIB, MIB

MONTH = 730 * HOUR
LONG_TERM = 7 * DAY
FLOOR_BYTES_PER_HOUR = 25 * MIB * 3600
"""Advantage commits to 25 MiB/s each way (facts/data-streams §4.3)."""
UNITS = {
    "shard_hour": HOUR,
    "fan_out_hour": HOUR,
    "stream_hour": HOUR,
    "put_unit": 1,
    "data_in": GIB,
    "data_out": GIB,
    "fan_out_data": GIB,
    "long_term_retrieval": GIB,
    "floor_in": GIB,
    "floor_out": GIB,
}
"""By how much a quantity is divided for its unit; retention is told by ``_denominator``."""


class Account:
    """One stream's account. used: quantities by item of the price file, in ms, bytes or pieces."""

    def __init__(self, name: str, mode: str, at: int) -> None:
        self.name = name
        self.mode = mode
        self.used: dict[str, int] = defaultdict(int)
        self.storage = Storage()
        self.retention = DAY
        self.shards: set[int] = set()
        self.consumers: set[str] = set()
        self.running = False
        self._settled = at

    def settle(self, now: int, advantage: bool) -> None:
        """Charge the time since the last look at the state that lasted until ``now``."""
        span, self._settled = now - self._settled, now
        if not self.running or span <= 0:
            return
        if self.mode == "ON_DEMAND":
            if not advantage:
                self.used["on_demand.stream_hour"] += span
            return
        self.used["provisioned.shard_hour"] += span * len(self.shards)
        if self.retention > DAY:
            self.used["provisioned.extended_retention"] += span * len(self.shards)
        self.used["provisioned.fan_out_hour"] += span * len(self.shards) * len(self.consumers)

    def tier(self, advantage: bool) -> str:
        """Which prices are its own: provisioned, on_demand or advantage."""
        if self.mode != "ON_DEMAND":
            return "provisioned"
        return "advantage" if advantage else "on_demand"


class Charges(FoldFromNow):
    """The fold. start: when the account begins (epoch ms)."""

    def __init__(self, start: int) -> None:
        self._open: dict[str, Account] = {}
        self._closed: list[Account] = []
        self._advantage = False
        self._committed = 0
        self._since = start
        self._moved: dict[int, list[int]] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            take = _FOLDS.get(type(event))
            if take is not None and isinstance(event, StreamEvent):
                account = self._open.get(event.stream)
                if account is not None:
                    take(self, account, event)
            elif isinstance(event, StreamCreated):
                self._created(event)
            elif isinstance(event, CommitmentChanged):
                self._commitment(event)

    def lines(self, prices: PriceList, now: int) -> list[Line]:
        """What was used up to ``now`` (epoch ms), at the given prices."""
        self._settle(now)
        return [
            Line(name, prices[item], amount, _denominator(item))
            for name, item, amount in self._amounts(now)
        ]

    def _amounts(self, now: int) -> Iterator[tuple[str, str, int]]:
        for account in [*self._closed, *self._open.values()]:
            used = dict(account.used)
            for tier, extended, long_term in account.storage.kept(now):
                if tier != "provisioned":
                    _more(used, f"{tier}.extended_retention", extended)
                _more(used, f"{tier}.long_term_retention", long_term)
            for item in sorted(used, key=_order):
                yield account.name, item, used[item]
        for item, short in zip(("floor_in", "floor_out"), self._short(), strict=True):
            yield "", f"advantage.{item}", short

    def _short(self) -> tuple[int, int]:
        """Bytes in and out that Advantage's commitment was short of, hour by hour."""
        due = self._committed * FLOOR_BYTES_PER_HOUR // HOUR
        short = [due, due]
        for moved in self._moved.values():
            for way in (0, 1):
                short[way] -= min(moved[way], FLOOR_BYTES_PER_HOUR)
        return max(0, short[0]), max(0, short[1])

    # --- time ---------------------------------------------------------------------------------

    def _settle(self, now: int) -> None:
        for account in self._open.values():
            account.settle(now, self._advantage)
        if self._advantage:
            self._committed += now - self._since
        self._since = now

    def _terms(self, account: Account, at: int) -> None:
        """Tell the storage what holds from now on."""
        account.storage.terms(at, account.tier(self._advantage), account.retention)

    def _created(self, event: StreamCreated) -> None:
        account = self._open[event.stream] = Account(event.stream, event.mode, event.at)
        self._terms(account, event.at)

    def _status(self, account: Account, event: StatusChanged) -> None:
        account.settle(event.at, self._advantage)
        account.running = event.became in ("ACTIVE", "UPDATING")
        if event.became == "DELETING":
            account.storage.end(event.at)
        if event.became is None:
            self._closed.append(self._open.pop(event.stream))

    def _shard(self, account: Account, event: ShardOpened | ShardClosed) -> None:
        account.settle(event.at, self._advantage)
        if isinstance(event, ShardOpened):
            account.shards.add(event.shard)
        else:
            account.shards.discard(event.shard)

    def _consumer(self, account: Account, event: ConsumerChanged) -> None:
        account.settle(event.at, self._advantage)
        if event.became == "ACTIVE":
            account.consumers.add(event.consumer)
        elif event.became is None:
            account.consumers.discard(event.consumer)

    def _retention(self, account: Account, event: RetentionChanged) -> None:
        account.settle(event.at, self._advantage)
        account.retention = event.became * HOUR
        self._terms(account, event.at)

    def _setting(self, account: Account, event: SettingChanged) -> None:
        if event.setting == "mode":
            account.settle(event.at, self._advantage)
            account.mode = event.value
            self._terms(account, event.at)

    def _commitment(self, event: CommitmentChanged) -> None:
        self._settle(event.at)
        self._advantage = event.active
        for account in self._open.values():
            self._terms(account, event.at)

    # --- data ---------------------------------------------------------------------------------

    def _put(self, account: Account, event: RecordsPut) -> None:
        units = kib = size = 0
        for share in event.shares:
            units += share.units
            kib += share.kib
            size += share.bytes
        account.storage.add(event.at, size)
        tier = account.tier(self._advantage)
        if tier == "provisioned":
            account.used["provisioned.put_unit"] += units
            return
        account.used[f"{tier}.data_in"] += kib * KIB
        self._move(event.at, 0, kib * KIB)

    def _read(self, account: Account, event: RecordsRead) -> None:
        tier = account.tier(self._advantage)
        if tier != "provisioned":
            account.used[f"{tier}.data_out"] += event.bytes
            self._move(event.at, 1, event.bytes)
        elif event.age > LONG_TERM:
            account.used["provisioned.long_term_retrieval"] += event.bytes

    def _empty_reads(self, account: Account, event: EmptyReads) -> None:
        """As so many reads of nothing: what is charged by the byte has its line."""
        tier = account.tier(self._advantage)
        if tier != "provisioned":
            account.used[f"{tier}.data_out"] += 0
            self._move(event.at, 1, 0)

    def _pushed(self, account: Account, event: RecordsPushed) -> None:
        tier = account.tier(self._advantage)
        item = "data_out" if tier == "advantage" else "fan_out_data"
        account.used[f"{tier}.{item}"] += event.bytes
        if tier != "provisioned":
            self._move(event.at, 1, event.bytes)

    def _move(self, at: int, way: int, size: int) -> None:
        """Count bytes in (0) or out (1) towards the commitment."""
        if self._advantage:
            self._moved.setdefault(at // HOUR, [0, 0])[way] += size


def _more(used: dict[str, int], item: str, amount: int) -> None:
    used[item] = used.get(item, 0) + amount


def _order(item: str) -> tuple[str, int]:
    """Provisioned first, time before data, retention last."""
    tier, _, what = item.partition(".")
    return {"provisioned": "0"}.get(tier, tier), list(UNITS).index(what) if what in UNITS else 99


def _denominator(item: str) -> int:
    """What a quantity is divided by to be in the unit of its price."""
    if item == "provisioned.extended_retention":
        return HOUR
    what = item.partition(".")[2]
    return GIB * MONTH if what.endswith("_retention") else UNITS[what]


_FOLDS: dict[type, Callable[[Charges, Account, Any], None]] = {
    RecordsPut: Charges._put,
    RecordsRead: Charges._read,
    EmptyReads: Charges._empty_reads,
    RecordsPushed: Charges._pushed,
    StatusChanged: Charges._status,
    ShardOpened: Charges._shard,
    ShardClosed: Charges._shard,
    ConsumerChanged: Charges._consumer,
    RetentionChanged: Charges._retention,
    SettingChanged: Charges._setting,
}

Charges.kinds = (*_FOLDS, StreamCreated, CommitmentChanged)
