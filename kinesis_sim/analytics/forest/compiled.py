"""The forest of krcf: AWS's own, as a compiled package, thirty times as fast.

Only on demand, for its digits are others than those of the forest in plain Python: one call, one
seed gives one answer only as long as everybody runs the same of the two.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import MissingPackage

if TYPE_CHECKING:
    from kinesis_sim.analytics.forest.tree import Point

INSTALL = 'The compiled forest needs krcf: pip install "kinesis-lab[forest]"'


class CompiledForest:
    """Trees over one stream of points, as ``CutForest`` has them.

    seed: what everything is drawn from. Raises MissingPackage without krcf.
    """

    def __init__(self, seed: int, *, trees: int, sample: int, decay: int, shingle: int = 1) -> None:
        try:
            self._make: Any = import_module("krcf").RandomCutForest
        except ImportError:
            raise MissingPackage(INSTALL) from None
        self._options: dict[str, Any] = {
            "shingle_size": shingle,
            "num_trees": trees,
            "sample_size": sample,
            "output_after": 1,
            "initial_accept_fraction": 1.0,
            "bounding_box_cache_fraction": 1.0,
            "random_seed": seed,
            "lambda": 1 / decay if decay else 0.0,
            "parallel_execution_enabled": False,
        }
        self.shingle = shingle
        self.seen = 0
        self._forest: Any = None

    def put(self, values: Point) -> float:
        """Score a row, then learn it; rows before a shingle is full, and the first, score 0."""
        forest = self._of(len(values))
        self.seen += 1
        score = float(forest.score(values)) if self.seen > self.shingle else 0.0
        forest.update(values)
        return score

    def explained(self, values: Point) -> tuple[float, list[float], list[float]]:
        """As ``put``: the score, and its parts for each column, for too high and for too low."""
        width = len(values)
        forest = self._of(width)
        self.seen += 1
        nothing = [0.0] * width
        told = {"high": nothing, "low": nothing}
        if self.seen > self.shingle:
            told = forest.attribution(values)
        forest.update(values)
        high, low = (
            [float(sum(told[side][at::width])) for at in range(width)] for side in ("high", "low")
        )
        return sum(high) + sum(low), high, low

    def _of(self, width: int) -> Any:
        if self._forest is None:
            self._forest = self._make({**self._options, "dimensions": width})
        return self._forest
