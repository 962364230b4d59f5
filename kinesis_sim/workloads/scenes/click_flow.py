"""Clicks that keep coming into a Firehose stream while the clock moves, for watching its pipeline.

A stream of the click lake, fed every ten seconds, that has run for a while when it is made; its
destination broke two minutes ago. Rates are this model's choices.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.workloads.scenes.breakage import Breakage
from kinesis_sim.workloads.scenes.click_lake import ClickLake, clicks

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

EVERY_MS, PER_TIME = 10_000, 4
CALM_MIN, BROKEN_MIN = 8, 2


class ClickFlow:
    """A pipeline that runs. to: "s3" (all its stages) or "opensearch".

    broken: whether its destination has been broken at the end of the warm-up. UsageError for
    another destination.
    """

    @typed
    def __init__(
        self,
        sim: Simulator,
        stream: str = "pedala-desk",
        *,
        to: str = "s3",
        broken: bool = True,
    ) -> None:
        if to not in ("s3", "opensearch"):
            raise UsageError(f"to={to!r}: choose 's3' or 'opensearch'.")
        self.sim, self.stream = sim, stream
        self.lake = ClickLake(sim)
        (self.lake.create if to == "s3" else self.lake.search)(stream)
        sim.advance(milliseconds=-sim.clock.now % 60_000)
        self._clicks = clicks()
        self._feed()
        sim.advance(minutes=CALM_MIN)
        if broken:
            Breakage(sim, stream).toggle("destination")
        sim.advance(minutes=BROKEN_MIN)

    def _feed(self) -> None:
        clock = self.sim.clock
        clock.schedule(clock.now + EVERY_MS, self._feed)
        self.sim.firehose[self.stream].put(list(islice(self._clicks, PER_TIME)))
