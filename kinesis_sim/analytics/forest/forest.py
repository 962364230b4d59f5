"""A forest of random cut trees over a stream, each with a sample of its own that forgets slowly.

Pure Python and slow (some hundred rows a second with 100 trees), as a model of RANDOM_CUT_FOREST.
It follows AWS's randomcutforest-core in what a score is; its random numbers are others, so scores
agree in distribution, not digit by digit.
"""

from __future__ import annotations

from heapq import heappush, heapreplace
from math import log
from typing import TYPE_CHECKING

from kinesis_sim.analytics.forest.tree import CutTree, Point

if TYPE_CHECKING:
    from random import Random


class CutForest:
    """Trees over one stream of points.

    trees, sample: how many, and how many points each keeps. decay: in how many points a sample
    forgets (time decay of 100,000: slowly). shingle: how many rows in a row make one point.

    random: what everything is drawn from.
    """

    def __init__(
        self, random: Random, *, trees: int, sample: int, decay: int, shingle: int = 1
    ) -> None:
        self.random = random
        self.sample = sample
        self.decay = 1 / decay if decay else 0.0
        self.shingle = shingle
        self.trees = [CutTree(random) for _ in range(trees)]
        self.samples: list[list[tuple[float, int, Point]]] = [[] for _ in range(trees)]
        self.seen = 0
        self.recent: list[float] = []

    def put(self, values: Point) -> float:
        """Score a row, then learn it.

        The first rows, until a shingle is full, score 0, as everything does that is alone.
        """
        point = self._shingled(values)
        if point is None:
            return 0.0
        score = sum([tree.score(point) for tree in self.trees]) / len(self.trees)
        self._learn(point)
        return score

    def explained(self, values: Point) -> tuple[float, list[float], list[float]]:
        """As ``put``: the score, and its parts for each column, for too high and for too low."""
        width = len(values)
        point = self._shingled(values)
        if point is None:
            return 0.0, [0.0] * width, [0.0] * width
        high, low = self._attributed(point)
        self._learn(point)
        folded = [[sum(part[at::width]) for at in range(width)] for part in (high, low)]
        return sum(high) + sum(low), folded[0], folded[1]

    def _shingled(self, values: Point) -> Point | None:
        """The last rows as one point; None until there are enough."""
        self.recent = [*self.recent, *values][-self.shingle * len(values) :]
        return tuple(self.recent) if len(self.recent) == self.shingle * len(values) else None

    def _attributed(self, point: Point) -> tuple[list[float], list[float]]:
        high, low = [0.0] * len(point), [0.0] * len(point)
        for tree in self.trees:
            ups, downs = tree.attribution(point)
            for at in range(len(point)):
                high[at] += ups[at]
                low[at] += downs[at]
        number = len(self.trees)
        return [one / number for one in high], [one / number for one in low]

    def _learn(self, point: Point) -> None:
        """Weighted reservoir sampling: the heaviest goes, and age adds to the weight."""
        self.seen += 1
        seen, draw, age = self.seen, self.random.random, self.seen * self.decay
        for tree, sample in zip(self.trees, self.samples, strict=True):
            weight = log(-log(draw() or 1e-300) or 1e-300) - age
            if len(sample) < self.sample:
                heappush(sample, (-weight, seen, point))
            elif weight < -sample[0][0]:
                tree.remove(heapreplace(sample, (-weight, seen, point))[2])
            else:
                continue
            tree.add(point)
