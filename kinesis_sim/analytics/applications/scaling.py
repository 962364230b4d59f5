"""How an application's parallelism follows its load (facts/analytics/9/autoscaling).

The load is the rows that its job reads, against what its KPUs can take. Minute by minute of the
clock that makes a CPU: 15 minutes in a row of 75 % and above double CurrentParallelism, 360 minutes
below 10 % halve it, never beyond what the account and Flink allow, nor below Parallelism. A minute
in which no row came counts as 0 % and is not told. Rows are read however high the CPU is: that a
job falls behind when it is full is left out (the model's choice).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.types.texts import whole_number
from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.instants import HOUR, MINUTE

ROWS_PER_KPU_SECOND = 1_000
"""What fills a KPU's CPU: 2,000 records a second take two KPUs in AWS's pricing example
(facts/analytics/10/example-batch); that it is so for any query is the model's choice."""
HIGH, LOW = 75, 10
"""Percent: at and above the first it is scaled out, below the second in."""
OUT_AFTER_MINUTES, IN_AFTER_MS = 15, 6 * HOUR
CAPACITY = "rows-per-second-and-kpu"
"""The lab's property that says another number of rows, so that a lesson needs few of them."""


def capacity(properties: Mapping[str, str]) -> int:
    """Rows a second that fill a KPU. Raises SqlValidationError for what is no whole number."""
    text = properties.get(CAPACITY, "")
    if not text:
        return ROWS_PER_KPU_SECOND
    number = whole_number(text)
    if not number:
        raise SqlValidationError(f"The property {CAPACITY} = {text[:40]!r} is no number above 0.")
    return number


def most_parallel(part: Mapping[str, Any], kpus: int) -> int:
    """The highest CurrentParallelism of a ParallelismConfiguration.

    kpus: of the account's quota. Flink's own bound is 128, or where Parallelism is large the power
    of two above one and a half of it (``KeyGroupRangeAssignment.computeDefaultMaxParallelism``).
    """
    first = int(part["Parallelism"])
    flinks = max(128, 1 << (first + first // 2 - 1).bit_length())
    return max(first, min(kpus * int(part["ParallelismPerKPU"]), flinks))


class LoadWatch:
    """The load of a job that runs, from its start to its end.

    kpus: those it runs on; now: its CurrentParallelism, least and most: the bounds of it. scale: is
    told another one; told: the CPU of each minute in which rows came, in percent.
    """

    def __init__(
        self,
        clock: Clock,
        part: Mapping[str, Any],
        *,
        now: int,
        most: int,
        rows_per_kpu_second: int,
        scale: Callable[[int], None],
        told: Callable[[float], None],
    ) -> None:
        self._clock = clock
        self._scales = bool(part["AutoScalingEnabled"])
        self._now, self._least, self._most = now, int(part["Parallelism"]), most
        self._full = 60 * rows_per_kpu_second * -(-now // int(part["ParallelismPerKPU"]))
        self._scale, self._told = scale, told
        self._minute, self._rows, self._high = -1, 0, 0
        self._busy = clock.now
        self._timers: dict[str, ScheduledAction] = {}

    def start(self) -> None:
        """Watch from now on."""
        if self._scales and self._now > self._least:
            at = self._clock.now + IN_AFTER_MS
            self._timers["in"] = self._clock.schedule(at, self._look_in)

    def took(self, rows: int) -> None:
        """Rows were read, now."""
        minute = self._clock.now // MINUTE
        if minute != self._minute:
            self._close()
            if minute != self._minute + 1:
                self._high = 0
            self._minute = minute
        if "minute" not in self._timers:
            end = (minute + 1) * MINUTE
            self._timers["minute"] = self._clock.schedule(end, self._close)
        self._rows += rows

    def stop(self) -> None:
        """Watch no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers = {}

    def _close(self) -> None:
        """A minute is over."""
        timer = self._timers.pop("minute", None)
        if timer is None:
            return
        timer.cancel()
        percent = min(100.0, 100 * self._rows / self._full)
        self._rows = 0
        if percent >= LOW:
            self._busy = (self._minute + 1) * MINUTE
        self._high = self._high + 1 if percent >= HIGH else 0
        self._told(percent)
        wanted = min(2 * self._now, self._most)
        if self._scales and self._high >= OUT_AFTER_MINUTES and wanted > self._now:
            self.stop()
            self._scale(wanted)

    def _look_in(self) -> None:
        """Six hours have passed since it was last known to be busy."""
        at = self._busy + IN_AFTER_MS
        if at > self._clock.now:
            self._timers["in"] = self._clock.schedule(at, self._look_in)
            return
        self.stop()
        self._scale(max(self._least, -(-self._now // 2)))
