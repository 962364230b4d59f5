"""What applications use, as AWS meters it: KPUs by the second (facts/analytics §10).

A run counts from RUNNING until it is left, updates and restarts included, ten minutes at least. A
Flink application has one KPU more, for orchestration, and 50 GB of running storage for each of its
own. When a run begins and ends in the meter's eyes is the model's choice. Not billed here: durable
backups (snapshots hold no bytes), Studio.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kinesis_sim.account.bill import Line
from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.prices import PriceList
from kinesis_sim.analytics.events import ApplicationChanged
from kinesis_sim.events import Event
from kinesis_sim.instants import DAY, HOUR

LEAST_MS = 600_000
ORCHESTRATION_KPUS = 1
STORAGE_GB = 50
"""Of running storage for each KPU (facts/analytics/9/kpu)."""
MONTH = 30 * DAY
_RUNS = frozenset(
    {"RUNNING", "UPDATING", "AUTOSCALING", "MAINTENANCE", "ROLLING_BACK", "ROLLED_BACK"}
)


@dataclass(slots=True)
class _Run:
    began: int
    since: int
    kpus: int
    flink: bool
    kpu_ms: int = 0
    storage_ms: int = 0

    def until(self, at: int) -> tuple[int, int]:
        """KPU-ms and GB-ms up to an instant."""
        more = at - self.since
        own = self.kpus + (ORCHESTRATION_KPUS if self.flink else 0)
        gigabytes = STORAGE_GB * self.kpus if self.flink else 0
        return self.kpu_ms + more * own, self.storage_ms + more * gigabytes

    def ended(self, at: int) -> tuple[int, int]:
        """The same for a run that is over: ten minutes are charged in any case."""
        return self.until(max(at, self.began + LEAST_MS))


class ApplicationCharges(FoldFromNow):
    """The fold."""

    kinds = (ApplicationChanged,)

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._used: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            if isinstance(event, ApplicationChanged):
                self._changed(event)

    def _changed(self, event: ApplicationChanged) -> None:
        run = self._runs.get(event.application)
        if event.became in _RUNS and (run is not None or event.became == "RUNNING"):
            if run is None:
                run = _Run(event.at, event.at, event.kpus, event.flink)
                self._runs[event.application] = run
            run.kpu_ms, run.storage_ms = run.until(event.at)
            run.since, run.kpus = event.at, event.kpus
        elif run is not None:
            kpu_ms, storage_ms = run.ended(event.at)
            used = self._used[event.application, run.flink]
            used[0] += kpu_ms
            used[1] += storage_ms
            del self._runs[event.application]

    def lines(self, prices: PriceList, now: int) -> list[Line]:
        """What was used up to ``now`` (epoch ms), at the given prices."""
        used = {key: list(amounts) for key, amounts in self._used.items()}
        for name, run in self._runs.items():
            amounts = used.setdefault((name, run.flink), [0, 0])
            for at, more in enumerate(run.ended(now)):
                amounts[at] += more
        found: list[Line] = []
        for (name, flink), (kpu_ms, storage_ms) in used.items():
            item = "analytics.kpu_hour" if flink else "analytics.sql_kpu_hour"
            found.append(Line(name, prices[item], kpu_ms, HOUR))
            if storage_ms:
                found.append(Line(name, prices["analytics.storage"], storage_ms, MONTH))
        return found
