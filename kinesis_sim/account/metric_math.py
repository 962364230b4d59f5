"""Metric math: a small language over time series, with a parser of its own.

Numbers, ids of other queries, ``+ - * / ^``, brackets, and the functions in FUNCTIONS. Two series
meet where both have a point; a division by zero leaves no point (CloudWatch user guide, "Using
math expressions"). What else CloudWatch has (IF, SEARCH, ANOMALY_DETECTION_BAND, SQL …) is refused
by name; what it has not, is not found.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from kinesis_sim.errors import ServiceError

Series = dict[int, float]
"""Values by the instant (epoch ms) at which their period begins."""
Value = float | Series | list[Series] | str

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_]\w*|[-+*/^(),\[\]])")
_DEEPEST = 40
_OPERATORS: dict[str, tuple[int, Callable[[float, float], float]]] = {
    "+": (1, operator.add),
    "-": (1, operator.sub),
    "*": (2, operator.mul),
    "/": (2, operator.truediv),
    "^": (3, operator.pow),
}


@dataclass(frozen=True, slots=True)
class Grid:
    """The periods that an expression is worked out for, in ms."""

    start: int
    end: int
    period: int

    def instants(self) -> range:
        """When each period begins."""
        return range(self.start, self.end, self.period)


class UnknownFunction(ServiceError):
    """CloudWatch has no function of this name."""

    def __init__(self, name: str) -> None:
        super().__init__("ValidationError", f"Function '{name}' not found")


def evaluate(expression: str, lookup: Callable[[str], Value], grid: Grid) -> Value:
    """Work out an expression. lookup: the value of an id; METRICS() asks it for ``METRICS``.

    Raises ServiceError (ValidationError) for what cannot be read or is not simulated, and
    UnknownFunction.
    """
    return _Reading(expression, lookup, grid).whole()


def wrong(text: str) -> ServiceError:
    """What an expression is refused with (model's wording)."""
    return ServiceError("ValidationError", text)


class _Reading:
    """One pass over an expression, working it out on the way."""

    def __init__(self, expression: str, lookup: Callable[[str], Value], grid: Grid) -> None:
        self._tokens = _tokens(expression)
        self._at = 0
        self._depth = 0
        self._expression = expression
        self._lookup = lookup
        self._grid = grid

    def whole(self) -> Value:
        value = self._sum(1)
        if self._next():
            raise self._unexpected()
        return value

    def _sum(self, level: int) -> Value:
        """Operators of this level and above; ``^`` binds to the right."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise wrong("The expression is nested too deeply.")
        left = self._operand()
        while (found := _OPERATORS.get(self._next())) is not None and found[0] >= level:
            symbol = self._take()
            right = self._sum(found[0] + (symbol != "^"))
            left = combined(found[1], left, right)
        self._depth -= 1
        return left

    def _operand(self) -> Value:
        token = self._take()
        if token == "-":
            return combined(operator.mul, -1.0, self._sum(3))
        if token == "(":
            value = self._sum(1)
            self._expect(")")
            return value
        if token == "[":
            return [_as_series(value, self._grid) for value in self._list("]")]
        if token[:1].isdigit():
            return float(token)
        if not (token[:1].isalpha() or token[:1] == "_"):
            self._at -= 1
            raise self._unexpected()
        if self._next() == "(":
            self._take()
            return self._call(token)
        return token if token in _WORDS else self._lookup(token)

    def _list(self, close: str) -> list[Value]:
        found: list[Value] = []
        if self._next() == close:
            self._take()
            return found
        while True:
            found.append(self._sum(1))
            if self._next() != ",":
                self._expect(close)
                return found
            self._take()

    def _call(self, name: str) -> Value:
        arguments = self._list(")")
        if name == "METRICS" and not arguments:
            return self._lookup("METRICS")
        function = FUNCTIONS.get(name)
        if function is None and name not in _ELSEWHERE:
            raise UnknownFunction(name)
        if function is None:
            known = ", ".join(sorted(FUNCTIONS))
            raise wrong(f"Kinesis Lab does not simulate the function {name}; it has: {known}.")
        try:
            return function(self._grid, *arguments)
        except TypeError:
            raise wrong(f"{name} does not take these arguments.") from None

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._take() != token:
            self._at -= 1
            raise self._unexpected()

    def _unexpected(self) -> ServiceError:
        found = self._next() or "the end"
        return wrong(f"Error in expression {self._expression!r}: unexpected {found}.")


def _tokens(expression: str) -> list[str]:
    found, at, text = [], 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise wrong(f"Error in expression {expression!r}: unexpected {text[at:].strip()[:1]}.")
        found.append(match[1])
        at = match.end()
    return found


def combined(act: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """An operator between two values; a list of series is met one by one."""
    if isinstance(left, str) or isinstance(right, str):
        raise wrong("A word such as REPEAT cannot be reckoned with.")
    if isinstance(left, list):
        return [_pair(act, item, _single(right)) for item in left]
    if isinstance(right, list):
        return [_pair(act, left, item) for item in right]
    if isinstance(left, float) and isinstance(right, float):
        return _safe(act, left, right)
    return _pair(act, left, right)


def _pair(
    act: Callable[[float, float], float], left: float | Series, right: float | Series
) -> Series:
    instants = left.keys() if isinstance(left, dict) else right.keys()  # type: ignore[union-attr]
    if isinstance(left, dict) and isinstance(right, dict):
        instants = left.keys() & right.keys()
    found = {}
    for at in sorted(instants):
        a = left[at] if isinstance(left, dict) else left
        b = right[at] if isinstance(right, dict) else right
        value = _safe(act, a, b)
        if math.isfinite(value):
            found[at] = value
    return found


def _safe(act: Callable[[float, float], float], a: float, b: float) -> float:
    try:
        value = act(a, b)
    except (ZeroDivisionError, OverflowError):
        return math.nan
    return float(value) if isinstance(value, int | float) else math.nan


def _single(value: Value) -> float | Series:
    if isinstance(value, float | dict):
        return value
    raise wrong("An operator cannot stand between two lists of series.")


def _as_series(value: Value, grid: Grid) -> Series:
    if isinstance(value, dict):
        return value
    if isinstance(value, float):
        return dict.fromkeys(grid.instants(), value)
    raise wrong("A list holds series and numbers only.")


# --- functions ------------------------------------------------------------------------------------


def _reduce(act: Callable[[list[float]], float]) -> Callable[..., Value]:
    """A series becomes one number; a list of series becomes one series, where any has a point."""

    def reduce(grid: Grid, value: Value) -> Value:
        if isinstance(value, dict):
            return act(list(value.values())) if value else math.nan
        if not isinstance(value, list):
            raise TypeError
        instants = sorted({at for series in value for at in series})
        return {at: act([series[at] for series in value if at in series]) for at in instants}

    return reduce


def _each(function: Callable[[float], float]) -> Callable[..., Value]:
    def act(value: float) -> float:
        return function(value) if math.isfinite(value) else value

    def each(grid: Grid, value: Value) -> Value:
        if isinstance(value, float):
            return float(act(value))
        if isinstance(value, list):
            return [{at: float(act(item)) for at, item in one.items()} for one in value]
        if isinstance(value, dict):
            return {at: float(act(item)) for at, item in value.items()}
        raise TypeError

    return each


def _fill(grid: Grid, value: Value, filler: Value) -> Value:
    if isinstance(value, list):
        return [_fill_one(grid, series, filler) for series in value]
    if not isinstance(value, dict):
        raise TypeError
    return _fill_one(grid, value, filler)


def _fill_one(grid: Grid, series: Series, filler: Value) -> Series:
    if isinstance(filler, float):
        return {at: series.get(at, filler) for at in grid.instants()}
    if filler != "REPEAT":
        raise TypeError
    found: Series = {}
    last = None
    for at in grid.instants():
        last = series.get(at, last)
        if last is not None:
            found[at] = last
    return found


def _difference(per_second: bool) -> Callable[..., Value]:
    def difference(grid: Grid, series: Value) -> Value:
        if not isinstance(series, dict):
            raise TypeError
        instants = sorted(series)
        return {
            at: (series[at] - series[before]) / ((at - before) / 1000 if per_second else 1)
            for before, at in pairwise(instants)
        }

    return difference


def _period(grid: Grid, series: Value) -> Value:
    return grid.period / 1000


def _time_series(grid: Grid, value: Value) -> Value:
    if not isinstance(value, float):
        raise TypeError
    return dict.fromkeys(grid.instants(), value)


def _list_of(value: Value) -> list[Series]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _remove_empty(grid: Grid, value: Value) -> Value:
    return [series for series in _list_of(value) if series]


def _nth(place: int) -> Callable[..., Value]:
    """A series of a list; of an empty list an empty one (recorded 2026-09-14, radkawar/stackd)."""

    def nth(grid: Grid, value: Value) -> Value:
        found = _list_of(value)
        return found[place] if found else {}

    return nth


def _sort(grid: Grid, value: Value, by: Value, order: Value, most: Value = math.inf) -> Value:
    """Series by their sum, average, minimum or maximum; those without points come last."""
    if by not in _SORTED_BY or order not in ("ASC", "DESC") or not isinstance(most, float):
        raise TypeError
    found = _list_of(value)
    act = _SORTED_BY[str(by)]
    full = sorted(
        (series for series in found if series),
        key=lambda series: act(list(series.values())),
        reverse=order == "DESC",
    )
    rows = [*full, *(series for series in found if not series)]
    return rows[: int(most)] if 0 <= most < len(rows) else rows


_SORTED_BY: dict[str, Callable[[list[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}
_WORDS = frozenset({"REPEAT", "ASC", "DESC", *_SORTED_BY})
_ELSEWHERE = frozenset(
    {"ANOMALY_DETECTION_BAND", "DATAPOINT_COUNT", "DATE", "DAY", "DB_PERF_INSIGHTS", "DIFF_TIME"}
    | {"EPOCH", "HOUR", "IF", "INSIGHT_RULE_METRIC", "LAMBDA", "LOG", "LOG10", "METRICS"}
    | {"METRIC_COUNT", "MINUTE", "MONTH", "RUNNING_SUM", "SEARCH", "SERVICE_QUOTA", "SLICE"}
    | {"STDDEV", "YEAR"}
)
"""Functions of CloudWatch ("Metric math syntax and functions") that are not simulated."""
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "SUM": _reduce(sum),
    "AVG": _reduce(lambda values: sum(values) / len(values)),
    "MIN": _reduce(min),
    "MAX": _reduce(max),
    "ABS": _each(abs),
    "CEIL": _each(math.ceil),
    "FLOOR": _each(math.floor),
    "FILL": _fill,
    "RATE": _difference(per_second=True),
    "DIFF": _difference(per_second=False),
    "PERIOD": _period,
    "TIME_SERIES": _time_series,
    "REMOVE_EMPTY": _remove_empty,
    "FIRST": _nth(0),
    "LAST": _nth(-1),
    "SORT": _sort,
}
