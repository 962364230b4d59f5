"""The picture of anomaly scores as a widget: a threshold to slide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinesis_sim.show.anomalies.scene import Picture
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.numbers import decimal
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.fraud_watch import WatchedDay

THRESHOLDS = tuple(n / 4 for n in range(4, 17))
"""From 1 to 4, a quarter apart."""


class AnomalyDesk(Desk):
    """A day's scores, and a threshold that a slider moves."""

    def __init__(self, watch: WatchedDay, threshold: float, words: Words) -> None:
        self._watch, self._words, self.threshold = watch, words, threshold
        super().__init__("anomalies")

    def _made(self) -> Page:
        nearest = min(range(len(THRESHOLDS)), key=lambda n: abs(THRESHOLDS[n] - self.threshold))
        slider = Control(
            "threshold", self._words.say("control.threshold"), {"kind": "threshold"}, value=nearest,
            steps=[decimal(one, self._words) for one in THRESHOLDS],
        )  # fmt: skip
        return Picture(self._watch, self.threshold, self._words).page([slider])

    def _state(self) -> object:
        return self.threshold

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "threshold", "value": int(at)} if 0 <= at < len(THRESHOLDS):
                self.threshold = THRESHOLDS[at]
                self.refresh()
