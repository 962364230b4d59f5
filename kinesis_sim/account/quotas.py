"""Every quota and limit the simulator enforces, in one table: value, unit, source, and when it
was checked.

``Simulator(limits={"streams.shards_per_account": 50})`` changes some for a what-if;
``limits="off"``
turns the throttles off (what has ``rate`` in its name or unit), and leaves the quotas.
Sources: facts/data-streams §1.3, §2.4, §2.5, §4 (Q: service-sizes-and-limits; B: botocore 1.44.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kinesis_sim.errors import UsageError

CHECKED = "2026-11-22"


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit. value: the default; unit: what it counts; source: the fact row."""

    value: float
    unit: str
    source: str
    checked: str = CHECKED


_LARGE = ("us-east-1", "us-west-2", "eu-west-1")

TABLE: dict[str, Quota] = {
    "streams.shards_per_account": Quota(20_000, "shards", "Q: 20,000 in three Regions; §2.4"),
    "streams.shards_per_account_elsewhere": Quota(
        6_000, "shards", "Q: 1,000 or 6,000 by Region, which is which not stored; §2.4"
    ),
    "streams.on_demand_streams": Quota(50, "streams", "Q; §2.4"),
    "streams.creating": Quota(5, "streams CREATING at once", "B CreateStream; §1.3"),
    "streams.consumers": Quota(20, "consumers per stream", "Q; §2.4"),
    "streams.consumers_advantage": Quota(50, "consumers per stream", "Q; §2.4"),
    "streams.consumers_creating": Quota(
        5, "consumers CREATING at once", "B RegisterStreamConsumer; §2.4"
    ),
    "streams.shards_per_stream": Quota(10_000, "shards", "B UpdateShardCount; §2.5"),
    "streams.scalings_per_day": Quota(10, "UpdateShardCount calls per 24 h and stream", "B; §2.5"),
    "streams.mode_switches_per_day": Quota(
        2, "switches per 24 h and stream", "B UpdateStreamMode; Q"
    ),
    "streams.encryption_changes_per_day": Quota(
        25, "Start, and Stop, per 24 h and stream", "B; §1.3"
    ),
    "streams.warm_throughput": Quota(10_240, "MiB/s", "B UpdateStreamWarmThroughput; §1.3"),
    "streams.channels": Quota(50, "channels", "not published: model's choice, unverified"),
}


class Limits:
    """The quotas of one simulator: the table above with a learner's changes."""

    def __init__(
        self, changes: Mapping[str, float] | str | None = None, region: str = "us-east-1"
    ) -> None:
        self.throttling = changes != "off"
        if isinstance(changes, str):
            if changes not in ("off", "on"):
                raise UsageError(
                    f"limits={changes!r}: give 'on', 'off' or a dict of changed limits."
                )
            changes = None
        self._changes = dict(changes or {})
        self._region = region
        for name in self._changes:
            if name not in TABLE:
                known = ", ".join(sorted(TABLE))
                raise UsageError(f"limits has no {name!r}; the names are: {known}.")

    def __getitem__(self, name: str) -> int:
        value = self._changes.get(name)
        return int(TABLE[name].value if value is None else value)

    @property
    def shards_per_account(self) -> int:
        """Open shards the account may have in its Region."""
        name = "streams.shards_per_account"
        if name in self._changes or self._region in _LARGE:
            return self[name]
        return self["streams.shards_per_account_elsewhere"]
