"""The forests score as AWS's own does (truth.json): medians within 5 %, the same precision.

Their random numbers are others, so scores agree in distribution, not digit by digit.
"""

from __future__ import annotations

import pickle
import sys
from copy import deepcopy
from functools import cache
from statistics import mean
from typing import Any

import pytest

from kinesis_sim.analytics.forest.choice import Forest, Forests
from kinesis_sim.analytics.forest.compiled import CompiledForest
from kinesis_sim.errors import MissingPackage, UsageError
from tests.forest.feed import FEEDS, ForestFeed
from tests.forest.truth import kept, told

ANSWERS: dict[str, Any] = kept()["answers"]


def made(feed: ForestFeed, kind: str, trees: int = 100, sample: int = 256) -> Forest:
    if kind == "krcf":
        pytest.importorskip("krcf")
    return Forests(5, kind).of(
        "one", trees=trees, sample=sample, decay=feed.decay, shingle=feed.shingle
    )


@cache
def scores(name: str, kind: str) -> list[float]:
    feed = FEEDS[name]()
    forest = made(feed, kind)
    return [forest.put(row) for row in feed.rows]


@pytest.mark.parametrize("kind", ["python", "krcf"])
@pytest.mark.parametrize("name", FEEDS)
def test_scores_are_aws_own_in_distribution(name: str, kind: str) -> None:
    mine = told(FEEDS[name](), scores(name, kind))
    for part in ("normal", "odd"):
        theirs = mean(one[part] for one in ANSWERS[name])
        assert mine[part] == pytest.approx(theirs, rel=0.05)
    assert mine["precision"] >= min(one["precision"] for one in ANSWERS[name])


@pytest.mark.parametrize("kind", ["python", "krcf"])
def test_one_seed_gives_one_answer_wherever_a_copy_goes_on(kind: str) -> None:
    feed = FEEDS["pressures"]()
    forest, again = made(feed, kind, 20, 64), made(feed, kind, 20, 64)
    for row in feed.rows[:150]:
        assert forest.put(row) == again.put(row)
    copies = [deepcopy(forest), pickle.loads(pickle.dumps(forest))]
    for row in feed.rows[150:190]:
        assert len({one.put(row) for one in (forest, again, *copies)}) == 1


@pytest.mark.parametrize("kind", ["python", "krcf"])
@pytest.mark.parametrize("name", ["pressures", "saw"])
def test_attribution_sums_to_the_score_and_knows_the_direction(name: str, kind: str) -> None:
    feed = FEEDS[name]()
    forest, other = made(feed, kind, 30, 64), made(feed, kind, 30, 64)
    for row in feed.rows[:200]:
        score, high, low = forest.explained(row)
        assert len(high) == len(low) == len(row)
        assert sum(high) + sum(low) == pytest.approx(score)
        assert other.put(row) == pytest.approx(score)
    if name == "pressures":
        _, high, low = deepcopy(forest).explained((190.0, 80.0))
        assert high[0] > 3 * max(high[1], low[0], low[1])
        _, high, low = deepcopy(forest).explained((120.0, 20.0))
        assert low[1] > 3 * max(high[0], high[1], low[0])


def test_a_forest_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "krcf", None)
    with pytest.raises(MissingPackage, match=r"kinesis-lab\[forest\]"):
        CompiledForest(1, trees=1, sample=10, decay=10)
    with pytest.raises(UsageError, match="'rust' is none of python, krcf"):
        Forests(0, "rust")
