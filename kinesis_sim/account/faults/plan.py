"""The fault plan of an account: which faults there are, which are in force, whom they strike.

Laws
1. A fault is in force from its first instant to just before its last, on the simulated clock.
2. Whether it strikes is drawn from the simulator's seed, from a source of its own: a fault more or
   less changes nobody else's draws.
3. Whatever it does, it does in AWS's words, and it stands in the event log.
4. What is planned from outside is an input, so that a data folder and a saved file have it again.
5. A reader that rests because there is nothing to read makes no calls, so none of them is struck.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.account.faults.events import FaultBegan, FaultEnded, FaultStruck
from kinesis_sim.account.faults.fault import Fault
from kinesis_sim.account.faults.kinds import KINDS, FaultKind, Site
from kinesis_sim.arguments import number, said, whole
from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.errors import UsageError
from kinesis_sim.events import EventLog
from kinesis_sim.instants import duration_ms, on_calendar, to_ms
from kinesis_sim.seed import Seed
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from random import Random

Instant = str | datetime | int
Has = Callable[[str, str], bool]
PLANNED = ("add", "jump", "end", "clear")
"""Changes of a plan that can be made again from what they were told."""
LONGEST_MS = 900_000
"""A call answered later than this is no call any more; also Lambda's longest delay."""


class Crashing(Protocol):
    """A process that can be lost, such as a KCL worker."""

    name: str

    def crash(self) -> None:
        """End without a word."""


class Faults:
    """The faults of one simulator: ``sim.faults.add("throttle", "meu-stream", share=0.25)``.

    has: whether a service has a call of a name.
    """

    def __init__(
        self, clock: Clock, events: EventLog, chance: Seed, has: Has = lambda service, call: True
    ) -> None:
        self._has = has
        self.clock, self._events, self._chance = clock, events, chance
        self._known: dict[str, Fault] = {}
        self._force: dict[str, Fault] = {}
        self._draws: dict[str, Random] = {}
        self._struck: dict[str, int] = {}
        self._due: dict[str, list[ScheduledAction]] = {}
        self._numbers = count(1)

    # --- the plan -----------------------------------------------------------------------------

    @typed
    def add(
        self,
        kind: str,
        target: str = "*",
        *,
        part: str = "",
        service: str = "",
        operations: Collection[str] = (),
        share: float = 1.0,
        code: str = "",
        ms: int | None = None,
        at: Instant | None = None,
        until: Instant | None = None,
        lasts: str | None = None,
        why: str = "",
    ) -> Fault:
        """Plan a fault; see ``Fault``. at: now, unless given; until or lasts ("5m"): for good.

        Raises UsageError for a kind, code, service or operation that there is not, for what the
        kind does not ask, a share beyond 0 to 1, or an end before the beginning.
        """
        found = _kind(kind)
        if found.site in ("crash", "clock"):
            raise UsageError(f"{kind!r} is planned by sim.faults.{_OWN[found.site]}().")
        given = {"part": part, "service": service, "operations": operations, "ms": ms}
        _asked(found, {name: value for name, value in given.items() if value not in _NOTHING})
        wanted: dict[str, Any] = {
            "target": _text("target", target),
            "part": _text("part", part) if part else "",
            "share": float(number("share", share, least=0, most=1)),
            "ms": whole("ms", found.ms if ms is None else ms, least=0, most=LONGEST_MS),
            "why": why,
        }
        told: dict[str, Any] = {"service": _service(found, service), "code": _code(found, code)}
        self.check(kind, told["service"], operations)
        times: dict[str, Any] = {"at": _ms(at), "until": _ms(until), "lasts": lasts}
        named = {"service": service, "code": code, "operations": list(operations)}
        self._times(**times)  # what cannot be meant is no input
        with self._kept("add", {"kind": kind, **wanted, **times, **named}):
            begins, ends = self._times(**times)
            return self._plan(
                Fault(
                    id=f"fault-{next(self._numbers)}",
                    kind=found,
                    begins=begins,
                    until=ends,
                    operations=frozenset(operations),
                    **wanted,
                    **told,
                )
            )

    def crash(
        self,
        process: Crashing,
        *,
        restart: Callable[[], object] | None = None,
        at: Instant | None = None,
        until: Instant | None = None,
        lasts: str | None = None,
    ) -> Fault:
        """Lose a process, such as a KCL worker, at an instant.

        restart: called at the end, e.g. ``lambda: app.add_worker("worker-1")``.
        Raises as ``add``, and UsageError for what is no process, or nothing that can be called.
        """
        if not callable(getattr(process, "crash", None)) or not hasattr(process, "name"):
            raise UsageError(f"process={said(process)}: give a worker, which has a name.")
        if restart is not None and not callable(restart):
            raise UsageError(f"restart={said(restart)}: give a function without arguments.")
        begins, ends = self._times(at, until, lasts)  # what cannot be meant is no input
        if self._events.inputs is not None:
            self._events.inputs.mark("the crash of a process (sim.faults.crash)")
        fault = Fault(
            id=f"fault-{next(self._numbers)}",
            kind=KINDS["crash"],
            target=process.name,
            begins=begins,
            until=ends,
        )
        return self._plan(fault, process.crash, restart)

    @typed
    def jump(self, by: str, *, at: Instant | None = None) -> Fault:
        """Have time leap forward by a duration ("1h") at an instant.

        What comes due on the way happens at its time. Raises UsageError for what is no duration.
        """
        ms, due = duration_ms(by), list[int]()
        on_calendar(self._times(_ms(at), None, None)[0] + ms)
        with self._kept("jump", {"by": by, "at": _ms(at)}) as kept:
            begins, _ = self._times(_ms(at), None, None)
            on_calendar(begins + ms)
            fault = Fault(
                id=f"fault-{next(self._numbers)}",
                kind=KINDS["clock-jump"],
                target="*",
                begins=begins,
                until=begins + 1,
                ms=ms,
            )
            leap = due.append if begins <= self.clock.now else self.clock.leap
            self._plan(fault, lambda: leap(ms))
        for each in due:  # time stood still within the input
            self.clock.leap(each)
            if kept is not None and self._events.inputs is not None:
                self._events.inputs.moved()
        return fault

    @typed
    def end(self, fault: Fault | str) -> None:
        """Let a fault be over, or never begin. Raises UsageError for one that is not there."""
        name = fault.id if isinstance(fault, Fault) else fault
        if name not in self._known:
            known = ", ".join(self._known) or "none"
            raise UsageError(f"There is no fault {said(name)}; the faults are: {known}.")
        with self._kept("end", {"fault": name}):
            self._over(name)

    def clear(self) -> None:
        """Let every fault be over."""
        with self._kept("clear", {}):
            for name in list(self._known):
                self._over(name)

    @typed
    def check(self, name: str, service: str, operations: Collection[str]) -> None:
        """Raises UsageError for an operation that a kind of fault strikes none of in a service.

        Also for a kind, or a service of it, that there is not.
        """
        kind = _kind(name)
        _asked(kind, {"operations": operations} if operations else {})
        service = _service(kind, service)
        for each in operations:
            strikes = kind.operations.get(service)
            if each not in strikes if strikes is not None else not self._has(service, each):
                some = ", ".join(sorted(strikes or ())) or f"those of botocore's model of {service}"
                raise UsageError(
                    f"operations: {kind.name} strikes no {said(each)} of {service}; give {some}."
                )

    def _kept(self, change: str, settings: dict[str, Any]) -> AbstractContextManager[int | None]:
        """A change of the plan as an input of its own, unless it belongs to another."""
        inputs = self._events.inputs
        return nullcontext() if inputs is None else inputs.taken("fault", change, settings)

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def in_force(self) -> list[Fault]:
        """The faults that are in force now, in the order in which they began."""
        return list(self._force.values())

    @typed
    def struck(self, fault: Fault | str) -> int:
        """How often a fault has struck, be it over or not."""
        return self._struck.get(fault.id if isinstance(fault, Fault) else fault, 0)

    def __repr__(self) -> str:
        rows = [
            f"{each.id}: {each.kind.name} of {each.target}, {each.share:.0%} "
            f"({'in force' if each.id in self._force else 'planned'})"
            for each in self
        ]
        return "\n".join(rows) or "No faults are planned."

    # --- whom they strike ---------------------------------------------------------------------

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Within it nothing strikes: for calls of AWS's own that experiments do not strike."""
        force, self._force = self._force, {}
        try:
            yield
        finally:
            self._force = force

    def at(self, site: Site) -> list[Fault]:
        """The faults in force at a site."""
        return [each for each in self._force.values() if each.kind.site == site]

    def strike(self, site: Site, where: str, what: str, *also: str) -> Fault | None:
        """The first fault at a site that strikes what goes by a name or ARN.

        where, also: what it goes by; what: what is under way there.
        """
        for fault in self.at(site) if self._force else ():
            if any(map(fault.concerns, (where, *also))) and self.hits(fault, where, what):
                return fault
        return None

    def hits(self, fault: Fault, where: str, what: str) -> bool:
        """Whether a fault strikes this time: drawn, and noted when it does."""
        if fault.share < 1 and self._draws[fault.id].random() >= fault.share:
            return False
        self._struck[fault.id] += 1
        self._events.append(
            FaultStruck(
                at=self.clock.now,
                fault=fault.id,
                kind=fault.kind.name,
                where=where,
                what=what,
            )
        )
        return True

    # --- time ---------------------------------------------------------------------------------

    def _times(
        self, at: Instant | None, until: Instant | None, lasts: str | None
    ) -> tuple[int, int | None]:
        now = self.clock.now
        begins = now if at is None else on_calendar(to_ms(at))
        if until is not None and lasts is not None:
            raise UsageError("until and lasts both say when a fault ends; give one of them.")
        ends = on_calendar(begins + duration_ms(lasts)) if lasts is not None else None
        if until is not None:
            ends = on_calendar(to_ms(until))
        if ends is not None and ends <= max(begins, now):
            raise UsageError("A fault ends after it began, and after now; give a later end.")
        return max(begins, now), ends

    def _plan(
        self,
        fault: Fault,
        begun: Callable[[], object] | None = None,
        over: Callable[[], object] | None = None,
    ) -> Fault:
        self._known[fault.id] = fault
        self._struck[fault.id] = 0
        self._draws[fault.id] = self._chance.random(f"fault/{fault.id}")
        due = self._due[fault.id] = []
        if fault.until is not None:
            due.append(self.clock.schedule(fault.until, lambda: self._over(fault.id, over)))
        if fault.begins <= self.clock.now:
            self._begin(fault, begun)
        else:
            due.append(self.clock.schedule(fault.begins, lambda: self._begin(fault, begun)))
        return fault

    def _begin(self, fault: Fault, then: Callable[[], object] | None) -> None:
        self._force[fault.id] = fault
        kind, at = fault.kind.name, self.clock.now
        self._events.append(FaultBegan(at=at, fault=fault.id, kind=kind, target=fault.target))
        if then is not None:
            self.hits(fault, fault.target, kind)
            then()

    def _over(self, name: str, then: Callable[[], object] | None = None) -> None:
        fault = self._known.pop(name, None)
        if fault is None:
            return
        for each in self._due.pop(name):
            each.cancel()
        if self._force.pop(name, None) is not None:
            self._events.append(
                FaultEnded(
                    at=self.clock.now,
                    fault=name,
                    kind=fault.kind.name,
                    target=fault.target,
                    struck=self._struck[name],
                )
            )
            if then is not None:
                then()


def _ms(at: Instant | None) -> int | None:
    return None if at is None else to_ms(at)


_OWN = {"crash": "crash", "clock": "jump"}


_NOTHING: tuple[Any, ...] = (None, "", (), [], 0)
_OF_CALLS = ("part", "service", "operations")


def _asked(kind: FaultKind, given: dict[str, Any]) -> None:
    """Raises UsageError for what a kind of fault has no use for."""
    for name, value in given.items():
        if kind.site != "call" if name in _OF_CALLS else not kind.ms:
            rule = "only faults of calls have one" if name in _OF_CALLS else "it takes no time"
            raise UsageError(f"{name}={said(value)}: leave it out for {kind.name}; {rule}.")


def _kind(name: str) -> FaultKind:
    if name not in KINDS:
        raise UsageError(f"kind={said(name)}: the kinds of fault are {', '.join(KINDS)}.")
    return KINDS[name]


def _text(name: str, value: str) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name}={said(value)}: give a name or an ARN, or '*' for all.")
    return value


def _service(kind: FaultKind, service: str) -> str:
    if kind.site != "call":
        return ""
    if service and service not in kind.services:
        raise UsageError(
            f"service={said(service)}: {kind.name} strikes calls of {', '.join(kind.services)}."
        )
    return service or kind.services[0]


def _code(kind: FaultKind, code: str) -> str:
    if code and code not in kind.codes:
        some = ", ".join(kind.codes) or "none"
        raise UsageError(f"code={said(code)}: the codes of {kind.name} are {some}.")
    return code or next(iter(kind.codes), kind.error[0])
