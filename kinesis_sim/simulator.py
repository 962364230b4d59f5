"""One account in one Region: the clock, the event log, the services, and the ways in."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from kinesis_sim import instants
from kinesis_sim.arguments import number, said, whole
from kinesis_sim.clock import DEFAULT_START, Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.events import EventLog
from kinesis_sim.faces import Faces
from kinesis_sim.journal.inputs import Inputs
from kinesis_sim.journal.memory import ROOM_MIB, Memory
from kinesis_sim.rooms import ROOMS
from kinesis_sim.seed import Seed
from kinesis_sim.signatures import faced
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas

    from kinesis_sim.account.delays import Delays
    from kinesis_sim.account.faults.plan import Faults
    from kinesis_sim.account.service import Services
    from kinesis_sim.aws.accounts import Accounts
    from kinesis_sim.aws.boto import Clients
    from kinesis_sim.aws.buckets import Buckets
    from kinesis_sim.aws.egress import Egress
    from kinesis_sim.aws.errands import Errands
    from kinesis_sim.aws.gate import Gate
    from kinesis_sim.aws.latency import Latency
    from kinesis_sim.aws.receivers import AccountReceivers
    from kinesis_sim.aws.regions import Regions
    from kinesis_sim.journal.folder import Folder
    from kinesis_sim.show import Show
    from kinesis_sim.workloads.capture import Capture


@faced
class Simulator(Faces):
    """A simulated AWS account in one Region, and on demand in others (``in_region``).

    clock: "manual" (stands still until moved), "wall", or a Clock of your own. start: where a
    manual clock begins. latency: simulated time per in-process call, None for none. delays: how
    long state changes take ("realistic", "quick", "instant", a dict of changed ones, or Delays).
    limits: "on", "off", or a dict of changed quotas.
    outbound: whether anything may be sent to hosts other than this machine and the simulator's own
    receivers: Firehose's deliveries, SNS's http messages, API destinations, Lambda's containers.
    remember: MiB of what comes in that are remembered, so that ``save`` can write it; 0 for none.
    rooms: which services are simulated, and where (see ``rooms.py``).

    Two simulators share nothing: same arguments and same calls give the same answers, byte for
    byte. Services that are not simulated here are answered by moto, which keeps one state per
    process and account; give a second simulator an account of its own to keep their buckets and
    tables apart.
    """

    def __init__(
        self,
        *,
        clock: Literal["manual", "wall"] | Clock = "manual",
        start: str | datetime | int = DEFAULT_START,
        region: str = "us-east-1",
        account: str = "123456789012",
        seed: int = 0,
        latency: Latency | Literal["default"] | None = "default",
        delays: str | dict[str, int] | Delays = "realistic",
        limits: dict[str, float] | str = "on",
        outbound: bool = False,
        remember: int = ROOM_MIB,
        rooms: Mapping[str, str] = ROOMS,
    ) -> None:
        whole("seed", seed)
        digits = isinstance(account, str) and account.isascii() and account.isdecimal()
        if not digits or len(account) != 12:
            raise UsageError(f"account={said(account)}: an AWS account id has twelve digits.")
        if not isinstance(region, str) or not _REGION.fullmatch(region):
            raise UsageError(
                f"region={said(region)}: write a Region as AWS does, such as us-east-1."
            )
        self.clock = _clock(clock, start)
        self.region = region
        self.account = account
        self.seed = seed
        self.events = EventLog(mishaps=self.clock.mishaps)
        self.chance = Seed(seed, account, region)
        self.lock = threading.RLock()
        self.inputs = Inputs(self.clock, self.events, self.chance)
        self._latency = latency
        self._delays = delays
        self._limits = limits
        self.outbound = outbound
        self.rooms = rooms
        self.folder: Folder | None = None
        self.companions: dict[str, Any] = {}
        """What parts outside of the rooms know of it, by their names; it ends with it."""
        self.made_with: dict[str, Any] = {
            "start": self.clock.now,
            "region": region,
            "account": account,
            "seed": seed,
            "delays": delays,
            "limits": limits,
        }
        self._check()
        self.memory: Memory | None = None
        if whole("remember", remember, least=0):
            self.memory = memory = Memory(remember * MIB)
            self.inputs.start(memory.write)
            self.inputs.end_when(lambda: memory.full)
        if (made := _MADE.get()) is not None:
            made.append(self)

    def _check(self) -> None:
        """Meet a wrong ``delays`` or ``limits`` where it was written, not at first use."""
        _ = self.delays, self.limits
        given = self._latency
        if given is not None and given != "default" and not callable(getattr(given, "of", None)):
            raise UsageError(
                f"latency={said(given)}: give 'default', None for calls that take no time, or a "
                "Latency(data=…, control=…) in milliseconds."
            )

    # --- time ---------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The simulated time, in UTC."""
        return instants.to_datetime(self.clock.now)

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        milliseconds: float = 0,
    ) -> datetime:
        """Move time forward, firing all that comes due on the way; returns the new time.

        Raises UsageError for what is no duration, or leads beyond the year 9998. An interruption,
        or ``sim.clock.stop()`` in another thread, ends the move between two actions.
        """
        with self.lock:
            self.clock.advance(
                instants.total(
                    days=days,
                    hours=hours,
                    minutes=minutes,
                    seconds=seconds,
                    milliseconds=milliseconds,
                )
            )
        return self.now

    def run_until(self, when: str | datetime | int) -> datetime:
        """Move time to an instant (ISO 8601 text, aware datetime or epoch ms).

        Returns the new time. Raises UsageError for what is no instant, is past, or lies beyond the
        year 9998.
        """
        with self.lock:
            self.clock.run_until(instants.to_ms(when))
        return self.now

    @cached_property
    def errands(self) -> Errands:
        """What waits for the world outside, such as deliveries to a real endpoint."""
        from kinesis_sim.aws.errands import Errands

        return Errands(self.clock, self.lock, self.inputs)

    @cached_property
    def egress(self) -> Egress:
        """The way out for what moto sends: SNS to http subscribers, API destinations and so on."""
        from kinesis_sim.aws.egress import Egress

        return Egress(self)

    # --- Regions ------------------------------------------------------------------------------

    @cached_property
    def regions(self) -> Regions:
        """The Regions of this account that are in use."""
        from kinesis_sim.aws.regions import Regions

        return Regions(self)

    def in_region(self, region: str) -> Simulator:
        """This account in another Region: on the same clock, with streams and events of its own.

        Buckets and the receivers of deliveries are the same. Raises UsageError for a Region that
        AWS does not have.
        """
        return self.regions.of(region)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts on this clock: one, unless this simulator is served to several."""
        from kinesis_sim.aws.accounts import Accounts

        return Accounts(self)

    def made_in(self, region: str, account: str) -> Simulator:
        """A new simulator as this one was made, in another Region or account, on this clock."""
        made = Simulator(
            clock=self.clock,
            region=region,
            account=account,
            seed=self.seed,
            latency=self._latency,
            delays=self._delays,
            limits=self._limits,
            outbound=self.outbound,
            remember=0,
            rooms=self.rooms,
        )
        made.lock = self.lock
        made.memory = self.memory
        made.inputs = self.inputs.elsewhere(made.events, made.chance, f"{account}/{region}")
        made.__dict__["errands"], made.__dict__["accounts"] = self.errands, self.accounts
        if not made.inputs.is_taken:
            made.inputs.note("begin")
        return made

    # --- services -----------------------------------------------------------------------------

    @cached_property
    def latency(self) -> Latency | None:
        """Simulated time per in-process call; None when calls take no time."""
        from kinesis_sim.aws.latency import Latency

        return Latency() if self._latency == "default" else self._latency

    @cached_property
    def services(self) -> Services:
        """The services that are simulated, by botocore's names; each is built at its first use."""
        from kinesis_sim.account.service import Services
        from kinesis_sim.aws.surroundings import surroundings

        around = surroundings(self, self._metrics)
        return Services(self.rooms, around, self._follower, self.inputs)

    @cached_property
    def receivers(self) -> AccountReceivers:
        """Firehose's destinations within this process: ``sim.receivers.splunk("ops")`` …"""
        from kinesis_sim.aws.receivers import AccountReceivers

        return AccountReceivers(self)

    def query(self, sql: str) -> pandas.DataFrame:
        """SQL over what was delivered, as Athena would answer it.

        ``select … from 's3://lake/clicks/'``, or from ``database.table`` of Glue.

        Raises UsageError for SQL that is wrong, writes, reaches for the machine, or asks for more
        than a query may take (20 s, 1 GB, a million rows); MissingPackage without DuckDB.
        """
        from kinesis_sim.aws.query_ports import lake

        return lake(self).query(sql)

    @cached_property
    def buckets(self) -> Buckets:
        """The account's S3 buckets: what was delivered, and faults for those who deliver."""
        from kinesis_sim.aws.buckets import Buckets

        return Buckets(self)

    @cached_property
    def faults(self) -> Faults:
        """Faults on purpose: ``sim.faults.add("throttle", "meu-stream", share=0.25, lasts="5m")``.

        ``sim.faults.crash(worker)``, ``.jump("1h")``, ``.end(fault)``, ``.clear()``; the kinds are
        in ``account/faults/kinds.py``.
        """
        from kinesis_sim.account.faults.plan import Faults

        faults = Faults(self.clock, self.events, self.chance, self.gate.has)
        self.gate.faults = self.keys.faults = self.functions.faults = faults
        return faults

    @cached_property
    def gate(self) -> Gate:
        """The one way in for AWS calls."""
        from kinesis_sim.aws.gate import Gate

        return Gate(self, self.services)

    # --- faces --------------------------------------------------------------------------------

    @cached_property
    def clients(self) -> Clients:
        """Where boto3 clients are made."""
        from kinesis_sim.aws.boto import Clients

        return Clients(self)

    def client(self, service: str, **options: Any) -> Any:
        """A real boto3 client of any AWS service, bound to this simulator and to nothing else.

        Waiters and the SDK's back-off move the simulated clock. options: as for boto3.client;
        with a ``region_name`` the client is of that Region (see ``in_region``).
        """
        return self.clients.make(service, **options)

    def save(self, path: str | Path) -> int:
        """Write all that came in to one file, with which ``Simulator.load`` goes on; its bytes.

        Raises UsageError, and writes nothing, when something cannot be saved, naming it: Python
        functions, receivers of this process, workers and pollers that it keeps on the clock, and
        whatever was done to parts of the simulator past its methods.
        """
        from kinesis_sim.aws.saving import save

        return save(self, path)

    @classmethod
    def load(cls, path: str | Path, *, seconds: float = 120) -> Simulator:
        """The simulator of a file that ``save`` wrote, at the instant at which it was saved.

        Its clock stands still. seconds: how long loading may take.

        Raises UsageError for any other file, one that is damaged, costs too much, or was saved by a
        version that comes to another state. A stranger's file can run nothing.
        """
        from kinesis_sim.aws.saving import load

        return load(path, cls, number("seconds", seconds, least=0))

    def capture(self, path: str | Path) -> Capture:
        """Write every record that is stored from now on to an NDJSON file, until it is closed.

        ``with sim.capture("traffic.ndjson"): …``.
        """
        from kinesis_sim.workloads.capture import Capture

        return Capture(self, path)

    @cached_property
    def show(self) -> Show:
        """Pictures of what happened: ``sim.show.shards("meu-stream")``."""
        from kinesis_sim.show import Show

        return Show(self)

    def __repr__(self) -> str:
        return f"<Simulator {self.account} {self.region} at {self.now:%Y-%m-%dT%H:%M:%S.%f}Z>"


_REGION = re.compile(r"[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")


def _clock(clock: str | Clock, start: str | datetime | int) -> Clock:
    if isinstance(clock, Clock):
        return clock
    if clock == "manual":
        return Clock(start)
    if clock == "wall":
        return Clock.wall()
    raise UsageError(f"clock={clock!r}: choose 'manual' or 'wall', or give a Clock.")


_MADE: ContextVar[list[Simulator] | None] = ContextVar("made", default=None)


@contextmanager
def simulators_made() -> Iterator[list[Simulator]]:
    """The simulators that are made within the block, in order: what an experiment left behind."""
    made: list[Simulator] = []
    token = _MADE.set(made)
    try:
        yield made
    finally:
        _MADE.reset(token)
