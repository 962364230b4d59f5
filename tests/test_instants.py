"""Instants and durations as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import duration_ms, to_datetime, to_ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T00:00:00.123Z", 1_767_225_600_123),
        ("2026-01-01T00:00:00.123999+00:00", 1_767_225_600_123),
        ("2025-12-31T21:00:00-03:00", 1_767_225_600_000),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_texts_become_epoch_milliseconds(text: str, ms: int) -> None:
    assert to_ms(text) == ms


def test_datetimes_need_a_time_zone() -> None:
    aware = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert to_ms(aware) == 1_767_225_600_000
    with pytest.raises(UsageError, match=r"names no time zone; add one, e.g. tzinfo=UTC\.$"):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(UsageError, match=r"add one, e.g. a trailing Z for UTC\.$"):
        to_ms("2026-01-01T00:00:00")


def test_what_is_no_date_is_named() -> None:
    with pytest.raises(UsageError, match="'yesterday' is no date"):
        to_ms("yesterday")


@given(st.integers(-(10**13), 10**14))
def test_milliseconds_go_there_and_back(ms: int) -> None:
    there = to_datetime(ms)
    assert there.tzinfo is UTC
    assert to_ms(there) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("25h", 90_000_000),
        ("90s", 90_000),
        ("1h30m", 5_400_000),
        ("500ms", 500),
        ("7d", 604_800_000),
        ("1.5s", 1_500),
        ("2 min", 120_000),
    ],
)
def test_durations(text: str, ms: int) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", ["", "h", "10", "ten minutes", "5x", "-5s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration"):
        duration_ms(text)
