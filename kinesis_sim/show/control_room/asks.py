"""What the control room asks before it shows: a question a fault, answered by what then happens.

No answer is written down here: each is read off the seconds that followed, as the picture is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kinesis_sim.show.control_room.notices import WINDOW, holder, refused
from kinesis_sim.workloads.scenes.scene import Second

AFTER_S = 12
"""Simulated seconds from a fault to its answer."""
BEHIND_MS = 3_500  # more lag than a reader's own rhythm makes
SILENT_S = 5  # after a crash: long before its leases run out

OPTIONS = {
    "hot_key": ("one", "all", "none"),
    "slow_consumer": ("dashboard", "both", "none"),
    "crash_worker": ("nobody", "other"),
    "double_load": ("none", "some", "all"),
    "poison_record": ("one", "application", "all"),
    "crowd": ("all", "dashboard", "none"),
}
"""What can be answered, in the order in which it stands there."""


def outcome(fault: str, rows: Sequence[Second]) -> str:
    """What happened in the seconds after a fault (oldest first), as one of its options."""
    return _OUTCOMES[fault](rows)


def _refusing(rows: Sequence[Second]) -> tuple[int, int]:
    """How many shards refused records lately, and how many there are."""
    shards = [each.shard for each in rows[-1].shards]
    return sum(refused(rows[-WINDOW:], shard) >= 0.01 for shard in shards), len(shards)


def _behind(rows: Sequence[Second]) -> tuple[bool, bool]:
    """Whether the application and the dashboard fell behind somewhere, by the last second."""
    lags = [[reach.lag for reach in each.readers] for each in rows[-1].shards]
    return max(lag[0] for lag in lags) > BEHIND_MS, max(lag[1] for lag in lags) > BEHIND_MS


def _hot_key(rows: Sequence[Second]) -> str:
    return {0: "none", 1: "one"}.get(_refusing(rows)[0], "all")


def _double_load(rows: Sequence[Second]) -> str:
    some, there = _refusing(rows)
    return "none" if not some else "all" if some == there else "some"


def _slow_consumer(rows: Sequence[Second]) -> str:
    application, dashboard = _behind(rows)
    return "both" if application and dashboard else "dashboard" if dashboard else "none"


def _crash_worker(rows: Sequence[Second]) -> str:
    row = rows[SILENT_S - 1]
    orphans = [each for each in row.shards if not row.workers.get(holder(each) or "")]
    return "nobody" if orphans else "other"


def _poison_record(rows: Sequence[Second]) -> str:
    if _behind(rows)[1]:
        return "all"
    return "one" if len(rows[-1].stuck) == 1 else "application"


def _crowd(rows: Sequence[Second]) -> str:
    application, dashboard = _behind(rows)
    return "all" if application and dashboard else "dashboard" if dashboard else "none"


_OUTCOMES: dict[str, Callable[[Sequence[Second]], str]] = {
    "hot_key": _hot_key,
    "slow_consumer": _slow_consumer,
    "crash_worker": _crash_worker,
    "double_load": _double_load,
    "poison_record": _poison_record,
    "crowd": _crowd,
}
