"""What finds nothing does not fire, and nobody can tell: order, instants and counts stay as they
were."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st

from kinesis_sim.clock import Clock


@dataclass
class Box:
    """What producers put into and readers look at; told: what happened, in order."""

    items: int = 0
    told: list[tuple[object, ...]] = field(default_factory=list)


class Reader:
    """Looks every so many ms; asleep while the box is as it was, or never (``plain``)."""

    def __init__(self, clock: Clock, box: Box, name: str, first: int, every: int, plain: bool):
        self._clock, self._box, self._every, self._plain = clock, box, every, plain
        self.name, self.seen, self.looks = name, 0, 0
        self._next(first)

    def _next(self, at: int) -> None:
        if self._plain:
            self._clock.schedule(at, self._look)
        else:
            self._clock.repeat(at, self._every, self._look, self)

    def _look(self) -> None:
        self.looks += 1
        if self.seen != self._box.items:
            self._box.told.append((self._clock.now, self.name, self._box.items - self.seen))
            self.seen = self._box.items
        self._next(self._clock.now + self._every)

    def quiet(self, at: int) -> bool:
        return self.seen == self._box.items

    def skip(self, first: int, every: int, count: int) -> None:
        assert every == self._every
        self.looks += count


PERIODS = st.sampled_from([100, 150, 200, 250, 1_000])
READERS = st.lists(st.tuples(st.integers(0, 4), PERIODS), max_size=4)
PRODUCERS = st.lists(st.tuples(st.integers(0, 6), PERIODS, st.integers(0, 5)), max_size=3)
MOVES = st.lists(st.tuples(st.sampled_from([1, 50, 100, 999, 5_000]), st.booleans()), max_size=8)


def played(
    readers: list[tuple[int, int]],
    producers: list[tuple[int, int, int]],
    moves: list[tuple[int, bool]],
    *,
    plain: bool,
) -> tuple[list[tuple[object, ...]], list[int], list[int | None]]:
    clock, box = Clock(0), Box()

    def produce(every: int, left: int) -> None:
        box.items += 1
        box.told.append((clock.now, "put"))
        if left:
            clock.schedule(clock.now + every, lambda: produce(every, left - 1))

    made = []
    for number in range(max(len(readers), len(producers))):
        if number < len(readers):
            first, every = readers[number]
            made.append(Reader(clock, box, f"r{number}", 50 * first, every, plain))
        if number < len(producers):
            first, every, times = producers[number]
            clock.schedule(50 * first, lambda every=every, times=times: produce(every, times))
    dues = []
    for ms, put in moves:
        clock.advance(ms)
        dues.append(clock.next_due())
        if put:
            box.items += 1
    clock.advance(3_000)
    return box.told, [reader.looks for reader in made], dues


@example([(0, 150), (3, 150)], [], [(999, True)])
@given(READERS, PRODUCERS, MOVES)
def test_nobody_can_tell_who_slept(
    readers: list[tuple[int, int]],
    producers: list[tuple[int, int, int]],
    moves: list[tuple[int, bool]],
) -> None:
    asleep = played(readers, producers, moves, plain=False)
    awake = played(readers, producers, moves, plain=True)
    assert asleep == awake


def test_an_idle_year_is_a_handful_of_steps() -> None:
    clock, box, asked = Clock(0), Box(), list[int]()

    class Counted(Reader):
        def quiet(self, at: int) -> bool:
            asked.append(at)
            return super().quiet(at)

    reader = Counted(clock, box, "r", 0, 1_000, False)
    clock.advance(365 * 86_400_000)
    assert reader.looks == 365 * 86_400 + 1
    assert len(asked) == 1


def test_a_cancelled_sleeper_never_wakes() -> None:
    clock, box = Clock(0), Box()
    reader = Reader(clock, box, "r", 5_000, 1_000, False)
    entry = clock._idle[0][2]
    entry.cancel()
    box.items = 1
    clock.advance(60_000)
    assert (reader.looks, clock.next_due()) == (0, None)
