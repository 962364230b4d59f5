"""One random cut tree: points in nested boxes, each cut in two at random.

How a point's score is made of a tree follows AWS's open randomcutforest-core (Apache-2.0): the
further up a point would be cut off from the others, the higher it scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

Point = tuple[float, ...]


@dataclass(slots=True, eq=False)
class Branch:
    """A leaf (no children), or a box that is cut at a value of a dimension.

    mass: points below, repeated ones counted; low, high: the corners of their box. point: of a
    leaf, the one that it is; none of a box.
    """

    low: list[float]
    high: list[float]
    point: Point | None = None
    mass: int = 1
    dimension: int = 0
    cut: float = 0.0
    left: Branch | None = None
    right: Branch | None = None


class CutTree:
    """A tree of points that come and go. random: what its cuts are drawn from."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.root: Branch | None = None

    # --- points come and go ---------------------------------------------------------------------

    def add(self, point: Point) -> None:
        """Put a point in, where a cut drawn anew would have put it."""
        branch, parent, goes_left = self.root, None, False
        while branch is not None:
            for value, bottom, top in zip(point, branch.low, branch.high, strict=False):
                if value > top or value < bottom:
                    made = self._beside(branch, point)
                    break
            else:  # no cut of the box can part what lies within, and the box stays as it is
                made = None
            if made is not None:
                branch = made
                break
            branch.mass += 1
            if branch.left is None:
                return  # a leaf of the same point
            parent, goes_left = branch, point[branch.dimension] <= branch.cut
            branch = branch.left if goes_left else branch.right
        if branch is None:
            branch = Branch(list(point), list(point), point)
        if parent is None:
            self.root = branch
        elif goes_left:
            parent.left = branch
        else:
            parent.right = branch

    def _beside(self, branch: Branch, point: Point) -> Branch | None:
        """A new box over this one and a point outside, if the cut that is drawn parts them.

        If not, the box has grown around the point.
        """
        low, high = branch.low.copy(), branch.high.copy()
        total = 0.0
        for at, value in enumerate(point):
            if value < low[at]:
                low[at] = value
            elif value > high[at]:
                high[at] = value
            total += high[at] - low[at]
        if total > 0:
            drawn, at, last = self.random.random() * total, 0, len(point) - 1
            while at < last and drawn >= (size := high[at] - low[at]):
                drawn -= size
                at += 1
            cut = low[at] + drawn
            if point[at] <= cut < branch.low[at]:
                leaf = Branch(list(point), list(point), point)
                return Branch(low, high, None, branch.mass + 1, at, cut, leaf, branch)
            if branch.high[at] <= cut < point[at]:
                leaf = Branch(list(point), list(point), point)
                return Branch(low, high, None, branch.mass + 1, at, cut, branch, leaf)
        branch.low, branch.high = low, high
        return None

    def remove(self, point: Point) -> None:
        """Take a point out again that was put in."""
        path: list[Branch] = []
        branch = self.root
        while branch is not None and branch.left is not None:
            path.append(branch)
            branch = branch.left if point[branch.dimension] <= branch.cut else branch.right
        if branch is None:
            return
        for above in path:
            above.mass -= 1
        branch.mass -= 1
        if branch.mass:
            return
        self._cut_off(path, branch)
        for parent in reversed(path):
            if not _measured(parent, point):
                break  # what does not touch a box from within touches none around it

    def _cut_off(self, path: list[Branch], leaf: Branch) -> None:
        if not path:
            self.root = None
            return
        parent = path.pop()
        other = parent.right if parent.left is leaf else parent.left
        if not path:
            self.root = other
        elif path[-1].left is parent:
            path[-1].left = other
        else:
            path[-1].right = other

    # --- scores ---------------------------------------------------------------------------------

    def score(self, point: Point) -> float:
        """How unlike the others a point is: the sum of its attribution, found faster.

        Down by the cuts alone, then up as far as a cut could part the point from a box: most
        points lie within the boxes further up.
        """
        if self.root is None:
            return 0.0
        branch: Branch = self.root
        mass, path, below = branch.mass, list[Branch](), branch.left
        while below is not None:
            path.append(branch)
            if point[branch.dimension] > branch.cut:
                below = branch.right
            branch = below  # type: ignore[assignment]  # who has a left one has a right one
            below = branch.left
        depth = len(path)
        if branch.point == point:
            seen = (1 - branch.mass / (2 * mass)) / (depth + log2(branch.mass + 1))
            return seen * log2(mass + 1)
        score = 1 / (depth + 1)
        while depth:
            depth -= 1
            above = path[depth]
            beyond = spread = 0.0
            for value, bottom, top in zip(point, above.low, above.high, strict=False):
                spread += top - bottom
                if value > top:
                    beyond += value - top
                elif value < bottom:
                    beyond += bottom - value
            if not beyond:
                break
            parted = beyond / (beyond + spread)
            score = parted / (depth + 1) + (1 - parted) * score
        return score * log2(mass + 1)

    def attribution(self, point: Point) -> tuple[list[float], list[float]]:
        """The score, told apart by dimension: for lying too high, and for lying too low."""
        size = len(point)
        if self.root is None:
            return [0.0] * size, [0.0] * size
        path, branch = [], self.root
        while branch.left is not None and branch.right is not None:
            path.append(branch)
            branch = branch.left if point[branch.dimension] <= branch.cut else branch.right
        scale = log2(self.root.mass + 1)
        high, low, same = self._at_leaf(branch, point, len(path))
        for depth in range(len(path) - 1, -1, -1):
            if same:
                break
            ups, downs, parted = _parted(path[depth], point)
            if parted <= 0:
                break
            unseen = 1 / (depth + 1)
            high = [up * unseen + (1 - parted) * one for up, one in zip(ups, high, strict=True)]
            low = [down * unseen + (1 - parted) * one for down, one in zip(downs, low, strict=True)]
        return [one * scale for one in high], [one * scale for one in low]

    def _at_leaf(
        self, leaf: Branch, point: Point, depth: int
    ) -> tuple[list[float], list[float], bool]:
        ups, downs, parted = _parted(leaf, point)
        if parted > 0:
            unseen = 1 / (depth + 1)
            return [one * unseen for one in ups], [one * unseen for one in downs], False
        mass = self.root.mass if self.root is not None else 1
        seen = (1 - leaf.mass / (2 * mass)) / (depth + log2(leaf.mass + 1))
        each = [seen / (2 * len(point))] * len(point)
        return each, list(each), True


def _measured(branch: Branch, gone: Point) -> bool:
    """Fit a box anew to those below, if a point that is gone touched it; whether it did."""
    left, right = branch.left, branch.right
    if left is None or right is None:
        return False
    low, high = branch.low, branch.high
    for value, bottom, top in zip(gone, low, high, strict=False):
        if value == bottom or value == top:  # noqa: SIM109 (no tuple in the inner loop)
            break
    else:
        return False
    one, other = left.low, right.low
    branch.low = [one[at] if one[at] < other[at] else other[at] for at in range(len(low))]
    one, other = left.high, right.high
    branch.high = [one[at] if one[at] > other[at] else other[at] for at in range(len(high))]
    return True


def _parted(branch: Branch, point: Point) -> tuple[list[float], list[float], float]:
    """How likely a cut parts a point from a box: by dimension, above and below; and in all."""
    ups = [max(0.0, value - top) for value, top in zip(point, branch.high, strict=True)]
    downs = [max(0.0, bottom - value) for value, bottom in zip(point, branch.low, strict=True)]
    beyond = sum(ups) + sum(downs)
    if beyond <= 0:
        return ups, downs, 0.0
    total = beyond + sum(top - bottom for top, bottom in zip(branch.high, branch.low, strict=True))
    return [one / total for one in ups], [one / total for one in downs], beyond / total
