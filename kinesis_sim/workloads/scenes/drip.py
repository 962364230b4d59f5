"""A steady drip of numbered records into a stream, on the clock, until it is stopped."""

from __future__ import annotations

from itertools import count

from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator


class Drip:
    """One JSON record with its number every ``every_ms`` by PutRecord, from ``keys`` bikes in turn.

    size: bytes, filled up with spaces; a number that needs more has more. It begins at once; what
    the shard refuses is lost. UsageError for numbers below 1.
    """

    @typed
    def __init__(
        self, sim: Simulator, stream: str, every_ms: int, *, size: int = 20, keys: int = 20
    ) -> None:
        for name, value in {"every_ms": every_ms, "size": size, "keys": keys}.items():
            whole(name, value)
        if min(every_ms, size, keys) < 1:
            raise UsageError(f"every_ms={every_ms}, size={size}, keys={keys}: give 1 or more.")
        self.sent = 0
        self._sim, self._stream = sim, sim.streams[stream]
        self._every, self._size, self._keys = every_ms, size, keys
        self._numbers = count()
        self._running = True
        self._put()

    def stop(self) -> None:
        """Put nothing more."""
        self._running = False

    def _put(self) -> None:
        if not self._running:
            return
        number, clock = next(self._numbers), self._sim.clock
        clock.schedule(clock.now + self._every, self._put)
        data = b'{"number": %d}' % number
        self._stream.put(
            [(data.ljust(self._size), f"bike-{number % self._keys:04d}", None)],
            clock.now,
            "PutRecord",
        )
        self.sent += 1
