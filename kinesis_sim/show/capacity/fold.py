"""A stream's load and capacity as plain rows: what was offered, what it took, what it cost.

Both are told in shards' worth, so that one axis holds two limits: the load of a minute is the
larger of its records over 1,000 a second and its bytes over 1 MiB a second, and the capacity is
the number of open shards, or the ceiling of an on-demand stream where that is lower. A fold over
the event log; pictures only lay these rows out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.bill import Line
from kinesis_sim.instants import DAY, HOUR, MINUTE
from kinesis_sim.show.kit.history import shares_of
from kinesis_sim.show.kit.shares import Share
from kinesis_sim.streams.events import (
    CeilingChanged,
    RecordsPut,
    SettingChanged,
    ShardClosed,
    ShardOpened,
    StatusChanged,
    StreamCreated,
    StreamEvent,
)

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

WIDTHS = (MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY)
MOST_BARS = 200
KINDS: tuple[type[StreamEvent], ...] = (
    *(RecordsPut, ShardOpened, ShardClosed, CeilingChanged, StreamCreated),
    *(SettingChanged, StatusChanged),
)
"""The classes of events that the fold takes."""
ASKED = ("SplitShard", "MergeShards", "UpdateShardCount", "UpdateStreamMode")
"""Changes that somebody asked for: they get a mark of their own."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time from ``at`` (epoch ms). stored, offered: shards' worth, on average over it.

    throttled: records refused in it; hot: whether they were refused while other shards had room.
    """

    at: int
    stored: float
    offered: float
    throttled: int
    hot: bool


@dataclass(frozen=True, slots=True)
class Water:
    """All that the capacity picture shows of a stream, from its creation (``begin``) to ``now``.

    width: ms of a bar. capacity: (since when, shards' worth), modes: (since when, mode), marks:
    (when, operation asked for), all oldest first. bill: its lines; hourly: USD of an hour in which
    nothing is sent; checked: the date of the prices. shards: open now.
    """

    stream: str
    begin: int
    now: int
    width: int
    bars: tuple[Bar, ...]
    capacity: tuple[tuple[int, float], ...]
    modes: tuple[tuple[int, str], ...]
    marks: tuple[tuple[int, str], ...]
    status: str
    bill: tuple[Line, ...]
    hourly: Decimal
    checked: str
    shards: int

    @property
    def line(self) -> float:
        """The capacity now."""
        return self.capacity[-1][1]

    @property
    def latest(self) -> Bar:
        """The newest bar, or the one before it while the newest has hardly begun."""
        begun = self.now - self.bars[-1].at >= self.width / 2
        return self.bars[-1] if begun or len(self.bars) == 1 else self.bars[-2]

    @property
    def mode(self) -> str:
        """PROVISIONED or ON_DEMAND, now."""
        return self.modes[-1][1]

    @property
    def throttled(self) -> int:
        """Records refused in all."""
        return sum(bar.throttled for bar in self.bars)

    @property
    def total(self) -> Decimal:
        """USD up to now."""
        return sum((line.amount for line in self.bill), Decimal(0))

    def capacity_at(self, at: int) -> float:
        """The capacity at an instant (epoch ms), in shards' worth."""
        return next((n for since, n in reversed(self.capacity) if since <= at), 0)


def water(sim: Simulator, stream: str) -> Water:
    """The rows of a stream now; UsageError when there is no such stream."""
    with sim.lock:
        now, found = sim.clock.now, sim.streams[stream]
        fold = _Fold(sim, stream)
        for event in sim.events.of(*KINDS, stream=stream):
            fold.take(event)
        for share in shares_of(found, sim.events, fold.puts):
            fold.put(share)
        bill = sim.bill()
        return Water(
            stream=stream,
            begin=fold.begin,
            now=now,
            width=fold.width,
            bars=tuple(fold.bars()),
            capacity=fold.capacity,
            modes=tuple(fold.modes),
            marks=tuple(fold.marks),
            status="" if found.status is None else found.status.value,
            bill=bill.of(stream).rows,
            hourly=_hourly(bill.prices, fold.modes[-1][1], fold.open, sim),
            checked=bill.prices.checked,
            shards=fold.open,
        )


def _hourly(prices: Any, mode: str, shards: int, sim: Simulator) -> Decimal:
    """What an hour costs before a byte is sent."""
    if mode == "PROVISIONED":
        return shards * prices["provisioned.shard_hour"].usd  # type: ignore[no-any-return]
    fee: Decimal = prices["on_demand.stream_hour"].usd
    return Decimal(0) if sim.streams.commitment.active else fee


class _Fold:
    """One stream's events, taken in order; a stream made anew under its name starts afresh."""

    def __init__(self, sim: Simulator, stream: str) -> None:
        self._limits, self._now = sim.limits, sim.clock.now
        self.begin = sim.streams[stream].created_at
        span = max(self._now - self.begin, MINUTE)
        self.width = next((w for w in WIDTHS if span <= MOST_BARS * w), span // MOST_BARS)
        self._first = self.begin // self.width
        self._start()

    def _start(self) -> None:
        self.open = 0
        self._shards: dict[int, int] = {}
        self._ceilings: list[tuple[int, tuple[float, float]]] = []
        self.modes: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []
        self._cells: dict[int, dict[int, list[int]]] = {}
        self.puts: list[RecordsPut] = []

    def take(self, event: Any) -> None:
        if isinstance(event, RecordsPut):
            self.puts.append(event)
        elif isinstance(event, ShardOpened | ShardClosed):
            self.open += 1 if isinstance(event, ShardOpened) else -1
            self._shards[event.at] = self.open
        elif isinstance(event, CeilingChanged):
            self._ceilings.append((event.at, self._worths(event.records, event.bytes)))
        elif isinstance(event, StreamCreated):
            self._start()
            self.modes.append((event.at, event.mode))
        elif isinstance(event, SettingChanged) and event.setting == "mode":
            self.modes.append((event.at, str(event.value)))
            if event.value == "PROVISIONED":
                self._ceilings.append((event.at, (inf, inf)))
        elif isinstance(event, StatusChanged) and event.became == "ACTIVE" and event.why in ASKED:
            self.marks.append((event.at, event.why))

    def put(self, share: Share) -> None:
        """What a second sent is known at its end, so it belongs to the span before."""
        cell = self._cells.setdefault(max(share.at - 1, self.begin) // self.width, {})
        sums = cell.setdefault(share.shard, [0, 0, 0, 0])
        sums[0] += share.records
        sums[1] += share.bytes
        sums[2] += share.throttled
        sums[3] += share.throttled_bytes

    @cached_property
    def capacity(self) -> tuple[tuple[int, float], ...]:
        """What fits, since when: of the ceiling's two units, the one that the load is busier in."""
        unit = self._unit
        ceilings = {at: both[unit] for at, both in self._ceilings}
        found, shards, ceiling = list[tuple[int, float]](), 0, inf
        for at in sorted({*self._shards, *ceilings}):
            shards, ceiling = self._shards.get(at, shards), ceilings.get(at, ceiling)
            line = float(min(shards, ceiling))
            if not found or found[-1][1] != line:
                found.append((at, line))
        return tuple(found)

    @property
    def _unit(self) -> int:
        """0 when records decide about the load, 1 when bytes do."""
        shares = [sums for cell in self._cells.values() for sums in cell.values()]
        records, size = self._worths(
            sum(sums[0] + sums[2] for sums in shares), sum(sums[1] + sums[3] for sums in shares)
        )
        return int(size > records)

    def bars(self) -> list[Bar]:
        """A bar for every span since the stream began, the quiet ones too."""
        last = max(self._now - 1, self.begin) // self.width
        return [self._bar(number) for number in range(self._first, last + 1)]

    def _bar(self, number: int) -> Bar:
        at = max(number * self.width, self.begin)
        seconds = max((min((number + 1) * self.width, self._now) - at) / 1000, 1)
        shards = self._cells.get(number, {}).values()
        records, size, throttled, refused = (sum(s[i] for s in shards) for i in range(4))
        stored = self._worth(records, size, seconds)
        offered = self._worth(records + throttled, size + refused, seconds)
        room = next((n for since, n in reversed(self.capacity) if since <= at), 0)
        return Bar(at, stored, offered, throttled, bool(throttled) and offered < 0.98 * room)

    def _worth(self, records: int, size: int, seconds: float) -> float:
        return max(self._worths(records, size)) / seconds

    def _worths(self, records: float, size: float) -> tuple[float, float]:
        """In shards' worth, by records and by bytes."""
        limits = self._limits
        return (
            records / limits["streams.shard_write_records"],
            size / limits["streams.shard_write_bytes"],
        )
