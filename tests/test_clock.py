"""The clock's laws: order of firing, moves that cost nothing, and clocks that follow a source."""

from __future__ import annotations

import random

import pytest

from kinesis_sim import Simulator
from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, SECOND

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z


class Wall:
    """A wall clock that tests move."""

    def __init__(self, ms: int = 1_000_000) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return self.ms


def test_a_clock_starts_in_2026_and_stands_still() -> None:
    clock = Clock()
    assert clock.now == START
    assert clock.catch_up() == START
    assert clock.is_manual
    assert clock.rate == 0


def test_100_000_due_actions_fire_in_order_of_time_then_of_scheduling() -> None:
    clock, draw = Clock(), random.Random(7)
    planned = [(START + draw.randrange(1, 5_000), order) for order in range(100_000)]
    fired: list[tuple[int, int]] = []
    for at, order in planned:
        clock.schedule(at, lambda at=at, order=order: fired.append((at, order)))  # type: ignore[misc]
    clock.advance(10 * SECOND)
    assert fired == sorted(planned)


def test_an_idle_year_takes_no_step() -> None:
    clock = Clock()
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    clock.schedule(START + 365 * DAY + 1, count)
    assert clock.next_due() == START + 365 * DAY + 1
    assert len(clock._heap) == 1
    clock.advance(365 * DAY)
    assert (steps, clock.now) == (0, START + 365 * DAY)
    assert len(clock._heap) == 1


def test_an_idle_simulator_has_nothing_scheduled() -> None:
    sim = Simulator(limits="off")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=4)
    sim.advance(minutes=1)
    assert sim.clock.next_due() is None
    sim.advance(days=365)
    assert len(sim.events) == 6  # created, four shards opened, one change of status


def test_actions_see_their_own_time_and_schedule_further_ones() -> None:
    clock = Clock(0)
    seen: list[tuple[str, int]] = []

    def first() -> None:
        seen.append(("first", clock.now))
        clock.schedule(clock.now, lambda: seen.append(("at once", clock.now)))
        clock.schedule(clock.now + 5, lambda: seen.append(("within", clock.now)))
        clock.schedule(clock.now + 500, lambda: seen.append(("later", clock.now)))

    clock.schedule(10, first)
    clock.schedule(12, lambda: seen.append(("second", clock.now)))
    clock.advance(100)
    assert seen == [("first", 10), ("at once", 10), ("second", 12), ("within", 15)]
    assert clock.now == 100
    clock.advance(1_000)
    assert seen[-1] == ("later", 510)


def test_a_chain_of_actions_reaches_only_as_far_as_the_move() -> None:
    clock, ticks = Clock(0), []

    def tick() -> None:
        ticks.append(clock.now)
        clock.schedule(clock.now + 10, tick)

    clock.schedule(10, tick)
    clock.run_until(100)
    assert ticks == list(range(10, 101, 10))


def test_what_was_due_in_the_past_fires_at_the_next_move() -> None:
    clock, fired = Clock(1_000), []
    clock.schedule(5, lambda: fired.append(clock.now))
    assert clock.next_due() == 1_000
    clock.advance(0)
    assert fired == [1_000]


def test_a_cancelled_action_does_not_fire() -> None:
    clock, fired = Clock(0), []
    entry = clock.schedule(5, lambda: fired.append("cancelled"))
    kept = clock.schedule(6, lambda: fired.append("kept"))
    entry.cancel()
    entry.cancel()
    assert clock.next_due() == 6
    clock.advance(10)
    kept.cancel()
    assert fired == ["kept"]
    assert clock.next_due() is None


def test_cancelled_actions_are_let_go_once_they_are_more_than_half() -> None:
    clock, fired = Clock(), list[int]()
    for number in range(100):
        clock.schedule(START + 1_000 + number, lambda number=number: fired.append(number))  # type: ignore[misc]
    for wave in range(200):  # timers that are set anew again and again, as buffers and leases do
        clock.schedule(START + DAY + wave, lambda: fired.append(-1)).cancel()
        assert len(clock._heap) <= 2 * 100 + 2
    clock.advance(2 * DAY)
    assert fired == list(range(100))


def test_a_few_cancelled_actions_stay_until_they_are_due_and_no_more_than_64() -> None:
    clock = Clock()
    most = 0
    for _ in range(1_000):
        clock.schedule(START + DAY, lambda: None).cancel()
        most = max(most, len(clock._heap))
    assert most == 65
    clock.advance(DAY)
    assert clock._heap == []
    clock.schedule(START + 2 * DAY, lambda: None).cancel()
    assert len(clock._heap) == 1


def test_an_action_may_cancel_another_of_the_same_instant() -> None:
    clock, fired = Clock(0), []
    victims: list[ScheduledAction] = []
    clock.schedule(5, lambda: victims[0].cancel())
    victims.append(clock.schedule(5, lambda: fired.append("victim")))
    clock.advance(5)
    assert fired == []


def test_an_action_that_raises_stops_the_move_at_its_own_time() -> None:
    clock, fired = Clock(0), []

    def fail() -> None:
        raise LookupError("boom")

    clock.schedule(5, fail)
    clock.schedule(7, lambda: fired.append(clock.now))
    with pytest.raises(LookupError, match="boom"):
        clock.advance(10)
    assert (clock.now, fired) == (5, [])
    clock.advance(5)
    assert (clock.now, fired) == (10, [7])


def test_an_action_cannot_move_the_clock() -> None:
    clock = Clock(0)
    clock.schedule(5, lambda: clock.advance(1))
    with pytest.raises(UsageError, match="already moving"):
        clock.advance(10)


def test_waiting_inside_an_action_takes_no_time() -> None:
    clock, seen = Clock(0), []

    def wait() -> None:
        clock.pause(1_000)
        seen.append(clock.now)

    clock.schedule(5, wait)
    clock.advance(10)
    assert seen == [5]


def test_pausing_moves_a_manual_clock() -> None:
    clock, fired = Clock(0), []
    clock.schedule(5, lambda: fired.append(clock.now))
    clock.pause(0)
    assert clock.now == 0
    clock.pause(8)
    assert (clock.now, fired) == (8, [5])


def test_after_zero_runs_within_the_callers_own_step() -> None:
    clock, fired = Clock(0), []
    assert clock.after(0, lambda: fired.append(clock.now)) is None
    assert fired == [0]
    assert clock.after(3, lambda: fired.append(clock.now)) is not None
    clock.advance(3)
    assert fired == [0, 3]


def test_time_never_runs_backwards() -> None:
    clock = Clock(1_000)
    with pytest.raises(UsageError, match="only runs forward"):
        clock.advance(-1)
    with pytest.raises(UsageError, match="1 ms in the past"):
        clock.run_until(999)
    with pytest.raises(UsageError, match="cannot run backwards"):
        Clock(rate=-1)


def test_a_scaled_clock_makes_a_minute_of_every_second() -> None:
    wall = Wall()
    clock = Clock(0, rate=60, source=wall)
    wall.ms += 1_500
    assert clock.now == 90_000
    assert not clock.is_manual


def test_reading_a_running_clock_fires_nothing_and_catching_up_fires_what_is_due() -> None:
    wall, fired = Wall(), []
    clock = Clock(0, rate=10, source=wall)
    for at in (50, 20, 20, 300):
        clock.schedule(at, lambda at=at: fired.append((at, clock.now)))  # type: ignore[misc]
    wall.ms += 10
    assert (clock.now, fired) == (100, [])
    assert clock.catch_up() == 100
    assert fired == [(20, 20), (20, 20), (50, 50)]
    assert clock.catch_up() == 100
    wall.ms += 20
    assert clock.catch_up() == 300
    assert fired[-1] == (300, 300)


def test_a_running_clock_can_be_moved_and_runs_on_from_there() -> None:
    wall, fired = Wall(), []
    clock = Clock(0, rate=1, source=wall)
    clock.schedule(DAY, lambda: fired.append(clock.now))
    wall.ms += 5
    clock.advance(DAY)
    assert (clock.now, fired) == (DAY + 5, [DAY])
    wall.ms += 7
    assert clock.now == DAY + 12


def test_a_wall_clock_shows_its_source_and_survives_its_being_set_back() -> None:
    wall = Wall(1_700_000_000_000)
    clock = Clock.wall(wall)
    assert clock.now == 1_700_000_000_000
    wall.ms += 250
    assert clock.catch_up() == 1_700_000_000_250
    wall.ms -= 10_000
    assert clock.now == 1_700_000_000_250


def test_who_waits_for_the_clock_is_told_what_is_scheduled() -> None:
    clock = Clock(0)
    told: list[int] = []
    clock.on_schedule = told.append
    clock.schedule(9, lambda: None)
    clock.schedule(-4, lambda: None)
    assert told == [9, 0]


@pytest.mark.parametrize("instant", [float("inf"), float("nan"), -1, 10**18])
def test_a_clock_cannot_be_told_of_an_instant_off_the_calendar(instant: float) -> None:
    clock = Clock()
    before = clock.now
    with pytest.raises(UsageError, match="outside the clock's calendar"):
        clock.stand_at(instant)  # type: ignore[arg-type]
    assert clock.now == before
