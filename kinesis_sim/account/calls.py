"""One call of an AWS API as the rooms see it: plain values in, plain values out, now or later.

Blobs are bytes, timestamps epoch ms; what is not there is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from kinesis_sim.events import Event

Request = dict[str, Any]
"""What an operation is asked, or a structure within that: members of botocore's shape by name."""
Answer = dict[str, Any]
"""What an operation answers, or a structure within that."""


class Pending(Protocol):
    """An answer that is not there yet, such as a long poll's.

    Whoever carries the call asks ``attempt()`` until it answers. In between it waits until
    ``look_again()``, or until an event of ``kinds`` that ``concerns()`` it. Times: epoch ms.
    """

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The classes of events that may bring the answer, subclasses included."""

    def attempt(self, now: int) -> Answer | None:
        """The answer, if there is one by now; when the wait is over there always is."""

    def look_again(self, now: int) -> int:
        """When to ask again at the latest."""

    def over(self) -> Answer:
        """The answer when nobody can wait any longer: inside an action time stands still."""

    def concerns(self, event: Event) -> bool:
        """Whether something that happened may have brought the answer."""


class Pushing(Protocol):
    """An answer's event stream: whoever carries it takes what is due until it has ended.

    ended: nothing follows but what ``next_event()`` still has. on_ready: called when there may be
    something to take, or the end. Times: epoch ms.
    """

    ended: bool
    on_ready: Callable[[], None] | None

    def next_event(self) -> Answer | None:
        """The event that is due now, or None. After a None of one that ended nothing follows."""

    def next_at(self) -> int:
        """When to look again at the latest."""

    def close(self, why: str) -> None:
        """End it: who takes it went away, or stops."""


Operation = Callable[[Any, Request], Answer | Pending]
"""One function per API operation: takes its service's state and a request that was validated."""
Call = Callable[[str, str, Request], Answer]
"""A way to another service: its botocore name, the operation's API name, the request. Raises
ServiceError as that service answers it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. source: "boto3" for in-process clients, "http" for the server's."""

    account: str
    arn: str
    access_key: str | None = None
    source: str = "boto3"


class Authorise(Protocol):
    """Decides whether a call is allowed."""

    def __call__(self, caller: Caller, action: str, resource: str) -> None:
        """Raise ServiceError unless the caller may do that.

        action: ``kinesis:PutRecord``; resource: the ARN that the operation acts on, ``*`` for those
        that act on none.
        """
