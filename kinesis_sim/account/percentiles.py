"""Percentiles of CloudWatch: what is kept of values, and what is said of them.

Values are counted in bins whose bounds are powers of 1.1; within a bin a percentile lies on a
geometric line between the bounds, no bound beyond the lowest and highest value. So recorded
2026-09-14 (radkawar/stackd, testdata/aws/cloudwatch/metrics.json): of two 2s and three 10s, p50 is
9.8746. What needs values and has a sum of them alone: botocore, GetMetricStatistics.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

Bins = Mapping[int, float]
"""How many values lie in a bin, by its number n: 1.1^n up to 1.1^(n + 1)."""
ZERO = -(2**31)
"""The bin of values that are 0."""
_BASE = 1.1
_LOWEST = -7000
_PERCENTILE = re.compile(r"p(100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)")


def rank(name: str) -> float | None:
    """Which percentile a statistic is, 0 to 100; None for another statistic."""
    found = _PERCENTILE.fullmatch(name)
    return float(found[1]) if found else None


def bins_of(low: float, high: float, total: float, count: float) -> dict[int, float] | None:
    """The bins of samples of which these are known; None where values are not.

    Known are values that are all alike, and one alone. low: at least 0, or there are no bins.
    """
    if low < 0:
        return None
    if low == high:
        return {_bin(low): count}
    return {_bin(total): count} if count == 1 and low <= total <= high else None


def both(some: Bins | None, others: Bins | None) -> dict[int, float] | None:
    """The bins of some samples and others together; None where one's are not known."""
    if some is None or others is None:
        return None
    numbers = dict.fromkeys((*some, *others))
    return {number: some.get(number, 0) + others.get(number, 0) for number in numbers}


def percentile(asked: float, low: float, high: float, bins: Bins | None) -> float | None:
    """A percentile of samples between ``low`` and ``high``; None where AWS has none.

    asked: 0 to 100. The lowest and highest are those that were told, whatever else is not known.
    """
    if asked in (0, 100) or low == high:
        return low if asked < 100 else high
    count = sum(bins.values()) if bins else 0
    if low < 0 or not bins or count < 1:
        return None
    target = asked / 100 * count
    for number in sorted(bins):
        if target <= bins[number]:
            return _within(number, target / bins[number], low, high)
        target -= bins[number]
    return high


def _bin(value: float) -> int:
    return ZERO if value == 0 else max(_LOWEST, math.floor(math.log(value, _BASE)))


def _within(number: int, share: float, low: float, high: float) -> float:
    """The value at a share (0 to 1) of a bin."""
    if number == ZERO:
        return 0.0
    least, most = max(low, _BASE**number), min(high, _BASE ** (number + 1))
    value = math.exp(math.log(least) + math.log(most / least) * share)
    return max(low, min(high, value))
