"""The way of a Firehose stream's records as a scene: stages, the error output, tries over time.

A frame per instant; a mark lives as long as what it says is so. Lengths in px.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kinesis_sim.firehose.events import DeliveryTried, FirehoseEvent, ObjectWritten
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.show.delivery.fold import GOOD_KINDS, Story, at_instants
from kinesis_sim.show.delivery.notices import Notices, clock
from kinesis_sim.show.delivery.words import Station, Told, place_of, stages
from kinesis_sim.show.kit.page import KEY, Control, Frame, Page, Shelf, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import Times, duration, full, since, squeezed, ticks
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

MOST_FRAMES, MOST_TRIES, MOST_OBJECTS = 120, 240, 60
PAPER, NARROWEST = 840, 700
"""px of a figure, and below which the picture scrolls sideways."""
TOP, TALL, DEEP, GAP = 52, 78, 46, 24
OUTPUT = TOP + TALL + 40
STRIP, HIGH = OUTPUT + DEEP + 40, 80
BOTTOM = STRIP + HIGH
FIELDS = ("code", "message", "attempts", "raw")


class Picture:
    """A stream up to ``at`` (epoch ms, now unless given); UsageError for no such stream."""

    def __init__(self, sim: Simulator, name: str, words: Words, at: int | None = None) -> None:
        stream, self._words, self._name = sim.firehose[name], words, name
        end = sim.clock.now if at is None else at
        story, settings = Story(sim.events, name, end), stream.settings
        events, self._begin, self._backup = story.events, story.begin, settings.backup
        instants = _instants(events, end)
        self._axis = squeezed({*instants, max(end, instants[0] + SECOND)})
        notices = Notices(settings, place_of(settings), stream.site.window(), words)
        counted = list(at_instants(events, instants, story.base))
        self._told = {at: Told(counts, settings, words) for at, counts in counted}
        self._instants = list(self._told)
        self._frames = [
            Frame(at, full(at), notices.of(counts, at), lead=self._told[at].sum)
            for at, counts in counted
        ]
        self._stages = stages(stream, words)
        self._tries = [e for e in events if isinstance(e, DeliveryTried) and not e.backup]
        written = [e for e in events if isinstance(e, ObjectWritten)]
        self.objects = [e for e in written if e.kind not in GOOD_KINDS][-MOST_OBJECTS:]
        self._scene = Scene(76, 10, least=NARROWEST)
        self._scene.height = BOTTOM + 28

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture with all that it says."""
        say, last = self._words.say, self._frames[-1]
        title = say("title", stream=self._name)
        self._draw_output()
        for place, stage in enumerate(self._stages):
            self._draw_stage(place, stage)
        self._draw_strip()
        return Page(
            title=title,
            subtitle=say("subtitle") + since(self._begin, 0, self._words),
            scenes=[self._scene],
            frames=self._frames,
            legend=self._legend(),
            summary=say("summary", title=title, time=last.time, sum=last.lead, notice=last.notice),
            controls=controls,
            shelf=self._shelf,
            paper=PAPER,
        )

    def _legend(self) -> list[tuple[Scene, str]]:
        drawn = [sign("dot", "taken"), Scene(), Scene()]
        _cross(drawn[1], X(KEY - 8), 7)
        _square(drawn[2], X(KEY - 8), 7, "object")
        for scene in drawn:
            scene.height = 14
        names = ("ok", "failed", "object")
        return [(s, self._words.say(f"strip.{n}")) for s, n in zip(drawn, names, strict=True)]

    @property
    def _shelf(self) -> Shelf:
        """Objects of the error output, newest last."""
        words = self._words
        items = [
            (each.at, each.key, words.count("object", each.records, time=clock(each.at),
                                            kind=each.kind))
            for each in self.objects
        ]  # fmt: skip
        fields = [words.say(f"opened.{name}") for name in FIELDS]
        return Shelf(words.say("opened.title"), items, fields, words.say("opened.none"))

    # --- stages -------------------------------------------------------------------------------

    def _x(self, place: int, px: float = 0) -> X:
        """The left edge of a stage's box, and so many px more."""
        wide, count = 2 + GAP * (len(self._stages) - 1), len(self._stages)
        return X(1 + place * (GAP - wide / count) + px, place / count)

    def _middle(self, place: int) -> X:
        left, right = self._x(place), self._x(place + 1, -GAP)
        return X((left.px + right.px) / 2, (left.share + right.share) / 2)

    def _draw_stage(self, place: int, stage: Station) -> None:
        scene, left, right = self._scene, self._x(place), self._x(place + 1, -GAP)
        usual, data = "stage" if stage.on else "stage-off", {"stage": stage.id}
        for _, bad in scene.each(self._instants, lambda at: self._told[at].bad(stage.id)):
            role = "stage-bad" if bad else usual
            scene.box((left, TOP), (right, TOP + TALL), role, r=6, tip=stage.full, data=data)
        x = left + 8
        scene.text((x, TOP + 15), stage.name, "name" if stage.on else "name-off", tip=stage.full)
        scene.text((x, TOP + 32), stage.detail, "said-small", tip=stage.full)
        scene.text((x, TOP + 49), stage.note)
        for _, lines in scene.each(self._instants, lambda at: self._told[at].inside(stage.id)):
            for row, said in enumerate(lines, bool(stage.note)):
                scene.text((x, TOP + 49 + 16 * row), said)
        if stage is not self._stages[-1]:
            ends = [(right + 3, TOP + 15.0), (right + (GAP - 3), TOP + 15.0)]
            scene.line(ends, "way", end="arrow")
            for _, passed in scene.each(self._instants, lambda at: self._told[at].passed[place]):
                scene.text((right + GAP / 2, TOP - 10), passed, "said-strong", align="middle")
        self._draw_ways_out(place, stage)

    def _draw_ways_out(self, place: int, stage: Station) -> None:
        """What failed goes down to the error output; what is dropped or lost goes up, for good."""
        scene, x, lost = self._scene, self._middle(place), stage.id == "destination"
        for _, failed in scene.each(self._instants, lambda at: self._told[at].failed(stage.id)):
            if failed:
                self._arrow(x, TOP + TALL + 2, OUTPUT - 2, "way-bad")
                beside, align = (x + -8, "end") if lost else (x + 8, "start")  # room inside
                scene.text((beside, TOP + TALL + 18), failed, "said-bad", align=align)
        for _, gone in scene.each(self._instants, lambda at: self._told[at].gone(stage.id)):
            if gone:
                self._arrow(x, TOP - 2, TOP - 20, "way-bad" if lost else "step")
                role = "said-bad" if lost else "said-strong"
                scene.text((x, TOP - 32), gone, role, align="middle")

    def _arrow(self, x: X, y: float, end: float, role: str) -> None:
        self._scene.line([(x, y), (x, end)], role, end="arrow")

    def _draw_output(self) -> None:
        """The error output under the stages, and the raw copy where there is one."""
        scene, low = self._scene, OUTPUT + DEEP
        for _, clean in scene.each(self._instants, lambda at: self._told[at].clean):
            role, data = "stage-off" if clean else "output", {"output": "errors"}
            scene.box((self._x(1), OUTPUT), (scene.edge + -1, low), role, r=6, data=data)
        for _, (head, kinds) in scene.each(self._instants, lambda at: self._told[at].output):
            scene.text((self._x(1, 10), OUTPUT + 15), head, "said-strong")
            scene.text((self._x(1, 10), OUTPUT + 32), kinds, "said-small")
        if self._backup:
            self._arrow(self._middle(0), TOP + TALL + 2, OUTPUT - 2, "way-copy")
            ends = (self._x(0), OUTPUT), (self._x(1, -GAP), low)
            scene.box(*ends, "copy", r=6, data={"output": "copy"})
            for _, copied in scene.each(self._instants, lambda at: self._told[at].copied):
                scene.text((self._x(0, 8), OUTPUT + 15), copied, "said-strong")
            scene.text((self._x(0, 8), OUTPUT + 32), self._words.say("backup"), "said-small")

    # --- time ---------------------------------------------------------------------------------

    def _draw_strip(self) -> None:
        """Tries of the destination, as high as the age of the oldest record, and error objects."""
        scene, tries = self._scene, self._tries[-MOST_TRIES:]
        top = _round_up(max([tried.at - tried.oldest for tried in tries] + [MINUTE]))
        scene.text((X(1), STRIP - 18), self._words.say("strip.title"), "said-quiet")
        for part, role in ((0, "axis"), (0.5, "grid"), (1, "grid")):
            y = BOTTOM - (HIGH - 6) * part
            scene.line([(scene.x(0), y), (scene.x(1), y)], role)
            label = duration(round(top * part)) if part else ""
            scene.text((scene.x(0) + -8, y), label, "said-small", align="end")
        for tried in tries:
            y = BOTTOM - (HIGH - 6) * (tried.at - tried.oldest) / top
            self._draw_try(tried, y)
        for each in self.objects:
            x = scene.x(self._axis.place(each.at))
            with scene.during(None, each.at):
                _square(scene, x, BOTTOM, "object-later")
            with scene.during(each.at, None):
                _square(scene, x, BOTTOM, "object")
        for tick in ticks(self._axis, Times(self._axis, self._words)):
            align = {0.0: "start", 1.0: "end"}.get(tick.place, "middle")
            said = f"… {tick.label} …" if tick.quiet else tick.label
            place = scene.x(tick.place), BOTTOM + 17
            scene.text(place, said, "said-small", align=align, row="ticks")
        for at, _ in scene.each(self._instants, int):
            x = scene.x(self._axis.place(at))
            scene.line([(x, STRIP - 4), (x, BOTTOM + 5)], "now")

    def _draw_try(self, tried: DeliveryTried, y: float) -> None:
        """Pale before its time."""
        scene, x = self._scene, self._scene.x(self._axis.place(tried.at))
        for life, later in (((None, tried.at), True), ((tried.at, None), False)):
            with scene.during(*life):
                stem = "stem-bad" if tried.code else "stem-good"
                scene.line([(x, BOTTOM), (x, y)], "stem-later" if later else stem)
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
