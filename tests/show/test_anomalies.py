"""Anomaly scores under a threshold: counts, marks, the slider, both languages."""

from __future__ import annotations

from collections import Counter

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.show.anomalies.scene import Judged, Picture
from kinesis_sim.show.anomalies.widget import THRESHOLDS
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.workloads.scenes.fraud_watch import Scored, WatchedDay

DAY = WatchedDay(
    "AMOUNT",
    tuple(
        Scored(1_717_400_000_000 + 60_000 * at, f"payment-{at}", 9.0, score, pattern)
        for at, (score, pattern) in enumerate(
            [(7.0, "big ticket"), (1.2, "card testing"), (2.5, ""), (0.4, "")] + [(0.5, "")] * 60
        )
    ),
)


@pytest.mark.parametrize(
    ("threshold", "counts"),
    [
        (1, {"found": 2, "false": 1, "honest": 61}),
        (1.2, {"found": 2, "false": 1, "honest": 61}),
        (2, {"found": 1, "missed": 1, "false": 1, "honest": 61}),
        (4, {"found": 1, "missed": 1, "honest": 62}),
        (8, {"missed": 2, "honest": 62}),
    ],
)
def test_every_charge_has_a_fate(threshold: float, counts: dict[str, int]) -> None:
    assert Judged(DAY, threshold).counts == counts
    assert len(DAY.alarms(threshold)) == counts.get("found", 0) + counts.get("false", 0)


def test_what_matters_is_drawn_and_the_rest_thinned() -> None:
    page = Picture(DAY, 2, Words("anomalies", "en")).page()
    roles = Counter(mark.role for mark in page.scenes[-1].marks)
    assert roles["lost"] == 2  # a cross has two strokes
    assert roles["record"] == 2
    assert 0 < roles["record-past"] < 61
    assert page.frames[-1].notice == (
        "At 2.0, 2 alarms find 1 of 2 frauds. Missed, in whole or in part: card testing."
    )
    assert page.side is not None
    assert page.side.rows[-1] == ("alarms", "2")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_slider_moves_the_line(lang: str) -> None:
    sim = Simulator()
    widget = sim.show.live_anomalies(DAY, lang=lang)
    assert widget.threshold == 4
    widget._wished({"kind": "threshold", "value": 1})
    assert widget.threshold == THRESHOLDS[1] == 1.25
    assert repr(sim.show.anomalies(DAY, threshold=1.25, lang=lang)) == repr(widget)
    for nonsense in ({"kind": "threshold", "value": 99}, {"kind": "threshold"}, None):
        widget._wished(nonsense)
    assert widget.threshold == 1.25


def test_what_is_no_watch_is_refused() -> None:
    for show in (Simulator().show.anomalies, Simulator().show.live_anomalies):
        with pytest.raises(UsageError, match="no watch"):
            show(3)  # type: ignore[arg-type]
