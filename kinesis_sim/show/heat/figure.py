"""The heat map as a figure: a lane per shard, a column per stretch of time, refusals hatched."""

from __future__ import annotations

from kinesis_sim.show.heat.fold import Cell, HeatMap, Sums
from kinesis_sim.show.heat.notices import notice, percent, summary, takes
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.paper import Paper, text_width, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import Times, duration, squeezed, ticks
from kinesis_sim.show.kit.words import Words

WIDTH, TOP, LEFT, RIGHT, GAP = 600, 118, 108, 96, 1.5
APART = 14
"""px between two instants under the lanes."""
FAINTEST, FULLEST = 0.1, 1.0
"""The opacity of a shard's hue where it stored one record, and where it was full."""


def figure(heat: HeatMap, words: Words, said: str | None = None) -> Sheet:
    """The heat map with a notice: ``said``, or its own."""
    return Heat(heat, words, said).draw()


def opacity(full: float) -> float:
    """How strong a shard's hue is, from how full it was (0 to 1)."""
    return FAINTEST + (FULLEST - FAINTEST) * min(full, 1.0)


def lane_height(lanes: int) -> float:
    """Height of a lane in px: less as there are more of them."""
    return max(16.0, min(44.0, 320 / max(lanes, 1) - 8))


class Heat:
    """One drawing of a heat map. Lengths in px."""

    def __init__(self, heat: HeatMap, words: Words, said: str | None) -> None:
        self._heat, self._words = heat, words
        self._tall = lane_height(len(heat.shards))
        self._step = self._tall + 8
        self._bottom = TOP + self._step * max(len(heat.shards), 1)
        self._notice = wrapped(said or notice(heat, words), WIDTH - 56, 12.5)
        self._paper = Paper(WIDTH, round(self._bottom + 116 + 19 * (len(self._notice) + 1)))
        self._paper.figure.summary = summary(heat, words)
        self._wide = (WIDTH - LEFT - RIGHT) / heat.columns

    def draw(self) -> Sheet:
        """Everything, from the back to the front."""
        self._draw_head()
        for row, sums in enumerate(self._heat.sums):
            self._draw_lane(sums, TOP + row * self._step)
        tops = {shard: TOP + row * self._step for row, shard in enumerate(self._heat.shards)}
        for cell in self._heat.cells:
            self._draw_cell(cell, tops[cell.shard])
        self._draw_axis()
        self._draw_legend()
        title = self._words.say("notice.title")
        self._paper.notice(28, self._bottom + 100, self._notice, title=title)
        return self._paper.figure

    def _draw_head(self) -> None:
        paper, words = self._paper, self._words
        paper.text(28, 32, self._heat.stream, size=19, bold=True)
        paper.text(28, 54, takes(self._heat.limits, words), size=12, color=theme.QUIET)
        caption = words.say("caption", width=duration(self._heat.width))
        paper.text(28, TOP - 38, caption, size=12, color=theme.QUIET)
        refused = words.say("column.refused")
        paper.text(WIDTH - 28, TOP - 14, refused, size=12, color=theme.QUIET, align="right")

    def _draw_lane(self, sums: Sums, y: float) -> None:
        paper, words, hue = self._paper, self._words, theme.shard_hue(sums.shard)
        paper.box(
            LEFT - 2, y - 2, WIDTH - LEFT - RIGHT + 4, self._tall + 4, edge=hue, radius=4, line=1
        )
        middle, two = y + self._tall / 2, self._tall >= 30
        name = words.say("shard", number=sums.shard)
        up = 8 if two else 0
        paper.text(LEFT - 12, middle - up, name, size=12.5, bold=two, align="right")
        if two:
            said = words.say("quiet")
            if sums.fullest is not None:
                said = words.say("fullest", percent=percent(sums.fullest.full))
            paper.text(LEFT - 12, middle + 9, said, size=11.5, color=theme.QUIET, align="right")
        keys = [key for key, shard in self._heat.pins if shard == sums.shard]
        if keys:
            self._draw_keys(keys, y)
        count = words.number(sums.throttled)
        color = theme.TEXT_ON_LIGHT["bad"] if sums.throttled else theme.QUIET
        bold = sums.throttled > 0
        paper.text(WIDTH - 28, middle, count, size=12.5, color=color, align="right", bold=bold)

    def _draw_keys(self, keys: list[str], y: float) -> None:
        """Partition keys at the right end of their lane, as many as there is room for."""
        said, room = ", ".join(keys), (WIDTH - LEFT - RIGHT) / 2
        while len(keys) > 1 and text_width(said, 11.5) > room:
            keys = keys[:-1]
            said = f"{', '.join(keys)} …"
        x, middle = WIDTH - RIGHT - 8, y + self._tall / 2
        wide = text_width(said, 11.5) + 12
        self._paper.box(
            x - wide, middle - 9, wide, 18, edge=theme.INK, face=theme.PAPER, radius=4, line=1, z=4
        )
        self._paper.text(x - 6, middle, said, size=11.5, align="right")

    def _draw_cell(self, cell: Cell, y: float) -> None:
        x, wide = LEFT + cell.column * self._wide, self._wide - GAP
        high = self._tall * cell.refused
        if cell.records:
            hue, alpha = theme.shard_hue(cell.shard), opacity(cell.full / self._heat.top)
            self._paper.shade(x, y + high, wide, self._tall - high, hue, alpha)
        if cell.throttled:
            self._paper.hatched(x, y, wide, max(high, 5), color=theme.TROUBLE)

    def _draw_axis(self) -> None:
        paper, heat, y = self._paper, self._heat, self._bottom + 2
        paper.line([(LEFT, y), (WIDTH - RIGHT, y)], color=theme.LINE)
        line = squeezed({heat.begin, heat.end})
        free = 0.0
        for tick in ticks(line, Times(line, self._words)):
            x, half = LEFT + (WIDTH - LEFT - RIGHT) * tick.place, text_width(tick.label, 11) / 2
            if x - half < free:
                continue
            free = x + half + APART
            paper.line([(x, y), (x, y + 5)], color=theme.QUIET)
            paper.text(x, y + 15, tick.label, size=11, color=theme.QUIET, align="center")
        if heat.now <= heat.end:
            x = LEFT + self._wide * (heat.now - heat.begin) / heat.width
            paper.line([(x, TOP - 5), (x, y)], width=2, z=5)
            now = self._words.say("now")
            paper.text(x, TOP - 14, now, size=11.5, bold=True, align="right")

    def _draw_legend(self) -> None:
        paper, words, y = self._paper, self._words, self._bottom + 46
        hue = theme.shard_hue(self._heat.shards[0] if self._heat.shards else 0)
        for step in range(5):
            paper.shade(28 + 16 * step, y - 7, 16, 14, hue, opacity(step / 4))
        x, label, top = 116.0, words.say("legend.full"), self._heat.top
        if top < 1:
            label = words.say("legend.relative", percent=percent(top))
        paper.text(x, y, label, size=11.5, color=theme.QUIET)
        x, y = 28, y + 20
        paper.hatched(x, y - 7, 16, 14, color=theme.TROUBLE)
        paper.text(x + 24, y, words.say("legend.refused"), size=11.5, color=theme.QUIET)
