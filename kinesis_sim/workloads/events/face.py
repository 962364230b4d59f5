"""What the sources of Pedala's events take: one sentence for what cannot be meant, before anything.

They are generators, which would complain at their first event only, and run for ever on a number
that nobody means.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any

from kinesis_sim.arguments import number, whole
from kinesis_sim.instants import DAY, HOUR, LAST, MINUTE, on_calendar, to_ms
from kinesis_sim.signatures import Function, typed

MOST_A_DAY, MOST_A_SECOND, MOST_THINGS = 10_000_000, 10_000, 100_000
"""What a source may be asked for (model's choice): the busiest hour of such a day takes seconds."""
_WHOLE = {
    "per_day": (0, MOST_A_DAY),
    "sessions_per_day": (0, MOST_A_DAY),
    "bikes": (1, MOST_THINGS),
    "stations": (1, MOST_THINGS),
    "riders": (1, MOST_THINGS),
}
_SPANS = {"hours": HOUR, "minutes": MINUTE}


def source(function: Function) -> Function:
    """A source of events that raises UsageError at its call; of a key ``keyed`` says more."""
    signature = inspect.signature(function)

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        asked = signature.bind(*given, **named)
        asked.apply_defaults()
        _check(asked.arguments)
        return function(*given, **named)

    return typed(called, leaving=("key",))  # type: ignore[return-value]


def _check(asked: dict[str, Any]) -> None:
    begin = on_calendar(to_ms(asked["start"]))
    for name, value in asked.items():
        if name in _WHOLE:
            least, most = _WHOLE[name]
            whole(name, value, least=least, most=most)
        elif name in _SPANS:
            number(name, value, least=0, most=(LAST - DAY - begin) // _SPANS[name])
        elif name.endswith("_minute"):
            number(name, value, least=0)
        elif name == "per_second":
            number(name, value, least=0, most=MOST_A_SECOND)
