"""Tables of states as diagrams: states in a row, what leads on above, what leads further below.

The tables are those that the code follows, so a diagram cannot differ from the simulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.paper import Paper, text_width
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words
from kinesis_sim.streams.states import SHARD, STREAM

Table = Mapping[Any, Mapping[str, Any]]
TABLES: dict[str, Table] = {"stream": STREAM.transitions, "shard": SHARD.transitions}
TOP, TALL, WIDE, DEEP = 84, 46, 96, 34
SMALL = 11.5


def figure(of: str, words: Words) -> Sheet:
    """The diagram of TABLES[of]."""
    return StateDiagram(TABLES[of], words.say(f"title.{of}"), words).draw()


class StateDiagram:
    """One table of states, drawn. Lengths in px."""

    def __init__(self, table: Table, title: str, words: Words) -> None:
        self._words, self._title = words, title
        self._states: list[Enum | None] = list(table)
        self._steps = [(s, to, why) for s, row in table.items() for why, to in row.items()]
        if any(to is None for _, to, _ in self._steps):
            self._states.append(None)
        self._lefts = [28.0]
        for index in range(1, len(self._states)):
            self._lefts.append(self._lefts[-1] + WIDE + self._gap(index))
        width = self._lefts[-1] + WIDE + 28
        depth = max((self._span(step) for step in self._steps), default=1) - 1
        self._paper = Paper(round(width), TOP + TALL + 36 + DEEP * max(depth, 0))

    def draw(self) -> Sheet:
        """States, then steps."""
        self._paper.figure.summary = self._summary()
        self._paper.text(28, 34, self._title, size=16, bold=True)
        for state in self._states:
            self._draw_state(state)
        for step in self._steps:
            self._draw_step(*step)
        return self._paper.figure

    def _say(self, why: str) -> str:
        return self._words.say(f"why.{why}")

    def _name(self, state: Enum | None) -> str:
        return self._words.say("gone") if state is None else str(state.value)

    def _span(self, step: tuple[Enum, Enum | None, str]) -> int:
        return self._states.index(step[1]) - self._states.index(step[0])

    def _gap(self, index: int) -> float:
        """The room between a state and the one before it: what the steps there have to say."""
        pair = {self._states[index - 1], self._states[index]}
        said = [self._say(why) for state, to, why in self._steps if {state, to} == pair]
        return max((text_width(text, SMALL) for text in said), default=0) + 18

    def _left(self, state: Enum | None) -> float:
        return self._lefts[self._states.index(state)]

    def _draw_state(self, state: Enum | None) -> None:
        x, gone = self._left(state), state is None
        edge = theme.QUIET if gone else theme.SHARD_HUES[0]
        face = theme.PAPER if gone else "#E8F1F8"
        self._paper.box(x, TOP, WIDE, TALL, edge=edge, face=face, dashed=gone)
        middle, name = x + WIDE / 2, self._name(state)
        self._paper.text(middle, TOP + TALL / 2, name, size=13, bold=not gone, align="center")

    def _draw_step(self, state: Enum, to: Enum | None, why: str) -> None:
        span = self._span((state, to, why))
        if abs(span) == 1:
            self._draw_next(state, to, why, span)
        else:
            self._draw_far(state, to, why, span)

    def _draw_next(self, state: Enum, to: Enum | None, why: str, span: int) -> None:
        back = any((other, target) == (to, state) for other, target, _ in self._steps)
        shift = -span * 9 if back else 0
        y = TOP + TALL / 2 + shift
        start = self._left(state) + (WIDE if span > 0 else 0)
        end = self._left(to) + (0 if span > 0 else WIDE)
        self._paper.arrow([(start, y), (end, y)])
        above = y - 11 if span > 0 else y + 12
        label = self._say(why)
        self._paper.text((start + end) / 2, above, label, size=SMALL, align="center")

    def _draw_far(self, state: Enum, to: Enum | None, why: str, span: int) -> None:
        """Under the row, the further the deeper; arrows into one state end side by side."""
        y, low = TOP + TALL, TOP + TALL + DEEP * (abs(span) - 1) + 2
        x0 = self._left(state) + WIDE / 2
        x1 = self._left(to) + WIDE / 2 + 16 * (abs(span) - 2.5)
        self._paper.arrow([(x0, y), (x0, low), (x1, low), (x1, y + 1)])
        label, middle = self._say(why), (x0 + x1) / 2
        self._paper.text(middle, low + 12, label, size=SMALL, align="center", halo=True)

    def _summary(self) -> str:
        steps = [
            f"{self._name(state)} → {self._name(to)} ({self._say(why)})"
            for state, to, why in self._steps
        ]
        return f"{self._title}: {'; '.join(steps)}."
