"""How far a stack's resource is: what waits for it to be ACTIVE, and what was refused then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from kinesis_sim.aws.bridges.delivery import ask, asking
from kinesis_sim.aws.egress import current
from kinesis_sim.errors import ServiceError

TRY_AGAIN_MS = 1000
"""Between two looks at a resource that is not ACTIVE (model's choice)."""
ON_THE_WAY = ("CREATING", "UPDATING", "CREATING_FAILED")
"""States that a stack in progress does not stay with."""
Step = Callable[[], Any]
_GONE = ("ResourceNotFoundException",)
_LOG = logging.getLogger("kinesis_sim.bridges")


class Settling:
    """A resource that passes through states. steps: how many changes it waits to be ACTIVE for.

    refused: what AWS would not do after a wait; is_going_back: whether an update is being undone,
    so that nothing is refused any more.
    """

    def __init__(self) -> None:
        self.steps, self.is_going_back = 0, False
        self.refused: ServiceError | None = None

    def status(self) -> str | None:
        """CREATING, UPDATING, ACTIVE, …; None when it is not there."""
        return None

    def failure(self) -> ServiceError | None:
        """What became of a creation that failed after its call; None for nothing."""
        return None

    def is_settled(self) -> bool:
        """Whether it is as the template has it, and ACTIVE; what is not there waits for nothing."""
        return not (self.steps or self.refused or self.status() in ON_THE_WAY)

    def is_created(self) -> bool:
        """Whether moto may call it created."""
        return self.is_settled()

    def take(self, steps: Sequence[Step]) -> None:
        """Take steps one by one, each when it is ACTIVE after the one before."""
        if not steps:
            return
        first, *rest = steps

        def step() -> None:
            first()
            self.take(rest)

        self.when_active(step)

    def when_active(self, step: Step) -> None:
        """Take a step once it is ACTIVE, on the simulator's clock; a refusal is kept."""
        egress, clock = current(), asking().clock
        self.steps += 1

        def look() -> None:
            assert egress is not None
            with egress.only_way_out():
                status = self.status()
                if status in ("CREATING", "UPDATING"):
                    clock.after(TRY_AGAIN_MS, look)
                    return
                self.steps -= 1
                if status == "ACTIVE":
                    try:
                        step()
                    except ServiceError as error:
                        self.refused = None if self.is_going_back else error

        look()


def patiently(service: str, operation: str, request: dict[str, Any], region: str) -> None:
    """Make a call, again every second while a resource is in use; nothing when it is gone."""
    is_needed = operation.startswith("Put")
    until_free(lambda: ask(service, operation, request, region), operation, is_needed=is_needed)


def until_free(attempt: Step, what: str, *, is_needed: bool = False) -> None:
    """Try something, again every second while what it is about is in use.

    Nothing when that is gone, unless it ``is_needed``. what: the attempt's name for the log, where
    a refusal after a wait ends. Raises ServiceError for one at once.
    """
    try:
        attempt()
    except ServiceError as error:
        if error.code in _GONE and not is_needed:
            return
        if error.code != "ResourceInUseException":
            raise
        egress = current()

        def again() -> None:
            assert egress is not None
            try:
                with egress.only_way_out():
                    until_free(attempt, what, is_needed=is_needed)
            except ServiceError as refused:
                _LOG.warning("A stack's %s was refused: %s", what, refused)

        asking().clock.after(TRY_AGAIN_MS, again)


def unless_gone(service: str, operation: str, request: dict[str, Any], region: str) -> Any:
    """A call's answer; None where what it names is not there."""
    try:
        return ask(service, operation, request, region)
    except ServiceError as error:
        if error.code not in _GONE:
            raise
        return None
