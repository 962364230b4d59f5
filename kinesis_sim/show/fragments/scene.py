"""Fragments on two clocks as a scene: when each was filmed, when it came, how it was answered.

A frame per instant at which something happened; a mark lives as long as what it says is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kinesis_sim.instants import SECOND
from kinesis_sim.show.fragments.fold import Footage, Shot, thinned
from kinesis_sim.show.fragments.words import Told
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.page import Control, Frame, Page, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import full, since, squeezed
from kinesis_sim.show.kit.words import Words

HUE, DONE = theme.OKABE_ITO["blue"], theme.OKABE_ITO["green"]
MOST_SHOTS, MOST_FRAMES = 60, 90
TOP, TALL, LINKS, ROW = 36, 22, 42, 21
"""px: above the lanes; of a lane; between the two; of a row of acknowledgements."""
WIDE = 640  # px: narrower, a lane's name stands on its far side from the lines that join both
NAMED = 17  # px that a name above or below its lane takes
LEGEND = {"stored": "", "held": "held", "waiting": "waiting", "gone": "gone", "failed": "failed"}
"""States in the order of the legend, and how a fragment in one looks."""


class Picture:
    """A stream's fragments, at each instant at which something happened, up to ``end``."""

    def __init__(self, rows: Footage, words: Words, end: int | None = None) -> None:
        self._rows, self._words, self._told = rows, words, Told(rows, words)
        self._end = rows.now if end is None else end
        seen = [shot for shot in rows.shots if shot.began <= self._end]
        self._shots, self._hidden = seen[-MOST_SHOTS:], max(0, len(seen) - MOST_SHOTS)
        places = {self._end, *self._places()}
        first = min(places)
        self._axis = squeezed({*places, max(max(places), first + SECOND)})
        self._frames = self._instants()

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture with all that it says."""
        say, told, rows = self._words.say, self._told, self._rows
        title = say("title", stream=rows.stream)
        frames = [Frame(at - rows.begin, full(at), told.notice(at)) for at in self._frames]
        more = f"; {say('hidden', count=self._hidden)}" if self._hidden else ""
        more += since(rows.whole_from, rows.made, self._words)
        return Page(
            title=title,
            subtitle=f"{told.kept(self._end)}; {say('subtitle')}{more}",
            scenes=[self._scene(wide=False), self._scene(wide=True)],
            frames=frames,
            legend=list(self._legend()),
            summary=say(
                "summary", title=title, time=frames[-1].time, kept=told.kept(self._end),
                notice=frames[-1].notice,
            ),
            controls=controls,
            play_ms=6_000,
        )  # fmt: skip

    def _places(self) -> Iterator[int]:
        for shot in self._shots:
            yield from (shot.produced, shot.produced + shot.length)
            yield from (at for at in shot.times if at <= self._end)

    def _instants(self) -> list[int]:
        """What can be shown: the present last."""
        happened = {at for shot in self._shots for at in shot.times if at <= self._end}
        happened |= {each for each, _ in self._rows.retentions if self._axis.begin <= each}
        return thinned(sorted({each for each in happened if each <= self._end} | {self._end}),
                       MOST_FRAMES)  # fmt: skip

    def _legend(self) -> Iterator[tuple[Scene, str]]:
        present = {self._rows.state(shot, at) for shot in self._shots for at in self._frames}
        for state, look in LEGEND.items():
            if state in present or (state == "failed" and "lost" in present):
                role = f"fragment-{look}" if look else "fragment"
                yield sign("box", role, hue=HUE), self._words.say(f"legend.{state}")
        yield sign("line", "step"), self._words.say("legend.link")

    # --- the scene ----------------------------------------------------------------------------

    def _scene(self, *, wide: bool) -> Scene:
        scene = Scene(128, 16, least=WIDE) if wide else Scene(14, 14)
        up = 0 if wide else NAMED
        filmed = TOP + up
        came = filmed + TALL + LINKS
        answers = came + TALL + 16 + up
        kinds = ["BUFFERING", "RECEIVED", "PERSISTED"]
        bottom = answers + (ROW + up) * len(kinds) + 4
        self._behind(scene, came, bottom)
        for y in (filmed, came):
            left, right = scene.x(0) + -4, scene.x(1) + 4
            scene.box((left, y - 3), (right, y + TALL + 3), "lane", hue=HUE, r=5)
        for place, kind in enumerate(kinds):
            y = answers + (ROW + up) * place + up * (not wide)
            self._answers(scene, kind, y, wide=wide)
        for shot in self._shots:
            self._draw(scene, shot, filmed, came)
        for key, y, beside in (("producer", filmed, -13), ("server", came, TALL + 14)):
            said = self._words.say(f"lane.{key}")
            if wide:
                scene.text((X(), y + TALL / 2), said, "name")
            else:
                scene.text((X(), y + beside), said, "label")
        self._edge(scene, came, bottom)
        self._axis_line(scene, bottom)
        scene.height = bottom + 26
        return scene

    def _draw(self, scene: Scene, shot: Shot, filmed: float, came: float) -> None:
        """A fragment on both clocks, joined by a line, in the state that each frame finds it in."""
        end = shot.received if shot.received is not None else shot.lost
        spans = (
            (filmed, shot.produced, shot.produced + shot.length),
            (came, shot.began, max(end or self._end, shot.began)),
        )
        begin = self._rows.begin
        for _, state in scene.each(self._counted, lambda at: self._rows.state(shot, begin + at)):
            if not state:
                continue
            ends = [scene.x(self._axis.place(at)) for _, at, _ in spans]
            scene.line([(ends[0], filmed + TALL), (ends[1], came)], "step")
            for y, one, other in spans:
                self._box(scene, shot, state, y, (one, other))
            if state in ("lost", "failed"):
                x = scene.x(self._axis.place(shot.lost or 0))
                marks.lost(scene, (x, came + TALL / 2), tip=shot.error)

    def _box(self, scene: Scene, shot: Shot, state: str, y: float, span: tuple[int, int]) -> None:
        left, right = (scene.x(self._axis.place(at)) for at in span)
        if right.share - left.share < 0.008:
            right = left + 5
        tip = self._words.say(f"tip.{state}", number=shot.sequence or "–")
        look = {"stored": "", "lost": "failed"}.get(state, state)
        marks.fragment(scene, left, right, y, TALL, HUE, state=look, tip=tip)

    def _answers(self, scene: Scene, kind: str, y: float, *, wide: bool) -> None:
        """A row of acknowledgements: one dot a fragment, at the time when it left."""
        middle = y + ROW / 2
        if wide:
            scene.text((X(8), middle), kind, "said")
        else:
            scene.text((X(), y - 6), kind, "said")
        scene.line([(scene.x(0), middle), (scene.x(1), middle)], "grid")
        hue = DONE if kind == "PERSISTED" else HUE
        for shot in self._shots:
            at = {"BUFFERING": shot.began, "RECEIVED": shot.received}.get(kind, shot.persisted)
            if at is None or at > self._end or (kind == "BUFFERING" and shot.sequence is None):
                continue
            with scene.during(at - self._rows.begin, None):
                place = (scene.x(self._axis.place(at)), middle)
                scene.dot(place, 3.6, "record", hue=hue, data={"ack": kind})

    @property
    def _counted(self) -> list[int]:
        """The frames as the scene counts."""
        return [at - self._rows.begin for at in self._frames]

    def _edges(self, scene: Scene) -> Iterator[X]:
        """Before which place everything is gone, from frame to frame."""
        begin = self._rows.begin
        for _, edge in scene.each(self._counted, lambda at: self._rows.edge(begin + at)):
            if edge > self._axis.begin:
                yield scene.x(self._axis.place(edge))

    def _behind(self, scene: Scene, y: float, bottom: float) -> None:
        """What is gone lies on grey, by the service's time."""
        for x in self._edges(scene):
            scene.box((scene.x(0), y - 3), (x, bottom), "behind")

    def _edge(self, scene: Scene, y: float, bottom: float) -> None:
        said = self._words.say("edge")
        for x in self._edges(scene):
            scene.line([(x, y - 18), (x, bottom)], "oldest")
            scene.text((x + -6, y - 14), said, "label", align="end", row="edge")

    def _axis_line(self, scene: Scene, y: float) -> None:
        marks.time_axis(scene, y, self._axis, self._words)
        now = self._rows.now - self._rows.begin
        marks.present(
            scene, self._counted, lambda at: scene.x(self._axis.place(self._rows.begin + at)),
            (TOP - 10, y), lambda at: self._words.say("now" if at == now else "shown"),
        )  # fmt: skip
