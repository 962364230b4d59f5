"""The one gate: every AWS call, in process or over HTTP, takes this path and no other.

decode → authenticate → authorise → validate against botocore's model → account rate limit →
operation → encode

Decoding and encoding are the carrier's (``boto.py`` or ``server.py``). Every caller is the
account's
own: signatures are not verified and IAM is not consulted. No operation re-checks what the gate
checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kinesis_sim.aws import validation
from kinesis_sim.aws.model import operation as operation_model
from kinesis_sim.aws.model import operations as operation_names
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import Event
from kinesis_sim.streams.queues import LongPoll

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Operation = Callable[[Any, dict[str, Any]], dict[str, Any] | LongPoll]


Watcher = Callable[[str, dict[str, Any], Any], None]
"""Told of a call: the operation's API name, the request, the answer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. source: "boto3" for in-process clients, "http" for the server's."""

    account: str
    arn: str
    access_key: str | None = None
    source: str = "boto3"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRefused(Event):
    """A call that ended with an error. code: the error's code; resource: the stream or ARN it
    named."""

    chatter: ClassVar[bool] = True
    service: str
    operation: str
    code: str
    resource: str | None = None


_NAMES = (
    "StreamName",
    "StreamARN",
    "ConsumerARN",
    "ResourceARN",
    "EventSourceArn",
    "DeliveryStreamName",
)
"""Members by which a refused call says what it was about."""


@dataclass(frozen=True, slots=True)
class Room:
    """One service behind the gate: its state, its operations by API name, and the port that
    counts a
    call against the account's published rate (raising the service's own error beyond it).

    elsewhere: operations that have nothing to do with this state, and are moto's to answer;
    partial: so are all that the room does not have."""

    state: Any
    operations: Mapping[str, Operation]
    admit: Callable[[str, dict[str, Any]], None]
    elsewhere: frozenset[str] = frozenset()
    partial: bool = False

    def answers(self, operation: str) -> bool:
        """Whether a call is for this room, be it to be refused."""
        if self.partial:
            return operation in self.operations
        return operation not in self.elsewhere


class Gate:
    """The way in to one simulator. ``rooms``: the services it answers itself, by botocore name."""

    def __init__(self, sim: Simulator, rooms: Mapping[str, Room]) -> None:
        self._sim = sim
        self._rooms = rooms
        self._watchers: tuple[Watcher, ...] = ()

    def services(self) -> tuple[str, ...]:
        """The botocore names of the services this simulator answers itself; all others are
        moto's."""
        return tuple(self._rooms)

    def answers(self, service: str, operation: str) -> bool:
        """Whether a call is for this gate, be it to be refused; all others are moto's."""
        room = self._rooms.get(service)
        return room is not None and room.answers(operation)

    def operations(self, service: str) -> tuple[str, ...]:
        """The API operations of a service that this simulator has."""
        return tuple(self._rooms[service].operations)

    def call(
        self, service: str, operation: str, params: dict[str, Any], caller: Caller | None = None
    ) -> dict[str, Any]:
        """Answer one call; a long poll spends its wait on the clock. Otherwise as ``begin``."""
        answer = self.begin(service, operation, params, caller)
        while isinstance(answer, LongPoll):
            answer = self._attempt(answer)
        return answer

    def _attempt(self, poll: LongPoll) -> dict[str, Any] | LongPoll:
        """One look of a long poll, and if it found nothing, the wait until the next."""
        clock = self._sim.clock
        now = clock.now
        answer = poll.attempt(now)
        if answer is not None:
            return answer
        if clock.is_firing:  # time stands still inside an action: nobody can wait there
            return {"QueueRecords": []}
        clock.pause(min(poll.look_again(now), clock.next_due() or poll.until) - now)
        return poll

    def begin(
        self, service: str, operation: str, params: dict[str, Any], caller: Caller | None = None
    ) -> dict[str, Any] | LongPoll:
        """Answer one call, or begin to: a long poll comes back for the carrier to wait on. params
        and the answer hold plain values: blobs as bytes, timestamps as
        epoch ms.

        Raises ServiceError: UnknownOperationException for what is not there, ValidationException
        with all
        violations of botocore's model, and whatever the operation refuses with.
        """
        try:
            room = self._rooms[service]
            run = room.operations.get(operation) or self._missing(service, operation)
            validation.check(operation_model(service, operation), params)
            room.admit(operation, params)
            answer = run(room.state, params)
        except ServiceError as error:
            self._refused(service, operation, params, error)
            raise
        for note in self._watchers:
            note(operation, params, answer)
        return answer

    def watch(self, note: Watcher) -> Callable[[], None]:
        """Tell ``note`` of every call that succeeds, with its request and answer, which it must not
        change; returns the call that ends it."""
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

    def _refused(
        self, service: str, operation: str, params: dict[str, Any], error: ServiceError
    ) -> None:
        named = next((params[name] for name in _NAMES if isinstance(params.get(name), str)), None)
        self._sim.events.append(
            CallRefused(
                at=self._sim.clock.now,
                service=service,
                operation=operation,
                code=error.code,
                resource=named,
            )
        )


def room(
    state: Any,
    module: Any,
    admit: Callable[[str, dict[str, Any]], None],
    elsewhere: frozenset[str] = frozenset(),
    *,
    partial: bool = False,
) -> Room:
    """The room of a service whose operations are the snake_case functions of a module's
    ``__all__``."""
    named = {_api_name(name): getattr(module, name) for name in module.__all__}
    return Room(state, named, admit, elsewhere, partial)


def _api_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
