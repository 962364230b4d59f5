"""What the table functions run: anomaly scores, dense regions, the most frequent items."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.forest.choice import Forest
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.sql.fields import CLOCK
from kinesis_sim.instants import SECOND

Point = tuple[float, ...]


class ForestScore(Operator):
    """Adds ANOMALY_SCORE, and with an explanation ANOMALY_EXPLANATION, to each row.

    The attribution of the columns sums to the score. What is not a number passes through; a NULL
    counts as the value before it, or 0 (the model's choice).
    """

    title = "random cut forest"

    def __init__(
        self,
        forest: Forest,
        trees: int,
        places: list[int],
        names: list[str],
        *,
        explained: bool,
    ) -> None:
        super().__init__()
        self.forest = forest
        self.trees = trees
        self.places = places
        self.names = names
        self.explained = explained
        self.before: list[float] = [0.0] * len(places)

    kept = ("forest", "before")

    def take(self, kind: int, row: Row) -> None:
        """Score a row, then learn it."""
        values = [row[at] for at in self.places]
        self.before = [
            float(old if new is None else new) for old, new in zip(self.before, values, strict=True)
        ]
        self.budget.toil(self.trees)
        if not self.explained:
            self.emit(kind, (*row, self.forest.put(tuple(self.before))))
            return
        score, high, low = self.forest.explained(tuple(self.before))
        self.emit(kind, (*row, score, json.dumps(self._explanation(high, low))))

    def _explanation(self, high: list[float], low: list[float]) -> dict[str, dict[str, str]]:
        """For each column: direction, how clear it is, and its part of the score."""
        made = {}
        for name, up, down in zip(self.names, high, low, strict=True):
            both = up + down
            made[name] = {
                "DIRECTION": "HIGH" if up >= down else "LOW",
                "STRENGTH": f"{abs(up - down) / both if both else 0.0:.4f}",
                "ATTRIBUTION_SCORE": f"{both:.4f}",
            }
        return made


class Hotspots(Operator):
    """Adds HOTSPOTS_RESULT to each row: boxes around points that lie close together.

    A point is hot that has, itself included, at least ``least`` of the last ``window`` points
    within ``radius``; hot points within the radius of one another share a box. density: points for
    each unit of the box's volume. How AWS finds them is not published: the model's choice.
    """

    title = "hotspots"

    def __init__(self, places: list[int], window: int, radius: float, least: int) -> None:
        super().__init__()
        self.places = places
        self.window = window
        self.radius = radius
        self.least = least
        self.points: list[Point] = []
        self.near: list[set[int]] = []
        self.oldest = 0

    kept = ("points", "near", "oldest")

    def take(self, kind: int, row: Row) -> None:
        """Take a point in, let the oldest go, tell what is hot."""
        point = tuple(float(row[at] or 0) for at in self.places)
        number = self.oldest + len(self.points)
        near = {
            self.oldest + at
            for at, other in enumerate(self.points)
            if _distance(point, other) <= self.radius * self.radius
        }
        self.budget.toil(len(self.points))
        for one in near:
            self.near[one - self.oldest].add(number)
        self.points.append(point)
        self.near.append(near | {number})
        if len(self.points) > self.window:
            self._forget()
        self.emit(kind, (*row, json.dumps({"hotspots": self._boxes()})))

    def _forget(self) -> None:
        gone = self.oldest
        for one in self.near[0]:
            if one != gone:
                self.near[one - gone].discard(gone)
        del self.points[0], self.near[0]
        self.oldest += 1

    def _boxes(self) -> list[dict[str, Any]]:
        hot = {self.oldest + at for at, near in enumerate(self.near) if len(near) >= self.least}
        boxes = []
        while hot:
            waiting, members = [min(hot)], set[int]()
            hot.discard(waiting[0])
            while waiting:
                one = waiting.pop()
                members.add(one)
                found = self.near[one - self.oldest] & hot
                hot -= found
                waiting += found
            boxes.append(self._box(members))
        return boxes

    def _box(self, members: set[int]) -> dict[str, Any]:
        points = [self.points[one - self.oldest] for one in sorted(members)]
        low = [min(values) for values in zip(*points, strict=True)]
        high = [max(values) for values in zip(*points, strict=True)]
        volume = 1.0
        for bottom, top in zip(low, high, strict=True):
            volume *= max(top - bottom, self.radius / self.least)
        return {"density": len(points) / volume, "minValues": low, "maxValues": high}


def _distance(one: Point, other: Point) -> float:
    return sum((left - right) ** 2 for left, right in zip(one, other, strict=True))


class TopItems(Operator):
    """The k most frequent values of a column in each step of so many seconds, counted exactly.

    AWS's are approximate (facts/analytics §4). Rows leave with ROWTIME at the step's end; of
    values as frequent as each other the one that came first goes first.
    """

    title = "top k items"

    def __init__(self, place: int, when: int, number: int, seconds: int) -> None:
        super().__init__()
        self.place = place
        self.when = when
        self.number = number
        self.length = seconds * SECOND
        self.counts: Counter[Any] = Counter()
        self.end: int | None = None

    kept = ("counts", "end")

    def take(self, kind: int, row: Row) -> None:
        """Count a value."""
        at = row[self.when]
        self.end = at - at % self.length + self.length
        if row[self.place] is not None:
            self.counts[row[self.place]] += 1

    def advance(self, time: str, at: int) -> None:
        """Tell the most frequent once the step is over."""
        if time == CLOCK and self.end is not None and self.end - 1 <= at:
            for item, count in self.counts.most_common(self.number):
                self.emit(INSERT, (self.end, item, count))
            self.counts, self.end = Counter(), None
        self.next.advance(time, at)

    def due(self) -> int | None:
        """The end of the step."""
        return self.end
