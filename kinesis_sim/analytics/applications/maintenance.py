"""When AWS may restart an application to patch what it runs on (facts/analytics/9/maintenance)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from tomllib import loads

from kinesis_sim.instants import DAY, MINUTE

HOURS = 8
_ELSEWHERE = "03:00"
"""Of a Region that AWS's table does not have (the model's choice)."""


@cache
def _windows() -> dict[str, str]:
    text = files(__package__).joinpath("maintenance_windows.toml").read_text(encoding="utf-8")
    return {str(region): str(start) for region, start in loads(text)["starts"].items()}


def first_window(region: str) -> str:
    """When the window of a new application begins, ``hh:mm`` in UTC."""
    return _windows().get(region, _ELSEWHERE)


def ends(start: str) -> str:
    """When a window ends that begins then."""
    hour, _, minute = start.partition(":")
    return f"{(int(hour) + HOURS) % 24:02d}:{minute}"


def next_window(start: str, now: int) -> int:
    """The next beginning of a window after now (epoch ms)."""
    hour, _, minute = start.partition(":")
    at = now - now % DAY + (60 * int(hour) + int(minute)) * MINUTE
    return at if at > now else at + DAY
