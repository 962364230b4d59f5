"""The way of a Firehose stream's records as a scene: stages, the error output, tries over time.

A frame per instant; a mark lives as long as what it says is so. Lengths in px.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kinesis_sim.firehose.events import DeliveryTried, FirehoseEvent, ObjectWritten
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.show.delivery.fold import GOOD_KINDS, Story, at_instants
from kinesis_sim.show.delivery.notices import Notices
from kinesis_sim.show.delivery.words import Station, Told, place_of, stages
from kinesis_sim.show.kit.marks import between
from kinesis_sim.show.kit.page import KEY, Control, Frame, Page, Shelf, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import Times, clock, duration, full, since, squeezed, ticks
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

MOST_FRAMES, MOST_TRIES, MOST_OBJECTS = 120, 240, 60
WIDE, NARROWEST = 700, 400
"""px from which on the stages stand in one row, and below which the picture scrolls sideways."""
TOP, TALL, DEEP, GAP, HIGH = 52, 78, 46, 24, 80
TURN, COPY, PASSED = 16, 100, 52
"""px of the turn beside two rows, and between them of the raw copy and of what passed."""
FIELDS = ("code", "message", "attempts", "raw")


class Picture:
    """A stream up to ``at`` (epoch ms, now unless given); UsageError for no such stream."""

    def __init__(self, sim: Simulator, name: str, words: Words, at: int | None = None) -> None:
        stream, self.words, self._name = sim.firehose[name], words, name
        end = sim.clock.now if at is None else at
        story, settings = Story(sim.events, name, end), stream.settings
        events, self._begin, self.backup = story.events, story.begin, settings.backup
        instants = _instants(events, end)
        self.axis = squeezed({*instants, max(end, instants[0] + SECOND)})
        notices = Notices(settings, place_of(settings), stream.site.window(), words)
        counted = list(at_instants(events, instants, story.base))
        self.told = {at: Told(counts, settings, words) for at, counts in counted}
        self.instants = list(self.told)
        self._frames = [
            Frame(at, full(at), notices.of(counts, at), lead=self.told[at].sum)
            for at, counts in counted
        ]
        self.stages = stages(stream, words)
        self.tries = [e for e in events if isinstance(e, DeliveryTried) and not e.backup]
        written = [e for e in events if isinstance(e, ObjectWritten)]
        self.objects = [e for e in written if e.kind not in GOOD_KINDS][-MOST_OBJECTS:]

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture with all that it says."""
        say, last = self.words.say, self._frames[-1]
        title = say("title", stream=self._name)
        return Page(
            title=title,
            subtitle=say("subtitle") + since(self._begin, 0, self.words),
            scenes=[Chart(self, wide=wide).scene for wide in (False, True)],
            frames=self._frames,
            legend=self._legend(),
            summary=say("summary", title=title, time=last.time, sum=last.lead, notice=last.notice),
            controls=controls,
            shelf=self._shelf,
        )

    def _legend(self) -> list[tuple[Scene, str]]:
        drawn = [sign("dot", "taken"), Scene(), Scene()]
        _cross(drawn[1], X(KEY - 8), 7)
        _square(drawn[2], X(KEY - 8), 7, "object")
        for scene in drawn:
            scene.height = 14
        names = ("ok", "failed", "object")
        return [(s, self.words.say(f"strip.{n}")) for s, n in zip(drawn, names, strict=True)]

    @property
    def _shelf(self) -> Shelf:
        """Objects of the error output, newest last."""
        words = self.words
        items = [
            (each.at, each.key, words.count("object", each.records, time=clock(each.at),
                                            kind=each.kind))
            for each in self.objects
        ]  # fmt: skip
        fields = [words.say(f"opened.{name}") for name in FIELDS]
        return Shelf(words.say("opened.title"), items, fields, words.say("opened.none"))


class Chart:
    """One drawing. wide: stages in a row; else the way turns, the error output within its bend."""

    def __init__(self, picture: Picture, *, wide: bool) -> None:
        self._told, self._instants, self._words = picture.told, picture.instants, picture.words
        self._stages, self._backup = picture.stages, picture.backup
        self._tries, self._objects, self._axis = picture.tries, picture.objects, picture.axis
        self._wide = wide
        self._columns = len(self._stages) if wide else len(self._stages) // 2
        self._output = TOP + TALL + (40 if wide else 36)
        lines = max(len(self._outcome(at)[1]) for at in self._told)
        self._deep = DEEP if wide else 28 + 16 * max(lines, 1)
        self._second = TOP if wide else self._output + self._deep + 36
        low = self._output + self._deep if wide else self._second + TALL
        lost = not wide and any(told.gone("destination") for told in self._told.values())
        self._strip = low + (76 if lost else 40)
        self._bottom = self._strip + HIGH
        self.scene = Scene(76, 10, least=WIDE if wide else NARROWEST)
        self.scene.height = self._bottom + 28
        self._draw_output()
        for place, stage in enumerate(self._stages):
            self._draw_stage(place, stage)
        self._draw_strip()

    # --- stages -------------------------------------------------------------------------------

    def _back(self, place: int) -> bool:
        """Whether a stage stands in the second row, where the way leads back."""
        return place >= self._columns

    def _column(self, place: int, px: float = 0) -> X:
        """The left edge of a column, and so many px more."""
        wide = 2 + GAP * (self._columns - 1) + (0 if self._wide else TURN)
        share = place / self._columns
        return X(1 + place * GAP - share * wide + px, share)

    def _ends(self, place: int) -> tuple[X, X, float]:
        """A stage's box: left, right, top."""
        column = 2 * self._columns - 1 - place if self._back(place) else place
        top = self._second if self._back(place) else TOP
        return self._column(column), self._column(column + 1, -GAP), top

    def _draw_stage(self, place: int, stage: Station) -> None:
        scene, (left, right, top) = self.scene, self._ends(place)
        usual, data = "stage" if stage.on else "stage-off", {"stage": stage.id}
        for _, bad in scene.each(self._instants, lambda at: self._told[at].bad(stage.id)):
            role = "stage-bad" if bad else usual
            scene.box((left, top), (right, top + TALL), role, r=6, tip=stage.full, data=data)
        x = left + 8
        scene.text((x, top + 15), stage.name, "name" if stage.on else "name-off", tip=stage.full)
        scene.text((x, top + 32), stage.detail, "said-small", tip=stage.full)
        scene.text((x, top + 49), stage.note)
        for _, lines in scene.each(self._instants, lambda at: self._told[at].inside(stage.id)):
            for row, said in enumerate(lines, bool(stage.note)):
                scene.text((x, top + 49 + 16 * row), said)
        if stage is not self._stages[-1]:
            self._draw_way_on(place)
        self._draw_ways_out(place, stage)

    def _draw_way_on(self, place: int) -> None:
        """To the next stage, with how many records have passed."""
        scene, (left, right, top) = self.scene, self._ends(place)
        y, above, align = top + 15.0, (right + GAP / 2, top - 10.0), "middle"
        ends = [(right + 3, y), (right + (GAP - 3), y)]
        if self._back(place):
            ends, above = [(left + -3, y), (left + -(GAP - 3), y)], (left + -GAP / 2, top - 10)
        elif self._back(place + 1):
            turn, end = right + (TURN - 4), self._second + 15.0
            ends = [(right + 3, y), (turn, y), (turn, end), (right + 3, end)]
            above, align = (turn + -7, self._output + self._deep / 2), "end"
        scene.line(ends, "way", end="arrow")
        for _, passed in scene.each(self._instants, lambda at: self._told[at].passed[place]):
            scene.text(above, passed, "said-strong", align=align)

    def _draw_ways_out(self, place: int, stage: Station) -> None:
        """What failed goes to the error output; what is dropped or lost goes away, for good."""
        scene, (left, right, top) = self.scene, self._ends(place)
        lost, low, back = stage.id == "destination", top + TALL, self._back(place)
        x = between(left, right)
        out = x if self._wide else right + -14 if lost else left + 14
        beside, align = (out + -8, "end") if lost else (out + 8, "start")  # room inside
        y, end = (top - 2, self._output + self._deep + 2) if back else (low + 2, self._output - 2)
        for _, failed in scene.each(self._instants, lambda at: self._told[at].failed(stage.id)):
            if failed:
                self._arrow(out, y, end, "way-bad")
                height = top - 18 if back else low + 18
                scene.text((beside, height), failed, "said-bad", align=align)
        y, far = (low, 1) if back else (top, -1)
        for _, gone in scene.each(self._instants, lambda at: self._told[at].gone(stage.id)):
            if gone:
                self._arrow(x, y + 2 * far, y + 20 * far, "way-bad" if lost else "step")
                role = "said-bad" if lost else "said-strong"
                scene.text((x, y + 32 * far), gone, role, align="middle")

    def _arrow(self, x: X, y: float, end: float, role: str) -> None:
        self.scene.line([(x, y), (x, end)], role, end="arrow")

    def _outcome(self, at: int) -> tuple[str, list[str]]:
        """What the error output says: its head, and the lines below it."""
        head, way, kinds = self._told[at].output
        if self._wide:
            return " · ".join(filter(None, (head, way))), [" · ".join(kinds)]
        return head, [*filter(None, (way,)), *kinds]

    def _draw_output(self) -> None:
        """The error output, and the raw copy where there is one."""
        scene, top, low = self.scene, self._output, self._output + self._deep
        left, right = self._column(1), scene.edge + -1
        copied = self._column(1, -GAP)
        if not self._wide:
            left = X(1 + COPY + 12) if self._backup else X(1)
            right, copied = scene.edge + -(TURN + PASSED), X(1 + COPY)
        for _, clean in scene.each(self._instants, lambda at: self._told[at].clean):
            role, data = "stage-off" if clean else "output", {"output": "errors"}
            scene.box((left, top), (right, low), role, r=6, data=data)
        for _, (head, lines) in scene.each(self._instants, self._outcome):
            scene.text((left + 10, top + 15), head, "said-strong")
            for row, said in enumerate(lines):
                scene.text((left + 10, top + 32 + 16 * row), said, "said-small")
        if self._backup:
            x = between(self._column(0), copied)
            self._arrow(x, TOP + TALL + 2, top - 2, "way-copy")
            scene.box((self._column(0), top), (copied, low), "copy", r=6, data={"output": "copy"})
            for _, said in scene.each(self._instants, lambda at: self._told[at].copied):
                scene.text((self._column(0, 8), top + 15), said, "said-strong")
            scene.text((self._column(0, 8), top + 32), self._words.say("backup"), "said-small")

    # --- time ---------------------------------------------------------------------------------

    def _draw_strip(self) -> None:
        """Tries of the destination, as high as the age of the oldest record, and error objects."""
        scene, tries = self.scene, self._tries[-MOST_TRIES:]
        bottom, strip = self._bottom, self._strip
        top = _round_up(max([tried.at - tried.oldest for tried in tries] + [MINUTE]))
        scene.text((X(1), strip - 18), self._words.say("strip.title"), "said-quiet")
        for part, role in ((0, "axis"), (0.5, "grid"), (1, "grid")):
            y = bottom - (HIGH - 6) * part
            scene.line([(scene.x(0), y), (scene.x(1), y)], role)
            label = duration(round(top * part)) if part else ""
            scene.text((scene.x(0) + -8, y), label, "said-small", align="end")
        for tried in tries:
            y = bottom - (HIGH - 6) * (tried.at - tried.oldest) / top
            self._draw_try(tried, y)
        for each in self._objects:
            x = scene.x(self._axis.place(each.at))
            with scene.during(None, each.at):
                _square(scene, x, bottom, "object-later")
            with scene.during(each.at, None):
                _square(scene, x, bottom, "object")
        self._draw_instants()
        for at, _ in scene.each(self._instants, int):
            x = scene.x(self._axis.place(at))
            scene.line([(x, strip - 4), (x, bottom + 5)], "now")

    def _draw_instants(self) -> None:
        """Under the line of time; a double stroke where quiet time was squeezed."""
        scene, bottom = self.scene, self._bottom
        for earlier, later in self._axis.breaks:
            middle = scene.x((self._axis.place(earlier) + self._axis.place(later)) / 2)
            for shift in (-4, 3):
                ends = [(middle + (shift - 3), bottom + 5), (middle + (shift + 3), bottom - 5)]
                scene.line(ends, "axis")
        for tick in ticks(self._axis, Times(self._axis, self._words), lengths=False):
            align = {0.0: "start", 1.0: "end"}.get(tick.place, "middle")
            place = scene.x(tick.place), bottom + 17
            scene.text(place, tick.label, "said-small", align=align, row="ticks")

    def _draw_try(self, tried: DeliveryTried, y: float) -> None:
        """Pale before its time."""
        scene, x = self.scene, self.scene.x(self._axis.place(tried.at))
        for life, later in (((None, tried.at), True), ((tried.at, None), False)):
            with scene.during(*life):
                stem = "stem-bad" if tried.code else "stem-good"
                scene.line([(x, self._bottom), (x, y)], "stem-later" if later else stem)
                if tried.code:
                    _cross(scene, x, y, "refusal-later" if later else "refusal")
                else:
                    scene.dot((x, y), 4, "taken-later" if later else "taken")


def _cross(scene: Scene, x: X, y: float, role: str = "refusal") -> None:
    for up in (-4, 4):
        scene.line([(x + -4, y - up), (x + 4, y + up)], role)


def _square(scene: Scene, x: X, y: float, role: str) -> None:
    scene.box((x + -4, y - 4), (x + 4, y + 4), role)


def _instants(events: Sequence[FirehoseEvent], end: int) -> list[int]:
    """When something happened, thinned to what a slider can tell apart; the end always."""
    times = sorted({event.at for event in events} | {end})
    step = max(1, -(-len(times) // MOST_FRAMES))
    return times[::-step][::-1]


def _round_up(age: int) -> int:
    steps = [m * MINUTE for m in (1, 2, 4, 6, 10, 20, 30, 60, 120, 240, 360, 720, 1440, 2880)]
    return next((step for step in steps if step >= age), age)
