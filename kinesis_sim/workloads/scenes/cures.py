"""What helps in the control room, and what does not: five changes that people reach for.

Each is what a learner would do with the same tools: another key, a split, more consumers, enhanced
fan-out, another retry policy. None asks which fault there is; whether it helps is to be seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.producers.batcher import Batcher, Batching

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.streams.shard import Shard
    from kinesis_sim.workloads.readers.kcl import KclApplication
    from kinesis_sim.workloads.scenes.dashboard import Dashboard

CURES = ("other_key", "split", "more_consumers", "fan_out", "patience")
ONCE = frozenset({"other_key", "fan_out", "patience"})
"""Those that are done once and for all."""
SUFFIXES = 10
MOST_WORKERS = 4
RETRIES, PAUSE_MS = (1, 10), (1_000, 500)
"""Of the impatient policy that the scene begins with, and of the patient one: a model's choice."""


class HotKeys:
    """One key for all records, until it is ``spread`` over suffixes: "station-9#0" and so on."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.spread = False

    @property
    def names(self) -> list[str]:
        """The keys that there are."""
        return [f"{self._key}#{n}" for n in range(SUFFIXES)] if self.spread else [self._key]

    def draw(self, count: int, chance: random.Random) -> list[str]:
        """The keys of the next ``count`` records."""
        return chance.choices(self.names, k=count)

    def weights(self) -> dict[str, float]:
        """How often each key comes, adding up to 1."""
        return dict.fromkeys(self.names, 1 / len(self.names))

    @property
    def mean_bytes(self) -> float:
        """UTF-8 bytes of a key, on average over records."""
        return sum(map(len, self.names)) / len(self.names)


class Cures:
    """The five, on the parts of a scene. ``done``: those in force, by name.

    fullest: gives the open shard that a split would help most.
    """

    def __init__(
        self,
        sim: Simulator,
        keys: HotKeys,
        senders: Sequence[Batching],
        application: KclApplication,
        dashboard: Dashboard,
        fullest: Callable[[], Shard],
    ) -> None:
        self.done: set[str] = set()
        self._sim, self._keys, self._senders = sim, keys, senders
        self._application, self._dashboard = application, dashboard
        self._fullest = fullest

    def can(self, name: str) -> bool:
        """Whether it would change anything now."""
        if name == "more_consumers":
            return len(self._alive) < MOST_WORKERS
        return name not in self.done or name not in ONCE

    def do(self, name: str) -> dict[str, object]:
        """Do it; what was changed, by name. Raises UsageError for one that there is not."""
        if name not in CURES:
            raise UsageError(f"cure({name!r}): choose one of {', '.join(CURES)}.")
        if not self.can(name):
            return {}
        changed: dict[str, object] = getattr(self, f"_{name}")()
        self.done.add(name)
        return changed

    @property
    def _alive(self) -> list[str]:
        return [name for name, worker in self._application.workers.items() if worker.alive]

    def _other_key(self) -> dict[str, object]:
        self._keys.spread = True
        return {"keys": SUFFIXES}

    def _split(self) -> dict[str, object]:
        shard = self._fullest()
        middle = (shard.hashes.start + shard.hashes.end) // 2
        request = {
            "StreamName": self._application.stream,
            "ShardToSplit": shard.id,
            "NewStartingHashKey": str(middle),
        }
        self._sim.gate.call("kinesis", "SplitShard", request)
        return {"shard": shard.index}

    def _more_consumers(self) -> dict[str, object]:
        known = self._application.workers
        name = next(n for n in (f"worker-{i}" for i in range(3, 9)) if n not in known)
        self._application.add_worker(name)
        self._dashboard.share()
        return {"worker": name}

    def _fan_out(self) -> dict[str, object]:
        self._dashboard.fan_out()
        return {}

    def _patience(self) -> dict[str, object]:
        for sender in self._senders:
            sender.follow(replace(sender.batcher, retries=RETRIES[1], base_ms=PAUSE_MS[1]))
        return {"retries": RETRIES[1]}


def impatient(load: Batcher) -> Batcher:
    """A batcher with the retry policy that the scene begins with."""
    return replace(load, retries=RETRIES[0], base_ms=PAUSE_MS[0])
