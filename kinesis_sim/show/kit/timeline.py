"""The time axis: how instants become places from left (0) to right (1), and how they are written.

A simulated day passes in one call, so most histories are a second of traffic beside hours of quiet.
Quiet stretches are squeezed until none takes more than its share of the axis, and marked as such.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from kinesis_sim.instants import DAY, HOUR, MINUTE, SECOND, to_datetime
from kinesis_sim.show.kit.history import History
from kinesis_sim.show.kit.words import Words

QUIET_SHARE = 0.16
"""The most of the axis that a stretch without events may take while others need the room."""
MARKED_FROM = 3.0
"""A stretch squeezed at least this much, compared with the least squeezed one, gets a mark."""
_STEPS = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND),
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR),
    *(12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A piecewise linear axis. corners: (epoch ms, place); breaks: squeezed (from, to)."""

    corners: tuple[tuple[int, float], ...]
    breaks: tuple[tuple[int, int], ...]

    def place(self, instant: float) -> float:
        """Where an instant lies, 0 to 1; outside the axis, at its nearer end."""
        times = [time for time, _ in self.corners]
        right = min(max(bisect_right(times, instant), 1), len(times) - 1)
        (t0, x0), (t1, x1) = self.corners[right - 1], self.corners[right]
        return x0 + (x1 - x0) * min(max((instant - t0) / (t1 - t0), 0.0), 1.0)

    def instant(self, place: float) -> int:
        """The instant (epoch ms) at a place from 0 to 1."""
        places = [place for _, place in self.corners]
        right = min(max(bisect_right(places, place), 1), len(places) - 1)
        (t0, x0), (t1, x1) = self.corners[right - 1], self.corners[right]
        return round(t0 + (t1 - t0) * (place - x0) / (x1 - x0))

    @property
    def begin(self) -> int:
        """The first instant (epoch ms)."""
        return self.corners[0][0]

    @property
    def end(self) -> int:
        """The last instant (epoch ms)."""
        return self.corners[-1][0]


def axis(history: History) -> Axis:
    """The axis from a stream's creation to now, quiet stretches squeezed."""
    instants = {dot.share.at for dot in history.dots} | {at for at, _, _ in history.statuses}
    instants |= {beat.at for beat in history.beats} | {change.at for change in history.retentions}
    instants |= {history.horizon.passes(dot.share.at) for dot in history.dots}
    end = max(history.now, history.begin + SECOND)
    return squeezed({at for at in instants if at < end} | {history.begin, end})


def squeezed(instants: Iterable[int]) -> Axis:
    """An axis through two or more instants (epoch ms); no gap takes more than its share."""
    times = sorted(set(instants))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    most = _longest(sorted(gaps, reverse=True))
    widths = [min(gap, most) for gap in gaps]
    total, place = sum(widths), 0.0
    corners = [(times[0], 0.0)]
    for time, width in zip(times[1:], widths, strict=True):
        place += width
        corners.append((time, place / total))
    stretches = zip(pairwise(times), gaps, strict=True)
    return Axis(
        tuple(_merged(corners)),
        tuple(stretch for stretch, gap in stretches if gap > MARKED_FROM * most),
    )


def _longest(gaps: list[int]) -> float:
    """The width above which gaps (longest first) are cut, so that each keeps to its share."""
    rest = float(sum(gaps))
    for cut, gap in enumerate(gaps):
        if gap <= QUIET_SHARE * (rest + cut * gap):
            return gap
        room = 1 - QUIET_SHARE * (cut + 1)
        rest -= gap
        following = gaps[cut + 1] if cut + 1 < len(gaps) else 0
        if room <= 0:
            return gap
        if (most := QUIET_SHARE * rest / room) >= following:
            return most or gap
    return gaps[0]


def _merged(corners: list[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Corners that the axis bends at; those on a straight line say nothing."""
    yield corners[0]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        rise, next_rise = _slope(before, corner), _slope(corner, after)
        if abs(rise - next_rise) > 0.01 * max(rise, next_rise):
            yield corner
    yield corners[-1]


def _slope(one: tuple[int, float], other: tuple[int, float]) -> float:
    return (other[1] - one[1]) / (other[0] - one[0])


# --- writing times ------------------------------------------------------------------------------


class Times:
    """How the instants of one axis are written: as short as they can be told apart."""

    def __init__(self, axis: Axis, words: Words) -> None:
        span = axis.end - axis.begin
        self._begin = axis.begin
        self._days = words.say("days").split()
        self._dated = to_datetime(axis.begin).date() != to_datetime(axis.end).date()
        self._seconds = span < HOUR or bool(axis.breaks)
        self._milliseconds = span <= 5 * SECOND

    @property
    def room(self) -> float:
        """The part of the axis that a label takes, on the narrowest axis that is drawn."""
        return 0.0165 * len(self.short(self._begin))

    def short(self, instant: int) -> str:
        """For an axis and for sentences: 00:00:15, or Thu 20:40 when the axis spans days."""
        when = to_datetime(instant)
        day = f"{self._days[when.weekday()]} " if self._dated else ""
        seconds = f"{when:%H:%M:%S}" if self._seconds else f"{when:%H:%M}"
        return f"{day}{seconds}.{instant % 1000:03d}" if self._milliseconds else day + seconds


def since(whole_from: int | None, begin: int, words: Words) -> str:
    """What to add to a subtitle when not all from ``begin`` on is known one by one.

    begin: epoch ms. Empty when it is.
    """
    if whole_from is None or whole_from <= begin:
        return ""
    return f" · {words.say('since', time=full(whole_from))}"


def full(instant: int) -> str:
    """Date and time to the second, to the millisecond where there is one: 2026-01-01 00:00:15."""
    when = to_datetime(instant)
    text = f"{when:%Y-%m-%d %H:%M:%S}"
    return f"{text}.{instant % 1000:03d}" if instant % 1000 else text


def duration(ms: int) -> str:
    """A length of time in its two largest units: 24 h 59 min, 3 d, 15 s, 200 ms."""
    parts: list[str] = []
    for name, unit in (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND), ("ms", 1)):
        if ms >= (2 * unit if unit == DAY else unit) and len(parts) < 2:
            parts.append(f"{ms // unit} {name}")
            ms %= unit
        elif parts:
            break
    return " ".join(parts) or "0 s"


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the axis. place: 0 to 1; quiet: it measures a squeezed stretch."""

    place: float
    label: str
    quiet: bool = False


def ticks(axis: Axis, times: Times) -> list[Tick]:
    """What to write under the axis, far enough apart to be read; the ends always among it."""
    taken: list[float] = []
    found = []
    for tick in _candidates(axis, times):
        middle = min(tick.place, 1 - times.room / 2)  # the last label ends where the axis ends
        if all(abs(middle - other) >= times.room for other in taken):
            taken.append(middle)
            found.append(tick)
    return sorted(found, key=lambda tick: tick.place)


def _candidates(axis: Axis, times: Times) -> Iterator[Tick]:
    for end in (axis.begin, axis.end):
        yield Tick(axis.place(end), times.short(end))
    for earlier, later in axis.breaks:
        middle = (axis.place(earlier) + axis.place(later)) / 2
        yield Tick(middle, duration(later - earlier), quiet=True)
    edges = [edge for stretch in axis.breaks for edge in stretch]
    for instant in [*edges, *_between(axis)] if axis.breaks else _round(axis):
        if not any(earlier < instant < later for earlier, later in axis.breaks):
            yield Tick(axis.place(instant), times.short(instant))


def _round(axis: Axis) -> range:
    span = axis.end - axis.begin
    step = next((step for step in _STEPS if span / step <= 6), span)
    return range(axis.begin - axis.begin % step + step, axis.end, step)


def _between(axis: Axis) -> list[int]:
    """Instants at even places, to the second: a bent axis has no round steps."""
    instants = [axis.instant(part / 9) for part in range(1, 9)]
    return [instant - instant % SECOND for instant in instants if instant - axis.begin > SECOND]
