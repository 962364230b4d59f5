"""Answers that come later, with account kept of what taking them changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.events import Event
from kinesis_sim.journal.inputs import Inputs

Row = dict[str, Any]


class AwaitedAnswer:
    """A Pending answer (``account/calls``) whose attempts are inputs. number: the call's own."""

    def __init__(self, inputs: Inputs, number: int, pending: Any) -> None:
        self._inputs, self._number, self._pending = inputs, number, pending

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """As the answer within."""
        kinds: tuple[type[Event], ...] = self._pending.kinds
        return kinds

    @property
    def until(self) -> int:
        """As the answer within, a long poll."""
        return int(self._pending.until)

    @until.setter
    def until(self, at: int) -> None:
        self._pending.until = at

    def rest(self, told: Callable[[int, int, int], None]) -> Any:
        """As the answer within, a long poll; whoever rests is no part of a journal."""
        return self._pending.rest(told)

    def attempt(self, now: int) -> Row | None:
        """As the answer within, at the instant that the clock shows."""
        with self._inputs.taken("attempt", self._number):
            answer: Row | None = self._pending.attempt(self._inputs.now)
        return answer

    def look_again(self, now: int) -> int:
        """As the answer within."""
        return int(self._pending.look_again(now))

    def over(self) -> Row:
        """As the answer within."""
        answer: Row = self._pending.over()
        return answer

    def concerns(self, event: Event) -> bool:
        """As the answer within."""
        return bool(self._pending.concerns(event))


class TakenStream:
    """A Pushing answer (``account/calls``) from which taking is an input."""

    def __init__(self, inputs: Inputs, number: int, source: Any) -> None:
        self._inputs, self._number, self._source = inputs, number, source

    @property
    def ended(self) -> bool:
        """As the stream within."""
        return bool(self._source.ended)

    @property
    def on_ready(self) -> Callable[[], None] | None:
        """As the stream within."""
        heard: Callable[[], None] | None = self._source.on_ready
        return heard

    @on_ready.setter
    def on_ready(self, heard: Callable[[], None] | None) -> None:
        self._source.on_ready = heard

    def next_event(self) -> Row | bytes | None:
        """As the stream within."""
        with self._inputs.taken("next", self._number, safe=False):
            event: Row | bytes | None = self._source.next_event()
        return event

    def next_at(self) -> int:
        """As the stream within."""
        return int(self._source.next_at())

    def rest(self, told: Callable[[int], None]) -> Any:
        """As the stream within, a subscription; whoever rests is no part of a journal."""
        return self._source.rest(told)

    def close(self, why: str) -> None:
        """As the stream within."""
        if not self._source.ended:
            with self._inputs.taken("close", self._number, why, safe=False):
                self._source.close(why)


class TakenConversation(TakenStream):
    """A Conversation (``account/calls``) whose parts are inputs."""

    def take(self, part: bytes) -> None:
        """As the conversation within."""
        with self._inputs.taken("take", self._number, part, safe=False):
            self._source.take(part)

    def finish(self) -> None:
        """As the conversation within."""
        with self._inputs.taken("finish", self._number, safe=False):
            self._source.finish()

    def takes_at(self) -> int:
        """As the conversation within."""
        return int(self._source.takes_at())


def kept(inputs: Inputs, number: int, answer: Any, within: str | None) -> Any:
    """An answer as whoever carries it gets it. within: the member that keeps coming."""
    if not isinstance(answer, dict):
        return AwaitedAnswer(inputs, number, answer)
    if within is not None and hasattr(answer.get(within), "next_event"):
        return {**answer, within: TakenStream(inputs, number, answer[within])}
    return answer
