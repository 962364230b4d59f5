"""Rows falling into windows as the clock moves: a lane for each pump, a frame for each instant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.page import Control, Frame, Page, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import clock, full
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.pumps.fold import Lane, Pane, Pumping
from kinesis_sim.show.pumps.words import Told

TOP, HEAD, LEVEL, BOX, BARE, GAP = 30, 22, 42, 20, 46, 12
"""px: above the lanes; of a lane's title on a narrow page; between windows that overlap; of a
window; of a lane without; between lanes."""
MOST_LANES, MOST_LEVELS, SPANS, WIDE = 4, 4, 4, 640
STEPS = (SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, *(n * MINUTE for n in (1, 5, 15, 60, 360)))


class Picture:
    """An application's pumps and their windows, as far as the last few windows reach back."""

    def __init__(self, rows: Pumping, words: Words) -> None:
        self._rows, self._words, self._told = rows, words, Told(rows, words)
        self._lanes = rows.lanes[:MOST_LANES]
        self._begin, self._end = _span(rows)
        self._instants = [at for at in rows.instants if at >= self._begin]
        self._hues = {key: theme.shard_hue(at) for at, key in enumerate(rows.keys)}

    def page(self, stream: str, controls: Sequence[Control] = ()) -> Page:
        """The picture with all that it says. stream: what the rows come from."""
        say = self._words.say
        title = say("title", stream=stream)
        frames = [Frame(at - self._begin, full(at), self._told.notice(at)) for at in self._instants]
        hue = theme.shard_hue(0)
        return Page(
            title=title,
            subtitle=say("subtitle"),
            scenes=[self._scene(wide=False), self._scene(wide=True)],
            frames=frames,
            legend=[
                (sign("dot", "record", hue=hue), say("legend.row")),
                (sign("box", "window", hue=hue), say("legend.window")),
                (marks.late_sign(), say("legend.again")),
            ],
            summary=self._told.summary(title),
            controls=controls,
            play_ms=6_000 if len(frames) > 1 else 0,
        )

    # --- layout -------------------------------------------------------------------------------

    def _scene(self, *, wide: bool) -> Scene:
        scene = Scene(150, 14, least=WIDE) if wide else Scene(12, 12)
        head, levels = 0 if wide else HEAD, [_levels(lane) for lane in self._lanes]
        talls = [LEVEL * (max(own) + 1) if own else BARE for own in levels]
        bottom = TOP + sum(talls) + (head + GAP) * len(talls)
        self._axis(scene, bottom)
        shown = [self._count(at) for at in self._instants]
        marks.present(  # behind the windows: their labels may lie on it
            scene, shown, lambda at: self._x(scene, self._begin + at), (TOP - 6, bottom),
            lambda at: self._words.say("now" if at == shown[-1] else "shown"),
        )  # fmt: skip
        y = float(TOP)
        for lane, own, tall in zip(self._lanes, levels, talls, strict=True):
            y += head
            self._head(scene, lane, y, wide=wide)
            self._draw(scene, lane, own, y)
            y += tall + GAP
            scene.line([(scene.x(0), y - GAP / 2), (scene.x(1), y - GAP / 2)], "grid")
        scene.height = bottom + 26
        return scene

    def _head(self, scene: Scene, lane: Lane, y: float, *, wide: bool) -> None:
        if wide:
            scene.text((X(), y + 14), lane.pump, "name")
            scene.text((X(), y + 32), self._told.kind(lane), "said-quiet")
            return
        said = f"{lane.pump} – {self._told.kind(lane)}"
        scene.text((X(), y - 12), said, "said-strong")

    def _draw(self, scene: Scene, lane: Lane, levels: list[int], y: float) -> None:
        if lane.kind in ("tumbling", "stagger"):
            for pane, level in zip(lane.panes, levels, strict=True):
                if pane.end >= self._begin and level < MOST_LEVELS:
                    self._window(scene, lane, pane, y + 18 + LEVEL * level)
            return
        for at, dot in enumerate(lane.dots):
            if dot.at >= self._begin:
                self._answered(scene, lane, at, y)
        if lane.panes:
            self._frames(scene, lane, y)

    def _window(self, scene: Scene, lane: Lane, pane: Pane, top: float) -> None:
        """A window from its first row on; what it gives, once it has closed."""
        hue, rows = self._hues[pane.key], [lane.dots[n].at for n in pane.dots]
        counts = [at for at in rows if at < pane.end]
        ends = [*counts[1:], pane.end]
        for number, (since, until) in enumerate(zip(counts, ends, strict=True), 1):
            with scene.during(self._count(since), self._count(until)):
                self._box(scene, pane, top, f"{pane.key}: {number} …".lstrip(": "))
        if pane.end <= self._rows.now:
            with scene.during(self._count(pane.end), None):
                sign = "+" if pane.again else "="
                self._box(scene, pane, top, f"{pane.key} {sign} {pane.result or len(rows)}")
        for at in rows:
            with scene.during(self._count(at), None):
                place = (self._x(scene, at), top + BOX / 2)
                scene.dot(place, 5, "record", hue=hue, data={"pump": lane.pump})
                if pane.again:
                    marks.late(scene, place)

    def _box(self, scene: Scene, pane: Pane, top: float, said: str) -> None:
        ends = (self._x(scene, pane.start), self._x(scene, pane.end))
        marks.window(scene, *ends, top, top + BOX, self._hues[pane.key], said)

    def _answered(self, scene: Scene, lane: Lane, at: int, y: float) -> None:
        """A row that is answered at once, and the answer above it."""
        dot = lane.dots[at]
        result = lane.panes[at].result if lane.panes else ""
        with scene.during(self._count(dot.at), None):
            x = self._x(scene, dot.at)
            hue = self._hues[dot.key]
            scene.dot((x, y + 28), 5, "record", hue=hue, data={"pump": lane.pump})
            scene.text((x, y + 9), result, "label-strong", align="middle", row=f"results-{y:g}")

    def _frames(self, scene: Scene, lane: Lane, y: float) -> None:
        """The frame of the newest row, as it moves on from row to row."""
        panes = [pane for pane in lane.panes if pane.end >= self._begin]
        for pane, after in pairwise([*panes, None]):
            assert pane is not None
            until = None if after is None else self._count(after.end)
            if until is not None and until <= self._count(pane.end):
                continue  # another row of the same instant moves it on at once
            with scene.during(self._count(pane.end), until):
                ends = (self._x(scene, pane.start), self._x(scene, pane.end))
                hue = self._hues[pane.key]
                scene.box((ends[0], y + 18), (ends[1], y + 38), "window", hue=hue)

    def _axis(self, scene: Scene, y: float) -> None:
        scene.line([(scene.x(0), y), (scene.x(1), y)], "axis")
        span = self._end - self._begin
        step = next((one for one in STEPS if span / one <= 6), span // 6)
        for at in range(-(-self._begin // step) * step, self._end + 1, step):
            x = self._x(scene, at)
            scene.line([(x, TOP - 8), (x, y)], "grid")
            said = clock(at, seconds=step < MINUTE)
            scene.text((x, y + 15), said, "said-quiet", align="middle", row="ticks")

    def _count(self, at: int) -> int:
        """An instant as the page counts: ms since its begin."""
        return max(at, self._begin) - self._begin

    def _x(self, scene: Scene, at: int) -> X:
        place = (at - self._begin) / max(1, self._end - self._begin)
        return scene.x(min(1.0, max(0.0, place)))


def _span(rows: Pumping) -> tuple[int, int]:
    """From when to when the picture goes: a few windows back, and on to where open ones close."""
    lengths = [lane.length for lane in rows.lanes if lane.kind != "rows" and lane.length]
    length = max(lengths, default=MINUTE)
    end = max([rows.now, *(pane.end for lane in rows.lanes for pane in lane.panes)])
    first = min((dot.at for lane in rows.lanes for dot in lane.dots), default=rows.now)
    begin = max(first - first % MINUTE, end - SPANS * length)
    return min(begin, rows.now - SECOND), end


def _levels(lane: Lane) -> list[int]:
    """On which level each window is drawn, so that none lies on another."""
    ends: list[int] = []
    found = []
    for pane in lane.panes if lane.kind in ("tumbling", "stagger") else ():
        level = next((at for at, end in enumerate(ends) if end <= pane.start), len(ends))
        ends[level : level + 1] = [pane.end]
        found.append(min(level, MOST_LEVELS))
    return found
