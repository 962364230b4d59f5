"""The minimum throughput billing commitment: the account setting that makes on-demand "Advantage".

Source: facts/data-streams §1.3 and §4.3 (botocore MinimumThroughputBillingCommitmentInput): at
least 24 h; an early end is scheduled, and enabling again cancels it.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.events import EventLog
from kinesis_sim.instants import DAY
from kinesis_sim.streams.events import CommitmentChanged

LEAST_MS = DAY


class Commitment:
    """The commitment of one account and Region. Times: epoch ms."""

    def __init__(self, clock: Clock, events: EventLog) -> None:
        self._clock = clock
        self._events = events
        self._started: int | None = None
        self._ended: int | None = None
        self._ending: ScheduledAction | None = None

    @property
    def active(self) -> bool:
        """Whether on-demand streams run in Advantage now."""
        return self._started is not None and self._ended is None

    def enable(self) -> None:
        """Start committing; while an end is scheduled, cancel it."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if not self.active:
            self._started, self._ended = self._clock.now, None
            self._events.append(CommitmentChanged(at=self._clock.now, active=True))

    def disable(self) -> None:
        """End committing, at once after 24 h, else as soon as they are over."""
        if not self.active or self._ending is not None:
            return
        earliest = self._earliest()
        if earliest is not None and earliest > self._clock.now:
            self._ending = self._clock.schedule(earliest, self._end)
        else:
            self._end()

    def describe(self) -> dict[str, Any]:
        """botocore MinimumThroughputBillingCommitmentOutput."""
        row = {
            "Status": self._status(),
            "StartedAt": self._started,
            "EndedAt": self._ended,
            "EarliestAllowedEndAt": self._earliest() if self.active else None,
        }
        return {name: value for name, value in row.items() if value is not None}

    def _status(self) -> str:
        if not self.active:
            return "DISABLED"
        return "ENABLED" if self._ending is None else "ENABLED_UNTIL_EARLIEST_ALLOWED_END"

    def _earliest(self) -> int | None:
        return None if self._started is None else self._started + LEAST_MS

    def _end(self) -> None:
        self._ended, self._ending = self._clock.now, None
        self._events.append(CommitmentChanged(at=self._clock.now, active=False))
