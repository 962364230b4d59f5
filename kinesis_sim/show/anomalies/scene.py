"""Scores of a random cut forest as a scene: a dot for each row, and a threshold across them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kinesis_sim.instants import HOUR, to_datetime
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.numbers import decimal
from kinesis_sim.show.kit.page import Control, Frame, Page, Side, sign
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import clock
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.fraud_watch import Scored, WatchedDay

TOP, BOTTOM, WIDE = 26, 250, 560
ONE_IN, ALL_FROM = 8, 1.0
"""Of the charges that nothing speaks for, every eighth is drawn; of those with this score, all."""
HUES = {"found": "green", "false": "orange", "honest": "blue"}
RADII = {"found": 6.0, "false": 6.5, "honest": 2.4}
SIGNED = ("found", "missed", "false", "honest")


@dataclass(frozen=True, slots=True)
class Judged:
    """Charges under a threshold: fate of each, "found", "missed", "false" or "honest"."""

    watch: WatchedDay
    threshold: float

    def fate(self, charge: Scored) -> str:
        """What becomes of a charge."""
        told = charge.score >= self.threshold
        if charge.pattern:
            return "found" if told else "missed"
        return "false" if told else "honest"

    @property
    def counts(self) -> Counter[str]:
        """How many charges have each fate."""
        return Counter(map(self.fate, self.watch.charges))

    @property
    def missed(self) -> list[str]:
        """The patterns of which something is missed, each once."""
        return list(
            dict.fromkeys(
                charge.pattern for charge in self.watch.frauds if self.fate(charge) == "missed"
            )
        )


class Picture:
    """A day's scores under a threshold."""

    def __init__(self, watch: WatchedDay, threshold: float, words: Words) -> None:
        self._judged, self._words = Judged(watch, threshold), words
        charges = watch.charges
        self._begin, self._end = charges[0].at, charges[-1].at
        self._top = 1.08 * max(threshold, max(charge.score for charge in charges))

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture with all that it says."""
        say, title = self._words.say, self._words.say("title")
        notice = self._notice
        subtitle = say("subtitle", columns=_shortened(self._judged.watch.columns))
        return Page(
            title=title,
            subtitle=subtitle,
            scenes=[self._scene()],
            frames=[Frame(0, f"{to_datetime(self._begin):%Y-%m-%d}", notice)],
            legend=[(_sign(fate), say(f"legend.{fate}")) for fate in SIGNED],
            side=Side(say("side"), self._rows, []),
            summary=f"{title}: {subtitle}. {notice}",
            controls=controls,
        )

    @property
    def _rows(self) -> list[tuple[str, str]]:
        counts, say = self._judged.counts, self._words.say
        rows = [(say(f"row.{fate}"), self._words.number(counts[fate])) for fate in SIGNED[:3]]
        return [*rows, (say("row.alarms"), self._words.number(counts["found"] + counts["false"]))]

    @property
    def _notice(self) -> str:
        counts, say = self._judged.counts, self._words.say
        line = decimal(self._judged.threshold, self._words)
        told = say(
            "notice.line", line=line, alarms=self._words.number(counts["found"] + counts["false"]),
            found=counts["found"], frauds=counts["found"] + counts["missed"],
        )  # fmt: skip
        missed = self._judged.missed
        if missed:
            names = self._words.listed(say(f"pattern.{name}") for name in missed)
            return f"{told} {say('notice.missed', patterns=names)}"
        return f"{told} {say('notice.all')}"

    # --- the scene ----------------------------------------------------------------------------

    def _scene(self) -> Scene:
        scene = Scene(34, 12)
        scene.height = BOTTOM + 26
        self._axes(scene)
        for charge, fate in self._drawn():
            point = self._point(scene, charge.at, charge.score)
            tip = f"{charge.payment} · {charge.score:.2f}"
            if fate == "missed":
                marks.lost(scene, point, tip)
            else:
                _told(scene, point, fate, "" if fate == "honest" else tip)
        self._line(scene)
        return scene

    def _drawn(self) -> Iterator[tuple[Scored, str]]:
        """The charges that are drawn, those that matter last, and so in front."""
        fated = [(charge, self._judged.fate(charge)) for charge in self._judged.watch.charges]
        plain = [one for one in fated if one[1] == "honest"]
        for at, (charge, fate) in enumerate(plain):
            if charge.score >= ALL_FROM or at % ONE_IN == 0:
                yield charge, fate
        yield from (one for one in fated if one[1] == "false")
        yield from (one for one in fated if one[1] in ("found", "missed"))

    def _point(self, scene: Scene, at: int, score: float) -> Point:
        place = (at - self._begin) / max(1, self._end - self._begin)
        return scene.x(place), BOTTOM - (BOTTOM - TOP) * score / self._top

    def _axes(self, scene: Scene) -> None:
        scene.text((X(), 10), self._words.say("axis"), "said-quiet")
        for score in range(int(self._top) + 1):
            left, right = (
                self._point(scene, self._begin, score),
                self._point(scene, self._end, score),
            )
            scene.line([left, right], "grid")
            scene.text((left[0] + -8, left[1]), str(score), align="end")
        step = 4 * HOUR
        for at in range(-(-self._begin // step) * step, self._end + 1, step):
            x, _ = self._point(scene, at, 0)
            said = clock(at, seconds=False)
            scene.text((x, BOTTOM + 15), said, "said-quiet", align="middle", row="ticks")

    def _line(self, scene: Scene) -> None:
        threshold = self._judged.threshold
        ends = [self._point(scene, at, threshold) for at in (self._begin, self._end)]
        scene.line(ends, "limit")
        said = self._words.say("line", line=decimal(threshold, self._words))
        x, y = ends[1]
        scene.text((x, y - 10), said, "label", align="end")


def _sign(fate: str) -> Scene:
    scene = sign("box", "gap")
    if fate == "missed":
        marks.lost(scene, (X(26), 7))
    else:
        _told(scene, (X(26), 7), fate)
    return scene


def _told(scene: Scene, point: Point, fate: str, tip: str = "") -> None:
    """A charge by its fate: a false alarm is a diamond, what was found a dot, the rest specks."""
    (x, y), r, hue = point, RADII[fate], theme.OKABE_ITO[HUES[fate]]
    if fate == "false":
        corners = [(x, y - r), (x + r, y), (x, y + r), (x + -r, y)]
        scene.shape(corners, "record", hue=hue, tip=tip)
    else:
        scene.dot(point, r, "record-past" if fate == "honest" else "record", hue=hue, tip=tip)


def _shortened(text: str, most: int = 90) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[:most]} …"
