"""Shards that fall silent while others give rows: ``table.exec.source.idle-timeout``."""

from __future__ import annotations

from collections.abc import Mapping

from kinesis_sim.analytics.job import Job
from kinesis_sim.analytics.on_clock.options import duration
from kinesis_sim.analytics.operators.ends import Watermarks

IDLE_TIMEOUT = "table.exec.source.idle-timeout"


class IdleShards:
    """Takes silent shards out of the count of a job whose watermark is the least of its shards.

    Time is told by the rows, each with the instant at which it comes (epoch ms). Without the
    option a silent shard holds the watermark back for ever.
    """

    def __init__(self, job: Job, options: Mapping[str, str]) -> None:
        self._after = duration(options, IDLE_TIMEOUT)
        marks = [one for one in job.operators.values() if isinstance(one, Watermarks)]
        self._marks = [one for one in marks if one.by_split]
        self._heard: dict[str, int] = {}

    def before(self, at: int | None, split: str) -> None:
        """A row of a shard comes now."""
        if not self._after or at is None:
            return
        for one in self._marks:
            for known in one.splits:
                if at - self._heard.setdefault(known, at) >= self._after and known != split:
                    one.rest(known)
        self._heard[split] = at
