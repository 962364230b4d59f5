"""A receiver at an empty queue: one long poll after another finds nothing, until something happens.

While no record is visible the clock skips the ends of its polls (``Clock.repeat``). They count all
the same in metrics, as one event a stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.account.tips import Told
from kinesis_sim.streams.events import ReceivesIdle
from kinesis_sim.streams.queues import Queue
from kinesis_sim.streams.states import QueueStatus

if TYPE_CHECKING:
    from kinesis_sim.streams.catalog import StreamCatalog


class EmptyQueue:
    """Long polls of one receiver that end without a record.

    told: who else wants to know of stretches, when they are reported.
    """

    def __init__(self, kinesis: StreamCatalog, queue: Queue, told: Told) -> None:
        self._kinesis, self._queue, self._told = kinesis, queue, told
        self._since, self._every, self._count = 0, 0, 0
        kinesis.tips[self] = None

    def quiet(self, at: int) -> bool:
        """Whether polls that end at ``at`` (epoch ms) or later find nothing, and are not refused.

        Until something else happens: a record that comes back by itself does.
        """
        kinesis, queue = self._kinesis, self._queue
        return (
            kinesis.queues.get(queue.arn) is queue
            and queue.status is QueueStatus.ACTIVE
            and queue.is_empty(at)
            and not queue.is_full
            and kinesis.key_works(queue.stream)
        )

    def skip(self, first: int, every: int, count: int) -> None:
        """Remember the ends of polls that were skipped."""
        if not self._count:
            self._since, self._every = first, every
        self._count += count

    def leave(self) -> None:
        """It is over; what was skipped is reported."""
        self.settle()
        self._kinesis.tips.pop(self, None)

    def settle(self) -> None:
        """Report what was skipped so far."""
        if not self._count:
            return
        since, count, self._count = self._since, self._count, 0
        self._kinesis.events.append(
            ReceivesIdle(
                at=since + (count - 1) * self._every,
                stream=self._queue.stream.name,
                queue=self._queue.name,
                queue_id=self._queue.id,
                since=since,
                every=self._every,
                calls=count,
            )
        )
        self._told(since, self._every, count)
