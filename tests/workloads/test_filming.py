"""The dock camera at work: what a script of the lesson relies on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.workloads.scenes.filming import STREAM, Filming, a_month


def filming(hours: int = 1) -> Filming:
    return Filming(Simulator(latency=None), hours=hours)


def test_what_was_filmed_is_found_by_either_clock() -> None:
    own = filming()
    begin = own.sim.now
    own.film_offline(seconds=10, pause=290)
    end = begin + timedelta(seconds=10)
    assert own.between(begin, end, "SERVER_TIMESTAMP") == []
    rows = own.between(begin, end, "PRODUCER_TIMESTAMP")
    assert [row["ProducerTimestamp"] - begin for row in rows] == [
        timedelta(seconds=2 * place) for place in range(5)
    ]


@pytest.mark.parametrize(("hours", "wanted", "code"), [
    (0, "live", "NoDataRetentionException"), (1, "stored", ""),
])  # fmt: skip
def test_what_can_be_watched_depends_on_retention(hours: int, wanted: str, code: str) -> None:
    own = filming(hours)
    assert own.watchable() == "nothing"
    own.film(4)
    assert (own.watchable(), own.refused()) == (wanted, code)
    assert len(own.sim.video[STREAM].consumers) == 0, "it leaves no reader behind"
    own.sim.advance(hours=1, seconds=1)
    assert own.watchable() == "nothing"


def test_a_cut_line_leaves_room_for_the_next_connection() -> None:
    own = filming()
    own.cut()
    assert {ack.event for ack in own.film(2)} == {"BUFFERING", "RECEIVED", "PERSISTED"}


def test_retention_is_set_by_the_difference() -> None:
    own = filming()
    for hours in (24, 24, 0, 1):
        own.keep(hours)
        assert own.hours == hours
    with pytest.raises(UsageError, match="hours"):
        own.keep(-1)


def test_a_month_is_paid_by_the_gigabyte() -> None:
    assert a_month(1, days_kept=30) == {"PutMedia": 0.255, "HLS": 0.357, "GB-month": 0.69}
    twice = a_month(2, days_kept=60)
    assert twice == {"PutMedia": 0.51, "HLS": 0.714, "GB-month": 2.76}


def test_unless_told_otherwise_it_films_ten_seconds_and_begins_after_three() -> None:
    sim = Simulator(latency=None)
    began = sim.clock.now
    own = Filming(sim)
    assert sim.clock.now - began == 3_000
    own.film()
    assert sim.clock.now - began == 13_500, "half a second to the last acknowledgement"
    fragments = sim.video[STREAM].archive.persisted()
    assert sum(each.length for each in fragments) == 10_000


def test_a_fragment_of_24_seconds_is_longer_than_a_stream_takes() -> None:
    own = filming()
    began = own.sim.clock.now
    [refused] = [ack for ack in own.film_long() if ack.event == "ERROR"]
    assert refused.error == "MAX_FRAGMENT_DURATION_REACHED"
    assert own.sim.clock.now - began == 25_000
