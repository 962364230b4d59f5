"""Two scales racing in each buffer, the objects they left in the lake, what is not there yet.

A frame per instant; a mark lives as long as what it says is so. Lengths in px.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from kinesis_sim.show.buffer.fold import Buffers, Object
from kinesis_sim.show.buffer.words import MOST_LANES, Told, axis_end, span, top_of
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.page import KEY, Control, Frame, Page, sign
from kinesis_sim.show.kit.paper import text_width
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import squeezed
from kinesis_sim.show.kit.words import Words

FRAMES, MOST_MOMENTS, PLAY_MS = 180, 400, 14_000
FLASH = 0.012
"""The part of the axis for which a scale that fired is seen to have fired."""
WIDE, WIDEST = 500, 1_160
"""From which width on the buffers stand beside the lake, and the widest page."""
TOP, HEIGHT, LEFT, RIGHT, STRIP, ROW = 44, 190, 234, 54, 88, 22
"""Above buffers and lake; the lake's height and edges; a strip under it; a line of sizes."""
GLASS, GLASSES, APART, BAR, BARS = 100, 128, 108, 64, (66, 148)
"""A glass, wide and high, and the next one's place; a lying scale, and where the two begin."""
HUES = {"size": theme.OKABE_ITO["blue"], "interval": theme.OKABE_ITO["orange"]}
SCALES = tuple(HUES)
CLOSED = {"size": "stored", "interval": "pale", "backlog": "held-up", "update": "gone"}
"""An object by what closed it: full for size, pale for time, hatched for what was held up."""
Corners = tuple[Point, Point]


def page(
    rows: Buffers, words: Words, at: int | None = None,
    controls: Sequence[Control] = (), hint: str = "", busy: str = "",
) -> Page:  # fmt: skip
    """The buffers of a Firehose stream; at: the only instant (epoch ms), None for all up to now."""
    told, moments = Told(rows, words), _moments(rows)
    last = rows.now if at is None else at
    grid = [each for each in _grid(rows, moments) if each < last] + [last]
    shown = grid if at is None else [last]
    charts = [_Chart(told, grid, shown, wide=wide) for wide in (False, True)]
    subtitle = told.subtitle(last)
    return Page(
        title=rows.stream,
        subtitle=subtitle,
        scenes=[chart.scene for chart in charts],
        below=[_histogram(told, shown, wide=wide) for wide in (False, True)],
        frames=[
            Frame(
                each, told.clock(each), told.notice(each), heard=charts[0].heard(each),
                subtitle=said if (said := told.subtitle(each)) != subtitle else "",
            )
            for each in shown
        ],
        summary=told.summary(last),
        legend=list(_legend(rows, words)),
        controls=controls,
        hint=hint,
        play_ms=PLAY_MS,
        moments=moments,
        busy=busy,
    )  # fmt: skip


def _moments(rows: Buffers) -> list[int]:
    """Instants that a reader jumps between: objects, and where refusals and losses began."""
    found = sorted({each.at for each in rows.objects})
    found = found[:: -(-len(found) // MOST_MOMENTS) or 1]
    trouble = {each.at for each in rows.tries[:1]} | {each.at for each in rows.losses[:1]}
    return sorted({rows.begin, rows.now, *found, *trouble})


def _grid(rows: Buffers, moments: Sequence[int]) -> list[int]:
    """Every instant that is shown."""
    length, parts = rows.now - rows.begin, max(FRAMES - len(moments), FRAMES // 4)
    even = {rows.begin + length * part // parts for part in range(parts + 1)}
    return sorted({*even, *moments})


def _legend(rows: Buffers, words: Words) -> Iterator[tuple[Scene, str]]:
    """What is to be seen: an object by what closed it, and what did not reach the lake."""
    seen = {each.trigger for each in rows.objects} | set(SCALES)
    for trigger, role in CLOSED.items():
        if trigger in seen:
            yield sign("box", role, hue=HUES.get(trigger, "")), words.say(f"legend.{trigger}")
    if rows.tries:
        yield sign("dot", "refusal"), words.say("legend.tried")
    if rows.losses:
        scene = Scene()
        scene.height = 14
        marks.lost(scene, (X(KEY - 8), 7))
        yield scene, words.say("legend.lost")


@dataclass(frozen=True, slots=True)
class _State:
    """A buffer at an instant; what is told of size and time is told of both.

    full: 0 to 1; said, limits: in words; ahead: the scale that fires next, or just did (``fired``),
    "backlog" while an object is in its way; race: that in words.
    """

    full: tuple[float, float]
    said: tuple[str, str]
    limits: tuple[str, str]
    ahead: str
    fired: bool
    race: str

    def leads(self, scale: str) -> bool:
        """Whether a scale is marked; what waits has filled its time."""
        return scale == ("interval" if self.ahead == "backlog" else self.ahead)


class _Chart:
    """One drawing. wide: the buffers stand beside the lake, not above it."""

    def __init__(
        self, told: Told, grid: Sequence[int], shown: Sequence[int], *, wide: bool
    ) -> None:
        self._told, self._rows, self._words = told, told.rows, told.words
        self._grid, self._shown, self._wide = grid, shown, wide
        rows, self._end = self._rows, axis_end(self._rows)
        self.scene = Scene(LEFT if wide else 14, RIGHT, least=WIDE if wide else 0)
        self.scene.till = (rows.now - rows.begin) / max(self._end - rows.begin, 1)
        self._lanes = min(len(rows.lanes), MOST_LANES)
        self._tall, self._most = HEIGHT / max(self._lanes, 1), max(top_of(rows), 1)
        above = HEIGHT + (64 if self._lanes > 1 else 84) if self._lanes and not wide else 0
        self._lake = TOP + above
        self._bottom = self._lake + HEIGHT
        trouble = bool(rows.tries or rows.losses)
        self.scene.height = self._bottom + 38 + STRIP * trouble
        if self._lanes == 1:
            for place, scale in enumerate(SCALES):
                self._glass(place, scale)
        for lane in range(self._lanes if self._lanes > 1 else 0):
            self._scales(lane)
        self._draw_lake()
        if trouble:
            self._strip(self._bottom + STRIP)

    def heard(self, at: int) -> str:
        """What the buffers hold and which sizes the objects have, for who cannot see them."""
        say, told = self._words.say, []
        for lane in range(self._lanes):
            state = self._state(lane, at)
            scales = (f"{say(key)}: {said}" for key, said in zip(SCALES, state.said, strict=True))
            race = f" ({state.race})" if state.race else ""
            told.append(f"{self._told.lane(lane)} {', '.join(scales)}{race}".strip())
        counted = zip(self._told.classes(), self._rows.classes(at), strict=True)
        if sizes := ", ".join(f"{label}: {count}" for label, count in counted if count):
            told.append(f"{say('sizes')}: {sizes}")
        return "; ".join(told)

    # --- places -------------------------------------------------------------------------------

    def _x(self, at: float) -> X:
        begin = self._rows.begin
        return self.scene.x((at - begin) / max(self._end - begin, 1))

    def _base(self, lane: int) -> float:
        """Where a lane's bars stand."""
        return self._lake + (lane + 1) * self._tall

    def _height(self, amount: float) -> float:
        return min(amount / self._most, 1) * (self._tall - (14 if self._lanes == 1 else 4))

    def _half(self) -> X:
        """Half of a bar: as wide as the lake has room for, 18 px at most, on narrow paper too."""
        apart = 0.6 * max(self._lanes, 1) / max(len(self._rows.objects), 1)
        widths = [WIDE if self._wide else 300, WIDEST]
        least, most = (
            min(max((width - self.scene.left - RIGHT) * apart, 1), 18) / 2 for width in widths
        )
        share = (most - least) / (widths[1] - widths[0])
        return X(least - share * widths[0], share)

    def _bar(self, at: float, lane: int, amount: float) -> Corners:
        """The corners of an object of so many bytes."""
        x, half, base = self._x(at), self._half(), self._base(lane)
        left, right = (X(x.px + s * half.px, x.share + s * half.share) for s in (-1, 1))
        return (left, base - max(self._height(amount), 2)), (right, base)

    # --- buffers ------------------------------------------------------------------------------

    def _state(self, lane: int, at: int) -> _State:
        rows, told, words = self._rows, self._told, self._words
        level, hinted = rows.level(lane, at), rows.hinted(at)
        age = 0 if level.opened is None else at - level.opened
        fired = bool(level.fired) and at - level.at <= FLASH * (self._end - rows.begin)
        ahead = level.fired if fired else level.first
        size, time = (fired and ahead == scale for scale in SCALES)
        race = words.say("fired" if fired else "waits") if ahead else ""
        if not fired and level.due is not None:
            race = words.say("fires", span=span(max(level.due - at, 0)))
        limits = told.size(hinted.size), span(hinted.interval)
        parts = level.held / hinted.size, age / hinted.interval
        return _State(
            (1 if size else min(parts[0], 1), 1 if time else min(parts[1], 1)),
            (limits[0] if size else told.size(level.held), limits[1] if time else span(age)),
            limits, ahead, fired, race,
        )  # fmt: skip

    def _glass(self, place: int, scale: str) -> None:
        """A scale of the only buffer: how full it is, in px and in words, and whether it leads."""
        scene, say, left = self.scene, self._words.say, APART * place
        low, high, middle, states = (
            TOP + 4,
            TOP + GLASSES,
            X(left + GLASS / 2),
            partial(self._state, 0),
        )
        scene.text((middle, TOP - 34), say(scale), "name", align="middle")
        for _, state in scene.each(self._shown, states):
            if tall := round((high - low - 6) * state.full[place], 1):
                corners = (X(left + 9), high - 3 - tall), (X(left + GLASS - 9), high - 3)
                scene.box(*corners, "filled", hue=HUES[scale], r=4)
            full = say("full", most=state.limits[place])
            scene.text((middle, TOP - 16), full, "said-quiet", align="middle")
            scene.text((middle, high + 20), state.said[place], "value", align="middle")
        scene.box((X(left + 6), low), (X(left + GLASS - 6), high), "glass", r=8)
        for quarter in (1, 2, 3):
            y = high - (high - low) * quarter / 4
            scene.line([(X(left + GLASS - 20), y), (X(left + GLASS - 6), y)], "step")
        said = say("held" if scale == "size" else "age")
        scene.text((middle, high + 38), said, "said-small", align="middle", row=f"of-{scale}")
        for _, state in scene.each(self._shown, states):
            if state.leads(scale):
                self._leads(left, scale, state)

    def _leads(self, left: int, scale: str, state: _State) -> None:
        scene, low, high = self.scene, TOP + 4, TOP + GLASSES
        corners = (X(left + 1), low - 5), (X(left + GLASS - 1), high + 5)
        role, data = "fired" if state.fired else "first", {"first": scale}
        scene.box(*corners, role, r=11, data=data)
        said = state.race.split()
        half = -(-len(said) // 2) if len(said) > 5 else len(said)
        for row, line in enumerate(map(" ".join, (said[:half], said[half:]))):
            place, name = (X(left + GLASS / 2), high + 57 + 15 * row), f"{scale}-{row}"
            scene.text(place, line, "said-bad", align="middle", row=name, data=data)

    def _scales(self, lane: int) -> None:
        """A buffer among others: its name, and its two scales lying down."""
        scene, y = self.scene, TOP + (lane + 0.5) * self._tall
        name = self._told.lane(lane)
        scene.box((X(0), y - 6), (X(5), y + 6), "stored", hue=theme.shard_hue(lane), tip=name)
        scene.text((X(10), y), name if text_width(name, 11.5) < 50 else f"{name[:7]}…")
        for place, (scale, left) in enumerate(zip(SCALES, BARS, strict=True)):
            corners = (X(left), y - 5), (X(left + BAR), y + 5)
            if lane == 0:
                scene.text((X(left), TOP - 12), self._words.say(scale), "said-strong")
            scene.box(*corners, "glass-thin", r=3)
            for _, state in scene.each(self._shown, partial(self._state, lane)):
                if wide := round(2 * BAR * state.full[place]) / 2:
                    role, full = "filled", (X(left + wide), y + 5)
                    scene.box(
                        corners[0], full, role, hue=HUES[scale], r=3, data={"lane": f"{lane}"}
                    )
                if scale == state.ahead:
                    data = {"first": scale, "of": f"{lane}"}
                    scene.box(*corners, "first", r=3, data=data)
                    tip = [(X(left - 9), y - 5), (X(left - 9), y + 5), (X(left - 1), y)]
                    scene.shape(tip, "reader-bad", data=data)

    # --- the lake -----------------------------------------------------------------------------

    def _draw_lake(self) -> None:
        scene, rows, say, top = self.scene, self._rows, self._words.say, self._lake
        scene.text((scene.x(0), top - 34), say("lake"), "said-quiet")
        self._hints()
        for lane in range(max(self._lanes, 1) - 1):
            base = self._base(lane)
            scene.line([(scene.x(0), base), (scene.x(1), base)], "grid")
        axis = squeezed({rows.begin, self._end})
        marks.time_axis(scene, self._bottom, axis, self._words)
        for each in rows.objects:
            if each.lane < self._lanes:
                self._object(each)
        with scene.during(rows.now, None):
            for lane in range(self._lanes):
                self._expected(lane)
        ends = top - 6, self._bottom + 5
        now = rows.now
        marks.present(
            scene, self._shown, self._x, ends, lambda at: say("now" if at >= now else "shown")
        )

    def _hints(self) -> None:
        """Up to where an object may fill; what lies far above the lake is said under it."""
        scene, bottom = self.scene, self._bottom
        for _, hinted in scene.each(self._shown, self._rows.hinted):
            said = self._told.size(hinted.size)
            if hinted.size > self._most:
                above = self._words.say("top", size=said)
                scene.text((scene.x(0), bottom + 31), above, "label-quiet", row="above")
                continue
            for lane in range(max(self._lanes, 1)):
                y = self._base(lane) - self._height(hinted.size)
                scene.line([(scene.x(0), y), (scene.x(1), y)], "brim")
                if lane == 0:
                    scene.text((scene.x(1) + 5, y), said, "said-quiet")

    def _object(self, each: Object) -> None:
        tip = f"{self._told.clock(each.at)} · {self._told.size(each.bytes)}"
        with self.scene.during(each.at, None):
            corners, hue = self._bar(each.at, each.lane, each.bytes), HUES.get(each.trigger, "")
            self.scene.box(*corners, CLOSED[each.trigger], hue=hue, tip=tip)

    def _expected(self, lane: int) -> None:
        """What comes next, if traffic holds: as high as the buffer will then be."""
        now = self._rows.now
        level, hinted = self._rows.level(lane, now), self._rows.hinted(now)
        if level.due is None or level.opened is None or now <= level.opened:
            return
        grown = level.held * (level.due - level.opened) / (now - level.opened)
        corners = self._bar(min(level.due, self._end), lane, min(grown, hinted.size))
        tip = self._words.say("expected")
        self.scene.box(*corners, "expected", hue=HUES[level.first], tip=tip)

    # --- what is not in the lake --------------------------------------------------------------

    def _held(self, at: int) -> int:
        """Bytes that are not in the lake."""
        place = bisect_right(self._rows.backlog, at, key=lambda row: row[0])
        return self._rows.backlog[place - 1][1] if place else 0

    def _strip(self, low: float) -> None:
        """What is behind as an area, refused writes as hollow marks, losses as crosses."""
        scene, rows = self.scene, self._rows
        most = max((held for _, held in rows.backlog), default=1) or 1
        for since, until in zip(self._grid, self._grid[1:], strict=False):
            if tall := 36 * self._held(since) / most:
                with scene.during(until, None):
                    scene.box((self._x(since), low - tall), (self._x(until), low), "outside")
        scene.line([(scene.x(0), low), (scene.x(1), low)], "axis")
        for at in self._apart([each.at for each in rows.tries]):
            with scene.during(at, None):
                scene.dot((self._x(at), low - 46), 3.6, "refusal")
        for at in self._apart([each.at for each in rows.losses]):
            with scene.during(at, None):
                marks.lost(scene, (self._x(at), low - 8))
        for _, held in scene.each(self._shown, self._held):
            said = f"{self._words.say('backlog')}: {self._told.size(held)}"
            scene.text((scene.x(0), low + 12), said)

    def _apart(self, found: Sequence[int]) -> Iterator[int]:
        """Instants that are told apart on the narrowest lake."""
        least, free = (self._end - self._rows.begin) / 64, float("-inf")
        for at in found:
            if at >= free:
                yield at
                free = at + least


def _histogram(told: Told, shown: Sequence[int], *, wide: bool) -> Scene:
    """How many objects are of each size: small files are what readers of a lake pay for."""
    scene, labels, columns = Scene(least=WIDE if wide else 0), told.classes(), 3 if wide else 2
    scene.text((X(0), 14), told.words.say("sizes"), "name")
    places = [
        (X(0, place % columns / columns), 38 + ROW * (place // columns))
        for place, _ in enumerate(labels)
    ]
    for label, (x, y) in zip(labels, places, strict=True):
        scene.text((x + 98, y), label, "said-quiet", align="end")
    for _, counts in scene.each(shown, told.rows.classes):
        for place, count in enumerate(counts):
            (x, y), part, data = places[place], count / max(*counts, 1), {"size": f"{place}"}
            end = X(x.px + 106 - 136 * part, x.share + part / columns)
            if count:
                scene.box((x + 106, y - 7), (end, y + 7), "count", data=data)
            scene.text((end + 6, y), told.words.number(count), data=data)
    scene.height = places[-1][1] + 14
    return scene
