"""Tables of states as a scene: states in a row, what leads on above, what leads back below.

The tables are those that the code follows, so a diagram cannot differ from the simulator. On a
narrow page, and where there are more states than fit, each stands beside the list of its steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from kinesis_sim.show.kit.page import Frame, Page, sign
from kinesis_sim.show.kit.paper import text_width
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import full
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.states.fold import Stop, Table

WIDE = 700  # px: narrower, steps are lists
TALL, LEVEL, PORT = 40, 30, 13
"""px: of a state, between two steps above each other, between two steps at one edge of a state."""
HALF = 36  # px: at least half a state's box


@dataclass(frozen=True, slots=True)
class Step:
    """One transition. start, end: the states' places in the table."""

    start: int
    end: int
    why: str

    @property
    def on(self) -> bool:
        """Whether it leads on, to a state further right."""
        return self.end > self.start


class Diagram:
    """A table, and the way that something took through it, if any."""

    def __init__(self, table: Table, words: Words, way: Sequence[Stop] = ()) -> None:
        self._table, self._words, self._way = table, words, way
        names = [str(state.value) for state in table.states]
        ways = [(str(s.value), why, "" if to is None else str(to.value)) for s, why, to in table]
        self._states = [*names, ""] if any(to == "" for _, _, to in ways) else names
        widest = max(text_width(self._name(n), 12.5) for n in range(len(self._states)))
        self._half = max(HALF, 0.57 * widest + 8)  # bold letters are wider
        index = self._states.index
        self._steps = [Step(index(start), index(to), why) for start, why, to in ways]
        self._taken = {
            (before.state, stop.state): n
            for n, (before, stop) in reversed(list(enumerate(pairwise(way), 1)))
        }

    def page(self, name: str = "") -> Page:
        """The diagram with what it says; name: of what took the way."""
        say, title = self._words.say, self._words.say(f"title.{self._table.name}")
        steps = "; ".join(
            f"{self._name(step.start)} → {self._name(step.end)} ({self._said(step)})"
            for step in self._steps
        )
        frames = [self._frame(n, name) for n in range(len(self._way))] or [
            Frame(0, "", say("notice.table"))
        ]
        told = f" {frames[-1].notice}" if self._way else ""
        legend = [
            (sign("box", "state-here"), say("legend.here")),
            (sign("line", "step-taken"), say("legend.taken")),
        ]
        return Page(
            title=title,
            subtitle=name,
            scenes=[self._listed(), self._drawn()] if self._fits else [self._listed()],
            frames=frames,
            legend=legend if self._way else [],
            summary=f"{title}: {steps}.{told}",
        )

    @property
    def _fits(self) -> bool:
        """Whether the states fit beside each other; else steps are lists on a wide page too."""
        return 2 * self._half * len(self._states) <= WIDE

    def _frame(self, n: int, name: str) -> Frame:
        """What to notice after the n-th change: where it is, since when, and how it came there."""
        stop, say = self._way[n], self._words.say
        been = " → ".join(each.state or say("gone") for each in self._way[: n + 1])
        state = stop.state or say("gone")
        time = full(stop.at)
        notice = say("notice.here", name=name, state=state, time=time, way=been)
        index = self._states.index(stop.state)
        ways = [self._said(step) for step in self._steps if step.start == index]
        if ways:
            notice += " " + say("notice.ways", ways=", ".join(ways))
        return Frame(n, time, notice)

    def _name(self, state: int) -> str:
        return self._states[state] or self._words.say("gone")

    def _said(self, step: Step) -> str:
        return self._words.say(f"why.{step.why}")

    # --- states -------------------------------------------------------------------------------

    def _draw_state(self, scene: Scene, state: int, middle: X, y: float, half: float) -> None:
        """A box; filled while it is the present state."""
        name, gone = self._name(state), not self._states[state]
        plain, named = ("state-gone", "name-gone") if gone else ("state", "name")
        corners = ((middle + -half, y), (middle + half, y + TALL))
        scene.box(*corners, plain, r=6, data={"state": name})
        here = [stop.state == self._states[state] for stop in self._way] or [False]
        for present, run in groupby(enumerate(here), lambda each: each[1]):
            places = [n for n, _ in run]
            with scene.during(places[0], places[-1] + 1 if places[-1] + 1 < len(here) else None):
                if present:
                    scene.box(*corners, "state-here", r=6, data={"here": name})
                role = "name-here" if present else named
                scene.text((middle, y + TALL / 2), name, role, align="middle")

    def _since(self, step: Step) -> int | None:
        """From which change on a step was taken."""
        return self._taken.get((self._states[step.start], self._states[step.end]))

    # --- narrow -------------------------------------------------------------------------------

    def _listed(self) -> Scene:
        scene, y = Scene(9, 9), 4.0
        for state in range(len(self._states)):
            self._draw_state(scene, state, X(self._half + 2), y, self._half)
            steps = [step for step in self._steps if step.start == state]
            for row, step in enumerate(steps):
                self._list(scene, step, y + TALL / 2 + 18 * row)
            y += max(TALL, 18 * len(steps) + 12) + 14
        scene.height = y
        return scene

    def _list(self, scene: Scene, step: Step, y: float) -> None:
        since, said = self._since(step), f"{self._said(step)} → {self._name(step.end)}"
        for role, text, start, end in (
            ("step", "said", None, since),
            ("step-taken", "said-strong", since, None),
        ):
            if start is not None or role == "step":
                with scene.during(start, end):
                    left = X(2 * self._half + 2)
                    scene.line([(left + 4, y), (left + 22, y)], role, end="arrow")
                    scene.text((left + 30, y), said, text)

    # --- wide ---------------------------------------------------------------------------------

    def _drawn(self) -> Scene:
        scene = Scene(9, 9, least=WIDE)
        levels, slot = self._levels(), WIDE / len(self._states)
        half = min(self._half, slot / 2 - 4)
        above = max((level for step, level in levels.items() if step.on), default=0)
        below = max((level for step, level in levels.items() if not step.on), default=0)
        top = 16.0 + LEVEL * above
        scene.height = top + TALL + LEVEL * below + 16
        for state in range(len(self._states)):
            self._draw_state(scene, state, self._middle(state), top, half)
        shifts = self._shifts()
        lines = {step: self._line(step, level, top, shifts[step]) for step, level in levels.items()}
        for step, points in lines.items():
            self._draw_step(scene, step, points)
        for step, points in lines.items():
            self._label(scene, step, points)
        return scene

    def _middle(self, state: int) -> X:
        return X(0, (state + 0.5) / len(self._states))

    def _levels(self) -> dict[Step, int]:
        """How far from the states each step runs: short ones near, none over another's words."""
        slot = (WIDE + 40) / len(self._states)
        taken: dict[tuple[bool, int], list[tuple[float, float]]] = defaultdict(list)
        levels = {}
        for step in sorted(self._steps, key=lambda step: abs(step.end - step.start)):
            middle = slot * (step.start + step.end) / 2
            half = max(abs(step.end - step.start) * slot, text_width(self._said(step), 11.5)) / 2
            level = 1
            while any(
                middle - half < end and begin < middle + half
                for begin, end in taken[step.on, level]
            ):
                level += 1
            taken[step.on, level].append((middle - half + 16, middle + half - 16))
            levels[step] = level
        return levels

    def _shifts(self) -> dict[Step, tuple[float, float]]:
        """Where at its states' edges a step leaves and arrives, px from their middles."""
        ends: dict[tuple[int, bool], list[tuple[int, Step, int]]] = defaultdict(list)
        for step in self._steps:
            ends[step.start, step.on].append((step.end - step.start, step, 0))
            ends[step.end, step.on].append((step.start - step.end, step, 1))
        found: dict[Step, list[float]] = {step: [0, 0] for step in self._steps}
        for at in ends.values():
            # The nearest outermost: a step from further off comes down inside of it.
            ordered = sorted(at, key=lambda end: (end[0] > 0, -end[0]))
            for place, (_, step, side) in enumerate(ordered):
                found[step][side] = PORT * (place - (len(at) - 1) / 2)
        return {step: (start, end) for step, (start, end) in found.items()}

    def _line(self, step: Step, level: int, top: float, shift: tuple[float, float]) -> list[Point]:
        """From one state's edge to the other's, above the states or below them."""
        edge = top if step.on else top + TALL
        low = edge - LEVEL * level if step.on else edge + LEVEL * level
        start, end = self._middle(step.start) + shift[0], self._middle(step.end) + shift[1]
        return [(start, edge), (start, low), (end, low), (end, edge)]

    def _draw_step(self, scene: Scene, step: Step, points: list[Point]) -> None:
        data, since = {"step": step.why}, self._since(step)
        scene.line(points, "step", end="arrow", data=data)
        if since is not None:
            with scene.during(since, None):
                scene.line(points, "step-taken", end="arrow", data=data)

    def _label(self, scene: Scene, step: Step, points: list[Point]) -> None:
        """What a step is called, in a gap of its line."""
        (start, _), (end, low) = points[1:3]
        middle, said = X((start.px + end.px) / 2, (start.share + end.share) / 2), self._said(step)
        room = text_width(said, 11.5) / 2 + 3
        scene.box((middle + -room, low - 8), (middle + room, low + 8), "gap")
        scene.text((middle, low), said, align="middle")
