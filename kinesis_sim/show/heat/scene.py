"""The heat map as a scene: a lane per shard, a column per stretch of time, refusals hatched."""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_sim.instants import SECOND
from kinesis_sim.show.heat.fold import Cell, HeatMap, Sums
from kinesis_sim.show.heat.notices import notice, percent, summary, takes
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.page import KEY, Control, Frame, Page, sign
from kinesis_sim.show.kit.paper import text_width
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import Tick, Times, duration, squeezed, ticks
from kinesis_sim.show.kit.words import Words

TOP, LEFT, RIGHT, GAP, PIN_ROOM = 30, 94, 76, 1.5, 190
"""px: above the lanes, beside them, between two columns, for the keys of a lane."""
FAINTEST, FULLEST = 0.1, 1.0
"""The opacity of a shard's hue where it stored one record, and where it was full."""
SHADES, TICK_S = 5, 5


def page(heat: HeatMap, words: Words) -> Page:
    """The map of a stream's history."""
    axis = squeezed({heat.begin, heat.end})
    said = [takes(heat.limits, words), _caption(heat, words)]
    told = ticks(axis, Times(axis, words))
    return _page(heat, words, heat.stream, said, notice(heat, words), summary(heat, words), told)


def mixed_page(
    heat: HeatMap, words: Words, said: str, told: str, controls: Sequence[Control]
) -> Page:
    """The map of a mix, its columns counted in seconds. said: its notice; told: its summary."""
    seconds = heat.columns * heat.width // SECOND
    marked = [Tick(at / seconds, f"{at} s") for at in range(0, seconds + 1, TICK_S)]
    lines = [words.say("mixer.subtitle"), takes(heat.limits, words), _caption(heat, words)]
    title, busy = words.say("mixer.title"), words.say("mixer.running")
    return _page(heat, words, title, lines, said, told, marked, controls, busy)


def _page(
    heat: HeatMap, words: Words, title: str, lines: list[str], said: str, told: str,
    marked: Sequence[Tick], controls: Sequence[Control] = (), busy: str = "",
) -> Page:  # fmt: skip
    hidden = [words.say("hidden", count=heat.hidden)] if heat.hidden else []
    full = words.say("legend.full")
    if heat.top < 1:
        full = words.say("legend.relative", percent=percent(heat.top))
    return Page(
        title=title,
        subtitle=" ".join(lines + hidden),
        scenes=[_Map(heat, words, marked).scene],
        frames=[Frame(0, "", said)],
        summary=told,
        legend=[
            (_shades(heat), full),
            (sign("box", "refused-part"), words.say("legend.refused")),
        ],
        controls=controls,
        busy=busy,
    )


def _caption(heat: HeatMap, words: Words) -> str:
    return words.say("caption", width=duration(heat.width))


def opacity(full: float) -> float:
    """How strong a shard's hue is, from how full it was (0 to 1)."""
    return FAINTEST + (FULLEST - FAINTEST) * min(full, 1.0)


def _shades(heat: HeatMap) -> Scene:
    scene, wide = Scene(), KEY / SHADES
    scene.height = 14
    hue = theme.shard_hue(heat.shards[0] if heat.shards else 0)
    for step in range(SHADES):
        begin, strength = X(wide * step), opacity(step / (SHADES - 1))
        scene.box((begin, 1), (begin + wide, 13), "stored", hue=hue, strength=strength)
    return scene


class _Map:
    """One drawing: a lane is lower as there are more of them."""

    def __init__(self, heat: HeatMap, words: Words, marked: Sequence[Tick]) -> None:
        self._heat, self._words = heat, words
        self.scene = Scene(LEFT, RIGHT)
        lanes = max(len(heat.shards), 1)
        self._tall = max(16.0, min(44.0, 320 / lanes - 8))
        step = self._tall + 8
        bottom = TOP + step * lanes
        self.scene.height = bottom + 24
        tops = {shard: TOP + row * step for row, shard in enumerate(heat.shards)}
        for sums in heat.sums:
            self._lane(sums, tops[sums.shard])
        for cell in heat.cells:
            self._cell(cell, tops[cell.shard])
        for shard, top in tops.items():
            self._pins([key for key, home in heat.pins if home == shard], top)
        marks.instants(self.scene, bottom, marked)
        self._heads(bottom)

    def _lane(self, sums: Sums, y: float) -> None:
        scene, words, middle = self.scene, self._words, y + self._tall / 2
        corners = (scene.x(0) + -2, y - 2), (scene.x(1) + 2, y + self._tall + 2)
        data = {"shard": str(sums.shard)}
        scene.box(*corners, "outline", hue=theme.shard_hue(sums.shard), r=4, data=data)
        two = self._tall >= 30
        name, left = words.say("shard", number=sums.shard), scene.x(0) + -10
        scene.text((left, middle - 8 if two else middle), name, "name", align="end")
        if two:
            said = words.say("quiet")
            if sums.fullest is not None:
                said = words.say("fullest", percent=percent(sums.fullest.full))
            scene.text((left, middle + 9), said, "said-quiet", align="end")
        role = "said-bad" if sums.throttled else "said-quiet"
        scene.text((scene.edge, middle), words.number(sums.throttled), role, align="end")

    def _cell(self, cell: Cell, y: float) -> None:
        """What was stored, stronger as the shard was fuller; above it what was refused."""
        low, high = y + self._tall, self._tall * cell.refused
        tip = self._said(cell)
        if cell.records:
            strength = round(opacity(cell.full / self._heat.top), 3)
            hue = theme.shard_hue(cell.shard)
            corners = self._column(cell.column, y + high, low)
            self.scene.box(*corners, "stored", hue=hue, strength=strength, tip=tip)
        if cell.throttled:
            corners = self._column(cell.column, y, y + max(high, 5))
            self.scene.box(*corners, "refused-part", tip=tip)

    def _column(self, column: int, high: float, low: float) -> tuple[Point, Point]:
        """Corners of a column's part, a gap before the next one."""
        begin, end = (self.scene.x(at / self._heat.columns) for at in (column, column + 1))
        return (begin, high), (end + -GAP, low)

    def _said(self, cell: Cell) -> str:
        words = self._words
        return words.say(
            "cell.refused" if cell.throttled else "cell.calm",
            shard=words.say("shard", number=cell.shard),
            time=duration(cell.column * self._heat.width),
            records=words.number(cell.records),
            throttled=words.number(cell.throttled),
            percent=percent(cell.full),
        )

    def _pins(self, keys: list[str], y: float) -> None:
        """Partition keys at the right end of their lane, as many as there is room for."""
        said = ", ".join(keys)
        while len(keys) > 1 and text_width(said, 11.5) > PIN_ROOM:
            keys = keys[:-1]
            said = f"{', '.join(keys)} …"
        if keys:
            right, middle = self.scene.x(1) + -8, y + self._tall / 2
            left = right + -(text_width(said, 11.5) + 12)
            self.scene.box((left, middle - 9), (right, middle + 9), "pin", r=4)
            self.scene.text((right + -6, middle), said, align="end")

    def _heads(self, bottom: float) -> None:
        """The present, and what the numbers on the right count."""
        scene, heat, y = self.scene, self._heat, TOP - 17
        if heat.now <= heat.end:
            x = scene.x((heat.now - heat.begin) / (heat.columns * heat.width))
            scene.line([(x, TOP - 8), (x, bottom)], "now")
            scene.text((x, y), self._words.say("now"), "said-strong", align="end", row="top")
        refused = self._words.say("column.refused")
        scene.text((scene.edge, y), refused, "said-quiet", align="end", row="top")
