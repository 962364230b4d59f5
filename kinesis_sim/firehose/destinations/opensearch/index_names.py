"""Names of rotated OpenSearch indices, by the UTC time of arrival (facts/firehose §6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from kinesis_sim.instants import HOUR, to_datetime


def index_name(name: str, period: str, arrived: int) -> str:
    """The index that a record goes to. period: an ``IndexRotationPeriod``; arrived: epoch ms."""
    suffix = _suffix(period, arrived // HOUR)
    return f"{name}-{suffix}" if suffix else name


@lru_cache(256)
def _suffix(period: str, hour: int) -> str:
    """No index is rotated within an hour of the epoch, so that one look serves them all."""
    return _SUFFIXES[period](to_datetime(hour * HOUR))


def _week(day: datetime) -> str:
    """Weeks start on Sunday, and week 1 is that of the year's first Saturday.

    So its last days of December are of the next year's week 1. AWS's page contradicts itself: by
    this rule 2016-02-25 is of week 9, and its older example says w08
    (facts/firehose/6/open-search-weeks).
    """
    saturday = day + timedelta(days=(5 - day.weekday()) % 7)
    return f"{saturday.year}-w{(saturday.timetuple().tm_yday + 6) // 7:02d}"


_SUFFIXES: dict[str, Callable[[datetime], str]] = {
    "NoRotation": lambda at: "",
    "OneHour": lambda at: at.strftime("%Y-%m-%d-%H"),
    "OneDay": lambda at: at.strftime("%Y-%m-%d"),
    "OneWeek": _week,
    "OneMonth": lambda at: at.strftime("%Y-%m"),
}
