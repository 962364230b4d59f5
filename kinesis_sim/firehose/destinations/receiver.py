"""A receiver: an endpoint within this process that takes what it is sent, and breaks on request.

A receiver is strict: what is not as its protocol says is refused, with a message that says what is
wrong. What it took stays to be looked at.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest, Reason, Unreachable

if TYPE_CHECKING:
    import pandas

Honest = Callable[[], HttpAnswer]
Fault = Callable[[Honest], HttpAnswer | Unreachable]
"""Answers in place of the receiver; ``honest()`` lets it take the request and gives its answer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, in short.

    status: of the answer, 0 when there was none; message: of a refusal or a broken connection.
    """

    at: int
    path: str
    bytes: int
    status: int
    message: str = ""


class Refused(Exception):
    """A request that breaks the protocol. kind: the protocol's own name or number of the error."""

    def __init__(self, status: int, message: str, kind: str | int = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind


class Receiver(ABC):
    """What all receivers share: faults, and a row per request in ``visits``.

    url: where it answers; its host is what the transport knows it by. took_ms: simulated time that
    an answer takes when nothing slows it.
    """

    def __init__(self, name: str, url: str, took_ms: int = 0) -> None:
        self.name = name
        self.url = url
        self.took_ms = took_ms
        self.visits: list[Visit] = []
        self._faults: deque[list[Any]] = deque()

    @property
    def host(self) -> str:
        """The host of its address."""
        return urlsplit(self.url).hostname or ""

    def __call__(self, request: HttpRequest, now: int) -> HttpAnswer | Unreachable:
        """Answer one request at ``now`` (epoch ms)."""
        fault = self._fault() if self.breakable(request) else None
        try:
            if fault is not None:
                answer = fault(lambda: self.answer(request, now))
            else:
                answer = self.answer(request, now)
        except Refused as refused:
            answer = self.refusal(refused, request, now)
        if isinstance(answer, HttpAnswer) and not answer.took_ms:
            answer = replace(answer, took_ms=self.took_ms)
        self.visits.append(_visit(request, now, answer))
        return answer

    @abstractmethod
    def answer(self, request: HttpRequest, now: int) -> HttpAnswer:
        """Take a request. Raises Refused for what breaks the protocol."""

    @abstractmethod
    def refusal(self, refused: Refused, request: HttpRequest, now: int) -> HttpAnswer:
        """A refusal in the words of the protocol."""

    def breakable(self, request: HttpRequest) -> bool:
        """Whether faults apply to a request."""
        return True

    def breaks(self, fault: Fault, times: int | None = 1) -> None:
        """Break the next ``times`` requests, after those that are broken already.

        None: until ``mend()``. Raises UsageError for a number below 1.
        """
        if times is not None and times < 1:
            raise UsageError(f"times={times}: give 1 or more, or None to break until mend().")
        self._faults.append([fault, times])

    @property
    def broken(self) -> bool:
        """Whether the next request meets a fault."""
        return bool(self._faults)

    def mend(self) -> None:
        """Answer honestly from now on."""
        self._faults.clear()

    def fail(
        self,
        status: int = 500,
        times: int | None = 1,
        message: str = "Broken",
        kind: str | int = "",
    ) -> None:
        """Answer with a status, e.g. 500, 429 or 413, and take nothing.

        kind: the protocol's own error, e.g. OpenSearch's ``cluster_block_exception`` or HEC's 7.
        """

        def fault(honest: Honest) -> HttpAnswer:
            raise Refused(status, message, kind)

        self.breaks(fault, times)

    def refuse(self, times: int | None = 1) -> None:
        """Accept no connection."""
        self._vanish("refused", "The connection was refused.", times, taking=False)

    def time_out(self, times: int | None = 1, *, taking: bool = False) -> None:
        """Never answer. taking: take what came all the same, so that a retry is a duplicate."""
        self._vanish("timed out", "There was no answer in time.", times, taking)

    def reset(self, times: int | None = 1, *, taking: bool = False) -> None:
        """Break the connection before the answer."""
        self._vanish("reset", "The connection broke before the answer was whole.", times, taking)

    def slow_down(self, took_ms: int, times: int | None = None) -> None:
        """Take everything, but answer after so much simulated time.

        Past the sender's patience, what was taken comes again.
        """
        self.breaks(lambda honest: replace(honest(), took_ms=took_ms), times)

    def halve(self, times: int | None = 1) -> None:
        """Take everything, but send half of the answer's body."""
        self.amend(lambda answer: with_body(answer, answer.body[: len(answer.body) // 2]), times)

    def amend(self, change: Callable[[HttpAnswer], HttpAnswer], times: int | None = 1) -> None:
        """Take everything, but change the answer."""
        self.breaks(lambda honest: change(honest()), times)

    def _vanish(self, reason: Reason, message: str, times: int | None, taking: bool) -> None:
        def fault(honest: Honest) -> Unreachable:
            if taking:
                with suppress(Refused):
                    honest()
            return Unreachable(reason, message)

        self.breaks(fault, times)

    def _fault(self) -> Fault | None:
        if not self._faults:
            return None
        first = self._faults[0]
        fault: Fault = first[0]
        if first[1] is not None:
            first[1] -= 1
            if not first[1]:
                self._faults.popleft()
        return fault

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} at {self.url}: {len(self.visits)} requests>"


def json_answer(status: int, body: bytes) -> HttpAnswer:
    """An answer of JSON, with the headers that belong to it."""
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return HttpAnswer(status, headers, body)


def with_body(answer: HttpAnswer, body: bytes) -> HttpAnswer:
    """The answer with another body and its length."""
    return replace(answer, body=body, headers={**answer.headers, "Content-Length": str(len(body))})


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> pandas.DataFrame:
    """Rows as a DataFrame. Raises MissingPackage without pandas."""
    try:
        import pandas
    except ImportError:
        raise MissingPackage('Tables need pandas: pip install "kinesis-lab[lab]"') from None
    return pandas.DataFrame([dict(row) for row in rows], columns=None if rows else list(columns))


def _visit(request: HttpRequest, now: int, answer: HttpAnswer | Unreachable) -> Visit:
    path = urlsplit(request.url).path or "/"
    if isinstance(answer, Unreachable):
        return Visit(now, path, len(request.body), 0, answer.message)
    said = "" if answer.status == 200 else answer.body.decode(errors="replace")
    return Visit(now, path, len(request.body), answer.status, said)
