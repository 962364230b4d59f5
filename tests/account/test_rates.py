"""So many per second or day: the windows behind every throttle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.rates import Rate, Rates, Window
from kinesis_sim.instants import DAY, SECOND

steps = st.lists(st.integers(0, 700), min_size=1, max_size=60)


@given(steps=steps, most=st.integers(0, 4))
def test_over_no_span_more_gets_through_than_the_rate(steps: list[int], most: int) -> None:
    rate, now, taken, refused = Rate(most), 0, [], []
    for step in steps:
        now += step
        (taken if rate.admit(now) else refused).append(now)
    for at in taken:
        assert sum(at - SECOND < other <= at for other in taken) <= most
    for at in refused:  # and none is refused that would have fitted
        assert sum(at - SECOND < other <= at for other in taken) >= most


def test_a_span_is_half_open() -> None:
    rate = Rate(1)
    assert rate.admit(0)
    assert not rate.admit(SECOND - 1)
    assert rate.full(SECOND - 1)
    assert not rate.full(SECOND)
    assert rate.admit(SECOND)


def test_a_window_adds_up_in_its_unit() -> None:
    window = Window(DAY)
    window.add(0, 5)
    window.add(0, 6)
    window.add(DAY - 1, 7)
    assert [window.at(DAY - 1), window.at(DAY), window.at(2 * DAY - 1)] == [18, 7, 0]


def test_each_of_many_has_a_rate_of_its_own() -> None:
    rates = Rates(DAY)
    assert [rates.admit(name, 1, 0) for name in ("split", "merge", "split")] == [True, True, False]
    assert rates.admit("split", 1, DAY)


def test_names_that_are_quiet_are_forgotten_beyond_ten_thousand() -> None:
    """They may be a stranger's: so many are kept and no more."""
    rates = Rates()
    for name in range(10_000):
        rates.admit(name, 1, 0)
    assert not rates.admit(0, 1, SECOND - 1)
    rates.admit("one more", 1, SECOND)
    assert len(rates._rates) == 1
