"""Answers that come later, over HTTP: each leaves when it is there, or when the wait is over.

The wait runs on the simulator's clock: on a clock that stands still it lasts until somebody moves
it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.aws.exchange import Gone, Receive
from kinesis_sim.events import Event

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Answer, Pending
    from kinesis_sim.aws.exchange import Reply
    from kinesis_sim.aws.moves import Moves
    from kinesis_sim.aws.push import StreamOpening
    from kinesis_sim.simulator import Simulator


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call whose answer is awaited, and how it will be written."""

    pending: Pending
    write: Callable[[Answer], Reply | StreamOpening]


async def settled(sim: Simulator, moves: Moves, pending: Pending, receive: Receive) -> Answer:
    """The answer of a call that waits, once there is one. Raises Gone when the client leaves."""
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    left = asyncio.create_task(_left(receive, woken))

    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(woken.set)

    def hear(event: Event) -> None:
        if pending.concerns(event):
            wake()

    end = sim.events.subscribe(hear, *pending.kinds)
    try:
        while True:
            woken.clear()
            await moves.catch_up()
            with sim.lock:
                now = sim.clock.catch_up()
                answer = pending.attempt(now)
                if answer is not None:
                    return answer
                alarm = sim.clock.alarm(pending.look_again(now), wake)
            await woken.wait()
            alarm.cancel()
            if left.done():
                raise Gone
    finally:
        left.cancel()
        end()


async def _left(receive: Receive, woken: asyncio.Event) -> None:
    """Notice that the client went away: nothing may be taken from the queue for it any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
    woken.set()
