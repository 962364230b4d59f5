"""Which forest scores rows: the one in plain Python, or krcf's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kinesis_sim.analytics.forest.compiled import CompiledForest
from kinesis_sim.analytics.forest.forest import CutForest
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.seed import Seed

if TYPE_CHECKING:
    from kinesis_sim.analytics.forest.tree import Point

FORESTS = ("python", "krcf")


class Forest(Protocol):
    """Scores rows, and learns them."""

    def put(self, values: Point) -> float:
        """Score a row, then learn it."""

    def explained(self, values: Point) -> tuple[float, list[float], list[float]]:
        """The score, and its parts for each column, for too high and for too low."""


class Forests:
    """Makes forests. seed: what they draw from; kind: "python" or "krcf", much the faster.

    Both score as AWS's does, in distribution; each draws numbers of its own. Raises UsageError for
    another kind; MissingPackage where a forest is made and krcf is not there.
    """

    def __init__(self, seed: int = 0, kind: str = "python") -> None:
        if kind not in FORESTS:
            raise UsageError(f"forest={said(kind)} is none of {', '.join(FORESTS)}.")
        self.seed = seed
        self.kind = kind

    def of(self, name: str, *, trees: int, sample: int, decay: int, shingle: int) -> Forest:
        """A forest; name: tells it from the others of the same code."""
        chance = Seed(self.seed, "analytics", "forest").random(name)
        if self.kind == "krcf":
            drawn = chance.getrandbits(63)
            return CompiledForest(drawn, trees=trees, sample=sample, decay=decay, shingle=shingle)
        return CutForest(chance, trees=trees, sample=sample, decay=decay, shingle=shingle)
