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
    """Weeks start on Sunday.

    AWS's page contradicts itself on which is the first: its rule (the week of the year's first
    Saturday) makes 2016-02-25 week 9, its example says w08. The example is followed, so week 1 is
    the first whole one, and days before it are of the last year's last week (unverified).
    """
    if day.strftime("%U") == "00":
        day -= timedelta(days=(day.weekday() + 1) % 7)
    return day.strftime("%Y-w%U")


_SUFFIXES: dict[str, Callable[[datetime], str]] = {
    "NoRotation": lambda at: "",
    "OneHour": lambda at: at.strftime("%Y-%m-%d-%H"),
    "OneDay": lambda at: at.strftime("%Y-%m-%d"),
    "OneWeek": _week,
    "OneMonth": lambda at: at.strftime("%Y-%m"),
}
