"""From an application's pumps: their rows, the windows that these fell into, and what came out.

The rows are those of the session's own log, and each falls where the pump's own operator puts it:
whatever SQL a learner writes, the picture shows that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession, Pump
from kinesis_sim.analytics.operators.calc import Projection, RowFilter
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.operators.over import OverClock
from kinesis_sim.analytics.operators.sessions import StaggerAggregate
from kinesis_sim.analytics.operators.windowed import WindowAggregate
from kinesis_sim.analytics.types.texts import shown
from kinesis_sim.show.kit.timeline import clock

WINDOWS = (WindowAggregate, StaggerAggregate, OverClock)
LEAST_INSTANT = 10**11
"""A whole number from here on is an instant in epoch ms, not a count."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A row that came into a pump. at: its ROWTIME (epoch ms); key: what it is grouped by."""

    at: int
    key: str


@dataclass(frozen=True, slots=True)
class Pane:
    """One window. start, end: epoch ms; key: of its rows; dots: their places in the lane, in order.

    result: what the pump gave for it, "" while it is open or when nothing tells. again: another
    window has spoken about this key, which names a time, before: a partial result.
    """

    start: int
    end: int
    key: str
    dots: tuple[int, ...]
    result: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A pump. kind: "tumbling", "stagger", "sliding" (by time), "rows" or "plain", without windows.

    length: of its windows, in ms, or in rows; 0 for plain pumps. panes of a sliding window: one for
    each row, that ends with it.
    """

    pump: str
    target: str
    kind: str
    length: int
    dots: tuple[Dot, ...]
    panes: tuple[Pane, ...]


@dataclass(frozen=True, slots=True)
class Pumping:
    """An application's pumps now (epoch ms)."""

    now: int
    lanes: tuple[Lane, ...]

    @property
    def instants(self) -> list[int]:
        """When anything happened, and now: rows in, windows closed."""
        found = {dot.at for lane in self.lanes for dot in lane.dots}
        found |= {pane.end for lane in self.lanes for pane in lane.panes if pane.end <= self.now}
        return [*sorted(at for at in found if at < self.now), self.now]

    @property
    def keys(self) -> list[str]:
        """Every key there is, in the order in which they came."""
        return list(dict.fromkeys(dot.key for lane in self.lanes for dot in lane.dots))


def pumping(session: KinesisSession, now: int) -> Pumping:
    """The pumps of a session, in the order in which they were made."""
    lanes = [_lane(session, pump, now) for pump in session.pumps.values()]
    return Pumping(now, tuple(lane for lane in lanes if lane is not None))


# --- one pump -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """A pump's rows up to its window. window: None where it has none."""

    window: Operator | None
    rows: list[Row] = field(default_factory=list)


def _lane(session: KinesisSession, pump: Pump, now: int) -> Lane | None:
    """A pump of one stream; None for a join, which has no rows of its own."""
    entries = [(name, entry) for name, own in pump.planned.entries.items() for entry in own]
    if len(entries) != 1:
        return None
    name, entry = entries[0]
    reading = _read(entry, [row for _, row in session.streams[name].log.changes])
    made = _panes(reading, now)
    if made is None:
        return None
    kind, length, keyed, panes = made
    dots = tuple(Dot(_at(row), key) for row, key in zip(reading.rows, keyed, strict=True))
    results = _results(session, pump)
    return Lane(pump.name, pump.target, kind, length, dots, tuple(_told(panes, results, now)))


def _read(entry: Operator, rows: list[Row]) -> _Reading:
    """What of a stream's rows comes to the pump's first window."""
    here = entry.next
    while isinstance(here, Operator) and not isinstance(here, WINDOWS):
        if isinstance(here, RowFilter):
            rows = [row for row in rows if _tried(here.condition, row) is True]
        elif isinstance(here, Projection) and _leads_to_window(here):
            columns = here.columns
            rows = [tuple(_tried(column, row) for column in columns) for row in rows]
        here = here.next
    return _Reading(here if isinstance(here, WINDOWS) else None, rows)


def _leads_to_window(operator: Operator) -> bool:
    here: Any = operator.next
    while isinstance(here, Operator):
        if isinstance(here, WINDOWS):
            return True
        here = here.next
    return False


def _tried(evaluate: Any, row: Row) -> Any:
    """A value of a row; None where the row fails, which error_stream tells."""
    try:
        return evaluate(row)
    except (ValueError, ArithmeticError):
        return None


def _panes(reading: _Reading, now: int) -> tuple[str, int, list[str], list[Pane]] | None:
    """Kind and length of a pump's windows, the key of each row, and the windows."""
    window, rows = reading.window, reading.rows
    if window is None:
        return "plain", 0, [""] * len(rows), []
    assert isinstance(window, WindowAggregate | StaggerAggregate | OverClock)
    keys = [_key(tuple(_tried(key, row) for key in window.keys)) for row in rows]
    if isinstance(window, WindowAggregate):
        cuts = [window.assign(row)[0] for row in rows]
        length = cuts[0][1] - cuts[0][0] if cuts else 0
        return "tumbling", length, keys, list(_cut(keys, cuts))
    if isinstance(window, StaggerAggregate):
        return "stagger", window.age, keys, list(_staggered(rows, keys, window.age))
    return _sliding(window, rows, keys)


def _cut(keys: list[str], cuts: list[tuple[int, int]]) -> Iterator[Pane]:
    found: dict[tuple[int, int, str], list[int]] = {}
    for at, (key, cut) in enumerate(zip(keys, cuts, strict=True)):
        found.setdefault((cut[1], cut[0], key), []).append(at)
    for end, start, key in sorted(found, key=lambda one: one[0]):
        yield Pane(start, end, key, tuple(found[end, start, key]))


def _staggered(rows: list[Row], keys: list[str], age: int) -> Iterator[Pane]:
    """A window of each key from its first row on, in the order in which they close."""
    found: list[tuple[int, str, list[int]]] = []
    latest: dict[str, tuple[int, str, list[int]]] = {}
    for at, (row, key) in enumerate(zip(rows, keys, strict=True)):
        open_one = latest.get(key)
        if open_one is None or _at(row) >= open_one[0] + age:
            open_one = latest[key] = (_at(row), key, [])
            found.append(open_one)
        open_one[2].append(at)
    for start, key, dots in found:
        yield Pane(start, start + age, key, tuple(dots))


def _sliding(
    window: OverClock, rows: list[Row], keys: list[str]
) -> tuple[str, int, list[str], list[Pane]]:
    """The frame of each row: those of its key in it, itself the last."""
    panes, length = [], window.range_ms if window.range_ms is not None else (window.rows or 0)
    for at, (row, key) in enumerate(zip(rows, keys, strict=True)):
        own = [n for n in range(at + 1) if keys[n] == key]
        if window.range_ms is not None:
            oldest = _at(row) - length + (0 if window.inclusive else 1)
            own = [n for n in own if _at(rows[n]) >= oldest]
            start = _at(row) - length
        else:
            own = own[-length - 1 :] if window.rows is not None else own
            start = _at(rows[own[0]])
        panes.append(Pane(start, _at(row), key, tuple(own)))
    kind = "sliding" if window.range_ms is not None else "rows"
    return kind, length, keys, panes


# --- what came out --------------------------------------------------------------------------------


def _results(session: KinesisSession, pump: Pump) -> list[str]:
    """The last column of each row that the pump gave; empty where others feed its stream too."""
    if sum(other.target == pump.target for other in session.pumps.values()) > 1:
        return []
    stream = session.streams[pump.target]
    last = list(stream.fields)[-1]
    return [_short(shown(last.kind, row[-1])) for _, row in stream.log.changes]


def _told(panes: list[Pane], results: list[str], now: int) -> Iterator[Pane]:
    """Windows with what was given for them: the n-th result is the n-th window's that closed."""
    closed = [pane for pane in panes if pane.end <= now]
    fits = len(results) == len(closed)
    spoken: set[str] = set()
    for at, pane in enumerate(panes):
        again = ":" in pane.key and pane.key in spoken
        spoken.add(pane.key)
        result = results[at] if fits and at < len(results) else ""
        yield replace(pane, result=result, again=again)


def _at(row: Row) -> int:
    """ROWTIME."""
    return int(row[0])


def _key(values: tuple[Any, ...]) -> str:
    return " · ".join(_short(value) for value in values)


def _short(value: Any) -> str:
    """A value in a few letters; an instant as its time of day."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= LEAST_INSTANT:
        return clock(value, seconds=False)
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "–" if value is None else str(value)
