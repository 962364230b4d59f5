"""A service as one thing: what a room hands the simulator, and what it gets to build it from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Call, Opening, Operation, Request
from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.account.bill import Line
    from kinesis_sim.account.delays import Delays
    from kinesis_sim.account.encryption import Keys
    from kinesis_sim.account.fold import Fold
    from kinesis_sim.account.follower import Follower
    from kinesis_sim.account.functions import Functions
    from kinesis_sim.account.metrics import Metrics
    from kinesis_sim.account.prices import PriceList
    from kinesis_sim.account.quotas import Limits
    from kinesis_sim.account.storage import Store
    from kinesis_sim.account.tips import Rests
    from kinesis_sim.clock import Clock
    from kinesis_sim.events import EventLog
    from kinesis_sim.journal.inputs import Inputs
    from kinesis_sim.seed import Seed

Admit = Callable[[str, Request], None]
"""Counts a call of an operation against its published rate; raises the service's own ServiceError
beyond it."""
Lines = Callable[["PriceList", int], Iterable["Line"]]
"""What was used up to an instant (epoch ms), at the given prices."""
ActsOn = Callable[[Request], str | None]
"""The ARN of what a request acts on; None for nothing in particular."""


Parts = Callable[[str, Request], list[str]]
"""Which parts of a resource, such as a stream's shards, a request is about: one for each record
that it brings, or the one that it names; none when it names none."""


def undivided(operation: str, request: Request) -> list[str]:
    """A service whose resources have no parts."""
    return []


def unlimited(operation: str, request: Request) -> None:
    """Admission to a service whose published rates of calls are not simulated."""


def free(prices: PriceList, now: int) -> Iterable[Line]:
    """The bill of a service whose use is not charged here."""
    return ()


def nothing() -> None:
    """What a service has to settle in which nobody rests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a room may lean on: one account in one Region.

    latency: simulated ms that a call takes, told whether it is one of the data plane. call: any
    service of the account; elsewhere: the same past our own, as moto keeps it. store: the port to
    S3. port: what only one room needs of outside, by the room's name. rests: lets a reader at a
    data stream's tip rest.
    """

    clock: Clock
    events: EventLog
    chance: Seed
    account: str
    region: str
    limits: Limits
    delays: Delays
    metrics: Metrics
    functions: Functions
    keys: Keys
    latency: Callable[[bool], int]
    call: Call
    elsewhere: Call
    store: Store
    port: Callable[[str], Any]
    rests: Rests


def nowhere(host: str) -> bool:
    """A service that gives out no hosts of its own."""
    return False


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that botocore's model lacks, because its request is a stream: how it is recognised.

    path: where it is posted to; None for nowhere: only this process can open it, by the gate.
    members: what each header means; open: begins it. messages: it goes over a WebSocket, whose
    address says in its query what headers say elsewhere; each part that comes or leaves is one
    message.
    """

    path: str | None
    members: Mapping[str, str]
    open: Opening
    messages: bool = False


@dataclass(frozen=True, slots=True)
class ServedPage:
    """What a browser or a player gets at an address that an operation gave out.

    error: the code of the service's error that it is; empty for none.
    """

    status: int
    body: bytes = b""
    content_type: str = ""
    error: str = ""


Pages = Callable[[str, Mapping[str, str]], ServedPage | None]
"""What lies at a path, for the fields of its query; None for a path that is nothing here."""


def no_pages(path: str, query: Mapping[str, str]) -> ServedPage | None:
    """Nothing lies anywhere: a service whose operations give out no addresses."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, all that the rest of the house knows of it.

    name: botocore's. title: what a bill calls it. state: what its operations are called with.
    named_by: the request members that say what a call is about, those that decide first, each with
    the ARN that its value is or stands for (``{}`` is the value). acts_on: operations whose
    resource is told in another way. elsewhere: operations that have nothing to do with this state,
    and are moto's to answer; partial: so are all that the service does not have. parts: which parts
    of its resource a request is about. again: does what an operation does, but makes no answer, for
    replays of what is called very often. found_nothing: does what a stretch of calls did that found
    nothing (``journal/folding``): told the state, when it ended (epoch ms) and its rows, each with
    how many ms before. put_back: has again what a long row of calls left, by its rows. folds: hear
    all that happens, from the service's first use on. data_plane: operations that read or write
    records, whose calls take less time than all others. settle: has those who rest say what they
    would have done, before folds answer.
    """

    name: str
    title: str
    state: Any
    operations: Mapping[str, Operation]
    named_by: Mapping[str, str]
    acts_on: Mapping[str, ActsOn] = field(default_factory=dict)
    admit: Admit = unlimited
    elsewhere: frozenset[str] = frozenset()
    partial: bool = False
    parts: Parts = undivided
    again: Mapping[str, Callable[[Any, Request], None]] = field(default_factory=dict)
    found_nothing: Callable[[Any, int, list[Any]], None] | None = None
    put_back: Callable[[Any, list[Any]], None] | None = None
    folds: tuple[Fold, ...] = ()
    data_plane: frozenset[str] = frozenset()
    lines: Lines = free
    settle: Callable[[], None] = nothing
    talks: Mapping[str, Talk] = field(default_factory=dict)
    pages: Pages = no_pages
    hosts: Callable[[str], bool] = nowhere

    def answers(self, operation: str) -> bool:
        """Whether a call is for this service, be it to be refused."""
        if self.partial:
            return operation in self.operations
        return operation not in self.elsewhere

    def named(self, request: Request) -> str | None:
        """What a request names as it names it: a name or an ARN."""
        for member in self.named_by:
            if isinstance(request.get(member), str):
                return str(request[member])
        return None

    def resource(self, operation: str, request: Request) -> str:
        """The ARN that an operation acts on; ``*`` when it is none in particular."""
        told = self.acts_on.get(operation)
        if told is not None:
            return told(request) or "*"
        for member, form in self.named_by.items():
            value = request.get(member)
            if isinstance(value, str):
                return value if value.startswith("arn:") else form.format(value)
        return "*"


def operations(module: ModuleType, capitals: Iterable[str] = ()) -> dict[str, Operation]:
    """The operations of a service by API name: a module's functions in ``__all__``.

    capitals: words that the API writes in capitals, such as URL.
    """
    whole = frozenset(word.lower() for word in capitals)
    return {_api_name(name, whole): getattr(module, name) for name in module.__all__}


def _api_name(name: str, whole: frozenset[str]) -> str:
    words = name.split("_")
    return "".join(word.upper() if word in whole else word.capitalize() for word in words)


class Services(dict[str, Service]):
    """The services of one account by botocore's name, each built when it is first asked for.

    rooms: where they are built, see ``rooms``; follower: feeds their folds. ``names`` are those of
    all, built or not. Raises KeyError for a service of none of them.
    """

    def __init__(
        self,
        rooms: Mapping[str, str],
        around: Surroundings,
        follower: Follower,
        inputs: Inputs,
    ) -> None:
        super().__init__()
        self._inputs = inputs
        self.names = tuple(rooms)
        self._rooms, self._around, self._follower = rooms, around, follower

    def __missing__(self, name: str) -> Service:
        room = self._rooms[name]
        with self._inputs.taken("room", name, safe=False):
            self._open(room)
        if name not in self:
            raise UsageError(f"The room {room} has no service {name!r}: see its service.py.")
        return self[name]

    def _open(self, room: str) -> None:
        for service in import_module(f"{room}.service").services(self._around):
            self[service.name] = service
            for fold in service.folds:
                self._follower.feed(fold, self._around.clock.now)
            self._follower.before_reading(service.settle)
