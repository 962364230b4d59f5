"""The control room's dashboard: a reader that polls, and can be given a pipe of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.reader import Reading, Record
from kinesis_sim.workloads.readers.subscriber import Subscriber

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

POLLER = "dashboard"
POLL_MS, POLL_LIMIT = 500, 150
SLOW_MS = 20  # what a record costs the slow dashboard: fifty a second from each shard
THREADS = 4  # that share a shard's records by key, once there are more consumers


class Dashboard:
    """Polls every shard twice a second, until ``fan_out`` subscribes it instead.

    Both ways it goes on where it was. sim, stream: what it reads, from the beginning.
    """

    def __init__(self, sim: Simulator, stream: str) -> None:
        self._sim, self._stream = sim, stream
        self._slow, self._threads = False, 1
        self._polling = Poller(
            sim, stream, count, name=POLLER, every_ms=POLL_MS, limit=POLL_LIMIT
        ).start()
        self._pushed: Subscriber | None = None

    @property
    def is_pushed(self) -> bool:
        """Whether it is an enhanced fan-out consumer by now."""
        return self._pushed is not None

    @property
    def behind(self) -> int:
        """The largest MillisBehindLatest over the shards it reads (ms)."""
        return (self._pushed or self._polling).behind

    @property
    def reading(self) -> Reading:
        """What it did so far, as a poller and as a subscriber each for itself."""
        return (self._pushed or self._polling).reading

    @property
    def work_ms(self) -> float:
        """Simulated milliseconds that one record costs it now."""
        return SLOW_MS / self._threads if self._slow else 0

    def slow(self, on: bool) -> None:
        """Whether a record costs it ``SLOW_MS``."""
        self._slow = on
        self._take_care()

    def share(self) -> None:
        """Have ``THREADS`` handlers share the records of every shard, by key."""
        self._threads = THREADS
        self._take_care()

    def fan_out(self) -> None:
        """Register as a consumer and subscribe, from where the poller stopped."""
        if self._pushed is None:
            self._polling.stop()
            self._pushed = Subscriber(
                self._sim,
                self._stream,
                count,
                name=POLLER,
                work_ms=self.work_ms,
                places=self._polling.places.values(),
            ).start()

    def _take_care(self) -> None:
        (self._pushed or self._polling).work_ms = self.work_ms


def count(shard: str, records: list[Record]) -> None:
    """A dashboard's handler: whatever it makes of them, it takes them all."""
