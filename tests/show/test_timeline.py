"""The axis: order is kept, no quiet stretch takes it over, labels do not meet."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.instants import DAY, HOUR, MINUTE, SECOND
from kinesis_sim.show.kit.timeline import (
    LETTER,
    QUIET_SHARE,
    Times,
    duration,
    full,
    squeezed,
    ticks,
)
from kinesis_sim.show.kit.words import Words

BEGIN = 1_767_225_600_000
INSTANTS = st.sets(st.integers(BEGIN, BEGIN + 30 * DAY), min_size=2, max_size=60)


@given(INSTANTS)
def test_places_keep_the_order_of_instants(instants: set[int]) -> None:
    axis = squeezed(instants)
    places = [axis.place(instant) for instant in sorted(instants)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, 1)


@given(INSTANTS)
def test_a_place_leads_back_to_its_instant(instants: set[int]) -> None:
    axis = squeezed(instants)
    for instant in instants:
        assert abs(axis.instant(axis.place(instant)) - instant) <= 1


def test_a_day_of_quiet_leaves_the_room_to_a_second_of_traffic() -> None:
    traffic = [BEGIN + 10 * step for step in range(100)]
    axis = squeezed([*traffic, BEGIN + DAY])
    assert axis.place(traffic[-1]) == pytest.approx(1 - QUIET_SHARE, abs=0.001)
    assert axis.breaks == ((traffic[-1], BEGIN + DAY),)


def test_even_traffic_stays_on_an_even_axis() -> None:
    axis = squeezed(BEGIN + step * MINUTE for step in range(61))
    assert axis.corners == ((BEGIN, 0.0), (BEGIN + HOUR, 1.0))
    assert axis.breaks == ()


@given(INSTANTS)
def test_labels_do_not_meet(instants: set[int]) -> None:
    axis = squeezed(instants)
    times = Times(axis, Words("shards", "en"))
    taken = []
    for tick in ticks(axis, times):
        wide = LETTER * len(tick.label)
        middle = min(tick.place, 1 - wide / 2)
        taken.append((middle - wide / 2, middle + wide / 2))
    assert all(end <= begin for (_, end), (begin, _) in pairwise(taken))


def test_an_even_hour_has_round_labels() -> None:
    axis = squeezed([BEGIN + 7 * SECOND, BEGIN + HOUR])
    times = Times(axis, Words("shards", "en"))
    labels = [tick.label for tick in ticks(axis, times)]
    assert labels == ["00:10", "00:20", "00:30", "00:40", "00:50", "01:00"]


def test_a_bent_axis_has_round_labels_too() -> None:
    morning = [BEGIN + 8 * HOUR + 56 * SECOND + step * 997 for step in range(60)]
    axis = squeezed([*morning, BEGIN + 20 * HOUR + 17])
    labels = [tick.label for tick in ticks(axis, Times(axis, Words("shards", "en")))]
    assert labels == [f"08:01:{n}0" for n in range(5)] + ["↔ 11 h 58 min"]


def test_instants_stand_where_lengths_of_quiet_do_not() -> None:
    seconds = (0, 90, 390, 450, 451, 810)
    axis = squeezed([BEGIN + at * SECOND for at in seconds])
    times = Times(axis, Words("shards", "en"))
    assert any(tick.quiet for tick in ticks(axis, times))
    found = ticks(axis, times, lengths=False)
    assert not any(tick.quiet for tick in found)
    assert {"00:00:00", "00:06:30", "00:13:30"} <= {tick.label for tick in found}


def test_instants_within_one_second_are_written_once() -> None:
    instants = (0, 30_000, 90_000, 90_400, 330_000)
    axis = squeezed([BEGIN + at for at in (*instants, *range(90_400, 90_900, 100))])
    found = ticks(axis, Times(axis, Words("shards", "en")), lengths=False)
    labels = [tick.label for tick in found]
    assert len(set(labels)) == len(labels)


@given(INSTANTS)
def test_two_labels_at_least_and_none_of_them_twice(instants: set[int]) -> None:
    axis = squeezed(instants)
    labels = [
        tick.label for tick in ticks(axis, Times(axis, Words("shards", "en"))) if not tick.quiet
    ]
    assert len(labels) >= 1 + (axis.end - axis.begin > DAY)
    assert axis.end - axis.begin > 7 * DAY or len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (250, "250 ms"),
        (90 * SECOND, "1 min 30 s"),
        (DAY, "24 h"),
        (50 * HOUR, "2 d 2 h"),
    ],
)
def test_durations_name_two_units_at_most(ms: int, text: str) -> None:
    assert duration(ms) == text


def test_days_are_named_in_the_reader_s_language() -> None:
    axis = squeezed([BEGIN, BEGIN + DAY])
    assert Times(axis, Words("shards", "en")).short(BEGIN) == "Thu 00:00"
    assert Times(axis, Words("shards", "pt-BR")).short(BEGIN) == "qui 00:00"
    assert full(BEGIN + 15) == "2026-01-01 00:00:00"
