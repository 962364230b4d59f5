"""The one gate: every AWS call, in process or over HTTP, takes this path and no other.

decode → authenticate → authorise → validate against botocore's model → account rate limit →
operation → encode

Decoding and encoding are the carrier's (``boto.py`` or ``server.py``), and so is saying who calls;
signatures are not verified. Whether the caller may is asked of ``authorise``, if there is one. No
operation re-checks what the gate checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kinesis_sim.account.calls import (
    Answer,
    Authorise,
    Caller,
    Conversation,
    Operation,
    Pending,
    Request,
)
from kinesis_sim.aws import validation
from kinesis_sim.aws.model import operation as operation_model
from kinesis_sim.aws.model import operations as operation_names
from kinesis_sim.aws.model import streamed
from kinesis_sim.aws.screening import Test, tester
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import Event
from kinesis_sim.interruption import wholly

if TYPE_CHECKING:
    from kinesis_sim.account.faults.plan import Faults
    from kinesis_sim.account.service import Service, Services
    from kinesis_sim.simulator import Simulator

_READS = ("BatchGet", "Describe", "Get", "List", "Subscribe")
"""Operations whose answer need not wait until the call itself is kept."""
Watcher = Callable[[str, Request, Any], None]
"""Told of a call: the operation's API name, the request, the answer."""
Run = Callable[[Any, Request], Any]
Way = tuple["Service", Run | None, Test]
"""How a call is taken again: by whom, by what if there is a shorter way, for which requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRefused(Event):
    """A call that ended with an error.

    code: the error's code; resource: the stream or ARN it named.
    """

    chatter: ClassVar[bool] = True
    service: str
    operation: str
    code: str
    resource: str | None = None


class Gate:
    """The way in to one simulator. ``services``: those it answers itself, by botocore name.

    authorise: asked before anything else whether a caller may do what is asked; None allows all.
    faults: what goes wrong on purpose with calls that are right; None for nothing.
    """

    def __init__(self, sim: Simulator, services: Services) -> None:
        self.authorise: Authorise | None = None
        self.faults: Faults | None = None
        self._sim = sim
        self._services = services
        self._owner = Caller(sim.account, f"arn:aws:iam::{sim.account}:root")
        self._watchers: tuple[Watcher, ...] = ()
        self._ways: dict[tuple[str, str], Way] = {}

    def services(self) -> tuple[str, ...]:
        """The botocore names of the services this simulator answers itself.

        All others are moto's.
        """
        return self._services.names

    def answers(self, service: str, operation: str) -> bool:
        """Whether a call is for this gate, be it to be refused; all others are moto's."""
        return service in self._services.names and self._services[service].answers(operation)

    def operations(self, service: str) -> tuple[str, ...]:
        """The API operations of a service that this simulator has."""
        return tuple(self._services[service].operations)

    def has(self, service: str, call: str) -> bool:
        """Whether a service has a call of this name, be it one that botocore's model lacks."""
        return call in operation_names(service) or call in self._services[service].talks

    def call(
        self, service: str, operation: str, params: Request, caller: Caller | None = None
    ) -> Answer:
        """Answer one call; one that comes later spends its wait on the clock.

        Otherwise as ``begin``.
        """
        answer = self.begin(service, operation, params, caller)
        return answer if isinstance(answer, dict) else self._awaited(answer)

    def _awaited(self, pending: Pending) -> Answer:
        """The answer of a call that waits, which moves the clock."""
        clock = self._sim.clock
        while True:
            now = clock.now
            answer = pending.attempt(now)
            if answer is not None:
                return answer
            if clock.is_firing:  # time stands still inside an action: nobody can wait there
                return pending.over()
            soonest = pending.look_again(now)
            clock.pause(min(soonest, clock.next_due() or soonest) - now)

    def begin(
        self, service: str, operation: str, params: Request, caller: Caller | None = None
    ) -> Answer | Pending:
        """Answer one call, or begin to: what comes later is for the carrier to wait on.

        params and the answer hold plain values: blobs as bytes, timestamps as epoch ms. caller: the
        account's owner when left out.

        Raises ServiceError: UnknownOperationException for what is not there, ValidationException
        with all violations of botocore's model, and whatever ``authorise`` or the operation refuses
        with.
        """
        inputs = self._sim.inputs
        if inputs.is_taken:
            return self._begin(service, operation, params, caller)
        safe = not operation.startswith(_READS)
        number = inputs.enter("call", [service, operation, params, _who(caller)], safe=safe)
        try:
            answer = self._begin(service, operation, params, caller)
        finally:
            inputs.leave()
        if not isinstance(answer, dict) or streamed(operation_model(service, operation)):
            return self._kept(number, service, operation, answer)
        return answer

    def again(
        self, service: str, operation: str, params: Request, caller: Caller | None = None
    ) -> Answer | Pending:
        """As ``begin``, for a call whose answer somebody had already: what it did is done again.

        A service that has a shorter way to the same state (``Service.again``) takes it, and the
        answer is empty then. What ``screening`` does not vouch for goes the way of every call. It
        is the caller's to see that no interruption leaves it half done.
        """
        way = self._ways.get((service, operation))
        if way is None:
            way = self._ways[service, operation] = self._way(service, operation)
        room, run, keeps_model = way
        watched = self.authorise is not None or self._watchers
        faulty = self.faults is not None and self.faults.at("call")
        if run is None or watched or faulty or not keeps_model(params):
            return self.begin(service, operation, params, caller)
        try:
            answer: Answer | Pending | None = _admitted(room, operation, run, params)
        except ServiceError as error:
            self._refused(room, operation, params, error)
            raise
        return {} if answer is None else answer

    def _way(self, service: str, operation: str) -> Way:
        room = self._services[service]
        run = room.again.get(operation) or room.operations.get(operation)
        shape = None if run is None else operation_model(service, operation).input_shape
        if run is None or shape is None:
            return room, None, lambda params: False
        return room, run, tester(shape)

    def converse(
        self, service: str, talk: str, params: Request, caller: Caller | None = None
    ) -> Conversation:
        """Open a call whose request is a stream, and which botocore's model therefore lacks.

        params: what its headers say. Raises ServiceError as ``authorise`` or the service refuses.
        """
        inputs = self._sim.inputs
        if inputs.is_taken:
            return self._open(service, talk, params, caller)
        from kinesis_sim.journal.answers import TakenConversation

        number = inputs.enter("open", [service, talk, params, _who(caller)], safe=False)
        try:
            found = self._open(service, talk, params, caller)
        finally:
            inputs.leave()
        return TakenConversation(inputs, number, found)

    def _open(
        self, service: str, talk: str, params: Request, caller: Caller | None
    ) -> Conversation:
        room = self._services[service]
        try:
            if self.authorise is not None:
                self._allow(self.authorise, caller, room, talk, params)
            if self.faults is not None and self.faults.at("call"):
                self._refuse(self.faults, room, talk, params)
            room.admit(talk, params)
            return room.talks[talk].open(room.state, params)
        except ServiceError as error:
            self._refused(room, talk, params, error)
            raise

    def _kept(self, number: int, service: str, operation: str, answer: Any) -> Answer | Pending:
        """An answer that comes later, taking which is an input as well."""
        from kinesis_sim.journal.answers import kept

        stream = streamed(operation_model(service, operation))
        found: Answer | Pending = kept(self._sim.inputs, number, answer, stream)
        return found

    def _begin(
        self, service: str, operation: str, params: Request, caller: Caller | None
    ) -> Answer | Pending:
        room = self._services[service]
        try:
            run = room.operations.get(operation) or self._missing(service, operation)
            if self.authorise is not None:
                self._allow(self.authorise, caller, room, operation, params)
            validation.check(operation_model(service, operation), params)
            if self.faults is not None and self.faults.at("call"):
                run = self._under(self.faults, room, operation)
                self._sim.inputs.found(None)
            # An interruption falls after the call, which is done wholly.
            answer: Answer | Pending = wholly(_admitted, room, operation, run, params)
        except ServiceError as error:
            self._refused(room, operation, params, error)
            raise
        for note in self._watchers:
            note(operation, params, answer)
        return answer

    def _under(self, faults: Faults, room: Service, operation: str) -> Operation:
        """The operation as the faults in force leave it."""
        from kinesis_sim.account.faults.calls import answered

        account = self._sim.account
        return lambda _, asked: answered(faults, room, account, operation, asked)

    def _refuse(self, faults: Faults, room: Service, talk: str, params: Request) -> None:
        from kinesis_sim.account.faults.calls import unopened

        unopened(faults, room, self._sim.account, talk, params)

    def _allow(
        self, ask: Authorise, caller: Caller | None, room: Service, operation: str, params: Request
    ) -> None:
        resource = room.resource(operation, params)
        ask(caller or self._owner, f"{room.name}:{operation}", resource)

    def watch(self, note: Watcher) -> Callable[[], None]:
        """Tell ``note`` of every call that succeeds; returns the call that ends it.

        It gets the request and the answer, which it must not change.
        """
        self._watchers = (*self._watchers, note)

        def end() -> None:
            self._watchers = tuple(other for other in self._watchers if other is not note)

        return end

    def request_id(self) -> str:
        """The x-amzn-RequestId of the next answer: UUID-shaped, drawn from the seed."""
        return self._sim.chance.request_id()

    def _missing(self, service: str, operation: str) -> Operation:
        if operation in operation_names(service):
            raise ServiceError(
                "UnknownOperationException",
                f"Kinesis Lab does not simulate {operation} of {service} yet.",
            )
        raise ServiceError("UnknownOperationException", f"{service} has no operation {operation}.")

    def _refused(self, room: Service, operation: str, params: Request, error: ServiceError) -> None:
        self._sim.events.append(
            CallRefused(
                at=self._sim.clock.now,
                service=room.name,
                operation=operation,
                code=error.code,
                resource=room.named(params),
            )
        )


def _who(caller: Caller | None) -> list[str | None] | None:
    if caller is None:
        return None
    return [caller.account, caller.arn, caller.access_key, caller.source]


def _admitted(room: Service, operation: str, run: Run, params: Request) -> Any:
    room.admit(operation, params)
    return run(room.state, params)
