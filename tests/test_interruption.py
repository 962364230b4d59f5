"""Law 5 of the clock: an interruption falls between two actions, and a stop asked for does, too."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType

import pytest

from kinesis_sim import Simulator, interruption
from kinesis_sim.clock import Clock
from kinesis_sim.errors import Interrupted, MoveStopped, UsageError
from kinesis_sim.instants import SECOND
from kinesis_sim.interruption import Held, interruptible, wholly
from kinesis_sim.watch import MoveProgress, Watch


def interrupt() -> None:
    """What the stop button of a notebook does."""
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def own_handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def ticking(clock: Clock, during: Callable[[int], None] = lambda _: None) -> list[int]:
    """A chain of actions a second apart that notes its times; ``during`` runs within each."""
    done: list[int] = []

    def tick() -> None:
        clock.schedule(clock.now + SECOND, tick)
        during(clock.now)
        done.append(clock.now)

    clock.schedule(clock.now + SECOND, tick)
    return done


def test_an_action_is_done_wholly_before_the_interruption_is_raised() -> None:
    clock = Clock(0)
    done = ticking(clock, lambda now: interrupt() if now == 3_000 else None)
    with pytest.raises(KeyboardInterrupt):
        clock.advance(10_000)
    assert (clock.now, done) == (3_000, [1_000, 2_000, 3_000])
    clock.advance(2_000)
    assert done[-1] == clock.now == 5_000


def test_an_interruption_of_the_last_action_finds_the_move_complete() -> None:
    clock = Clock(0)
    clock.schedule(5, interrupt)
    with pytest.raises(KeyboardInterrupt):
        clock.advance(10)
    assert clock.now == 10


def test_a_second_interruption_comes_through_at_once() -> None:
    clock, reached = Clock(0), []

    def endless() -> None:
        interrupt()
        reached.append("held")
        interrupt()
        reached.append("never")

    clock.schedule(5, endless)
    with pytest.raises(KeyboardInterrupt):
        clock.advance(10)
    assert (reached, clock.is_firing) == (["held"], False)
    clock.advance(10)


def test_what_raises_while_interrupted_raises_the_interruption_with_its_cause() -> None:
    clock = Clock(0)

    def fail() -> None:
        interrupt()
        raise LookupError("boom")

    clock.schedule(5, fail)
    with pytest.raises(KeyboardInterrupt) as raised:
        clock.advance(10)
    assert isinstance(raised.value.__context__, LookupError)


def test_a_handler_that_does_not_raise_stops_the_move_all_the_same() -> None:
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)

    signal.signal(signal.SIGINT, note)
    clock = Clock(0)
    ticking(clock, lambda now: interrupt() if now == 3_000 else None)
    with pytest.raises(MoveStopped, match=r"00:00:03.000Z.*00:00:10.000Z"):
        clock.advance(10_000)
    assert (told, clock.now) == ([signal.SIGINT], 3_000)
    assert signal.getsignal(signal.SIGINT) is note
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_what_python_does_not_handle_is_left_alone(handler: signal.Handlers) -> None:
    signal.signal(signal.SIGINT, handler)
    clock, seen = Clock(0), []
    clock.schedule(5, lambda: seen.append(signal.getsignal(signal.SIGINT)))
    clock.advance(10)
    assert seen == [handler]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_a_move_with_nothing_due_touches_no_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(interruption, "signal", lambda *given: calls.append(given))
    clock = Clock(0)
    clock.advance(10)
    assert calls == []
    monkeypatch.undo()


def test_signals_are_touched_once_per_move_not_per_action(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    install = interruption.signal

    def counted(*given: object) -> object:
        calls.append(given)
        return install(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(interruption, "signal", counted)
    clock = Clock(0)
    done = ticking(clock)
    clock.advance(1_000_000)
    assert (len(done), len(calls)) == (1_000, 2)
    monkeypatch.undo()


def test_elsewhere_than_in_the_main_thread_nothing_is_held() -> None:
    clock = Clock(0)
    done = ticking(clock)
    thread = threading.Thread(target=lambda: clock.advance(3_000))
    thread.start()
    thread.join()
    assert done == [1_000, 2_000, 3_000]


class TestSomebodyElsesCode:
    """reached: how far each piece of code got."""

    def test_it_is_interrupted_and_the_stretch_knows(self) -> None:
        reached: list[object] = []

        def theirs() -> None:
            interrupt()
            reached.append("never")

        def ours() -> None:
            with Held() as hold:
                with pytest.raises(Interrupted):
                    interruptible(theirs)
                reached.append(hold.asked)

        with pytest.raises(KeyboardInterrupt):
            ours()
        assert reached == [1]

    def test_our_own_code_called_from_there_is_held_again_until_its_end(self) -> None:
        reached: list[str] = []

        def theirs() -> None:
            with Held():
                interrupt()
                reached.append("whole")
            reached.append("never")

        def ours() -> None:
            with Held():
                with pytest.raises(Interrupted):
                    interruptible(theirs)
                reached.append("caught")

        with pytest.raises(KeyboardInterrupt):
            ours()
        assert reached == ["whole", "caught"]

    @pytest.mark.parametrize("error", [None, LookupError])
    def test_after_it_all_is_held_again(self, error: type[Exception] | None) -> None:
        reached: list[str] = []

        def theirs() -> None:
            if error is not None:
                raise error

        def ours() -> None:
            with Held():
                with suppress(LookupError):
                    interruptible(theirs)
                interrupt()
                reached.append("held")

        with pytest.raises(KeyboardInterrupt):
            ours()
        assert reached == ["held"]

    def test_its_answer_and_its_own_errors_pass(self) -> None:
        with Held():
            assert interruptible(divmod, 7, 2) == (3, 1)
            with pytest.raises(ZeroDivisionError):
                interruptible(divmod, 7, 0)

    def test_without_a_hold_it_is_called_as_it_is(self) -> None:
        with pytest.raises(KeyboardInterrupt):
            interruptible(interrupt)


class TestStopping:
    def test_another_thread_stops_a_move_between_two_actions(self) -> None:
        clock = Clock(0)
        started, stopped = threading.Event(), threading.Event()

        def rendezvous(now: int) -> None:
            if now == 3_000:
                started.set()
                assert stopped.wait(60)

        def stop() -> None:
            assert started.wait(60)
            assert clock.stop()
            stopped.set()

        done = ticking(clock, rendezvous)
        thread = threading.Thread(target=stop)
        thread.start()
        with pytest.raises(MoveStopped) as raised:
            clock.advance(10_000)
        thread.join()
        assert (raised.value.at, raised.value.until) == (3_000, 10_000)
        assert (clock.now, done) == (3_000, [1_000, 2_000, 3_000])
        clock.run_until(raised.value.until)
        assert (clock.now, len(done)) == (10_000, 10)

    def test_a_clock_that_stands_still_cannot_be_stopped(self) -> None:
        clock = Clock(0)
        done = ticking(clock)
        assert not clock.stop()
        clock.advance(3_000)
        assert len(done) == 3

    def test_a_stopped_watch_ends_its_move_and_refuses_the_next(self) -> None:
        clock, watch = Clock(0), Watch()
        done = ticking(clock, lambda now: watch.stop() if now == 2_000 else None)
        with clock.watched(watch):
            with pytest.raises(MoveStopped):
                clock.advance(10_000)
            with pytest.raises(MoveStopped):
                clock.advance(1)
        clock.advance(1_000)
        assert done == [1_000, 2_000, 3_000]

    def test_a_clock_that_follows_the_wall_stands_where_it_was_stopped_and_runs_on(self) -> None:
        wall = [1_000_000]
        clock = Clock(0, rate=1, source=lambda: wall[0])
        ticking(clock, lambda now: clock.stop() if now == 3_000 else None)
        with pytest.raises(MoveStopped):
            clock.advance(10_000)
        assert clock.now == 3_000
        wall[0] += 7
        assert clock.now == 3_007

    def test_every_carrier_of_time_can_be_stopped(self) -> None:
        sim = Simulator(latency=None)
        ticking(sim.clock, lambda now: sim.clock.stop())
        with pytest.raises(MoveStopped):
            sim.advance(hours=1)
        with pytest.raises(MoveStopped):
            sim.clock.pause(10_000)


class TestProgress:
    def test_it_is_told_after_every_so_many_actions_over_several_moves(self) -> None:
        clock, told = Clock(0), []
        ticking(clock)
        watch = Watch(told.append, every=4)
        with clock.watched(watch):
            clock.advance(6_000)
            clock.advance(6_000)
        clock.advance(60_000)
        assert told == [
            MoveProgress(4_000, 6_000, 4),
            MoveProgress(8_000, 12_000, 8),
            MoveProgress(12_000, 12_000, 12),
        ]

    def test_what_it_raises_ends_the_move_between_two_actions(self) -> None:
        clock = Clock(0)
        done = ticking(clock)

        def refuse(progress: MoveProgress) -> None:
            raise LookupError(progress.fired)

        with clock.watched(Watch(refuse, every=2)), pytest.raises(LookupError):
            clock.advance(10_000)
        assert (done, clock.is_firing) == ([1_000, 2_000], False)
        clock.advance(1_000)
        assert len(done) == 3

    def test_it_can_be_interrupted(self) -> None:
        clock, reached = Clock(0), []
        ticking(clock)

        def slow(progress: MoveProgress) -> None:
            interrupt()
            reached.append("never")

        with clock.watched(Watch(slow, every=1)), pytest.raises(KeyboardInterrupt):
            clock.advance(10_000)
        assert (reached, clock.now) == ([], 1_000)

    @pytest.mark.parametrize("every", [0, -1, True, 1.5, None, float("nan")])
    def test_its_pace_is_a_number_of_actions(self, every: object) -> None:
        with pytest.raises(UsageError, match="whole number of actions"):
            Watch(every=every)  # type: ignore[arg-type]


def test_a_call_is_done_wholly_and_its_interruption_raised_afterwards() -> None:
    done: list[str] = []

    def call(name: str) -> str:
        interrupt()
        done.append(name)
        return name

    with pytest.raises(KeyboardInterrupt):
        wholly(call, "a")
    assert done == ["a"]
    with Held() as hold, suppress(KeyboardInterrupt):
        assert wholly(call, "b") == "b"
        assert (hold.asked, done) == (1, ["a", "b"])
        hold.asked = 0


def test_a_call_within_a_hold_touches_no_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    with Held():
        monkeypatch.setattr(interruption, "signal", lambda *given: calls.append(given))
        assert wholly(len, "abc") == 3
        monkeypatch.undo()
    assert calls == []


def test_a_second_interruption_of_a_call_comes_through() -> None:
    def endless() -> None:
        interrupt()
        interrupt()
        raise AssertionError("not reached")

    with pytest.raises(KeyboardInterrupt):
        wholly(endless)


def test_somebody_elses_code_within_a_call_can_be_interrupted_and_call_again() -> None:
    done: list[str] = []

    def learners() -> None:
        wholly(done.append, "theirs")
        interrupt()
        done.append("never")

    def call() -> None:
        with pytest.raises(Interrupted):
            interruptible(learners)
        done.append("ours")

    with pytest.raises(KeyboardInterrupt):
        wholly(call)
    assert done == ["theirs", "ours"]
