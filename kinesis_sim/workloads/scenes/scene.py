"""A scene to watch, to break and to cure: producers, four shards, two kinds of consumers.

Pedala's stream of rides, as it runs in the control room. Everything in it is what a learner has at
hand, too: ``Batcher``, ``KclApplication``, ``Poller``. Rates and sizes are this model's choices: in
calm water a shard is a little over half full, by bytes; the hot key alone is more than a shard.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.hashing import hash_key
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import SECOND
from kinesis_sim.streams.events import LeaseMoved
from kinesis_sim.workloads.producers.batcher import Batcher, Batching
from kinesis_sim.workloads.producers.keys import uniform_keys
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.producer import TICK_MS, Sender
from kinesis_sim.workloads.producers.shapes import Poisson
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.leases import free_name
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.reader import Record
from kinesis_sim.workloads.scenes.cures import Cures, HotKeys, impatient
from kinesis_sim.workloads.scenes.dashboard import POLLER as POLLER
from kinesis_sim.workloads.scenes.dashboard import Dashboard, count
from kinesis_sim.workloads.scenes.rhythm import every
from kinesis_sim.workloads.scenes.seconds import HEARD, Seconds, ShardSecond

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.streams.shard import Shard

STREAM, APPLICATION = "pedala-rides", "pedala-map"
WORKERS = ("worker-1", "worker-2")
SHARDS = 4
HOT_KEY, POISON_KEY = "station-9", "bike-0107"
POISON = b"\x00 no ride"
SIZE = 5_000  # bytes of data
BIKES, STATIONS, HOT = 300, 180, 240  # records per second
TEAMS, TEAM_MS, TEAM_LIMIT = (
    4,
    200,
    10_000,
)
"""The crowd: how many, how often each polls, and records a call."""
FAULTS = ("hot_key", "slow_consumer", "crash_worker", "double_load", "poison_record", "crowd")
KEPT = 600  # seconds
WARM_S = 60


@dataclass(slots=True)
class Dial:
    """A rate that can be turned while it runs: records per second, times ``factor``."""

    per_second: float
    factor: float = 1

    def rate(self, at: int, begin: int) -> float:
        """Records per second as the dial stands."""
        return self.per_second * self.factor


@dataclass(frozen=True, slots=True)
class SenderSecond:
    """A producer's second: records it was offered, attempts refused; waiting and lost so far."""

    name: str
    offered: int
    throttled: int
    waiting: int
    lost: int


@dataclass(frozen=True, slots=True)
class Second:
    """One second of a scene, from ``at`` (epoch ms) on.

    stuck: shards whose batch the application's handler refused last; workers: whether each runs;
    cures: what was done; refused_reads: GetRecords calls of the dashboard that were refused in it.
    """

    at: int
    shards: tuple[ShardSecond, ...]
    moves: tuple[LeaseMoved, ...]
    senders: tuple[SenderSecond, ...]
    faults: frozenset[str]
    stuck: frozenset[int]
    workers: dict[str, bool]
    cures: frozenset[str]
    refused_reads: int


class PedalaScene:
    """Three producers, a stream of four shards, a KCL application of two workers and a poller.

    sim: the simulator it runs on; one of its own unless given. The scene has run a minute when it
    is made, and runs on whenever the clock moves; began: when the stream was there and producers
    started (epoch ms). Its faults stay until they are undone, what was done against them stays.
    Raises UsageError when the simulator has a stream of this name already.
    """

    def __init__(self, sim: Simulator | None = None, *, warm_seconds: int = WARM_S) -> None:
        self.sim = sim = sim or _own()
        if STREAM in sim.streams.streams:
            raise UsageError(f"There is a stream {STREAM!r} already: give the scene a new sim.")
        self.name = free_name(sim, APPLICATION)
        self._warm = warm_seconds
        self.faults: set[str] = set()
        self.aside = 0
        self.rows: deque[Second] = deque(maxlen=KEPT)
        self.seconds = 0
        self._stuck: set[int] = set()
        self._strict = False
        self._seconds = Seconds(STREAM, (self.name, POLLER))
        sim.events.subscribe(self._seconds, *HEARD)
        self._create()
        self.began = sim.clock.now
        self._dials = (Dial(BIKES), Dial(STATIONS), Dial(HOT, 0))
        self._keys = HotKeys(HOT_KEY)
        self._senders = self._producers()
        self._before = {sender.name: (0, 0) for sender in self._senders}
        self.application = KclApplication(sim, self.name, STREAM, self._draw_map, keep_failed=True)
        for worker in WORKERS:
            self.application.add_worker(worker)
        self.dashboard = Dashboard(sim, STREAM)
        self._reads = (self.dashboard.reading, 0)
        self._teams: list[Poller] = []
        self._cures = Cures(
            sim, self._keys, [*self._senders], self.application, self.dashboard, self._fullest
        )
        every(sim.clock, TICK_MS, self._tick)
        every(sim.clock, SECOND, self._close, first=SECOND - 1)
        sim.advance(seconds=warm_seconds)

    @property
    def hot_shard(self) -> int:
        """The number of the shard that takes the hot key's records now."""
        return self.sim.streams[STREAM].shard_for(hash_key(HOT_KEY)).index

    @property
    def hot_shards(self) -> set[int]:
        """The numbers of all shards that take records under the hot key, with suffixes or not."""
        stream = self.sim.streams[STREAM]
        return {stream.shard_for(hash_key(key)).index for key in self._keys.names}

    @property
    def poison_shard(self) -> int:
        """The number of the shard that takes the poison record."""
        return self.sim.streams[STREAM].shard_for(hash_key(POISON_KEY)).index

    def show(self, *, ask: bool = True, lang: str | None = None) -> Any:
        """The control room over this scene: a ``ControlRoom`` of the room ``show``.

        ask: whether a fault's button asks first what will happen.
        """
        return self.sim.show.control_room(self, ask=ask, lang=lang)

    def again(self) -> PedalaScene:
        """The same scene from its known second, on a simulator of its own: same calls, same rows.

        This one, and the simulator it runs on, stay as they are.
        """
        return PedalaScene(warm_seconds=self._warm)

    # --- cures --------------------------------------------------------------------------------

    @property
    def cures(self) -> set[str]:
        """What was done, of ``cures.CURES``."""
        return self._cures.done

    def can(self, name: str) -> bool:
        """Whether a cure would change anything now."""
        return self._cures.can(name)

    def cure(self, name: str) -> dict[str, object]:
        """Change something, of ``cures.CURES``; what was changed, empty when nothing was.

        Raises UsageError for a name that there is not, ServiceError when the stream refuses.
        """
        with self.sim.lock:
            return self._cures.do(name)

    def _fullest(self) -> Shard:
        """The open shard that took most bytes lately, refused ones included."""
        took = dict.fromkeys(self.sim.streams[STREAM].open_shards, 0)
        for row in list(self.rows)[-5:]:
            for each in row.shards:
                for shard in took:
                    if shard.index == each.shard:
                        took[shard] += each.bytes + each.throttled_bytes
        return max(took, key=lambda shard: (took[shard], -shard.index))

    # --- faults -------------------------------------------------------------------------------

    def hot_key(self) -> None:
        """A concert ends at station-9: its riders alone send more than a shard takes."""
        self._inject("hot_key", self._turn)

    def double_load(self) -> None:
        """Twice as many rides, everywhere."""
        self._inject("double_load", self._turn)

    def slow_consumer(self) -> None:
        """Every record costs the poller 20 ms from now on: less than half of what arrives."""
        self._inject("slow_consumer", self._slow)

    def crash_worker(self) -> None:
        """The second worker's machine is lost; its leases stay in its name until they run out."""
        self._inject("crash_worker", self.application.workers[WORKERS[1]].crash)

    def poison_record(self) -> None:
        """A record that the application cannot read: its handler raises, the batch comes again."""
        self._inject("poison_record", self._poison)

    def crowd(self) -> None:
        """Four more teams poll every shard five times a second: it takes five calls in all."""
        self._inject("crowd", self._gather)

    def undo(self, fault: str | None = None) -> None:
        """Take a fault back, or all of them. Raises UsageError for one that there is not."""
        if fault is not None and fault not in FAULTS:
            raise UsageError(f"undo({fault!r}): choose one of {', '.join(FAULTS)}.")
        with self.sim.lock:
            for each in self.faults & {fault} if fault else set(self.faults):
                self.faults.discard(each)
                self._undoing[each]()

    def _inject(self, fault: str, act: Callable[[], object]) -> None:
        with self.sim.lock:
            if fault not in self.faults:
                self.faults.add(fault)
                act()

    @property
    def _undoing(self) -> dict[str, Callable[[], object]]:
        return {
            "hot_key": self._turn,
            "double_load": self._turn,
            "slow_consumer": self._slow,
            "crash_worker": lambda: self.application.add_worker(WORKERS[1]),
            "poison_record": self._forgive,
            "crowd": self._disperse,
        }

    def _turn(self) -> None:
        """Set the producers' dials as the faults are."""
        factor = 2 if "double_load" in self.faults else 1
        bikes, stations, hot = self._dials
        bikes.factor = stations.factor = factor
        hot.factor = factor if "hot_key" in self.faults else 0

    def _slow(self) -> None:
        self.dashboard.slow("slow_consumer" in self.faults)

    def _gather(self) -> None:
        for number in range(TEAMS):
            team = Poller(
                self.sim, STREAM, count, name=f"team-{number + 1}", start="LATEST",
                every_ms=TEAM_MS, limit=TEAM_LIMIT,
            )  # fmt: skip
            self._teams.append(team.start())

    def _disperse(self) -> None:
        while self._teams:
            self._teams.pop().stop()

    def _poison(self) -> None:
        self._strict = True
        self.sim.streams[STREAM].put([(POISON, POISON_KEY, None)], self.sim.clock.now)

    def _forgive(self) -> None:
        """The handler learns to put a record aside that it cannot read."""
        self._strict = False

    # --- what runs ----------------------------------------------------------------------------

    def _create(self) -> None:
        request = {"StreamName": STREAM, "ShardCount": SHARDS}
        self.sim.gate.call("kinesis", "CreateStream", request)
        while not self.sim.streams[STREAM].usable:
            self.sim.advance(seconds=1)
        self.sim.advance(milliseconds=-self.sim.clock.now % SECOND)

    def _producers(self) -> list[Batching]:
        stream, begin = self.sim.streams[STREAM], self.sim.clock.now
        bikes, stations, hot = (Poisson(dial) for dial in self._dials)
        loads = {
            "bikes": Load(bikes, uniform_keys(400, "bike-"), SIZE),
            "stations": Load(stations, uniform_keys(120, "station-"), SIZE),
            HOT_KEY: Load(hot, self._keys, SIZE),
        }
        return [
            impatient(Batcher(load, name=name)).start(stream, random.Random(f"scene/{name}"), begin)
            for name, load in loads.items()
        ]

    def _tick(self) -> None:
        for sender in self._senders:
            sender.tick(self.sim.clock.now)
        self._senders.append(self._senders.pop(0))  # nobody always comes first to the room there is

    def _close(self) -> None:
        """End a second: whatever comes due at its last millisecond belongs to the next."""
        now = self.sim.clock.now
        shards, moves = self._seconds.close(now)
        self.seconds += 1
        self.rows.append(
            Second(
                now + 1 - SECOND,
                shards,
                moves,
                tuple(self._sent(sender) for sender in self._senders_by_name()),
                frozenset(self.faults),
                frozenset(self._stuck),
                {name: worker.alive for name, worker in self.application.workers.items()},
                frozenset(self.cures),
                self._refused_reads(),
            )
        )

    def _refused_reads(self) -> int:
        """Reads of the dashboard that were refused since the last call."""
        reading, before = self.dashboard.reading, self._reads
        self._reads = reading, reading.throttled
        return reading.throttled - (before[1] if before[0] is reading else 0)

    def _senders_by_name(self) -> list[Sender]:
        order = ("bikes", "stations", HOT_KEY)
        return sorted(self._senders, key=lambda sender: order.index(sender.name))

    def _sent(self, sender: Sender) -> SenderSecond:
        counts = sender.counts
        offered, throttled = self._before[sender.name]
        self._before[sender.name] = counts.offered, counts.throttled
        return SenderSecond(
            sender.name,
            counts.offered - offered,
            counts.throttled - throttled,
            sender.buffered,
            counts.lost,
        )

    def _draw_map(self, shard: str, records: list[Record]) -> None:
        """The application's handler: it cannot read poison, and does not skip it unless told."""
        number = int(shard.rpartition("-")[2])
        poisoned = sum(record["Data"] == POISON for record in records)
        if poisoned and self._strict:
            self._stuck.add(number)
            raise ValueError(f"this is no ride: {POISON!r}")
        self.aside += poisoned
        self._stuck.discard(number)


def _own() -> Simulator:
    from kinesis_sim.simulator import Simulator

    return Simulator(latency=None, delays="instant")
