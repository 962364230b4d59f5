"""A job's memory as a scene: its position over time, checkpoints, a crash, and both sinks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kinesis_sim.instants import SECOND
from kinesis_sim.show.checkpoints.fold import SINKS, JobLife
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.page import Control, Frame, Page, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import full, squeezed
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.ride_job import Second

WIDE = 640
TOP, CHART, STATE, LANE, GAP = 40, 150, 34, 30, 14
"""px: above the chart; of the chart, of the state, of a sink's lane, between two of them."""
HUES = {"live": theme.OKABE_ITO["blue"], "books": theme.OKABE_ITO["green"]}
ROOM = 30 * SECOND
DASH = 12  # seconds to a dashed stroke
INWARDS = 0.96  # of a lane: from there on its dots would stand beyond its end


def _checkpoint_sign() -> Scene:
    """As in the picture: a dot on a dashed line from top to bottom."""
    scene, x = Scene(), X(26)
    scene.height = 14
    scene.line([(x, -3), (x, 17)], "oldest")
    scene.dot((x, 7), 4.5, "change")
    return scene


class Picture:
    """The last seconds of a job, with all that they say."""

    def __init__(self, life: JobLife, words: Words) -> None:
        self._life, self._words = life, words
        self._begin = life.seconds[0].at
        end = max(life.seconds[-1].at, self._begin + ROOM)
        self._axis = squeezed((self._begin, end))
        reads = [s.read for s in life.seconds if s.read is not None]
        self._low = min([*reads, *(s.put for s in life.seconds)])
        self._high = max(life.seconds[-1].put, self._low + 10)

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture as a page."""
        say, seconds = self._words.say, self._life.seconds
        frames = [Frame(self._at(s.at), full(s.at), self._notice(s)) for s in _last(seconds)]
        return Page(
            title=say("title"),
            subtitle=say("subtitle"),
            scenes=[self._scene(wide=False), self._scene(wide=True)],
            frames=frames,
            legend=[
                (sign("line", "step-taken"), say("legend.read")),
                (sign("line", "ahead"), say("legend.put")),
                (_checkpoint_sign(), say("legend.checkpoint")),
                (sign("dot", "record", hue=HUES["live"]), say("legend.count")),
                (sign("dot", "refused"), say("legend.again")),
            ],
            summary=say(
                "summary", notice=frames[-1].notice, checkpoints=len(self._life.checkpoints),
                **{sink: self._tally(sink, seconds[-1].at) for sink in SINKS},
            ),
            controls=controls,
        )  # fmt: skip

    def _at(self, instant: int) -> int:
        return instant - self._begin

    def _tally(self, sink: str, at: int) -> str:
        count, again = self._life.until(sink, at)
        return self._words.say("tally", count=count, again=again)

    # --- what to notice -------------------------------------------------------------------------

    def _notice(self, second: Second) -> str:
        say = self._words.say
        fall = next((f for f in reversed(self._life.falls) if f.at <= second.at), None)
        if second.read is None:
            return say("notice.stands", waiting=second.put - self._last_read(second))
        if fall is not None and second.at - fall.at < 4 * SECOND:
            return say("notice.crash", lost=fall.lost, back=fall.back, rides=fall.lost - fall.back)
        if fall is not None and second.at - fall.at < ROOM:
            again = self._life.until("live", second.at)[1]
            files = self._life.until("books", second.at)[1]
            return say("notice.again", again=again, files=files)
        if second.checkpoint is None:
            return say("notice.none", read=second.read)
        kept = [one.read for one in self._life.checkpoints if one.at <= second.at]
        risk = second.read - (kept[-1] if kept else 0)
        ago = (second.at - second.checkpoint) // SECOND
        return say("notice.plain", ago=ago, risk=risk, state=second.state)

    def _last_read(self, second: Second) -> int:
        found = [s.read for s in self._life.seconds if s.at <= second.at and s.read is not None]
        return found[-1] if found else second.put

    # --- the scene ------------------------------------------------------------------------------

    def _scene(self, *, wide: bool) -> Scene:
        scene = Scene(132, 150, least=WIDE) if wide else Scene(14, 14)
        bottom = TOP + CHART
        self._draw_chart(scene, bottom, wide=wide)
        y = bottom + GAP + (0 if wide else 14)
        self._draw_state(scene, y, wide=wide)
        y += STATE + GAP
        for sink in SINKS:
            y += 0 if wide else 16
            self._draw_sink(scene, sink, y, wide=wide)
            y += LANE + GAP
        marks.time_axis(scene, y, self._axis, self._words)
        scene.height = y + 26
        return scene

    def _x(self, scene: Scene, instant: int) -> X:
        return scene.x(self._axis.place(instant))

    def _y(self, rides: int, bottom: float) -> float:
        return bottom - (CHART - 8) * (rides - self._low) / (self._high - self._low)

    def _draw_chart(self, scene: Scene, bottom: float, *, wide: bool) -> None:
        """Rides in the stream and rides counted in, over time; checkpoints and crashes on it."""
        place = (X(0), TOP + 10) if wide else (scene.x(0), TOP - 26)
        scene.text(place, self._words.say("chart"), "name")
        scene.line([(scene.x(0), bottom), (scene.x(1), bottom)], "grid")
        self._draw_lines(scene, bottom)
        for kept in self._life.checkpoints:
            x = self._x(scene, kept.at)
            with scene.during(self._at(kept.at), None):
                scene.line([(x, TOP), (x, bottom + GAP + STATE)], "oldest")
                point = (x, self._y(kept.read, bottom))
                scene.dot(point, 5, "change", data={"checkpoint": str(kept.read)})
                said = self._words.say("checkpoint")
                scene.text((x, TOP - 8), said, "said-quiet", align="middle", row="top")
        self._draw_falls(scene, bottom)

    def _draw_lines(self, scene: Scene, bottom: float) -> None:
        """Rides in the stream, in steps long enough for dashes, and the job's position."""
        seconds = self._life.seconds
        for one, other in pairwise([*seconds[:-1:DASH], seconds[-1]]):
            with scene.during(self._at(other.at), None):
                ends = [(self._x(scene, s.at), self._y(s.put, bottom)) for s in (one, other)]
                scene.line(ends, "ahead")
        for one, other in pairwise(seconds):
            if one.read is not None and other.read is not None and one.at < other.at:
                with scene.during(self._at(other.at), None):
                    places = ((one.at, one.read), (other.at, other.read))
                    ends = [(self._x(scene, at), self._y(read, bottom)) for at, read in places]
                    scene.line(ends, "step-taken")

    def _draw_falls(self, scene: Scene, bottom: float) -> None:
        for fall in self._life.falls:
            x = self._x(scene, fall.at)
            with scene.during(self._at(fall.at), None):
                points = [(x, self._y(fall.lost, bottom)), (x, self._y(fall.back, bottom))]
                scene.line(points, "message-lost", end="arrow", data={"fall": str(fall.back)})
                marks.lost(scene, points[0])
        for at, what in self._life.notes:
            with scene.during(self._at(at), None):
                said = self._words.say(f"note.{what}")
                role = "said-bad" if what in ("crash", "force") else "said-strong"
                scene.text((self._x(scene, at), TOP - 24), said, role, align="middle", row="notes")

    def _draw_state(self, scene: Scene, y: float, *, wide: bool) -> None:
        """Windows that are open, as bars."""
        place = (X(0), y + STATE / 2) if wide else (scene.x(0), y - 8)
        scene.text(place, self._words.say("state"), "name")
        top = max([s.state for s in self._life.seconds] or [1]) or 1
        for one, other in pairwise(self._life.seconds):
            high = (STATE - 4) * one.state / top
            if one.state and one.at < other.at:
                with scene.during(self._at(other.at), None):
                    corners = (
                        (self._x(scene, one.at), y + STATE - high),
                        (self._x(scene, other.at), y + STATE),
                    )
                    scene.box(*corners, "load")
        scene.line([(scene.x(0), y + STATE), (scene.x(1), y + STATE)], "grid")

    def _aside(self, instant: int, column: int) -> int:
        """px by which dots of one instant stand beside one another; at the lane's end inwards."""
        return -5 * (column + 1) if self._axis.place(instant) > INWARDS else 5 * column

    def _draw_sink(self, scene: Scene, sink: str, y: float, *, wide: bool) -> None:
        hue, say = HUES[sink], self._words.say
        place = (X(0), y + LANE / 2) if wide else (scene.x(0), y - 9)
        scene.text(place, say(f"sink.{sink}"), "name")
        scene.box((scene.x(0), y), (scene.x(1), y + LANE), "lane", hue=hue, r=4)
        lined: dict[int, int] = {}
        for one in self._life.outputs[sink]:
            place_of = lined[one.at] = lined.get(one.at, -1) + 1
            x = self._x(scene, one.at) + self._aside(one.at, place_of // 3)
            point = (x, y + 7 + 8 * (place_of % 3))
            role = "refused" if one.again else "record"
            data = {"sink": sink, "again": str(one.again)}
            with scene.during(self._at(one.at), None):
                scene.dot(point, 4, role, hue=hue, tip=one.window[11:19], data=data)
        for second, until in _spans(self._life.seconds):
            with scene.during(self._at(second.at), until and self._at(until)):
                said = self._tally(sink, second.at)
                role = "said-bad" if self._life.until(sink, second.at)[1] else "said"
                if wide:
                    scene.text((scene.x(1) + 10, y + LANE / 2), said, role)
                else:
                    scene.text((scene.x(1), y - 9), said, role, align="end")


def _last(seconds: Sequence[Second]) -> list[Second]:
    """The last that was seen at each instant."""
    return list({second.at: second for second in seconds}.values())


def _spans(seconds: Sequence[Second]) -> Iterator[tuple[Second, int | None]]:
    """Each second with the instant that the next one begins at."""
    rows = _last(seconds)
    for second, following in zip(rows, [*rows[1:], None], strict=True):
        yield second, None if following is None else following.at
