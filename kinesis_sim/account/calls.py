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
    """An answer that keeps coming: whoever carries it takes what is due until it has ended.

    It is an event stream, or the bytes of a streamed body. on_ready: called when there may be
    something to take, or the end. Times: epoch ms.
    """

    on_ready: Callable[[], None] | None

    @property
    def ended(self) -> bool:
        """Whether nothing follows but what ``next_event()`` still has."""

    def next_event(self) -> Answer | bytes | None:
        """The event that is due now, or None. After a None of one that ended nothing follows."""

    def next_at(self) -> int:
        """When to look again at the latest."""

    def close(self, why: str) -> None:
        """End it: who takes it went away, or stops."""


class Conversation(Pushing, Protocol):
    """A call whose request keeps coming while its answer, bytes, already leaves.

    What comes and what leaves do not wait for each other.
    """

    def take(self, part: bytes) -> None:
        """The next part of the request's body."""

    def finish(self) -> None:
        """The request's body is over; what is still due of the answer follows."""

    def takes_at(self) -> int:
        """When the next part is wanted (epoch ms): until then it had better stay with the client.

        One that comes earlier is taken all the same.
        """


class Address(str):
    """A URL that leads back to the service itself, as AWS would write it: ``https://host/path``.

    Or ``wss://host/path``, for a WebSocket.

    Whoever carries an answer over HTTP puts the name in by which it was called itself.
    """

    __slots__ = ()

    def at(self, base: str) -> str:
        """The same place under another origin, such as ``http://127.0.0.1:4567``."""
        scheme, _, rest = self.partition("://")
        path = rest.partition("/")
        if scheme == "wss":  # ws beside http, wss beside https
            base = "ws" + base.removeprefix("http")
        return base + path[1] + path[2]


Operation = Callable[[Any, Request], Answer | Pending]
"""One function per API operation: takes its service's state and a request that was validated."""
Opening = Callable[[Any, Request], Conversation]
"""A call that botocore's model cannot have: its state, what its headers say, the conversation."""
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
