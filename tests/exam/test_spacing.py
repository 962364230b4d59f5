"""Towards an exam questions come more often; no question stays away for longer than a year."""

from __future__ import annotations

from datetime import date

import pytest

from kinesis_sim.exam.spacing import gaps, retention
from kinesis_sim.instants import DAY, to_ms

pytest.importorskip("fsrs")
NOW = to_ms("2026-11-29T12:00:00Z")


@pytest.mark.parametrize(
    ("days", "wanted"), [(None, 0.9), (90, 0.9), (60, 0.9), (30, 0.925), (6, 0.945), (0, 0.95)]
)
def test_the_wanted_retention_rises_over_the_last_sixty_days(
    days: float | None, wanted: float
) -> None:
    assert retention(days) == pytest.approx(wanted)


def test_after_the_exam_all_is_as_before() -> None:
    assert retention(-1) == 0.9


def test_no_question_stays_away_for_longer_than_a_year() -> None:
    assert gaps(7, NOW) == [2, 11, 46, 163, 365, 365, 365]


def test_the_last_asking_comes_before_the_exam() -> None:
    found = gaps(10, NOW, date(2027, 1, 15))
    assert found == [2, 9, 30, 5]
    assert NOW + sum(found) * DAY < to_ms("2027-01-15T00:00:00Z")
