"""A query under its watermark as a scene: event time to the right, arrival downwards.

A row is a dot where it happened and when it came; a window is a box over its span of event time,
which ends where the watermark passes it; what lies left of the watermark's line came behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.page import Control, Frame, Page, sign
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import full, squeezed
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.windows.fold import Box, Landed, Run
from kinesis_sim.show.windows.notices import Notices, changes_said, clipped, clock
from kinesis_sim.show.windows.table import ResultTable

WIDE = 640  # px: narrower, there is no room for the changes beside the rows
TOP, LANE, LABELLED, TALL = 20, 20, 15, 430
"""px: above brackets, between brackets on top of one another, a row with a label, of all rows."""
MOST_LETTERS = 42
"""Of what stands beside a row, on a wide page."""
HUES = ("sky", "orange", "green", "purple")


class Picture:
    """One run of a query, with all that it says."""

    def __init__(self, run: Run, words: Words, subtitle: str) -> None:
        self._run, self._words, self._subtitle = run, words, subtitle
        events = [one.event for one in run.landed] or [0]
        ends = [edge for box in run.boxes for edge in (box.start, box.end)]
        self._begin = min(events) - 2 * SECOND
        self._end = max([*events, *(end for end in ends if end <= max(events) + 60 * SECOND)])
        self._axis = squeezed((self._begin, max(self._end, self._begin + SECOND)))
        self._notices, self._result = Notices(run, words), ResultTable(run, words)
        self._step = min(LABELLED + 4, max(5.0, TALL / max(1, len(run.landed))))
        self._lanes = self._stacked()

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture as a page."""
        say, landed = self._words.say, self._run.landed
        frames = [Frame(one.number, full(one.at), self._notices.of(one)) for one in landed]
        frames = frames or [Frame(0, "", say("notice.nothing"))]
        if self._run.hidden or self._run.lost:
            last = frames[-1]
            frames[-1] = Frame(
                last.at, last.time, f"{last.notice} {self._notices.in_all()}".strip()
            )
        hue = theme.OKABE_ITO[HUES[0]]
        return Page(
            title=say("title"),
            subtitle=self._subtitle,
            scenes=[self._scene(wide=False), self._scene(wide=True)],
            frames=frames,
            legend=[
                (sign("dot", "record", hue=theme.shard_hue(0)), say("legend.row")),
                (sign("line", "watermark"), say("legend.watermark")),
                (sign("box", "window", hue=hue), say("legend.window")),
                (marks.late_sign(), say("legend.late")),
            ],
            summary=say(
                "summary", rows=len(landed), lost=self._run.lost, notice=frames[-1].notice,
                closed=sum(box.until is not None for box in self._run.boxes),
                table=self._result.in_one_line() or "–",
            ),
            controls=controls,
            play_ms=max(4_000, 450 * len(landed)),
        )  # fmt: skip

    def _stacked(self) -> list[tuple[Box, int]]:
        """Windows with the lane of their brackets: overlapping ones above one another."""
        ends: list[int] = []
        found = []
        for box in sorted(self._run.boxes, key=lambda one: (one.start, one.end)):
            lane = next((n for n, end in enumerate(ends) if end <= box.start), len(ends))
            ends[lane:] = [box.end, *ends[lane + 1 :]]
            found.append((box, lane))
        return found

    # --- the scene ------------------------------------------------------------------------------

    def _scene(self, *, wide: bool) -> Scene:
        scene = Scene(64, 232, least=WIDE) if wide else Scene(12, 12)
        lanes = 1 + max((lane for _, lane in self._lanes), default=0)
        top = TOP + LANE * min(lanes, 4) + 12
        bottom = top + self._step * max(1, len(self._run.landed)) + 4
        row = partial(self._y, top)
        for box, lane in self._lanes:
            self._draw_window(scene, box, lane, top, row)
        self._draw_watermark(scene, row, bottom)
        self._draw_axis(scene, bottom, wide=wide)
        for one in self._run.landed:
            with scene.during(one.number, None):
                self._draw_row(scene, one, row(one.number), wide=wide)
        if wide:
            scene.text((X(0), top - 12), self._words.say("column.comes"), "said-quiet")
            left = scene.x(1) + 14
            scene.text((left, top - 12), self._words.say("column.changes"), "said-strong")
        scene.height = self._result.draw(scene, bottom + 54, wide=wide)
        return scene

    def _y(self, top: float, number: int) -> float:
        return top + self._step * (number + 0.5)

    def _x(self, scene: Scene, instant: int) -> X:
        return scene.x(self._axis.place(instant))

    def _draw_window(
        self, scene: Scene, box: Box, lane: int, top: float, row: partial[float]
    ) -> None:
        """A bracket, and a box from the row that opened the window to the one that closed it."""
        hue = theme.OKABE_ITO[HUES[(box.start // max(1, box.end - box.start)) % len(HUES)]]
        left, right = self._x(scene, box.start), self._x(scene, box.end)
        high = TOP + LANE * min(lane, 3)
        last = self._run.landed[-1].number
        with scene.during(box.since, None):
            corners = [(left, high + 10), (left, high + 4), (right, high + 4), (right, high + 10)]
            scene.line(corners, "bracket", hue=hue)
            middle = X((left.px + right.px) / 2, (left.share + right.share) / 2)
            said = f"{self._clock(box.start)}–{self._clock(box.end)}"
            scene.text((middle, high - 6), said, "said-strong", align="middle", row=f"lane-{lane}")
        begin = row(box.since) - self._step / 2
        data = {"window": self._clock(box.start), "open": ""}
        for number in range(box.since, box.until if box.until is not None else last + 1):
            shown = number + 1 if number < last else None
            with scene.during(number, shown):
                low = row(number) + self._step / 2
                scene.box((left, begin), (right, low), "window", hue=hue, data=data)
        if box.until is not None:
            low = row(box.until)
            closed = {"window": self._clock(box.start), "closed": str(box.until)}
            with scene.during(box.until, None):
                scene.box((left, begin), (right, low), "window", hue=hue, data=closed)
                scene.line([(left, low), (right, low)], "bracket", hue=hue)
                said = self._words.say("closed")
                scene.text((left + 5, low - 8), said, "label", row=f"closed-{box.until}")

    def _draw_watermark(self, scene: Scene, row: partial[float], bottom: float) -> None:
        """A stair that goes right with each row that moves it, and where it stands now."""
        points: list[Point] = []
        for one in self._run.landed:
            if one.reached is None:
                continue
            x = self._x(scene, one.reached)
            points += [(x, row(one.number)), (x, row(one.number) + self._step)]
            shown = one.number + 1 if one.number < self._run.landed[-1].number else None
            with scene.during(one.number, shown):
                scene.line(points, "watermark", data={"watermark": self._clock(one.reached)})
                said = self._words.say("watermark", time=self._clock(one.reached))
                scene.line([points[-1], (x, bottom + 5)], "oldest")  # above the instants
                scene.text((x, bottom + 31), said, "said-strong", align="middle", row="mark")

    def _draw_row(self, scene: Scene, one: Landed, y: float, *, wide: bool) -> None:
        point = (self._x(scene, one.event), y)
        tip = f"{self._clock(one.event)} · {one.split}" if one.split else self._clock(one.event)
        hue = theme.shard_hue(int(one.split[-1]) if one.split[-1:].isdigit() else 0)
        scene.dot(point, 4 if self._step > 8 else 3, "record", hue=hue, tip=tip)
        if one.lost:
            marks.late(scene, point, self._notices.why_lost(one))
            self._say_lost(scene, one, point)
        if not wide:
            return
        every = -(-LABELLED // max(1, int(self._step)))
        if one.number % every == 0:
            scene.text((X(0), y), self._clock(one.at), "said-quiet", row=f"at-{one.number}")
        said = clipped(changes_said(one.changes, self._words), MOST_LETTERS)
        scene.text((scene.x(1) + 14, y), said, "said", row=f"change-{one.number // every}")

    def _say_lost(self, scene: Scene, one: Landed, point: Point) -> None:
        """Beside a late row, where there is room: to its left nothing is drawn any more."""
        left = self._axis.place(one.event) > 0.25
        place, align = point[0] + (-9 if left else 9), "end" if left else "start"
        row = f"row-{one.number if self._step >= LABELLED else 0}"
        scene.text((place, point[1]), self._words.say("lost"), "said-bad", align=align, row=row)

    def _draw_axis(self, scene: Scene, y: float, *, wide: bool) -> None:
        marks.time_axis(scene, y, self._axis, self._words, "label-quiet")
        if wide:
            scene.text(
                (scene.x(1) + 14, y + 15), self._words.say("axis"), "said-quiet", row="ticks"
            )

    def _clock(self, instant: int) -> str:
        return clock(instant, self._words)
