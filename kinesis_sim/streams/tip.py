"""A reader at the tip of a shard: it finds nothing until something happens there.

A reader that polls says so after a read that found nothing; until something arrives, the shard
ends, or the stream changes, the clock skips its polls (``Clock.repeat``). They count all the
same: towards the shard's calls a second when somebody else reads, and in metrics, as one event a
stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.account.tips import Told
from kinesis_sim.instants import SECOND
from kinesis_sim.streams.events import ReadsIdle
from kinesis_sim.streams.iterator import ShardIterator

if TYPE_CHECKING:
    from kinesis_sim.streams.catalog import StreamCatalog


class Tip:
    """One reader that stands at the end of a shard.

    kinesis: its catalogue; place: where; every: ms between its polls; told: who else wants to know
    of stretches, when they are reported.
    """

    def __init__(
        self, kinesis: StreamCatalog, place: ShardIterator, every: int, told: Told | None = None
    ) -> None:
        self.every = every
        self._kinesis = kinesis
        self._place = place
        self._stream = kinesis.streams[place.stream]
        self._shard = self._stream.shards[place.shard]
        self._told = told
        self._polled_at = place.made_at
        self._since, self._count = 0, 0
        self._fed_until = place.made_at
        self._counted: list[int] = []  # its polls of the last second that count as a reader's here

    # --- what the clock asks ------------------------------------------------------------------

    def quiet(self, at: int) -> bool:
        """Whether a poll at ``at`` (epoch ms) would be answered, and find nothing."""
        shard, stream = self._shard, self._stream
        if shard.log.end != self._place.position or shard.ended_at is not None:
            return False
        if not stream.usable or self._kinesis.streams.get(stream.name) is not stream:
            return False
        if shard.reads is not None and not shard.reads.calm(at, sum(t.most for t in shard.tips)):
            return False
        return self._kinesis.key_works(stream)

    def skip(self, first: int, every: int, count: int) -> None:
        """Remember polls that were skipped."""
        if not self._count:
            self._since = first
        self._count += count
        self._polled_at = first + (count - 1) * every

    @property
    def most(self) -> int:
        """Polls in any one second, at most."""
        return -(-SECOND // self.every)

    # --- what the reader and the shard ask ----------------------------------------------------

    def token(self) -> str:
        """The iterator that the last poll, skipped or not, gave."""
        place = self._place
        newest = ShardIterator(
            self._polled_at, place.stream, place.serial, place.shard, place.position
        )
        return self._kinesis.iterators.token(newest)

    def rest(self) -> Tip:
        """Stand at the tip from now on; returns itself."""
        self._kinesis.tips[self] = None
        self._shard.tips.append(self)
        if self._shard.reads is not None:
            now = self._kinesis.clock.now
            self._shard.reads.mine(now)
            self._counted = [now]
        return self

    def leave(self) -> str:
        """Stand there no longer; what was skipped is reported. The iterator to go on with."""
        self.settle()
        if self._kinesis.tips.pop(self, self) is None:
            self._shard.tips.remove(self)
            if self._shard.reads is not None:
                self._shard.reads.not_mine(self._counted)
        return self.token()

    def unfed(self, now: int) -> list[int]:
        """Instants of skipped polls in the second that ends at ``now``, each told once."""
        since = max(now - SECOND, self._fed_until)
        last, found = self._polled_at, list[int]()
        while last > max(since, self._place.made_at):
            found.append(last)
            last -= self.every
        self._fed_until = max(self._fed_until, self._polled_at)
        self._counted = [at for at in (*self._counted, *found) if at > now - SECOND]
        return found

    def settle(self) -> None:
        """Report what was skipped so far."""
        if not self._count:
            return
        since, count, self._count = self._since, self._count, 0
        self._kinesis.events.append(
            ReadsIdle(
                at=self._polled_at,
                stream=self._stream.name,
                shard=self._shard.index,
                since=since,
                every=self.every,
                calls=count,
            )
        )
        if self._told is not None:
            self._told(since, self.every, count)
