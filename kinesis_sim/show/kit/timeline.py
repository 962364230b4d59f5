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

LETTER = 0.0135
"""The part of the axis that a letter of a label takes, on the narrowest axis that is drawn."""
QUIET_SHARE = 0.16
"""The most of the axis that a stretch without events may take while others need the room."""
MARKED_FROM = 3.0
"""A stretch squeezed at least this much, compared with the least squeezed one, gets a mark."""
FEW = 4
"""Round times that say too little of an axis by themselves."""
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
    def rows(self) -> list[tuple[int, float]]:
        """Its corners as JSON."""
        return [(at, round(place, 6)) for at, place in self.corners]

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
        self._days = words.say("days").split()
        self._dated = to_datetime(axis.begin).date() != to_datetime(axis.end).date()
        self._seconds = span < HOUR or bool(axis.breaks)
        self._milliseconds = span <= 5 * SECOND

    def short(self, instant: int) -> str:
        """For sentences: 00:00:15, or Thu 20:40 when the axis spans days."""
        return self._written(instant, seconds=self._seconds)

    def round(self, instant: int, step: int) -> str:
        """For an axis whose labels stand a round ``step`` (ms) apart."""
        return self._written(instant, seconds=step < MINUTE)

    @property
    def least(self) -> int:
        """The shortest step between two labels that reads as one (ms)."""
        return 1 if self._milliseconds else SECOND

    def _written(self, instant: int, *, seconds: bool) -> str:
        when = to_datetime(instant)
        day = f"{self._days[when.weekday()]} " if self._dated else ""
        time = clock(instant, seconds=seconds)
        milliseconds = f".{instant % 1000:03d}" if self._milliseconds and seconds else ""
        return f"{day}{time}{milliseconds}"


def since(whole_from: int | None, begin: int, words: Words) -> str:
    """What to add to a subtitle when not all from ``begin`` on is known one by one.

    begin: epoch ms. Empty when it is.
    """
    if whole_from is None or whole_from <= begin:
        return ""
    return f" · {words.say('since', time=full(whole_from))}"


def clock(instant: int, *, seconds: bool = True) -> str:
    """The time of day, UTC: 00:00:15; without its seconds 00:00."""
    return f"{to_datetime(instant):%H:%M:%S}" if seconds else f"{to_datetime(instant):%H:%M}"


def full(instant: int) -> str:
    """Date and time to the second: 2026-01-01 00:00:15."""
    return f"{to_datetime(instant):%Y-%m-%d %H:%M:%S}"


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
    """A label under the axis. place: 0 to 1.

    quiet: it measures a squeezed stretch, with an arrow to both sides, so that nobody takes a
    length for an instant.
    """

    place: float
    label: str
    quiet: bool = False


def ticks(axis: Axis, times: Times, *, lengths: bool = True) -> list[Tick]:
    """What to write under the axis, far enough apart to be read: round times, and quiet stretches.

    The ends of the axis stand among them where no two round times do. lengths: whether quiet
    stretches are told; where they are not and round times are few, the instants between them are.
    """
    found = _apart(each for each in _candidates(axis, times) if lengths or not each.quiet)
    ends = [Tick(axis.place(end), times.short(end)) for end in (axis.begin, axis.end)]
    if lengths and sum(not tick.quiet for tick in found) < 2:
        found = _apart([*ends, *found])
    if not lengths and len(found) < FEW:
        instants = [*sorted(dict(_round(axis, times))), *(at for at, _ in axis.corners[1:-1])]
        between = (Tick(axis.place(at), times.short(at)) for at in instants)
        found = _apart([*ends, *between])
    return sorted(found, key=lambda tick: tick.place)


def _apart(candidates: Iterable[Tick]) -> list[Tick]:
    """Those of the candidates that meet none before them; what is said once is not said again."""
    taken: list[tuple[float, float]] = []
    found: list[Tick] = []
    for tick in candidates:
        if not tick.quiet and any(tick.label == other.label for other in found):
            continue  # instants within the same second
        wide = LETTER * len(tick.label)
        middle = min(tick.place, 1 - wide / 2)  # the last label ends where the axis ends
        if all(abs(middle - other) >= (wide + room) / 2 + LETTER for other, room in taken):
            taken.append((middle, wide))
            found.append(tick)
    return found


def _candidates(axis: Axis, times: Times) -> Iterator[Tick]:
    for earlier, later in axis.breaks:
        middle = (axis.place(earlier) + axis.place(later)) / 2
        yield Tick(middle, f"↔ {duration(later - earlier)}", quiet=True)
    rounds = dict(_round(axis, times))
    step = min(rounds.values(), default=0)
    for instant in sorted(rounds, key=lambda each: (-_roundness(each), each)):
        yield Tick(axis.place(instant), times.round(instant, step))


def _roundness(instant: int) -> int:
    """The longest step that an instant is a multiple of (ms)."""
    return next(step for step in reversed(_STEPS) if instant % step == 0)


def _round(axis: Axis, times: Times) -> Iterator[tuple[int, int]]:
    """Round instants on every even part of the axis, each with the step that it is one of."""
    for (begin, left), (end, right) in pairwise(axis.corners):
        most = (right - left) / (LETTER * (len(times.round(begin, times.least)) + 1))
        squeezed = any(earlier <= begin and end <= later for earlier, later in axis.breaks)
        if squeezed or most < 0.5:
            continue
        enough = ((end - begin) / max(1, min(most, 6)), times.least)
        step = next((each for each in _STEPS if each >= max(enough)), _STEPS[-1])
        first = -(-begin // step) * step
        yield from ((instant, step) for instant in range(first, end + 1, step))
