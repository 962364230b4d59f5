"""Resources of a stack that have to wait: a stack goes on on the simulator's clock.

moto makes all of a stack within one call. A consumer can be registered only once its stream is
ACTIVE, and what names its ARN can be made only after it; until then the stack is in progress, as on
AWS, and until the streams it made are ACTIVE. A resource that cannot be made yet raises ``NotYet``;
the stack tries again every second (``stack_lives``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.aws.bridges.settling import Settling
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

Template = dict[str, Any]


class NotYet(ServiceError):
    """A resource that cannot be made before another one is ACTIVE."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "ValidationError",
            f"{what} is not ACTIVE yet, and this change of the stack needs it: update the stack "
            "again when it is.",
        )


@dataclass
class StackChange:
    """What an update did so far. before: template, parameters; after: the new template's resources.

    added, modified: logical ids, in their order; leaving: those that go when all else is done.
    """

    before: tuple[Template, Template, dict[str, Any]]
    after: Template
    added: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    leaving: Template = field(default_factory=dict)


@dataclass
class StackState:
    """What a stack waits for. late: logical ids; depth: how deep moto is in making one.

    is_again: whether its resources are tried another time, so that a refusal ends the stack;
    failed: the resource that AWS refused last; change: an update that is not over; held: what its
    stack said before it: template, the same as it was read, parameters and tags.
    """

    late: set[str] = field(default_factory=set)
    depth: int = 0
    is_trying: bool = False
    is_again: bool = False
    failed: str = ""
    change: StackChange | None = None
    held: tuple[Any, ...] = ()


def build(parsing: Any, go_on_later: Callable[[Any], None], forget: Callable[[Any], None]) -> None:
    """Have moto's stacks wait for what is not ACTIVE yet.

    go_on_later: has a stack tried again; forget: takes one away that cannot be made here.
    """
    _patch_map(parsing.ResourceMap, go_on_later, forget)
    _patch_outputs(parsing)


def is_waiting(resources: Any) -> bool:
    """Whether a stack's ResourceMap has resources that are not made, or not settled, yet."""
    return bool(state_of(resources).late) or not all(
        made.is_settled() for made in settling(resources)
    )


def settling(resources: Any) -> list[Any]:
    """What of a stack passes through states."""
    return [each for each in resources._parsed_resources.values() if isinstance(each, Settling)]


def state_of(resources: Any) -> StackState:
    """What a ResourceMap waits for."""
    state: StackState = resources.__dict__.setdefault("latecomers", StackState())
    return state


@contextmanager
def inside(resources: Any) -> Iterator[None]:
    """As if moto were in the midst of making a resource: what is late is told by NotYet."""
    state = state_of(resources)
    state.depth += 1
    try:
        yield
    finally:
        state.depth -= 1


def _patch_map(
    kind: Any, go_on_later: Callable[[Any], None], forget: Callable[[Any], None]
) -> None:
    found, create, update, complete = (
        kind.__getitem__,
        kind.create,
        kind.update,
        kind.creation_complete,
    )

    def getitem(self: Any, key: str) -> Any:
        state = state_of(self)
        if key in state.late and not state.is_trying:
            if state.depth:
                raise NotYet(f"What {key} waits for")
            return None
        try:
            with inside(self):
                made = found(self, key)
        except NotYet:
            if state.depth or not state.is_trying:
                raise
            state.late.add(key)
            return None
        except ServiceError:
            state.failed = state.failed or key
            raise
        state.late.discard(key)
        return made

    def trying(method: Callable[..., Any]) -> Callable[..., Any]:
        def tried(self: Any, *args: Any) -> Any:
            state = state_of(self)
            state.is_trying, state.failed = True, ""
            try:
                ready = method(self, *args)
            finally:
                state.is_trying = False
            if is_waiting(self):
                go_on_later(self)
                return False
            return ready

        return tried

    def created(self: Any, *args: Any) -> Any:
        """Make a stack's resources; what AWS refuses rolls it back a moment later."""
        try:
            return trying(create)(self, *args)
        except ServiceError as error:
            if state_of(self).is_again:
                raise
            if error.code == CODE:
                forget(self)
                raise
            go_on_later(self)
            return False

    kind.__getitem__ = getitem
    kind.create, kind.update = created, trying(update)
    kind.creation_complete = lambda self: not is_waiting(self) and complete(self)


def _patch_outputs(parsing: Any) -> None:
    """An output of a resource that is late is not there yet."""
    output = parsing.parse_output

    def parse_output(logical_id: str, output_json: Any, resources: Any) -> Any:
        try:
            with inside(resources):
                return output(logical_id, output_json, resources)
        except NotYet:
            return None

    exports = parsing.OutputMap.exports.fget

    def known(self: Any) -> Any:
        try:
            with inside(self._resource_map):
                return exports(self)
        except NotYet:
            return []

    parsing.parse_output = parse_output
    parsing.OutputMap.exports = property(known)
