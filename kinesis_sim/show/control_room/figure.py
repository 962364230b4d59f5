"""The control room as a figure: the last minute of a scene, for where nothing can move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.page import PAPER
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words

Json = dict[str, Any]
WIDTH, TOP, LEFT, RIGHT = PAPER, 124, 120, 318
SENDERS, READERS, NODE, TALL = 8, 496, 96, 54
CHART, TRACK, STEP, LIMIT = 36, 14, 96, 0.7
"""LIMIT: the part of a chart's height at which the shard's limit is."""
SHOWN = 60


def figure(rows: Sequence[Json], head: Json, words: Words) -> Sheet:
    """The room after the last of the rows."""
    return _Room(rows, head, words).draw()


class _Room:
    def __init__(self, rows: Sequence[Json], head: Json, words: Words) -> None:
        self._rows, self._last, self._head, self._words = rows, rows[-1], head, words
        self._bottom = TOP + STEP * len(self._last["shards"])
        self._notice = wrapped(self._last["notice"], WIDTH - 56, 12.5)
        self._paper = Paper(WIDTH, round(self._bottom + 40 + 19 * (len(self._notice) + 1)))
        self._wide = (RIGHT - LEFT) / SHOWN

    def draw(self) -> Sheet:
        """Everything, from the back to the front."""
        paper, said = self._paper, self._words.say
        paper.text(24, 30, self._head["title"], size=18, bold=True)
        paper.text(WIDTH - 24, 30, self._last["time"], size=13, align="right")
        below = self._draw_subtitle(54)
        paper.text(WIDTH - 24, below, self._head["cost"], size=12, color=theme.QUIET, align="right")
        for x, key in ((SENDERS, "senders"), (LEFT, "shards"), (RIGHT + 12, "lag")):
            paper.text(x, TOP - 22, said(f"column.{key}"), size=12, color=theme.QUIET)
        paper.text(READERS, TOP - 22, said("column.readers"), size=12, color=theme.QUIET)
        self._draw_links()
        for place, shard in enumerate(self._last["shards"]):
            self._draw_lane(shard, TOP + STEP * place)
        for place, node in enumerate(self._last["senders"]):
            lines = [node["said"], *filter(None, (node["bad"], node["lost"]))]
            self._draw_node(node["name"], lines, SENDERS, self._node_y("senders", place))
        for place, node in enumerate(self._last["readers"]):
            y = self._node_y("readers", place)
            lines = [node["said"], *filter(None, (node.get("bad"),))]
            self._draw_node(node["name"], lines, READERS, y, alive=node["alive"])
        paper.notice(28, self._bottom + 22, self._notice, title=said("notice.title"))
        paper.figure.summary = f"{self._head['title']} {self._last['time']}: {self._last['notice']}"
        return paper.figure

    def _draw_subtitle(self, y: float) -> float:
        """In as many lines as it takes; where the next line belongs."""
        lines = wrapped(self._head["subtitle"], WIDTH - 48, 12)
        for row, line in enumerate(lines):
            self._paper.text(24, y + 16 * row, line, size=12, color=theme.QUIET)
        return y + 2 + 16 * len(lines)

    def _node_y(self, kind: str, place: int) -> float:
        gap = (self._bottom - TOP) / len(self._last[kind])
        return TOP + gap * (place + 0.5) - TALL / 2 - 5

    def _draw_links(self) -> None:
        shards = self._last["shards"]
        tops = {shard["shard"]: TOP + STEP * place for place, shard in enumerate(shards)}
        for place, sender in enumerate(self._last["senders"]):
            y = self._node_y("senders", place) + TALL / 2
            for shard in sender["to"]:
                if sender["rate"]:
                    ends = [(SENDERS + NODE, y), (LEFT, tops[shard] + 36)]
                    self._paper.line(ends, color=theme.LINE, z=1)
        names = [reader["name"] for reader in self._last["readers"]]
        for shard in shards:
            for row, track in enumerate(shard["tracks"]):
                if track["to"] in names:
                    y = self._node_y("readers", names.index(track["to"])) + TALL / 2
                    start = (RIGHT + 118, tops[shard["shard"]] + 16 + CHART + 11 + TRACK * row)
                    self._paper.line([start, (READERS, y)], color=shard["hue"], z=1)

    def _draw_node(
        self, name: str, lines: Sequence[str], x: float, y: float, *, alive: bool = True
    ) -> None:
        paper, edge = self._paper, theme.QUIET if alive else theme.TROUBLE
        tall = TALL + 15 * max(0, len(lines) - 2)
        paper.box(x, y, NODE, tall, edge=edge, face=theme.PAPER, dashed=not alive)
        paper.text(x + 8, y + 13, name, size=12.5, bold=True)
        for row, line in enumerate(lines):
            color = theme.QUIET if row == 0 and alive else theme.TEXT_ON_LIGHT["bad"]
            paper.text(x + 8, y + 29 + 15 * row, line, size=11, color=color)

    def _draw_lane(self, shard: Json, y: float) -> None:
        paper, hue = self._paper, shard["hue"]
        paper.text(LEFT, y + 6, shard["name"], size=12.5, bold=True)
        self._draw_trouble(shard, y + 6)
        top = y + 16
        paper.box(LEFT, top, RIGHT - LEFT, CHART, edge=hue, radius=3, line=1.2)
        for place, row in enumerate(reversed(self._rows[-SHOWN:]), 1):
            found = [each for each in row["shards"] if each["shard"] == shard["shard"]]
            if found:
                self._draw_bar(found[0], RIGHT - place * self._wide, top + CHART)
        level = top + CHART * (1 - LIMIT)
        paper.line([(LEFT, level), (RIGHT, level)], dashed=True, width=1.2, z=4)
        paper.line([(RIGHT, top), (RIGHT, top + CHART + 32)], width=2, z=5)
        for place, track in enumerate(shard["tracks"]):
            self._draw_track(track, top + CHART + 11 + TRACK * place, hue)

    def _draw_trouble(self, shard: Json, y: float) -> None:
        """How full the shard is, and what it refuses: the second alone where both have no room."""
        bad, said = shard["bad"], shard["said"]
        begin = LEFT + text_width(shard["name"], 12.5, bold=True) + 8
        end = begin + text_width(bad, 12, bold=True) + 8
        color = theme.TEXT_ON_LIGHT["bad"]
        self._paper.text(begin, y, bad, size=12, color=color, bold=True)
        if not bad or end + text_width(said, 12) <= RIGHT:
            self._paper.text(RIGHT, y, said, size=12, color=theme.QUIET, align="right")

    def _draw_bar(self, shard: Json, x: float, bottom: float) -> None:
        stored = CHART * LIMIT * min(shard["full"], 1.0)
        self._paper.shade(x, bottom - stored, self._wide - 0.8, stored, shard["hue"], 0.75)
        refused = min(CHART * LIMIT * shard["refused"], CHART - stored)
        if refused:
            height = max(refused, 3)
            self._paper.hatched(
                x, bottom - stored - height, self._wide - 0.8, height, color=theme.TROUBLE
            )

    def _draw_track(self, track: Json, y: float, hue: str) -> None:
        paper, back = self._paper, min(track["lag"] / 1000, SHOWN) * self._wide
        x = max(RIGHT - back, LEFT + 4)
        paper.line([(x, y), (RIGHT, y)], color=hue, width=4, z=3)
        paper.line([(x - 4, y - 4), (x - 4, y + 4), (x + 3, y), (x - 4, y - 4)], width=2.4, z=4)
        color = theme.TEXT_ON_LIGHT["bad"] if track["bad"] else theme.INK
        said = track["trouble"] or track["name"]
        paper.text(RIGHT + 12, y, said, size=11.5, color=color, bold=track["bad"])
        paper.text(RIGHT + 114, y, track["said"], size=11.5, align="right")
